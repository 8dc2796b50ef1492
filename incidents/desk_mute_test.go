package incidents

import (
	"context"
	"testing"
	"time"
)

func (d *desktop) mute(target, probe string, length time.Duration) {
	d.Helper()
	if _, err := d.desk.Mute(context.Background(), Mute{Partner: target, Probe: probe, Until: d.now.Add(length), By: "U1"}); err != nil {
		d.Fatal(err)
	}
}

func TestAMuteOfOneProbeLetsNobodySleepThroughTheOthers(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create", "snow/read")
	d.mute("snow", "create", time.Hour)
	d.mute("snow", "list", time.Hour)
	if in := d.only(); in.Page.Wanted != PageTriggered || !in.MutedUntil.IsZero() {
		t.Errorf("page %q, muted until %v, while read fails unmuted", in.Page.Wanted, in.MutedUntil)
	}
	d.passes("snow/read", "snow/read")
	d.sweep()
	if in := d.only(); in.Page.Wanted != PageResolved || in.MutedUntil.IsZero() {
		t.Errorf("page %q, muted until %v, while only create fails", in.Page.Wanted, in.MutedUntil)
	}
}

func TestWhatJoinsAMutedIncidentWakes(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.mute("snow", "create", time.Hour)
	d.fails("snow/read")
	if in := d.only(); in.Page.Wanted != PageTriggered || !in.MutedUntil.IsZero() {
		t.Errorf("page %q, muted until %v", in.Page.Wanted, in.MutedUntil)
	}
}

func TestAMuteDoesNotOutliveItsOutage(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.mute("snow", "", time.Hour)
	d.passes("snow/create", "snow/create")
	if _, err := d.desk.Unmute(context.Background(), "snow", "", "U1"); err != nil {
		t.Fatal(err)
	}
	d.fails("snow/create")
	if in := d.only(); in.Outage != 2 || in.Page.Wanted != PageTriggered {
		t.Errorf("outage %d, page %q, muted until %v", in.Outage, in.Page.Wanted, in.MutedUntil)
	}
}

func TestTheEndOfAMuteIsNotToldOfWhatIsOver(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.mute("snow", "", time.Hour)
	d.passes("snow/create", "snow/create")
	d.later(2 * time.Hour)
	before := len(d.only().Events)
	d.asked()
	d.sweep()
	if events := d.only().Events; len(events) != before {
		t.Errorf("it was told %+v", events[before:])
	}
	d.wantAsked()
}

func TestAShortMuteOfThePartnerLeavesALongOneOfItsProbe(t *testing.T) {
	d := newDesktop(t)
	d.mute("snow", "create", 7*24*time.Hour)
	d.mute("snow", "", time.Hour)
	d.later(2 * time.Hour)
	d.fails("snow/create")
	d.sweep()
	if len(d.ledger.Incidents) != 0 {
		t.Errorf("the long mute is gone: %+v", d.ledger.Incidents)
	}
	d.mute("snow", "create", time.Minute)
	d.later(2 * time.Minute)
	d.fails("snow/create")
	if d.only().State != StateOpen {
		t.Errorf("the mute that took its place is over, and it is %s", d.only().State)
	}
}

func TestALongMuteEndsWithTheFirstOfItsProbes(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create", "snow/read")
	d.mute("snow", "create", time.Hour)
	d.mute("snow", "read", 2*time.Hour)
	if d.only().Page.Wanted != PageResolved {
		t.Fatal("all that fails is muted, and somebody is called")
	}
	d.later(time.Hour + time.Second)
	d.sweep()
	if in := d.only(); in.Page.Wanted != PageTriggered || in.Events[len(in.Events)-2].Text != "The mute has ended." {
		t.Errorf("page %q after %+v", in.Page.Wanted, in.Events[len(in.Events)-2:])
	}
	d.sweep()
	if in := d.only(); in.Page.Wanted != PageTriggered {
		t.Errorf("the next sweep: %q", in.Page.Wanted)
	}
}
