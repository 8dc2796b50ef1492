package scheduler

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// recordUnderClaim keeps an effect as one that was taken up, or does not where it gets lost.
func (m *memory) recordUnderClaim(kind, key string, hold time.Duration) Effect {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := Effect{Key: key, Kind: kind, Payload: []byte("x"), Attempts: 1, Claim: 1000, Revision: 1}
	m.effects[key] = &recorded{Effect: e, state: "running", started: time.Now(), due: time.Now().Add(hold)}
	return e
}

// urgent is a route for two at a time of what is taken up.
func urgent(o *outside) map[string]Route {
	return map[string]Route{"deed": {Performer: o, Timeout: 5 * time.Second, Concurrency: 2, Urgent: true}, "slow": {Performer: o}}
}

func TestWhatIsHandedOverIsNotLookedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{}
		s := run(t, urgent(o), Options{Poll: time.Hour})
		synctest.Wait()
		hold, ok := s.TakeUp("deed", "a")
		if !ok || hold != 20*time.Second {
			t.Fatalf("taken up for %v, %v", hold, ok)
		}
		s.HandOver(s.recordUnderClaim("deed", "a", hold), time.Now())
		synctest.Wait()
		s.wantDone(t, "a")
		if o.count("a") != 1 || s.claims != 0 {
			t.Errorf("happened %d times, with %d claims", o.count("a"), s.claims)
		}
	})
}

func TestWhatIsNotTakenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{}
		d := NewDispatcher(newMemory(), urgent(o), Options{})
		if _, ok := d.TakeUp("deed", "a"); ok {
			t.Error("taken up by one that does not run")
		}
		s := run(t, urgent(o), Options{})
		synctest.Wait()
		for kind, why := range map[string]string{"slow": "that is not urgent", "other": "of no route"} {
			if _, ok := s.TakeUp(kind, "a"); ok {
				t.Errorf("taken up: one %s", why)
			}
		}
		if _, ok := s.TakeUp("deed", "a"); !ok {
			t.Error("there is room")
		}
		if _, ok := s.TakeUp("deed", "a"); ok {
			t.Error("taken up twice")
		}
		if _, ok := s.TakeUp("deed", "b"); !ok {
			t.Error("there is room for two")
		}
		if _, ok := s.TakeUp("deed", "c"); ok {
			t.Error("taken up: a third of two at a time")
		}
		s.PutBack(Effect{Kind: "deed", Key: "a"}, time.Now())
		if _, ok := s.TakeUp("deed", "c"); !ok {
			t.Error("what was not recorded goes on taking room")
		}
		for _, key := range []string{"b", "c"} {
			s.PutBack(Effect{Kind: "deed", Key: key}, time.Now())
		}
		if err := s.end(); err != nil {
			t.Error(err)
		}
		if _, ok := s.TakeUp("deed", "d"); ok {
			t.Error("taken up by one that has ended")
		}
		if o.count("a")+o.count("b")+o.count("c") > 0 {
			t.Error("what was put back happened")
		}
	})
}

// TestWhatMayHaveBeenRecordedIsDueAtOnce is of a commit of which nobody knows, while the database is away and when it is back.
func TestWhatMayHaveBeenRecordedIsDueAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{}
		s := run(t, urgent(o), Options{})
		synctest.Wait()
		hold, _ := s.TakeUp("deed", "there")
		_, _ = s.TakeUp("deed", "not there")
		there := s.recordUnderClaim("deed", "there", hold)
		s.recordUnderClaim("deed", "not there", hold)
		s.effects["not there"].Claim = 7 // somebody else's
		began := time.Now()
		s.breakWith(context.DeadlineExceeded)
		s.PutBack(there, began)
		s.PutBack(Effect{Key: "not there", Kind: "deed", Claim: 1000}, began)
		after(3500 * time.Millisecond)
		s.breakWith(nil)
		after(time.Second)
		s.wantDone(t, "there")
		if o.count("there") != 1 || o.seen().finds != 0 || o.count("not there") != 0 {
			t.Errorf("%d and %d, with %d look-ups", o.count("there"), o.count("not there"), o.seen().finds)
		}
	})
}

// TestWhatIsHandedOverLate is of a process that stood still after it had recorded what it was to do.
func TestWhatIsHandedOverLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{}
		s := run(t, urgent(o), Options{})
		synctest.Wait()
		began := time.Now()
		hold, _ := s.TakeUp("deed", "a")
		e := s.recordUnderClaim("deed", "a", hold)
		after(6 * time.Second)
		s.HandOver(e, began)
		synctest.Wait()
		if o.count("a") != 1 || s.claims != 1 {
			t.Errorf("happened %d times, with %d claims; want it claimed anew", o.count("a"), s.claims)
		}
	})
}

func TestWhatIsHandedOverIsWaitedForAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outside{takes: always(3 * time.Second)}
		s := run(t, urgent(o), Options{})
		synctest.Wait()
		hold, _ := s.TakeUp("deed", "a")
		s.HandOver(s.recordUnderClaim("deed", "a", hold), time.Now())
		synctest.Wait()
		began := time.Now()
		if err := s.end(); err != nil || time.Since(began) != 3*time.Second {
			t.Errorf("ended after %v: %v", time.Since(began), err)
		}
		s.wantDone(t, "a")
	})
}
