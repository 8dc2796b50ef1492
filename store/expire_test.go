package store

import (
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
	"sparky/scheduler"
)

func TestExpireKeepsKeysAndHashes(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{entry("one", day)}}))
		must(t, b.Record(t.Context(), deed("done"), deed("waits"), picture("drawn", "x")))
		for _, effect := range append(claim(t, b.Store, "deed", 2), claimOne(t, b.Store, "picture")) {
			finish(t, b.Store, effect, scheduler.Outcome{Done: effect.Key != "waits", Result: []byte("ts")})
		}
		must(t, b.SaveDueTimes(t.Context(), map[string]time.Time{"gone": day}))
		b.clock.forward(390 * 24 * time.Hour)
		must(t, b.Expire(t.Context(), b.clock.Now()))
		known := func() changes.Entry {
			return value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{{Key: "one"}})).Entries["one"]
		}
		if known().Body == "" {
			t.Error("the body was dropped too early")
		}
		must(t, b.Record(t.Context(), picture("drawn", "y")))
		redrawn := claimOne(t, b.Store, "picture")
		if string(redrawn.Previous) != "ts" {
			t.Error("the picture was forgotten too early")
		}
		finish(t, b.Store, redrawn, scheduler.Outcome{Done: true})

		b.clock.forward(401 * 24 * time.Hour)
		must(t, b.Expire(t.Context(), b.clock.Now()))
		if e := known(); e.Body != "" || e.Hash == "" || e.Title == "" {
			t.Errorf("kept %+v", e)
		}
		must(t, b.Record(t.Context(), deed("done"), picture("drawn", "z")))
		if waiting := claimOne(t, b.Store, "deed"); waiting.Key != "waits" || len(waiting.Payload) < 3 {
			t.Errorf("%+v: a deed was done again, or one that waited lost its payload", waiting)
		}
		if anew := claimOne(t, b.Store, "picture"); anew.Previous != nil {
			t.Error("the old picture was kept for ever")
		}
		if due := value[map[string]time.Time](t)(b.DueTimes(t.Context())); len(due) != 0 {
			t.Errorf("jobs that are gone: %v", due)
		}
	})
}

const daily = 24 * time.Hour

func TestResultsAreKeptFourHundredDays(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var all []partners.ProbeResult
		for i := range 180 { // three hours
			all = append(all, pass("api", day.Add(minutes(i)), time.Duration(i+1)*time.Millisecond))
		}
		save(t, b.Store, append(all, fail("gone", day, partners.FailDNS))...)
		part := func() (int, int, int) {
			edges := stats(t, b.Store, "api", day.Add(minutes(30)), day.Add(minutes(150)))
			fine := func(from int) int {
				return stats(t, b.Store, "api", day.Add(minutes(from)), day.Add(minutes(from+10))).Runs
			}
			return edges.Runs, fine(10), fine(100)
		}
		expire := func(days int) {
			t.Helper()
			b.clock.now = day.Add(time.Duration(days)*daily + minutes(90))
			must(t, b.Expire(t.Context(), b.clock.Now()))
		}
		expire(6)
		if runs, first, second := part(); runs != 120 || first != 10 || second != 10 {
			t.Errorf("in the week: %d in two hours, %d and %d in ten minutes", runs, first, second)
		}
		expire(7) // the first hour's single results go, and those of the hour that is half beyond the week stay
		if runs, first, second := part(); runs != 90 || first != 0 || second != 10 {
			t.Errorf("at the edge: %d in two hours, %d and %d in ten minutes", runs, first, second)
		}
		expire(8)
		if runs, first, second := part(); runs != 120 || first != 0 || second != 0 {
			t.Errorf("after a week: %d in two hours, %d and %d in ten minutes", runs, first, second)
		}
		whole := stats(t, b.Store, "api", day, day.Add(3*time.Hour))
		wantRuns(t, whole, 180, 180)
		near(t, "the median", whole.P50, 90*time.Millisecond)
		expire(91) // the day's hours are all beyond ninety days, and a day now, which began at midnight
		wantRuns(t, stats(t, b.Store, "api", day, day.Add(3*time.Hour)), 0, 0)
		midnight := day.Truncate(daily)
		whole = stats(t, b.Store, "api", midnight, midnight.Add(time.Minute))
		wantRuns(t, whole, 180, 180)
		near(t, "the median of the day", whole.P50, 90*time.Millisecond)
		expire(400)
		wantRuns(t, stats(t, b.Store, "api", midnight, day.Add(3*time.Hour)), 180, 180)
		save(t, b.Store, pass("api", b.clock.Now(), time.Second))
		expire(402)
		wantRuns(t, stats(t, b.Store, "api", midnight, day.Add(1000*daily)), 1, 1)
		last := value[map[string]map[string]partners.ProbeResult](t)(b.LastResults(t.Context()))["acme"]
		if _, there := last["gone"]; there || len(last) != 1 {
			t.Errorf("remembered are %v", last)
		}
	})
}

func TestIncidentsThatEndedAreKeptFourHundredDays(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			l.Probes["acme/api"] = incidents.ProbeState{Partner: "acme", Probe: "api", EverPassed: true}
			l.Mutes = []incidents.Mute{{Partner: "acme", Until: day.Add(time.Hour)}, {Partner: "acme", Probe: "x", Until: day.Add(80 * daily)}}
			return adding(incident("live", "acme", day), ended(incident("over", "acme", day), day.Add(time.Hour)))(l)
		})
		for _, step := range []struct {
			after            time.Duration
			incidents        string
			states, mutesNow int
		}{
			{79 * daily, "live over", 1, 1}, {20 * daily, "live over", 0, 0}, {301 * daily, "live over", 0, 0}, {daily, "live", 0, 0},
		} {
			b.clock.forward(step.after)
			must(t, b.Expire(t.Context(), b.clock.Now()))
			wantIDs(t, "kept", listed(t)(b.Incidents(t.Context(), false, time.Time{})), step.incidents)
			left := ledger(t, b.Store, "acme")
			if len(left.Probes) != step.states || len(left.Mutes) != step.mutesNow {
				t.Errorf("after %v: %+v", step.after, left)
			}
		}
	})
}
