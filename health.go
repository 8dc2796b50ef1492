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
	for _, job := range s.jobs.States() {
		h.Jobs = append(h.Jobs, jobHealth{Name: job.Name, LastEnd: job.LastEnd, NextDue: job.NextDue, Problem: job.LastError})
	}
	backlog, err := s.memory.Backlog(ctx)
	if err != nil {
		h.Problem = "the database cannot be read: " + err.Error()
		return h
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
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "sparky_build_info", Help: "1, with the version that runs.", ConstLabels: prometheus.Labels{"version": version()},
	})
	build.Set(1)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build)
	return registry
}

// watchMetrics adds the figures that are read from the parts of Sparky when somebody asks.
func (s *sparky) watchMetrics() {
	gauge := func(name, help string, read func(h health) float64) {
		s.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), metricTimeout)
			defer cancel()
			return read(s.health(ctx))
		}))
	}
	gauge("sparky_slack_links", "Socket Mode links that are up; two when all is well.", func(h health) float64 { return float64(h.LinksUp) })
	gauge("sparky_requests_queued", "Requests from Slack that wait for a worker.", func(h health) float64 { return float64(h.Queued) })
	gauge("sparky_effects_due", "Recorded effects that are not carried out yet.", func(h health) float64 { return float64(h.Due) })
}

const metricTimeout = 2 * time.Second

// version is that of the build, or devel.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
