package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/ours/newrelic"
	"sparky/partners"
	"sparky/partners/all"
)

// insight is New Relic as far as it is configured: a sender of results, and somebody to ask. Either may be nil.
type insight struct {
	sender *newrelic.Sender
	graph  *newrelic.Graph
}

func newInsight(c *newrelic.Config, client *httpcall.Client, now func() time.Time) insight {
	var i insight
	if c == nil {
		return i
	}
	if !c.LicenseKey.IsZero() {
		i.sender = newrelic.NewSender(*c, client.With("new relic events", c.EventsAuth()), newrelic.Clock{Now: now, Jitter: rand.Float64})
	}
	if !c.UserKey.IsZero() {
		i.graph = newrelic.NewGraph(*c, client.With("new relic", c.GraphAuth()))
	}
	return i
}

// tell tells how a probe ended.
func (i insight) tell(c partners.ProbeConfig, r partners.ProbeResult) {
	if i.sender != nil {
		i.sender.Tell(c, r)
	}
}

// run sends results until ctx is done. What keeps them from being sent is logged when it changes.
func (i insight) run(ctx context.Context, log *slog.Logger, changed func(what, problem string) bool) error {
	if i.sender == nil {
		return nil
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		tick := time.NewTicker(sendingLooked)
		defer tick.Stop()
		for {
			select {
			case <-watching.Done():
				return
			case <-tick.C:
			}
			state := i.sender.State()
			switch {
			case !changed("new relic", state.Problem):
			case state.Problem == "":
				log.Info("results go to New Relic again", "waiting", state.Waiting, "dropped", state.Dropped)
			default:
				log.Warn("results do not go to New Relic", "problem", state.Problem, "waiting", state.Waiting)
			}
		}
	}()
	return i.sender.Run(ctx)
}

// sendingLooked is how often it is looked at whether results go to New Relic.
const sendingLooked = 5 * time.Second

// build makes a probe of a kind that asks New Relic; ok is false for other kinds.
func (i insight) build(c partners.ProbeConfig, now func() time.Time) (probe partners.Probe, ok bool, err error) {
	switch {
	case c.Kind != partners.KindNewRelic:
		return nil, false, nil
	case i.graph == nil:
		return nil, true, fmt.Errorf("probe %s %w", c.ID, all.ErrNewRelic)
	}
	probe, err = i.graph.Probe(c, now)
	return probe, true, err
}

// runs tells whether a probe can be run: its kind, with what is configured.
func (c Config) runs(probe partners.ProbeConfig) bool {
	if probe.Kind == partners.KindNewRelic {
		return c.NewRelic != nil && !c.NewRelic.UserKey.IsZero()
	}
	return slices.Contains(all.Kinds(), probe.Kind)
}

// watched are the partners as the desk knows them: with the probes that are run, and the alerts that are incidents among
// them. An incident of what nobody looks at any more has an end.
func (c Config) watched() []partners.Partner {
	watched := slices.Clone(c.Partners)
	asked := c.NewRelic != nil && !c.NewRelic.UserKey.IsZero()
	for i := range watched {
		watched[i].Probes = c.runnable(watched[i])
		if !asked {
			continue
		}
		for _, a := range c.NewRelic.Alerts {
			if a.Partner == watched[i].ID && a.Severity != newrelic.SeverityWarning {
				watched[i].Probes = append(watched[i].Probes, partners.ProbeConfig{ID: incidents.AlertPrefix + a.Name, Kind: partners.KindNewRelic,
					Priority: a.Severity, Every: c.Schedule.Alerts})
			}
		}
	}
	return watched
}

// noData is the limit of a probe that New Relic has no result for.
func noData(p partners.Partner, c partners.ProbeConfig, r partners.ProbeResult) incidents.Measure {
	m := incidents.Measure{Partner: p.ID, ID: c.ID + " data", Probe: c.ID, Source: "the probe " + c.ID, At: r.At, Text: r.Warning,
		Known: r.Tells() || r.Warning != "", Past: !r.Tells()}
	if !m.Past {
		m.Text = "New Relic has results of the monitor " + c.Monitor + " again"
	}
	return m
}

// sendingGauges are the figures of what goes to New Relic.
type sendingGauges struct {
	sender                 *newrelic.Sender
	waiting, sent, dropped *prometheus.Desc
}

func newSendingGauges(sender *newrelic.Sender) sendingGauges {
	return sendingGauges{sender: sender,
		waiting: prometheus.NewDesc("sparky_newrelic_events_waiting", "Events that wait to be sent to New Relic.", nil, nil),
		sent:    prometheus.NewDesc("sparky_newrelic_events_sent_total", "Events that New Relic has acknowledged.", nil, nil),
		dropped: prometheus.NewDesc("sparky_newrelic_events_dropped_total", "Events that were too many, too old or refused.", nil, nil)}
}

// Describe names the figures.
func (g sendingGauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.waiting, g.sent, g.dropped} {
		out <- d
	}
}

// Collect looks once and tells all of them.
func (g sendingGauges) Collect(out chan<- prometheus.Metric) {
	state := g.sender.State()
	out <- prometheus.MustNewConstMetric(g.waiting, prometheus.GaugeValue, float64(state.Waiting))
	out <- prometheus.MustNewConstMetric(g.sent, prometheus.CounterValue, float64(state.Sent))
	out <- prometheus.MustNewConstMetric(g.dropped, prometheus.CounterValue, float64(state.Dropped))
}
