package incidents

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// calls is a desktop with an incident that calls on-call, whose card and ticket stand.
func calls(t *testing.T) *desktop {
	t.Helper()
	d := newDesktop(t)
	d.desk.Rules.Remind = []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour}
	d.fails("snow/create")
	d.landed()
	d.effects = nil
	return d
}

// lines are what was asked to be said in threads, and clears it.
func (d *desktop) lines() []ThreadLine {
	d.Helper()
	var all []ThreadLine
	for _, e := range d.effects {
		if e.Kind != EffectThread {
			continue
		}
		var line ThreadLine
		if err := json.Unmarshal(e.Payload, &line); err != nil {
			d.Fatal(err)
		}
		all = append(all, line)
	}
	d.effects = nil
	return all
}

func (d *desktop) reminders() int {
	d.Helper()
	n := 0
	for _, line := range d.lines() {
		if line.Event.Kind != EventReminded {
			continue
		}
		n++
		if line.Mention != "S0ONCALL" || line.TS != "1.2" || !strings.Contains(line.Event.Text, "Nobody has acknowledged") {
			d.Errorf("the reminder is %+v", line)
		}
	}
	return n
}

func TestACallThatNobodyTakesIsBroughtUpAgain(t *testing.T) {
	d := calls(t)
	got := ""
	for range 80 {
		d.later(time.Minute)
		d.fails("snow/create")
		d.sweep()
		d.sweep() // the second sweep of the same moment adds nothing
		got += string(rune('0' + d.reminders()))
	}
	if want := []int{10, 30, 60}; strings.Count(got, "1") != len(want) || strings.ContainsAny(got, "23") {
		t.Errorf("reminders by minute: %s", got)
	}
	if strings.Index(got, "1") > 10 || strings.LastIndex(got, "1") > 60 {
		t.Errorf("they come late: %s", got)
	}
	for _, act := range d.ledger.Acts {
		if act.Did == DidRemindCall && act.Target == "" {
			t.Errorf("an act without its incident: %+v", act)
		}
	}
}

func TestWhatPassedWhileSparkyWasDownIsOneReminder(t *testing.T) {
	d := calls(t)
	d.later(45 * time.Minute)
	d.sweep()
	if n := d.reminders(); n != 1 {
		t.Errorf("%d reminders after a night", n)
	}
	d.later(10 * time.Minute)
	d.sweep()
	if n := d.reminders(); n != 0 {
		t.Errorf("%d reminders before the hour", n)
	}
}

func TestNobodyIsRemindedOfWhatIsInHand(t *testing.T) {
	for name, happens := range map[string]func(d *desktop){
		"acknowledged": func(d *desktop) { _, _ = d.desk.Acknowledge(context.Background(), d.only().ID, "U1") },
		"recovered":    func(d *desktop) { d.passes("snow/create", "snow/create") },
		"muted":        func(d *desktop) { d.mute("snow", "", 3*time.Hour) },
		"resolved":     func(d *desktop) { _, _ = d.desk.Resolve(context.Background(), d.only().ID, "U1", "") },
		"theirs":       func(d *desktop) { _, _ = d.desk.Overrule(context.Background(), d.only().ID, "U1", External) },
		"taken in PagerDuty": func(d *desktop) {
			d.ledger.Incidents[0].Page.Done = PageAcknowledged
		},
		"no group": func(d *desktop) { d.desk.Rules.Offices.Mention = "" },
	} {
		d := calls(t)
		happens(d)
		d.later(2 * time.Hour)
		d.sweep()
		if n := d.reminders(); n != 0 {
			t.Errorf("%s: %d reminders", name, n)
		}
	}
}

func TestAnotherCallIsRemindedOfAnew(t *testing.T) {
	d := calls(t)
	d.later(time.Hour)
	d.sweep()
	d.passes("snow/create", "snow/create")
	d.later(time.Minute)
	d.result("snow/create", partners.FailServer, ReachFine)
	d.lines()
	d.later(10 * time.Minute)
	d.sweep()
	if n := d.reminders(); n != 1 {
		t.Errorf("%d reminders of the second outage", n)
	}
}

func TestAReminderIsNoCommentAndNoNewCard(t *testing.T) {
	d := calls(t)
	d.later(11 * time.Minute)
	d.sweep()
	d.wantAsked(EffectThread)
}

func TestRemindersPassed(t *testing.T) {
	after := []time.Duration{10 * time.Minute, 30 * time.Minute}
	for waited, want := range map[time.Duration]int{0: 0, 10*time.Minute - 1: 0, 10 * time.Minute: 1, 30 * time.Minute: 2, 24 * time.Hour: 2} {
		if got := RemindersPassed(waited, after); got != want {
			t.Errorf("after %v: %d", waited, got)
		}
	}
	if RemindersPassed(time.Hour, nil) != 0 || RemindersPassed(time.Hour, []time.Duration{0, -1}) != 0 {
		t.Error("reminders that nobody asked for")
	}
}

func TestRemindedAfter(t *testing.T) {
	d := calls(t)
	called := d.now
	d.later(11 * time.Minute)
	d.sweep()
	in := d.only()
	if !in.RemindedAfter(called) || in.RemindedAfter(d.now) {
		t.Errorf("called at %v, reminded by %+v", called, in.Events)
	}
}

func TestALineThatRingsSaysWhoseFailureItIs(t *testing.T) {
	d := newDesktop(t)
	d.verdict = Verdict{Word: Internal, Reason: ReasonCredentials, Lean: LeanOurs, Says: "Ours: our credentials were refused (401)."}
	d.fails("snow/create")
	d.landed()
	lines := d.lines()
	const want = "Calling on-call. Snow: create fails. Ours: our credentials were refused (401)."
	if len(lines) != 1 || lines[0].Event.Text != want {
		t.Errorf("it said %+v, want %q", lines, want)
	}
	storm := Incident{Kind: KindStorm, Name: "Several partners", Storm: &Storm{Members: []Member{{State: StateOpen}, {State: StateOpen}, {State: StateRecovered}}}}
	for want, in := range map[string]Incident{
		"Our own network looks down.":                                  {Kind: KindNetwork, Name: "Our network"},
		"2 partners fail at about the same time, each in its own way.": storm,
		"Snow: create and read fail.":                                  {Kind: KindProbe, Name: "Snow", Probes: []Failing{{Probe: "create"}, {Probe: "old", Over: true}, {Probe: "read"}}},
		"Snow fails.":                                                  {Kind: KindProbe, Name: "Snow"},
		"A partner: create fails.":                                     {Kind: KindProbe, Probes: []Failing{{Probe: "create"}}},
		"Snow: a, b and 2 more fail.":                                  {Kind: KindProbe, Name: "Snow", Probes: []Failing{{Probe: "a"}, {Probe: "b"}, {Probe: "c"}, {Probe: "d"}}},
	} {
		if got := in.trouble(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
