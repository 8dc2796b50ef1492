package pager

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sparky/fixtures/world/clock"
	"sparky/fixtures/world/pagerduty"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

var morning = time.Date(2026, 11, 2, 3, 12, 0, 0, time.UTC)

// memory remembers one incident.
type memory struct{ incident incidents.Incident }

func (m *memory) Incident(_ context.Context, id string) (incidents.Incident, error) {
	if id != m.incident.ID {
		return incidents.Incident{}, errors.New("there is no incident " + id)
	}
	return m.incident, nil
}

// desk is a pager with PagerDuty's stand-in behind it.
type desk struct {
	t       *testing.T
	service *pagerduty.Service
	memory  *memory
	pager   *Pager
	// previous is what was remembered of the last drawing that succeeded.
	previous []byte
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	service := pagerduty.New(pagerduty.Options{Clock: clock.NewManual(morning)})
	server := httptest.NewServer(service.Handler())
	t.Cleanup(func() { _ = service.Close(); server.Close() })
	d := &desk{t: t, service: service, memory: &memory{sample()}}
	config := Config{Provider: ProviderPagerDuty, EventsURL: server.URL + "/", RoutingKey: setting.NewSecret(pagerduty.RoutingKey)}
	d.pager = New(config, quickClient(), d.memory, oneSentence)
	return d
}

// quickClient does not retry, so that a test sees what one attempt does.
func quickClient() *httpcall.Client {
	return httpcall.New(httpcall.Options{Retries: -1, AttemptTimeout: 5 * time.Second,
		Proxy: nil, Breaker: httpcall.BreakerOptions{Requests: 1000}})
}

func oneSentence(in incidents.Incident) string {
	return in.Name + " is failing, and it looks like ours."
}

func sample() incidents.Incident {
	return incidents.Incident{
		ID: "sparky-servicenow-20261102T031200", Kind: incidents.KindProbe, Partner: "servicenow", Name: "ServiceNow", Priority: "P4",
		Owner: incidents.Owner{Team: "Platform Integrations"}, Affects: []string{"Ticket sync"}, PageURL: "https://status.servicenow.example",
		State: incidents.StateOpen, Outage: 1, Opened: morning, Since: morning,
		Probes: []incidents.Failing{{Partner: "servicenow", Probe: "incident-creation", Since: morning, Fails: 1, Last: partners.ProbeResult{
			Class: partners.FailAuth, Problem: "POST was answered with 401", Host: "dev1.service-now.example"}}},
		Verdict: incidents.Verdict{Word: incidents.Internal, Says: "Ours: the password is refused.", Would: "A new password.",
			Points:  []incidents.Point{{Text: "Their page says all is well.", Link: "https://status.servicenow.example"}, {Text: "401 since 03:12"}},
			Missing: []string{"the controls did not answer in time"}},
		Ticket: incidents.Ticket{Key: "ECO-12", URL: "https://acme.atlassian.example/browse/ECO-12"},
	}
}

// wants has the incident want a page, and draws it.
func (d *desk) wants(state incidents.PageState) error {
	d.t.Helper()
	d.memory.incident.Page.Wanted = state
	return d.draw(d.memory.incident.Outage)
}

func (d *desk) draw(outage int) error {
	d.t.Helper()
	payload, err := json.Marshal(incidents.Ref{Incident: d.memory.incident.ID, Outage: outage})
	if err != nil {
		d.t.Fatal(err)
	}
	result, err := d.pager.Do(d.t.Context(), "key", payload, d.previous)
	if err != nil {
		return err
	}
	d.previous = result
	return nil
}

// look is what the dispatcher does after a first attempt of unknown outcome.
func (d *desk) look() {
	d.t.Helper()
	payload, err := json.Marshal(incidents.Ref{Incident: d.memory.incident.ID, Outage: d.memory.incident.Outage})
	if err != nil {
		d.t.Fatal(err)
	}
	result, found, err := d.pager.Find(d.t.Context(), "key", payload)
	if err != nil || !found {
		d.t.Fatalf("found %t, %v", found, err)
	}
	d.previous = result
}

func (d *desk) done() incidents.PageState {
	d.t.Helper()
	var result incidents.PageResult
	if err := json.Unmarshal(d.previous, &result); err != nil {
		d.t.Fatalf("result %s: %v", d.previous, err)
	}
	return result.Done
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// answering is a pager whose every event gets the same answer.
func answering(t *testing.T, status int, body string, header ...string) *Pager {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			rw.Header().Set(header[i], header[i+1])
		}
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	in := sample()
	in.Page.Wanted = incidents.PageTriggered
	return New(Config{EventsURL: server.URL, RoutingKey: setting.NewSecret("k3y-of-the-integration")}, quickClient(), &memory{in}, oneSentence)
}
