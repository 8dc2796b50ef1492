package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// registry is a Leases in memory, which each replica reaches or not.
type registry struct {
	mu     sync.Mutex
	owner  string
	epoch  int64
	until  time.Time
	cutOff map[string]error
	hangs  map[string]bool
}

func (r *registry) Acquire(ctx context.Context, _, owner string, ttl time.Duration) (int64, bool, error) {
	r.mu.Lock()
	if r.hangs[owner] {
		r.mu.Unlock()
		<-ctx.Done()
		return 0, false, ctx.Err()
	}
	defer r.mu.Unlock()
	if err := r.cutOff[owner]; err != nil {
		return 0, false, err
	}
	if r.owner != owner && time.Now().Before(r.until) {
		return 0, false, nil
	}
	if r.owner != owner {
		r.owner = owner
		r.epoch++
	}
	r.until = time.Now().Add(ttl)
	return r.epoch, true, nil
}

func (r *registry) Release(_ context.Context, _, owner string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.cutOff[owner]; err != nil {
		return err
	}
	if r.owner == owner {
		r.owner, r.until = "", time.Time{}
	}
	return nil
}

func (r *registry) cut(owner string, err error, hang bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cutOff, r.hangs = map[string]error{owner: err}, map[string]bool{owner: hang}
}

// reigns notes who leads, and sees when two do.
type reigns struct {
	mu      sync.Mutex
	leading []string
	history []string
	overlap bool
}

func (r *reigns) lead(owner string) func(context.Context, int64) error {
	return func(ctx context.Context, epoch int64) error {
		r.mu.Lock()
		r.leading = append(r.leading, owner)
		r.history = append(r.history, fmt.Sprintf("%s%d", owner, epoch))
		r.overlap = r.overlap || len(r.leading) > 1
		r.mu.Unlock()
		<-ctx.Done()
		<-time.After(time.Second) // the work takes a moment to end
		r.mu.Lock()
		defer r.mu.Unlock()
		r.leading = slices.DeleteFunc(r.leading, func(o string) bool { return o == owner })
		return ctx.Err()
	}
}

func (r *reigns) want(t *testing.T, leading string, history ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.overlap {
		t.Error("two led at a time")
	}
	if fmt.Sprint(r.leading) != "["+leading+"]" || !slices.Equal(r.history, history) {
		t.Errorf("%v lead after %v, want %s after %v", r.leading, r.history, leading, history)
	}
}

func hold(t *testing.T, r *registry, all *reigns, owner string) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Lease{Leases: r, Name: "jobs", Owner: owner, TTL: 12 * time.Second}.Hold(ctx, all.lead(owner))
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", owner, err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func TestOneLeadsAndAnotherTakesOverAtOnceWhenItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, all := &registry{}, &reigns{}
		stopA := hold(t, r, all, "a")
		synctest.Wait()
		stopB := hold(t, r, all, "b")
		after(time.Hour)
		all.want(t, "a", "a1")
		stopA()
		after(2 * time.Second)
		all.want(t, "b", "a1", "b2")
		stopB()
		all.want(t, "", "a1", "b2")
	})
}

func TestALeaderThatIsCutOffEndsBeforeAnotherBegins(t *testing.T) {
	for name, cut := range map[string]func(r *registry){
		"refused": func(r *registry) { r.cut("a", errors.New("no route"), false) },
		"hanging": func(r *registry) { r.cut("a", nil, true) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, all := &registry{}, &reigns{}
				hold(t, r, all, "a")
				synctest.Wait()
				hold(t, r, all, "b")
				after(time.Minute)
				cut(r)
				after(15 * time.Second)
				all.want(t, "b", "a1", "b2")
				r.cut("", nil, false)
				after(time.Minute)
				all.want(t, "b", "a1", "b2")
			})
		})
	}
}

func TestAShortFailureLosesNoLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, all := &registry{}, &reigns{}
		hold(t, r, all, "a")
		after(time.Minute)
		r.cut("a", errors.New("no route"), false)
		after(3 * time.Second)
		r.cut("", nil, false)
		after(time.Minute)
		all.want(t, "a", "a1")
	})
}

func TestWhatLeadReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lease := Lease{Leases: &registry{}, Name: "jobs", Owner: "a"}
		mistake := errors.New("cannot start")
		if err := lease.Hold(t.Context(), func(context.Context, int64) error { return mistake }); !errors.Is(err, mistake) {
			t.Errorf("got %v", err)
		}
		times := 0
		ctx, cancel := context.WithCancel(t.Context())
		err := lease.Hold(ctx, func(context.Context, int64) error {
			if times++; times == 3 {
				cancel()
			}
			return nil
		})
		if err != nil || times != 3 {
			t.Errorf("%v after %d reigns", err, times)
		}
	})
}
