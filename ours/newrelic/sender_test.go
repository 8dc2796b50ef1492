package newrelic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"sparky/fixtures/world/clock"
	"sparky/fixtures/world/newrelic"
	"sparky/internal/setting"
	"sparky/partners"
)

// sending runs a sender in a bubble, where time passes by itself, until the test is over.
func sending(t *testing.T, run func(t *testing.T, s *Sender, account *newrelic.Service)) {
	synctest.Test(t, func(t *testing.T) {
		service, config, client := account(t, clock.System{})
		s := NewSender(config, client.With("events", config.EventsAuth()), Clock{Now: time.Now, Jitter: func() float64 { return 0.5 }})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		synctest.Wait()
		run(t, s, service)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// pass lets time pass. In a bubble a timer waits no real time.
func pass(length time.Duration) {
	<-time.After(length)
	synctest.Wait()
}

var card = partners.ProbeConfig{ID: "teams-card", Kind: partners.KindTeamsCard}

func TestResultsGoTogether(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
		for range 3 {
			s.Tell(card, ran("", time.Second))
			pass(time.Second)
		}
		if n := account.Total(); n != 0 {
			t.Errorf("%d events are sent at once", n)
		}
		pass(2 * time.Second)
		if n := len(account.Journal()); n != 1 || account.Total() != 6 {
			t.Errorf("%d events in %d posts", account.Total(), n)
		}
		check, call := account.Records("SyntheticCheck")[0], account.Records("ExternalServiceCall")[0]
		if check.Text("monitorName") != "microsoft-teams-card" || check.Text("result") != "SUCCESS" || check.Text("partner") != "microsoft" ||
			check.Text("probe") != "teams-card" || check.Number("duration") != 1 || check["failureClass"] != nil {
			t.Errorf("%v", check)
		}
		if call.Text("service") != "msteams" || call.Text("action") != "postAdaptiveCard" || call.Number("duration") != 1 || call.Number("status") != 202 {
			t.Errorf("%v", call)
		}
	})
}

func TestWhatFailedIsToldAsThat(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
		config := card
		config.Monitor = "mine"
		failed := ran(partners.FailServer, time.Second)
		failed.Problem = strings.Repeat("ä", 5000)
		s.Tell(config, failed)
		s.Tell(config, ran(partners.FailNotTried, time.Second))
		s.Tell(partners.ProbeConfig{ID: "x", Kind: partners.KindNewRelic, Monitor: "mine"}, ran("", time.Second))
		pass(sendEvery)
		all := account.Records("SyntheticCheck")
		if len(all) != 1 || all[0].Text("result") != "FAILED" || all[0].Text("failureClass") != "server" || all[0].Text("monitorName") != "mine" {
			t.Errorf("%v", all)
		}
	})
}

func TestManyGoInSeveralPosts(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
		for range 1500 {
			s.Tell(card, ran("", time.Second))
		}
		pass(time.Minute)
		state := s.State()
		if state.Sent != 3000 || state.Waiting != 0 || account.Total() != 3000 {
			t.Errorf("%+v, and New Relic has %d", state, account.Total())
		}
		for _, e := range account.Journal() {
			if e.Status != http.StatusOK || e.Events > maxEvents {
				t.Errorf("%+v", e)
			}
		}
	})
}

// TestAwayAndBack holds that nothing is lost while New Relic is away, whatever its way, and that it is asked less and less.
func TestAwayAndBack(t *testing.T) {
	for name, fault := range map[string]newrelic.Fault{
		"dropped": {Away: true}, "broken": {Status: 503}, "throttled": {Status: 429, RetryAfter: 90}, "another key": {Status: 403}, "a timeout": {Status: 408},
		"a page of a proxy": {Malformed: true},
	} {
		t.Run(name, func(t *testing.T) {
			sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
				account.SetFault(newrelic.Events, fault)
				s.Tell(card, ran("", time.Second))
				pass(10 * time.Minute)
				if n := len(account.Journal()); n < 5 || n > 20 {
					t.Errorf("asked %d times in 10 minutes", n)
				}
				if state := s.State(); state.Problem == "" || state.Waiting != 2 || strings.Contains(state.Problem, newrelic.LicenseKey) {
					t.Errorf("%+v", state)
				}
				account.SetFault(newrelic.Events, newrelic.Fault{})
				pass(3 * time.Minute)
				if state := s.State(); state != (Sending{Sent: 2}) || account.Total() != 2 {
					t.Errorf("%+v, and New Relic has %d", state, account.Total())
				}
			})
		})
	}
}

