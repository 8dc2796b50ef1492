package incidents

import (
	"context"
	"testing"
	"time"

	"sparky/partners"
)

// of is the newest incident of a partner, or of our network where partner is empty.
func (d *desktop) of(partner string) Incident {
	d.Helper()
	var newest Incident
	for _, in := range d.ledger.Incidents {
		if in.Partner == partner && !in.Opened.Before(newest.Opened) {
			newest = in
		}
	}
	if newest.ID == "" {
		d.Fatalf("there is no incident of %q: %+v", partner, d.ledger.Incidents)
	}
	return newest
}

func (d *desktop) sweep() {
	d.Helper()
	if err := d.desk.Sweep(context.Background()); err != nil {
		d.Fatal(err)
	}
}

func TestAnOlderIncidentOfAPartnerIsNotPartOfTheNetworks(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.later(10 * time.Minute)
	d.result("snow/create", partners.FailConnect, ReachDown)
	d.result("okta/org", partners.FailConnect, ReachDown)
	if network := d.of(""); len(network.Probes) != 1 || network.Probes[0].Partner != "okta" {
		t.Errorf("the network's has %+v", network.Probes)
	}
	d.later(5 * time.Minute)
	d.fails("snow/create")
	d.passes("okta/org", "okta/org")
	if network := d.of(""); network.State != StateRecovered || network.Page.Wanted != PageResolved {
		t.Errorf("snow still fails by itself, and keeps our network's %s, page %s", network.State, network.Page.Wanted)
	}
	if own := d.of("snow"); own.State != StateOpen || own.Probes[0].Fails != 3 {
		t.Errorf("snow's own is %+v", own)
	}
}

func TestWhatBeganWithTheNetworkIsFoldedAndClosed(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.result("snow/create", partners.FailConnect, ReachFine)
	if d.of("snow").Post.State != PostPublished {
		t.Fatal("nothing was published")
	}
	d.later(3 * time.Minute) // its next run is in two more
	d.result("okta/org", partners.FailConnect, ReachDown)
	own := d.of("snow")
	if own.State != StateFolded || own.Post.State != PostResolved || own.Page.Wanted == PageTriggered {
		t.Errorf("snow's own is %s, its post %s, its page %s", own.State, own.Post.State, own.Page.Wanted)
	}
	last := own.Post.Updates[len(own.Post.Updates)-1]
	if last.Phase != PhaseResolved || last.Text != "We have closed this notice about Snow." {
		t.Errorf("customers read %+v", last)
	}
	if network := d.of(""); len(network.Probes) != 2 {
		t.Errorf("the network's has %+v", network.Probes)
	}
}

func TestAPersonsWordIsNotFolded(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachFine)
	if _, err := d.desk.Overrule(context.Background(), d.of("snow").ID, "U1", External); err != nil {
		t.Fatal(err)
	}
	d.result("okta/org", partners.FailConnect, ReachDown)
	d.result("snow/create", partners.FailConnect, ReachDown)
	if own := d.of("snow"); own.State != StateOpen || own.Verdict.By != "U1" || own.Probes[0].Fails != 2 {
		t.Errorf("snow's own is %+v", own)
	}
}

func TestWithoutControlsOnePartnerDoesNotKeepOurNetworkDown(t *testing.T) {
	d := newDesktop(t, probing("snow", "create"), probing("okta", "org"), probing("workday", "workers"))
	d.result("snow/create", partners.FailConnect, ReachUnknown)
	d.result("okta/org", partners.FailConnect, ReachUnknown)
	if d.of("").State != StateOpen {
		t.Fatal("two of three at once are not our network")
	}
	d.later(5 * time.Minute)
	d.passes("okta/org", "okta/org", "workday/workers")
	d.result("snow/create", partners.FailConnect, ReachUnknown)
	if network := d.of(""); network.State != StateRecovered {
		t.Errorf("others answer, and our network is %s with %+v", network.State, network.FailingProbes())
	}
	if own := d.of("snow"); own.State != StateOpen {
		t.Errorf("snow's own is %s", own.State)
	}
}

func TestProbesEveryFiveMinutesNoticeTheNetworkTogether(t *testing.T) {
	d := newDesktop(t)
	for _, p := range []string{"snow/create", "okta/org", "workday/workers"} {
		d.result(p, partners.FailConnect, ReachUnknown)
		d.later(100 * time.Second)
	}
	if network := d.of(""); len(network.Probes) != 3 || d.of("snow").State != StateFolded || d.of("okta").State != StateFolded {
		t.Errorf("got %+v", d.ledger.Incidents)
	}
}

func TestPartnersThatAreNotProbedDoNotCount(t *testing.T) {
	d := newDesktop(t)
	for key := range d.ledger.Probes {
		if key != "snow/create" && key != "okta/org" {
			delete(d.ledger.Probes, key) // this version cannot run it
		}
	}
	d.result("snow/create", partners.FailConnect, ReachUnknown)
	d.result("okta/org", partners.FailConnect, ReachUnknown)
	if network := d.of(""); len(network.Probes) != 2 {
		t.Errorf("got %+v", network)
	}
}

