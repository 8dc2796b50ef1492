package pager

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sparky/fixtures/world/pagerduty"
	"sparky/internal/setting"
)

func consult(t *testing.T, config Config) string {
	t.Helper()
	var b strings.Builder
	for _, look := range config.Looks(quickClient()) {
		f := look.Try(t.Context())
		fmt.Fprintf(&b, "%s: %s: %s | %s | %s\n", look.What, f.State(), f.Tried, f.Problem, f.Mend)
	}
	return b.String()
}

func TestDoctorLooksAtPagerDuty(t *testing.T) {
	service := pagerduty.New(pagerduty.Options{})
	server := httptest.NewServer(service.Handler())
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(func() { _ = service.Close(); server.Close(); broken.Close() })
	key := setting.NewSecret(pagerduty.RoutingKey)
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"all well": {Config{Provider: ProviderPagerDuty, EventsURL: server.URL + "/", RoutingKey: key},
			"oncall.events_url: ok: GET, whatever it answers: it can be reached |  | \n" +
				"oncall.routing_key: untried: PagerDuty tells of a key only by raising an alert |  | to try it, warn who is on call, " +
				"POST a test event with event_action trigger to " + server.URL + "/v2/enqueue, and resolve it by its dedup_key\n"},
		"nobody there": {Config{Provider: ProviderPagerDuty, EventsURL: "http://127.0.0.1:1", RoutingKey: key},
			"oncall.events_url: wrong: GET, whatever it answers | GET 127.0.0.1:1: the connection was refused | nothing listens there"},
		"trouble": {Config{Provider: ProviderPagerDuty, EventsURL: broken.URL, RoutingKey: key}, "it answers 502 | see status.pagerduty.com"},
	} {
		got := consult(t, c.config)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: nobody says %q; found\n%s", name, c.want, got)
		}
		if strings.Contains(got, pagerduty.RoutingKey) {
			t.Errorf("%s: the key is told: %s", name, got)
		}
	}
	if looks := (Config{Provider: ProviderSlack, SlackGroup: "S0ONCALL"}).Looks(quickClient()); looks != nil {
		t.Errorf("by Slack there is nothing to look at, and there are %d looks", len(looks))
	}
	if alerts := service.Alerts(); len(alerts) > 0 {
		t.Errorf("a look raised %v", alerts)
	}
}
