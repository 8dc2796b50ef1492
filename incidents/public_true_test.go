package incidents

import (
	"context"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// overrules lets a person say whose the only incident is.
func (d *desktop) overrules(word Word) {
	d.Helper()
	if _, err := d.desk.Overrule(context.Background(), d.only().ID, "U1", word); err != nil {
		d.Fatal(err)
	}
}

// reads is the newest thing that customers read of the only incident.
func (d *desktop) reads() PostUpdate {
	d.Helper()
	updates := d.only().Post.Updates
	if len(updates) == 0 {
		d.Fatal("customers read nothing")
	}
	return updates[len(updates)-1]
}

func maintained(d *desktop) Verdict {
	v := external()
	v.Reason, v.Announced = ReasonPlanned, &Announced{ID: "w", Name: "Upgrade", Level: partners.Maintenance, Maintenance: true, Until: d.now.Add(time.Hour)}
	return v
}

func TestAPersonWhoAgreesWithMaintenanceDoesNotMakeItLate(t *testing.T) {
	d := newDesktop(t)
	d.verdict = maintained(d)
	d.fails("snow/create")
	before := d.reads()
	d.overrules(External)
	if after := d.reads(); after != before {
		t.Errorf("customers were told %+v, and are told %+v now that a person says the same", before, after)
	}
	in := d.only()
	if u := PublicUpdate(in, d.now.Add(2*time.Hour)); u.Level != partners.Degraded || strings.Contains(u.Text, "carries out") {
		t.Errorf("an hour after its end they would be told %+v", u)
	}
}

func TestWhatTheirPageReportedOnceIsNotToldAsWhatItReports(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.overrules(External)
	d.passes("snow/create", "snow/create")
	d.later(10 * time.Minute)
	d.fails("snow/create")
	if u := d.reads(); d.only().Outage != 2 || strings.Contains(u.Text, "reports") || !strings.Contains(u.Text, "while Snow has trouble") {
		t.Errorf("nobody read their page in outage %d, and customers are told %+v", d.only().Outage, u)
	}
}

func TestAVerdictOfAPersonOutlivesWhatTheirPageReported(t *testing.T) {
	d, id := proposedPost(t)
	d.overrules(External)
	d.later(20 * time.Minute)
	d.fails("snow/create")
	if _, err := d.desk.Publish(context.Background(), id, "U1", ""); err != nil {
		t.Fatal(err)
	}
	if u := d.reads(); strings.Contains(u.Text, "reports") || u.Phase != PhaseIdentified {
		t.Errorf("published %+v", u)
	}
}

func TestWhatTheirPageCalledOverIsPublishedAsOver(t *testing.T) {
	for name, c := range map[string]struct {
		verdict func(d *desktop) Verdict
		want    string
	}{
		"trouble":     {func(*desktop) Verdict { return external() }, "Ticket sync is still affected after trouble at Snow."},
		"maintenance": {maintained, "Ticket sync is still affected after maintenance at Snow."},
	} {
		t.Run(name, func(t *testing.T) {
			d, id := proposedPost(t)
			d.verdict = c.verdict(d)
			d.verdict.Over = true
			d.later(3 * time.Minute)
			d.fails("snow/create")
			d.sweep()
			if _, err := d.desk.Publish(context.Background(), id, "U1", ""); err != nil {
				t.Fatal(err)
			}
			if u := d.reads(); u.Text != c.want {
				t.Errorf("published %q, want %q", u.Text, c.want)
			}
		})
	}
}

func TestANewOutageIsNotCalledByTheMaintenanceBeforeIt(t *testing.T) {
	d := newDesktop(t)
	d.verdict = maintained(d)
	d.fails("snow/create")
	d.passes("snow/create", "snow/create")
	d.later(10 * time.Minute)
	d.verdict = external()
	d.fails("snow/create")
	if u := d.reads(); u.Title != "Ticket sync: trouble at Snow" {
		t.Errorf("outage %d is called %q", d.only().Outage, u.Title)
	}
}

func TestAMuteKeepsNobodyBlamedWhoIsNotAtFault(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.mute("snow", "", time.Hour)
	d.overrules(Internal)
	if u := d.reads(); strings.Contains(u.Title+u.Text, "at Snow") || u.Phase != PhaseInvestigating {
		t.Errorf("it is ours by a person's word, and customers read %+v", u)
	}
	if in := d.only(); in.Page.Wanted == PageTriggered {
		t.Error("on-call is called for what is muted")
	}
}

func TestAMuteKeepsNoProposalThatIsNotTrueAnyMore(t *testing.T) {
	d, _ := proposedPost(t)
	d.mute("snow", "", time.Hour)
	d.overrules(Internal)
	if state := d.only().Post.State; state != PostNone {
		t.Errorf("the post is %q", state)
	}
}

func TestAMutePublishesNothing(t *testing.T) {
	d := newDesktop(t)
	d.verdict = Verdict{Word: Unclear, Reason: ReasonPageUnread, Says: "Unclear."}
	d.fails("snow/create")
	d.mute("snow", "", time.Hour)
	d.overrules(External)
	if post := d.only().Post; post.State != PostNone {
		t.Errorf("the post is %+v", post)
	}
}

// Whoever sets publish to auto waits for nobody any more.
func TestAProposalIsPublishedOnceNobodyIsAskedAnyMore(t *testing.T) {
	d, _ := proposedPost(t)
	d.desk.Rules.Offices.Approve = false
	d.later(3 * time.Minute)
	d.fails("snow/create")
	d.sweep()
	if post := d.only().Post; post.State != PostPublished || len(post.Updates) != 1 {
		t.Errorf("the post is %+v", post)
	}
}

func TestWhatCustomersWereToldStaysTold(t *testing.T) {
	d, id := proposedPost(t)
	if _, err := d.desk.Publish(context.Background(), id, "U1", ""); err != nil {
		t.Fatal(err)
	}
	d.passes("snow/create", "snow/create")
	d.later(time.Minute)
	d.fails("snow/create")
	if post := d.only().Post; post.State != PostProposed {
		t.Fatalf("of the next outage the post is %+v", post)
	}
	d.passes("snow/create", "snow/create")
	if post := d.only().Post; post.State != PostResolved || len(post.Updates) != 2 {
		t.Errorf("nobody published the next outage, and the post of the first is %+v", post)
	}
}
