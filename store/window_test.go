package store

import (
	"testing"
	"time"

	"sparky/partners"
)

func TestAWindowCountsEveryRun(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.Store
		at := day
		for i := range 20 {
			r := pass("a", at.Add(minutes(i)), time.Duration(i+1)*100*time.Millisecond)
			if i == 19 {
				r = fail("a", at.Add(minutes(i)), partners.FailTimeout)
				r.Took = 9 * time.Second
			}
			save(t, s, r)
		}
		save(t, s, fail("a", at.Add(minutes(5)).Add(time.Second), partners.FailNotTried), pass("b", at, time.Hour))
		got := value[partners.ProbeStats](t)(s.ProbeWindow(t.Context(), "acme", "a", at, at.Add(minutes(20))))
		wantRuns(t, got, 20, 19)
		if got.P95 != 1900*time.Millisecond || got.P50 != time.Second || got.P99 != 9*time.Second {
			t.Errorf("%+v", got)
		}
		got = value[partners.ProbeStats](t)(s.ProbeWindow(t.Context(), "acme", "a", at.Add(minutes(3)), at.Add(minutes(5))))
		wantRuns(t, got, 2, 2)
		if got.P95 != 500*time.Millisecond {
			t.Errorf("%+v", got)
		}
		got = value[partners.ProbeStats](t)(s.ProbeWindow(t.Context(), "acme", "nobody", at, at.Add(minutes(5))))
		if got.Runs != 0 || got.P95 != 0 {
			t.Errorf("%+v", got)
		}
	})
}
