package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/newrelic"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

func TestStoriesOfNewRelic(t *testing.T) {
	tellStories(t, with(alertsAsked, map[string]func(*story){
		"results become events":        resultsBecomeEvents,
		"a slow partner is one line":   aSlowPartnerIsOneWarning,
		"nothing is lost while away":   nothingIsLostWhileNewRelicIsAway,
		"a monitor stands for a probe": aMonitorStandsForAProbe,
		"onboarding twice":             onboardingTwice,
	}))
}

// counted waits until New Relic answers the query with a value that holds, and gives it.
func (s *story) counted(what, nrql string, holds func(value any) bool) {
	s.Helper()
	var last any
	s.hold(s.world.NewRelic.Wait(s.ctx, what, func() bool {
		rows, err := s.world.NewRelic.Query(nrql)
		if err != nil {
			s.Error(err)
			return true
		}
		for _, row := range rows {
			for _, value := range row {
				if inner, ok := value.(map[string]any); ok {
					value = inner["95"]
				}
				last = value
				if holds(value) {
					return true
				}
			}
		}
		return false
	}))
	s.Logf("%s: %v", nrql, last)
}

// resultsBecomeEvents holds the two queries of the contract word for word.
func resultsBecomeEvents(s *story) {
	s.watching()
	s.counted("a latency", "SELECT percentile(duration, 95) FROM ExternalServiceCall WHERE service = 'msteams' AND action = 'postAdaptiveCard'",
		func(v any) bool { n, ok := v.(float64); return ok && n > 0 && n < 2 })
	s.counted("a success rate", "SELECT percentage(count(*), WHERE result = 'SUCCESS') FROM SyntheticCheck WHERE monitorName = 'servicenow-incident-creation'",
		func(v any) bool { return v == 100.0 })
	s.counted("a created incident", "SELECT count(*) FROM ExternalServiceCall WHERE service = 'servicenow' AND action = 'createIncident' AND status = 201 AND partner = 'servicenow'",
		func(v any) bool { n, ok := v.(float64); return ok && n > 0 })
	for _, r := range s.world.NewRelic.Records("NrIntegrationError") {
		s.Errorf("New Relic refused an event: %v", r)
	}
}

// aSlowPartnerIsOneWarning makes Teams slow, but not so slow that it fails.
func aSlowPartnerIsOneWarning(s *story) {
	for i := range s.config.Partners {
		for n := range s.config.Partners[i].Probes {
			s.config.Partners[i].Probes[n].Timeout = setting.Duration(20 * time.Second)
		}
	}
	s.hold(s.world.Partners.BreakAPI(vendors.Microsoft, vendors.APIBreak{How: vendors.APISlow, After: 2500 * time.Millisecond, Method: "POST", Path: "/powerautomate"}))
	s.watching()
	s.told(slack.Alerts, "teams-card-latency is 2.", "above the limit of 2", "Measured by New Relic")
	asked := func() int {
		for _, a := range s.world.NewRelic.Asked() {
			if strings.Contains(a.NRQL, "postAdaptiveCard") {
				return a.Times
			}
		}
		return 0
	}
	before := asked()
	s.hold(s.world.NewRelic.Wait(s.ctx, "more questions", func() bool { return asked() > before+3 }))
}

// nothingIsLostWhileNewRelicIsAway takes New Relic away for a while: probes go on, and all of their results come later.
func nothingIsLostWhileNewRelicIsAway(s *story) {
	s.world.NewRelic.SetFault(newrelic.Events, newrelic.Fault{Status: 503})
	s.world.NewRelic.SetFault(newrelic.Graph, newrelic.Fault{Away: true})
	p := s.watching()
	s.hold(s.world.NewRelic.Wait(s.ctx, "posts that fail", func() bool { return len(s.world.NewRelic.Journal()) > 2 }))
	_, metrics := s.fetch(p, "/metrics")
	if !strings.Contains(metrics, "sparky_newrelic_events_waiting") || !strings.Contains(metrics, "sparky_newrelic_events_dropped_total 0") {
		s.Errorf("the metrics do not tell of the queue:\n%s", metrics)
	}
	for _, host := range []newrelic.Host{newrelic.Events, newrelic.Graph} {
		s.world.NewRelic.SetFault(host, newrelic.Fault{})
	}
	s.hold(s.world.NewRelic.Wait(s.ctx, "the events", func() bool { return len(s.world.NewRelic.Records("SyntheticCheck")) > 0 }))
	p.stop()
	last, err := p.memory.LastResults(s.ctx)
	if err == nil {
		s.Errorf("the store can be read after its end: %v", last)
	}
	seen := map[string]int{}
	for _, r := range s.world.NewRelic.Records("SyntheticCheck") {
		seen[fmt.Sprint(r.Text("partner"), "/", r.Text("probe"), " ", int64(r.Number("timestamp")))]++
	}
	for key, n := range seen {
		if n != 1 {
			s.Errorf("%s came %d times", key, n)
		}
	}
	if state := p.insight.sender.State(); state.Waiting != 0 || state.Dropped != 0 || state.Sent != s.world.NewRelic.Total() {
		s.Errorf("%+v, and New Relic has %d", state, s.world.NewRelic.Total())
	}
}

