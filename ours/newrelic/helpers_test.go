package newrelic

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/clock"
	"sparky/fixtures/world/newrelic"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

var morning = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// inMemory is New Relic without a network, so that it can be used where time is not real.
type inMemory struct{ service *newrelic.Service }

// RoundTrip answers by the stand-in's handlers.
func (m inMemory) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	defer func() {
		if recover() != nil { // the stand-in drops a connection so
			answer, err = nil, io.ErrUnexpectedEOF
		}
	}()
	handler := m.service.EventsHandler()
	if strings.HasSuffix(r.URL.Path, "/graphql") {
		handler = m.service.GraphHandler()
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	answer = recorder.Result()
	answer.Request = r
	return answer, nil
}

// account is New Relic's stand-in with a client of ours before it.
func account(t testing.TB, c clock.Clock) (*newrelic.Service, Config, *httpcall.Client) {
	t.Helper()
	service := newrelic.New(newrelic.Options{Clock: c})
	t.Cleanup(func() { _ = service.Close() })
	config := Config{AccountID: newrelic.AccountID, UserKey: setting.NewSecret(newrelic.UserKey), LicenseKey: setting.NewSecret(newrelic.LicenseKey)}
	config.SetDefaults()
	config.GraphQLURL, config.EventsURL = "http://graph.example/graphql", "http://events.example/"
	client := httpcall.New(httpcall.Options{Retries: -1, Transport: inMemory{service}, Breaker: httpcall.BreakerOptions{Requests: 1000}})
	return service, config, client
}

func asker(t testing.TB, c clock.Clock) (*newrelic.Service, *Graph) {
	t.Helper()
	service, config, client := account(t, c)
	return service, NewGraph(config, client.With("new relic", config.GraphAuth()))
}

func ran(class partners.FailureClass, took time.Duration) partners.ProbeResult {
	r := partners.ProbeResult{Partner: "microsoft", Probe: "teams-card", At: time.Now(), Took: took, Class: class}
	r.Calls = []partners.Call{{Service: "msteams", Action: "postAdaptiveCard", Took: took, Status: 202, At: r.At}}
	return r
}

func limit(name string, above, below *float64) Alert {
	return Alert{Name: name, Above: above, Below: below}
}
