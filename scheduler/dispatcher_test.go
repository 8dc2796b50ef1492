package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// stage is a dispatcher that runs for as long as the test does.
type stage struct {
	*memory
	*Dispatcher
	mu   sync.Mutex
	told []string
	end  func() error
}

func run(t *testing.T, routes map[string]Route, opts Options) *stage {
	t.Helper()
	s := &stage{memory: newMemory()}
	if opts.OnTrouble == nil {
		opts.OnTrouble = func(_ context.Context, e Effect, trouble Trouble) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.told = append(s.told, e.Key+": "+trouble.Problem)
			return nil
		}
	}
	opts.Chance = func() float64 { return 0 }
	s.Dispatcher = NewDispatcher(s.memory, routes, opts)
	s.onRecord = s.Wake
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	s.end = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = s.end() }) // tests of the end look at its error themselves
	return s
}

// heard is what people were told of trouble.
func (s *stage) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// after lets so much time pass.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (s *stage) wantDone(t *testing.T, key string) {
	t.Helper()
	if e := s.look(key); e.state != "done" {
		t.Errorf("%s is %s with %d attempts (%s), want it done", key, e.state, e.Attempts, e.problem)
	}
}

func one(o *outside, settle time.Duration) map[string]Route {
	return map[string]Route{"deed": {Performer: o, Settle: settle, Timeout: 5 * time.Second, Concurrency: 2}}
}

func TestARecordedEffectHappensAtOnceAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{}
		s := run(t, one(o, 0), Options{})
		after(time.Hour)
		began := time.Now()
		s.record("deed", "a", "x", false)
		synctest.Wait()
		s.wantDone(t, "a")
		s.record("deed", "a", "x", false)
		after(time.Hour)
		if o.count("a") != 1 || !o.seen().times[0].Equal(began) || o.seen().finds != 0 {
			t.Errorf("happened %d times, %v after, with %d look-ups", o.count("a"), o.seen().times[0].Sub(began), o.seen().finds)
		}
	})
}

func TestWhatOthersRecordedIsFoundByPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{}
		woken := make(chan struct{}, 1)
		s := run(t, one(o, 0), Options{Woken: woken})
		s.onRecord = func() {}
		s.record("deed", "a", "x", false)
		after(time.Second)
		s.wantDone(t, "a")
		s.record("deed", "b", "x", false)
		woken <- struct{}{}
		synctest.Wait()
		s.wantDone(t, "b")
		close(woken) // a channel that ends must not make it spin
		s.record("deed", "c", "x", false)
		after(time.Second)
		s.wantDone(t, "c")
	})
}

func TestAnUnknownOutcomeIsLookedUpOnlyOnceSettled(t *testing.T) {
	for name, c := range map[string]struct {
		answer   error
		attempts int
	}{
		"it happened":    {errLost, 1},
		"it did not":     {errors.New("connection lost before"), 2},
		"it took no end": {context.DeadlineExceeded, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outside{lag: 25 * time.Second, respond: func(attempt int) error {
					if attempt == 1 {
						return c.answer
					}
					return nil
				}}
				s := run(t, one(o, 30*time.Second), Options{})
				s.record("deed", "a", "x", false)
				after(30*time.Second - time.Millisecond)
				if o.seen().finds != 0 || o.seen().attempts != 1 {
					t.Fatalf("looked up %d times and tried %d times before it was settled", o.seen().finds, o.seen().attempts)
				}
				after(time.Millisecond)
				s.wantDone(t, "a")
				if o.count("a") != 1 || o.seen().attempts != c.attempts || o.seen().finds != 1 {
					t.Errorf("happened %d times in %d attempts with %d look-ups", o.count("a"), o.seen().attempts, o.seen().finds)
				}
			})
		})
	}
}

func TestACrashIsSettledFromTheStartOfTheAttempt(t *testing.T) {
	for _, happened := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			o := &outside{}
			s := run(t, one(o, 30*time.Second), Options{})
			s.breakWith(errors.New("not yet"))
			s.record("deed", "a", "x", false)
			if happened {
				if _, err := o.Do(t.Context(), "a", nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			s.crashed("a", 10*time.Second)
			s.breakWith(nil)
			after(20*time.Second - time.Millisecond)
			if o.seen().finds != 0 {
				t.Fatal("looked up before it was settled")
			}
			after(2 * time.Second)
			s.wantDone(t, "a")
			if o.count("a") != 1 {
				t.Errorf("happened %d times", o.count("a"))
			}
		})
	}
}

func TestAnErrorThatSaysNothingHappenedIsTriedAgainWithBackOff(t *testing.T) {
	for name, answer := range map[string]error{
		"not sent": fmt.Errorf("dial: %w", fail{notSent: true}), "refused": fail{refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outside{respond: func(attempt int) error {
					if attempt < 15 {
						return answer
					}
					return nil
				}}
				s := run(t, one(o, 0), Options{})
				s.record("deed", "a", "x", false)
				after(3 * time.Hour)
				s.wantDone(t, "a")
				if o.seen().finds != 0 || len(s.heard()) != 0 || o.count("a") != 1 {
					t.Errorf("%d look-ups, told %v, happened %d times", o.seen().finds, s.told, o.count("a"))
				}
				for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
					if got := o.seen().times[i+1].Sub(o.seen().times[i]); got != want*time.Second {
						t.Errorf("pause %d is %v, want %v", i+1, got, want*time.Second)
					}
				}
			})
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{respond: func(attempt int) error {
			return map[int]error{1: fail{after: 40 * time.Second}, 2: fail{after: 1 << 62}}[attempt]
		}}
		s := run(t, one(o, 0), Options{Poll: time.Minute})
		s.record("deed", "a", "x", false)
		after(40*time.Second - time.Millisecond)
		if o.seen().attempts != 1 {
			t.Fatal("tried again too early")
		}
		after(time.Millisecond)
		if o.seen().attempts != 2 {
			t.Fatal("not tried when it was due")
		}
		after(24 * time.Hour)
		s.wantDone(t, "a")
	})
}

