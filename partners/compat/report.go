package compat

import "time"

// Report is what a run found.
type Report struct {
	Partner string        `json:"partner"`
	Version string        `json:"version"`
	BaseURL string        `json:"base_url"` // scheme and host that were called, with a space between several
	Started time.Time     `json:"started"`
	Took    time.Duration `json:"took"` // all of it, in nanoseconds
	Checks  []Check       `json:"checks"`
}

// Check is one thing that was looked at. No text of it holds a secret.
type Check struct {
	Kind      string        `json:"kind"`      // of the probe whose contract it is of
	Operation string        `json:"operation"` // method and path, as called: POST /api/now/v3/table/incident
	Name      string        `json:"name"`      // what is looked at: create an incident: fields
	Outcome   Outcome       `json:"outcome"`
	Detail    string        `json:"detail,omitempty"` // what changed, why it was skipped, or why it tells nothing; empty where it passed
	Took      time.Duration `json:"took"`             // of the calls for it, in nanoseconds; zero where it needed none of its own
}

// Outcome is how a check ended.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
	Unknown Outcome = "unknown" // it was tried and tells nothing about the version: no answer came, or a plea to slow down
)

// Count is how many checks ended so.
func (r Report) Count(outcome Outcome) int {
	n := 0
	for _, c := range r.Checks {
		if c.Outcome == outcome {
			n++
		}
	}
	return n
}

// Passed tells that the integration works with the version: something passed, nothing failed, and nothing is unknown.
func (r Report) Passed() bool {
	return r.Count(Failed) == 0 && r.Count(Unknown) == 0 && r.Count(Passed) > 0
}

// Differences are the details of what failed, in order.
func (r Report) Differences() []string { return r.details(Failed) }

// Unknowns are why checks tell nothing about the version, in order.
func (r Report) Unknowns() []string { return r.details(Unknown) }

func (r Report) details(outcome Outcome) []string {
	var all []string
	for _, c := range r.Checks {
		if c.Outcome == outcome {
			all = append(all, c.Detail)
		}
	}
	return all
}
