package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// SourceNotice tells that a source cannot be read, or that it can again.
type SourceNotice struct {
	Partner string    `json:"partner"`
	Name    string    `json:"name"`
	Source  string    `json:"source"`
	Problem string    `json:"problem"` // empty once it is read again
	Since   time.Time `json:"since"`
	LastOK  time.Time `json:"last_ok,omitzero"`
	Until   time.Time `json:"until,omitzero"`
	Lasts   bool      `json:"lasts,omitempty"` // only a person can mend it
}

// cutOff tells until when nothing could be reached, where some source could not be read.
func (w *Watcher) cutOff(ctx context.Context, results []sourceResult) time.Time {
	failed := slices.ContainsFunc(results, func(r sourceResult) bool { return r.err != nil })
	if !failed || w.CutOff == nil {
		return time.Time{}
	}
	return w.CutOff(ctx)
}

func (w *Watcher) succeeded(p partners.Partner, state *SourceState, reading partners.Reading) []incidents.Effect {
	now := w.Now()
	var effects []incidents.Effect
	if state.Told {
		effects = append(effects, notice(p, *state, now, false))
	}
	state.TriedAt, state.ReadAt = now, now
	state.Problem, state.FailingFor, state.Told = "", time.Time{}, false
	state.Skipped, state.Moved = reading.Skipped, reading.Moved
	if state.BaselineAt.IsZero() {
		state.BaselineAt = now
	}
	if !reading.NotModified {
		state.Validators, state.Format = reading.Validators, reading.Format
		state.Listed = 0
		if reading.Document == nil { // what came of comparing is no list that could become empty
			state.Listed = len(reading.Changes)
		}
	}
	return effects
}

// failed notes the failure and asks for a notice: at once for one that only a person can mend, at the second try and after
// the Patience for one that may pass. A failure of which our own network is the cause, which was down until then, counts as none
// before the next.
func (w *Watcher) failed(p partners.Partner, state *SourceState, err error, down time.Time) []incidents.Effect {
	now := w.Now()
	ours := !down.IsZero() && (!state.TriedAt.After(down) || heldSince(err, now, down))
	again := state.Problem != ""
	state.TriedAt, state.Problem = now, err.Error()
	if !again || ours && !state.Told {
		state.FailingFor = now
	}
	if state.Told || ours || temporary(err) && (!again || now.Sub(state.FailingFor) < w.Patience) {
		return nil
	}
	state.Told = true
	return []incidents.Effect{notice(p, *state, time.Time{}, !temporary(err))}
}

// heldSince tells that the source was not tried because of failures before the given time.
func heldSince(err error, now, before time.Time) bool {
	var held interface{ Held() time.Duration }
	return errors.As(err, &held) && held.Held() > 0 && !now.Add(-held.Held()).After(before)
}

func temporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// notice is one message for each time that a source fails: drawn when it does, and again when it is over. lasts tells
// that only a person can mend it.
func notice(p partners.Partner, state SourceState, over time.Time, lasts bool) incidents.Effect {
	n := SourceNotice{Partner: p.ID, Name: p.Name, Source: state.Source, Problem: state.Problem,
		Since: state.FailingFor, LastOK: state.ReadAt, Until: over, Lasts: lasts}
	if !over.IsZero() {
		n.Problem = ""
	}
	key := fmt.Sprintf("source/%s/%s/%d", p.ID, shortHash(state.Source), state.FailingFor.Unix())
	effect := incidents.NewEffect(EffectNotice, key, n)
	effect.Picture = true
	return effect
}
