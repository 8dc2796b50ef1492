package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"sparky/incidents"
)

// holdingUp keeps the one that decides waiting until release, so that others queue behind it.
func holdingUp(t *testing.T, b bench) (release func()) {
	t.Helper()
	began, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		defer close(ended)
		must(t, b.Decide(t.Context(), "acme", func(*incidents.Ledger) ([]incidents.Effect, error) {
			once.Do(func() { close(began) })
			<-end
			return nil, nil
		}))
	}()
	<-began
	return func() { close(end); <-ended }
}

// queued waits until so many decisions wait for their turn.
func queued(t *testing.T, b bench, n int) {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; runtime.Gosched() {
		b.asks.mu.Lock()
		waiting := 0
		if all := b.asks.waiting[askKey{partner: "acme"}]; all != nil {
			waiting = all.callers
		}
		b.asks.mu.Unlock()
		if waiting == n {
			return
		}
	}
	t.Fatalf("never are %d waiting", n)
}

func stands(probe string, passes int) incidents.ProbeState {
	return incidents.ProbeState{Partner: "acme", Probe: probe, Passes: passes, Since: day}
}

// Decisions that wait are made one after the other, each on what the one before left, and all are kept with their effects.
func TestDecisionsThatWaitAreMadeTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		release := holdingUp(t, b)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				must(t, b.Decide(t.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
					if len(l.Acts) > 0 {
						t.Error("it is shown the acts of another")
					}
					l.Acts = append(l.Acts, incidents.Act{Partner: "acme", Did: incidents.DidOpen, Target: fmt.Sprint("act ", i), At: day})
					l.Probes["acme/api"] = stands("api", l.Probes["acme/api"].Passes+1)
					return []incidents.Effect{deed(fmt.Sprint("effect ", i))}, nil
				}))
			})
			queued(t, b, i+1)
		}
		release()
		all.Wait()
		if got := ledger(t, b.Store, "acme").Probes["acme/api"].Passes; got != 20 {
			t.Errorf("%d decisions are kept", got)
		}
		if due := value[Backlog](t)(b.Backlog(t.Context(), "")); due.Due != 20 {
			t.Errorf("%d effects", due.Due)
		}
	})
}

// One that is refused, and one that panics, keep nothing and take nobody with them.
func TestOneThatWaitsSpoilsNoOther(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		release := holdingUp(t, b)
		refused := errors.New("refused")
		var all sync.WaitGroup
		decide := func(n int, probe string, end func() error) {
			all.Go(func() {
				defer func() {
					if (recover() != nil) != (probe == "panics") {
						t.Errorf("%s: a panic is where it does not belong", probe)
					}
				}()
				err := b.Decide(t.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
					l.Probes["acme/"+probe] = stands(probe, 1)
					return []incidents.Effect{deed(probe)}, end()
				})
				if errors.Is(err, refused) != (probe == "refused") {
					t.Errorf("%s: %v", probe, err)
				}
			})
			queued(t, b, n)
		}
		decide(1, "first", func() error { return nil })
		decide(2, "refused", func() error { return refused })
		decide(3, "panics", func() error { panic("a nil map") })
		decide(4, "last", func() error { return nil })
		release()
		all.Wait()
		kept := ledger(t, b.Store, "acme").Probes
		if len(kept) != 2 || kept["acme/first"].Passes != 1 || kept["acme/last"].Passes != 1 {
			t.Errorf("kept %v", kept)
		}
		if due := value[Backlog](t)(b.Backlog(t.Context(), "")); due.Due != 2 {
			t.Errorf("%d effects", due.Due)
		}
	})
}

// Who is told to stop while it waits decides nothing; where it is the first, the others decide all the same.
func TestStoppingOneThatWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		release := holdingUp(t, b)
		var all sync.WaitGroup
		stops := map[string]context.CancelFunc{}
		for i, probe := range []string{"leads", "stops", "stays"} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stops[probe] = cancel
			all.Go(func() {
				err := b.Decide(ctx, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
					l.Probes["acme/"+probe] = stands(probe, 1)
					return nil, nil
				})
				if (err == nil) != (probe == "stays") {
					t.Errorf("%s: %v", probe, err)
				}
			})
			queued(t, b, i+1)
		}
		stops["stops"]()
		queued(t, b, 2)
		stops["leads"]()
		release()
		all.Wait()
		if kept := ledger(t, b.Store, "acme").Probes; len(kept) != 1 || kept["acme/stays"].Passes != 1 {
			t.Errorf("kept %v", kept)
		}
	})
}

// What was read before is not decoded again, and never taken for what another process wrote since.
func TestStatesFollowTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			l.Probes["acme/api"] = stands("api", 1)
			return nil, nil
		})
		ledger(t, b.Store, "acme")
		_, err := b.write.ExecContext(t.Context(), `update probe_states set body = replace(body, '"passes":1', '"passes":7')`)
		must(t, err)
		if got := ledger(t, b.Store, "acme").Probes["acme/api"].Passes; got != 7 {
			t.Errorf("%d passes, and the database says 7", got)
		}
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			delete(l.Probes, "acme/api")
			return nil, nil
		})
		if left := ledger(t, b.Store, "acme").Probes; len(left) != 0 {
			t.Errorf("left %v", left)
		}
	})
}
