package incidents

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sparky/partners"
)

// holds looks once, a minute after whatever happened last: calls to the hosts have been held back since then.
func (d *desktop) holds(since time.Time, hosts ...string) {
	d.Helper()
	d.later(time.Minute)
	var open []Circuit
	for _, host := range hosts {
		open = append(open, Circuit{Host: host, Since: since, Failed: d.now, Why: "it answered 503"})
	}
	if err := d.desk.Circuits(context.Background(), "teams", open, ReachUnknown); err != nil {
		d.Fatal(err)
	}
}

func TestAHostThatIsHeldBackIsOneMessageAndOneLine(t *testing.T) {
	d := newDesktop(t)
	since := d.now
	d.holds(since)
	for range 3 {
		d.holds(since, "status.example:443")
	}
	w := d.warnings()
	if len(w) != 1 || w[0].Over || w[0].Name != "Teams" || w[0].Probe != "" || !strings.Contains(w[0].Text, "too many calls to status.example:443 failed (it answered 503)") {
		t.Fatalf("%+v", w)
	}
	d.holds(since)
	d.holds(since, "status.example:443")
	d.holds(since)
	if w := d.warnings(); len(w) != 0 {
		t.Errorf("one that comes and goes is told again: %+v", w)
	}
	d.holds(since)
	if w := d.warnings(); len(w) != 1 || !w[0].Over || !strings.Contains(w[0].Text, "status.example:443 are made again") {
		t.Errorf("%+v", w)
	}
	d.later(2 * time.Hour)
	d.holds(since)
	if state, kept := d.ledger.Probes[ProbeKey("teams", circuitPrefix+"status.example:443")]; kept {
		t.Errorf("what is over is remembered: %+v", state)
	}
	if len(d.ledger.Incidents) != 0 {
		t.Errorf("%+v", d.ledger.Incidents)
	}
}

func TestAHostIsToldOnceAnHourAtMost(t *testing.T) {
	d := newDesktop(t)
	told := 0
	for range 20 { // two minutes held back, three not
		for range 2 {
			d.holds(d.now, "status.example:443")
		}
		for range 3 {
			d.holds(d.now)
		}
		for _, w := range d.warnings() {
			if !w.Over {
				told++
			}
		}
	}
	if told != 2 {
		t.Errorf("told %d times in 100 minutes", told)
	}
}

// TestOneThatNobodyTriedSinceIsNotTold holds that what may work again at the next try is no news: nothing is held back then.
func TestOneThatNobodyTriedSinceIsNotTold(t *testing.T) {
	d := newDesktop(t)
	since := d.now
	for failed, want := range map[time.Duration]int{0: 0, CircuitPatience - 1: 0, CircuitPatience: 1} {
		d := newDesktop(t)
		d.later(time.Hour)
		if err := d.desk.Circuits(t.Context(), "teams", []Circuit{{Host: "h.example", Since: since, Failed: since.Add(failed), Trying: true}}, ReachFine); err != nil {
			t.Fatal(err)
		}
		if w := d.warnings(); len(w) != want {
			t.Errorf("the last failure %s later: %+v", failed, w)
		}
	}
}

func TestEachHostIsItsOwn(t *testing.T) {
	d := newDesktop(t)
	since := d.now
	d.holds(since, "a.example:443", "b.example:443")
	if w := d.warnings(); len(w) != 2 {
		t.Errorf("%+v", w)
	}
	d.holds(since, "b.example:443")
	d.holds(since, "b.example:443")
	if w := d.warnings(); len(w) != 1 || !w[0].Over || !strings.Contains(w[0].Text, "a.example") {
		t.Errorf("%+v", w)
	}
}

