package incidents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sparky/partners"
)

// Sweep does what time alone brings about: it opens what still fails after its mute has ended, wakes people for what was
// muted, and looks again at every verdict that may change. It is to be called every few seconds.
func (d *Desk) Sweep(ctx context.Context) error {
	var waiting []string
	err := d.decide(ctx, "", func(l *ledger) error {
		waiting = nil
		l.overdue()
		for i := range l.Incidents {
			in := &l.Incidents[i]
			if !in.MutedUntil.IsZero() && !in.MutedUntil.After(l.now) {
				in.MutedUntil = time.Time{}
				l.happened(in, Event{Kind: EventUnmuted, Text: "The mute has ended."})
				l.follow(in)
			}
			if d.lookAgain(*in, l.now) {
				waiting = append(waiting, in.ID)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking after the incidents: %w", err)
	}
	for _, id := range waiting {
		err = errors.Join(err, d.Triage(ctx, id))
		d.looked(id)
	}
	return err
}

// overdue opens incidents for what fails although no incident knows of it: its mute has ended.
func (l *ledger) overdue() {
	for key, state := range l.Probes {
		if state.Fails == 0 || !l.configured(state) || l.partIn(state.Last) != nil {
			continue
		}
		if _, muted := l.mute(state.Partner, state.Probe, l.now); muted {
			continue
		}
		reach := ReachFine // what would have been our network's was told when it happened
		before := l.Probes[key]
		l.failed(state.Last, before, reach)
	}
}

func (l *ledger) configured(state ProbeState) bool {
	return slices.ContainsFunc(l.desk.byID[state.Partner].Probes, func(c partners.ProbeConfig) bool { return c.ID == state.Probe })
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
