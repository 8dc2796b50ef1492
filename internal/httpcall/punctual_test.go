package httpcall_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

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
