package changes

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestASourceIsNoNewsWhileOurNetworkIsDown(t *testing.T) {
	for name, err := range map[string]error{
		"it may pass":        passing{errors.New("no route to host")},
		"nobody can mend it": errors.New("no such host"),
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(t)
			down, asked := start, 0
			w.cutOff = func(context.Context) time.Time { asked++; return down }
			w.sources[feedA] = fails(err)
			for range 3 {
				down = w.now
				if _, notices := w.poll(); len(notices) > 0 {
					t.Errorf("told while nothing can be reached: %v", notices)
				}
			}
			down = down.Add(time.Hour) // it was down after the last try, too
			if _, notices := w.poll(); len(notices) > 0 {
				t.Errorf("told at the first try afterwards: %v", notices)
			}
			if _, notices := w.poll(); len(notices) != 1 || notices[0].Problem == "" {
				t.Errorf("what is still so is told once afterwards, got %v", notices)
			}
			if _, notices := w.poll(); len(notices) > 0 {
				t.Errorf("told again: %v", notices)
			}
			if asked != 6 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

func TestWhatWasOnlyOurNetworkIsNeverTold(t *testing.T) {
	w := watch(t)
	w.cutOff = func(context.Context) time.Time { return w.now }
	good := w.sources[feedA]
	w.sources[feedA] = fails(errors.New("no such host"))
	w.poll()
	w.poll()
	w.sources[feedA] = good
	if _, notices := w.poll(); len(notices) > 0 {
		t.Errorf("told the end of what was never told: %v", notices)
	}
}

// Sources are read every minute, and our network is back at the fifth. Ten minutes after the next try there is a message.
func TestPatienceBeginsAnewAfterOurNetwork(t *testing.T) {
	w := watch(t)
	w.patience = 10 * time.Minute
	back := w.now.Add(5*time.Minute + 30*time.Second)
	w.cutOff = func(context.Context) time.Time {
		if w.now.Before(back) {
			return w.now
		}
		return back
	}
	w.sources[feedA] = fails(passing{errors.New("no route to host")})
	for minute := range 20 {
		began := w.now
		_, notices := w.poll()
		if (len(notices) > 0) != (minute == 16) {
			t.Errorf("in minute %d told %v", minute, notices)
		}
		if len(notices) > 0 && !notices[0].Since.Equal(back.Add(30*time.Second)) {
			t.Errorf("failing since %s", notices[0].Since)
		}
		w.now = began.Add(time.Minute)
	}
}

// What our network had begun is told once, and stays told.
func TestWhatWasToldBeforeOurNetworkWentDownStaysTold(t *testing.T) {
	w := watch(t)
	good := w.sources[feedA]
	w.sources[feedA] = fails(errors.New("gone (410)"))
	_, first := w.poll()
	w.cutOff = func(context.Context) time.Time { return w.now }
	w.poll()
	w.sources[feedA] = good
	_, over := w.poll()
	if len(first) != 1 || len(over) != 1 || !over[0].Since.Equal(first[0].Since) {
		t.Errorf("told %v, then %v", first, over)
	}
}

// heldBack is a source that was not tried.
type heldBack struct {
	passing
	since time.Duration
}

func (h heldBack) Held() time.Duration { return h.since }

// A breaker that our network has opened stays open for a while after it; one that opens again is the source's own.
func TestWhatIsHeldBackBecauseOfOurNetworkIsNoNews(t *testing.T) {
	w := watch(t)
	back := w.now.Add(-time.Minute)
	w.cutOff = func(context.Context) time.Time { return back }
	for n, tt := range []struct {
		held time.Duration // before now
		told bool
	}{{2 * time.Minute, false}, {7 * time.Minute, false}, {12 * time.Minute, false}, {3 * time.Minute, true}} {
		began := w.now
		w.sources[feedA] = fails(fmt.Errorf("reading: %w", heldBack{passing{errors.New("not tried")}, tt.held}))
		if _, notices := w.poll(); (len(notices) > 0) != tt.told {
			t.Errorf("at try %d told %v", n+1, notices)
		}
		w.now = began.Add(5 * time.Minute)
	}
}

func TestTheNetworkIsLookedAtOnlyWhereSomethingFails(t *testing.T) {
	w := watch(t)
	w.cutOff = func(context.Context) time.Time { t.Error("asked"); return time.Time{} }
	w.poll()
}

// What may pass is told when it has failed twice and for ten minutes, whichever is later; what a person must mend, at once.
func TestWhatMayPassIsToldAfterAWhile(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		every time.Duration
		told  int // the round in which it is told
	}{
		{"every minute", passing{errors.New("no route to host")}, time.Minute, 11},
		{"every four minutes", passing{errors.New("no route to host")}, 4 * time.Minute, 4},
		{"every six hours", passing{errors.New("no route to host")}, 6 * time.Hour, 2},
		{"nobody but a person can mend it", errors.New("it is gone (410)"), time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := watch(t)
			w.patience = 10 * time.Minute
			good := w.sources[feedA]
			w.sources[feedA] = fails(c.err)
			for round := 1; round <= 15; round++ {
				began := w.now
				_, notices := w.poll()
				if (len(notices) > 0) != (round == c.told) {
					t.Errorf("in round %d told %v", round, notices)
				}
				w.now = began.Add(c.every)
			}
			w.sources[feedA] = good
			if _, notices := w.poll(); len(notices) != 1 || notices[0].Problem != "" {
				t.Errorf("when it is read again, told %v", notices)
			}
		})
	}
}
