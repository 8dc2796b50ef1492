package scheduler

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// More runs than may be young at once begin later, and all of them run.
func TestACrowdBeginsByAndBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most, ran atomic.Int64
		slow := func(context.Context) error {
			for n := now.Add(1); ; {
				if at := most.Load(); n <= at || most.CompareAndSwap(at, n) {
					break
				}
			}
			<-time.After(100 * time.Millisecond)
			now.Add(-1)
			ran.Add(1)
			return nil
		}
		var jobs []Job
		for i := range 5 * mostYoung {
			jobs = append(jobs, Job{Name: fmt.Sprint(i), Every: time.Hour, FirstDue: time.Now().Add(time.Second), Run: slow})
		}
		if err := during(t, newJobs(t, JobOptions{}, jobs...), 3*time.Second); err != nil {
			t.Fatal(err)
		}
		if ran.Load() != 5*mostYoung || most.Load() > mostYoung {
			t.Errorf("%d of %d ran, %d at once", ran.Load(), 5*mostYoung, most.Load())
		}
	})
}

// Runs that wait for somebody outside keep nobody from beginning.
func TestHangingRunsAreNoCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var began atomic.Int64
		hangs := func(ctx context.Context) error { began.Add(1); <-ctx.Done(); return ctx.Err() }
		var jobs []Job
		for i := range 3 * mostYoung {
			jobs = append(jobs, Job{Name: fmt.Sprint(i), Every: time.Hour, FirstDue: time.Now().Add(time.Second), Run: hangs})
		}
		d, start := &diary{}, time.Now()
		jobs = append(jobs, Job{Name: "last", Every: time.Hour, FirstDue: start.Add(1001 * time.Millisecond), Run: d.run})
		if err := during(t, newJobs(t, JobOptions{}, jobs...), 3*time.Second); err != nil {
			t.Fatal(err)
		}
		if began.Load() != 3*mostYoung || len(d.runs()) != 1 || d.runs()[0].Sub(start) > time.Second+4*youngFor {
			t.Errorf("%d of %d began, the last one %v", began.Load(), 3*mostYoung, d.runs())
		}
	})
}

func TestRoomInACrowd(t *testing.T) {
	var c crowd
	at := time.Now()
	c.begin(at, mostYoung-10)
	c.begin(at.Add(youngFor/2), 10)
	for _, want := range []struct {
		after time.Duration
		room  int
	}{{youngFor / 2, 0}, {youngFor - 1, 0}, {youngFor, mostYoung - 10}, {2 * youngFor, mostYoung}} {
		if got := c.room(at.Add(want.after)); got != want.room {
			t.Errorf("after %v there is room for %d, want %d", want.after, got, want.room)
		}
	}
	first := c.begin(at, 2)
	first.ended()
	if got := c.room(at); got != mostYoung-1 {
		t.Errorf("room for %d where one goes on", got)
	}
	first.ended()
	if got := c.room(at); got != mostYoung || len(c.batches) != 0 {
		t.Errorf("room for %d, %d batches where none goes on", got, len(c.batches))
	}
}