func TestTroubleIsToldOnceAndGoesOnWhenMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mended atomic.Bool
		o := &outside{respond: func(int) error {
			if mended.Load() {
				return nil
			}
			return fail{permanent: true, refused: true}
		}}
		s := run(t, one(o, 0), Options{})
		s.record("deed", "a", "x", false)
		after(2 * time.Hour)
		if len(s.heard()) != 1 || !strings.HasPrefix(s.heard()[0], "a: it failed") || !s.look("a").Troubled {
			t.Fatalf("told %q", s.heard())
		}
		if o.seen().attempts != 9 {
			t.Errorf("tried %d times in two hours, want every quarter of an hour", o.seen().attempts)
		}
		mended.Store(true)
		after(15 * time.Minute)
		s.wantDone(t, "a")
		if s.look("a").Troubled {
			t.Error("done and still in trouble")
		}
	})
}

func TestTroubleThatCouldNotBeToldIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{respond: func(int) error { return fail{permanent: true} }}
		var calls atomic.Int32
		s := run(t, one(o, 0), Options{OnTrouble: func(context.Context, Effect, Trouble) error {
			call := calls.Add(1)
			if call == 1 {
				return errors.New("the disk is full")
			}
			if call == 2 {
				panic("a hook")
			}
			return nil
		}})
		s.record("deed", "a", "x", false)
		after(10 * time.Second)
		if calls.Load() != 3 || !s.look("a").Troubled {
			t.Errorf("told %d times", calls.Load())
		}
	})
}

// However the waits between attempts fall, people are told when the patience is over, and not at some attempt long after.
func TestTroubleIsToldWhenThePatienceIsOver(t *testing.T) {
	for _, patience := range []time.Duration{30 * time.Second, 119 * time.Second, 2 * time.Minute, 10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			o := &outside{respond: func(int) error { return fail{notSent: true} }}
			routes := one(o, 0)
			route := routes["deed"]
			route.Patience = patience
			routes["deed"] = route
			s := run(t, routes, Options{})
			s.record("deed", "a", "x", false)
			after(patience - time.Second)
			if len(s.heard()) > 0 {
				t.Errorf("%v: told too early", patience)
			}
			after(2 * time.Second)
			if len(s.heard()) != 1 {
				t.Errorf("%v: told %v by then", patience, s.heard())
			}
		})
	}
}

func TestWhatFailsForADayIsToldAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var working atomic.Bool
		o := &outside{respond: func(int) error {
			if working.Load() {
				return nil
			}
			return fail{notSent: true}
		}}
		s := run(t, one(o, 0), Options{Poll: time.Minute})
		s.record("deed", "a", "x", false)
		after(24*time.Hour - time.Minute)
		if len(s.heard()) != 0 {
			t.Fatalf("told too early: %v", s.heard())
		}
		after(72 * time.Hour)
		if len(s.heard()) != 1 {
			t.Fatalf("told %v", s.heard())
		}
		working.Store(true)
		after(15 * time.Minute)
		s.wantDone(t, "a")
	})
}

func TestAnEffectThatNobodyCarriesOutIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := run(t, nil, Options{})
		s.record("strange", "a", "x", false)
		// Another replica, newer or configured otherwise, may have somebody for it.
		after(unroutedFor - time.Second)
		if len(s.heard()) != 0 {
			t.Errorf("told at once: %q", s.heard())
		}
		after(2 * time.Second)
		if len(s.heard()) != 1 || !strings.Contains(s.heard()[0], "strange") {
			t.Errorf("told %q", s.heard())
		}
	})
}

// orderly is a memory that notes the kinds in the order in which they are claimed.
type orderly struct {
	*memory
	mu    sync.Mutex
	kinds []string
}

func (o *orderly) Claim(ctx context.Context, kind string, limit int, hold time.Duration) ([]Effect, error) {
	o.mu.Lock()
	o.kinds = append(o.kinds, kind)
	o.mu.Unlock()
	return o.memory.Claim(ctx, kind, limit, hold)
}

func TestWhatIsUrgentIsClaimedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue, routes := &orderly{memory: newMemory()}, map[string]Route{}
		for _, kind := range []string{"comment", "page", "ticket", "thread"} {
			routes[kind] = Route{Performer: &outside{}, Urgent: kind == "page" || kind == "ticket"}
			queue.record(kind, kind+"/1", "x", false)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- NewDispatcher(queue, routes, Options{}).Run(ctx) }()
		after(time.Second)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := strings.Join(queue.kinds[:4], " "); got != "page ticket comment thread" {
			t.Errorf("claimed in the order %s", got)
		}
	})
}
