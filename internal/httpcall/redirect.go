package httpcall

import (
	"net/http"
	"net/url"
)

// maxRedirects is how many redirects a call follows.
const maxRedirects = 5

// harmless are the headers that go along to another host. Every other one may be a credential.
var harmless = [...]string{
	"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "If-Modified-Since", "If-None-Match", "Range",
	"User-Agent",
}

// checkRedirect lets GET and HEAD follow a redirect; other methods get the redirect itself as their answer.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first, last := via[0], via[len(via)-1]
	if first.Method != http.MethodGet && first.Method != http.MethodHead {
		return http.ErrUseLastResponse
	}
	if problem := wrongRedirect(last.URL, req.URL, len(via)); problem != "" {
		return &Error{Class: ClassRedirect, Method: first.Method, Host: last.URL.Host, what: problem}
	}
	// The address that we come from may hold a secret, and no service needs it.
	req.Header.Del("Referer")
	if strayed(first.URL, via, req.URL) {
		strip(req)
	}
	if call := callIn(req.Context()); call != nil {
		call.follow(req)
	}
	return nil
}

func wrongRedirect(from, to *url.URL, hops int) string {
	switch {
	case hops > maxRedirects:
		return "it redirects more than 5 times; ask for the address where it ends, or tell its owner"
	case to.Scheme != "http" && to.Scheme != "https" || to.Host == "":
		return "it redirects to an address that is not a web page's"
	case from.Scheme == "https" && to.Scheme == "http":
		return "it redirects from https to " + to.Host + " without encryption, which is not followed; " +
			"if that is meant, configure the http address itself"
	default:
		return ""
	}
}

// strayed tells that a chain of redirects left its first host, even if it came back: what another host asks for does not
// get our credentials.
func strayed(first *url.URL, via []*http.Request, to *url.URL) bool {
	for _, hop := range via {
		if !sameHost(first, hop.URL) {
			return true
		}
	}
	return !sameHost(first, to)
}

func strip(req *http.Request) {
	kept := http.Header{}
	for _, name := range harmless {
		if values, ok := req.Header[name]; ok {
			kept[name] = values
		}
	}
	req.Header = kept
	req.URL.User = nil
}

// follow notes where permanent redirects lead.
func (c *call) follow(req *http.Request) {
	switch status := req.Response.StatusCode; status {
	case http.StatusMovedPermanently, http.StatusPermanentRedirect:
		if !c.detoured {
			moved := *req.URL
			moved.User = nil
			c.moved = moved.String()
		}
	default:
		c.detoured = true
	}
}
