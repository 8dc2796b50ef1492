package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAnEventHasOneOwner(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const hold, keep = 3 * time.Minute, 10 * time.Minute
		for i, step := range []struct {
			wait  time.Duration
			owner string
			done  bool // it says that it is done; otherwise it claims
			mine  bool
		}{
			{owner: "a", mine: true},
			{owner: "a"}, // brought to the same process twice
			{owner: "b"},
			{owner: "b", done: true},             // not b's to end
			{wait: hold, owner: "b", mine: true}, // a died
			{owner: "a", done: true},             // and was only slow: it is b's by now
			{wait: hold - time.Second, owner: "a"},
			{owner: "b", done: true},
			{wait: keep - time.Second, owner: "a"}, // Slack's last time is after five minutes
			{wait: time.Second, owner: "a", mine: true},
		} {
			b.clock.forward(step.wait)
			if step.done {
				must(t, b.EventDone(t.Context(), "Ev1", step.owner, keep))
				continue
			}
			if mine, err := b.ClaimEvent(t.Context(), "Ev1", step.owner, hold); err != nil || mine != step.mine {
				t.Fatalf("step %d: %s has it: %v, %v; want %v", i, step.owner, mine, err, step.mine)
			}
		}
		if mine, err := b.ClaimEvent(t.Context(), "Ev2", "b", hold); err != nil || !mine {
			t.Fatalf("another event: %v, %v", mine, err)
		}
	})
}

func TestAnEventThatComesToManyAtOnceIsOnes(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var won atomic.Int32
		var replicas sync.WaitGroup
		for n := range 8 {
			replicas.Go(func() {
				mine, err := b.ClaimEvent(t.Context(), "Ev1", fmt.Sprint("replica ", n), time.Minute)
				if err != nil {
					t.Error(err)
				}
				if mine {
					won.Add(1)
				}
			})
		}
		replicas.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of them have it", won.Load())
		}
	})
}

func TestEventsAreKnownAfterARestartAndForgottenInTheEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		value[bool](t)(b.ClaimEvent(t.Context(), "Ev1", "a", time.Minute))
		must(t, b.EventDone(t.Context(), "Ev1", "a", 10*time.Minute))
		b = b.reopened(t)
		b.clock.forward(5 * time.Minute)
		must(t, b.Expire(t.Context(), b.clock.Now()))
		if value[bool](t)(b.ClaimEvent(t.Context(), "Ev1", "restarted", time.Minute)) {
			t.Error("what was done before a restart is new after it")
		}
		must(t, b.Expire(t.Context(), b.clock.Now().Add(time.Hour))) // by a machine whose clock is ahead of the database's
		if value[bool](t)(b.ClaimEvent(t.Context(), "Ev1", "ahead", time.Minute)) {
			t.Error("what still holds is forgotten by a clock that is ahead")
		}
		b.clock.forward(5*time.Minute + keepEvents + time.Second)
		must(t, b.Expire(t.Context(), b.clock.Now()))
		var left int
		must(t, b.write.QueryRowContext(t.Context(), `select count(*) from events`).Scan(&left))
		if left != 0 {
			t.Errorf("%d are kept for ever", left)
		}
	})
}

func TestAnEventThatCannotBeClaimedIsSaidSo(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		value[any](t)(b.write.ExecContext(t.Context(), `drop table events`))
		if mine, err := b.ClaimEvent(t.Context(), "Ev1", "a", time.Minute); err == nil || mine {
			t.Errorf("claimed: %v, %v", mine, err)
		}
		if b.EventDone(t.Context(), "Ev1", "a", time.Minute) == nil {
			t.Error("done, and there is nothing that remembers it")
		}
	})
}
