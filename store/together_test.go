package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// awaitCallers waits until so many have joined a party.
func awaitCallers[K comparable, A any](t *testing.T, all *together[K, A], p *party[A], n int) {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; runtime.Gosched() {
		all.mu.Lock()
		callers := p.callers
		all.mu.Unlock()
		if callers == n {
			return
		}
	}
	t.Fatalf("never are %d together", n)
}

// ring is a together whose turn comes when it is told so, and what was done at each turn.
type ring struct {
	together[string, int]
	turn chan struct{}
	done [][]int
	end  func(all []int) error
}

func newRing() *ring {
	return &ring{turn: make(chan struct{}), end: func([]int) error { return nil }}
}

func (r *ring) ask(ctx context.Context, key string, asked ...int) error {
	mine, before := r.join(key, asked...)
	if before > 0 {
		return mine.await(ctx)
	}
	return r.lead(key, mine, func(take func() []int) error {
		select {
		case <-r.turn:
		case <-ctx.Done():
			return ctx.Err() // no turn comes
		}
		all := take()
		r.done = append(r.done, all)
		return r.end(all)
	})
}

// The first that comes does it for all who ask under the same key until its turn, in their order; whoever comes later is of
// the next.
func TestTheFirstDoesItForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing()
		var all sync.WaitGroup
		for _, asked := range [][]int{{1, 2}, {3}, {4, 5}} {
			all.Go(func() { must(t, r.ask(t.Context(), "a", asked...)) })
			synctest.Wait()
		}
		for key, asked := range map[string]int{"b": 6} {
			all.Go(func() { must(t, r.ask(t.Context(), key, asked)) })
			synctest.Wait()
		}
		r.turn <- struct{}{} // either has its own
		r.turn <- struct{}{}
		all.Wait()
		slices.SortFunc(r.done, func(a, b []int) int { return a[0] - b[0] })
		if got := fmt.Sprint(r.done); got != "[[1 2 3 4 5] [6]]" {
			t.Errorf("done is %s", got)
		}
		all.Go(func() { must(t, r.ask(t.Context(), "a", 7)) })
		r.turn <- struct{}{}
		all.Wait()
		if len(r.done) != 3 || len(r.waiting) != 0 {
			t.Errorf("done is %v, and %d wait", r.done, len(r.waiting))
		}
	})
}

// Who comes while it is done is of the next party, which its own first leads.
func TestWhoComesMeanwhileIsOfTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing()
		hold := make(chan struct{})
		r.end = func(all []int) error {
			if all[0] == 1 {
				<-hold
			}
			return nil
		}
		var all sync.WaitGroup
		all.Go(func() { must(t, r.ask(t.Context(), "a", 1)) })
		r.turn <- struct{}{}
		for n := range 2 {
			all.Go(func() { must(t, r.ask(t.Context(), "a", 2+n)) })
			synctest.Wait()
		}
		close(hold)
		r.turn <- struct{}{}
		all.Wait()
		if got := fmt.Sprint(r.done); got != "[[1] [2 3]]" {
			t.Errorf("done is %s", got)
		}
	})
}

// What goes wrong for one is its own; for several, each is to do it alone.
func TestWhatGoesWrongForSeveral(t *testing.T) {
	odd := errors.New("this one is odd")
	for callers, want := range map[int]error{1: odd, 3: errAlone} {
		synctest.Test(t, func(t *testing.T) {
			r := newRing()
			r.end = func([]int) error { return odd }
			var all sync.WaitGroup
			for n := range callers {
				all.Go(func() {
					if err := r.ask(t.Context(), "a", n); !errors.Is(err, want) {
						t.Errorf("one of %d hears %v", callers, err)
					}
				})
			}
			synctest.Wait()
			r.turn <- struct{}{}
			all.Wait()
		})
	}
}

// A panic is of who leads, before its turn and at it, and the others hear of it.
func TestAPanicIsOfWhoLeads(t *testing.T) {
	for _, taken := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var r together[string, int]
			lead, before := r.join("a", 1)
			second, after := r.join("a", 2)
			if before != 0 || after != 1 || lead != second {
				t.Fatalf("the first finds %d, the second %d", before, after)
			}
			var other error
			var all sync.WaitGroup
			all.Go(func() { other = second.await(t.Context()) })
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic is lost")
					}
				}()
				_ = r.lead("a", lead, func(take func() []int) error {
					if taken {
						take()
					}
					panic("a nil map")
				})
			}()
			all.Wait()
			if !errors.Is(other, errAlone) || len(r.waiting) != 0 {
				t.Errorf("the other hears %v; %d wait", other, len(r.waiting))
			}
		})
	}
}

