package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/scheduler"
)

// room is a carrier with room for so many.
type room struct {
	left   int
	handed []scheduler.Effect
	back   []scheduler.Effect
}

func (r *room) TakeUp(string, string) (time.Duration, bool) {
	if r.left == 0 {
		return 0, false
	}
	r.left--
	return time.Minute, true
}

func (r *room) HandOver(effect scheduler.Effect, _ time.Time) { r.handed = append(r.handed, effect) }

func (r *room) PutBack(effect scheduler.Effect, _ time.Time) {
	r.left++
	r.back = append(r.back, effect)
}

// calls decides that these are to be done.
func (b bench) calls(t *testing.T, effects ...incidents.Effect) error {
	t.Helper()
	return b.Decide(t.Context(), "acme", func(*incidents.Ledger) ([]incidents.Effect, error) { return effects, nil })
}

func keysOf(effects []scheduler.Effect) string {
	var keys []string
	for _, e := range effects {
		keys = append(keys, e.Key)
	}
	return strings.Join(keys, " ")
}

func TestWhatADecisionCallsForIsHandedOver(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := &room{left: 2}
		b.carrier = r
		later := deed("later")
		later.After = day.Add(time.Hour)
		must(t, b.calls(t, later, deed("one"), picture("two", "old"), deed("three"), picture("two", "new")))
		if keysOf(r.handed) != "one two" || r.left != 0 || len(r.back) > 0 {
			t.Fatalf("handed over %+v, put back %+v, room for %d", r.handed, r.back, r.left)
		}
		if two := r.handed[1]; string(two.Payload) != `"new"` || two.Revision != 2 || !two.Picture || two.Attempts != 1 {
			t.Errorf("%+v", two)
		}
		if due := claim(t, b.Store, "deed", 9); keysOf(due) != "three" {
			t.Errorf("due are %s", keysOf(due))
		}
		for _, e := range r.handed {
			finish(t, b.Store, e, scheduler.Outcome{Done: true, Result: []byte("x")})
		}
		// A deed that is done is done, and a picture that was drawn waits to be drawn anew.
		r.left, r.handed = 2, nil
		must(t, b.calls(t, deed("one"), picture("two", "newest")))
		if len(r.handed) > 0 || r.left != 2 {
			t.Errorf("handed over %+v, room for %d", r.handed, r.left)
		}
		if due := claim(t, b.Store, "picture", 9); keysOf(due) != "two" || string(due[0].Previous) != "x" {
			t.Errorf("due are %+v", due)
		}
		b.clock.forward(2 * time.Minute)
		if due := claim(t, b.Store, "deed", 9); keysOf(due) != "three" || !due[0].Unsettled {
			t.Errorf("after the claims ran out %+v", due)
		}
	})
}

func TestAClaimThatIsHandedOverRunsOut(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.carrier = &room{left: 1}
		must(t, b.calls(t, deed("one")))
		if due := claim(t, b.Store, "deed", 9); len(due) > 0 {
			t.Fatalf("claimed by another: %+v", due)
		}
		b.clock.forward(time.Minute)
		if due := claim(t, b.Store, "deed", 9); len(due) != 1 || !due[0].Unsettled || due[0].Age != time.Minute || due[0].Attempts != 1 {
			t.Errorf("%+v", due)
		}
	})
}

func TestWhatIsNotKeptIsPutBack(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r, mistake := &room{left: 1}, errors.New("no")
		b.carrier = r
		err := b.Decide(t.Context(), "acme", func(*incidents.Ledger) ([]incidents.Effect, error) { return []incidents.Effect{deed("one")}, mistake })
		if !errors.Is(err, mistake) || r.left != 1 || len(r.back) > 0 {
			t.Errorf("a decision that was refused: %v, %+v", err, r)
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = b.Decide(ctx, "acme", func(*incidents.Ledger) ([]incidents.Effect, error) {
			defer cancel()
			return []incidents.Effect{deed("one")}, nil
		})
		if !errors.Is(err, context.Canceled) || r.left != 1 || len(r.handed) > 0 {
			t.Errorf("one that was called off: %v, %+v", err, r)
		}
		must(t, b.calls(t, deed("one")))
		if keysOf(r.handed) != "one" {
			t.Errorf("made again: %+v", r)
		}
	})
}

// TestWhatMayHaveBeenKeptIsPutBackUnderItsClaim is of a commit of which nobody knows how it ended.
func TestWhatMayHaveBeenKeptIsPutBackUnderItsClaim(t *testing.T) {
	r := &room{left: 2}
	s := &Store{carrier: r, owner: "me"}
	by := s.newHand()
	if own := by.takeUp(deed("undone"), day); own.claim == 0 || own.owner != "me" || own.until != day.Add(time.Minute).UnixMilli() {
		t.Errorf("%+v", own)
	}
	by.drop()
	by.takeUp(deed("unknown"), day)
	by.recorded(deed("unknown"), recording{1, true})
	by.settle(io.ErrUnexpectedEOF)
	by.drop()
	if len(r.back) != 2 || r.back[0].Claim != 0 || r.back[1].Claim == 0 || r.back[1].Key != "unknown" || r.left != 2 {
		t.Errorf("%+v", r)
	}
}

func TestWhatMayHaveBeenDoneBeforeABackupIsNotHandedOver(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := &room{left: 1}
		b.carrier = r
		must(t, b.markRestored(t.Context(), day))
		must(t, b.calls(t, deed("one")))
		if due := claim(t, b.Store, "deed", 9); len(r.handed) > 0 || r.left != 1 || len(due) != 1 || !due[0].Unsettled {
			t.Errorf("%+v, due %+v", r, due)
		}
		b.clock.forward(25 * time.Hour)
		must(t, b.calls(t, deed("two")))
		if keysOf(r.handed) != "two" {
			t.Errorf("a day later: %+v", r)
		}
	})
}

// TestADispatcherCarriesOutWhatItIsHanded has many decisions at once, with less room than they call for.
func TestADispatcherCarriesOutWhatItIsHanded(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const decisions = 20
		done := make(told, 2*decisions)
		d := scheduler.NewDispatcher(b.Store, map[string]scheduler.Route{"deed": {Performer: done, Concurrency: 2, Urgent: true}}, scheduler.Options{Woken: b.Recorded()})
		b.HandTo(d)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		var group sync.WaitGroup
		for i := range decisions {
			group.Go(func() { must(t, b.calls(t, deed(fmt.Sprint(i)), deed(fmt.Sprint(i, " too")))) })
		}
		group.Wait()
		for range 2 * decisions {
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("something was not done")
			}
		}
		cancel()
		must(t, <-ended)
		if len(done) > 0 {
			t.Error("something was done twice")
		}
		if left := value[map[string]time.Duration](t)(b.Due(t.Context())); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
