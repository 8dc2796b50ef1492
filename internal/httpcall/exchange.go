package httpcall

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sparky/internal/setting"
)

// Exchange gets an access token in a way of the service's own, where that is no grant of OAuth 2: by a POST without a
// body, whose header proves who asks. The token is used as a bearer until its time is over, or until it is refused.
type Exchange struct {
	URL string
	// Header is made anew for each request, because a proof holds for minutes. It is called by one caller at a time.
	Header func() (http.Header, error)
	// Read is the token in an answer of any status, and until when it is to be used. Its error says what is wrong and
	// what to do, in words that may be shown.
	Read func(status int, body []byte) (token setting.Secret, until time.Time, err error)
}

func newExchange(c *Client, exchange Exchange) *tokens {
	t := newTokens(c, OAuth2{TokenURL: exchange.URL})
	t.exchange = &exchange
	return t
}

// swap is a new token by the Exchange.
func (t *tokens) swap(ctx context.Context) error {
	proof, err := t.exchange.Header()
	if err != nil {
		return t.unswapped(&http.Request{Method: http.MethodPost, URL: t.endpoint()}, "no access token could be asked for", err, false)
	}
	req, err := t.client.newRequest(ctx, Request{Method: http.MethodPost, URL: t.exchange.URL, Header: proof})
	if err != nil {
		return t.failed(err)
	}
	setMissing(req.Header, "User-Agent", t.client.options.UserAgent)
	status, body, err := t.send(ctx, req)
	if err != nil {
		return err
	}
	token, until, err := t.exchange.Read(status, body)
	if err == nil && token.IsZero() {
		err = fmt.Errorf("the answer holds none; check the address %s", t.endpoint().Host)
	}
	if err != nil {
		busy := status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
		return t.unswapped(req, fmt.Sprintf("no access token was given (%d)", status), err, busy)
	}
	t.token, t.until = token.Reveal(), until
	return nil
}

// unswapped is an Exchange that gave no token.
func (t *tokens) unswapped(req *http.Request, what string, err error, temporary bool) error {
	return &Error{Class: ClassAuth, Method: req.Method, Host: req.URL.Host, Path: t.client.shownPath(req.URL),
		what: what + ": " + t.client.scrub(req, err.Error()), temporary: temporary}
}

// send makes one request to a token endpoint. It has a breaker of its own and no place in the host's limit: the call
// that waits for the token may hold the last place of the same host.
func (t *tokens) send(ctx context.Context, req *http.Request) (status int, body []byte, err error) {
	c := t.client
	call := c.newCall(req.URL)
	call.maxBody = maxToken
	req = req.WithContext(withCall(ctx, call))
	breaker := c.breakers.get(strings.TrimSpace(c.name+" token"), hostPort(req.URL))
	done, err := breaker.allow()
	if err != nil {
		return 0, nil, t.failed(c.broken(call, req, breaker, err))
	}
	verdict := errFailed
	defer func() { done(verdict) }()
	resp, err := sender{c}.RoundTrip(req)
	if err == nil {
		err = readBody(resp, maxToken)
	}
	if err != nil {
		fault := c.fault(call, req, err)
		verdict = judge(nil, fault)
		return 0, nil, t.failed(fault)
	}
	verdict = judge(resp, nil)
	if body, err = bodyOf(resp); err != nil {
		return 0, nil, t.failed(c.fault(call, req, err))
	}
	return resp.StatusCode, body, nil
}
