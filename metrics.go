package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sparky/incidents"
	"sparky/partners"
)

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

// history is what is remembered of probes and incidents.
type history interface {
	LastResults(ctx context.Context) (map[string]map[string]partners.ProbeResult, error)
	Incidents(ctx context.Context, live bool, since time.Time) ([]incidents.Incident, error)
}

// tallies are the figures that are read from the memory when somebody asks for metrics.
type tallies struct {
	memory    history
	partners  []partners.Partner // whose probes are told: what was taken out of the configuration is not
	up, took  *prometheus.Desc
	ended     *prometheus.Desc
	incidents *prometheus.Desc
}

func newTallies(memory history, all []partners.Partner) tallies {
	probe := []string{"partner", "probe"}
	return tallies{
		memory: memory, partners: all,
		up:        prometheus.NewDesc("sparky_probe_up", "1 where the newest result of the probe is a pass, 0 where it is a failure; absent where it tells nothing.", probe, nil),
		took:      prometheus.NewDesc("sparky_probe_duration_seconds", "How long the newest run of the probe took.", probe, nil),
		ended:     prometheus.NewDesc("sparky_probe_last_run_timestamp_seconds", "When the newest run of the probe was over.", probe, nil),
		incidents: prometheus.NewDesc("sparky_incidents_open", "Incidents that are not over, by verdict; pending where there is none yet, none for versions that break us, which nobody judges.", []string{"verdict"}, nil),
	}
}

// Words for incidents without a verdict: it is on its way, or there is never one.
const pending, none = "pending", "none"

// Describe names the figures.
func (t tallies) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{t.up, t.took, t.ended, t.incidents} {
		out <- d
	}
}

// Collect looks once. What cannot be read is absent, which is another thing than 0.
func (t tallies) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	results, err := t.memory.LastResults(ctx)
	if err == nil {
		t.probes(results, out)
	}
	live, err := t.memory.Incidents(ctx, true, time.Time{})
	if err != nil {
		return
	}
	counts := map[string]int{string(incidents.External): 0, string(incidents.Internal): 0, string(incidents.Unclear): 0, pending: 0, none: 0}
	for _, i := range live {
		switch {
		case i.Kind == incidents.KindCompat:
			counts[none]++
		case i.Verdict.Word == "":
			counts[pending]++
		default:
			counts[string(i.Verdict.Word)]++
		}
	}
	for word, n := range counts {
		out <- prometheus.MustNewConstMetric(t.incidents, prometheus.GaugeValue, float64(n), word)
	}
}

func (t tallies) probes(results map[string]map[string]partners.ProbeResult, out chan<- prometheus.Metric) {
	for _, p := range t.partners {
		for _, c := range p.Probes {
			result, done := results[p.ID][c.ID]
			if !done || !result.Tells() {
				continue
			}
			tell := func(desc *prometheus.Desc, value float64) {
				out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, p.ID, c.ID)
			}
			up := 0.0
			if result.Passed() {
				up = 1
			}
			tell(t.up, up)
			tell(t.took, result.Took.Seconds())
			tell(t.ended, float64(result.End().UnixMilli())/1000)
		}
	}
}
