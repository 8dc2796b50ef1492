package incidents

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// without takes a probe out of the configuration, as a restart with another one does.
func (d *desktop) without(partner string, probes ...string) {
	for i, p := range d.desk.Partners {
		if p.ID == partner {
			d.desk.Partners[i].Probes = slices.DeleteFunc(slices.Clone(p.Probes), func(c partners.ProbeConfig) bool { return slices.Contains(probes, c.ID) })
		}
	}
	d.desk = NewDesk(d.desk.Options)
}

func TestWhatIsNoLongerConfiguredEnds(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.without("snow", "create")
	d.sweep()
	if in := d.only(); in.State != StateOpen {
		t.Fatalf("another replica may know it still, and it is %s", in.State)
	}
	d.later(11 * time.Minute)
	d.sweep()
	in := d.only()
	if in.State != StateUnwatched || in.Post.State != PostResolved || in.Ended.IsZero() {
		t.Fatalf("got %+v", in)
	}
	if text := in.Post.Updates[len(in.Post.Updates)-1].Text; strings.Contains(text, "works") {
		t.Errorf("customers read %q, which nobody knows", text)
	}
	if text := in.Events[len(in.Events)-1].Text; !strings.Contains(text, "no longer in the configuration") {
		t.Errorf("it says %q", text)
	}
	d.asked()
	d.sweep()
	d.wantAsked()
}

func TestOneProbeOfSeveralIsNoLongerConfigured(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create", "snow/read")
	d.without("snow", "create")
	d.later(11 * time.Minute)
	d.sweep()
	if in := d.only(); in.State != StateOpen || len(in.Probes) != 1 || in.Probes[0].Probe != "read" {
		t.Errorf("got %s with %+v", in.State, in.Probes)
	}
	d.passes("snow/read", "snow/read")
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("afterwards it is %s", in.State)
	}
}

func TestAPartnerThatIsGoneLeavesOurNetworksIncident(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachDown)
	d.result("okta/org", partners.FailConnect, ReachDown)
	d.desk.Partners = slices.DeleteFunc(slices.Clone(d.desk.Partners), func(p partners.Partner) bool { return p.ID == "snow" })
	d.desk = NewDesk(d.desk.Options)
	d.passes("okta/org", "okta/org")
	d.later(11 * time.Minute)
	d.sweep()
	if in := d.only(); in.State != StateUnwatched {
		t.Errorf("it is %s with %+v", in.State, in.FailingProbes())
	}
}

func TestAnOldFailureOpensNothingUntilTheProbeRanAgain(t *testing.T) {
	d := newDesktop(t)
	d.mute("snow", "", time.Hour)
	d.fails("snow/create")
	d.later(3 * 24 * time.Hour) // Sparky was down
	d.desk = NewDesk(d.desk.Options)
	d.sweep()
	if len(d.ledger.Incidents) != 0 {
		t.Fatalf("from a result of three days ago: %+v", d.ledger.Incidents)
	}
	d.fails("snow/create")
	if in := d.only(); !in.Already || in.Since.Before(d.now.Add(-time.Minute)) {
		t.Errorf("already %v, since %v", in.Already, in.Since)
	}
}

func TestNobodyIsCalledForWhatMayBeOver(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.passes("snow/create")
	d.verdict = Verdict{Word: Internal, Reason: ReasonNotAnnounced, Says: "Their page calls it over."}
	d.later(5 * time.Minute)
	d.sweep()
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	if in := d.only(); in.Page.Wanted != PageNone || in.Verdict.Word != External {
		t.Errorf("its newest result is a pass: page %q, verdict %q", in.Page.Wanted, in.Verdict.Word)
	}
	d.fails("snow/create")
	d.later(3 * time.Hour) // Sparky was down
	d.sweep()
	if in := d.only(); in.Page.Wanted != PageNone {
		t.Errorf("its newest result is three hours old: page %q", in.Page.Wanted)
	}
	d.fails("snow/create")
	d.sweep()
	if in := d.only(); in.Page.Wanted != PageTriggered || in.Verdict.Word != Internal {
		t.Errorf("it fails again: page %q, verdict %q", in.Page.Wanted, in.Verdict.Word)
	}
}

func TestAProbeThatRunsEveryFewSecondsWasSeen(t *testing.T) {
	fast := probing("snow", "create")
	fast.Probes[0].Every = 3_000_000_000
	d := newDesktop(t, fast, probing("okta", "org"))
	for range 19 {
		d.later(2 * time.Second)
		d.passes("snow/create")
	}
	d.later(2 * time.Second)
	d.fails("snow/create")
	if in := d.only(); in.Already {
		t.Error("it passed three seconds ago, and is said to have failed before anybody looked")
	}
}

func TestASweepAsksForNothingWhereNothingChanged(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.landed()
	d.result("okta/org", partners.FailConnect, ReachDown)
	d.sweep()
	d.asked()
	for range 20 {
		d.later(5 * time.Second)
		d.sweep()
	}
	d.wantAsked()
}
