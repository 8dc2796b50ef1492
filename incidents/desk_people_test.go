package incidents

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"sparky/partners"
)

func TestAcknowledgedOnce(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.landed()
	d.asked()
	answer, err := d.desk.Acknowledge(context.Background(), "ECO-1", "U1")
	if err != nil || !answer.Changed || answer.Incident.State != StateAcknowledged || answer.Incident.Page.Wanted != PageAcknowledged {
		t.Fatalf("got %+v, %v", answer, err)
	}
	d.wantAsked(EffectComment, EffectTicket, EffectPage, EffectCard, EffectThread)
	d.later(time.Minute)
	answer, err = d.desk.Acknowledge(context.Background(), d.only().ID, "U2")
	if err != nil || answer.Changed || answer.First.By != "U1" {
		t.Errorf("a second time: %+v, %v", answer, err)
	}
	d.wantAsked()
	d.passes("snow/create", "snow/create")
	d.fails("snow/create")
	if in := d.only(); in.Acknowledged != nil {
		t.Errorf("the next outage is acknowledged already: %+v", in.Acknowledged)
	}
}

func TestNobodyKnowsTheIncident(t *testing.T) {
	d := newDesktop(t)
	if _, err := d.desk.Acknowledge(context.Background(), "ECO-9", "U1"); !errors.Is(err, ErrNoIncident) {
		t.Errorf("got %v", err)
	}
	d.fails("snow/create")
	d.passes("snow/create", "snow/create")
	if _, err := d.desk.Resolve(context.Background(), d.only().ID, "U1", ""); !errors.Is(err, ErrOver) {
		t.Errorf("got %v", err)
	}
	if _, err := d.desk.Publish(context.Background(), d.only().ID, "U1", ""); !errors.Is(err, ErrNoPost) {
		t.Errorf("got %v", err)
	}
}

func TestResolvedByHandStaysResolvedWhileItFails(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	if _, err := d.desk.Resolve(context.Background(), d.only().ID, "U1", ""); err != nil {
		t.Fatal(err)
	}
	d.asked()
	for range 20 {
		d.later(5 * time.Minute)
		d.fails("snow/create", "snow/read")
	}
	in := d.only()
	if in.State != StateClosed || in.Page.Wanted != PageResolved {
		t.Errorf("got %+v", in)
	}
	if got := d.asked(); slices.Contains(got, EffectPage) || slices.Contains(got, EffectTicket) {
		t.Errorf("asked for %q", got)
	}
	d.passes("snow/create", "snow/create", "snow/read", "snow/read")
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("afterwards it is %s", in.State)
	}
	d.later(time.Hour)
	d.fails("snow/create")
	if n := len(d.ledger.Incidents); n != 2 {
		t.Errorf("a new failure has %d incidents", n)
	}
}

func TestAPersonsVerdictStays(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	answer, err := d.desk.Overrule(context.Background(), d.only().ID, "U1", External)
	if err != nil || !answer.Changed {
		t.Fatalf("got %+v, %v", answer, err)
	}
	in := d.only()
	if in.Verdict.Word != External || in.Page.Wanted != PageResolved || in.Post.State != PostPublished {
		t.Errorf("got %+v", in)
	}
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	if in := d.only(); in.Verdict.By != "U1" {
		t.Errorf("it was changed to %+v", in.Verdict)
	}
	if answer, err = d.desk.Overrule(context.Background(), in.ID, "U2", External); err != nil || answer.Changed || answer.First.By != "U1" {
		t.Errorf("the same again: %+v, %v", answer, err)
	}
	if _, err = d.desk.Overrule(context.Background(), in.ID, "U2", Internal); err != nil {
		t.Fatal(err)
	}
	if in := d.only(); in.Verdict.By != "U2" || in.Page.Wanted != PageTriggered {
		t.Errorf("ours: %+v", in)
	}
	if post := d.only().Post; post.State != PostPublished || post.Updates[len(post.Updates)-1].Level != partners.Degraded || post.Updates[len(post.Updates)-1].Phase != PhaseInvestigating {
		t.Errorf("it still fails, and customers read %+v", post)
	}
	d.passes("snow/create", "snow/create")
	if in := d.only(); !in.ToldOver() || in.Post.Updates[len(in.Post.Updates)-1].Level != partners.Operational {
		t.Errorf("it works again, and customers read %+v", in.Post)
	}
}

