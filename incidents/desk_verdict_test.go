package incidents

import (
	"context"
	"testing"
	"time"

	"sparky/partners"
)

func external() Verdict {
	return Verdict{Word: External, Reason: ReasonAnnounced, Says: "Snow's own outage.", Announced: &Announced{ID: "1", Name: "Outage", Level: partners.MajorOutage}}
}

func TestWhatFollowsFromAVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		verdict Verdict
		page    PageState
		post    PostState
	}{
		"internal":  {Verdict{Word: Internal, Reason: ReasonOurs}, PageTriggered, PostNone},
		"throttled": {Verdict{Word: Internal, Reason: ReasonThrottled}, PageNone, PostNone},
		"unclear":   {Verdict{Word: Unclear, Reason: ReasonPageUnread}, PageTriggered, PostNone},
		"external":  {external(), PageNone, PostPublished},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesktop(t)
			d.verdict = c.verdict
			d.fails("snow/create")
			if in := d.only(); in.Page.Wanted != c.page || in.Post.State != c.post {
				t.Errorf("page %q, post %q", in.Page.Wanted, in.Post.State)
			}
		})
	}
}

func TestAVerdictIsAmendedWhenThePartnerReportsIt(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.asked()
	d.verdict = external()
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	in := d.only()
	if in.Verdict.Word != External || in.Page.Wanted != PageResolved || in.Post.State != PostPublished {
		t.Errorf("got %+v", in)
	}
	if last := in.Events[len(in.Events)-1]; last.Kind != EventAmended {
		t.Errorf("the last events are %+v", in.Events)
	}
	d.wantAsked(EffectTicket, EffectPage, EffectComponents, EffectPost, EffectCard)
}

// TestTheFeaturesAreLookedAtAgainWhenThePostIsWritten, because the post sets them by what it read before.
func TestTheFeaturesAreLookedAtAgainWhenThePostIsWritten(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.asked()
	for _, landed := range []struct {
		said  string
		asked []string
	}{{"1", []string{EffectComponents, EffectCard}}, {"1", nil}, {"2", []string{EffectComponents}}} {
		err := d.desk.Landed(context.Background(), EffectPost, []byte(`{"incident":"`+d.only().ID+`"}`), []byte(`{"id":"p1","said":`+landed.said+`}`))
		if err != nil {
			t.Fatal(err)
		}
		d.wantAsked(landed.asked...)
	}
}

func TestTheSameVerdictAgainChangesNothing(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.asked()
	d.verdict.Points = []Point{{Text: "their page was read 3 minutes ago"}}
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	d.wantAsked()
}

func TestAVerdictThatMayChangeIsLookedAtAgain(t *testing.T) {
	d := newDesktop(t)
	sweep := func(after time.Duration, looks int) {
		t.Helper()
		d.later(after)
		before := d.looks
		if err := d.desk.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := d.looks - before; got != looks {
			t.Errorf("%v later it was looked at %d times, want %d", after, got, looks)
		}
	}
	d.fails("snow/create")
	sweep(2*time.Minute, 1)
	sweep(time.Minute, 0)
	sweep(time.Minute, 1)
	sweep(45*time.Minute, 0) // beyond the time that the page may lag
	d.passes("snow/create", "snow/create")
	sweep(time.Hour, 0)
}

func TestAVerdictThatACrashPreventedIsGivenByTheSweep(t *testing.T) {
	d := newDesktop(t)
	r := partners.ProbeResult{Partner: "snow", Probe: "create", At: d.now, Class: partners.FailServer, Problem: "500"}
	if _, err := d.desk.Probed(context.Background(), r, ReachFine); err != nil {
		t.Fatal(err)
	}
	if err := d.desk.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if in := d.only(); in.Verdict.Word != Internal || in.Page.Wanted != PageTriggered {
		t.Errorf("got %+v", in)
	}
}

func TestOurOwnNetworkIsOneIncident(t *testing.T) {
	d := newDesktop(t)
	for _, p := range []string{"snow/create", "okta/org", "workday/workers", "snow/read"} {
		d.result(p, partners.FailConnect, ReachDown)
	}
	in := d.only()
	if in.Kind != KindNetwork || in.Partner != "" || len(in.Probes) != 4 || in.Verdict.Reason != ReasonNetwork || in.Page.Wanted != PageTriggered {
		t.Errorf("got %+v", in)
	}
	if in.Post.State != PostNone {
		t.Error("customers were told of it")
	}
	for range 2 {
		d.passes("snow/create", "okta/org", "workday/workers", "snow/read")
	}
	if in := d.only(); in.State != StateRecovered || in.Page.Wanted != PageResolved {
		t.Errorf("afterwards it is %s, page %s", in.State, in.Page.Wanted)
	}
}

