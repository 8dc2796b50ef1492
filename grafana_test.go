package main

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/ours/newrelic"
)

var metricName = regexp.MustCompile(`\bsparky_[a-z_]+\b`)

// TestTheGrafanaDashboard holds that each metric that the dashboard names exists, that none of ours is missing in it, and
// that its panels do not lie on each other.
func TestTheGrafanaDashboard(t *testing.T) {
	document, err := os.ReadFile("docs/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(document, &dashboard); err != nil {
		t.Fatal(err)
	}
	there, shown := ourMetrics(t), map[string]bool{}
	taken := map[[2]int]string{}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			names := metricName.FindAllString(target.Expr, -1)
			if len(names) == 0 {
				t.Errorf("%s shows no metric of ours", p.Title)
			}
			for _, name := range names {
				shown[name] = true
				if !there[name] {
					t.Errorf("%s asks for %s, which does not exist", p.Title, name)
				}
			}
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies on %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	for name := range there {
		if !shown[name] {
			t.Errorf("%s is not shown", name)
		}
	}
}

// ourMetrics are the names of all metrics that Sparky tells.
func ourMetrics(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, collector := range []prometheus.Collector{newGauges(nil), newTallies(nil, nil), newSendingGauges(nil), newBreakerGauges(nil)} {
		described := make(chan *prometheus.Desc, 20)
		collector.Describe(described)
		close(described)
		for desc := range described {
			names[metricName.FindString(desc.String())] = true
		}
	}
	families, err := newMetrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if metricName.MatchString(family.GetName()) {
			names[family.GetName()] = true
		}
	}
	return names
}

// TestMetricsOfTheQueue holds that what waits for New Relic is told.
func TestMetricsOfTheQueue(t *testing.T) {
	sender := newrelic.NewSender(newrelic.Config{}, nil, newrelic.Clock{})
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(newSendingGauges(sender))
	families, err := registry.Gather()
	if err != nil || len(families) != 3 {
		t.Errorf("%v %v", families, err)
	}
}
