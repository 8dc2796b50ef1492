package httpcall

import (
	"context"
	"io"
	"net/http"
	"time"
)

// punctual is the request with a body that cannot be sent after the request's deadline, by the clocks and not by a timer:
// a process or machine that was paused and goes on would have sent what it was about to before its timers are looked after,
// while others take it for certain by now that it was not sent.
func punctual(req *http.Request) *http.Request {
	deadline, ok := req.Context().Deadline()
	if !ok || req.Body == nil || req.Body == http.NoBody {
		return req
	}
	own := req.Clone(req.Context())
	own.Body = &punctualBody{req.Body, deadline}
	if fresh := req.GetBody; fresh != nil {
		own.GetBody = func() (io.ReadCloser, error) {
			body, err := fresh()
			if err != nil {
				return nil, err
			}
			return &punctualBody{body, deadline}, nil
		}
	}
	return own
}

type punctualBody struct {
	io.ReadCloser
	deadline time.Time
}

// Read reads the body until the deadline.
func (b *punctualBody) Read(p []byte) (int, error) {
	if !sooner(time.Now(), b.deadline) {
		return 0, context.DeadlineExceeded
	}
	return b.ReadCloser.Read(p)
}

// sooner tells that a moment is before another by the monotonic clock, which a step of the wall clock does not change, and
// by the wall clock, which goes on while the machine is suspended.
func sooner(one, other time.Time) bool {
	return one.Before(other) && one.Round(0).Before(other.Round(0))
}
