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

// failed takes a failure.
func (l *ledger) failed(r partners.ProbeResult, before ProbeState, reach Reach) Reaction {
	if own := l.live(KindProbe, r.Partner); own != nil && own.failing(r.Partner, r.Probe) != nil {
		l.join(own, r, before)
		if l.ours(r, reach) {
			return l.fold(l.network(r, before))
		}
		return Reaction{Incident: own.ID, Triage: own.Verdict.Word == ""}
	}
	if _, muted := l.mute(r.Partner, r.Probe, l.now); muted {
		return Reaction{}
	}
	if l.ours(r, reach) {
		return l.fold(l.network(r, before))
	}
	// An answer, or one from elsewhere, shows that this failure is not our network's.
	l.leaveNetwork(r)
	in := l.live(KindProbe, r.Partner)
	if in == nil {
		in = l.reopen(KindProbe, r)
	}
	if in == nil {
		in = l.open(KindProbe, r, before)
	}
	l.join(in, r, before)
	return Reaction{Incident: in.ID, Triage: in.State.Active() && in.Verdict.Word == ""}
}

// Most partners at once, as far as that shows that the trouble is on our side of them.
const (
	atOnce  = 2 * time.Minute
	leastOf = 2
)

// ours tells whether a failure without an answer is our own network's: the controls do not answer either, or most of the
// partners that are probed failed in the same way within minutes.
func (l *ledger) ours(r partners.ProbeResult, reach Reach) bool {
	if !r.AtNetwork() {
		return false
	}
	if reach == ReachDown || reach == ReachUnknown && l.live(KindNetwork, "") != nil {
		return true
	}
	probed, failing := 0, 0
	for _, p := range l.desk.Partners {
		if len(p.Probes) == 0 {
			continue
		}
		probed++
		if p.ID == r.Partner || l.cutOff(p) {
			failing++
		}
	}
	return failing >= leastOf && failing*2 > probed && (reach != ReachFine || failing > leastOf)
}

// cutOff tells that a partner's newest results are failures without an answer that began in the last minutes.
func (l *ledger) cutOff(p partners.Partner) bool {
	seen := false
	for _, probe := range p.Probes {
		state := l.Probes[ProbeKey(p.ID, probe.ID)]
		if state.Fails == 0 {
			if state.Passes > 0 && l.now.Sub(state.LastRun) < atOnce {
				return false
			}
			continue
		}
		if !state.Last.AtNetwork() || l.now.Sub(state.Since) > atOnce {
			return false
		}
		seen = true
	}
	return seen
}

// network is the incident of our own network, opened or reopened by this failure where there is none, with it in it.
func (l *ledger) network(r partners.ProbeResult, before ProbeState) *Incident {
	in := l.live(KindNetwork, "")
	if in == nil {
		in = l.reopen(KindNetwork, r)
	}
	if in == nil {
		in = l.open(KindNetwork, r, before)
	}
	l.join(in, r, before)
	if in.Verdict.Word == "" {
		l.judge(in, networkVerdict(l.now))
	}
	return in
}

func networkVerdict(at time.Time) Verdict {
	return Verdict{
		Word: Internal, Reason: ReasonNetwork, Lean: LeanOurs, At: at,
		Says: "Ours: Sparky's way to the internet is down. No partner is to blame.",
		Points: []Point{
			{Text: "Calls to several places that have nothing to do with each other got no answer.", For: LeanOurs},
		},
		Would: "It ends by itself when calls are answered again; what still fails then is looked at on its own.",
	}
}

// fold takes the partners' incidents that began with the network's into it.
func (l *ledger) fold(network *Incident) Reaction {
	id := network.ID
	for i := range l.Incidents {
		in := &l.Incidents[i]
		if in.Kind != KindProbe || !in.State.Active() || network.Since.Sub(in.Since).Abs() > atOnce || !cutOffOnly(*in) {
			continue
		}
		for _, f := range in.Probes {
			if l.byID(id).failing(f.Partner, f.Probe) == nil {
				l.byID(id).Probes = append(l.byID(id).Probes, f)
			}
		}
		in.FoldedInto = id
		l.end(in, StateFolded)
		l.happened(in, Event{Kind: EventFolded, Text: "This is part of the trouble with our own network, and goes on there."})
	}
	return Reaction{Incident: id}
}

