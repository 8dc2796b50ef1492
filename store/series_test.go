package store

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/partners"
)

func TestSeriesHasAStepForEveryPartOfTheWindow(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := day.Add(48*time.Hour + 20*time.Minute)
		from := now.Add(-24 * time.Hour) // twenty past: the first and the last hour are cut
		save(t, b.Store,
			pass("api", from.Add(-time.Minute), time.Second), // before the window
			pass("api", from.Add(time.Minute), 100*time.Millisecond),
			pass("api", from.Add(3*time.Hour), 200*time.Millisecond),
			fail("api", from.Add(3*time.Hour+time.Minute), partners.FailServer),
			pass("web", from.Add(3*time.Hour+2*time.Minute), 400*time.Millisecond),
			pass("web", now.Add(-time.Minute), 300*time.Millisecond),
			pass("other", from.Add(time.Hour), time.Second),
			pass("api", now, time.Second), // after it
		)
		whole, steps, err := b.ProbeSeries(t.Context(), "acme", []string{"api", "web", "unknown"}, from, now, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if whole.Runs != 5 || whole.Passed != 4 || !whole.From.Equal(from) || !whole.To.Equal(now) {
			t.Errorf("the whole is %+v; want 4 of 5", whole)
		}
		if len(steps) != 25 {
			t.Fatalf("there are %d steps; want one for each hour that the window touches", len(steps))
		}
		for i, want := range map[int][2]int{0: {1, 1}, 1: {0, 0}, 3: {3, 2}, 24: {1, 1}} {
			if steps[i].Runs != want[0] || steps[i].Passed != want[1] {
				t.Errorf("step %d is %d of %d; want %d of %d", i, steps[i].Passed, steps[i].Runs, want[1], want[0])
			}
			if begins := day.Add(24*time.Hour + time.Duration(i)*time.Hour); !steps[i].From.Equal(begins) || !steps[i].To.Equal(begins.Add(time.Hour)) {
				t.Errorf("step %d is from %s to %s; want the hour from %s", i, steps[i].From, steps[i].To, begins)
			}
		}
		if p95 := steps[3].P95; p95 < 380*time.Millisecond || p95 > 420*time.Millisecond {
			t.Errorf("the slowest pass of the step took %s; want about 400 ms", p95)
		}
	})
}

func TestSeriesAgreesWithStats(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := day.Add(40*24*time.Hour + 7*time.Minute)
		var all []partners.ProbeResult
		for at := day; at.Before(now); at = at.Add(47 * time.Minute) {
			r := pass("api", at, time.Duration(at.Unix()%900)*time.Millisecond)
			if at.Unix()%7 == 0 {
				r = fail("api", at, partners.FailServer)
			}
			all = append(all, r)
		}
		save(t, b.Store, all...)
		for _, days := range []int{1, 30} {
			from := now.Add(-time.Duration(days) * 24 * time.Hour)
			want, err := b.ProbeStats(t.Context(), "acme", "api", from, now)
			if err != nil {
				t.Fatal(err)
			}
			whole, steps, err := b.ProbeSeries(t.Context(), "acme", []string{"api"}, from, now, 6*time.Hour)
			if err != nil || whole != want {
				t.Errorf("over %d days the whole is %+v, %v; ProbeStats says %+v", days, whole, err, want)
			}
			runs, passed := 0, 0
			for _, step := range steps {
				runs, passed = runs+step.Runs, passed+step.Passed
			}
			if runs != want.Runs || passed != want.Passed || len(steps) != days*4+1 {
				t.Errorf("over %d days %d steps hold %d of %d runs; want %d of %d", days, len(steps), passed, runs, want.Passed, want.Runs)
			}
		}
	})
}

func TestSeriesOfNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		whole, steps, err := b.ProbeSeries(t.Context(), "acme", nil, day, day, time.Hour)
		if err != nil || whole.Runs != 0 || len(steps) != 0 {
			t.Errorf("an empty window gives %+v, %d steps, %v", whole, len(steps), err)
		}
		_, steps, err = b.ProbeSeries(t.Context(), "acme", []string{"api"}, day, day.Add(2*time.Hour), time.Minute)
		if err != nil || len(steps) != 2 || steps[0].Runs != 0 {
			t.Errorf("a window without results gives %v, %v; want two empty hours", steps, err)
		}
	})
}

