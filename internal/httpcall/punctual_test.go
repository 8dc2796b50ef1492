package httpcall_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"sparky/internal/httpcall"
)

func TestABodyIsNotSentAfterItsTime(t *testing.T) {
	for _, c := range []struct {
		name string
		held time.Duration // between the beginning of the attempt and the moment at which its body is written
		sent bool
	}{
		{"in time", 9 * time.Second, true},
		{"a moment late", 10 * time.Second, false},
		{"paused for a minute", time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var wrote []byte
				var writing error
				// Like a transport whose process is paused: it learns of the end of the context only afterwards.
				wire := network(func(req *http.Request) (*http.Response, error) {
					<-time.After(c.held)
					if wrote, writing = io.ReadAll(req.Body); writing != nil {
						return nil, writing
					}
					if req.ContentLength != 7 {
						t.Errorf("the body is announced as %d bytes", req.ContentLength)
					}
					again, err := req.GetBody()
					if err != nil {
						return nil, err
					}
					if copied, err := io.ReadAll(again); string(copied) != "a deed!" || err != nil {
						t.Errorf("the body to send once more is %q, %v", copied, err)
					}
					return answer(http.StatusOK, "done"), nil
				})
				client := httpcall.New(httpcall.Options{Transport: wire, Retries: -1, AttemptTimeout: 10 * time.Second})
				_, err := client.Do(t.Context(), httpcall.Request{Method: http.MethodPost, URL: "https://jira.example/issue", Body: []byte("a deed!")})
				if c.sent && (err != nil || string(wrote) != "a deed!") {
					t.Errorf("%q was sent: %v", wrote, err)
				}
				if !c.sent && (err == nil || len(wrote) > 0 || !errors.Is(writing, context.DeadlineExceeded)) {
					t.Errorf("%q was sent, %v: %v", wrote, writing, err)
				}
			})
		})
	}
}

// TestABodyIsNotSentAfterASleep holds that a sleep of the machine counts as well, before an attempt or during it, though the
// monotonic clock knows nothing of it.
func TestABodyIsNotSentAfterASleep(t *testing.T) {
	for _, c := range []struct {
		name        string
		slept, left time.Duration // left of the time of the call, had the machine not slept
		sent        bool
	}{
		{"a nap", 30 * time.Second, time.Minute, true},
		{"the attempt has less time than the call", 10 * time.Minute, time.Minute, false},
		{"the call has less time than the attempt", 10 * time.Minute, 5 * time.Second, false},
		{"the clock was set back", -time.Hour, time.Minute, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var wrote []byte
			wire := network(func(req *http.Request) (*http.Response, error) {
				var err error
				if wrote, err = io.ReadAll(req.Body); err != nil {
					return nil, err
				}
				return answer(http.StatusOK, "done"), nil
			})
			ctx, cancel := context.WithDeadline(t.Context(), beforeSleep(c.slept).Add(c.left))
			defer cancel()
			client := httpcall.New(httpcall.Options{Transport: wire, Retries: -1, AttemptTimeout: 10 * time.Second})
			_, err := client.Do(ctx, httpcall.Request{Method: http.MethodPost, URL: "https://jira.example/issue", Body: []byte("a deed!")})
			if sent := err == nil && string(wrote) == "a deed!"; sent != c.sent || !sent && len(wrote) > 0 {
				t.Errorf("%q was sent: %v", wrote, err)
			}
		})
	}
}

// beforeSleep is the moment just before the machine slept for so long: the wall clock went on since, and the monotonic one,
// which is the second word of a time.Time, stood still.
func beforeSleep(slept time.Duration) time.Time {
	at := time.Now().Add(-slept)
	(*[2]int64)(unsafe.Pointer(&at))[1] += int64(slept)
	return at
}
