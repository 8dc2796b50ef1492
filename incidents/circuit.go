package incidents

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Circuit is a host of a partner's to which calls are held back, because too many of them failed.
type Circuit struct {
	Host   string
	Since  time.Time // when calls began to be held back
	Failed time.Time // when a call that was let through since then failed last; Since where none has
	Trying bool      // the next call is let through, to see whether the host answers again
	Why    string    // how the newest call that failed did, in words; empty where that is not known
}

const (
	// CircuitPatience is how long calls have to fail before anybody is told: a probe that fails with them says it better, by
	// its incident, and what works again at the next try needs nobody.
	CircuitPatience = 15 * time.Second
	// circuitEvery is how often at most it is told of one host.
	circuitEvery = time.Hour
	// circuitAfter is how long an incident that is over still explains what it began.
	circuitAfter = 5 * time.Minute
	// circuitPrefix comes before the host where it stands among the probes of its partner.
	circuitPrefix = "calls to "
)

// NextCircuit is how a host stands after one more look at it, and what is to be told; c is nil where no call is held back.
// That they are held back is told once, and again only after the end of it was told, and not within the hour. The end takes
// after looks in a row. quiet holds back the beginning, not the end. It is pure.
func NextCircuit(s ProbeState, c *Circuit, now time.Time, after int, quiet bool) (ProbeState, LimitEvent) {
	if c != nil {
		s.Passes = 0
		early := c.Failed.Sub(c.Since) < CircuitPatience || !s.Since.IsZero() && now.Sub(s.Since) < circuitEvery
		if s.Warned != "" || quiet || early {
			return s, LimitSame
		}
		s.Warned, s.Since = strconv.FormatInt(now.UnixMilli(), 36), now
		return s, LimitPassed
	}
	if s.Warned == "" {
		return s, LimitSame
	}
	if s.Passes++; s.Passes < after {
		return s, LimitSame
	}
	s.Warned, s.Passes = "", 0
	return s, LimitKept
}

// Circuits takes all the hosts of a partner to which calls are held back now. Each is one message, and one line when it is
// over; what an incident of the partner's or of our network's says already, and what is muted, is not told. reach is what is
// known about our own network: where that is down, the hosts are not to blame.
func (d *Desk) Circuits(ctx context.Context, partner string, open []Circuit, reach Reach) error {
	key := ProbeKey(partner, circuitPrefix)
	if len(open) == 0 && d.noCircuits(key) {
		return nil
	}
	calm := false
	err := d.decide(ctx, partner, func(l *ledger) error {
		calm = l.circuits(partner, open, reach)
		l.calm = calm
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping to which hosts of %s calls are held back: %w", partner, err)
	}
	d.setCalm(key, calm)
	return nil
}

// noCircuits tells that nothing is left to be told of any host, without asking the memory. Another replica may have told of one
// meanwhile, where there are others.
func (d *Desk) noCircuits(key string) bool {
	d.mu.Lock()
	_, seen := d.calm[key]
	d.mu.Unlock()
	return d.Rules.Alone && seen || d.isCalm(key)
}

// circuits looks at each host that is held back or was. It tells whether nothing is left to be told of any.
func (l *ledger) circuits(partner string, open []Circuit, reach Reach) (calm bool) {
	quiet := reach == ReachDown || l.hushed(partner)
	for i := range open {
		l.circuit(partner, open[i].Host, &open[i], quiet)
	}
	known := 0
	for _, key := range slices.Sorted(maps.Keys(l.Probes)) {
		state := l.Probes[key]
		host, ok := strings.CutPrefix(state.Probe, circuitPrefix)
		if !ok || state.Partner != partner {
			continue
		}
		held := slices.ContainsFunc(open, func(c Circuit) bool { return c.Host == host })
		if !held {
			l.circuit(partner, host, nil, quiet)
			state = l.Probes[key]
		}
		if !held && state.Warned == "" && l.now.Sub(state.Since) >= circuitEvery {
			delete(l.Probes, key)
			continue
		}
		known++
	}
	return known == 0 && len(open) == 0
}

// circuit takes one look at a host, and asks for what is to be told.
func (l *ledger) circuit(partner, host string, c *Circuit, quiet bool) {
	probe := circuitPrefix + host
	key := ProbeKey(partner, probe)
	before, known := l.Probes[key]
	state, event := NextCircuit(before, c, l.now, l.desk.Rules.RecoverAfter, quiet)
	warning := Warning{Partner: partner, Name: l.desk.byID[partner].Name}
	switch event {
	case LimitPassed:
		warning.Text, warning.Aside = c.words(), "No incident is open for it. Until a call succeeds again, nothing new is known from there."
		l.more = append(l.more, NewEffect(EffectWarning, "warning/"+key+"/"+state.Warned, warning))
	case LimitKept:
		warning.Text, warning.Aside, warning.Over = "calls to "+host+" are made again.", "That is over.", true
		l.more = append(l.more, NewEffect(EffectWarning, "warning/"+key+"/"+before.Warned+OverSuffix, warning))
	}
	if known || event != LimitSame {
		state.Partner, state.Probe = partner, probe
		l.setProbe(key, state)
	}
}

func (c *Circuit) words() string {
	why := ""
	if c.Why != "" {
		why = " (" + c.Why + ")"
	}
	return "too many calls to " + c.Host + " failed" + why + ", so they are held back. One is let through now and then, to see whether it answers again."
}

// hushed tells that nobody wants to hear of the partner's hosts: somebody muted one of its probes at least, or an incident
// that goes on, or has only just ended, says what is wrong.
func (l *ledger) hushed(partner string) bool {
	muted := slices.ContainsFunc(l.Mutes, func(m Mute) bool { return m.Partner == partner && l.now.Before(m.Until) })
	return muted || slices.ContainsFunc(l.Incidents, func(in Incident) bool {
		return in.Kind != KindCompat && in.Kind != KindStorm && in.State != StateFolded && (in.State.Live() || l.now.Sub(in.Ended) <= circuitAfter)
	})
}
