package bot

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneMessageASecondAChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		p := NewPoster(f.api(), f.logger())
		var posts sync.WaitGroup
		for n := range 10 {
			for _, channel := range []string{"C1", "C2"} {
				posts.Go(func() {
					for {
						_, err := p.Say(t.Context(), Message{Channel: channel, Text: fmt.Sprint(n)})
						if err == nil {
							return
						}
						if how(err) == "" || !notSent(err) {
							t.Errorf("%v", err)
							return
						}
						elapse(patience)
					}
				})
			}
		}
		posts.Wait()
		last := map[string]time.Time{}
		for _, call := range f.called("chat.postMessage") {
			channel := call.Form.Get("channel")
			if gap := call.At.Sub(last[channel]); !last[channel].IsZero() && gap < 999*time.Millisecond {
				t.Errorf("%s: two posts within %s", channel, gap)
			}
			last[channel] = call.At
		}
		if n := len(f.called("chat.postMessage")); n != 20 {
			t.Errorf("%d posts", n)
		}
	})
}

func TestWhoWouldWaitTooLongIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		p := NewPoster(f.api(), f.logger())
		var refusals sync.WaitGroup
		for range 20 {
			refusals.Go(func() {
				if _, err := p.Say(t.Context(), Message{Channel: "C1", Text: "x"}); err != nil && !strings.HasPrefix(how(err), "after ") {
					t.Errorf("%v (%s)", err, how(err))
				}
			})
		}
		refusals.Wait()
		if n := len(f.called("chat.postMessage")); n != 6 {
			t.Errorf("%d posts within the patience of five seconds", n)
		}
		// A deadline that comes before the turn is no reason to wait.
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := p.Say(ctx, Message{Channel: "C1", Text: "x"}); how(err) != "after 1s not-sent" {
			t.Errorf("%v (%s)", err, how(err))
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := p.Say(ended, Message{Channel: "C1", Text: "x"}); !notSent(err) {
			t.Errorf("%v (%s)", err, how(err))
		}
	})
}

func TestRetryAfterHoldsTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		slow := func(apiCall) apiAnswer {
			return apiAnswer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}}}
		}
		f.method["chat.postMessage"], f.method["chat.update"] = slow, slow
		p := NewPoster(f.api(), f.logger())
		at := Posted{"C1", "1.1"}
		_, _ = p.Say(t.Context(), Message{Channel: "C1", Text: "x"})
		_ = p.Redraw(t.Context(), at, Message{Channel: "C1", Text: "x"})
		elapse(10 * time.Second)
		_, err := p.Say(t.Context(), Message{Channel: "C1", Text: "x"})
		if how(err) != "after 50s not-sent" {
			t.Errorf("%v (%s)", err, how(err))
		}
		if err := p.Redraw(t.Context(), Posted{"C2", "1.1"}, Message{Channel: "C2", Text: "x"}); how(err) != "after 50s not-sent" {
			t.Errorf("edits are counted for the workspace: %v (%s)", err, how(err))
		}
		_, _ = p.Say(t.Context(), Message{Channel: "C2", Text: "x"})
		if n, m := len(f.called("chat.postMessage")), len(f.called("chat.update")); n != 2 || m != 1 {
			t.Errorf("%d posts and %d edits", n, m)
		}
		delete(f.method, "chat.postMessage")
		elapse(50 * time.Second)
		if _, err := p.Say(t.Context(), Message{Channel: "C1", Text: "x"}); err != nil {
			t.Errorf("after the time: %v", err)
		}
	})
}

func TestEditsKeepToTheWorkspacesLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		p := NewPoster(f.api(), f.logger())
		began := time.Now()
		for range 60 {
			for p.Redraw(t.Context(), Posted{"C1", "1.1"}, Message{Channel: "C1", Text: "x"}) != nil {
				elapse(time.Second)
			}
		}
		if took := time.Since(began); took < 60*time.Second {
			t.Errorf("60 edits in %s", took)
		}
	})
}

func TestIdleLanesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		for n := range 5 * maxLanes {
			if err := p.post(t.Context(), "posting", fmt.Sprint("C", n)); err != nil {
				t.Fatal(err)
			}
			elapse(10 * time.Millisecond)
		}
		if len(p.lanes) > maxLanes {
			t.Errorf("%d lanes", len(p.lanes))
		}
	})
}
