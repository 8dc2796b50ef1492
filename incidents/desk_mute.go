package incidents

import (
	"time"

	"sparky/partners"
)

// quiet notes until when all that fails in the incident is muted; no time where anything is not.
func (l *ledger) quiet(in *Incident) {
	var until time.Time
	for _, f := range in.FailingProbes() {
		m, muted := l.mute(f.Partner, f.Probe, l.now)
		if !muted {
			in.MutedUntil = time.Time{}
			return
		}
		if until.IsZero() || m.Until.Before(until) {
			until = m.Until
		}
	}
	in.MutedUntil = until
}

// unquiet lets a muted incident be heard of again where a probe joins it that is not muted.
func (l *ledger) unquiet(in *Incident, r partners.ProbeResult) {
	if in.MutedUntil.IsZero() || !in.State.Active() {
		return
	}
	if l.quiet(in); in.MutedUntil.IsZero() {
		l.happened(in, Event{Kind: EventUnmuted, Text: "No longer quiet: " + r.Probe + " fails too, and is not muted."})
		l.follow(in)
	}
}

// unmuted brings the incident in line with the mutes that hold: one has run out, or what was not muted in it is over.
func (l *ledger) unmuted(in *Incident) {
	if in.Kind != KindProbe || !in.State.Active() {
		return
	}
	muted := !in.MutedUntil.IsZero()
	switch l.quiet(in); {
	case muted && in.MutedUntil.IsZero():
		l.happened(in, Event{Kind: EventUnmuted, Text: "The mute has ended."})
		l.follow(in)
	case !muted && !in.MutedUntil.IsZero():
		in.stopPage()
		l.happened(in, Event{Kind: EventMuted, Text: "What still fails in it is muted.", Quiet: true})
	}
}