func TestMostPartnersAtOnceAreOurNetworkToo(t *testing.T) {
	d := newDesktop(t)
	d.result("okta/org", partners.FailTimeout, ReachUnknown)
	d.result("workday/workers", partners.FailDNS, ReachUnknown)
	if n := len(d.ledger.Incidents); n != 2 {
		t.Fatalf("two of five are %d incidents", n)
	}
	d.result("github/meta", partners.FailConnect, ReachUnknown)
	var network, folded int
	for _, in := range d.ledger.Incidents {
		switch {
		case in.Kind == KindNetwork && in.State == StateOpen:
			network = len(in.Probes)
		case in.State == StateFolded && in.FoldedInto != "" && in.Page.Wanted == PageResolved:
			folded++
		}
	}
	if network != 3 || folded != 2 {
		t.Errorf("the network's has %d probes, %d were folded: %+v", network, folded, d.ledger.Incidents)
	}
}

func TestWhatFailsAfterTheNetworkIsBackStandsAlone(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachDown)
	d.result("okta/org", partners.FailConnect, ReachDown)
	d.passes("snow/create", "snow/create")
	d.fails("okta/org")
	if n := len(d.ledger.Incidents); n != 2 {
		t.Fatalf("there are %d incidents", n)
	}
	for _, in := range d.ledger.Incidents {
		if in.Kind == KindNetwork && in.State != StateRecovered || in.Kind == KindProbe && (in.Partner != "okta" || in.State != StateOpen) {
			t.Errorf("got %+v", in)
		}
	}
}

func TestOnePartnerWithoutAnAnswerIsNotOurNetwork(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachFine)
	if in := d.only(); in.Kind != KindProbe {
		t.Errorf("got %+v", in)
	}
}

func TestApprovalIsWaitedFor(t *testing.T) {
	d := newDesktop(t)
	d.desk.Rules.Offices.Approve = true
	d.verdict = external()
	d.fails("snow/create")
	d.wantAsked(EffectTicket, EffectCard)
	id := d.only().ID
	answer, err := d.desk.Publish(context.Background(), id, "U1", "")
	if err != nil || !answer.Changed || answer.Incident.Post.State != PostPublished {
		t.Fatalf("got %+v, %v", answer, err)
	}
	d.wantAsked(EffectComponents, EffectPost, EffectCard)
	answer, err = d.desk.Publish(context.Background(), id, "U2", "")
	if err != nil || answer.Changed || answer.First.By != "U1" {
		t.Errorf("a second time: %+v, %v", answer, err)
	}
	d.passes("snow/create", "snow/create")
	if in := d.only(); in.Post.State != PostResolved || len(in.Post.Updates) < 1 {
		t.Errorf("after recovery: %+v", in.Post)
	}
}

func TestWhatWasDeclinedStaysUnsaid(t *testing.T) {
	d := newDesktop(t)
	d.desk.Rules.Offices.Approve = true
	d.verdict = external()
	d.fails("snow/create")
	if _, err := d.desk.Decline(context.Background(), d.only().ID, "U1"); err != nil {
		t.Fatal(err)
	}
	d.asked()
	d.verdict.Announced = &Announced{ID: "1", Name: "Outage", Level: partners.Degraded}
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	d.passes("snow/create", "snow/create")
	if in := d.only(); in.Post.State != PostDeclined || in.Post.Updates != nil {
		t.Errorf("got %+v", in.Post)
	}
}

func TestCustomersAreNotToldOfEachPass(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	for range 4 {
		d.passes("snow/create")
		if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
			t.Fatal(err)
		}
		d.fails("snow/create")
	}
	if n := len(d.only().Post.Updates); n != 1 {
		t.Errorf("customers read %d updates: %+v", n, d.only().Post.Updates)
	}
	d.passes("snow/create", "snow/create")
	if post := d.only().Post; post.State != PostResolved || len(post.Updates) != 2 {
		t.Errorf("afterwards: %+v", post)
	}
}

func TestWhatJoinsIsPartOfTheEvidence(t *testing.T) {
	d := newDesktop(t)
	d.verdict.Points = []Point{{Text: "read and list still pass"}}
	d.fails("snow/create")
	d.verdict.Points = []Point{{Text: "all fail"}}
	d.fails("snow/read")
	in := d.only()
	if len(in.Verdict.Points) != 1 || in.Verdict.Points[0].Text != "all fail" {
		t.Errorf("the card still says %+v", in.Verdict.Points)
	}
	verdicts := 0
	for _, e := range in.Events {
		if e.Kind == EventVerdict || e.Kind == EventAmended {
			verdicts++
		}
	}
	if verdicts != 1 {
		t.Errorf("the same verdict was told %d times", verdicts)
	}
}

func TestWhatFailsTooDoesNotKeepItTheirsForLonger(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.verdict.Over, d.verdict.At = true, d.now
	d.later(3 * time.Minute)
	d.fails("snow/create")
	d.sweep()
	over := d.only().Verdict.At
	d.later(10 * time.Minute)
	d.verdict.At = d.now
	d.fails("snow/create", "snow/read")
	if v := d.only().Verdict; !v.Over || v.Probes != 2 || !v.At.Equal(over) {
		t.Errorf("of %d probes, over since %v, and was since %v", v.Probes, v.At, over)
	}
}