// What is read of many probes at once is what is read of each alone, however many they are and whatever they are called.
func TestEachSeriesIsThatOfEach(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := day.Add(12*24*time.Hour + 7*time.Minute)
		asked := map[string][]string{"acme": {"api", "odd\x00one", "unknown"}, "nobody": {"api"}}
		var all []partners.ProbeResult
		for i := range 2*atOnce + 3 {
			partner, probe := fmt.Sprint("p", i%300), fmt.Sprint("a", i)
			asked[partner] = append(asked[partner], probe)
			one := pass(probe, now.Add(-time.Duration(i)*time.Minute), time.Duration(i+1)*time.Millisecond)
			one.Partner = partner
			all = append(all, one)
		}
		for at := day; at.Before(now); at = at.Add(97 * time.Minute) {
			all = append(all, pass("api", at, time.Second), fail("odd\x00one", at, partners.FailServer))
		}
		save(t, b.Store, all...)
		must(t, b.Expire(t.Context(), now)) // of the older ones the hours are left
		for _, days := range []int{1, 10} {
			from := now.AddDate(0, 0, -days)
			each := value[map[string]map[string]partners.ProbeSeries](t)(b.EachSeries(t.Context(), asked, from, now, 2*time.Hour))
			known := 0
			for partner, probes := range each {
				for probe, got := range probes {
					known++
					if len(all)-known < 3 || known%50 == 0 || partner == "acme" {
						whole, steps, err := b.ProbeSeries(t.Context(), partner, []string{probe}, from, now, 2*time.Hour)
						if err != nil || !reflect.DeepEqual(got, partners.ProbeSeries{Whole: whole, Steps: steps}) || got.Whole.Runs == 0 {
							t.Errorf("%s/%s over %d days is %+v; alone it is %+v, %v", partner, probe, days, got.Whole, whole, err)
						}
					}
				}
			}
			if known != 2*atOnce+5 {
				t.Errorf("%d probes are known over %d days", known, days)
			}
		}
		if none, err := b.EachSeries(t.Context(), nil, day, now, time.Hour); err != nil || len(none) != 0 {
			t.Errorf("of no probe there is %v, %v", none, err)
		}
		must(t, b.Close())
		if _, err := b.EachSeries(t.Context(), asked, day, now, time.Hour); err == nil {
			t.Error("a store that is closed answers")
		}
	})
}

// Values that follow others are padded to the next power of two with the last of them.
func TestPaddedValuesHaveFewTexts(t *testing.T) {
	texts := map[string]bool{}
	for n := 1; n <= atOnce; n++ {
		values := make([]any, n)
		for i := range values {
			values[i] = i
		}
		list, args := padded([]any{"first"}, values)
		if args[n] != n-1 || args[len(args)-1] != n-1 || strings.Count(list, "$") != len(args)-1 {
			t.Fatalf("%d values are %s and %v", n, list, args)
		}
		texts[list] = true
	}
	if len(texts) != 9 {
		t.Errorf("there are %d texts", len(texts))
	}
}

func TestSourcesOfMany(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		poll := changes.Poll{}
		var of []string
		for i := range atOnce + 9 {
			of = append(of, fmt.Sprint("p", i))
			for _, source := range []string{"a", "b"} {
				poll.States = append(poll.States, changes.SourceState{Partner: of[i], Source: source, TriedAt: day, ReadAt: day, BaselineAt: day})
			}
		}
		must(t, b.RecordPoll(t.Context(), poll))
		got := value[map[string]map[string]changes.SourceState](t)(b.SourcesOf(t.Context(), append(of, "nobody")...))
		for _, partner := range of {
			if want := value[map[string]changes.SourceState](t)(b.SourceStates(t.Context(), partner)); !reflect.DeepEqual(got[partner], want) || len(want) != 2 {
				t.Errorf("%s has %v, want %v", partner, got[partner], want)
			}
		}
		if len(got["nobody"]) != 0 || len(value[map[string]map[string]changes.SourceState](t)(b.SourcesOf(t.Context()))) != 0 {
			t.Error("who is not known or not asked for has sources")
		}
	})
}
