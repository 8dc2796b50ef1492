package incidents

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// measures takes one figure a minute after whatever happened last.
func (d *desktop) measures(m Measure) Reaction {
	d.Helper()
	d.later(time.Minute)
	m.Partner, m.ID, m.At, m.Known, m.Source, m.Window = "teams", "card p95", d.now, true, "the probe card", time.Hour
	if m.Text == "" {
		m.Text = "the figure"
	}
	reaction, err := d.desk.Measured(context.Background(), m)
	if err != nil {
		d.Fatal(err)
	}
	if reaction.Triage {
		if err := d.desk.Triage(context.Background(), reaction.Incident); err != nil {
			d.Fatal(err)
		}
	}
	return reaction
}

// warnings are those that were asked for since it was last called.
func (d *desktop) warnings() []Warning {
	d.Helper()
	var all []Warning
	for _, e := range d.effects {
		if e.Kind != EffectWarning {
			d.Errorf("asked for %s", e.Kind)
			continue
		}
		var w Warning
		if err := json.Unmarshal(e.Payload, &w); err != nil {
			d.Fatal(err)
		}
		all = append(all, w)
	}
	d.effects = nil
	return all
}

func TestALimitIsOneWarningAndOneEnd(t *testing.T) {
	d := newDesktop(t)
	d.measures(Measure{})
	for range 3 {
		d.measures(Measure{Past: true, Text: "too slow"})
	}
	if w := d.warnings(); len(w) != 1 || w[0].Text != "too slow" || w[0].Over || w[0].Name != "Teams" || w[0].Source != "the probe card" {
		t.Fatalf("%+v", w)
	}
	d.measures(Measure{})
	d.measures(Measure{Past: true})
	d.measures(Measure{})
	if w := d.warnings(); len(w) != 0 {
		t.Errorf("a figure on the edge is told again: %+v", w)
	}
	d.measures(Measure{Text: "fast"})
	if w := d.warnings(); len(w) != 1 || !w[0].Over || w[0].Text != "fast" {
		t.Errorf("%+v", w)
	}
	d.measures(Measure{Past: true})
	if w := d.warnings(); len(w) != 1 || w[0].Over {
		t.Errorf("the next time is not told: %+v", w)
	}
	if len(d.ledger.Incidents) != 0 {
		t.Errorf("%+v", d.ledger.Incidents)
	}
}

// TestNoValueChangesNothing holds that a query without a value is neither above nor below.
func TestNoValueChangesNothing(t *testing.T) {
	d := newDesktop(t)
	d.measures(Measure{Past: true})
	before := len(d.effects)
	for range 5 {
		if _, err := d.desk.Measured(t.Context(), Measure{Partner: "teams", ID: "card p95", At: d.now}); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.effects) != before {
		t.Errorf("%d effects more", len(d.effects)-before)
	}
}

func TestWhatAnIncidentExplainsIsNotTold(t *testing.T) {
	d := newDesktop(t)
	d.fails("teams/card")
	d.effects = nil
	d.measures(Measure{Past: true})
	d.measures(Measure{Past: true, Priority: "P2"})
	d.passes("teams/card", "teams/card")
	d.effects = nil
	d.measures(Measure{Past: true})
	if in := d.only(); len(in.Probes) != 1 || in.Priority != "P4" {
		t.Errorf("%+v", in.Probes)
	}
	if w := d.warnings(); len(w) != 0 {
		t.Errorf("told while the window still holds the outage: %+v", w)
	}
	d.later(time.Hour)
	d.measures(Measure{Past: true})
	if w := d.warnings(); len(w) != 1 {
		t.Errorf("%d warnings after it", len(w))
	}
}

// A version that breaks us is an incident for weeks, and nothing of today is slow because of it.
func TestAnIncidentOfAVersionExplainsNoFigure(t *testing.T) {
	d := newDesktop(t, probing("teams", "card", "card p95"))
	trial := red("1")
	trial.Partner = "teams"
	d.tried(trial)
	d.effects = nil
	d.measures(Measure{Past: true})
	if w := d.warnings(); len(w) != 1 {
		t.Errorf("%d warnings, want one", len(w))
	}
	d.measures(Measure{Past: true, Priority: "P3", Text: "3 s, above 2 s"})
	if len(d.ledger.Incidents) != 2 {
		t.Errorf("%d incidents, want that of the figure too", len(d.ledger.Incidents))
	}
}

func TestAMutedLimitIsToldWhenTheMuteEnds(t *testing.T) {
	d := newDesktop(t)
	d.mute("teams", "", time.Hour)
	d.measures(Measure{Past: true, Probe: "card"})
	if w := d.warnings(); len(w) != 0 {
		t.Errorf("%+v", w)
	}
	d.later(time.Hour)
	d.measures(Measure{Past: true, Probe: "card"})
	if w := d.warnings(); len(w) != 1 {
		t.Errorf("%d warnings", len(w))
	}
}

func TestALimitWithAPriorityIsAnIncident(t *testing.T) {
	d := newDesktop(t, probing("teams", "card", "card p95"))
	d.measures(Measure{Past: true, Priority: "P4", Text: "3 s, above 2 s"})
	in := d.only()
	if in.Verdict.Word != Internal || in.Probes[0].Last.Problem != "3 s, above 2 s" || in.Page.Wanted != PageTriggered {
		t.Errorf("%+v", in)
	}
	d.measures(Measure{Priority: "P4"})
	d.measures(Measure{Priority: "P4"})
	if in := d.only(); in.State != StateRecovered || in.Page.Wanted != PageResolved {
		t.Errorf("%s, page %s", in.State, in.Page.Wanted)
	}
	d.measures(Measure{Past: true, Priority: "P4"})
	if in := d.only(); in.State != StateOpen || in.Outage != 2 {
		t.Errorf("its own end keeps it from coming back: %s", in.State)
	}
}

func TestAFigureThatCannotBeKeptIsAnError(t *testing.T) {
	d := newDesktop(t)
	d.fails("okta/org")
	d.memory.fails = context.DeadlineExceeded
	_, err := d.desk.Measured(t.Context(), Measure{Partner: "teams", ID: "card p95", Known: true, Past: true})
	if err == nil || !strings.Contains(err.Error(), "teams/card p95") {
		t.Error(err)
	}
}

// TestLimitsAlternate holds for any run of figures that what is told alternates between the limit passed and kept, begins
// with passed, and says kept only after enough figures within it.
func TestLimitsAlternate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		after := rapid.IntRange(1, 3).Draw(t, "after")
		state, last, kept := ProbeState{}, LimitKept, 0
		for i, past := range rapid.SliceOf(rapid.Bool()).Draw(t, "past") {
			m := Measure{Partner: "a", ID: "b", Known: true, Past: past, At: time.UnixMilli(int64(i + 1))}
			if kept++; past {
				kept = 0
			}
			var event LimitEvent
			state, event = NextLimit(state, m, after, false)
			switch {
			case event == LimitSame && past && last == LimitKept:
				t.Fatal("the limit is passed and nothing told")
			case event == LimitSame:
			case event == last:
				t.Fatalf("%s twice", event)
			case event == LimitKept && kept < after, event == LimitPassed && !past:
				t.Fatalf("%s after %d within it", event, kept)
			}
			if event == LimitKept {
				state.Warned = ""
				state.Passes = 0
			}
			if event != LimitSame {
				last = event
			}
		}
	})
}
