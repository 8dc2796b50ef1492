package changes

import (
	"context"
	"errors"
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
			down, asked := true, 0
			w.cutOff = func(context.Context) bool { asked++; return down }
			w.sources[feedA] = fails(err)
			for range 3 {
				if _, notices := w.poll(); len(notices) > 0 {
					t.Errorf("told while nothing can be reached: %v", notices)
				}
			}
			down = false
			if _, notices := w.poll(); len(notices) != 1 || notices[0].Problem == "" {
				t.Errorf("what is still so is told once afterwards, got %v", notices)
			}
			if _, notices := w.poll(); len(notices) > 0 {
				t.Errorf("told again: %v", notices)
			}
			if asked != 5 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

func TestWhatWasOnlyOurNetworkIsNeverTold(t *testing.T) {
	w := watch(t)
	w.cutOff = func(context.Context) bool { return true }
	good := w.sources[feedA]
	w.sources[feedA] = fails(errors.New("no such host"))
	w.poll()
	w.poll()
	w.sources[feedA] = good
	if _, notices := w.poll(); len(notices) > 0 {
		t.Errorf("told the end of what was never told: %v", notices)
	}
}

func TestTheNetworkIsLookedAtOnlyWhereSomethingFails(t *testing.T) {
	w := watch(t)
	w.cutOff = func(context.Context) bool { t.Error("asked"); return false }
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
