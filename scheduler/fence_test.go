package scheduler

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

func TestWhatALeaderDoesIsUnderItsFence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if f, ok := FenceOf(t.Context()); ok {
			t.Errorf("a request of nobody's lease is under %+v", f)
		}
		r := &registry{}
		var seen []Fence
		ctx, cancel := context.WithCancel(t.Context())
		for _, owner := range []string{"a", "b", "b"} {
			lease := Lease{Leases: r, Name: "jobs", Owner: owner, TTL: 6 * time.Second}
			leading, end := context.WithCancel(ctx)
			err := lease.Hold(leading, func(ctx context.Context, epoch int64) error {
				f, _ := FenceOf(context.WithoutCancel(ctx))
				if f.Epoch != epoch {
					t.Errorf("%+v in epoch %d", f, epoch)
				}
				seen = append(seen, f)
				end()
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		cancel()
		if got := fmt.Sprint(seen); got != "[{jobs a 1} {jobs b 2} {jobs b 3}]" {
			t.Errorf("led under %s", got)
		}
	})
}

// raft notes when it drifts.
type raft struct{ drifting, times int }

func (r *raft) adrift(ctx context.Context) {
	r.drifting++
	r.times++
	<-ctx.Done()
	r.drifting--
}

func TestALeaderThatIsCutOffDriftsUntilItsKeeperIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, all := &registry{}, &reigns{}
		float, other := &raft{}, &raft{}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		replica := func(owner string, on *raft) {
			go func() {
				ended <- Lease{Leases: r, Name: "jobs", Owner: owner, TTL: 6 * time.Second, Adrift: on.adrift}.Hold(ctx, all.lead(owner))
			}()
			synctest.Wait()
		}
		replica("a", float)
		replica("b", other)
		after(time.Minute)
		all.want(t, "a", "a1")

		r.cutAll(errors.New("no route"))
		after(5 * time.Second)
		all.want(t, "", "a1")
		after(10 * time.Minute)
		if float.drifting != 1 || float.times != 1 || other.times != 0 {
			t.Errorf("the one that led drifts %d, the other one %d", float.drifting, other.times)
		}
		// The one that led asks twice before the others do, whenever its keeper is back.
		r.cutAll(nil)
		after(3 * time.Second)
		if float.drifting != 0 {
			t.Error("it drifts although its keeper answers")
		}
		after(time.Minute)
		if leads := fmt.Sprint(all.leading); leads != "[a]" && leads != "[b]" || all.overlap {
			t.Errorf("%s lead", leads)
		}
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestWhoseLeaseWasTakenDoesNotDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, all, float := &registry{}, &reigns{}, &raft{}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- Lease{Leases: r, Name: "jobs", Owner: "a", TTL: 6 * time.Second, Adrift: float.adrift}.Hold(ctx, all.lead("a"))
		}()
		after(time.Second)
		r.mu.Lock()
		r.owner, r.epoch = "b", 2 // as after a pause of a
		r.mu.Unlock()
		after(4 * time.Second)
		all.want(t, "", "a1")
		if float.times != 0 {
			t.Error("it drifts although another one leads")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// cutAll cuts both replicas off, or none.
func (r *registry) cutAll(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hangs, r.cutOff = nil, nil
	if err != nil {
		r.cutOff = map[string]error{"a": err, "b": err}
	}
}

// TestAPausedProcessDoesNotBeginLate holds up the claim of an effect for longer than its attempt may take, as a pause of
// the process does: nothing of it may happen then, because others look it up meanwhile.
func TestAPausedProcessDoesNotBeginLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := 0
		d := NewDispatcher(newMemory(), nil, Options{})
		route := Route{Performer: performing(func() { done++ }), Timeout: 10 * time.Second}.withDefaults()
		began := time.Now()
		after(9 * time.Second)
		if out := d.do(t.Context(), Effect{Key: "in time"}, route, began); !out.Done || done != 1 {
			t.Errorf("%+v, done %d times", out, done)
		}
		after(time.Second)
		if out := d.do(t.Context(), Effect{Key: "late"}, route, began); out.Done || out.Unsettled || done != 1 {
			t.Errorf("%+v, done %d times", out, done)
		}
	})
}

// TestASuspendedMachineDoesNotBeginLate holds that a sleep of the machine counts as a pause, though the monotonic clock knows
// nothing of it.
func TestASuspendedMachineDoesNotBeginLate(t *testing.T) {
	for _, c := range []struct {
		name  string
		slept time.Duration
		done  int
	}{
		{"a nap", 10 * time.Second, 1},
		{"a sleep", 10 * time.Minute, 0},
		{"the clock was set back", -time.Hour, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			done := 0
			d := NewDispatcher(newMemory(), nil, Options{})
			route := Route{Performer: performing(func() { done++ }), Timeout: time.Minute}.withDefaults()
			if out := d.do(t.Context(), Effect{Key: "a"}, route, beforeSleep(c.slept)); out.Done != (c.done == 1) || out.Unsettled || done != c.done {
				t.Errorf("%+v, done %d times", out, done)
			}
		})
	}
}

// beforeSleep is the moment just before the machine slept for so long: the wall clock went on since, and the monotonic one,
// which is the second word of a time.Time, stood still.
func beforeSleep(slept time.Duration) time.Time {
	at := time.Now().Add(-slept)
	(*[2]int64)(unsafe.Pointer(&at))[1] += int64(slept)
	return at
}

type performing func()

func (p performing) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	p()
	return nil, nil
}

func (performing) Find(context.Context, string, []byte) ([]byte, bool, error) {
	return nil, false, nil
}
