package incidents

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sparky/partners"
)

// LongestReopen is the longest ReopenWithin: an incident that ended longer ago is not in the ledger.
const LongestReopen = 24 * time.Hour

// Rules say when failures are news, and when they are over.
type Rules struct {
	RecoverAfter int           // passes in a row that end a failure
	ReopenWithin time.Duration // a failure this soon after a recovery is the same incident; LongestReopen at most
	LagWindow    time.Duration // how long a verdict that blames us is looked at again
	LookEvery    time.Duration // how often one that may change is looked at again
	Offices      Offices
	Storm        StormRules
	Remind       []time.Duration // how long after a call that nobody acknowledges people are reminded of it, rising
	Alone        bool            // only people decide on the same memory beside this desk, so that what it has seen of probes and hosts is all there is
}

// Options are what a Desk is made of. All but Passes must be given.
type Options struct {
	Memory   Memory
	Passes   Passes // nil: every result is decided on in a ledger
	Witness  Witness
	Judge    func(Evidence) Verdict
	Partners []partners.Partner
	Rules    Rules
	Now      func() time.Time
}

// Desk is where a failure becomes an incident, is judged, and ends. What it decides is kept together with the effects
// that follow from it before any of them is tried.
type Desk struct {
	Options
	byID map[string]partners.Partner

	mu       sync.Mutex
	calm     map[string]time.Time // probes that pass and take part in nothing, and when that was last seen
	rough    map[string]int       // how often each probe was found not to be calm
	lookedAt map[string]time.Time // when the verdict of an incident was looked at again
	stirs    int                  // decisions that a sweep may have to follow
	rested   rest
}

// NewDesk is a desk that remembers by its memory.
func NewDesk(options Options) *Desk {
	d := &Desk{Options: options, byID: map[string]partners.Partner{}, calm: map[string]time.Time{}, rough: map[string]int{}, lookedAt: map[string]time.Time{}}
	for _, p := range options.Partners {
		d.byID[p.ID] = p
	}
	return d
}

// Reach is what is known about our own network at the moment of a failure to which nobody answered.
type Reach string

// The ways in which our network can stand.
const (
	ReachUnknown Reach = ""     // nobody looked, or there is nothing to look at
	ReachFine    Reach = "fine" // addresses that have nothing to do with the partner answer
	ReachDown    Reach = "down" // they do not
)

// Reaction is what a result led to.
type Reaction struct {
	Incident string // its ID, empty where the result belongs to none
	// Triage tells that the incident waits for its verdict.
	Triage bool
	// Kept tells that the result itself is kept already, by Options.Passes.
	Kept bool
}

// Probed takes the result of one run of a probe. The first failure opens an incident, or joins the one that the partner
// has; passes end it. reach counts only for failures that saw no answer.
func (d *Desk) Probed(ctx context.Context, r partners.ProbeResult, reach Reach) (Reaction, error) {
	if kept, err := d.steadily(ctx, r); kept || err != nil {
		return Reaction{Kept: kept}, err
	}
	return d.take(ctx, r, reach, (*ledger).take)
}

// Recalled takes a result that could not be kept when the probe ran, after those of the same probe that came before it.
// What follows from it is dated by the moment at which it ended. Where newer results of the probe are known by now, it
// only shows since when it has failed.
func (d *Desk) Recalled(ctx context.Context, r partners.ProbeResult, reach Reach) (Reaction, error) {
	return d.take(ctx, r, reach, (*ledger).recall)
}

// take takes a result in the way that is given.
func (d *Desk) take(ctx context.Context, r partners.ProbeResult, reach Reach, by func(*ledger, partners.ProbeResult, Reach) Reaction) (Reaction, error) {
	key := ProbeKey(r.Partner, r.Probe)
	if !r.Tells() || r.Passed() && r.Warning == "" && d.isCalm(key) {
		return Reaction{}, nil
	}
	var reaction Reaction
	var calm bool
	scope, before := r.Partner, d.uncalm(key)
	if r.AtNetwork() {
		scope = "" // whether it is our network shows by the other partners
	}
	err := d.decide(ctx, scope, func(l *ledger) error {
		reaction = by(l, r, reach)
		calm = r.Passed() && l.partIn(r) == nil
		l.calm = calm
		return nil
	})
	if err != nil {
		d.setCalm(key, false) // it may be kept all the same
		return Reaction{}, fmt.Errorf("keeping the result of %s: %w", key, err)
	}
	if calm {
		d.calmSince(key, before)
	} else {
		d.setCalm(key, false)
	}
	return reaction, nil
}

