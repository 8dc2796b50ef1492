package httpcall

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// attempter makes one attempt, under the breaker, the limit and the time of its own.
type attempter struct{ client *Client }

// errAttempt is why the context of an attempt ended when the attempt's own time was over.
var errAttempt = fmt.Errorf("the attempt took too long: %w", context.DeadlineExceeded)

// RoundTrip makes one attempt and reads its answer to the end, so that the breaker judges the whole of it.
func (a attempter) RoundTrip(req *http.Request) (*http.Response, error) {
	c, call := a.client, callIn(req.Context())
	breaker := c.breakerFor(req.URL)
	done, err := breaker.allow()
	if err != nil {
		return nil, c.broken(call, req, breaker, err)
	}
	verdict := errFailed
	defer func() { done(verdict) }()

	release, err := c.slot(req.Context(), hostPort(req.URL))
	if err != nil {
		verdict = errExcluded
		return nil, c.fault(call, req, err)
	}
	defer release()
	resp, err := c.attempt(req, call)
	verdict = judge(resp, err)
	if errors.Is(verdict, errFailed) {
		breaker.failed(wordsOf(resp, err))
	}
	return resp, err
}

// wordsOf is how an attempt failed, in few words.
func wordsOf(resp *http.Response, err error) string {
	var fault *Error
	switch {
	case errors.As(err, &fault):
		return fault.what
	case err != nil:
		return err.Error()
	default:
		return fmt.Sprintf("it answered %d", resp.StatusCode)
	}
}

// slot waits for one of the host's places.
func (c *Client) slot(ctx context.Context, host string) (release func(), err error) {
	places := c.slots.get(host, func() chan struct{} { return make(chan struct{}, c.options.PerHost) })
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, noPlace{context.Cause(ctx)}
	}
}

// noPlace is a wait for one of the host's places that was longer than the call had time.
type noPlace struct{ cause error }

func (n noPlace) Error() string { return "no place at the host: " + n.cause.Error() }

// Unwrap is why the wait ended.
func (n noPlace) Unwrap() error { return n.cause }

func (c *Client) attempt(req *http.Request, call *call) (*http.Response, error) {
	call.attempts++
	ctx, cancel := bounded(req.Context(), time.Now().Add(c.options.AttemptTimeout), errAttempt)
	defer cancel()
	own := req.WithContext(ctx)
	own.Header = req.Header.Clone()
	setMissing(own.Header, "User-Agent", c.options.UserAgent)
	if own.Header.Get("Range") == "" {
		setMissing(own.Header, "Accept-Encoding", "gzip")
	}
	var next http.RoundTripper = sender{c}
	if c.credential != nil {
		next = c.credential(next)
	}
	resp, err := next.RoundTrip(own)
	if err == nil {
		err = readBody(resp, call.maxBody)
	}
	if err != nil {
		return nil, c.fault(call, own, err)
	}
	// What was sent holds the credential; what comes back with the answer shall not.
	resp.Request = req
	return resp, nil
}

func setMissing(header http.Header, name, value string) {
	if _, ok := header[name]; !ok {
		header.Set(name, value)
	}
}

// sender gives a request to the network and notes whether any of it may have left.
type sender struct{ client *Client }

// RoundTrip sends the request as it is.
func (s sender) RoundTrip(req *http.Request) (*http.Response, error) {
	c, call := s.client, callIn(req.Context())
	if problem := badHeader(req.Header); problem != "" {
		return nil, c.refuse(ClassRequest, req, problem)
	}
	wire, err := c.wires.pick(call, req)
	if err != nil {
		return nil, c.fault(call, req, err)
	}
	req = punctual(req)
	var asked atomic.Bool
	call.connected.Store(false)
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		// A connection in hand counts as sent: WroteHeaders comes from another goroutine, and may come after the
		// attempt was given up.
		GotConn: func(httptrace.GotConnInfo) {
			call.sent.Store(true)
			call.connected.Store(true)
		},
	}
	resp, err := wire.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if !asked.Load() && !failedToConnect(err) {
		// Not net/http's transport: nobody told us, so it counts as sent.
		call.sent.Store(true)
		call.connected.Store(true)
	}
	if err == nil && resp == nil {
		err = errNoAnswer
	}
	if err != nil {
		return nil, c.fault(call, req, err)
	}
	if resp.Request == nil {
		resp.Request = req
	}
	return resp, nil
}

// errNoAnswer is a transport that gave neither an answer nor an error.
var errNoAnswer = errors.New("the transport gave no answer")

func failedToConnect(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns)
}
