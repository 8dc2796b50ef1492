package incidents

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Landed takes the result of an effect that was carried out: the ticket's key, where the card stands. What waited for it
// is due then.
func (d *Desk) Landed(ctx context.Context, kind string, payload, result []byte) error {
	ref := refOf(payload)
	if ref.Incident == "" {
		return nil
	}
	in, err := d.Memory.Incident(ctx, ref.Incident)
	if errors.Is(err, ErrNoIncident) {
		return nil // it is remembered no more, and nothing waits for it
	}
	if err == nil {
		err = d.decide(ctx, in.Partner, func(l *ledger) error {
			now := l.byID(in.ID)
			if now == nil {
				return nil
			}
			if kind == EffectPost {
				return l.landedPost(now, result)
			}
			return now.landed(kind, ref, result)
		})
	}
	if err != nil {
		return fmt.Errorf("noting how %s of %s ended: %w", kind, ref.Incident, err)
	}
	return nil
}

// refOf is the incident that an effect is of; the zero Ref where it is of none.
func refOf(payload []byte) Ref {
	var ref Ref
	if json.Unmarshal(payload, &ref) != nil {
		return Ref{}
	}
	return ref
}

func (i *Incident) landed(kind string, ref Ref, result []byte) error {
	switch kind {
	case EffectCard:
		return json.Unmarshal(result, &i.Card)
	case EffectRun:
		if i.Trial == nil || i.Trial.Run != ref.Run {
			return nil // the message of the run that failed is where its story is told
		}
		return json.Unmarshal(result, &i.Card)
	case EffectTicket:
		ticket := Ticket{Priority: i.Ticket.Priority, Ranked: i.Ticket.Ranked, Seen: i.Ticket.Seen}
		err := json.Unmarshal(result, &ticket)
		if err == nil {
			ticket.ByHand = ticket.ByHand || i.Ticket.ByHand
			ticket.Seen = cmp.Or(ticket.Seen, ticket.Status)
			ticket.Priority = cmp.Or(i.Ticket.Priority, ticket.Priority) // the result holds that of the beginning
			if ref.Outage != 0 && ref.Outage < i.Outage && !ticket.ByHand {
				ticket.Status = i.Ticket.Status // this was done for the outage before
			}
			i.Ticket = ticket
		}
		return err
	case EffectPage:
		var page PageResult
		err := json.Unmarshal(result, &page)
		if err == nil && ref.Outage == i.Outage {
			i.Page.Done = page.Done
		}
		return err
	}
	return nil
}

// landedPost takes how the incident stands on our public page.
func (l *ledger) landedPost(in *Incident, result []byte) error {
	var post PostResult
	if err := json.Unmarshal(result, &post); err != nil {
		return err
	}
	l.tellsCustomers(in, in.Post.landed(post))
	return nil
}

// TicketSeen is a ticket as Jira shows it now.
type TicketSeen struct {
	Key      string
	Gone     bool   // it was deleted; the rest is empty
	Status   string // the name of its status
	Done     bool   // its status means that nothing is left to do
	Begun    bool   // its status means that somebody works on it
	Assignee string
	Priority string    // P1 to P4, empty where Jira's is none of ours
	Moved    time.Time // when it was last given a status
	By       string    // who moved it last, by the name that Jira shows
	ByUs     bool      // that was Sparky
}

// Seen takes what Jira shows of an incident's ticket. What a person did there counts: resolved by hand ends the page to
// on-call, begun is acknowledged, and Sparky moves the ticket no more.
func (d *Desk) Seen(ctx context.Context, t TicketSeen) error {
	in, err := d.Memory.Incident(ctx, t.Key)
	if err != nil {
		return fmt.Errorf("noting how ticket %s stands: %w", t.Key, err)
	}
	if t.same(in.Ticket) {
		return nil // as it is at most of the looks
	}
	return d.decide(WithDoer(ctx, Doer{Origin: InJira}), in.Partner, func(l *ledger) error {
		now := l.byID(in.ID)
		if now == nil {
			return nil
		}
		if t.Gone {
			l.gone(now)
			return nil
		}
		before := now.Ticket
		now.Ticket.Status, now.Ticket.Assignee, now.Ticket.Seen = t.Status, t.Assignee, t.Status
		l.ranked(now, t.Priority)
		if t.ByUs || before.Seen == t.Status || before.Seen == "" || now.Outage > 1 && t.Moved.Before(now.Since) {
			return nil // nobody moved it, or that was about the outage before
		}
		l.moved(now, t)
		return nil
	})
}

// same tells that Jira shows what is known of the ticket.
func (t TicketSeen) same(known Ticket) bool {
	ranked := t.Priority == "" || t.Priority == known.Priority
	return !t.Gone && ranked && t.Status == known.Status && t.Status == known.Seen && t.Assignee == known.Assignee
}

// gone notes that the ticket was deleted.
func (l *ledger) gone(in *Incident) {
	if !in.Ticket.ByHand {
		l.did(*in, Act{Did: DidChange, Actor: somebody, Reason: "The ticket is gone, so I leave it at that."})
	}
	in.Ticket.ByHand = true
}

// ranked takes the priority that Jira shows. Only a change of it is a person's word: that it is another than ours may be
// because another probe has joined since the ticket was made, or because two of ours are one to Jira.
func (l *ledger) ranked(in *Incident, priority string) {
	if priority == "" || priority == in.Ticket.Priority {
		return
	}
	before := in.Ticket.Priority
	in.Ticket.Priority = priority
	if before == "" {
		return
	}
	in.Ticket.Ranked, in.Priority = true, priority
	l.happened(in, Event{Kind: EventByHand, Text: "In Jira its priority is " + priority + " now."})
}

// moved does what follows from a status that somebody else gave the ticket.
func (l *ledger) moved(in *Incident, t TicketSeen) {
	by := cmp.Or(t.By, t.Assignee, somebody) + inJira
	switch {
	case t.Done && in.State.Active():
		in.Ticket.ByHand = true
		in.Closed = &Deed{By: by, At: l.now}
		if in.Kind == KindCompat {
			l.end(in, StateRecovered)
			l.happened(in, Event{Kind: EventClosed, By: by, Text: "Resolved in Jira."})
			return
		}
		in.State, in.Ended = StateClosed, l.now
		in.stopPage()
		l.happened(in, Event{Kind: EventClosed, By: by, Text: "Resolved in Jira while it still fails. The call to on-call is ended, and nothing new is opened while the same failure lasts."})
	case t.Begun && in.State == StateOpen:
		in.Ticket.ByHand = true
		l.acknowledge(in, by)
	}
}
