package commands

import (
	"time"

	"sparky/partners"
)

// ProbeRecord is the result of a probe for machines. Times are in seconds.
type ProbeRecord struct {
	Partner  string                `json:"partner"`
	Probe    string                `json:"probe"`
	At       time.Time             `json:"at,omitzero"`
	Passed   bool                  `json:"passed"`
	Class    partners.FailureClass `json:"class,omitempty"`
	Problem  string                `json:"problem,omitempty"`
	Status   int                   `json:"status,omitempty"`
	Excerpt  string                `json:"excerpt,omitempty"` // the beginning of the answer that failed it
	Warning  string                `json:"warning,omitempty"`
	Duration float64               `json:"duration"`
	Timings  TimingRecord          `json:"timings"`
}

// TimingRecord is how long the parts of a probe's last call took, in seconds; 0 where there was no such part.
type TimingRecord struct {
	DNS       float64 `json:"dns"`
	Connect   float64 `json:"connect"`
	TLS       float64 `json:"tls"`
	FirstByte float64 `json:"first_byte"`
}

// NewProbeRecord is the result's record.
func NewProbeRecord(r partners.ProbeResult) ProbeRecord {
	t := r.Timings
	return ProbeRecord{
		Partner: r.Partner, Probe: r.Probe, At: r.At, Passed: r.Passed(), Class: r.Class, Problem: r.Problem, Status: r.Status, Excerpt: r.Excerpt,
		Warning: r.Warning, Duration: r.Took.Seconds(),
		Timings: TimingRecord{t.DNS.Seconds(), t.Connect.Seconds(), t.TLS.Seconds(), t.FirstByte.Seconds()},
	}
}

func newProbeRecord(p partners.Partner, r ran) ProbeRecord {
	if r.err != nil {
		return ProbeRecord{Partner: p.ID, Probe: r.probe.ID, Problem: r.err.Error()}
	}
	return NewProbeRecord(r.result)
}

// ProbeFact is how a probe does, for machines. Times are in seconds; what is not known is left out.
type ProbeFact struct {
	Probe       string       `json:"probe"`
	Last        *ProbeRecord `json:"last,omitempty"`
	Muted       bool         `json:"muted,omitempty"`
	Runs        int          `json:"runs"`                   // in the last 24 hours
	SuccessRate *float64     `json:"success_rate,omitempty"` // of them, 0 to 1
	P95         float64      `json:"p95,omitempty"`          // of how long the passes took
}

func newProbeFact(v probeView) ProbeFact {
	fact := ProbeFact{Probe: v.config.ID, Muted: v.muted, Runs: v.day.Runs, P95: v.day.P95.Seconds()}
	if v.done {
		last := NewProbeRecord(v.last)
		fact.Last = &last
	}
	if rate, ok := v.day.SuccessRate(); ok {
		fact.SuccessRate = &rate
	}
	return fact
}
