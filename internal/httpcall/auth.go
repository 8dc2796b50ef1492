package httpcall

import (
	"net/http"
	"net/url"
	"strings"

	"sparky/internal/setting"
)

// Auth is how a call proves who we are. At most one of Basic, Bearer, Header, OAuth2 and Exchange is set. The
// credential goes to the host that a call names, never on to another one by a redirect.
type Auth struct {
	Basic    *Basic
	Bearer   setting.Secret
	Header   *Header
	OAuth2   *OAuth2
	Exchange *Exchange
	// Host is the only host that is given the credential, as a host or URL; where it is empty, every host that a call
	// names. Libraries that follow links of their own need it.
	Host string
}

// Basic is a user and a password (RFC 7617).
type Basic struct {
	User     string
	Password setting.Secret
}

// Header is a credential in a header of its own, such as Okta's "Authorization: SSWS …".
type Header struct {
	Name  string
	Value setting.Secret
}

// wrapper is the layer that adds the credential, nil where there is none.
func (a Auth) wrapper(c *Client) func(http.RoundTripper) http.RoundTripper {
	var set func(*http.Request)
	switch {
	case a.Basic != nil:
		set = func(req *http.Request) { req.SetBasicAuth(a.Basic.User, a.Basic.Password.Reveal()) }
	case !a.Bearer.IsZero():
		set = func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+a.Bearer.Reveal()) }
	case a.Header != nil:
		set = func(req *http.Request) { req.Header.Set(a.Header.Name, a.Header.Value.Reveal()) }
	case a.OAuth2 != nil:
		tokens := newTokens(c, *a.OAuth2)
		return func(next http.RoundTripper) http.RoundTripper { return bearer{a, tokens, next} }
	case a.Exchange != nil:
		tokens := newExchange(c, *a.Exchange)
		return func(next http.RoundTripper) http.RoundTripper { return bearer{a, tokens, next} }
	default:
		return nil
	}
	return func(next http.RoundTripper) http.RoundTripper { return static{a, set, next} }
}

// due tells that a request is to carry the credential.
func (a Auth) due(req *http.Request) bool {
	if call := callIn(req.Context()); call == nil || call.strayed {
		return false
	}
	if a.Host == "" {
		return true
	}
	if only, err := url.Parse(a.Host); err == nil && only.Host != "" {
		return sameHost(only, req.URL)
	}
	return strings.EqualFold(a.Host, req.URL.Host) || strings.EqualFold(a.Host, req.URL.Hostname())
}

// static adds a credential that does not change.
type static struct {
	auth Auth
	set  func(*http.Request)
	next http.RoundTripper
}

// RoundTrip adds the credential where it is due.
func (s static) RoundTrip(req *http.Request) (*http.Response, error) {
	if !s.auth.due(req) {
		return s.next.RoundTrip(req)
	}
	own := req.Clone(req.Context())
	s.set(own)
	return s.next.RoundTrip(own)
}
