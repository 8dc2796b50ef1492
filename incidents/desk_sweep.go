package incidents

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sparky/partners"
)

// Sweep does what time alone brings about: it opens what still fails after its mute has ended, wakes people for what was
// muted, and looks again at every verdict that may change. It is to be called every few seconds. Where time can bring about
// nothing and nothing was decided since, it does so once a minute.
func (d *Desk) Sweep(ctx context.Context) error {
	if d.resting() {
		return nil
	}
	stirs, at := d.stirred(), d.Now()
	var waiting []string
	still := false
	err := d.decide(ctx, "", func(l *ledger) error {
		waiting = nil
		l.overdue()
		for i := range l.Incidents {
			in := &l.Incidents[i]
			l.unmuted(in)
			l.unwatched(in)
			l.remind(in)
			if d.lookAgain(*in, l.now) && l.stillFails(*in) {
				waiting = append(waiting, in.ID)
			}
		}
		l.calmed()
		still = len(waiting) == 0 && !l.restless()
		l.calm = still
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking after the incidents: %w", err)
	}
	if still {
		d.rest(at, stirs)
	}
	for _, id := range waiting {
		err = errors.Join(err, d.Triage(ctx, id))
		d.looked(id)
	}
	return err
}

// overdue opens incidents for what fails although no incident knows of it: its mute has ended. What was seen so long ago
// that it may be over waits for the next run.
func (l *ledger) overdue() {
	for _, key := range slices.Sorted(maps.Keys(l.Probes)) {
		state := l.Probes[key]
		if state.Fails == 0 || !l.configured(state.Partner, state.Probe) || !l.seen(state) || l.partIn(state.Last) != nil {
			continue
		}
		if state.Last.AtNetwork() && l.live(KindNetwork, "") != nil {
			continue // whether it is more than our network's shows when it runs next
		}
		if _, muted := l.mute(state.Partner, state.Probe, l.now); !muted {
			l.failed(state.Last, state, ReachFine) // what would have been our network's was told when it happened
		}
	}
}

func (l *ledger) configured(partner, probe string) bool {
	return slices.ContainsFunc(l.desk.byID[partner].Probes, func(c partners.ProbeConfig) bool { return c.ID == probe })
}

// stillFails tells that the newest result of some probe in the incident is a failure, and not so old that nobody knows.
// Without one a verdict would be about what was, and on-call would be called for what may be over.
func (l *ledger) stillFails(in Incident) bool {
	return slices.ContainsFunc(in.FailingProbes(), func(f Failing) bool {
		return f.Passes == 0 && l.seen(l.Probes[ProbeKey(f.Partner, f.Probe)])
	})
}

// unwatchedAfter is how long a probe that is not configured must not have run: another replica may still know it.
const unwatchedAfter = 10 * time.Minute

// unwatched takes out of the incident what is not configured any more, since nothing will ever say that it is over. With
// the last of it the incident ends.
func (l *ledger) unwatched(in *Incident) {
	if !in.State.Live() {
		return
	}
	gone := func(f Failing) bool {
		return !f.Over && !l.configured(f.Partner, f.Probe) && l.now.Sub(l.Probes[ProbeKey(f.Partner, f.Probe)].LastRun) > unwatchedAfter
	}
	failing := in.FailingProbes()
	switch left := slices.DeleteFunc(slices.Clone(failing), gone); {
	case len(left) == len(failing):
	case len(left) > 0:
		in.Probes = slices.DeleteFunc(in.Probes, gone)
	default:
		closed := in.State == StateClosed
		l.end(in, StateUnwatched)
		l.happened(in, Event{Kind: EventUnwatched, Quiet: closed,
			Text: "Ended, because nothing looks at it any more: what failed is no longer in the configuration. Whether it works is not known."})
	}
}

// lookAgain tells whether the incident's verdict is to be looked at now: there is none yet, or it may have to be amended.
func (d *Desk) lookAgain(in Incident, now time.Time) bool {
	if in.Kind != KindProbe || !in.State.Active() || in.Verdict.By != "" {
		return false
	}
	if in.Verdict.Word == "" {
		return true
	}
	if in.Verdict.Word == Internal && now.Sub(in.Verdict.At) > d.Rules.LagWindow {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return now.Sub(d.lookedAt[in.ID]) >= d.Rules.LookEvery
}

func (d *Desk) looked(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lookedAt[id] = d.Now()
	for old, at := range d.lookedAt {
		if d.Now().Sub(at) > 24*time.Hour {
			delete(d.lookedAt, old)
		}
	}
}

// PageRead looks again at the partner's incident after its status page has said something else than before.
func (d *Desk) PageRead(ctx context.Context, partner string) error {
	var id string
	err := d.Memory.Decide(ctx, partner, func(l *Ledger) ([]Effect, error) {
		if in := l.live(KindProbe, partner); in != nil {
			id = in.ID
		}
		return nil, nil
	})
	if err != nil || id == "" {
		return err
	}
	return d.Triage(ctx, id)
}