// TestWhatIsNotTold holds that nothing is told of a host where that is no news, and that it is once it has become some.
func TestWhatIsNotTold(t *testing.T) {
	for what, c := range map[string]struct {
		before func(*desktop)
		after  func(*desktop)
	}{
		"an incident of the partner's is open": {
			func(d *desktop) { d.fails("teams/card") },
			func(d *desktop) { d.passes("teams/card", "teams/card"); d.later(circuitAfter) }},
		"it has only just ended": {
			func(d *desktop) { d.fails("teams/card"); d.passes("teams/card", "teams/card") },
			func(d *desktop) { d.later(circuitAfter) }},
		"our own network is down": {
			func(d *desktop) {
				for _, probe := range []string{"teams/card", "snow/read", "okta/org", "workday/workers"} {
					d.result(probe, partners.FailConnect, ReachDown)
				}
			},
			func(d *desktop) {
				for _, probe := range []string{"teams/card", "snow/read", "okta/org", "workday/workers"} {
					d.passes(probe, probe)
				}
				d.later(circuitAfter)
			}},
		"the partner is muted": {
			func(d *desktop) { d.mute("teams", "", time.Hour) },
			func(d *desktop) { d.later(time.Hour) }},
		"one of its probes is muted": {
			func(d *desktop) { d.mute("teams", "card", time.Hour) },
			func(d *desktop) { d.later(time.Hour) }},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesktop(t)
			since := d.now
			c.before(d)
			d.effects = nil
			d.holds(since, "api.example:443")
			if w := d.warnings(); len(w) != 0 {
				t.Errorf("told %+v", w)
			}
			c.after(d)
			d.effects = nil
			d.holds(since, "api.example:443")
			if w := d.warnings(); len(w) != 1 || w[0].Over {
				t.Errorf("then told %+v", w)
			}
		})
	}
}

func TestAnotherPartnersTroubleExplainsNothing(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.mute("okta", "", time.Hour)
	d.effects = nil
	d.holds(d.now, "api.example:443")
	if w := d.warnings(); len(w) != 1 {
		t.Errorf("%+v", w)
	}
}

func TestAHostIsNotToBlameForOurNetwork(t *testing.T) {
	d := newDesktop(t)
	open := []Circuit{{Host: "api.example:443", Since: d.now.Add(-time.Hour), Failed: d.now}}
	if err := d.desk.Circuits(t.Context(), "teams", open, ReachDown); err != nil {
		t.Fatal(err)
	}
	if w := d.warnings(); len(w) != 0 {
		t.Errorf("%+v", w)
	}
	if err := d.desk.Circuits(t.Context(), "teams", open, ReachFine); err != nil {
		t.Fatal(err)
	}
	if w := d.warnings(); len(w) != 1 || strings.Contains(w[0].Text, "()") {
		t.Errorf("%+v", w)
	}
}

func TestTheEndIsToldUnderAMute(t *testing.T) {
	d := newDesktop(t)
	d.holds(d.now, "api.example:443")
	d.mute("teams", "", time.Hour)
	d.effects = nil
	d.holds(d.now)
	d.holds(d.now)
	if w := d.warnings(); len(w) != 1 || !w[0].Over {
		t.Errorf("%+v", w)
	}
}

func TestHostsThatCannotBeKeptAreAnError(t *testing.T) {
	d := newDesktop(t)
	d.memory.fails = context.DeadlineExceeded
	err := d.desk.Circuits(t.Context(), "teams", []Circuit{{Host: "api.example:443"}}, ReachFine)
	if err == nil || !strings.Contains(err.Error(), "hosts of teams") {
		t.Error(err)
	}
}

// TestCircuitsAlternate holds for any run of looks that what is told alternates between the beginning and the end, that no
// beginning is told while quiet, early, or within the hour of the one before, and no end before enough looks.
func TestCircuitsAlternate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		after := rapid.IntRange(1, 3).Draw(t, "after")
		state, last, now := ProbeState{}, LimitKept, time.UnixMilli(1)
		var begun, since time.Time
		free := 0
		for _, look := range rapid.SliceOf(rapid.SampledFrom([]string{"held", "held", "free", "quiet"})).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(1, 1200).Draw(t, "seconds")) * time.Second)
			var c *Circuit
			if free++; look != "free" {
				if free > 1 || since.IsZero() {
					since = now
				}
				c, free = &Circuit{Host: "h", Since: since, Failed: now}, 0
			}
			var event LimitEvent
			state, event = NextCircuit(state, c, now, after, look == "quiet")
			due := c != nil && last == LimitKept && look != "quiet" && now.Sub(since) >= CircuitPatience && (begun.IsZero() || now.Sub(begun) >= circuitEvery)
			switch {
			case due != (event == LimitPassed):
				t.Fatalf("%q where the beginning is due: %t", event, due)
			case event == LimitKept && (free < after || last == LimitKept):
				t.Fatalf("an end after %d looks", free)
			case event == LimitSame && last == LimitPassed && free >= after:
				t.Fatal("the end is not told")
			}
			if event == LimitPassed {
				begun = now
			}
			if slices.Contains([]LimitEvent{LimitPassed, LimitKept}, event) {
				last = event
			}
		}
	})
}