func TestMutedFailuresOpenNothingUntilTheMuteEnds(t *testing.T) {
	d := newDesktop(t)
	mute := Mute{Partner: "snow", Probe: "create", Until: d.now.Add(time.Hour), By: "U1"}
	if _, err := d.desk.Mute(context.Background(), mute); err != nil {
		t.Fatal(err)
	}
	d.fails("snow/create")
	if len(d.ledger.Incidents) != 0 {
		t.Fatalf("it opened %+v", d.ledger.Incidents)
	}
	sweep := func() {
		t.Helper()
		if err := d.desk.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if len(d.ledger.Incidents) != 0 {
		t.Fatal("the sweep opened it under the mute")
	}
	d.fails("snow/read")
	if in := d.only(); len(in.Probes) != 1 {
		t.Errorf("the other probe is no incident of its own: %+v", in)
	}
	began := d.ledger.Probes["snow/create"].Since
	d.later(time.Hour)
	sweep()
	if in := d.only(); len(in.Probes) != 1 {
		t.Errorf("an hour later nobody knows whether it fails still: %+v", in.Probes)
	}
	d.later(-5 * time.Minute)
	d.fails("snow/create")
	d.later(5 * time.Minute)
	sweep()
	if in := d.only(); len(in.Probes) != 2 || !in.Probes[1].Since.Equal(began) {
		t.Errorf("after the mute: %+v", in.Probes)
	}
}

func TestAMuteQuietsWhatIsOpenAndItsEndWakes(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	if _, err := d.desk.Mute(context.Background(), Mute{Partner: "snow", Until: d.now.Add(time.Hour), By: "U1"}); err != nil {
		t.Fatal(err)
	}
	if in := d.only(); in.Page.Wanted != PageResolved || in.MutedUntil.IsZero() {
		t.Errorf("muted: %+v", in)
	}
	d.later(10 * time.Minute)
	if lifted, err := d.desk.Unmute(context.Background(), "snow", "", "U2"); err != nil || len(lifted) != 1 {
		t.Fatalf("got %v, %v", lifted, err)
	}
	if in := d.only(); in.Page.Wanted != PageTriggered || !in.MutedUntil.IsZero() {
		t.Errorf("no longer muted: %+v", in)
	}
	if lifted, err := d.desk.Unmute(context.Background(), "snow", "", "U2"); err != nil || lifted != nil {
		t.Errorf("again: %v, %v", lifted, err)
	}
}

func TestWhatAPersonDidInJiraCounts(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.landed()
	seen := func(s TicketSeen) Incident {
		t.Helper()
		s.Key, s.Moved = "ECO-1", d.now
		if err := d.desk.Seen(context.Background(), s); err != nil {
			t.Fatal(err)
		}
		return d.only()
	}
	if in := seen(TicketSeen{Status: "Open", Priority: "P4"}); in.State != StateOpen || in.Ticket.ByHand {
		t.Errorf("as it was: %+v", in)
	}
	if in := seen(TicketSeen{Status: "In Progress", Begun: true, Assignee: "Ada", Priority: "P2"}); in.Acknowledged == nil || in.Acknowledged.By != "Ada in Jira" || in.Priority != "P2" {
		t.Errorf("taken on: %+v", in)
	}
	d.asked()
	in := seen(TicketSeen{Status: "Done", Done: true, Assignee: "Ada", Priority: "P2"})
	if in.State != StateClosed || in.Page.Wanted != PageResolved || !in.Ticket.ByHand {
		t.Errorf("resolved: %+v", in)
	}
	d.fails("snow/create")
	if in := d.only(); in.State != StateClosed {
		t.Errorf("still failing: %+v", in)
	}
}

func TestLinesWaitForTheirPlace(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.wantAsked(EffectTicket, EffectPage, EffectCard)
	d.landed()
	d.wantAsked(EffectComment, EffectCard, EffectThread)
	d.landed()
	d.wantAsked()
}

func TestAMuteOfAnotherProbeDoesNotQuietWhoseMuteRanOut(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/read")
	if _, err := d.desk.Mute(context.Background(), Mute{Partner: "snow", Until: d.now.Add(time.Hour), By: "U1"}); err != nil {
		t.Fatal(err)
	}
	d.later(2 * time.Hour)
	if _, err := d.desk.Mute(context.Background(), Mute{Partner: "snow", Probe: "create", Until: d.now.Add(time.Hour), By: "U1"}); err != nil {
		t.Fatal(err)
	}
	if in := d.only(); in.Page.Wanted != PageTriggered || !in.MutedUntil.IsZero() {
		t.Errorf("nobody is called: %+v, muted until %v", in.Page, in.MutedUntil)
	}
}
