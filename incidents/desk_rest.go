package incidents

import (
	"slices"
	"time"
)

// rest is a sweep that left nothing to be done: until something is decided, the next ones would find the same.
type rest struct {
	at    time.Time // zero: there is none
	stirs int       // how much had been decided by then
}

// restFor is how long sweeps are left out at most: a mute that somebody at a terminal made is not seen here any sooner.
const restFor = time.Minute

// stir notes a decision that a sweep may have to follow.
func (d *Desk) stir() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stirs++
}

// stirred is how many of them there were.
func (d *Desk) stirred() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stirs
}

// rest notes that a sweep of that time left nothing to be done, by what had been decided when it began.
func (d *Desk) rest(at time.Time, stirs int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rested = rest{at, stirs}
}

// resting tells that a sweep would find nothing. Where another replica may be told what probes found, nobody here knows.
func (d *Desk) resting() bool {
	now := d.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	since := now.Sub(d.rested.at)
	return d.Rules.Alone && !d.rested.at.IsZero() && d.rested.stirs == d.stirs && since >= 0 && since < restFor
}

// restless tells that time alone may bring something about.
func (l *ledger) restless() bool {
	if len(l.Mutes) > 0 {
		return true
	}
	if slices.ContainsFunc(l.Incidents, func(in Incident) bool { return in.State.Live() && l.mayMove(in) }) {
		return true
	}
	for _, state := range l.Probes {
		if state.Fails > 0 && l.configured(state.Partner, state.Probe) && l.partIn(state.Last) == nil {
			return true
		}
	}
	return false
}

// mayMove tells that the incident may not stay as it is although nothing is seen or done: it is a storm, is muted, its verdict
// is looked at again, people are to be reminded of it, or what fails in it is not configured.
func (l *ledger) mayMove(in Incident) bool {
	if in.Kind == KindStorm || !in.MutedUntil.IsZero() {
		return true
	}
	if in.Kind == KindProbe && in.State.Active() && in.Verdict.By == "" && (in.Verdict.Word != Internal || l.now.Sub(in.Verdict.At) <= l.desk.Rules.LagWindow) {
		return true
	}
	if in.Unanswered() && in.Page.Reminded < len(l.desk.Rules.Remind) {
		return true
	}
	return slices.ContainsFunc(in.FailingProbes(), func(f Failing) bool { return !l.configured(f.Partner, f.Probe) })
}
