package incidents

import (
	"fmt"
	"slices"
	"time"

	"sparky/partners"
)

// passed takes a pass: where the probe takes part in an incident, it may be over by it.
func (l *ledger) passed(r partners.ProbeResult) Reaction {
	var reaction Reaction
	for i := range l.Incidents {
		in := &l.Incidents[i]
		f := in.failing(r.Partner, r.Probe)
		if !in.State.Live() || f == nil || f.Over {
			continue
		}
		reaction.Incident = in.ID
		f.Passes++
		f.Over = f.Passes >= l.desk.Rules.RecoverAfter
		if len(in.FailingProbes()) == 0 {
			l.recover(in)
		}
	}
	return reaction
}

// failed takes a failure. It belongs to one live incident only: the one in which it goes on already, else our network's
// where it is that, else the partner's.
func (l *ledger) failed(r partners.ProbeResult, before ProbeState, reach Reach) Reaction {
	part := l.partIn(r)
	_, muted := l.mute(r.Partner, r.Probe, l.now)
	switch ours := l.ours(r, reach); {
	case part == nil && muted:
		return Reaction{}
	case part != nil && part.Kind == KindProbe && !(ours && l.foldable(*part, l.networkSince(r))):
		l.join(part, r)
		return Reaction{Incident: part.ID, Triage: part.State.Active() && part.Verdict.Word == ""}
	case ours:
		return l.fold(l.network(r, before))
	}
	// An answer, or one from elsewhere, shows that this failure is not our network's.
	l.leaveNetwork(r)
	if muted {
		return Reaction{}
	}
	in := l.live(KindProbe, r.Partner)
	if in == nil {
		in = l.reopen(KindProbe, r)
	}
	if in == nil {
		in = l.open(KindProbe, r, before)
	}
	l.join(in, r)
	if part == nil && before.Fails > 0 && l.seen(before) {
		in.began(r, before.Since) // it failed under a mute until now
	}
	l.unquiet(in, r)
	if in.Verdict.By != "" {
		l.follow(in)
	}
	// Another probe may show more of what is wrong.
	return Reaction{Incident: in.ID, Triage: in.State.Active() && in.Verdict.By == ""}
}

// open begins an incident.
func (l *ledger) open(kind Kind, r partners.ProbeResult, before ProbeState) *Incident {
	in := Incident{Kind: kind, State: StateOpen, Outage: 1, Opened: r.End(), Since: r.At, Name: "Our network"}
	if kind == KindProbe {
		p := l.desk.byID[r.Partner]
		in.Partner, in.Name, in.Affects, in.PageURL = r.Partner, p.Name, slices.Clone(p.Affects), p.Status.URL
		in.Owner = OwnerOf(p)
		in.Already = l.unseen(r, before)
	}
	in.ID = l.freeID(in)
	in.Events = []Event{{At: in.Opened, Kind: EventOpened, Text: "Opened: " + r.Problem, Quiet: true}}
	l.Incidents = append(l.Incidents, in)
	return &l.Incidents[len(l.Incidents)-1]
}

// OwnerOf is who answers for the integration with a partner.
func OwnerOf(p partners.Partner) Owner {
	return Owner{Team: p.Owner.Team, JiraAssignee: p.Owner.JiraAssignee, JiraComponent: p.Owner.JiraComponent, SlackGroup: p.Owner.SlackGroup}
}

// unseen tells that nobody looked for so long before the failure that it cannot be said when it began.
func (l *ledger) unseen(r partners.ProbeResult, before ProbeState) bool {
	return before.LastRun.IsZero() || r.At.Sub(before.LastRun) > l.stale(r.Partner, r.Probe)
}

// seen tells that the probe ran so lately that its newest result still holds.
func (l *ledger) seen(state ProbeState) bool {
	return !state.LastRun.IsZero() && l.now.Sub(state.LastRun) <= l.stale(state.Partner, state.Probe)
}

// stale is how old the newest result of a probe may be. Passes of a calm probe are noted no more often than calmFor.
func (l *ledger) stale(partner, probe string) time.Duration {
	return max(3*l.probe(partner, probe).Every.Std(), 2*calmFor)
}

func (l *ledger) probe(partner, probe string) partners.ProbeConfig {
	for _, c := range l.desk.byID[partner].Probes {
		if c.ID == probe {
			return c
		}
	}
	return partners.ProbeConfig{Priority: "P4"}
}

