package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"sparky/scheduler"
)

// delayGauges tell by how much jobs, probes among them, began after they were due.
type delayGauges struct {
	jobs  *scheduler.Jobs
	delay *prometheus.Desc
}

func newDelayGauges(jobs *scheduler.Jobs) delayGauges {
	return delayGauges{jobs, prometheus.NewDesc("sparky_job_delay_seconds", "By how much jobs, probes among them, began after they were due.", nil, nil)}
}

// Describe names the figure.
func (g delayGauges) Describe(out chan<- *prometheus.Desc) { out <- g.delay }

// Collect tells it.
func (g delayGauges) Collect(out chan<- prometheus.Metric) {
	delays := g.jobs.Delays()
	within := map[float64]uint64{}
	for i, bound := range scheduler.DelayBounds() {
		within[bound.Seconds()] = delays.Within[i]
	}
	out <- prometheus.MustNewConstHistogram(g.delay, delays.Runs, delays.Sum.Seconds(), within)
}
