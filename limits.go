package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/ours/newrelic"
	"sparky/partners"
	"sparky/scheduler"
)

// windows counts what is remembered of a probe.
type windows interface {
	ProbeWindow(ctx context.Context, partner, probe string, from, to time.Time) (partners.ProbeStats, error)
}

const (
	// queryWindow is how far NRQL looks back without SINCE (docs.newrelic.com, "NRQL syntax").
	queryWindow = time.Hour
	// alertTimeout is for one question, and what follows from its answer.
	alertTimeout = 45 * time.Second
)

// limitJobs are the alerts that are asked of New Relic, and the limits that are counted here, each a job of its own.
func (s *sparky) limitJobs(now func() time.Time) []scheduler.Job {
	var jobs []scheduler.Job
	add := func(name string, run func(context.Context) error) {
		jobs = append(jobs, scheduler.Job{Name: name, Every: s.config.Schedule.Alerts.Std(), Jitter: probeJitter, Timeout: alertTimeout, Run: run})
	}
	if s.insight.graph != nil {
		for _, a := range s.config.NewRelic.Alerts {
			add("alert/"+a.Name, func(ctx context.Context) error { return s.checkAlert(ctx, a, now) })
		}
	}
	for _, p := range s.config.Partners {
		for _, c := range p.Probes {
			if s.config.runs(c) && (c.P95 != nil || c.Success != nil) {
				add("limits/"+p.ID+"/"+c.ID, func(ctx context.Context) error { return s.checkLimits(ctx, p, c, now) })
			}
		}
	}
	return jobs
}

// checkAlert asks New Relic and takes the answer to the desk.
func (s *sparky) checkAlert(ctx context.Context, a newrelic.Alert, now func() time.Time) error {
	at := now()
	values, err := s.insight.graph.Numbers(ctx, a.NRQL)
	if err != nil {
		return fmt.Errorf("alert %s: %w", a.Name, err)
	}
	m := incidents.Measure{Partner: a.Partner, ID: incidents.AlertPrefix + a.Name, Source: "New Relic", At: at, Window: looksBack(a.NRQL)}
	if a.Severity != newrelic.SeverityWarning {
		m.Priority = a.Severity
	}
	worst, past, known := a.Worst(values)
	if m.Known, m.Past = known, past; known {
		m.Text = a.Says(worst, past)
	}
	return s.measured(ctx, m)
}

// looksBack is over how long a query takes its figure; that of a query without SINCE where it says so in another way than as so
// many units ago.
func looksBack(nrql string) time.Duration {
	said := sinceAgo.FindStringSubmatch(nrql)
	if said == nil {
		return queryWindow
	}
	n, err := strconv.Atoi(said[1])
	if err != nil || n > 1000 {
		return queryWindow
	}
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour}
	return time.Duration(n) * unit[strings.ToLower(said[2])]
}

var sinceAgo = regexp.MustCompile(`(?i)\bsince\s+(\d+)\s+(second|minute|hour|day|week)s?\s+ago\b`)

// checkLimits counts a probe's results and takes them to the desk.
func (s *sparky) checkLimits(ctx context.Context, p partners.Partner, c partners.ProbeConfig, now func() time.Time) error {
	for _, m := range []func(context.Context, windows, partners.Partner, partners.ProbeConfig, time.Time) (incidents.Measure, error){p95Measure, successMeasure} {
		measure, err := m(ctx, s.memory, p, c, now())
		if err != nil {
			return fmt.Errorf("limits of %s/%s: %w", p.ID, c.ID, err)
		}
		if err := s.measured(ctx, measure); err != nil {
			return err
		}
	}
	return nil
}

func (s *sparky) measured(ctx context.Context, m incidents.Measure) error {
	m.Text = s.responder.probes.secret.Redact(m.Text)
	reaction, err := s.responder.desk.Measured(ctx, m)
	if err != nil || !reaction.Triage {
		return err
	}
	return s.responder.triage(ctx, reaction.Incident)
}

// p95Measure is the 95th percentile of how long a probe's runs took, failures too: what New Relic counts of its calls.
func p95Measure(ctx context.Context, memory windows, p partners.Partner, c partners.ProbeConfig, now time.Time) (incidents.Measure, error) {
	m := incidents.Measure{Partner: p.ID, ID: c.ID + " p95", Probe: c.ID, Source: "the probe " + c.ID, At: now}
	if c.P95 == nil {
		return m, nil
	}
	m.Window = c.P95.Over.Or(newrelic.UsualP95Over)
	stats, err := memory.ProbeWindow(ctx, p.ID, c.ID, now.Add(-m.Window), now.Add(time.Millisecond))
	if err != nil {
		return m, err
	}
	m.Known, m.Past = stats.Runs > 0, stats.P95 > c.P95.Above.Std()
	m.Text = fmt.Sprintf("95 of 100 runs of %s over the last %s took %s or less, above the limit of %s", c.ID, setting.Duration(m.Window),
		stats.P95.Round(time.Millisecond), c.P95.Above)
	if !m.Past {
		m.Text = fmt.Sprintf("95 of 100 runs of %s over the last %s took %s or less, within the limit of %s again", c.ID, setting.Duration(m.Window),
			stats.P95.Round(time.Millisecond), c.P95.Above)
	}
	return m, nil
}

// successMeasure is the share of a probe's runs that passed.
func successMeasure(ctx context.Context, memory windows, p partners.Partner, c partners.ProbeConfig, now time.Time) (incidents.Measure, error) {
	m := incidents.Measure{Partner: p.ID, ID: c.ID + " success", Probe: c.ID, Source: "the probe " + c.ID, At: now}
	if c.Success == nil {
		return m, nil
	}
	m.Window = c.Success.Over.Or(newrelic.UsualSuccessOver)
	stats, err := memory.ProbeWindow(ctx, p.ID, c.ID, now.Add(-m.Window), now.Add(time.Millisecond))
	if err != nil {
		return m, err
	}
	rate, known := stats.SuccessRate()
	m.Known, m.Past = known, 100*rate < float64(c.Success.Below)
	word := "below the limit of"
	if !m.Past {
		word = "no longer below"
	}
	m.Text = fmt.Sprintf("%d of %d runs of %s over the last %s passed, %.1f%%, %s %s", stats.Passed, stats.Runs, c.ID, setting.Duration(m.Window), 100*rate, word, c.Success.Below)
	return m, nil
}
