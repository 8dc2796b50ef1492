package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/commands"
)

// gauges are the figures of Sparky's own health, which are read when somebody asks for metrics.
type gauges struct {
	look func(ctx context.Context) commands.Health
	all  []gauge
	ill  *prometheus.Desc
	jobs jobGauges
}

// gauge is one figure; one that cannot be told is absent.
type gauge struct {
	desc *prometheus.Desc
	read func(h commands.Health) (value float64, told bool)
}

// jobGauges are the figures of each job.
type jobGauges struct{ lastRun, lastSuccess, failing, overdue *prometheus.Desc }

func newGauges(look func(ctx context.Context) commands.Health) gauges {
	one := func(name, help string, read func(h commands.Health) (float64, bool)) gauge {
		return gauge{prometheus.NewDesc(name, help, nil, nil), read}
	}
	of := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, []string{"job"}, nil) }
	return gauges{look: look, all: []gauge{
		one("sparky_ready", "1 while Sparky can do what it is for, 0 while it cannot; what /readyz answers.", func(h commands.Health) (float64, bool) { return oneIf(h.Problem == ""), true }),
		one("sparky_start_timestamp_seconds", "When this process started.", func(h commands.Health) (float64, bool) { return seconds(h.Started) }),
		one("sparky_slack_links", "Socket Mode links that are up; two when all is well.", func(h commands.Health) (float64, bool) { return float64(h.LinksUp), true }),
		one("sparky_slack_link_up_timestamp_seconds", "Since when Slack has been heard: when the oldest link that is up came up.", linkUp),
		one("sparky_slack_last_ping_timestamp_seconds", "When Slack last pinged on any link.", lastPing),
		one("sparky_requests_queued", "Requests from Slack that wait for a worker.", func(h commands.Health) (float64, bool) { return float64(h.Queued), true }),
		one("sparky_requests_room", "How many requests from Slack may wait at most.", func(h commands.Health) (float64, bool) { return float64(h.Room), h.Room > 0 }),
		one("sparky_effects_due", "Recorded effects that are due and not carried out yet.", stored(func(h commands.Health) float64 { return float64(h.Effects.Due) })),
		one("sparky_effects_oldest_due_seconds", "For how long the oldest of them has been due; 0 where none is.", stored(func(h commands.Health) float64 { return age(h, h.Effects.Oldest) })),
		one("sparky_effects_failing", "Recorded effects that failed so far and are tried again.", stored(func(h commands.Health) float64 { return float64(h.Effects.Failing) })),
		one("sparky_effects_oldest_failing_seconds", "For how long the oldest of them has been failing; 0 where none is.", stored(func(h commands.Health) float64 { return age(h, h.Effects.FailingSince) })),
		one("sparky_effects_refused", "Recorded effects that wait until a person mends something.", stored(func(h commands.Health) float64 { return float64(h.Effects.Refused) })),
		one("sparky_database_ok", "1 while things can be kept in the database, 0 while they cannot.", func(h commands.Health) (float64, bool) { return oneIf(h.Database.Problem == ""), true }),
		one("sparky_lease_held", "1 in the process that runs the jobs, 0 in its replicas.", func(h commands.Health) (float64, bool) { return oneIf(h.Lease.Here), true }),
		one("sparky_heartbeat_last_timestamp_seconds", "When the heartbeat was last taken; absent before, and where none is configured.", func(h commands.Health) (float64, bool) {
			if h.Heartbeat == nil {
				return 0, false
			}
			return seconds(h.Heartbeat.Last)
		}),
	}, ill: prometheus.NewDesc("sparky_ill", "1 for each part of Sparky that has been ill for so long that people are told, 0 for the others.", []string{"part"}, nil),
		jobs: jobGauges{
			lastRun:     of("sparky_job_last_run_timestamp_seconds", "When the last run of the job ended in this process."),
			lastSuccess: of("sparky_job_last_success_timestamp_seconds", "When a run of the job last ended well in this process."),
			failing:     of("sparky_job_failing", "1 where the last run of the job could not do its work, 0 where it could."),
			overdue:     of("sparky_job_overdue", "1 where the job should have run, or ended, and did not; 0 where it is in time."),
		}}
}

// Describe names the figures.
func (g gauges) Describe(out chan<- *prometheus.Desc) {
	for _, one := range g.all {
		out <- one.desc
	}
	for _, desc := range []*prometheus.Desc{g.ill, g.jobs.lastRun, g.jobs.lastSuccess, g.jobs.failing, g.jobs.overdue} {
		out <- desc
	}
}

// Collect looks once and tells all of them.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	h := g.look(ctx)
	for _, one := range g.all {
		if value, told := one.read(h); told {
			out <- prometheus.MustNewConstMetric(one.desc, prometheus.GaugeValue, value)
		}
	}
	parts := map[commands.IllnessKind]bool{}
	for _, illness := range h.Ill {
		parts[illness.Kind] = true
	}
	for kind := range usualPatience() {
		out <- prometheus.MustNewConstMetric(g.ill, prometheus.GaugeValue, oneIf(parts[kind]), string(kind))
	}
	if h.Lease.Here {
		g.jobs.collect(h.Jobs.Each, out)
	}
}

// collect tells of each job. Where the jobs do not run, their times stand still and are not told.
func (g jobGauges) collect(jobs []commands.JobHealth, out chan<- prometheus.Metric) {
	for _, job := range jobs {
		tell := func(desc *prometheus.Desc, value float64) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, job.Name)
		}
		if at, ran := seconds(job.LastEnd); ran {
			tell(g.lastRun, at)
			tell(g.failing, oneIf(job.Problem != ""))
		}
		if at, ran := seconds(job.LastSuccess); ran {
			tell(g.lastSuccess, at)
		}
		tell(g.overdue, oneIf(!job.OverdueSince.IsZero()))
	}
}

// stored is a figure that the database tells.
func stored(read func(h commands.Health) float64) func(h commands.Health) (float64, bool) {
	return func(h commands.Health) (float64, bool) { return read(h), !h.Database.Unread }
}

func linkUp(h commands.Health) (float64, bool) {
	var since time.Time
	for _, l := range h.Links {
		if l.Up && (since.IsZero() || l.Since.Before(since)) {
			since = l.Since
		}
	}
	return seconds(since)
}

func lastPing(h commands.Health) (float64, bool) {
	var last time.Time
	for _, l := range h.Links {
		if l.LastPing.After(last) {
			last = l.LastPing
		}
	}
	return seconds(last)
}

func age(h commands.Health, since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(h.At.Sub(since), 0).Seconds()
}

func seconds(at time.Time) (value float64, told bool) {
	return float64(at.UnixMilli()) / 1000, !at.IsZero()
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
