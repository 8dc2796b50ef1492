package main

import (
	"context"
	"math"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// newResponder puts together what runs probes and decides about what they find.
func (s *sparky) newResponder(ctx context.Context, probing caller, redactor setting.Redactor, now func() time.Time) (*responder, error) {
	changed, err := ourChanges(ctx, s.config.Partners, s.memory)
	if err != nil {
		return nil, err
	}
	controls := &controls{addresses: s.config.Triage.Controls, now: now, client: httpcall.New(httpcall.Options{
		Redactor: redactor, Retries: -1, AttemptTimeout: controlTimeout, Breaker: httpcall.BreakerOptions{Requests: math.MaxUint32}, Dial: s.dial})}
	w := &witness{outside: s.outside, controls: controls, memory: s.memory, news: s.memory, keep: s.memory.SaveStatus,
		changed: changed, partners: s.config.Partners, now: now}
	desk, results := s.config.desk(s.memory, w, now), s.memory.Grouped(keptWithin)
	desk.Passes = results
	probes := newProbes(probing, redactor, now)
	probes.insight, probes.still = s.insight, &s.still
	if s.workers = newWorkers(s.config, httpcall.New(s.publicOnly(redactor)), s.log, now, s.breakers.moved); s.workers != nil {
		probes.apart = s.workers
	}
	return &responder{probes: probes, controls: controls, desk: desk, results: results, latest: s.memory, insight: s.insight,
		news: &changes.Watcher{Memory: s.memory, Now: now}}, nil
}

// keptWithin is how long the result of a passing probe waits for others to be kept with. Of a hundred a second that are 25
// in a transaction, whose own cost is that of ten results.
const keptWithin = 250 * time.Millisecond

// probing is how probes call: partners' pages and feeds are often on the host of their API, and have breakers of their own.
func (s *sparky) probing(redactor setting.Redactor) caller {
	return newLines(s.publicOnly(redactor), partners.Partner.ProbePatience, s.breakers.moved).to
}

// controlTimeout is how long an address that has nothing to do with any partner is waited for.
const controlTimeout = 3 * time.Second

// judge is how evidence becomes a verdict under the configuration.
func judge(triage triageConfig) func(incidents.Evidence) incidents.Verdict {
	rules := incidents.DefaultTriageRules()
	rules.LagWindow = triage.LagWindow.Std()
	return func(e incidents.Evidence) incidents.Verdict { return incidents.Decide(e, rules) }
}
