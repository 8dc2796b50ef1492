package scheduler

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func card(o *outside) map[string]Route {
	return map[string]Route{"card": {Performer: o, Settle: 10 * time.Second, Timeout: 5 * time.Second, Concurrency: 4}}
}

func TestTenChangesWhileItIsDrawnAreOneMoreDrawing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{takes: always(time.Second)}
		s := run(t, card(o), Options{})
		s.record("card", "c", "0", true)
		synctest.Wait()
		for i := range 10 {
			s.record("card", "c", fmt.Sprint(i+1), true)
		}
		after(10 * time.Second)
		s.wantDone(t, "c")
		if o.seen().attempts != 2 || o.count("c") != 1 || o.shows("c#1") != "10" {
			t.Errorf("%d drawings of %d cards, the last shows %q", o.seen().attempts, o.count("c"), o.shows("c#1"))
		}
		s.record("card", "c", "11", true)
		after(5 * time.Second)
		if o.seen().attempts != 3 || o.count("c") != 1 || o.shows("c#1") != "11" {
			t.Errorf("%d drawings of %d cards, the last shows %q", o.seen().attempts, o.count("c"), o.shows("c#1"))
		}
	})
}

// slowToSay is a memory that keeps how a claim ended at once, and says so a while later, as one behind a network does.
type slowToSay struct{ *memory }

func (q slowToSay) Finish(ctx context.Context, effect Effect, outcome Outcome) error {
	err := q.memory.Finish(ctx, effect, outcome)
	<-time.After(time.Second)
	return err
}

func TestAChangeThatIsClaimedBeforeTheLastDrawingIsPutDownHereIsDrawnThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue, o := newMemory(), &outside{takes: always(time.Second)}
		ctx, cancel := context.WithCancel(t.Context())
		d, ended := NewDispatcher(slowToSay{queue}, card(o), Options{}), make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		queue.record("card", "c", "opened", true)
		d.Wake()
		after(500 * time.Millisecond)
		queue.record("card", "c", "verdict", true)
		after(time.Second) // the first drawing is done, and its end is known to the queue alone
		d.Wake()
		after(4 * time.Second)
		if o.seen().attempts != 2 || o.shows("c#1") != "verdict" || o.seen().finds != 0 {
			t.Errorf("%d drawings, the last shows %q, after %d look-ups", o.seen().attempts, o.shows("c#1"), o.seen().finds)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAPictureOfUnknownOutcomeIsNotMadeTwice(t *testing.T) {
	for name, c := range map[string]struct {
		answer  error
		redrawn bool
	}{
		"made": {errLost, false}, "made, and changed since": {errLost, true}, "not made": {fail{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outside{lag: 8 * time.Second, respond: func(attempt int) error {
					if attempt == 1 {
						return c.answer
					}
					return nil
				}}
				s := run(t, card(o), Options{})
				s.record("card", "c", "old", true)
				synctest.Wait()
				want := "old"
				if c.redrawn {
					want = "new"
					s.record("card", "c", want, true)
				}
				after(11 * time.Second)
				s.wantDone(t, "c")
				if o.count("c") != 1 || o.shows("c#1") != want || o.seen().finds != 1 {
					t.Errorf("%d cards showing %q after %d look-ups, want one showing %q", o.count("c"), o.shows("c#1"), o.seen().finds, want)
				}
			})
		})
	}
}

func TestAnEditOfUnknownOutcomeIsRepeatedOnceSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{respond: func(attempt int) error {
			if attempt == 2 {
				return fail{}
			}
			return nil
		}}
		s := run(t, card(o), Options{})
		s.record("card", "c", "one", true)
		after(time.Second)
		s.record("card", "c", "two", true)
		after(9 * time.Second)
		if o.seen().attempts != 2 {
			t.Fatal("repeated while the first edit may still land on top of it")
		}
		after(2 * time.Second)
		s.wantDone(t, "c")
		if o.seen().finds != 0 || o.seen().attempts != 3 || o.shows("c#1") != "two" || o.count("c") != 1 {
			t.Errorf("%d look-ups, %d attempts, shows %q", o.seen().finds, o.seen().attempts, o.shows("c#1"))
		}
	})
}