// take takes the newest result of a probe.
func (l *ledger) take(r partners.ProbeResult, reach Reach) Reaction {
	key := ProbeKey(r.Partner, r.Probe)
	state := l.Probes[key]
	l.setProbe(key, state.next(r))
	l.warn(r)
	if r.Passed() {
		return l.passed(r)
	}
	return l.failed(r, state, reach)
}

// recall takes a result of some time ago.
func (l *ledger) recall(r partners.ProbeResult, reach Reach) Reaction {
	key := ProbeKey(r.Partner, r.Probe)
	state := l.Probes[key]
	if r.End().After(state.LastRun) {
		l.now = r.End()
		return l.take(r, reach)
	}
	// Of the failures before the present ones, those after the last pass belong to them.
	since := r.At
	if r.Passed() {
		since = r.End()
	}
	if state.Fails > 0 && r.Passed() == since.After(state.Since) {
		state.Since = since
		l.setProbe(key, state)
		if in := l.partIn(r); in != nil {
			in.failing(r.Partner, r.Probe).Since = since
			if len(in.Probes) == 1 {
				in.Since = since
			}
		}
	}
	return Reaction{}
}

// ledger is a Ledger while a decision is made.
type ledger struct {
	*Ledger
	desk *Desk
	now  time.Time
	doer Doer
	more []Effect
	calm bool // no sweep has anything to do because of it
}

// decide makes one decision and asks for what is due by it.
func (d *Desk) decide(ctx context.Context, partner string, decision func(*ledger) error) error {
	calm := false
	defer func() {
		if !calm {
			d.stir()
		}
	}()
	return d.Memory.Decide(ctx, partner, func(l *Ledger) ([]Effect, error) {
		before := map[string]Incident{}
		for _, in := range l.Incidents {
			before[in.ID] = in.Clone()
		}
		muted := slices.Clone(l.Mutes)
		own := &ledger{Ledger: l, desk: d, now: d.Now(), doer: DoerOf(ctx)}
		if err := decision(own); err != nil {
			return nil, err
		}
		calm = own.calm
		own.storms(before)
		own.muteActs(muted)
		effects := own.more
		for i := range l.Incidents {
			in := &l.Incidents[i]
			if !d.Rules.Offices.Pager {
				in.Page.Done = in.Page.Wanted // the mention in the thread is all there is to it
			}
			effects = append(effects, due(before[in.ID], *in, d.Rules.Offices)...)
			own.acts(before[in.ID], *in)
		}
		return effects, nil
	})
}

// Clone is a copy whose lists can be told from those of the original after that was changed. What is pointed at is shared; it is
// replaced, never changed.
func (i Incident) Clone() Incident {
	i.Probes, i.Events, i.Tried = slices.Clone(i.Probes), slices.Clone(i.Events), slices.Clone(i.Tried)
	i.Post.Updates = slices.Clone(i.Post.Updates)
	if i.Storm != nil {
		i.Storm = &Storm{Began: i.Storm.Began, Members: slices.Clone(i.Storm.Members)}
	}
	return i
}

func (l *ledger) setProbe(key string, state ProbeState) {
	if l.Probes == nil {
		l.Probes = map[string]ProbeState{}
	}
	l.Probes[key] = state
}

// warn asks for a warning to be told, once for each text of it.
func (l *ledger) warn(r partners.ProbeResult) {
	key := ProbeKey(r.Partner, r.Probe)
	state := l.Probes[key]
	about := ""
	if r.Warning != "" {
		about = r.Expires.UTC().Format(time.DateOnly)
	}
	if about == state.Warned {
		return
	}
	if _, muted := l.mute(r.Partner, r.Probe, l.now); muted && about != "" {
		return
	}
	state.Warned = about
	l.Probes[key] = state
	if about == "" {
		return
	}
	w := Warning{Partner: r.Partner, Name: l.desk.byID[r.Partner].Name, Probe: r.Probe, Text: r.Warning, Expires: r.Expires}
	l.more = append(l.more, NewEffect(EffectWarning, "warning/"+key+"/"+about, w))
}

// partIn is the live incident in which the probe's failure is not over.
func (l *ledger) partIn(r partners.ProbeResult) *Incident {
	for i := range l.Incidents {
		in := &l.Incidents[i]
		if f := in.failing(r.Partner, r.Probe); in.State.Live() && f != nil && !f.Over {
			return in
		}
	}
	return nil
}

// freeID names an incident by what it is about and the moment, for every other system.
func (l *ledger) freeID(in Incident) string {
	about := in.Partner
	if in.Kind != KindProbe {
		about = string(in.Kind)
	}
	for at := l.now.UnixMilli(); ; at++ {
		id := "sparky-" + strings.ToLower(about) + "-" + strconv.FormatInt(at, 36)
		if l.byID(id) == nil {
			return id
		}
	}
}
