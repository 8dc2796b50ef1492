package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// switchboard is the breakers of one partner, by a clock that the test moves.
type switchboard struct {
	*breakers
	at   time.Time
	logs strings.Builder
}

func newSwitchboard() *switchboard {
	s := &switchboard{at: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
	acme := partners.Partner{ID: "acme", Status: partners.StatusSource{URL: "https://status.acme.example"},
		Changelog: []partners.Source{{URL: "https://Docs.acme.example/feed.xml"}, {Repo: "acme/sdk"}},
		Probes: []partners.ProbeConfig{{ID: "api", HTTPStep: partners.HTTPStep{URL: "https://api.acme.example:8443/v1"}, Every: setting.Duration(5 * time.Second)},
			{ID: "card", Webhook: setting.NewSecret("https://hooks.example/secret")}}}
	s.breakers = newBreakers(Config{Partners: []partners.Partner{acme}}, setting.NewRedactor(setting.NewSecret("hunter2")), func() time.Time { return s.at },
		slog.New(slog.NewTextHandler(&s.logs, nil)))
	return s
}

func (s *switchboard) says(name, host string, state httpcall.BreakerState) {
	s.moved("acme", httpcall.Breaker{Name: name, Host: host, State: state, Why: "it answered 503"})
}

// figures are what /metrics says of the breakers, by host.
func (s *switchboard) figures(t *testing.T) string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(newBreakerGauges(s.breakers))
	_, body := get(t, webHandler(func(context.Context) commands.Health { return commands.Health{} }, registry, nil), "/metrics")
	var found []string
	for line := range strings.Lines(body) {
		if rest, ok := strings.CutPrefix(line, `sparky_breaker_state{host="`); ok {
			host, value, _ := strings.Cut(strings.TrimSpace(rest), `",partner="acme"} `)
			found = append(found, host+"="+value)
		}
	}
	return strings.Join(found, " ")
}

func TestAHostIsAsItsWorstBreaker(t *testing.T) {
	s := newSwitchboard()
	fine := "api.acme.example:8443=0 docs.acme.example=0 hooks.example=0 status.acme.example=0"
	if got := s.figures(t); got != fine {
		t.Errorf("at first %s", got)
	}
	s.says("acme/api", "api.acme.example:8443", httpcall.BreakerOpen)
	s.at = s.at.Add(2 * time.Second)
	s.says("acme/other", "api.acme.example:8443", httpcall.BreakerHalfOpen)
	s.says("acme status page", "status.acme.example:443", httpcall.BreakerOpen)
	if got := s.figures(t); got != "api.acme.example:8443=2 docs.acme.example=0 hooks.example=0 status.acme.example=2" {
		t.Errorf("open: %s", got)
	}
	// The probe's is open for as long as until its next run, the page's for half a minute.
	s.at = s.at.Add(4 * time.Second)
	held := s.Breakers("acme")
	if len(held) != 2 || !held[0].Trying || held[0].Why != "it answered 503" || s.at.Sub(held[0].Since) != 6*time.Second || held[1].Trying {
		t.Errorf("%+v", held)
	}
	if got := s.figures(t); got != "api.acme.example:8443=1 docs.acme.example=0 hooks.example=0 status.acme.example=2" {
		t.Errorf("half-open: %s", got)
	}
	for _, b := range []string{"acme/api", "acme/other", "acme/never"} {
		s.says(b, "api.acme.example:8443", httpcall.BreakerClosed)
	}
	s.says("acme status page", "status.acme.example:443", httpcall.BreakerClosed)
	if got := s.figures(t); got != fine || len(s.Breakers("acme")) != 0 {
		t.Errorf("closed: %s, %+v", got, s.Breakers("acme"))
	}
	if logs := s.logs.String(); strings.Count(logs, "calls are held back") != 2 || strings.Count(logs, "calls are made again") != 2 {
		t.Errorf("it logs\n%s", logs)
	}
}

// TestWhatIsNews holds that a failure later than the first is told by its time, a try that is not over is none, and a
// changelog is told of elsewhere.
func TestWhatIsNews(t *testing.T) {
	s := newSwitchboard()
	s.says("acme", "docs.acme.example:443", httpcall.BreakerOpen)
	s.says("acme status page", "status.acme.example:443", httpcall.BreakerOpen)
	opened := s.at
	s.at = s.at.Add(time.Minute)
	s.says("acme status page", "status.acme.example:443", httpcall.BreakerHalfOpen)
	if news := s.news("acme"); len(news) != 1 || !news[0].Failed.Equal(opened) || !news[0].Trying {
		t.Errorf("during a try: %+v", news)
	}
	s.says("acme status page", "status.acme.example:443", httpcall.BreakerOpen)
	if news := s.news("acme"); len(news) != 1 || !news[0].Failed.Equal(s.at) || !news[0].Since.Equal(opened) {
		t.Errorf("after it: %+v", news)
	}
	if held := s.Breakers("acme"); len(held) != 2 {
		t.Errorf("%+v", held)
	}
	s.says("acme/api", "docs.acme.example:443", httpcall.BreakerOpen)
	if news := s.news("acme"); len(news) != 2 {
		t.Errorf("a probe of the changelog's host: %+v", news)
	}
}

func TestAHostThatIsNotCalledAnyMoreIsForgotten(t *testing.T) {
	s := newSwitchboard()
	s.says("acme/api", "docs.acme.example:443", httpcall.BreakerOpen)
	s.at = s.at.Add(breakerIdle)
	if held := s.news("acme"); len(held) != 1 {
		t.Errorf("%+v", held)
	}
	s.at = s.at.Add(time.Second)
	if held := s.news("acme"); len(held) != 0 {
		t.Errorf("%+v", held)
	}
}

func TestHostsFromOutsideAreBounded(t *testing.T) {
	s := newSwitchboard()
	for n := range mostHosts + 10 {
		s.says("acme", fmt.Sprintf("h%d.example:443", n), httpcall.BreakerOpen)
	}
	if held := s.Breakers("acme"); len(held) != mostHosts {
		t.Errorf("%d hosts", len(held))
	}
	odd := newSwitchboard()
	odd.says("acme", "\xff.example:443", httpcall.BreakerOpen)
	odd.says("acme", "hunter2.example:443", httpcall.BreakerOpen)
	if got := odd.figures(t); strings.Contains(got, "hunter2") || !strings.Contains(got, "?.example=2") {
		t.Errorf("%s", got)
	}
}

// TestBreakersMayMoveWhileTheyAreLookedAt is for the race detector.
func TestBreakersMayMoveWhileTheyAreLookedAt(t *testing.T) {
	s := newSwitchboard()
	var group sync.WaitGroup
	for n := range 4 {
		group.Go(func() {
			for range 100 {
				s.says(fmt.Sprint("acme/", n), "api.acme.example:8443", httpcall.BreakerOpen)
				s.news("acme")
				s.Breakers("acme")
				s.says(fmt.Sprint("acme/", n), "api.acme.example:8443", httpcall.BreakerClosed)
			}
		})
	}
	group.Wait()
	if held := s.Breakers("acme"); len(held) != 0 {
		t.Errorf("%+v", held)
	}
}