// TestTheQueueIsBounded holds that a long absence costs the oldest, counted.
func TestTheQueueIsBounded(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
		account.SetFault(newrelic.Events, newrelic.Fault{Away: true})
		for range mostQueued/2 + 50 {
			s.Tell(card, ran("", time.Second))
		}
		pass(time.Minute)
		if state := s.State(); state.Waiting != mostQueued || state.Dropped != 100 {
			t.Errorf("%+v", state)
		}
		account.SetFault(newrelic.Events, newrelic.Fault{})
		pass(25 * time.Hour)
		if state := s.State(); state.Waiting != 0 || state.Sent != mostQueued {
			t.Errorf("%+v", state)
		}
	})
}

func TestWhatIsTooOldIsDropped(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
		account.SetFault(newrelic.Events, newrelic.Fault{Away: true})
		s.Tell(card, ran("", time.Second))
		pass(25 * time.Hour)
		s.Tell(card, ran("", time.Second))
		account.SetFault(newrelic.Events, newrelic.Fault{})
		pass(2 * time.Minute)
		if state := s.State(); state.Sent != 2 || state.Dropped != 2 || len(account.Records("NrIntegrationError")) != 0 {
			t.Errorf("%+v", state)
		}
	})
}

func TestABatchThatIsTooLargeIsHalved(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
		for range 8 {
			s.Tell(card, ran("", time.Second))
		}
		account.SetFault(newrelic.Events, newrelic.Fault{Status: 413, Times: 2})
		pass(time.Minute)
		if state := s.State(); state.Sent != 16 || state.Dropped != 0 {
			t.Errorf("%+v", state)
		}
	})
}

func TestWhatIsRefusedForGoodDoesNotBlock(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, account *newrelic.Service) {
		account.SetFault(newrelic.Events, newrelic.Fault{Status: 415, Times: 1})
		s.Tell(card, ran("", time.Second))
		pass(sendEvery)
		s.Tell(card, ran("", time.Second))
		pass(sendEvery)
		if state := s.State(); state.Sent != 2 || state.Dropped != 2 {
			t.Errorf("%+v", state)
		}
	})
}

// TestAShutdownSendsTheRest holds that what waits goes before the end, once.
func TestAShutdownSendsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, config, client := account(t, clock.System{})
		s := NewSender(config, client.With("events", config.EventsAuth()), Clock{Now: time.Now, Jitter: func() float64 { return 0 }})
		ctx, cancel := context.WithCancel(t.Context())
		s.Tell(card, ran("", time.Second))
		cancel()
		if err := s.Run(ctx); err != nil || service.Total() != 2 {
			t.Errorf("%v, %d events", err, service.Total())
		}
		service.SetFault(newrelic.Events, newrelic.Fault{Hang: true})
		s.Tell(card, ran("", time.Second))
		began := time.Now()
		go func() { <-time.After(time.Second); _ = service.Close() }()
		if err := s.Run(ctx); err != nil || time.Since(began) > flushWithin {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestTheWrongKeyIsSaid(t *testing.T) {
	sending(t, func(t *testing.T, s *Sender, _ *newrelic.Service) {
		_, config, client := account(t, clock.System{})
		config.LicenseKey = setting.NewSecret("wrong")
		other := NewSender(config, client.With("events", config.EventsAuth()), Clock{Now: time.Now, Jitter: func() float64 { return 0 }})
		other.Tell(card, ran("", time.Second))
		if _, err := other.send(t.Context()); err == nil || !strings.Contains(err.Error(), "license_key") {
			t.Error(err)
		}
	})
}

// FuzzEvents holds that whatever a result says, its events are within New Relic's limits.
func FuzzEvents(f *testing.F) {
	f.Add("okta", "org", "it's out", int64(5))
	f.Add("\xff", "\x00", strings.Repeat("x", 5000), int64(-1))
	f.Fuzz(func(t *testing.T, partner, probe, problem string, took int64) {
		r := partners.ProbeResult{Partner: partner, Probe: probe, Class: partners.FailServer, Problem: problem, Took: time.Duration(took),
			Calls: []partners.Call{{Service: partner, Action: problem, Took: time.Duration(took)}}}
		for _, e := range eventsOf(partners.ProbeConfig{ID: probe}, r) {
			var fields map[string]any
			if err := json.Unmarshal(e.body, &fields); err != nil || !utf8.Valid(e.body) || len(e.body) > goodPayload {
				t.Fatal(err, fmt.Sprintf("%q", e.body))
			}
			for name, value := range fields {
				if text, ok := value.(string); ok && utf8.RuneCountInString(text) > maxValue {
					t.Errorf("%s has %d characters", name, utf8.RuneCountInString(text))
				}
			}
		}
	})
}
