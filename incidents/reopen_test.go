package incidents

import (
	"context"
	"testing"
	"time"
)

func TestTheStatusOfTheOutageBeforeIsNotShownOfTheNext(t *testing.T) {
	for name, c := range map[string]struct {
		byHand bool
		want   string
	}{"closed by Sparky": {false, ""}, "a person's": {true, "Resolved"}} {
		d := newDesktop(t)
		d.fails("snow/create")
		ref := Ref{Incident: d.only().ID, Outage: 1}
		d.land(EffectTicket, ref, Ticket{Key: "ECO-1", Status: "Open"})
		d.passes("snow/create", "snow/create")
		d.land(EffectTicket, ref, Ticket{Key: "ECO-1", Status: "Resolved", ByHand: c.byHand})
		d.later(time.Minute)
		d.fails("snow/create")
		if got := d.only().Ticket; got.Status != c.want || got.Key != "ECO-1" {
			t.Errorf("%s: while Jira is away it stands as %+v", name, got)
		}
		d.land(EffectTicket, ref, Ticket{Key: "ECO-1", Status: "Resolved", ByHand: c.byHand})
		if got := d.only().Ticket.Status; got != c.want {
			t.Errorf("%s: what was late from the outage before made it %q", name, got)
		}
		d.land(EffectTicket, Ref{Incident: ref.Incident, Outage: 2}, Ticket{Key: "ECO-1", Status: "Reopened", ByHand: c.byHand})
		if got := d.only().Ticket.Status; got != "Reopened" {
			t.Errorf("%s: once it was opened again it stands as %q", name, got)
		}
	}
}

// Automations close what was resolved, often within the minute: that says nothing about the next outage.
func TestWhatWasClosedInJiraBeforeItCameBackIsNotClosedByIt(t *testing.T) {
	for _, status := range []string{"Closed", "In Review"} {
		d := newDesktop(t)
		d.fails("snow/create")
		ref := Ref{Incident: d.only().ID, Outage: 1}
		d.land(EffectTicket, ref, Ticket{Key: "ECO-1", Status: "Open"})
		d.passes("snow/create", "snow/create")
		d.later(time.Minute)
		seen := TicketSeen{Key: "ECO-1", Status: status, Done: status == "Closed", Begun: status != "Closed", By: "Automation", Moved: d.now}
		d.later(time.Minute)
		d.fails("snow/create")
		for range 2 {
			d.later(time.Minute)
			if err := d.desk.Seen(context.Background(), seen); err != nil {
				t.Fatal(err)
			}
		}
		if in := d.only(); in.State != StateOpen || in.Page.Wanted != PageTriggered {
			t.Errorf("%s a minute before it failed again, and it is %s, the call %s", status, in.State, in.Page.Wanted)
		}
		seen.Moved = d.now
		seen.Status, seen.Done = "Done", true
		if err := d.desk.Seen(context.Background(), seen); err != nil {
			t.Fatal(err)
		}
		if in := d.only(); in.State != StateClosed {
			t.Errorf("resolved while it fails, and it is %s", in.State)
		}
	}
}
