package incidents

import (
	"context"
	"time"

	"sparky/partners"
)

// Ledger is what is remembered of failures, for one decision.
type Ledger struct {
	// Incidents are the live ones, and those that ended within the last day, of the partner and of our network (KindNetwork);
	// and all of the partner's about versions (KindCompat), of which there is one for each version, ever.
	Incidents []Incident
	Probes    map[string]ProbeState // by ProbeKey: those of the partner
	Mutes     []Mute                // that hold, of the partner
	// Acts are what the decision did and who did it, added by it, to be kept for people to look up. It is shown none.
	Acts []Act
}

// ProbeState is how a probe stands between two runs.
type ProbeState struct {
	Partner string               `json:"partner"`
	Probe   string               `json:"probe"`
	Fails   int                  `json:"fails,omitempty"`  // in a row
	Passes  int                  `json:"passes,omitempty"` // in a row, counted no further than is of use
	Since   time.Time            `json:"since,omitzero"`   // when the present run of fails or passes began
	Last    partners.ProbeResult `json:"last"`             // the newest failure
	LastRun time.Time            `json:"last_run,omitzero"`
	// EverPassed tells that it has worked at least once.
	EverPassed bool   `json:"ever_passed,omitempty"`
	Warned     string `json:"warned,omitempty"` // the warning that was told last
}

// ProbeKey names a probe among those of all partners.
func ProbeKey(partner, probe string) string { return partner + "/" + probe }

// Memory remembers failures.
type Memory interface {
	// Decide shows decide what is remembered of a partner, of all of them where partner is empty, and keeps what decide
	// changes, together with the effects that it returns, in one transaction. No two calls see the same state side by
	// side. An error of decide keeps nothing and is returned.
	Decide(ctx context.Context, partner string, decide func(*Ledger) ([]Effect, error)) error
	// Incident is the incident with that id or ticket key. Its error is ErrNoIncident where there is none.
	Incident(ctx context.Context, ref string) (Incident, error)
}

// countedPasses is beyond any number of passes that a configuration may ask for.
const countedPasses = 1000

// next is how the probe stands after one more run.
func (s ProbeState) next(r partners.ProbeResult) ProbeState {
	s.Partner, s.Probe, s.LastRun = r.Partner, r.Probe, r.End()
	if r.Passed() {
		if s.Passes == 0 {
			s.Since = r.At
		}
		s.Fails, s.Passes, s.EverPassed = 0, min(s.Passes+1, countedPasses), true
		return s
	}
	if s.Fails == 0 {
		s.Since = r.At
	}
	s.Fails, s.Passes, s.Last = s.Fails+1, 0, r
	return s
}

// mute is the mute that covers the probe, and whether there is one.
func (l *Ledger) mute(partner, probe string, at time.Time) (Mute, bool) {
	var longest Mute
	for _, m := range l.Mutes {
		if m.Covers(partner, probe, at) && m.Until.After(longest.Until) {
			longest = m
		}
	}
	return longest, !longest.Until.IsZero()
}

// live is the live incident of the partner, or of our network.
func (l *Ledger) live(kind Kind, partner string) *Incident {
	for i := range l.Incidents {
		if in := &l.Incidents[i]; in.Kind == kind && in.Partner == partner && in.State.Live() {
			return in
		}
	}
	return nil
}

// recent is the partner's incident that recovered last, no earlier than since.
func (l *Ledger) recent(kind Kind, partner string, since time.Time) *Incident {
	var newest *Incident
	for i := range l.Incidents {
		in := &l.Incidents[i]
		if in.Kind != kind || in.Partner != partner || in.State != StateRecovered || in.Ended.Before(since) {
			continue
		}
		if newest == nil || in.Ended.After(newest.Ended) {
			newest = in
		}
	}
	return newest
}

// byID is the incident with that id.
func (l *Ledger) byID(id string) *Incident {
	for i := range l.Incidents {
		if l.Incidents[i].ID == id {
			return &l.Incidents[i]
		}
	}
	return nil
}

// failing is the probe's part in the incident, nil where it has none.
func (i *Incident) failing(partner, probe string) *Failing {
	for n := range i.Probes {
		if f := &i.Probes[n]; f.Partner == partner && f.Probe == probe {
			return f
		}
	}
	return nil
}
