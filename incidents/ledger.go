package incidents

import (
	"time"

	"sparky/partners"
)

// Ledger is what is remembered of failures, for one decision.
type Ledger struct {
	Incidents []Incident            // live ones, and those that ended within the last day: of the partner, and of our network (KindNetwork)
	Probes    map[string]ProbeState // by ProbeKey(partner, probe): those of the partner
	Mutes     []Mute                // that hold, of the partner
}

// ProbeState is how a probe stands between two runs.
type ProbeState struct {
	Partner, Probe string
	Fails, Passes  int
	Since          time.Time // of the present run of fails or passes
	Last           partners.ProbeResult
	EverPassed     bool
	Warned         string
}

// ProbeKey names a probe of a partner in a Ledger.
func ProbeKey(partner, probe string) string { return partner + "/" + probe }