// Who leads and has no turn leaves nobody waiting, and nobody joins what is over.
func TestATurnThatNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing()
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for n := range 2 {
			all.Go(func() {
				if err := r.ask(ctx, "a", n); !errors.Is(err, errAlone) && !errors.Is(err, context.Canceled) {
					t.Errorf("%d hears %v", n, err)
				}
			})
			synctest.Wait()
		}
		stop()
		all.Wait()
		if _, before := r.join("a", 3); before != 0 || len(r.done) != 0 {
			t.Errorf("who comes then finds %d, and done is %v", before, r.done)
		}
	})
}

// What is withdrawn before its turn is not done, and what is under way is not withdrawn.
func TestLeaving(t *testing.T) {
	var r together[string, int]
	is := func(n int) func(int) bool { return func(m int) bool { return m == n } }
	lead, _ := r.join("a", 1)
	second, _ := r.join("a", 2)
	third, _ := r.join("a", 3)
	if !r.leave("a", second, is(2)) || r.leave("a", second, is(2)) || r.leave("b", third, is(3)) {
		t.Error("one leaves once, and from where it is")
	}
	odd := errors.New("odd")
	err := r.lead("a", lead, func(take func() []int) error {
		got := take()
		if !slices.Equal(got, []int{1, 3}) || !slices.Equal(take(), got) {
			t.Errorf("done is %v", got)
		}
		if r.leave("a", third, is(3)) {
			t.Error("what is under way is withdrawn")
		}
		later, before := r.join("a", 4)
		if before != 0 || later == lead {
			t.Error("who comes later joins what is under way")
		}
		return odd
	})
	if !errors.Is(err, errAlone) || !errors.Is(third.await(t.Context()), errAlone) {
		t.Errorf("two that are left hear %v", err)
	}
	if len(r.waiting) != 1 {
		t.Errorf("%d wait; want the one that came later", len(r.waiting))
	}
}

// Who leads is told once that nobody else is to be waited for, however many say so.
func TestRushing(t *testing.T) {
	var r together[string, int]
	p, _ := r.join("a", 1)
	select {
	case <-p.hurry:
		t.Error("it is in a hurry before anybody said so")
	default:
	}
	r.rush(p)
	r.rush(p)
	<-p.hurry
}

// Side by side nothing is lost and nothing is done twice.
func TestTogetherSideBySide(t *testing.T) {
	var r together[int, int]
	var mu sync.Mutex
	seen := map[int]int{}
	var all sync.WaitGroup
	for n := range 2000 {
		all.Go(func() {
			mine, before := r.join(n%3, n)
			if before > 0 {
				must(t, mine.await(t.Context()))
				return
			}
			must(t, r.lead(n%3, mine, func(take func() []int) error {
				runtime.Gosched()
				mu.Lock()
				defer mu.Unlock()
				for _, one := range take() {
					seen[one]++
				}
				return nil
			}))
		})
	}
	all.Wait()
	for n := range 2000 {
		if seen[n] != 1 {
			t.Errorf("%d was done %d times", n, seen[n])
		}
	}
}

func TestAFullPartyTakesNobody(t *testing.T) {
	all := together[string, int]{most: 3}
	full, _ := all.join("x", 1, 2)
	if p, before := all.join("x", 3, 4); p != full || before != 2 {
		t.Errorf("the last that it takes is of another, or comes as number %d", before)
	}
	next, before := all.join("x", 5)
	if next == full || before != 0 {
		t.Fatalf("who comes later is of the full one, as number %d", before)
	}
	if got := all.take("x", full); !slices.Equal(got, []int{1, 2, 3, 4}) {
		t.Errorf("the full one has %v", got)
	}
	if p, before := all.join("x", 6); p != next || before != 1 {
		t.Errorf("the end of the full one ended the next, or %d were before", before)
	}
}
