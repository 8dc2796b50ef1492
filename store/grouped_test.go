package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/partners"
)

// keeper is a Store that notes what it is asked to keep.
type keeper struct {
	mu    sync.Mutex
	calls [][]partners.ProbeResult
	at    []time.Time
	spoil func(results []partners.ProbeResult) error
}

func (k *keeper) saveGroup(_ context.Context, results []partners.ProbeResult, passes []*calmPass) error {
	for _, p := range passes {
		p.kept = !p.result.At.IsZero()
		results = append(results, p.result)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls, k.at = append(k.calls, results), append(k.at, time.Now())
	if k.spoil == nil {
		return nil
	}
	return k.spoil(results)
}

func TestPassesWaitForEachOtherAndFailuresForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		g := newGrouped(k, 50*time.Millisecond)
		began := time.Now()
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				<-time.After(time.Duration(i) * time.Millisecond)
				must(t, g.SaveResults(t.Context(), []partners.ProbeResult{pass(fmt.Sprint(i), day, time.Second)}))
				if waited := time.Since(began); waited != 50*time.Millisecond {
					t.Errorf("a pass was kept after %v", waited)
				}
			})
		}
		all.Wait()
		if len(k.calls) != 1 || len(k.calls[0]) != 10 {
			t.Fatalf("kept as %v", k.calls)
		}
		all.Go(func() { must(t, g.SaveResults(t.Context(), []partners.ProbeResult{pass("a", day, 1)})) })
		synctest.Wait()
		failed := time.Now()
		must(t, g.SaveResults(t.Context(), []partners.ProbeResult{fail("b", day, partners.FailServer)}))
		all.Wait()
		if waited := time.Since(failed); waited != 0 || len(k.calls) != 2 || len(k.calls[1]) != 2 {
			t.Errorf("a failure waited for %v, and was kept as %v", waited, k.calls)
		}
		must(t, g.SaveResults(t.Context(), nil))
	})
}

// A group that is full waits for nobody, and what comes while it is kept is another's.
func TestAFullGroupIsKeptAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		g := newGrouped(k, time.Hour)
		began := time.Now()
		must(t, g.SaveResults(t.Context(), make([]partners.ProbeResult, mostGrouped)))
		if len(k.calls) != 1 || time.Since(began) != 0 {
			t.Errorf("%d calls after %v", len(k.calls), time.Since(began))
		}
	})
}

// What comes while a group is kept is one group, however much and for however long.
func TestGroupsGrowWhileTheDiskIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{spoil: func([]partners.ProbeResult) error { <-time.After(time.Second); return nil }}
		g := newGrouped(slowly{k}, 50*time.Millisecond)
		began := time.Now()
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				<-time.After(time.Duration(i) * 10 * time.Millisecond)
				must(t, g.SaveResults(t.Context(), []partners.ProbeResult{pass(fmt.Sprint(i), day, time.Second)}))
			})
		}
		all.Wait()
		if len(k.calls) != 2 || len(k.calls[0])+len(k.calls[1]) != 100 || time.Since(began) != 2050*time.Millisecond {
			t.Errorf("kept in %d groups after %v", len(k.calls), time.Since(began))
		}
	})
}

// slowly is a keeper that may be asked while it is at it.
type slowly struct{ *keeper }

// saveGroup takes as long as the spoiling does.
func (s slowly) saveGroup(_ context.Context, results []partners.ProbeResult, _ []*calmPass) error {
	s.mu.Lock()
	s.calls = append(s.calls, results)
	s.mu.Unlock()
	return s.spoil(results)
}

// What spoils the keeping of one result is told to its caller alone.
func TestOneOfAGroupSpoilsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		odd := errors.New("this one cannot be kept")
		k := &keeper{spoil: func(results []partners.ProbeResult) error {
			for _, r := range results {
				if r.Probe == "odd" {
					return odd
				}
			}
			return nil
		}}
		g := newGrouped(k, time.Second)
		var all sync.WaitGroup
		for _, probe := range []string{"a", "odd", "b"} {
			all.Go(func() {
				err := g.SaveResults(t.Context(), []partners.ProbeResult{pass(probe, day, 1)})
				if errors.Is(err, odd) != (probe == "odd") {
					t.Errorf("%s: %v", probe, err)
				}
			})
		}
		all.Wait()
		if len(k.calls) != 4 {
			t.Errorf("%d calls, want one for all and one for each", len(k.calls))
		}
	})
}

// A panic is of who keeps the group, and the others keep what is theirs.
func TestAPanicKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first atomic.Bool
		k := &keeper{spoil: func([]partners.ProbeResult) error {
			if first.CompareAndSwap(false, true) {
				panic("a mistake of ours")
			}
			return nil
		}}
		g := newGrouped(k, time.Second)
		var all sync.WaitGroup
		all.Go(func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_ = g.SaveResults(t.Context(), []partners.ProbeResult{pass("a", day, 1)})
		})
		synctest.Wait()
		all.Go(func() { must(t, g.SaveResults(t.Context(), []partners.ProbeResult{pass("b", day, 1)})) })
		all.Wait()
		if len(k.calls) != 2 || len(k.calls[1]) != 1 {
			t.Errorf("kept %v", k.calls)
		}
	})
}

// Who is told to stop stops, and what the others gave is kept all the same.
func TestStoppingOneOfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		g := newGrouped(k, time.Hour)
		first, stopFirst := context.WithCancel(t.Context())
		second, stopSecond := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { must(t, g.SaveResults(first, []partners.ProbeResult{pass("a", day, 1)})) })
		synctest.Wait()
		all.Go(func() {
			if err := g.SaveResults(second, []partners.ProbeResult{pass("b", day, 1)}); !errors.Is(err, context.Canceled) {
				t.Errorf("told to stop: %v", err)
			}
		})
		all.Go(func() { must(t, g.SaveResults(t.Context(), []partners.ProbeResult{pass("c", day, 1)})) })
		synctest.Wait()
		stopSecond()
		synctest.Wait()
		stopFirst()
		all.Wait()
		if len(k.calls) != 1 || len(k.calls[0]) != 3 {
			t.Errorf("kept %v", k.calls)
		}
	})
}

func TestGroupsAreKeptForGood(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		g := b.Grouped(20 * time.Millisecond)
		var all sync.WaitGroup
		for i := range 40 {
			for n := range 5 {
				all.Go(func() {
					must(t, g.SaveResults(t.Context(), []partners.ProbeResult{pass(fmt.Sprint("p", i), day.Add(minutes(n)), time.Second)}))
				})
			}
		}
		all.Wait()
		b = b.reopened(t)
		for i := range 40 {
			wantRuns(t, stats(t, b.Store, fmt.Sprint("p", i), day, day.Add(time.Hour)), 5, 5)
		}
	})
}
