package store

import (
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
	"sparky/scheduler"
)

// shownNow is the word for what is shown at the bench's time.
func (b bench) shownNow(t *testing.T) string {
	t.Helper()
	return value[string](t)(b.Shown(t.Context(), changes.Date(b.clock.Now().Format(time.DateOnly)), day.Add(-24*time.Hour)))
}

// shownSteps are things that happen one after the other, and whether the dashboard shows something else after each.
func shownSteps(t *testing.T, b bench) []struct {
	name  string
	do    func()
	shows bool
} {
	result := func(class partners.FailureClass, ago time.Duration, warning string) func() {
		return func() {
			r := partners.ProbeResult{Partner: "okta", Probe: "api", At: b.clock.Now().Add(-ago), Took: ago + time.Millisecond, Class: class, Warning: warning}
			must(t, b.SaveResults(t.Context(), []partners.ProbeResult{r}))
		}
	}
	page := func(level partners.Level, read time.Duration, names ...string) func() {
		return func() {
			s := partners.Status{Level: level, ReadAt: day.Add(read), UpdatedAt: day.Add(read)}
			for _, name := range names {
				s.Incidents = append(s.Incidents, partners.PageIncident{ID: name, Name: name})
			}
			must(t, b.SaveStatus(t.Context(), "okta", s))
		}
	}
	decide := func(change func(l *incidents.Ledger)) func() {
		return func() {
			must(t, b.Decide(t.Context(), "okta", func(l *incidents.Ledger) ([]incidents.Effect, error) { change(l); return nil, nil }))
		}
	}
	incident := incidents.Incident{ID: "sparky-okta-1", Partner: "okta", Kind: incidents.KindProbe, State: incidents.StateOpen, Opened: day, Since: day}
	runs := func(state changes.RunState) func() {
		return func() {
			must(t, b.DecideRuns(t.Context(), "snow", func([]changes.Run) ([]changes.Run, []incidents.Effect, error) {
				r := aRun("r1", "v2", day)
				r.State = state
				return []changes.Run{r}, nil, nil
			}))
		}
	}
	coming := dated("x", "2026-12-20")
	return []struct {
		name  string
		do    func()
		shows bool
	}{
		{"nothing", func() {}, false},
		{"a probe runs for the first time", result("", time.Hour, ""), true},
		{"it passes again", result("", time.Minute, ""), false},
		{"it passes with a warning", result("", 50*time.Second, "slow"), true},
		{"it fails", result(partners.FailConnect, 40*time.Second, ""), true},
		{"it fails in another way", result(partners.FailTimeout, 30*time.Second, ""), true},
		{"a page is read", page(partners.Operational, 0), true},
		{"it says the same later", page(partners.Operational, time.Minute), false},
		{"it says more at the same level", page(partners.Operational, 2*time.Minute, "slow"), true},
		{"it says worse", page(partners.Level("degraded"), 3*time.Minute, "slow"), true},
		{"an incident opens", decide(func(l *incidents.Ledger) { l.Incidents = append(l.Incidents, incident) }), true},
		{"nothing is decided", decide(func(*incidents.Ledger) {}), false},
		{"somebody takes it", decide(func(l *incidents.Ledger) {
			l.Incidents[0].State, l.Incidents[0].Acknowledged = incidents.StateAcknowledged, &incidents.Deed{By: "U1", At: day}
		}), true},
		{"it is over", decide(func(l *incidents.Ledger) { l.Incidents[0].State, l.Incidents[0].Ended = incidents.StateRecovered, day }), true},
		{"a storm only counts", decide(func(l *incidents.Ledger) {
			l.Incidents = append(l.Incidents, incidents.Incident{ID: "sparky-storm-1", Kind: incidents.KindStorm, State: incidents.StateOpen, Opened: day, Storm: &incidents.Storm{}})
		}), false},
		{"somebody mutes", decide(func(l *incidents.Ledger) {
			l.Mutes = append(l.Mutes, incidents.Mute{Partner: "okta", Until: day.Add(time.Hour), By: "U1"})
		}), true},
		{"the mute ends", func() { b.clock.forward(2 * time.Hour) }, true},
		{"a run is asked for", runs(changes.RunAsked), true},
		{"it passes with the run", runs(changes.RunPassed), true},
		{"a certificate", func() { must(t, b.SaveCertificate(t.Context(), partners.Certificate{Partner: "okta", At: day})) }, true},
		{"something is announced", func() { keep(t, b, coming) }, true},
		{"somebody dealt with it", func() {
			value[changes.Handling](t)(b.Handle(t.Context(), coming.ID(), incidents.Deed{By: "U1", At: day}))
		}, true},
		{"something old is announced", func() { keep(t, b, dated("old", "2020-01-01")) }, false},
		{"something is to be done", func() { must(t, b.Record(t.Context(), deed("d"))) }, false},
		{"it needs a person", func() {
			claimed := value[[]scheduler.Effect](t)(b.Claim(t.Context(), "deed", 1, hold))
			must(t, b.Finish(t.Context(), claimed[0], scheduler.Outcome{Problem: "not in the channel", Troubled: true, Delay: time.Hour}))
		}, true},
		{"the day of what was announced passes", func() { b.clock.forward(40 * 24 * time.Hour) }, true},
	}
}

// TestTheWordForWhatIsShown holds that it is another one whenever something is that the dashboard shows, and the same else,
// also for who reads it anew.
func TestTheWordForWhatIsShown(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		before := b.shownNow(t)
		for _, step := range shownSteps(t, b) {
			step.do()
			after := b.shownNow(t)
			if (after != before) != step.shows {
				t.Errorf("%s: the word was %s and is %s", step.name, before, after)
			}
			if again := b.shownNow(t); again != after {
				t.Errorf("%s: it is %s and then %s, and nothing happened", step.name, after, again)
			}
			b.Store.shown.mu.Lock()
			b.Store.shown.rows = nil // what was read last is only to spare time
			b.Store.shown.mu.Unlock()
			if again := b.shownNow(t); again != after {
				t.Errorf("%s: read anew it is %s, and was %s", step.name, again, after)
			}
			before = after
		}
	})
}

func TestTheWordForWhatIsShownOfADamagedRow(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.SaveStatus(t.Context(), "okta", partners.Status{Level: partners.Operational, ReadAt: day}))
		if _, err := b.write.ExecContext(t.Context(), `update statuses set status = '{'`); err != nil {
			t.Fatal(err)
		}
		if word, err := b.Shown(t.Context(), "2026-11-20", day); err == nil || word != "" {
			t.Errorf("it is %q, %v", word, err)
		}
	})
}
