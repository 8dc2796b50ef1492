package certify

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/world/memory"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

const realSecret = "the-real-credential-1234567890"

// maker makes a module.
type maker func(partners.ProbeConfig, *httpcall.Client) (partners.Probe, error)

// certified certifies a module against a partner that answers so, in a bubble.
func certified(t *testing.T, config partners.ProbeConfig, partner http.HandlerFunc, module maker, change func(*Subject, *Tools)) partners.Certificate {
	t.Helper()
	var cert partners.Certificate
	synctest.Test(t, func(t *testing.T) {
		network := &memory.Network{}
		listener, err := network.Listen("127.0.0.1:80")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: partner, ErrorLog: log.New(io.Discard, "", 0)}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(listener) }()
		transport := &http.Transport{MaxIdleConnsPerHost: 8, DialContext: func(ctx context.Context, kind, address string) (net.Conn, error) {
			if strings.Contains(address, ".invalid") {
				return nil, &net.DNSError{Name: address, IsNotFound: true}
			}
			return network.DialContext(ctx, kind, address)
		}}
		n := 0
		tools := Tools{
			Make: func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
				if c.ID == "neighbour" {
					return probe.New(c, client)
				}
				return module(c, client)
			},
			Auth: func(a *partners.Auth) httpcall.Auth {
				if a == nil {
					return httpcall.Auth{}
				}
				return httpcall.Auth{Bearer: a.Bearer}
			},
			Client: httpcall.Options{Transport: transport, Jitter: func() float64 { return 0.5 }},
			Listen: func(context.Context) (net.Listener, error) {
				l, err := network.Listen("127.0.0.1:0")
				return memory.Roomy(l), err
			},
			Secret: setting.NewRedactor(setting.NewSecret(realSecret)),
			Random: func() string { n++; return fmt.Sprintf("canary%020dabcdefghij", n*7919) },
			Now:    time.Now, Code: "v1", Calls: 4,
		}
		subject := Subject{Partner: partners.Partner{ID: "acme", Name: "Acme", Probes: []partners.ProbeConfig{config}}}
		if change != nil {
			change(&subject, &tools)
		}
		if cert, err = Run(t.Context(), subject, tools); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
		_ = server.Close()
		<-ended
	})
	return cert
}

// configured is a probe of some module.
func configured(kind string) partners.ProbeConfig {
	c := partners.ProbeConfig{ID: "one", Kind: kind, BaseURL: "http://127.0.0.1:80", Auth: &partners.Auth{Bearer: setting.NewSecret(realSecret)}}
	c.SetDefaults()
	return c
}

// well is a partner that is well and wants our credential.
func well(rw http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+realSecret {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	<-time.After(20 * time.Millisecond)
	if r.Method == http.MethodPost {
		rw.Header().Set("Location", "http://127.0.0.1/v2/things/17")
		rw.WriteHeader(http.StatusCreated)
	}
	_, _ = io.WriteString(rw, `{"fine":true}`)
}

// reader is a module as it should be: one read.
func reader(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	return func(ctx context.Context) (partners.Finding, error) {
		return partners.Finding{}, asked(ctx, client, httpcall.Request{URL: c.BaseURL + "/v2/things"}, http.StatusOK)
	}, nil
}

// creator makes a thing and ends it.
func creator(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	return func(ctx context.Context) (partners.Finding, error) {
		err := asked(ctx, client, httpcall.Request{Method: http.MethodPost, URL: c.BaseURL + "/v2/things"}, http.StatusCreated)
		clean, cancel := probe.CleanUp(ctx)
		defer cancel()
		for range 2 {
			if asked(clean, client, httpcall.Request{Method: http.MethodDelete, URL: c.BaseURL + "/v2/things/17"}, http.StatusOK) == nil {
				break
			}
		}
		return partners.Finding{}, err
	}, nil
}

// asked makes a call and judges the answer.
func asked(ctx context.Context, client *httpcall.Client, request httpcall.Request, want int) error {
	answer, err := client.Do(ctx, request)
	if err != nil {
		return probe.Understand(ctx, err)
	}
	if failure := probe.Judge("asking", answer, want); failure != nil {
		return failure
	}
	if _, failure := probe.JSON("asking", answer); failure != nil {
		return failure
	}
	return nil
}

// item is the item of that name.
func item(t *testing.T, c partners.Certificate, name string) partners.CertificateItem {
	t.Helper()
	for _, i := range c.Items {
		if i.Name == name {
			return i
		}
	}
	t.Fatalf("there is no item %q", name)
	return partners.CertificateItem{}
}

// failures are the names of the required items that failed, with what was measured.
func failures(c partners.Certificate) map[string]string {
	all := map[string]string{}
	for _, i := range c.Items {
		if i.Outcome == partners.ItemFailed && i.Required {
			all[i.Name] = i.Measured
		}
	}
	return all
}
