package httpcall

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Client makes calls. It is safe for use by several goroutines, which share its connections, limits and breakers.
type Client struct {
	options    Options
	name       string
	auth       Auth
	credential func(next http.RoundTripper) http.RoundTripper // nil where a call proves nothing
	wires      *wires
	breakers   *breakers
	slots      *registry[string, chan struct{}]
	http       *http.Client
}

// New is a Client of its own connections. It starts no goroutine and needs no closing.
func New(options Options) *Client {
	options = options.complete()
	c := &Client{
		options:  options,
		wires:    newWires(options),
		breakers: newBreakers(options.Breaker, options.OnBreaker),
		slots:    newRegistry[string, chan struct{}](2 * options.Timeout),
	}
	c.http = &http.Client{Transport: retrier{c}, CheckRedirect: checkRedirect}
	return c
}

// With is the Client of one integration: on the same connections and limits, but with breakers that no other
// integration's failures open, and with the credential that its calls carry.
func (c *Client) With(name string, auth Auth) *Client {
	own := *c
	own.name, own.auth = name, auth
	own.credential = auth.wrapper(&own)
	own.http = &http.Client{Transport: retrier{&own}, CheckRedirect: checkRedirect}
	return &own
}

// HTTP is the Client for libraries that want Go's own type. Every answer is read to its end, within MaxBody, before
// they see it, so it does not stream. Their errors carry the address as it was called: pass them through Clean before
// anybody reads them.
func (c *Client) HTTP() *http.Client {
	own := *c.http
	return &own
}

// Do makes the call. An answer of any status is a Response: retries of 429, 502, 503 and 504 are over by then, and it is
// the last answer. What is not an answer is an *Error. A trace of package httptrace in ctx sees each attempt.
func (c *Client) Do(ctx context.Context, request Request) (Response, error) {
	req, err := c.newRequest(ctx, request)
	if err != nil {
		return Response{}, err
	}
	call := c.newCall(req.URL)
	if request.Behind != "" {
		if err := call.foundBehind(request.Behind, req); err != nil {
			return Response{}, err
		}
	}
	call.replay = request.Replay
	if request.MaxBody > 0 {
		call.maxBody = request.MaxBody
	}
	resp, err := c.http.Do(req.WithContext(withCall(ctx, call)))
	if err != nil {
		return Response{}, c.fault(call, req, err)
	}
	defer resp.Body.Close()
	body, err := bodyOf(resp)
	if err != nil {
		return Response{}, c.fault(call, req, err)
	}
	answered := *resp.Request.URL
	answered.User = nil
	return Response{
		Status: resp.StatusCode,
		Header: resp.Header,
		Body:   body,
		URL:    answered.String(),
		Moved:  call.moved,
		secret: c.options.Redactor,
		token:  call.token,
	}, nil
}

// DialContext connects for what is not an HTTP call, such as a WebSocket: within AttemptTimeout, with keep-alive, and
// under PublicOnly never to a link-local address.
func (c *Client) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.AttemptTimeout)
	defer cancel()
	return c.wires.named.dial(ctx, network, address)
}

// DialPublic connects as DialContext does, and under PublicOnly to public addresses alone: for a host that an answer
// named, and not the configuration.
func (c *Client) DialPublic(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.AttemptTimeout)
	defer cancel()
	return c.wires.public.dial(ctx, network, address)
}

// CloseIdleConnections closes the connections that no call uses now, also those of every Client made by With.
func (c *Client) CloseIdleConnections() {
	c.wires.named.transport.CloseIdleConnections()
	c.wires.public.transport.CloseIdleConnections()
}

// newRequest checks what the caller gave, because net/http would name the value that is wrong, and it may be a secret.
func (c *Client) newRequest(ctx context.Context, request Request) (*http.Request, error) {
	method := request.Method
	if method == "" {
		method = http.MethodGet
	}
	address := strings.TrimSpace(request.URL)
	req, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	var target *url.URL
	if err == nil {
		target = req.URL
	} else {
		target, _ = url.Parse(address) // nil where that is what is wrong
	}
	if target == nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, &Error{Class: ClassRequest, Method: method, unsent: true,
			what: "the address cannot be used; write it in full, like https://status.example.com/feed.xml"}
	}
	if err != nil {
		return nil, &Error{Class: ClassRequest, Method: "?", Host: target.Host, unsent: true,
			what: "the method is not one of HTTP's; write it like GET or POST"}
	}
	if len(request.Body) > 0 {
		content := request.Body
		req.ContentLength = int64(len(content))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
		req.Body = io.NopCloser(bytes.NewReader(content))
	}
	for name, values := range request.Header {
		for _, value := range values {
			req.Header.Add(name, value)
		}
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		req.Header.Del("Host")
	}
	return req, nil
}

// badHeader says what is wrong with a header that cannot be sent, empty where all can. The value is not named.
func badHeader(header http.Header) string {
	for name, values := range header {
		if !httpguts.ValidHeaderFieldName(name) {
			return "the name of a header holds a character that HTTP forbids"
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return "the value of the header " + name + " holds a character that HTTP forbids; look for a line break in it"
			}
		}
	}
	return ""
}

// call is what one call knows of itself from its first attempt to its last, redirects included. Its parts run one after
// the other; sent and connected are also written by net/http's own goroutines.
type call struct {
	origin    *url.URL
	deadline  time.Time
	maxBody   int64
	replay    bool
	attempts  int
	strayed   bool // a redirect led away from the origin's host, once
	moved     string
	token     string // the access token that was sent last
	detoured  bool   // a redirect was not permanent, so that what follows is no new address
	sent      atomic.Bool
	connected atomic.Bool // the attempt that runs now had a connection
}

func (c *Client) newCall(origin *url.URL) *call {
	return &call{origin: origin, deadline: time.Now().Add(c.options.Timeout), maxBody: c.options.MaxBody}
}

// foundBehind notes that an answer named the address, and not the configuration.
func (c *call) foundBehind(configured string, req *http.Request) error {
	named, err := url.Parse(strings.TrimSpace(configured))
	if err != nil || named.Host == "" {
		return &Error{Class: ClassRequest, Method: req.Method, Host: req.URL.Host, unsent: true,
			what: "it was found behind an address that cannot be used; write the configured one in full, like https://status.example.com"}
	}
	c.origin = named
	if c.strayed = !sameHost(named, req.URL); c.strayed {
		strip(req)
	}
	return nil
}

type callKey struct{}

func withCall(ctx context.Context, call *call) context.Context {
	if callIn(ctx) == call {
		return ctx
	}
	return context.WithValue(ctx, callKey{}, call)
}

func callIn(ctx context.Context) *call {
	call, _ := ctx.Value(callKey{}).(*call)
	return call
}

// bounded is the context with a deadline, after which its cause is the given one. Where it ends earlier anyway, by one of the
// two clocks, it stays as it is: every context costs a timer, or a place among the children of the one above, and a deadline
// that the machine slept through must not be lost under a new one.
func bounded(ctx context.Context, until time.Time, cause error) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok && !sooner(until, end) {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, until, cause)
}

// callOf is the call that a request belongs to. A redirect that http.Client follows for a library has a context without
// it; the answer that redirected knows.
func (c *Client) callOf(req *http.Request) *call {
	if call := callIn(req.Context()); call != nil {
		return call
	}
	if req.Response != nil && req.Response.Request != nil {
		if call := callIn(req.Response.Request.Context()); call != nil {
			return call
		}
	}
	return c.newCall(req.URL)
}
