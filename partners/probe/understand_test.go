package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// TestErrorsOfCalls drives every way in which a call gets no answer through the real client.
func TestErrorsOfCalls(t *testing.T) {
	leaf := &x509.Certificate{Issuer: pkix.Name{CommonName: "Acme Inspection", Organization: []string{"Acme IT"}}, DNSNames: []string{"other.example"}}
	for name, test := range map[string]struct {
		network   network
		class     partners.FailureClass
		connected bool
		issuer    string
	}{
		"no such name":      {failing(&net.DNSError{Err: "no such host", IsNotFound: true}), partners.FailDNS, false, ""},
		"no name server":    {failing(&net.DNSError{Err: "server misbehaving"}), partners.FailDNS, false, ""},
		"refused":           {failing(dialError(syscall.ECONNREFUSED)), partners.FailConnect, false, ""},
		"no way":            {failing(dialError(syscall.ENETUNREACH)), partners.FailConnect, false, ""},
		"proxy away":        {failing(&net.OpError{Op: "proxyconnect", Err: errors.New("refused")}), partners.FailProxy, false, ""},
		"no TLS":            {failing(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), partners.FailTLS, true, ""},
		"TLS alert":         {failing(tls.AlertError(40)), partners.FailTLS, true, ""},
		"unknown authority": {failing(x509.UnknownAuthorityError{Cert: leaf}), partners.FailCertificate, true, "Acme Inspection (Acme IT)"},
		"wrapped authority": {failing(&tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{leaf}, Err: x509.UnknownAuthorityError{}}), partners.FailCertificate, true, "Acme Inspection (Acme IT)"},
		"wrong name":        {failing(x509.HostnameError{Certificate: leaf, Host: "api.example"}), partners.FailCertificate, true, "Acme Inspection (Acme IT)"},
		"expired":           {failing(x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired}), partners.FailCertificate, true, "Acme Inspection (Acme IT)"},
		"nameless":          {failing(x509.UnknownAuthorityError{}), partners.FailCertificate, true, ""},
		"cut":               {failing(io.ErrUnexpectedEOF), partners.FailReset, true, ""},
		"reset":             {failing(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), partners.FailReset, true, ""},
		"not HTTP":          {failing(errors.New("malformed HTTP response")), partners.FailContent, true, ""},
		"too large":         {always(200, string(make([]byte, 11<<20))), partners.FailContent, true, ""},
		"unencrypted":       {always(302, "", "Location", "http://api.example/plain"), partners.FailContent, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, httpConfig(partners.HTTPStep{URL: "https://api.example/x"}), over(test.network))
			if got.Class != test.class || got.Connected != test.connected || got.Issuer != test.issuer {
				t.Errorf("got class %q, connected %v, issuer %q (%s)", got.Class, got.Connected, got.Issuer, got.Problem)
			}
			if got.Host != "api.example" || got.Problem == "" {
				t.Errorf("got host %q, problem %q", got.Host, got.Problem)
			}
			canned.Says(t, got.Problem, test.issuer)
		})
	}
}

func TestABreakerSaysNothingNew(t *testing.T) {
	client := httpcall.New(httpcall.Options{
		Transport: always(500, "down"), Retries: -1, Breaker: httpcall.BreakerOptions{Requests: 2, Ratio: 0.5},
	})
	config := httpConfig(partners.HTTPStep{URL: "https://api.example"})
	classes := []partners.FailureClass{}
	for range 3 {
		classes = append(classes, run(t, config, client).Class)
	}
	if classes[0] != partners.FailServer || classes[1] != partners.FailServer || classes[2] != partners.FailNotTried {
		t.Errorf("got %v, want server, server, not tried", classes)
	}
}

func TestAPrivateAddressIsOursToMend(t *testing.T) {
	server := httpcall.New(httpcall.Options{PublicOnly: true, Retries: -1, Transport: network(func(req *http.Request) (*http.Response, error) {
		return canned.Answer(302, "", "Location", "https://10.0.0.1/inside"), nil
	})})
	if got := run(t, httpConfig(partners.HTTPStep{URL: "https://api.example"}), server); got.Class != partners.FailRequest {
		t.Errorf("got %+v, want a request of ours", got)
	}
}

// TestTokens tells credentials that were refused from a sign-in service that fails.
func TestTokens(t *testing.T) {
	for name, test := range map[string]struct {
		token func(*http.Request) (*http.Response, error)
		class partners.FailureClass
	}{
		"refused": {always(401, `{"error":"invalid_client","error_description":"AADSTS7000222: expired"}`), partners.FailAuth},
		"down":    {always(503, "maintenance"), partners.FailServer},
		"nobody":  {failing(dialError(syscall.ECONNREFUSED)), partners.FailConnect},
		"unknown": {failing(&net.DNSError{IsNotFound: true}), partners.FailDNS},
	} {
		t.Run(name, func(t *testing.T) {
			client := over(func(req *http.Request) (*http.Response, error) {
				if req.URL.Host == "login.example" {
					return test.token(req)
				}
				return canned.Answer(200, "{}"), nil
			}).With("p", httpcall.Auth{OAuth2: &httpcall.OAuth2{
				TokenURL: "https://login.example/token", ClientID: "id", ClientSecret: setting.NewSecret("hidden-thing"),
			}})
			got := run(t, httpConfig(partners.HTTPStep{URL: "https://api.example"}), client)
			if got.Class != test.class {
				t.Errorf("got class %q (%s), want %q", got.Class, got.Problem, test.class)
			}
			canned.Says(t, got.Problem, "login.example", "token")
		})
	}
}

func TestErrorsWithoutHTTP(t *testing.T) {
	for _, test := range []struct {
		err   error
		class partners.FailureClass
		words string
	}{
		{&net.DNSError{IsNotFound: true}, partners.FailDNS, "no such host"},
		{&net.DNSError{Err: "server misbehaving", IsTimeout: true}, partners.FailDNS, "our own network"},
		{dialError(context.DeadlineExceeded), partners.FailTimeout, "in time"},
		{context.DeadlineExceeded, partners.FailTimeout, "in time"},
		{context.Canceled, partners.FailNotTried, "canceled"},
		{dialError(syscall.ECONNREFUSED), partners.FailConnect, "refused"},
		{dialError(syscall.EHOSTUNREACH), partners.FailConnect, "our own network"},
		{&net.OpError{Op: "read", Err: syscall.ECONNREFUSED}, partners.FailConnect, "refused"},
		{tls.AlertError(40), partners.FailTLS, "tls"},
		{errors.New("tls: server selected unsupported protocol version"), partners.FailTLS, "unsupported"},
		{io.EOF, partners.FailReset, "cut"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, partners.FailReset, "cut"},
		{errors.New("seven is not eight"), partners.FailContent, "seven"},
		{&url.Error{Op: "Get", Err: io.EOF}, partners.FailReset, "cut"},
	} {
		wrapped := fmt.Errorf("trying: %w", test.err)
		got := Understand(t.Context(), wrapped)
		if got.Class != test.class || got.Problem != wrapped.Error() {
			t.Errorf("%v: got %q, %q; want %q", test.err, got.Class, got.Problem, test.class)
		}
		canned.Says(t, netWords(wrapped), test.words)
	}
}
