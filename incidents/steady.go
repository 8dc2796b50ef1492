package incidents

import (
	"context"
	"fmt"
	"time"

	"sparky/partners"
)

// Passes keeps passes from which nothing follows, which nearly all are.
type Passes interface {
	// KeepPass keeps the result of a pass, and how its probe stands by ProbeState.Steady, both or neither. kept is false, and
	// nothing was kept, where Steady says so, or where an incident is live that a pass may concern: see Concerns.
	KeepPass(ctx context.Context, r partners.ProbeResult) (kept bool, err error)
}

// Steady is how the probe stands after one more pass of which nothing is to be told: it passed before, or never ran, it warns of
// nothing, and no warning of it stands. ok is false for any other result.
func (s ProbeState) Steady(r partners.ProbeResult) (after ProbeState, ok bool) {
	if !r.Passed() || r.Warning != "" || s.Fails > 0 || s.Warned != "" {
		return s, false
	}
	return s.next(r), true
}

// Concerns tells whether a pass of the partner may have to do with a live incident: one of the partner's own, of our network,
// or of many partners at once. An incident about a version is about no probe.
func Concerns(kind Kind, of, partner string) bool {
	return kind != KindCompat && (of == "" || of == partner)
}

// steadily keeps a pass on a short way, past the ledger.
func (d *Desk) steadily(ctx context.Context, r partners.ProbeResult) (kept bool, err error) {
	key := ProbeKey(r.Partner, r.Probe)
	if d.Passes == nil || !r.Passed() || r.Warning != "" || d.isCalm(key) {
		return false, nil
	}
	before := d.uncalm(key)
	if kept, err = d.Passes.KeepPass(ctx, r); err != nil {
		return false, fmt.Errorf("keeping the result of %s: %w", key, err)
	}
	if kept {
		d.calmSince(key, before)
	}
	return kept, nil
}

// calmFor is how long a probe that passed is taken to be out of every incident without asking the memory: another
// replica may have put it into one meanwhile.
const calmFor = time.Minute

// isCalm tells that a probe was out of every incident not long ago.
func (d *Desk) isCalm(key string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen, ok := d.calm[key]
	return ok && d.Now().Sub(seen) < calmFor
}

// setCalm notes whether a probe is out of every incident.
func (d *Desk) setCalm(key string, calm bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if calm {
		d.calm[key] = d.Now()
	} else {
		delete(d.calm, key)
		d.rough[key]++
	}
}

// uncalm is how often the probe was found not to be calm.
func (d *Desk) uncalm(key string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rough[key]
}

// calmSince notes that a probe is calm, by a result that was taken to the memory when it had been found not to be that often.
// Where it was once more meanwhile, that was by a newer result.
func (d *Desk) calmSince(key string, before int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rough[key] == before {
		d.calm[key] = d.Now()
	}
}
