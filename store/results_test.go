package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/partners"
)

func pass(probe string, at time.Time, took time.Duration) partners.ProbeResult {
	return partners.ProbeResult{Partner: "acme", Probe: probe, At: at, Took: took}
}

func fail(probe string, at time.Time, class partners.FailureClass) partners.ProbeResult {
	return partners.ProbeResult{Partner: "acme", Probe: probe, At: at, Took: time.Second, Class: class, Problem: "it is " + string(class)}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func save(t testing.TB, s *Store, results ...partners.ProbeResult) {
	t.Helper()
	must(t, s.SaveResults(t.Context(), results))
}

func stats(t testing.TB, s *Store, probe string, from, to time.Time) partners.ProbeStats {
	t.Helper()
	return value[partners.ProbeStats](t)(s.ProbeStats(t.Context(), "acme", probe, from, to))
}

func wantRuns(t *testing.T, got partners.ProbeStats, runs, passed int) {
	t.Helper()
	if got.Runs != runs || got.Passed != passed {
		t.Errorf("%d of %d passed, want %d of %d", got.Passed, got.Runs, passed, runs)
	}
}

func TestTheNewestResultsAreKeptWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		whole := partners.ProbeResult{
			Partner: "acme", Probe: "api", At: day.Add(1234567 * time.Nanosecond), Took: 1234567,
			Timings: partners.Timings{DNS: 1, Connect: 2, TLS: 3, FirstByte: 4}, Class: partners.FailServer, Problem: "503 “no”\x00",
			Status: 503, Host: "api.acme.example", Edge: "cloudflare", Excerpt: "<b>", Issuer: "CA", Connected: true,
			Warning: "soon", Expires: day.Add(24 * time.Hour),
		}
		passed := pass("api", day.Add(-minutes(5)), time.Second)
		idle := fail("api", day.Add(minutes(5)), partners.FailNotTried)
		older := fail("api", day.Add(-minutes(10)), partners.FailDNS)
		wantLast := func(want map[string]partners.ProbeResult) {
			t.Helper()
			b = b.reopened(t)
			last := value[map[string]map[string]partners.ProbeResult](t)(b.LastResults(t.Context()))
			if diff := cmp.Diff(map[string]map[string]partners.ProbeResult{"acme": want}, last); diff != "" {
				t.Error(diff)
			}
		}
		save(t, b.Store, passed, whole)
		wantLast(map[string]partners.ProbeResult{"api": whole})
		save(t, b.Store, idle, older, pass("other", day, 1))
		wantLast(map[string]partners.ProbeResult{"api": idle, "other": pass("other", day, 1)})
	})
}

func TestStatsAreOfTheWindow(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var all []partners.ProbeResult
		for i := range 300 { // from 09:00 until 13:59, each minute one
			r := pass("api", day.Add(minutes(i)), time.Duration(i+1)*time.Millisecond)
			if i%10 == 9 {
				r.Class = partners.FailServer
			}
			all = append(all, r)
		}
		save(t, b.Store, all...)
		save(t, b.Store, fail("api", day.Add(time.Second), partners.FailNotTried), pass("other", day, time.Hour))
		for _, window := range [][2]int{{0, 300}, {-50, 1000}, {0, 60}, {30, 270}, {30, 240}, {60, 270}, {10, 20}, {59, 61}, {0, 0}, {20, 10}, {-60, 0}} {
			var took []time.Duration
			runs := 0
			for i := max(window[0], 0); i < min(window[1], 300); i++ {
				runs++
				if all[i].Passed() {
					took = append(took, all[i].Took)
				}
			}
			from, to := day.Add(minutes(window[0])), day.Add(minutes(window[1]))
			got := stats(t, b.Store, "api", from, to)
			wantRuns(t, got, runs, len(took))
			if !got.From.Equal(from) || !got.To.Equal(to) {
				t.Errorf("window %v: %+v", window, got)
			}
			if len(took) > 0 {
				near(t, "the median", got.P50, exact(took, 0.50))
				near(t, "the 95th percentile", got.P95, exact(took, 0.95))
				near(t, "the 99th percentile", got.P99, exact(took, 0.99))
			}
		}
		wantRuns(t, stats(t, b.Store, "unknown", day, day.Add(time.Hour)), 0, 0)
	})
}

