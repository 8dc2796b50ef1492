package newrelic

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/clock"
	"sparky/fixtures/world/newrelic"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// board is a New Relic whose search is behind by five seconds, and an onboarding that waits by its clock.
func board(t *testing.T) (*newrelic.Service, *onboarding, *[]string) {
	t.Helper()
	c := clock.NewManual(morning)
	service := newrelic.New(newrelic.Options{Clock: c, Lag: 5 * time.Second})
	t.Cleanup(func() { _ = service.Close() })
	config := Config{AccountID: newrelic.AccountID, UserKey: setting.NewSecret(newrelic.UserKey), GraphQLURL: "http://graph.example/graphql"}
	client := httpcall.New(httpcall.Options{Retries: -1, Transport: inMemory{service}})
	did := &[]string{}
	o := &onboarding{Graph: NewGraph(config, client.With("x", config.GraphAuth())), say: func(s Step) { *did = append(*did, fmt.Sprintf("%s %s", s.What, s.Did)) }}
	o.plan = Plan{Partner: "acme", Name: "Acme's", Reach: "https://acme.example/", Location: "US_EAST_1", Windows: map[string]time.Duration{"slow": time.Hour}}
	o.wait = func(context.Context) bool { c.Advance(time.Second); return true }
	for _, name := range []string{"slow", "b", "c"} {
		a := limit(name, new(2.0), nil)
		a.NRQL, a.Severity = "SELECT count(*) FROM A", SeverityWarning
		o.plan.Alerts = append(o.plan.Alerts, a)
	}
	return service, o, did
}

// all does every part.
func (o *onboarding) all(ctx context.Context) error {
	for _, part := range []func(context.Context) error{o.dashboard, o.conditions, o.monitor} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// TestASecondRunRightAfterTheFirst holds that it finds everything although the search is behind, over several pages of
// conditions, and a name with a quote in it.
func TestASecondRunRightAfterTheFirst(t *testing.T) {
	service, o, did := board(t)
	for run, want := range []string{
		"dashboard created, alert policy created, alert condition created, alert condition created, alert condition created, monitor created",
		"dashboard unchanged, alert policy unchanged, alert condition unchanged, alert condition unchanged, alert condition unchanged, monitor unchanged",
	} {
		*did = nil
		if err := o.all(t.Context()); err != nil || strings.Join(*did, ", ") != want {
			t.Fatalf("run %d: %v %q", run+1, err, *did)
		}
	}
	for _, e := range service.Entities() {
		if e.Changed != 1 {
			t.Errorf("%s was written %d times", e.Name, e.Changed)
		}
	}
	if c := service.Policies()[0].Conditions[0]; !strings.Contains(fmt.Sprint(c.Input), "aggregationWindow:3600") {
		t.Errorf("%v", c.Input)
	}
}

func TestASearchThatNeverCatchesUpIsSaid(t *testing.T) {
	_, o, _ := board(t)
	o.wait = func(context.Context) bool { return true }
	if err := o.all(t.Context()); err == nil || !strings.Contains(err.Error(), "not sooner") {
		t.Error(err)
	}
}

func TestWhatNewRelicRefusesIsSaid(t *testing.T) {
	service, o, _ := board(t)
	o.plan.Alerts[0].NRQL += " SINCE 1 hour ago"
	if err := o.all(t.Context()); err == nil || !strings.Contains(err.Error(), "SINCE") {
		t.Error(err)
	}
	o.plan.Location = ""
	o.plan.Alerts = nil
	o.plan.Reach = "https://x.example/\"); evil("
	if err := o.all(t.Context()); err != nil {
		t.Error(err)
	}
	for _, e := range service.Entities() {
		if e.Type == "MONITOR" && !strings.Contains(e.Script, `url: "https://x.example/\"); evil("`) {
			t.Error(e.Script)
		}
	}
	service.SetFault(newrelic.Graph, newrelic.Fault{Error: "SERVER_ERROR"})
	if err := o.all(t.Context()); err == nil {
		t.Error("an error in a 200 is taken for an answer")
	}
}

func TestLimitsAsAlerts(t *testing.T) {
	c := partners.ProbeConfig{ID: "card", P95: &partners.Above{Above: setting.Duration(1500 * time.Millisecond)}, Success: &partners.Below{Below: 99, Over: setting.Duration(2 * time.Hour)}}
	all := Limits("teams", c)
	if len(all) != 2 || *all[0].Above != 1.5 || all[0].Over != UsualP95Over || *all[1].Below != 99 || all[1].Over != 2*time.Hour ||
		!strings.Contains(all[1].NRQL, "monitorName = 'teams-card'") || len(Limits("teams", partners.ProbeConfig{ID: "x"})) != 0 {
		t.Errorf("%+v", all)
	}
}
