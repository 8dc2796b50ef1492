package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// reasoned is an error that knows what it says without what was being done.
type reasoned struct{ reason string }

func (r reasoned) Error() string  { return "doing a deed: " + r.reason }
func (r reasoned) Reason() string { return r.reason }

func TestAnErrorInWords(t *testing.T) {
	remote := errors.New("the server says: context deadline exceeded")
	for _, c := range []struct {
		name        string
		err         error
		within      time.Duration
		want, cause string
	}{
		{"time ran out", fmt.Errorf("looking for the run: %w", context.DeadlineExceeded), 20 * time.Second, "looking for the run: it took longer than 20 s", ""},
		{"the time is not known", context.DeadlineExceeded, 0, "it took too long", ""},
		{"minutes", context.DeadlineExceeded, time.Minute, "it took longer than 1 min", ""},
		{"minutes and seconds", context.DeadlineExceeded, 90 * time.Second, "it took longer than 1 min 30 s", ""},
		{"hours", context.DeadlineExceeded, 2 * time.Hour, "it took longer than 2 h", ""},
		{"the chain is lost", remote, 20 * time.Second, "the server says: it took too long", ""},
		{"stopped", fmt.Errorf("asking: %w", context.Canceled), time.Second, "asking: it was stopped before its end", ""},
		{"nothing of the kind", errors.New("refused"), time.Second, "refused", ""},
		{"a reason", fmt.Errorf("around: %w", reasoned{"the token is bad"}), time.Second, "around: doing a deed: the token is bad", "the token is bad"},
		{"a reason in words", fmt.Errorf("around: %w", reasoned{"context canceled"}), time.Second, "around: doing a deed: it was stopped before its end", "it was stopped before its end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.cause == "" {
				c.cause = c.want
			}
			if got := inWords(c.err, c.within); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if got := causeOf(c.err, c.within); got != c.cause {
				t.Errorf("the cause is %q, want %q", got, c.cause)
			}
		})
	}
}

// slow finds nothing in the time of its route.
type slow struct{ attempts atomic.Int32 }

func (s *slow) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	s.attempts.Add(1)
	return nil, errLost
}

func (*slow) Find(ctx context.Context, _ string, _ []byte) ([]byte, bool, error) {
	<-ctx.Done()
	return nil, false, fmt.Errorf("looking for the deed: %w", ctx.Err())
}

// What a look that runs into the deadline of its route says is told in words, with the time that it had.
func TestALookThatTakesTooLongIsToldInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outside := &slow{}
		s := run(t, map[string]Route{"deed": {Performer: outside, Timeout: 5 * time.Second, Patience: time.Minute}}, Options{})
		s.record("deed", "a", "x", false)
		after(10 * time.Minute)
		if len(s.heard()) != 1 || !strings.Contains(s.heard()[0], "looking for the deed: it took longer than 5 s") {
			t.Errorf("told %q", s.heard())
		}
		if outside.attempts.Load() != 1 || strings.Contains(s.look("a").problem, "context") {
			t.Errorf("tried %d times, kept as %q", outside.attempts.Load(), s.look("a").problem)
		}
	})
}

// A run of a job that takes too long says so in words too.
func TestAJobThatTakesTooLongSaysSoInWords(t *testing.T) {
	r := round{job: Job{Name: "poll", Timeout: 90 * time.Second}}
	r.end(fmt.Errorf("reading: %w", context.DeadlineExceeded))
	if got := r.snapshot().LastError; got != "reading: it took longer than 1 min 30 s" {
		t.Errorf("%q", got)
	}
}