// Whatever the window, it holds what counting one by one finds in it.
func TestAnyWindowHoldsWhatIsInIt(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		chance := rand.New(rand.NewPCG(7, 8))
		moments := func() time.Time {
			at := day.Add(time.Duration(chance.Int64N(int64(6 * time.Hour)))).Truncate(time.Millisecond)
			if chance.IntN(3) == 0 {
				at = at.Truncate(time.Hour).Add(time.Duration(chance.IntN(3)-1) * time.Millisecond)
			}
			return at
		}
		all := map[time.Time]bool{} // whether it passed
		var results []partners.ProbeResult
		for range 400 {
			r := pass("api", moments(), time.Second)
			if _, twice := all[r.At]; twice {
				continue
			}
			if chance.IntN(4) == 0 {
				r.Class = partners.FailTimeout
			}
			all[r.At] = r.Passed()
			results = append(results, r)
		}
		save(t, b.Store, results...)
		for range 150 {
			from, to := moments(), moments()
			runs, passed := 0, 0
			for at, well := range all {
				if !at.Before(from) && at.Before(to) {
					runs++
					passed += flag(well)
				}
			}
			got := stats(t, b.Store, "api", from, to)
			if got.Runs != runs || got.Passed != passed {
				t.Fatalf("from %v to %v: %d of %d, want %d of %d", from, to, got.Passed, got.Runs, passed, runs)
			}
		}
	})
}

func TestAResultCountsOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		one := pass("api", day, time.Second)
		save(t, b.Store)
		for range 3 { // whoever is not sure whether it was kept may keep it again
			save(t, b.Store, one, one)
		}
		wantRuns(t, stats(t, b.Store, "api", day, day.Add(time.Hour)), 1, 1)
	})
}

func TestResultsAreKeptTogetherOrNotAtAll(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		mistake := errors.New("the power fails")
		err := b.inTx(t.Context(), "keep", func(tx *sql.Tx) error {
			must(t, b.saveRuns(t.Context(), b.quick(tx), [][]partners.ProbeResult{{pass("api", day, 1)}}))
			return mistake
		})
		if !errors.Is(err, mistake) {
			t.Fatal(err)
		}
		wantRuns(t, stats(t, b.Store, "api", day, day.Add(time.Hour)), 0, 0)
		if last := value[map[string]map[string]partners.ProbeResult](t)(b.LastResults(t.Context())); len(last) > 0 {
			t.Errorf("half a result: %v", last)
		}
	})
}

func TestOddResultsAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for i, odd := range []string{"a\x00b", "\xff", "'; drop table results; --", "\U0001F600"} {
			save(t, b.Store, partners.ProbeResult{
				Partner: odd, Probe: odd, At: day.Add(minutes(i)), Class: partners.FailureClass(odd), Problem: odd,
				Took: 1 << 62, Expires: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC),
			}, partners.ProbeResult{Partner: odd, Probe: "negative", Took: -5})
			got := value[partners.ProbeStats](t)(b.ProbeStats(t.Context(), odd, odd, day, day.Add(time.Hour)))
			wantRuns(t, got, 1, 0)
			undated := value[partners.ProbeStats](t)(b.ProbeStats(t.Context(), odd, "negative", day, day.Add(time.Hour)))
			wantRuns(t, undated, 1, 1)
		}
	})
}