// aMonitorStandsForAProbe feeds the first responder from a monitor of New Relic's own.
func aMonitorStandsForAProbe(s *story) {
	for i := range s.config.Partners {
		s.config.Partners[i].Probes = nil
		if s.config.Partners[i].ID == vendors.Okta {
			c := partners.ProbeConfig{ID: "from-outside", Kind: partners.KindNewRelic, Monitor: "Okta's sign-in"}
			c.SetDefaults()
			c.Every = setting.Duration(time.Second)
			s.config.Partners[i].Probes = []partners.ProbeConfig{c}
		}
	}
	s.watching()
	s.told(slack.Alerts, "New Relic has no result of the monitor Okta's sign-in", "Measured by the probe from-outside")
	ran := func(result, problem string) {
		s.world.NewRelic.Put(newrelic.Record{"eventType": "SyntheticCheck", "monitorName": "Okta's sign-in", "result": result, "error": problem})
	}
	stop := make(chan struct{})
	defer close(stop)
	s.every(stop, func() { ran("SUCCESS", "") })
	s.told(slack.Alerts, "New Relic has results of the monitor Okta's sign-in again")
}

// every does something each half second until stop is closed.
func (s *story) every(stop <-chan struct{}, do func()) {
	do()
	go func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				do()
			}
		}
	}()
}

// onboardingTwice holds that the second run changes nothing, and that a dry one never does.
func onboardingTwice(s *story) {
	partner := s.config.Partners[0]
	for _, p := range s.config.Partners {
		if p.ID == vendors.ServiceNow {
			partner = p
		}
	}
	partner.Probes[0].Success = &partners.Below{Below: 99, Over: setting.Duration(time.Hour)}
	graph := newInsight(s.config.NewRelic, httpcall.New(httpcall.Options{Retries: -1}), time.Now).graph
	onboard := func(dry bool) string {
		var out bytes.Buffer
		s.hold(onboardPartner(s.ctx, graph, s.config, partner, dry, &out))
		return out.String()
	}
	if said := onboard(true); len(s.world.NewRelic.Entities())+len(s.world.NewRelic.Policies()) != 0 || strings.Count(said, "would be created") != 5 {
		s.Errorf("a dry run: %s", said)
	}
	if said := onboard(false); strings.Count(said, ": created") != 5 {
		s.Errorf("the first run: %s", said)
	}
	if said := onboard(false); strings.Count(said, ": unchanged") != 5 || !strings.Contains(said, "nothing was changed") {
		s.Errorf("the second run: %s", said)
	}
	var facts bytes.Buffer
	s.hold(onboardForMachines(s.ctx, graph, s.config, partner, false, &facts))
	if got := facts.String(); strings.Count(got, "\n") != 5 || strings.Count(got, `"did":"unchanged"`) != 5 || strings.Count(got, `{"partner":"servicenow","what":"`) != 5 {
		s.Errorf("for machines: %s", got)
	}
	partner.Probes[0].Success.Below = 95
	facts.Reset()
	s.hold(onboardForMachines(s.ctx, graph, s.config, partner, true, &facts))
	if got := facts.String(); strings.Count(got, `"did":"updated","dry_run":true}`) != 2 {
		s.Errorf("what would be done, for machines: %s", got)
	}
	if said := onboard(false); strings.Count(said, ": updated") != 2 || strings.Count(said, ": unchanged") != 3 {
		s.Errorf("a run after a change: %s", said)
	}
	if e, p := s.world.NewRelic.Entities(), s.world.NewRelic.Policies(); len(e) != 2 || len(p) != 1 || len(p[0].Conditions) != 2 {
		s.Errorf("%+v %+v", e, p)
	}
	for _, e := range s.world.NewRelic.Journal() {
		if e.Problem != "" {
			s.Errorf("New Relic refused %s: %s", e.Operation, e.Problem)
		}
	}
}
