package incidents

import (
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
