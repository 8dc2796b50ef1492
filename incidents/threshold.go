package incidents

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"sparky/partners"
)

// AlertPrefix comes before the name of an alert of New Relic's where it stands among a partner's probes. No id of a probe has
// a space.
const AlertPrefix = "alert "

// Measure is a figure over many runs, such as a latency or a success rate, that was compared with its limit.
type Measure struct {
	Partner  string    // its id
	ID       string    // names the limit among the partner's probes and limits
	Probe    string    // whose limit it is, so that its mute holds; empty for one over several
	Source   string    // who measured, for people: "the probe teams-card", "New Relic"
	At       time.Time // when it was looked at
	Known    bool      // there is a value; without one it is neither past the limit nor within
	Past     bool      // the value is past the limit
	Text     string    // the value and the limit, in words
	Priority string    // P1 to P4: past the limit is an incident; empty: it is a warning
	// Window is how far back the figure looks. An incident of the partner's within it explains the figure.
	Window time.Duration
}

// LimitEvent is what a measure changes for a limit that is told as a warning.
type LimitEvent string

// What can change.
const (
	LimitSame   LimitEvent = ""       // nothing is to be told
	LimitPassed LimitEvent = "passed" // it is past the limit now
	LimitKept   LimitEvent = "kept"   // it has been within the limit again for long enough
)

// NextLimit is how a limit stands after one more measure, and what is to be told. Past the limit is told once, and again
// only after the end of it was told: that takes after measures within the limit in a row, so that a figure on the edge is no
// stream of messages. quiet holds back the beginning, not the end. It is pure.
func NextLimit(s ProbeState, m Measure, after int, quiet bool) (ProbeState, LimitEvent) {
	s.Partner, s.Probe = m.Partner, m.ID
	if !m.Known {
		return s, LimitSame
	}
	s.LastRun = m.At
	switch {
	case m.Past && s.Warned != "":
		s.Passes = 0
		return s, LimitSame
	case m.Past && quiet:
		return s, LimitSame
	case m.Past:
		s.Warned, s.Since, s.Passes = strconv.FormatInt(m.At.UnixMilli(), 36), m.At, 0
		return s, LimitPassed
	case s.Warned == "":
		return s, LimitSame
	}
	if s.Passes++; s.Passes < after {
		return s, LimitSame
	}
	return s, LimitKept
}

// Measured takes a figure. Past its limit it is one warning, and one line when that is over; where it has a priority it is
// an incident, as a failing probe's is. What an incident of the partner's explains already is not told again.
func (d *Desk) Measured(ctx context.Context, m Measure) (Reaction, error) {
	key := ProbeKey(m.Partner, m.ID)
	if !m.Known || !m.Past && d.isCalm(key) {
		return Reaction{}, nil
	}
	var reaction Reaction
	var calm bool
	err := d.decide(ctx, m.Partner, func(l *ledger) error {
		if m.Priority == "" {
			reaction, calm = Reaction{}, l.limit(key, m)
		} else {
			reaction, calm = l.exceeded(key, m)
		}
		return nil
	})
	if err != nil {
		return Reaction{}, fmt.Errorf("keeping the figure of %s: %w", key, err)
	}
	d.setCalm(key, calm)
	return reaction, nil
}

// limit is a limit that is told as a warning. It tells whether nothing of it is left to be told.
func (l *ledger) limit(key string, m Measure) (calm bool) {
	_, muted := l.mute(m.Partner, m.Probe, l.now)
	state, event := NextLimit(l.Probes[key], m, l.desk.Rules.RecoverAfter, muted || l.explained(m))
	warning := Warning{Partner: m.Partner, Name: l.desk.byID[m.Partner].Name, Probe: m.ID, Text: m.Text, Source: m.Source}
	about := "warning/" + key + "/" + state.Warned
	switch event {
	case LimitPassed:
		l.more = append(l.more, NewEffect(EffectWarning, about, warning))
	case LimitKept:
		warning.Over = true
		l.more = append(l.more, NewEffect(EffectWarning, about+OverSuffix, warning))
		state.Warned, state.Since, state.Passes = "", time.Time{}, 0
	}
	l.setProbe(key, state)
	return state.Warned == "" && !m.Past
}

// exceeded is a limit with a priority: it fails and passes as a probe does.
func (l *ledger) exceeded(key string, m Measure) (reaction Reaction, calm bool) {
	if m.Past && l.explained(m) {
		return Reaction{}, false
	}
	r := partners.ProbeResult{Partner: m.Partner, Probe: m.ID, At: m.At}
	if m.Past {
		r.Class, r.Problem, r.LooksBack = partners.FailReported, m.Text, m.Window
	}
	state := l.Probes[key]
	l.setProbe(key, state.next(r))
	if m.Past {
		return l.failed(r, state, ReachFine), false
	}
	return l.passed(r), l.partIn(r) == nil
}

// explained tells that an incident which began for another reason goes on, or is so new that the figure still holds it; and
// of a figure over several probes, that one of them is muted.
func (l *ledger) explained(m Measure) bool {
	for _, mute := range l.Mutes {
		if mute.Partner == m.Partner && m.Probe == "" && l.now.Before(mute.Until) {
			return true // the figure may be that of what somebody does not want to hear of
		}
	}
	for _, in := range l.Incidents {
		if in.failing(m.Partner, m.ID) != nil || in.State == StateFolded || in.Kind == KindCompat || in.Kind == KindStorm {
			continue // other partners' explain nothing, and a version that is not in use yet explains nothing
		}
		if in.State.Live() || l.now.Sub(in.Ended) <= m.Window {
			return true
		}
	}
	return false
}
