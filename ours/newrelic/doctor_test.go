package newrelic

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sparky/fixtures/world/clock"
	"sparky/fixtures/world/newrelic"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

func TestDoctorLooksAtNewRelic(t *testing.T) {
	slow := Alert{Name: "slow", NRQL: "SELECT percentile(duration, 95) FROM ExternalServiceCall"}
	for name, c := range map[string]struct {
		change func(*Config, *newrelic.Service)
		wants  []string
		nobody string
	}{
		"all well": {change: func(*Config, *newrelic.Service) {}, wants: []string{
			"new_relic.user_key: ok: NerdGraph, actor.user: it is the key of Ada |",
			"new_relic.account_id: ok: NerdGraph, actor.account(id: 1234567): “Stand-in” |",
			"new_relic.alerts.slow: ok: the query, as NRQL: New Relic takes it, and there is no data yet |",
			"new_relic.events_url: ok: GET, whatever it answers: it can be reached |",
			"new_relic.license_key: untried: New Relic tells of a license key only by taking events |  | run Sparky for a minute"}},
		"data": {change: func(_ *Config, s *newrelic.Service) {
			s.Put(newrelic.Record{"eventType": "ExternalServiceCall", "duration": 0.5})
		}, wants: []string{"new_relic.alerts.slow: ok: the query, as NRQL: New Relic takes it, and it gives a number"}},
		"the user key": {change: func(c *Config, _ *newrelic.Service) { c.UserKey = setting.NewSecret("old") },
			wants: []string{"new_relic.user_key: wrong: NerdGraph, actor.user | New Relic does not accept the key for asking | new_relic.user_key must be a user key (NRAK-…)"}},
		"the account": {change: func(c *Config, _ *newrelic.Service) { c.AccountID = 7 },
			wants: []string{"new_relic.account_id: wrong: NerdGraph, actor.account(id: 7) | New Relic says: You are not authorized to view this account. | correct new_relic.account_id"}},
		"no account": {change: func(_ *Config, s *newrelic.Service) { s.SetFault(newrelic.Graph, newrelic.Fault{Null: true}) },
			wants: []string{"new_relic.account_id: wrong: NerdGraph, actor.account(id: 1234567) | the key may not see the account | correct"}},
		"the query": {change: func(c *Config, _ *newrelic.Service) {
			c.Alerts = []Alert{{Name: "odd", NRQL: "SELECT FROM"}, {Name: "text", NRQL: "SELECT latest(name) FROM SyntheticCheck"}}
		},
			wants: []string{"new_relic.alerts.odd: wrong: the query, as NRQL | New Relic says: ", "| correct the alert's nrql"}},
		"only sending": {change: func(c *Config, _ *newrelic.Service) { c.UserKey = setting.Secret{} },
			wants: []string{"new_relic.license_key: untried"}, nobody: "user_key"},
		"only asking": {change: func(c *Config, _ *newrelic.Service) { c.LicenseKey = setting.Secret{} },
			wants: []string{"new_relic.user_key: ok"}, nobody: "license_key"},
	} {
		t.Run(name, func(t *testing.T) {
			service, config, client := account(t, clock.NewManual(morning))
			config.Alerts = []Alert{slow}
			c.change(&config, service)
			before := service.Total()
			var b strings.Builder
			for _, look := range config.Looks(client.With("events", config.EventsAuth()), client.With("graph", config.GraphAuth())) {
				f := look.Try(t.Context())
				fmt.Fprintf(&b, "%s: %s: %s | %s | %s\n", look.What, f.State(), f.Tried, f.Problem, f.Mend)
			}
			for _, want := range c.wants {
				if !strings.Contains(b.String(), want) {
					t.Errorf("nobody says %q; found\n%s", want, b.String())
				}
			}
			if c.nobody != "" && strings.Contains(b.String(), c.nobody) {
				t.Errorf("%s is told of:\n%s", c.nobody, b.String())
			}
			if service.Total() != before {
				t.Error("a look sent something")
			}
		})
	}
}

func TestDoctorTellsThatEventsCannotBeSent(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Api-Key") != "" {
			t.Error("a look gave the key away")
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer broken.Close()
	for url, want := range map[string]string{broken.URL: "it answers 502", "http://127.0.0.1:1": "GET 127.0.0.1:1: the connection was refused"} {
		config := Config{AccountID: 1, LicenseKey: setting.NewSecret("key"), EventsURL: url}
		client := httpcall.New(httpcall.Options{Retries: -1}).With("events", config.EventsAuth())
		if f := config.Looks(client, client)[0].Try(t.Context()); f.State() != setting.FoundWrong || f.Problem != want || f.Mend == "" {
			t.Errorf("%s: found %+v", url, f)
		}
	}
}
