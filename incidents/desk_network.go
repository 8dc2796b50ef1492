package incidents

import (
	"slices"
	"time"

	"sparky/partners"
)

// Most partners at once, as far as that shows that the trouble is on our side of them.
const (
	atOnce  = 2 * time.Minute
	leastOf = 2
)

// ours tells whether a failure without an answer is our own network's: the controls do not answer either, or most of the
// partners that are probed failed in the same way at once.
func (l *ledger) ours(r partners.ProbeResult, reach Reach) bool {
	if !r.AtNetwork() {
		return false
	}
	network := l.live(KindNetwork, "")
	if reach == ReachDown || reach == ReachUnknown && network != nil && !l.answered(network.Since, r.Partner) {
		return true
	}
	probed, failing := 1, 1
	for _, p := range l.desk.Partners {
		if p.ID == r.Partner || !slices.ContainsFunc(p.Probes, func(c partners.ProbeConfig) bool { return l.seen(l.Probes[ProbeKey(p.ID, c.ID)]) }) {
			continue
		}
		probed++
		if l.cutOff(p) {
			failing++
		}
	}
	return failing >= leastOf && failing*2 > probed && (reach != ReachFine || failing > leastOf)
}

// answered tells that some other partner has answered since, so that there is a way to the outside.
func (l *ledger) answered(since time.Time, but string) bool {
	for _, state := range l.Probes {
		// What is no probe is a limit, which is counted here.
		if state.Partner != but && l.configured(state.Partner, state.Probe) && state.LastRun.After(since) && !(state.Fails > 0 && state.Last.AtNetwork()) {
			return true
		}
	}
	return false
}

// together is how far apart probes notice the same moment: each in its next run.
func (l *ledger) together(partner, probe string) time.Duration {
	return max(atOnce, l.probe(partner, probe).Every.Std())
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
		if !state.Last.AtNetwork() || l.now.Sub(state.Since) > l.together(p.ID, probe.ID) {
			return false
		}
		seen = true
	}
	return seen
}

// networkSince is when the trouble of our network began of which this failure would be part.
func (l *ledger) networkSince(r partners.ProbeResult) time.Time {
	if in := l.live(KindNetwork, ""); in != nil {
		return in.Since
	}
	return r.At
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
	l.join(in, r)
	if in.Verdict.Word == "" {
		l.judge(in, networkVerdict(l.now, r.Problem))
	}
	return in
}

// networkVerdict is the verdict on our own network, by what the last of the calls ran into: that may name the mend.
func networkVerdict(at time.Time, problem string) Verdict {
	return Verdict{
		Word: Internal, Reason: ReasonNetwork, Lean: LeanOurs, At: at,
		Says: "Ours: Sparky's way to the internet is down. No partner is to blame.",
		Points: []Point{
			{Text: "Calls to several places that have nothing to do with each other got no answer.", For: LeanOurs},
			{Text: "The last of them: " + problem + ".", For: LeanOurs},
			{Text: "Where to look first: the network, the name server and the proxy of the machine on which Sparky runs.", For: LeanOurs},
		},
		Would: "It ends by itself when calls are answered again; what still fails then is looked at on its own.",
	}
}

// fold takes the partners' incidents that began with the network's into it.
func (l *ledger) fold(network *Incident) Reaction {
	for i := range l.Incidents {
		if in := &l.Incidents[i]; l.foldable(*in, network.Since) {
			l.foldInto(network, in)
		}
	}
	return Reaction{Incident: network.ID}
}

// foldInto ends an incident that is part of our network's.
func (l *ledger) foldInto(network, in *Incident) {
	for _, f := range in.FailingProbes() {
		if part := network.failing(f.Partner, f.Probe); part != nil {
			*part = f // it was over in it, and is not any more
		} else {
			network.Probes = append(network.Probes, f)
		}
	}
	in.FoldedInto = network.ID
	l.end(in, StateFolded)
	l.happened(in, Event{Kind: EventFolded, Text: "This is part of the trouble with our own network, and goes on there."})
}

// foldable tells that a partner's incident is no more than our network's: it began with it, nobody of the partner's ever
// answered in it, and no person has said anything else.
func (l *ledger) foldable(in Incident, network time.Time) bool {
	if in.Kind != KindProbe || !in.State.Active() || in.Verdict.By != "" || in.Post.By != "" || !cutOffOnly(in) {
		return false
	}
	apart := network.Sub(in.Since).Abs()
	return slices.ContainsFunc(in.Probes, func(f Failing) bool { return apart <= l.together(f.Partner, f.Probe) })
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
