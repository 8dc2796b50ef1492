package scheduler

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestACrewRunsEverythingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		c := newCrew(done)
		var ran atomic.Int64
		for range 3 {
			var all sync.WaitGroup
			began := time.Now()
			for range 5 * mostIdle {
				all.Add(1)
				c.run(func() {
					defer all.Done()
					<-time.After(time.Second)
					ran.Add(1)
				})
			}
			all.Wait()
			if took := time.Since(began); took != time.Second {
				t.Errorf("it took %v", took)
			}
			synctest.Wait()
			if len(c.idle) != mostIdle {
				t.Errorf("%d wait for more", len(c.idle))
			}
		}
		if ran.Load() != 15*mostIdle {
			t.Errorf("%d ran", ran.Load())
		}
		close(done)
		synctest.Wait()
		if len(c.idle) != 0 {
			t.Errorf("%d wait after the end", len(c.idle))
		}
		c.run(func() { ran.Add(1) }) // what is given after the end is run, and leaves nobody behind
		synctest.Wait()
		if ran.Load() != 15*mostIdle+1 || len(c.idle) != 0 {
			t.Errorf("%d ran, %d wait", ran.Load(), len(c.idle))
		}
	})
}

// Who waits takes the next, so that no goroutine is begun for it.
func TestACrewBeginsNoGoroutineThatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		defer close(done)
		c := newCrew(done)
		ids := map[string]bool{}
		var mu sync.Mutex
		for range 20 {
			c.run(func() {
				var stack [64]byte
				n := runtime.Stack(stack[:], false)
				mu.Lock()
				defer mu.Unlock()
				ids[string(stack[:n])] = true
			})
			synctest.Wait()
		}
		if len(ids) != 1 {
			t.Errorf("%d goroutines ran one thing after the other", len(ids))
		}
	})
}
