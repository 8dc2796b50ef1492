package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/commands"
	"sparky/incidents"
	"sparky/partners"
)

// tally is a memory that says what a test wants.
type tally struct {
	results      map[string]map[string]partners.ProbeResult
	live         []incidents.Incident
	broken, torn error
}

func (r tally) LastResults(context.Context) (map[string]map[string]partners.ProbeResult, error) {
	return r.results, r.broken
}

func (r tally) Incidents(_ context.Context, live bool, _ time.Time) ([]incidents.Incident, error) {
	if !live {
		return nil, errors.New("asked for all incidents that ever were")
	}
	return r.live, r.torn
}

// metricsOf is what /metrics says of the memory.
func metricsOf(t *testing.T, memory history, all ...partners.Partner) string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(newTallies(memory, all))
	_, body := get(t, webHandler(func(context.Context) commands.Health { return commands.Health{} }, registry, nil), "/metrics")
	return body
}

func TestMetricsOfProbesAndIncidents(t *testing.T) {
	at := time.UnixMilli(1_800_000_000_500)
	result := func(class partners.FailureClass) partners.ProbeResult {
		return partners.ProbeResult{At: at, Took: 250 * time.Millisecond, Class: class}
	}
	judged := func(word incidents.Word) incidents.Incident {
		return incidents.Incident{Verdict: incidents.Verdict{Word: word}}
	}
	body := metricsOf(t, tally{
		results: map[string]map[string]partners.ProbeResult{
			"okta":    {"org": result(""), "sign-in": result(partners.FailAuth), "held": result(partners.FailNotTried), "gone": result("")},
			"removed": {"org": result("")},
		},
		live: []incidents.Incident{judged(incidents.External), judged(incidents.External), judged(incidents.Unclear), judged(""), {Kind: incidents.KindCompat}, {Kind: incidents.KindCompat}},
	}, partners.Partner{ID: "okta", Probes: []partners.ProbeConfig{{ID: "org"}, {ID: "sign-in"}, {ID: "held"}, {ID: "new"}}})
	for _, want := range []string{
		`sparky_probe_up{partner="okta",probe="org"} 1`, `sparky_probe_up{partner="okta",probe="sign-in"} 0`,
		`sparky_probe_duration_seconds{partner="okta",probe="sign-in"} 0.25`,
		`sparky_probe_last_run_timestamp_seconds{partner="okta",probe="org"} 1.80000000075e+09`,
		`sparky_incidents_open{verdict="external"} 2`, `sparky_incidents_open{verdict="internal"} 0`,
		`sparky_incidents_open{verdict="unclear"} 1`, `sparky_incidents_open{verdict="pending"} 1`,
		`sparky_incidents_open{verdict="none"} 2`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	for _, not := range []string{"held", "gone", "removed", "new"} {
		if strings.Contains(body, `"`+not+`"`) {
			t.Errorf("/metrics tells of %s", not)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}

func TestWhatCannotBeReadIsNoZero(t *testing.T) {
	away := errors.New("the database is away")
	if body := metricsOf(t, tally{broken: away, torn: away}, partners.Partner{ID: "okta"}); strings.Contains(body, "sparky_") {
		t.Errorf("it makes up %s", body)
	}
	if body := metricsOf(t, tally{broken: away}); !strings.Contains(body, `sparky_incidents_open{verdict="internal"} 0`) {
		t.Errorf("incidents are lost with the probes: %s", body)
	}
}
