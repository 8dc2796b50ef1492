package changes

import (
	"context"
	"errors"
	"testing"
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
