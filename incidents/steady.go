package incidents

import (
	"context"
	"fmt"

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
	key, stirs := ProbeKey(r.Partner, r.Probe), d.stirred()
	if d.Passes == nil || !r.Passed() || r.Warning != "" || d.isCalm(key) {
		return false, nil
	}
	if kept, err = d.Passes.KeepPass(ctx, r); err != nil {
		return false, fmt.Errorf("keeping the result of %s: %w", key, err)
	}
	if kept {
		d.calmSince(key, stirs)
	}
	return kept, nil
}