func TestANetworkThatComesAndGoesIsOneIncident(t *testing.T) {
	d := newDesktop(t)
	for outage := 1; outage <= 3; outage++ {
		d.result("snow/create", partners.FailConnect, ReachDown)
		d.result("okta/org", partners.FailConnect, ReachDown)
		if in := d.only(); in.Kind != KindNetwork || in.Outage != outage || in.Page.Wanted != PageTriggered || len(in.Probes) != 2 {
			t.Fatalf("outage %d: %+v", outage, in)
		}
		d.passes("snow/create", "okta/org", "snow/create", "okta/org")
		d.later(10 * time.Minute)
	}
}

func TestAClosedNetworkIncidentTakesWhatFailsIntoIt(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachDown)
	if _, err := d.desk.Resolve(context.Background(), d.only().ID, "U1", ""); err != nil {
		t.Fatal(err)
	}
	d.asked()
	d.result("okta/org", partners.FailConnect, ReachDown)
	if in := d.only(); in.State != StateClosed || in.Page.Wanted != PageResolved || len(in.Probes) != 2 {
		t.Errorf("got %+v", in)
	}
	d.passes("snow/create", "okta/org", "snow/create", "okta/org")
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("afterwards it is %s", in.State)
	}
}

func TestAMutedProbeCountsItsPassesInARowInTheNetworksToo(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachDown)
	if _, err := d.desk.Mute(context.Background(), Mute{Partner: "snow", Until: d.now.Add(time.Hour), By: "U1"}); err != nil {
		t.Fatal(err)
	}
	d.passes("snow/create")
	d.result("snow/create", partners.FailConnect, ReachDown)
	d.passes("snow/create")
	if in := d.only(); in.State != StateOpen {
		t.Errorf("it is %s after a pass, a failure and a pass", in.State)
	}
	d.fails("snow/create") // it answers: not our network's, and muted
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("it is %s", in.State)
	}
}

func TestTheNetworksVerdictIsNotGivenToThePartnersTwice(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.later(10 * time.Minute)
	d.result("okta/org", partners.FailConnect, ReachDown)
	d.result("snow/create", partners.FailConnect, ReachDown)
	d.verdict = networkVerdict(d.now, "no answer")
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	if own := d.of("snow"); own.Verdict.Word != External || own.Page.Wanted != PageNone {
		t.Errorf("snow's own became %+v, page %q", own.Verdict, own.Page.Wanted)
	}
	if network := d.of(""); network.Page.Wanted != PageTriggered {
		t.Errorf("nobody is called for the network: %+v", network.Page)
	}
}

func TestWhatIsFoldedFailsInTheNetworksThoughItWasOverThere(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachDown)
	d.result("okta/org", partners.FailConnect, ReachDown)
	d.passes("snow/create", "snow/create")
	d.verdict = networkVerdict(d.now, "no answer")
	d.result("snow/create", partners.FailConnect, ReachFine)
	network := d.of("")
	if f := network.failing("snow", "create"); d.of("snow").State != StateFolded || f == nil || f.Over {
		t.Errorf("snow's own is %s, its part in the network's %+v", d.of("snow").State, f)
	}
}

func TestANewOutageOfOurNetworkIsJudgedAnew(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachDown)
	if _, err := d.desk.Overrule(context.Background(), d.only().ID, "U1", Internal); err != nil {
		t.Fatal(err)
	}
	d.passes("snow/create", "snow/create")
	d.result("snow/create", partners.FailConnect, ReachDown)
	if in := d.only(); in.Outage != 2 || in.Page.Wanted != PageTriggered {
		t.Errorf("outage %d, page %q", in.Outage, in.Page.Wanted)
	}
}

// TestAFigureIsNoAnswerFromOutside holds that a limit, which is counted from what is remembered, does not speak for our
// network.
func TestAFigureIsNoAnswerFromOutside(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachDown)
	d.later(time.Minute)
	_, err := d.desk.Measured(context.Background(), Measure{Partner: "teams", ID: "card p95", Probe: "card", At: d.now, Known: true, Past: true, Text: "slow"})
	if err != nil {
		t.Fatal(err)
	}
	d.result("snow/create", partners.FailConnect, ReachUnknown)
	if network := d.of(""); network.State != StateOpen || len(network.FailingProbes()) != 1 {
		t.Errorf("our network is %s with %+v", network.State, network.FailingProbes())
	}
	if len(d.ledger.Incidents) != 1 {
		t.Errorf("a partner is blamed: %+v", d.ledger.Incidents)
	}
}

func TestAMuteThatEndsWhileOurNetworkIsDownBlamesNoPartner(t *testing.T) {
	d := newDesktop(t)
	d.mute("snow", "", 4*time.Minute)
	for _, probe := range []string{"snow/create", "okta/org", "github/meta"} {
		d.result(probe, partners.FailConnect, ReachDown)
	}
	d.later(5 * time.Minute)
	d.sweep()
	if in := d.only(); in.Kind != KindNetwork {
		t.Fatalf("the one incident is %+v", in)
	}
	d.result("snow/create", partners.FailConnect, ReachDown)
	if in := d.only(); in.failing("snow", "create") == nil {
		t.Errorf("its next run is no part of our network's: %+v", in.Probes)
	}
	for _, probe := range []string{"okta/org", "github/meta"} {
		d.passes(probe, probe)
	}
	d.fails("snow/create")
	d.sweep()
	if own := d.of("snow"); own.State != StateOpen {
		t.Errorf("what fails by itself is %s", own.State)
	}
}
