package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate, signed by the authority or, where it is nil, by itself.
func (a *authority) issue(t testing.TB, name string, from, to time.Time, names ...string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		BasicConstraintsValid: true, IsCA: len(names) == 0,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	parent := &authority{template, key}
	if a != nil {
		parent = a
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent.cert, &key.PublicKey, parent.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

// secure serves handshakes with a chain, and gives its address.
func secure(t testing.TB, key *ecdsa.PrivateKey, chain ...*x509.Certificate) string {
	t.Helper()
	listener := listen(t)
	shown := tls.Certificate{PrivateKey: key}
	for _, cert := range chain {
		shown.Certificate = append(shown.Certificate, cert.Raw)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{shown}})
			_ = server.HandshakeContext(t.Context())
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

func TestTLS(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	days := func(n int) time.Time { return now.AddDate(0, 0, n) }
	root := (*authority)(nil).issue(t, "Acme Root", days(-100), days(3000))
	between := root.issue(t, "Acme Middle", days(-100), days(1000))
	roots := x509.NewCertPool()
	roots.AddCert(root.cert)
	for name, test := range map[string]struct {
		signer  *authority
		from    time.Time
		to      time.Time
		names   []string
		omit    bool // the certificate in the middle is not shown
		class   partners.FailureClass
		problem []string
		warning string
	}{
		"good":              {signer: between, from: days(-1), to: days(90), names: []string{"127.0.0.1"}},
		"ends soon":         {signer: between, from: days(-1), to: days(11).Add(time.Hour), names: []string{"127.0.0.1"}, warning: "the certificate of 127.0.0.1 ends on " + day(days(11).Add(time.Hour), now) + ", in 11 days"},
		"ends tomorrow":     {signer: between, from: days(-1), to: now.Add(25 * time.Hour), names: []string{"127.0.0.1"}, warning: "in 1 day"},
		"ends today":        {signer: between, from: days(-1), to: now.Add(5*time.Hour + time.Minute), names: []string{"127.0.0.1"}, warning: "in 5 hours"},
		"ended":             {signer: between, from: days(-9), to: days(-2), names: []string{"127.0.0.1"}, class: partners.FailCertificate, problem: []string{"ended on " + day(days(-2), now), "renew"}},
		"not yet":           {signer: between, from: days(2), to: days(90), names: []string{"127.0.0.1"}, class: partners.FailCertificate, problem: []string{"valid only from " + day(days(2), now), "clock"}},
		"another name":      {signer: between, from: days(-1), to: days(90), names: []string{"a.example", "b.example", "c.example", "d.example"}, class: partners.FailCertificate, problem: []string{"for another name (a.example, b.example and 2 more)"}},
		"nobody's":          {from: days(-1), to: days(90), names: []string{"127.0.0.1"}, class: partners.FailCertificate, problem: []string{"does not trust"}},
		"a part is missing": {signer: between, from: days(-1), to: days(90), names: []string{"127.0.0.1"}, omit: true, class: partners.FailCertificate, problem: []string{"issued by Acme Middle", "left out a part of its chain"}},
	} {
		t.Run(name, func(t *testing.T) {
			leaf := test.signer.issue(t, "leaf", test.from, test.to, test.names...)
			chain := []*x509.Certificate{leaf.cert, between.cert}
			if test.omit {
				chain = chain[:1]
			}
			config := partners.ProbeConfig{ID: "p", Kind: partners.KindTLS, Address: secure(t, leaf.key, chain...), Timeout: seconds(10)}
			p := tlsProbe{client: httpcall.New(httpcall.Options{}), address: config.Address, host: "127.0.0.1", warn: usualWarning, roots: roots, now: time.Now}
			got := Run(t.Context(), "acme", config, p.run, time.Now)
			if got.Class != test.class || !got.Expires.Equal(test.to) {
				t.Errorf("got class %q, ends %s; want %q, %s (%s)", got.Class, got.Expires, test.class, test.to, got.Problem)
			}
			if test.class != "" && (got.Host != config.Address || !got.Connected || test.signer != nil && got.Issuer != "Acme Middle") {
				t.Errorf("got %+v", got)
			}
			if (got.Warning == "") != (test.warning == "") {
				t.Errorf("got the warning %q", got.Warning)
			}
			canned.Says(t, got.Warning, test.warning)
			canned.Says(t, got.Problem, test.problem...)
			if got.Timings.TLS <= 0 {
				t.Errorf("got %+v", got.Timings)
			}
		})
	}
}

func TestACertificateOfTheChainThatEndsFirst(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	root := (*authority)(nil).issue(t, "Acme Root", now.Add(-time.Hour), now.AddDate(9, 0, 0))
	between := root.issue(t, "Acme Middle", now.Add(-time.Hour), now.AddDate(0, 0, 5).Add(time.Hour))
	leaf := between.issue(t, "leaf", now.Add(-time.Hour), now.AddDate(0, 3, 0), "127.0.0.1")
	roots := x509.NewCertPool()
	roots.AddCert(root.cert)
	p := tlsProbe{client: httpcall.New(httpcall.Options{}), address: secure(t, leaf.key, leaf.cert, between.cert), host: "127.0.0.1",
		warn: usualWarning, roots: roots, now: time.Now}
	finding, err := p.run(t.Context())
	if err != nil || !finding.Expires.Equal(between.cert.NotAfter) {
		t.Fatalf("got %+v, %v", finding, err)
	}
	canned.Says(t, finding.Warning, "the certificate of Acme Middle, which signs that of 127.0.0.1, ends on", "in 5 days")
}

func TestTLSThatIsNone(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"plain text": func(conn net.Conn) { _, _ = io.WriteString(conn, "220 mail.example ready\r\n") },
		"hangs up":   func(net.Conn) {},
	} {
		listener := listen(t)
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 4096))
				serve(conn)
				_ = conn.Close()
			}
		}()
		config := partners.ProbeConfig{ID: "p", Kind: partners.KindTLS, Address: listener.Addr().String(), Timeout: seconds(10)}
		got := run(t, config, httpcall.New(httpcall.Options{}))
		if got.Class != partners.FailTLS || got.Host != config.Address {
			t.Errorf("%s: got %+v", name, got)
		}
		canned.Says(t, got.Problem, "encryption with "+config.Address)
	}
}

func TestTLSAgainstTheSystemsRoots(t *testing.T) {
	now := time.Now()
	alone := (*authority)(nil).issue(t, "Nobody", now.Add(-time.Hour), now.AddDate(1, 0, 0), "127.0.0.1")
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindTLS, Address: secure(t, alone.key, alone.cert), Timeout: seconds(10)}
	got := run(t, config, httpcall.New(httpcall.Options{}))
	if got.Class != partners.FailCertificate || got.Issuer != "Nobody" {
		t.Errorf("got %+v", got)
	}
}

func TestWordsOfDates(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{
		now.AddDate(0, 0, 11): "3 December", now.AddDate(0, 2, 0): "22 January 2027", now.AddDate(-1, 0, 0): "22 November 2025",
	} {
		if got := day(at, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := until(time.Minute); got != "within two hours" {
		t.Errorf("got %q", got)
	}
	p := tlsProbe{host: "a.example", now: time.Now}
	canned.Says(t, p.refusal([]*x509.Certificate{{}}, errors.New("odd")), "a.example cannot be trusted: odd")
	if got := namesOf(&x509.Certificate{}); !strings.Contains(got, "without a name") {
		t.Errorf("got %q", got)
	}
}
