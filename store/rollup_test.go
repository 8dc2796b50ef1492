package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sparky/incidents"
	"sparky/partners"
)

// TestNothingIsCountedTwiceOrLost saves results at random, rolls them up at random moments, asks for all of them, and holds
// counts, percentiles and the history against a list.
func TestNothingIsCountedTwiceOrLost(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			if run++; run > 30 && b.shared {
				return // a server is no different by the hundredth time, but slower
			}
			probe := fmt.Sprint("probe ", run)
			for _, table := range []string{"results", "hours", "days", "probes"} {
				if _, err := b.write.ExecContext(context.Background(), "delete from "+table); err != nil {
					r.Fatal(err)
				}
			}
			model := map[int64]partners.ProbeResult{}
			now := day.Add(time.Duration(rapid.IntRange(0, 23).Draw(r, "hour")) * time.Hour)
			begins := now
			for range rapid.IntRange(1, 5).Draw(r, "steps") {
				now = now.Add(time.Duration(rapid.IntRange(1, 80*24*60).Draw(r, "minutes")) * time.Minute)
				var batch []partners.ProbeResult
				for range rapid.IntRange(0, 12).Draw(r, "results") {
					at := now.Add(-time.Duration(rapid.IntRange(0, 6*24*60).Draw(r, "ago")) * time.Minute)
					one := pass(probe, at, time.Duration(rapid.IntRange(1, 5_000_000).Draw(r, "took"))*time.Microsecond)
					if rapid.IntRange(0, 3).Draw(r, "fails") == 0 {
						one.Class = partners.FailServer
					}
					if _, there := model[at.UnixMilli()]; !there {
						model[at.UnixMilli()] = one
						batch = append(batch, one)
					}
				}
				if err := b.SaveResults(context.Background(), batch); err != nil {
					r.Fatal(err)
				}
				if now.Sub(begins) > keepDays-8*daily {
					break // and nothing may be forgotten yet
				}
				b.clock.now = now
				if err := b.Expire(context.Background(), now); err != nil {
					r.Fatal(err)
				}
				held(r, b.Store, probe, model, begins.Add(-40*daily), now.Add(time.Hour))
			}
		})
	})
}

// held holds what a window that has everything says of a probe against a list of its results.
func held(r *rapid.T, s *Store, probe string, model map[int64]partners.ProbeResult, from, to time.Time) {
	got, err := s.ProbeStats(context.Background(), "acme", probe, from, to)
	if err != nil {
		r.Fatal(err)
	}
	var took []time.Duration
	for _, one := range model {
		if one.Passed() {
			took = append(took, one.Took)
		}
	}
	slices.Sort(took)
	if got.Runs != len(model) || got.Passed != len(took) {
		r.Fatalf("%d of %d passed; want %d of %d", got.Passed, got.Runs, len(took), len(model))
	}
	for percent, p := range map[int]time.Duration{50: got.P50, 95: got.P95, 99: got.P99} {
		want := nearest(took, percent)
		if off := math.Abs(p.Seconds()/max(want, time.Microsecond).Seconds() - 1); len(took) > 0 && off > 0.041 {
			r.Fatalf("p%d is %s; want %s within 4 %%", percent, p, want)
		}
	}
	history, err := s.ProbeHistory(context.Background(), "acme", probe)
	if err != nil || history.Runs != len(model) || history.Passed != len(took) {
		r.Fatalf("the history is %+v, %v; want %d of %d", history, err, len(took), len(model))
	}
}

// TestRollingUpBesideEverything rolls up, saves and reads at the same time, and holds that no reading lacks a result or
// counts one twice.
func TestRollingUpBesideEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var all []partners.ProbeResult
		for i := range 40 * 24 {
			all = append(all, pass("api", day.Add(time.Duration(i)*time.Hour), time.Second))
		}
		save(t, b.Store, all...)
		end := day.Add(130 * daily)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				for ctx.Err() == nil {
					got, err := b.ProbeStats(t.Context(), "acme", "api", day.Add(-daily), end)
					if err != nil || got.Runs != len(all) {
						t.Errorf("%d runs, %v; want %d", got.Runs, err, len(all))
						return
					}
				}
			})
		}
		for after := 90 * daily; after < 130*daily; after += 2 * daily {
			must(t, b.Expire(t.Context(), day.Add(after)))
		}
		cancel()
		readers.Wait()
		if n := value[[]piece](t)(b.hours(t.Context(), "acme", "api", 0, math.MaxInt32)); len(n) < 40 || len(n) > 40+3*24 {
			t.Errorf("%d pieces are left of %d hours; want some forty days and the last hours", len(n), len(all))
		}
	})
}

// TestAStoppedRollUpGoesOn stops it as early as possible, again and again.
func TestAStoppedRollUpGoesOn(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for probe := range 5 {
			save(t, b.Store, pass(fmt.Sprint("api", probe), day, time.Second), pass(fmt.Sprint("api", probe), day.Add(time.Hour), time.Second))
		}
		now := day.Add(100 * daily)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			_ = b.Expire(ctx, now) // however far it came
			cancel()
		}
		b = b.reopened(t)
		must(t, b.Expire(t.Context(), now))
		for probe := range 5 {
			wantRuns(t, stats(t, b.Store, fmt.Sprint("api", probe), day.Add(-daily), now), 2, 2)
		}
	})
}

func TestADamagedHourCostsItsDurationsAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		save(t, b.Store, pass("api", day, time.Second), pass("api", day.Add(time.Hour), 2*time.Second), fail("api", day.Add(61*time.Minute), partners.FailServer))
		if _, err := b.write.ExecContext(t.Context(), `update hours set spread = $1 where runs = 1`, []byte{0xff}); err != nil {
			t.Fatal(err)
		}
		b.clock.now = day.Add(100 * daily)
		must(t, b.Expire(t.Context(), b.clock.now))
		whole := stats(t, b.Store, "api", day.Add(-daily), day.Add(daily))
		wantRuns(t, whole, 3, 2)
		near(t, "the median", whole.P50, 2*time.Second)
		if history := value[incidents.History](t)(b.ProbeHistory(t.Context(), "acme", "api")); history.Runs != 3 || history.Passed != 2 {
			t.Errorf("the history is %+v", history)
		}
	})
}

func TestDays(t *testing.T) {
	for hour, want := range map[int64][2]int64{0: {0, 0}, 1: {1, 0}, 23: {1, 0}, 24: {1, 1}, 25: {2, 1}, -1: {0, -1}, -24: {-1, -1}, -25: {-1, -2}} {
		if got := [2]int64{firstDay(hour), lastDay(hour)}; got != want {
			t.Errorf("hour %d: %v, want %v", hour, got, want)
		}
	}
}