// reopen is the incident that was over only just now, going on; nil where there is none.
func (l *ledger) reopen(kind Kind, r partners.ProbeResult) *Incident {
	partner := r.Partner
	if kind == KindNetwork {
		partner = ""
	}
	in := l.recent(kind, partner, l.now.Add(-l.desk.Rules.ReopenWithin))
	if in == nil {
		return nil
	}
	in.State, in.Outage, in.Since, in.Ended = StateOpen, in.Outage+1, r.At, time.Time{}
	in.Acknowledged, in.Closed, in.Page, in.Already = nil, nil, Page{}, false
	if kind == KindNetwork || !in.stillSaid(r) {
		in.Verdict = Verdict{}
	}
	in.Verdict.Announced = nil // it was said of the outage before
	in.Probes, in.MutedUntil = nil, time.Time{}
	if !in.Ticket.ByHand {
		in.Ticket.Status = "" // it was closed with the outage before, and is to be opened again
	}
	l.leaveStorm(in)
	l.happened(in, Event{Kind: EventReopened, Text: fmt.Sprintf("It is back: %s", r.Problem)})
	return in
}

// stillSaid tells that a person has said whose the incident is, and that the failure is the one of which they said it.
func (i *Incident) stillSaid(r partners.ProbeResult) bool {
	f := i.failing(r.Partner, r.Probe)
	return i.Verdict.By != "" && f != nil && f.Last.Class == r.Class
}

// join notes the failure in the incident.
func (l *ledger) join(in *Incident, r partners.ProbeResult) {
	f := in.failing(r.Partner, r.Probe)
	if f == nil {
		l.raise(in, l.probe(r.Partner, r.Probe).Priority)
		if len(in.Probes) > 0 {
			// What a person has closed opens nothing more, but what is new in it is told.
			l.happened(in, Event{Kind: EventJoined, Text: fmt.Sprintf("%s fails too: %s", r.Probe, r.Problem), Quiet: in.State != StateClosed})
		}
		in.Probes = append(in.Probes, Failing{Partner: r.Partner, Probe: r.Probe, Since: r.At, Last: r, Fails: 1})
		return
	}
	if f.Over {
		f.Since, f.Fails = r.At, 0
	}
	f.Fails, f.Passes, f.Over, f.Last = f.Fails+1, 0, false, r
}

// raise gives the incident the priority of a probe that matters more, unless a person has given it one.
func (l *ledger) raise(in *Incident, priority string) {
	order := partners.Priorities()
	if in.Priority == "" || !in.Ticket.Ranked && slices.Index(order, priority) < slices.Index(order, in.Priority) {
		in.Priority = priority
	}
}

// began notes that the probe's failure, and with it perhaps the incident, is older than the result by which it was told.
func (i *Incident) began(r partners.ProbeResult, since time.Time) {
	if f := i.failing(r.Partner, r.Probe); f != nil {
		f.Since = since
	}
	if len(i.Probes) == 1 && since.Before(i.Since) {
		i.Since = since
	}
}

// recover ends an incident whose failures are over.
func (l *ledger) recover(in *Incident) {
	closed := in.State == StateClosed
	l.end(in, StateRecovered)
	text := "Over: it works again."
	if d := in.Ended.Sub(in.Since); d >= time.Minute && !in.Already {
		text += " It lasted " + inUnits(d) + "."
	}
	l.happened(in, Event{Kind: EventRecovered, Text: text, Quiet: closed})
}

// end closes everything that was opened for the incident.
func (l *ledger) end(in *Incident, state State) {
	in.State, in.MutedUntil = state, time.Time{}
	if in.Ended.IsZero() || state == StateRecovered {
		in.Ended = l.now
	}
	in.stopPage()
	in.endPost(l.now)
}

// mostEvents is how many events an incident keeps. One that comes and goes for weeks has thousands.
const mostEvents = 200

// happened notes an event, at the moment of the decision where it has none of its own.
func (l *ledger) happened(in *Incident, e Event) {
	if e.At.IsZero() {
		e.At = l.now
	}
	in.Events = append(in.Events, e)
	if more := len(in.Events) - mostEvents; more > 0 {
		in.Events = slices.Delete(in.Events, 0, more)
		in.Forgotten += more
	}
}