func TestTheHistoryOfAProbe(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		save(t, b.Store,
			pass("api", day.Add(-50*time.Hour), time.Hour), // not of the last day
			pass("api", day.Add(-3*time.Hour), 100*time.Millisecond),
			fail("api", day.Add(-minutes(150)), partners.FailDNS),
			pass("api", day.Add(-minutes(90)), 200*time.Millisecond),
			fail("api", day.Add(-minutes(70)), partners.FailServer),
			fail("api", day.Add(-minutes(30)), partners.FailServer),
			fail("api", day.Add(-minutes(20)), partners.FailNotTried),
			fail("api", day.Add(-minutes(10)), partners.FailServer),
			fail("never", day.Add(-minutes(10)), partners.FailAuth),
		)
		got := value[incidents.History](t)(b.ProbeHistory(t.Context(), "acme", "api"))
		near(t, "the usual", got.UsualP95, 200*time.Millisecond)
		got.UsualP95 = 0
		want := incidents.History{
			Partner: "acme", Probe: "api", Runs: 7, Passed: 3, LastPass: day.Add(-minutes(90)),
			FirstFailure: day.Add(-minutes(70)), Recent: 2, RecentFailed: 2,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		never := value[incidents.History](t)(b.ProbeHistory(t.Context(), "acme", "never"))
		want = incidents.History{Partner: "acme", Probe: "never", Runs: 1, FirstFailure: day.Add(-minutes(10)), Recent: 1, RecentFailed: 1}
		if diff := cmp.Diff(want, never); diff != "" {
			t.Error(diff)
		}
		unknown := value[incidents.History](t)(b.ProbeHistory(t.Context(), "acme", "unknown"))
		if diff := cmp.Diff(incidents.History{Partner: "acme", Probe: "unknown"}, unknown); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheFirstFailureIsAfterTheLastPassInAnyOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for i, step := range []struct {
			result partners.ProbeResult
			want   time.Time
		}{
			{fail("api", day.Add(minutes(5)), partners.FailDNS), day.Add(minutes(5))},
			{fail("api", day.Add(minutes(2)), partners.FailDNS), day.Add(minutes(2))},
			{pass("api", day, 1), day.Add(minutes(2))},
			{pass("api", day.Add(minutes(3)), 1), day.Add(minutes(5))},
			{fail("api", day.Add(minutes(1)), partners.FailDNS), day.Add(minutes(5))},
			{fail("api", day.Add(minutes(9)), partners.FailDNS), day.Add(minutes(5))},
			{fail("api", day.Add(minutes(9)), partners.FailNotTried), day.Add(minutes(5))},
			{pass("api", day.Add(minutes(10)), 1), time.Time{}},
		} {
			save(t, b.Store, step.result)
			got := value[incidents.History](t)(b.ProbeHistory(t.Context(), "acme", "api"))
			if !got.FirstFailure.Equal(step.want) {
				t.Errorf("step %d: %v, want %v", i, got.FirstFailure, step.want)
			}
		}
	})
}

// Windows side by side hold each result once, also where their edges cut hours.
func TestWindowsSideBySideHaveTheSumOfTheWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var all []partners.ProbeResult
		for i := range 360 {
			all = append(all, pass("api", day.Add(minutes(i)), time.Duration(i+1)*time.Millisecond))
		}
		save(t, b.Store, all...)
		for _, parts := range []int{1, 3, 6, 8, 24, 90} {
			width := 6 * time.Hour / time.Duration(parts)
			for i := range parts {
				from := day.Add(time.Duration(i) * width)
				if got := stats(t, b.Store, "api", from, from.Add(width)); got.Runs != 360/parts || !got.From.Equal(from) {
					t.Errorf("part %d of %d: %+v", i, parts, got)
				}
			}
		}
	})
}

func TestReplicasSaveResultsSideBySide(t *testing.T) {
	url := postgresURL(t)
	one, two := mustOpen(t, url, nil), mustOpen(t, url, nil)
	const writers, each = 8, 15
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			s := []*Store{one, two}[w%2]
			for i := range each {
				at := day.Add(time.Duration(w*each+i) * time.Second)
				first, second := pass("a", at, time.Second), pass("b", at, time.Second)
				if w%2 == 1 {
					first, second = second, first // the order that waits for each other, were it kept
				}
				if err := s.SaveResults(context.WithoutCancel(t.Context()), []partners.ProbeResult{first, second}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for _, probe := range []string{"a", "b"} {
		wantRuns(t, stats(t, one, probe, day, day.Add(time.Hour)), writers*each, writers*each)
	}
}

func TestADamagedHourStopsNoSaving(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		save(t, b.Store, pass("api", day, time.Second))
		if _, err := b.write.ExecContext(t.Context(), `update hours set spread = $1`, []byte{1}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.ProbeStats(t.Context(), "acme", "api", day, day.Add(time.Hour)); !errors.Is(err, errSpread) {
			t.Errorf("the damage is not told: %v", err)
		}
		save(t, b.Store, pass("api", day.Add(time.Minute), time.Second))
		wantRuns(t, stats(t, b.Store, "api", day, day.Add(time.Hour)), 2, 2)
	})
}

func TestHoursBefore1970(t *testing.T) {
	for ms, want := range map[int64]int64{0: 0, hourMS - 1: 0, hourMS: 1, -1: -1, -hourMS: -1, -hourMS - 1: -2} {
		if got := floorHour(ms); got != want {
			t.Errorf("%s is in hour %d, want %d", fmt.Sprint(ms), got, want)
		}
	}
}
