package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestALeaseHasOneHolder(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for i, step := range []struct {
			owner   string
			release bool
			wait    time.Duration
			held    bool
			epoch   int64
		}{
			{owner: "a", held: true, epoch: 1},
			{owner: "b"},
			{owner: "a", wait: 9 * time.Second, held: true, epoch: 1}, // renewed
			{owner: "b", wait: 9 * time.Second},
			{owner: "b", wait: time.Second, held: true, epoch: 2}, // ran out
			{owner: "a"},
			{owner: "a", release: true}, // not a's to give
			{owner: "a"},
			{owner: "b", release: true},
			{owner: "a", held: true, epoch: 3},
		} {
			b.clock.forward(step.wait)
			if step.release {
				must(t, b.Release(t.Context(), "jobs", step.owner))
				continue
			}
			epoch, held, err := b.Acquire(t.Context(), "jobs", step.owner, 10*time.Second)
			if err != nil || held != step.held || epoch != step.epoch {
				t.Fatalf("step %d: epoch %d, held %v, %v; want %d, %v", i, epoch, held, err, step.epoch, step.held)
			}
		}
		if _, held, err := b.Acquire(t.Context(), "another", "b", time.Second); err != nil || !held {
			t.Fatalf("another lease: %v, %v", held, err)
		}
	})
}

func TestDueTimesOutliveTheProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.SaveDueTimes(t.Context(), map[string]time.Time{"a": day, "b": day}))
		must(t, b.SaveDueTimes(t.Context(), map[string]time.Time{"b": day.Add(time.Hour)}))
		b = b.reopened(t)
		want := map[string]time.Time{"a": day, "b": day.Add(time.Hour)}
		if diff := cmp.Diff(want, value[map[string]time.Time](t)(b.DueTimes(t.Context()))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARestartNeedNotWaitForALeaseOfItsOwnFile(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		value[int64](t)(first(b.Acquire(t.Context(), "jobs", "killed", 15*time.Second)))
		b = b.reopened(t)
		epoch, held, err := b.Acquire(t.Context(), "jobs", "restarted", 15*time.Second)
		must(t, err)
		if held == b.shared {
			t.Fatalf("held %v, epoch %d: a file has no other process that could hold it, a server may have", held, epoch)
		}
		if held && epoch != 2 {
			t.Errorf("epoch %d: what the dead process has under way cannot be told from what is done now", epoch)
		}
	})
}

func first(epoch int64, _ bool, err error) (int64, error) { return epoch, err }
