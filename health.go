package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sparky/commands"
)

// health looks at every part of Sparky.
func (s *sparky) health(ctx context.Context) health {
	link := s.link.Health()
	h := health{Problem: link.Problem, Queued: link.Queued}
	for _, l := range link.Links {
		if l.Up {
			h.LinksUp++
		}
	}
	if h.LinksUp == 0 && h.Problem == "" {
		h.Problem = "it is connecting to Slack"
	}
	for _, job := range s.jobs.States() {
		h.Jobs = append(h.Jobs, jobHealth{Name: job.Name, LastEnd: job.LastEnd, NextDue: job.NextDue, Problem: job.LastError})
	}
	backlog, err := s.memory.Backlog(ctx)
	if err != nil {
		h.Problem = "the database cannot be read: " + err.Error()
		return h
	}
	if words, since := s.memory.Problem(); words != "" {
		h.Problem = "nothing can be kept for " + commands.Age(time.Since(since)) + ": " + words
	}
	h.Due = backlog.Due
	if !backlog.Oldest.IsZero() {
		h.OldestDue = commands.Age(time.Since(backlog.Oldest))
	}
	return h
}

// newMetrics are the figures of the process, and what Sparky counts beside them.
func newMetrics() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	info, _ := debug.ReadBuildInfo()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "sparky_build_info", Help: "1, with the version that runs.", ConstLabels: prometheus.Labels{"version": buildOf(info).Version},
	})
	build.Set(1)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build)
	return registry
}

// gauges are the figures that are read from the parts of Sparky when somebody asks for metrics.
type gauges struct {
	look                 func(ctx context.Context) health
	links, requests, due *prometheus.Desc
}

func newGauges(look func(ctx context.Context) health) gauges {
	return gauges{
		look:     look,
		links:    prometheus.NewDesc("sparky_slack_links", "Socket Mode links that are up; two when all is well.", nil, nil),
		requests: prometheus.NewDesc("sparky_requests_queued", "Requests from Slack that wait for a worker.", nil, nil),
		due:      prometheus.NewDesc("sparky_effects_due", "Recorded effects that are due and not carried out yet.", nil, nil),
	}
}

// Describe names the figures.
func (g gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.links, g.requests, g.due} {
		out <- d
	}
}

// Collect looks once and tells all of them.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	h := g.look(ctx)
	for desc, value := range map[*prometheus.Desc]int{g.links: h.LinksUp, g.requests: h.Queued, g.due: h.Due} {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value))
	}
}
