package httpcall_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// secure is a TLS server whose certificate holds between two days, and a transport that knows its issuer.
func secure(t *testing.T, from, to time.Time, name string) (*httptest.Server, http.RoundTripper) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, DNSNames: []string{name}, IPAddresses: []net.IP{net.ParseIP(name)},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(issuer)
	return server, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
}

// listen is a server that does as it likes with each connection.
func listen(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// says reads the beginning of a request and answers with the given bytes.
func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 4096)); err == nil {
			io.WriteString(conn, text)
		}
	}
}

func TestClassesOfRealFailures(t *testing.T) {
	now := time.Now()
	unknown, _ := secure(t, now.Add(-time.Hour), now.Add(time.Hour), "127.0.0.1")
	other, otherCA := secure(t, now.Add(-time.Hour), now.Add(time.Hour), "127.0.0.2")
	expired, expiredCA := secure(t, now.Add(-48*time.Hour), now.Add(-24*time.Hour), "127.0.0.1")
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	for name, test := range map[string]struct {
		url       string
		transport http.RoundTripper
		class     httpcall.Class
		temporary bool
		unsent    bool
		says      string
	}{
		"nobody listens":        {nobody.URL, nil, httpcall.ClassConnect, true, true, "nothing listens there"},
		"unknown authority":     {unknown.URL, nil, httpcall.ClassTLS, false, true, "inspects TLS"},
		"another name":          {other.URL, otherCA, httpcall.ClassTLS, false, true, "for another host"},
		"expired":               {expired.URL, expiredCA, httpcall.ClassTLS, false, true, now.Add(-24 * time.Hour).UTC().Format(time.DateOnly)},
		"no TLS there":          {strings.Replace(plain.URL, "http:", "https:", 1), nil, httpcall.ClassTLS, false, true, "http://"},
		"TLS, asked without":    {strings.Replace(unknown.URL, "https:", "http:", 1), nil, "", false, false, ""},
		"hangs up":              {"http://" + listen(t, func(conn net.Conn) { conn.Read(make([]byte, 4096)) }), nil, httpcall.ClassReset, true, false, "cut"},
		"hangs up in TLS":       {"https://" + listen(t, func(net.Conn) {}), nil, httpcall.ClassReset, true, true, "cut"},
		"silent":                {"http://" + listen(t, func(conn net.Conn) { io.Copy(io.Discard, conn) }), nil, httpcall.ClassTimeout, true, false, "no complete answer within 500ms"},
		"silent in TLS":         {"https://" + listen(t, func(conn net.Conn) { io.Copy(io.Discard, conn) }), nil, httpcall.ClassTimeout, true, true, "no connection"},
		"not HTTP":              {"http://" + listen(t, says("SSH-2.0-OpenSSH\r\n")), nil, httpcall.ClassProtocol, true, false, "SSH-2.0"},
		"too short":             {"http://" + listen(t, says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")), nil, httpcall.ClassReset, true, false, "cut"},
		"endless headers":       {"http://" + listen(t, says("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2<<20)+"\r\n\r\n")), nil, httpcall.ClassProtocol, true, false, "headers exceeded"},
		"a name of no host":     {"http://a.example", &http.Transport{DialContext: lookup(true)}, httpcall.ClassDNS, false, true, "typing error"},
		"no name server":        {"http://a.example", &http.Transport{DialContext: lookup(false)}, httpcall.ClassDNS, true, true, "name server"},
		"nothing at all":        {"http://a.example", network(func(*http.Request) (*http.Response, error) { return nil, nil }), httpcall.ClassProtocol, true, false, "no answer"},
		"reads no own deadline": {"http://a.example", network(func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }), httpcall.ClassTimeout, true, false, ""},
	} {
		options := httpcall.Options{Transport: test.transport, Retries: -1}
		if test.class == httpcall.ClassTimeout {
			options.AttemptTimeout = 500 * time.Millisecond
		}
		client := httpcall.New(options)
		_, err := client.Do(t.Context(), httpcall.Request{URL: test.url})
		if test.class == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		fault := faultOf(t, err, test.class)
		if fault.Temporary() != test.temporary || fault.NotSent() != test.unsent || fault.Attempts != 1 || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: temporary %t, not sent %t, %d attempts: %v", name, fault.Temporary(), fault.NotSent(), fault.Attempts, err)
		}
		if text := err.Error(); !strings.HasPrefix(text, "GET "+fault.Host+": ") || strings.HasSuffix(text, ".") || strings.Contains(text, "!") {
			t.Errorf("%s: not as a person would say it: %v", name, err)
		}
	}
}

func lookup(notFound bool) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, network, _ string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: "a.example", IsNotFound: notFound}}
	}
}

