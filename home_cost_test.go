package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/bot"
	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/store"
)

// publishedViews is a Slack that takes views, and counts them.
type publishedViews struct{ count atomic.Int64 }

// RoundTrip takes a view.
func (p *publishedViews) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/views.publish") {
		return nil, fmt.Errorf("%s is not for App Home", r.URL.Path)
	}
	body := fmt.Sprintf(`{"ok":true,"view":{"id":"V1","type":"home","hash":"%d","blocks":[]}}`, p.count.Add(1))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: r}, nil
}

// homeOfFifty is App Home of fifty partners that somebody has open, in the time of a bubble.
func homeOfFifty(t *testing.T, play func(t *testing.T, s *sparky, asked *statements, slack *publishedViews)) {
	t.Helper()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var asked statements
		var slack publishedViews
		s := fiftyPartners(t, "sqlite:"+filepath.Join(folder, "sparky.db"), store.Options{Between: asked.between})
		api := bot.NewAPI(&http.Client{Transport: &slack}, "http://slack.example/api/", setting.NewSecret("xoxb-1"), setting.NewSecret("xapp-1"))
		permits := bot.NewRoles(nil, bot.Roles{}, time.Now, slog.New(slog.DiscardHandler))
		s.home = bot.NewHome(api, s.book(permits, func(text string) string { return text }, time.Now), nil, nil, s.shown(time.Now), slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var watch sync.WaitGroup
		watch.Go(func() { s.home.Watch(ctx) })
		s.home.Visited(t.Context(), bot.Visit{User: "U1"})
		play(t, s, &asked, &slack)
		stop()
		watch.Wait()
	})
}

// comesBack is somebody who has the tab open, and comes back to it.
func (p *publishedViews) comesBack(t *testing.T, s *sparky) {
	t.Helper()
	s.home.Visited(t.Context(), bot.Visit{User: "U1", Hash: fmt.Sprint(p.count.Load())})
}

// passes lets time pass.
func (p *publishedViews) passes(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

const (
	// homeRounds is how often it is looked in an hour whether an open tab is still so.
	homeRounds = 1200
	// homeDrawn is how often it is drawn in an hour to see that: once a minute, and each time that somebody comes back to it.
	homeDrawn = 60 + 6
)

// TestAnOpenHomeCostsLittle holds what App Home costs in an hour in which somebody has it open and nothing changes: a statement
// each time that it is looked at, and few views, of what only gets older. Without the word for what is shown it was 12,000.
func TestAnOpenHomeCostsLittle(t *testing.T) {
	homeOfFifty(t, func(t *testing.T, s *sparky, asked *statements, slack *publishedViews) {
		slack.passes(10 * time.Minute)
		slack.comesBack(t, s)
		asked.take()
		views := slack.count.Load()
		for range 6 {
			slack.passes(10 * time.Minute)
			slack.comesBack(t, s)
		}
		all := asked.take()
		words := 0
		for _, query := range all {
			if strings.HasPrefix(query, "select 'probe'") {
				words++
			}
		}
		t.Logf("in an hour: %d statements, %d of them to see whether anything has changed, and %d views", len(all), words, slack.count.Load()-views)
		if words < homeRounds-10 || words > homeRounds+10 {
			t.Errorf("it was asked %d times whether anything has changed", words)
		}
		if rest, most := len(all)-words, (homeDrawn+2)*mostQueries()["dashboard"]; rest > most {
			t.Errorf("drawing it took %d statements, at most %d were thought of", rest, most)
		}
		if more := slack.count.Load() - views; more > 4 { // the bars of the last day move on
			t.Errorf("%d views were published", more)
		}
	})
}

// TestAnOpenHomeShowsWhatChangesWithinSeconds holds that the word for what is shown leaves nothing out that is.
func TestAnOpenHomeShowsWhatChangesWithinSeconds(t *testing.T) {
	homeOfFifty(t, func(t *testing.T, s *sparky, _ *statements, slack *publishedViews) {
		decide := func(change func(l *incidents.Ledger)) error {
			return s.memory.Decide(t.Context(), "p3", func(l *incidents.Ledger) ([]incidents.Effect, error) { change(l); return nil, nil })
		}
		patient := func(d time.Duration) { // with a Slack that nobody hears
			s.vitals.mu.Lock()
			defer s.vitals.mu.Unlock()
			s.vitals.patience = patienceWith{commands.IllLink: d, commands.IllLease: d, commands.IllJobs: d, commands.IllEffects: d}
		}
		patient(time.Hour)
		slack.passes(3 * time.Minute)
		for _, step := range []struct {
			name string
			do   func() error
		}{
			{"a probe fails", func() error {
				return s.memory.SaveResults(t.Context(), []partners.ProbeResult{{Partner: "p3", Probe: "a1", At: time.Now(), Took: time.Second, Class: partners.FailTimeout}})
			}},
			{"somebody takes an incident", func() error {
				return decide(func(l *incidents.Ledger) {
					in := &l.Incidents[slices.IndexFunc(l.Incidents, func(i incidents.Incident) bool { return i.Partner == "p3" })]
					in.State, in.Acknowledged = incidents.StateAcknowledged, &incidents.Deed{By: "U0ADA", At: time.Now()}
				})
			}},
			{"somebody mutes", func() error {
				return decide(func(l *incidents.Ledger) {
					l.Mutes = append(l.Mutes, incidents.Mute{Partner: "p3", Until: time.Now().Add(time.Hour), By: "U0ADA"})
				})
			}},
			{"something is announced", func() error {
				return s.memory.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{{Change: partners.Change{Partner: "p3", Source: "https://feeds.example/3",
					Key: "new", Title: "v3", Published: time.Now()}, Kinds: []changes.Kind{changes.Breaking}, Effective: changes.Date(time.Now().Add(24 * time.Hour).Format(time.DateOnly))}}})
			}},
			{"a certificate", func() error {
				return s.memory.SaveCertificate(t.Context(), partners.Certificate{Partner: "p3", At: time.Now()})
			}},
			{"calls are held back", func() error {
				s.breakers.moved("p3", httpcall.Breaker{Name: "p3/a1", Host: "api.example", State: httpcall.BreakerOpen, Why: "it answered 500"})
				return nil
			}},
			{"Sparky is ill", func() error { patient(0); s.vitals.Health(t.Context()); return nil }},
		} {
			before := slack.count.Load()
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			slack.passes(7 * time.Second)
			if slack.count.Load() == before {
				t.Errorf("%s: no view in seven seconds", step.name)
			}
		}
	})
}
