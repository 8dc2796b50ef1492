package main

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/memory"
	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/certify"
)

var updateCertificates = flag.Bool("update-certificates", false, "write docs/certificates anew")

// distance is a network on which calls to the partners take some time, the same for the same call, and on which no name is
// known but addresses.
type distance struct {
	transport *http.Transport
	far       map[string]bool
	n         int
}

func (d *distance) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.far[r.URL.Host] {
		sum := fnv.New32()
		d.n++
		fmt.Fprint(sum, r.Method, r.URL.Path, d.n%7)
		<-time.After(time.Duration(18+sum.Sum32()%40) * time.Millisecond) // in a bubble: no machine waits
	}
	return d.transport.RoundTrip(r)
}

// certifyDemo certifies a partner of the demo world, in a bubble.
func certifyDemo(t *testing.T, id string, change func(*partners.Partner)) partners.Certificate {
	t.Helper()
	network := &memory.Network{}
	w, err := world.Start(context.WithoutCancel(t.Context()), world.Options{Listen: network.Listen})
	if err != nil {
		t.Fatal(err)
	}
	config := demoConfig(w, t.TempDir())
	for _, secret := range everySecret(w) {
		config.substituted = append(config.substituted, setting.NewSecret(secret)) // as ${…} would
	}
	p := config.Partners[indexOf(t, config, id)]
	if change != nil {
		change(&p)
	}
	dial := network.DialContext
	transport := &http.Transport{MaxIdleConnsPerHost: 8, DialContext: func(ctx context.Context, kind, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "sparky-certification.invalid") {
			return nil, &net.DNSError{Name: "sparky-certification.invalid", IsNotFound: true}
		}
		return dial(ctx, kind, address)
	}}
	redactor := setting.NewRedactor(config.Secrets()...)
	made := newCertifier(config, redactor, time.Now)
	made.code = "(this version)"
	made.listen = func(context.Context) (net.Listener, error) {
		listener, err := network.Listen("127.0.0.1:0")
		return memory.Roomy(listener), err
	}
	made.options = httpcall.Options{Redactor: redactor, Transport: &distance{transport: transport, far: map[string]bool{strings.TrimPrefix(w.API(id), "http://"): true}},
		Jitter: func() float64 { return 0.5 }}
	began := time.Now()
	cert, err := made.Certify(t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s took %s", id, time.Since(began))
	transport.CloseIdleConnections()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	for _, secret := range everySecret(w) {
		if text := fmt.Sprintf("%+v", cert); strings.Contains(text, secret) {
			t.Errorf("the certificate of %s tells a secret", id)
		}
	}
	return cert
}

func indexOf(t *testing.T, config Config, id string) int {
	t.Helper()
	for i, p := range config.Partners {
		if p.ID == id {
			return i
		}
	}
	t.Fatalf("there is no partner %s", id)
	return 0
}

// TestCertificates certifies each partner of the demo world, and holds docs/certificates to what comes of it.
func TestCertificates(t *testing.T) {
	for _, id := range vendors.IDs() {
		t.Run(id, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cert := certifyDemo(t, id, nil)
				if !cert.Passed() {
					t.Error(certify.Verdict(cert))
				}
				for _, i := range cert.Items {
					if i.Outcome == partners.ItemFailed && i.Required {
						t.Errorf("%s: %s, %s: %s; must be: %s", i.Probe, i.Part, i.Name, i.Measured, i.Budget)
					}
				}
				var b strings.Builder
				if err := certify.Markdown(&b, cert); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("docs", "certificates", id+".md")
				if *updateCertificates {
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				kept, err := os.ReadFile(file)
				if err != nil || string(kept) != b.String() {
					t.Errorf("%s is not what certify says now (%v); run make certificates:\n%s", file, err, b.String())
				}
			})
		})
	}
}