func TestNoSecretInAnError(t *testing.T) {
	const canary = "c4narysecret"
	secret := setting.NewSecret(canary)
	redactor := setting.NewRedactor(secret)
	fails := network(func(*http.Request) (*http.Response, error) { return nil, errors.New("malformed answer") })
	echoes := network(func(req *http.Request) (*http.Response, error) {
		// What net/http does not, a transport of others may: quote the whole request.
		return nil, fmt.Errorf("cannot send %s with %v to %s", req.URL, req.Header, req.URL.RequestURI())
	})
	redirects := func(to string) network {
		return func(*http.Request) (*http.Response, error) { return answer(302, "", "Location", to), nil }
	}
	for name, test := range map[string]struct {
		request   httpcall.Request
		auth      httpcall.Auth
		transport network
		redactor  setting.Redactor
	}{
		"query":                  {request: httpcall.Request{URL: "https://a.example/x?token=" + canary}},
		"query of a bad address": {request: httpcall.Request{URL: "https://a.example/%zz?token=" + canary}},
		"fragment":               {request: httpcall.Request{URL: "https://a.example/x#" + canary}},
		"password in address":    {request: httpcall.Request{URL: "https://u:" + canary + "@a.example/x"}},
		"user in address":        {request: httpcall.Request{URL: "https://" + canary + "@a.example/x"}},
		"path, known":            {request: httpcall.Request{URL: "https://a.example/services/" + canary}, redactor: redactor},
		"path, looks like one":   {request: httpcall.Request{URL: "https://a.example/services/T0/" + canary + "XYZ0"}},
		"host, known":            {request: httpcall.Request{URL: "https://" + canary + ".a.example/"}, redactor: redactor},
		"header":                 {request: httpcall.Request{URL: anywhere, Header: http.Header{"X-Api-Key": {canary}}}},
		"authorization":          {request: httpcall.Request{URL: anywhere, Header: http.Header{"Authorization": {"Bearer " + canary}}}},
		"cookie":                 {request: httpcall.Request{URL: anywhere, Header: http.Header{"Cookie": {"session=" + canary}}}},
		"body":                   {request: httpcall.Request{Method: "POST", URL: anywhere, Body: []byte(canary)}},
		"method":                 {request: httpcall.Request{Method: "GET " + canary, URL: anywhere}},
		"basic":                  {request: httpcall.Request{URL: anywhere}, auth: httpcall.Auth{Basic: &httpcall.Basic{User: "u", Password: secret}}},
		"bearer":                 {request: httpcall.Request{URL: anywhere}, auth: httpcall.Auth{Bearer: secret}},
		"own header":             {request: httpcall.Request{URL: anywhere}, auth: httpcall.Auth{Header: &httpcall.Header{Name: "X-K", Value: secret}}},
		"redirect":               {request: httpcall.Request{URL: anywhere}, transport: redirects("http://b.example/?token=" + canary)},
		"unreadable redirect":    {request: httpcall.Request{URL: anywhere}, transport: redirects("https://b.example/%zz?" + canary)},
		"transport, known":       {request: httpcall.Request{URL: anywhere}, redactor: redactor, transport: func(*http.Request) (*http.Response, error) { return nil, errors.New("bad " + canary) }},
		"transport, an address": {request: httpcall.Request{URL: anywhere}, transport: func(*http.Request) (*http.Response, error) {
			return nil, errors.New("bad wss://h.example/?t=" + canary)
		}},
	} {
		for kind, transport := range map[string]network{"quiet": fails, "echoing": echoes} {
			if test.transport != nil {
				transport = test.transport
			}
			client := httpcall.New(httpcall.Options{Transport: transport, Retries: -1, Redactor: test.redactor}).With("p", test.auth)
			_, err := client.Do(t.Context(), test.request)
			if err == nil {
				t.Fatalf("%s: no error", name)
			}
			for _, text := range printed(t, err) {
				if strings.Contains(text, "c4nary") || strings.Contains(text, "YzRuYXJ5") || strings.Contains(text, "M0bmFyeX") {
					t.Errorf("%s, %s: %s", name, kind, text)
				}
			}
		}
	}
}