func cutOffOnly(in Incident) bool {
	return !slices.ContainsFunc(in.Probes, func(f Failing) bool { return !f.Last.AtNetwork() })
}

// leaveNetwork takes a failure out of the incident of our network, which ends where it was the last one.
func (l *ledger) leaveNetwork(r partners.ProbeResult) {
	in := l.live(KindNetwork, "")
	if in == nil {
		return
	}
	f := in.failing(r.Partner, r.Probe)
	if f == nil || f.Over {
		return
	}
	f.Over = true
	if len(in.FailingProbes()) == 0 {
		l.recover(in)
	}
}

// open begins an incident.
func (l *ledger) open(kind Kind, r partners.ProbeResult, before ProbeState) *Incident {
	in := Incident{Kind: kind, State: StateOpen, Outage: 1, Opened: r.End(), Since: r.At, Name: "Our network"}
	if kind == KindProbe {
		p := l.desk.byID[r.Partner]
		in.Partner, in.Name, in.Affects, in.PageURL = r.Partner, p.Name, slices.Clone(p.Affects), p.Status.URL
		in.Owner = Owner{Team: p.Owner.Team, JiraAssignee: p.Owner.JiraAssignee, JiraComponent: p.Owner.JiraComponent, SlackGroup: p.Owner.SlackGroup}
		in.Already = l.unseen(r, before)
	}
	in.ID = newID(in, r.End())
	in.Events = []Event{{At: in.Opened, Kind: EventOpened, Text: "Opened: " + r.Problem, Quiet: true}}
	l.Incidents = append(l.Incidents, in)
	return &l.Incidents[len(l.Incidents)-1]
}

// unseen tells that nobody looked for so long before the failure that it cannot be said when it began.
func (l *ledger) unseen(r partners.ProbeResult, before ProbeState) bool {
	if before.LastRun.IsZero() {
		return true
	}
	every := l.probe(r.Partner, r.Probe).Every.Std()
	// The passes of a probe that is calm are not noted one by one.
	return every > 0 && r.At.Sub(before.LastRun) > 3*every+calmFor
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
	in.Acknowledged, in.Closed, in.Verdict, in.Page, in.Already = nil, nil, Verdict{}, Page{}, false
	in.Probes = nil
	l.happened(in, Event{Kind: EventReopened, Text: fmt.Sprintf("It is back: %s", r.Problem)})
	return in
}

// join notes the failure in the incident.
func (l *ledger) join(in *Incident, r partners.ProbeResult, before ProbeState) {
	config := l.probe(r.Partner, r.Probe)
	if in.Priority == "" || slices.Index(partners.Priorities(), config.Priority) < slices.Index(partners.Priorities(), in.Priority) {
		in.Priority = config.Priority
	}
	f := in.failing(r.Partner, r.Probe)
	if f == nil {
		if len(in.Probes) > 0 {
			l.happened(in, Event{Kind: EventJoined, Text: fmt.Sprintf("%s fails too: %s", r.Probe, r.Problem), Quiet: true})
		}
		in.Probes = append(in.Probes, Failing{Partner: r.Partner, Probe: r.Probe, Since: r.At, Last: r, Fails: 1})
		return
	}
	if f.Over {
		f.Since, f.Fails = r.At, 0
	}
	f.Fails, f.Passes, f.Over, f.Last = f.Fails+1, 0, false, r
}

// recover ends an incident whose failures are over.
func (l *ledger) recover(in *Incident) {
	closed := in.State == StateClosed
	l.end(in, StateRecovered)
	l.happened(in, Event{Kind: EventRecovered, Quiet: closed,
		Text: "Over: it works again" + lasted(in.Ended.Sub(in.Since)) + "."})
}

func lasted(d time.Duration) string {
	if d < time.Minute {
		return ""
	}
	return ", after " + lengthInWords(d)
}

// lengthInWords is a length of time in its two largest units.
func lengthInWords(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch days, hours := minutes/60/24, minutes/60%24; {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes%60)
	default:
		return fmt.Sprintf("%d min", minutes)
	}
}

// end closes everything that was opened for the incident.
func (l *ledger) end(in *Incident, state State) {
	in.State = state
	if in.Ended.IsZero() || state == StateRecovered {
		in.Ended = l.now
	}
	in.stopPage()
	in.endPost(l.now)
}

// happened notes an event.
func (l *ledger) happened(in *Incident, e Event) {
	e.At = l.now
	in.Events = append(in.Events, e)
}
