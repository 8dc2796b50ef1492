package httpcall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// retrier repeats attempts until one is worth passing on. It is the outermost layer but for redirects.
type retrier struct{ client *Client }

// errTotal is why the context of a call ended when the call's own time was over.
var errTotal = fmt.Errorf("the call took too long in all: %w", context.DeadlineExceeded)

// RoundTrip makes as many attempts as it takes, and gives the last answer whatever its status.
func (r retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	c, call := r.client, r.client.callOf(req)
	call.strayed = call.strayed || !sameHost(call.origin, req.URL)
	ctx, cancel := bounded(withCall(req.Context(), call), call.deadline, errTotal)
	defer cancel()
	own := req.WithContext(ctx)
	retryable, err := repeatable(own)
	if err != nil {
		return nil, c.refuse(ClassRequest, req, "the body to send could not be read: "+c.scrub(req, err.Error()))
	}
	policy := &retry{client: c, call: call, method: req.Method}
	first := r.first(own)
	if first.ends(policy) {
		first.resp.Request = own
		tellWatch(req, first.resp)
		return first.resp, nil
	}
	loop := retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     &begun{first, attempter{c}},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     c.options.Retries,
		CheckRetry:   policy.check,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return policy.wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := loop.Do(retryable)
	if err != nil {
		return nil, c.fault(call, own, err)
	}
	// The answer's request carries the call, for the redirect that may follow it.
	resp.Request = own
	tellWatch(req, resp)
	return resp, nil
}

// outcome is how an attempt ended; nil where none was made.
type outcome struct {
	resp *http.Response
	err  error
}

// first makes the first attempt of a request without a body outside the loop: nearly all are, end with it, and need none of the
// loop's own.
func (r retrier) first(own *http.Request) *outcome {
	if own.Body != nil || own.GetBody != nil || own.ContentLength != 0 {
		return nil
	}
	resp, err := attempter(r).RoundTrip(own) //nolint:bodyclose // it was read to its end, and is the caller's
	return &outcome{resp, err}
}

// ends tells that the attempt's answer is the call's: it is neither a redirect, which the loop's client looks at, nor worth
// another attempt.
func (o *outcome) ends(policy *retry) bool {
	return o != nil && o.err == nil && (o.resp.StatusCode < 300 || o.resp.StatusCode >= 400) && !policy.worthwhile(o.resp, nil)
}

// begun gives the loop the attempt that was made already as its first.
type begun struct {
	first *outcome
	next  attempter
}

// RoundTrip makes an attempt, unless one was made.
func (b *begun) RoundTrip(req *http.Request) (*http.Response, error) {
	if made := b.first; made != nil {
		b.first = nil
		return made.resp, made.err
	}
	return b.next.RoundTrip(req)
}

// repeatable holds the body in memory, so that every attempt can send it. net/http asks a RoundTripper to close the body
// and to leave the request as it is; this one is the RoundTripper's own.
func repeatable(own *http.Request) (*retryablehttp.Request, error) {
	var body []byte
	if own.Body != nil && own.Body != http.NoBody {
		read, err := io.ReadAll(own.Body)
		if closing := own.Body.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return nil, err
		}
		body = read
	}
	own.Body = nil
	retryable := &retryablehttp.Request{Request: own}
	if len(body) == 0 {
		own.GetBody, own.ContentLength = nil, 0
		return retryable, nil
	}
	return retryable, retryable.SetBody(body)
}

// retry decides whether one call is tried again, and when.
type retry struct {
	client  *Client
	call    *call
	method  string
	retries int
	wait    time.Duration
}

// check says whether to try again. It never gives an error, because that would take the place of the answer.
func (r *retry) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil || !r.worthwhile(resp, err) {
		return false, nil //nolint:nilerr // the outcome stands as it is; see above
	}
	wait, ok := r.client.waitBefore(r.retries, resp)
	if !ok {
		return false, nil
	}
	// A wait that outlasts the call would turn the answer that we have into an error without one.
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false, nil
	}
	r.retries++
	r.wait = wait
	return true, nil
}

func (r *retry) worthwhile(resp *http.Response, err error) bool {
	if err != nil {
		var fault *Error
		if !errors.As(err, &fault) || !fault.Temporary() || fault.Class == ClassBreaker {
			return false
		}
		return r.replayable() || fault.NotSent()
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// Once the breaker has opened there is nothing better to come than the answer that opened it.
		return r.replayable() && !r.client.breakerFor(resp.Request.URL).isOpen()
	default:
		return false
	}
}

func (r *retry) replayable() bool {
	switch r.method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return r.call.replay
	}
}
