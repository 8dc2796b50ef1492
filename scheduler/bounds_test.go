package scheduler

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestASlowKindDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, quick := &outside{takes: always(4 * time.Second)}, &outside{}
		s := run(t, map[string]Route{
			"slow":  {Performer: slow, Timeout: 5 * time.Second, Concurrency: 3},
			"quick": {Performer: quick},
		}, Options{})
		for i := range 30 {
			s.record("slow", fmt.Sprint("slow", i), "x", false)
		}
		synctest.Wait()
		s.record("quick", "page", "x", false)
		synctest.Wait()
		s.wantDone(t, "page")
		after(40 * time.Second)
		for i := range 30 {
			s.wantDone(t, fmt.Sprint("slow", i))
		}
		if slow.seen().most != 3 || slow.seen().attempts != 30 {
			t.Errorf("%d at a time in %d attempts, want 3 in 30", slow.seen().most, slow.seen().attempts)
		}
	})
}

func TestAnAttemptIsBoundedAndThenSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{takes: func(attempt int) time.Duration {
			return map[int]time.Duration{1: time.Hour}[attempt]
		}}
		s := run(t, one(o, 20*time.Second), Options{})
		s.record("deed", "a", "x", false)
		after(6 * time.Second)
		if e := s.look("a"); e.state != "waiting" || e.problem == "" || o.seen().running != 0 {
			t.Fatalf("%+v", e)
		}
		after(15 * time.Second)
		s.wantDone(t, "a")
	})
}

func TestAPanicIsAnUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{respond: func(attempt int) error {
			if attempt == 1 {
				panic("nil map")
			}
			return nil
		}}
		s := run(t, one(o, 20*time.Second), Options{})
		s.record("deed", "a", "x", false)
		after(time.Second)
		if e := s.look("a"); e.problem != "a mistake in Sparky stopped it: nil map" || e.started.IsZero() {
			t.Fatalf("%+v", e)
		}
		after(20 * time.Second)
		s.wantDone(t, "a")
		if o.seen().finds != 1 {
			t.Errorf("%d look-ups", o.seen().finds)
		}
	})
}

func TestASearchThatIsDownRepeatsNothing(t *testing.T) {
	for name, answer := range map[string]error{"down": errors.New("502"), "forbidden": fail{permanent: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var broken atomic.Bool
				broken.Store(true)
				o := &outside{
					respond: func(attempt int) error {
						if attempt == 1 {
							return errLost
						}
						return nil
					},
					find: func() error {
						if broken.Load() {
							return answer
						}
						return nil
					},
				}
				s := run(t, one(o, 0), Options{Poll: time.Minute})
				s.record("deed", "a", "x", false)
				after(30 * time.Hour)
				if o.seen().attempts != 1 || o.seen().finds < 2 || o.seen().finds > 200 || len(s.heard()) != 1 {
					t.Fatalf("%d attempts, %d look-ups, told %q", o.seen().attempts, o.seen().finds, s.heard())
				}
				broken.Store(false)
				after(15 * time.Minute)
				s.wantDone(t, "a")
				if o.count("a") != 1 {
					t.Errorf("happened %d times", o.count("a"))
				}
			})
		})
	}
}

func TestAQueueThatFailsForAWhileLosesAndDoublesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{takes: always(time.Second)}
		s := run(t, one(o, 10*time.Second), Options{})
		s.record("deed", "short", "x", false)
		synctest.Wait()
		s.breakWith(errors.New("the disk is full"))
		after(10 * time.Second)
		s.breakWith(nil)
		after(5 * time.Second)
		s.wantDone(t, "short") // its end was told again and again
		if o.seen().finds != 0 {
			t.Error("what is known was looked up")
		}
		s.record("deed", "long", "x", false)
		synctest.Wait()
		s.breakWith(errors.New("the disk is full"))
		after(time.Hour)
		s.breakWith(nil)
		after(20 * time.Second)
		s.wantDone(t, "long") // its claim ran out, so it was looked up
		if o.count("short") != 1 || o.count("long") != 1 || o.seen().finds != 1 {
			t.Errorf("happened %d and %d times with %d look-ups", o.count("short"), o.count("long"), o.seen().finds)
		}
	})
}

func TestShutdownLetsRunningEffectsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		takes, ends time.Duration
		state       string
	}{
		"in time":   {3 * time.Second, 3 * time.Second, "done"},
		"cancelled": {time.Minute, 4 * time.Second, "waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outside{takes: always(c.takes)}
				s := run(t, map[string]Route{"deed": {Performer: o, Timeout: time.Hour, Concurrency: 1}}, Options{Grace: 4 * time.Second})
				s.record("deed", "a", "x", false)
				s.record("deed", "b", "x", false)
				synctest.Wait()
				began := time.Now()
				if err := s.end(); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != c.ends {
					t.Errorf("took %v, want %v", took, c.ends)
				}
				if o.seen().attempts != 1 {
					t.Errorf("%d attempts, want none begun after the end", o.seen().attempts)
				}
				states := s.look("a").state + " " + s.look("b").state
				if states != c.state+" waiting" && states != "waiting "+c.state {
					t.Errorf("states %s", states)
				}
			})
		})
	}
}

// deaf is a performer that does not heed its context.
type deaf struct{ until chan struct{} }

func (d deaf) Do(context.Context, string, []byte, []byte) ([]byte, error) { <-d.until; return nil, nil }

func (d deaf) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

func TestShutdownNamesWhatDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deaf{make(chan struct{})}
		s := run(t, map[string]Route{"deed": {Performer: d}}, Options{})
		s.record("deed", "stuck", "x", false)
		synctest.Wait()
		if err := s.end(); err == nil || err.Error() != "effects that did not stop when asked to: [stuck]" {
			t.Errorf("got %v", err)
		}
		close(d.until)
		synctest.Wait()
		s.wantDone(t, "stuck")
	})
}

func TestAnAttemptThatStartsLateHasLessTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var deadline time.Time
		p := performer(func(ctx context.Context) { deadline, _ = ctx.Deadline() })
		s := run(t, map[string]Route{"deed": {Performer: p, Timeout: 5 * time.Second}}, Options{})
		began := time.Now()
		s.record("deed", "a", "x", false)
		synctest.Wait()
		if got := deadline.Sub(began); got != 5*time.Second {
			t.Errorf("the attempt may last %v from the claim on, want 5s", got)
		}
	})
}

type performer func(ctx context.Context)

func (p performer) Do(ctx context.Context, _ string, _, _ []byte) ([]byte, error) {
	p(ctx)
	return nil, nil
}

func (p performer) Find(context.Context, string, []byte) ([]byte, bool, error) {
	return nil, false, nil
}

// The database's clock was set forward: a claim ran out while its attempt is still under way here.
func TestAnEffectIsNotBegunWhileItIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{takes: always(4 * time.Second)}
		s := run(t, one(o, 30*time.Second), Options{})
		s.record("deed", "a", "x", false)
		after(time.Second)
		s.crashed("a", time.Hour)
		after(2 * time.Minute)
		s.wantDone(t, "a")
		if o.count("a") != 1 || o.seen().most != 1 {
			t.Errorf("happened %d times, %d at once", o.count("a"), o.seen().most)
		}
	})
}

// hanging is a queue of which the first question of each sort is answered by nobody.
type hanging struct {
	*memory
	due, claim atomic.Bool // asked before
}

func (h *hanging) Due(ctx context.Context) (map[string]time.Duration, error) {
	if h.due.CompareAndSwap(false, true) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return h.memory.Due(ctx)
}

func (h *hanging) Claim(ctx context.Context, kind string, limit int, hold time.Duration) ([]Effect, error) {
	if h.claim.CompareAndSwap(false, true) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return h.memory.Claim(ctx, kind, limit, hold)
}

func TestAQuestionThatNobodyAnswersIsAskedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := &hanging{memory: newMemory()}
		queue.record("deed", "card", "x", false)
		d := NewDispatcher(queue, one(&outside{}, 0), Options{Poll: time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		after(2*finishTimeout + 2*time.Second)
		if e := queue.look("card"); e.state != "done" {
			t.Errorf("after two questions that hung it is %s", e.state)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