// printed is an error and its causes in every way that a log or a message may print them.
func printed(t *testing.T, err error) []string {
	t.Helper()
	var texts []string
	for depth := err; depth != nil; depth = errors.Unwrap(depth) {
		encoded, jsonErr := json.Marshal(depth)
		if jsonErr != nil {
			t.Fatal(jsonErr)
		}
		texts = append(texts, depth.Error(), fmt.Sprintf("%v %+v %#v %q", depth, depth, depth, depth), string(encoded))
	}
	return texts
}

func TestAnErrorCanBeAskedForItsCause(t *testing.T) {
	client := httpcall.New(httpcall.Options{Retries: -1, Transport: network(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	})})
	_, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
	fault := faultOf(t, err, httpcall.ClassConnect)
	var op *net.OpError
	if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("%v does not know its cause", err)
	}
	if fault.Error() != "GET api.example/v1/things: "+fault.Reason() {
		t.Errorf("%q is not the address and %q", fault, fault.Reason())
	}
}

func TestWhatIsAndIsNotShownOfAPath(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v2/summary.json":                            "/api/v2/summary.json",
		"/repos/acme/integrations/actions/runs/123/jobs":  "/repos/acme/integrations/actions/runs/123/jobs",
		"/blog/what-is-new-in-2026-for-integrators":       "/blog/what-is-new-in-2026-for-integrators",
		"/services/T0AAAA/B0BBBB/a1B2c3D4e5F6g7H8i9J0":    "/services/T0AAAA/B0BBBB/…",
		"/workflows/0123456789abcdef0123456789abcdef/run": "/workflows/…/run",
		"/x?sig=1":                         "/x?…",
		"/a%0Ab%20c":                       "/a_b_c",
		"/" + strings.Repeat("long/", 100): "/" + strings.Repeat("long/", 39) + "long…",
	} {
		_, err := httpcall.New(httpcall.Options{Transport: network(func(*http.Request) (*http.Response, error) { return nil, io.EOF }), Retries: -1}).
			Do(t.Context(), httpcall.Request{URL: "https://a.example" + path})
		if got := faultOf(t, err, httpcall.ClassReset).Path; got != want {
			t.Errorf("%s is shown as %s", path, got)
		}
	}
}

func TestCleanErrorsOfLibraries(t *testing.T) {
	client := httpcall.New(httpcall.Options{Retries: -1, Transport: network(func(*http.Request) (*http.Response, error) { return nil, refused() })})
	_, err := client.HTTP().Get("https://a.example/x?token=canary")
	if fault := faultOf(t, client.Clean(fmt.Errorf("library: %w", err)), httpcall.ClassConnect); strings.Contains(fault.Error(), "canary") || !fault.NotSent() {
		t.Errorf("not sent %t: %v", fault.NotSent(), fault)
	}
	foreign := &url.Error{Op: "Get", URL: "https://a.example/x?token=canary", Err: io.ErrUnexpectedEOF}
	if fault := faultOf(t, client.Clean(foreign), httpcall.ClassReset); strings.Contains(fault.Error(), "canary") || fault.NotSent() || fault.Host != "a.example" {
		t.Errorf("not sent %t: %v", fault.NotSent(), fault)
	}
	unreadable := &url.Error{Op: "Get", URL: "https://%zz?canary", Err: errors.New("bad https://%zz?canary")}
	if got := client.Clean(unreadable).Error(); strings.Contains(got, "canary") {
		t.Errorf("got %s", got)
	}
	if own := errors.New("not of the network"); client.Clean(own) != own || client.Clean(nil) != nil {
		t.Error("an error of another kind was changed")
	}
}
