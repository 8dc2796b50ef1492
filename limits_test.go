package main

import (
	"context"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/clock"
	"sparky/fixtures/world/newrelic"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	oursnewrelic "sparky/ours/newrelic"
	"sparky/partners"
	"sparky/store"
)

// percentileError is by how much New Relic's percentile may differ from the exact one of the store (docs.newrelic.com,
// "Use percentile() to understand relative error", for durations from a millisecond to 16 minutes).
const percentileError = 0.03125

// TestBothWaysGiveTheSameVerdicts generates results, keeps them in the store, sends them to New Relic, and holds that the
// limits counted here and the contract's two queries asked there agree: success rates exactly, percentiles but for limits
// within New Relic's error of the figure.
func TestBothWaysGiveTheSameVerdicts(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	microsoft, snow := partners.Partner{ID: "microsoft"}, partners.Partner{ID: "servicenow"}
	card := partners.ProbeConfig{ID: "teams-card", Kind: partners.KindTeamsCard}
	create := partners.ProbeConfig{ID: "incident-creation", Kind: partners.KindServiceNowIncident}
	near, verdicts := 0, map[bool]int{}
	for round := range 12 {
		memory := bothWays(t, now)
		for range 1 + random.IntN(120) {
			memory.ran(card, microsoft.ID, random)
			memory.ran(create, snow.ID, random)
		}
		memory.sent()
		for range 5 {
			above := time.Duration(random.IntN(6000)) * time.Millisecond
			below := float64(random.IntN(101))
			card.P95 = &partners.Above{Above: setting.Duration(above), Over: setting.Duration(time.Hour)}
			create.Success = &partners.Below{Below: setting.Percent(below), Over: setting.Duration(time.Hour)}
			ours, err := p95Measure(t.Context(), memory.store, microsoft, card, now)
			exact, err2 := memory.store.ProbeWindow(t.Context(), microsoft.ID, card.ID, now.Add(-time.Hour), now.Add(time.Millisecond))
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			theirs := memory.asks("SELECT percentile(duration, 95) FROM ExternalServiceCall WHERE service = 'msteams' AND action = 'postAdaptiveCard'",
				oursnewrelic.Alert{Above: new(above.Seconds())})
			if off := (above.Seconds() - exact.P95.Seconds()) / exact.P95.Seconds(); off > -percentileError && off < percentileError {
				near++
			} else if ours.Past != theirs {
				t.Errorf("round %d: p95 %v above %v: %t here, %t there", round, exact.P95, above, ours.Past, theirs)
			}
			rate, err := successMeasure(t.Context(), memory.store, snow, create, now)
			if err != nil {
				t.Fatal(err)
			}
			theirs = memory.asks("SELECT percentage(count(*), WHERE result = 'SUCCESS') FROM SyntheticCheck WHERE monitorName = 'servicenow-incident-creation'",
				oursnewrelic.Alert{Below: new(below)})
			if rate.Past != theirs {
				t.Errorf("round %d: %s: %t here, %t there", round, rate.Text, rate.Past, theirs)
			}
			verdicts[ours.Past]++
			verdicts[rate.Past]++
		}
	}
	if near > 12 || verdicts[true] < 20 || verdicts[false] < 20 {
		t.Errorf("too little was compared: %d near the limit, %v", near, verdicts)
	}
}

// compared is the store and New Relic with the same results.
type compared struct {
	t       *testing.T
	now     time.Time
	store   *store.Store
	service *newrelic.Service
	sender  *oursnewrelic.Sender
}

func bothWays(t *testing.T, now time.Time) *compared {
	t.Helper()
	c := clock.NewManual(now)
	memory, err := store.Open(t.Context(), "sqlite:"+t.TempDir()+"/a.db", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.Close() })
	service := newrelic.New(newrelic.Options{Clock: c})
	server := httptest.NewServer(service.EventsHandler())
	t.Cleanup(func() { _ = service.Close(); server.Close() })
	config := oursnewrelic.Config{AccountID: newrelic.AccountID, LicenseKey: setting.NewSecret(newrelic.LicenseKey), EventsURL: server.URL}
	client := httpcall.New(httpcall.Options{Retries: -1})
	t.Cleanup(client.CloseIdleConnections)
	sender := oursnewrelic.NewSender(config, client.With("events", config.EventsAuth()), oursnewrelic.Clock{Now: c.Now, Jitter: rand.Float64})
	return &compared{t: t, now: now, store: memory, service: service, sender: sender}
}

// sent sends what was told.
func (c *compared) sent() {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	cancel()
	if err := c.sender.Run(ctx); err != nil || c.sender.State().Waiting > 0 {
		c.t.Fatal(err, c.sender.State())
	}
}

// ran is one run within the last hour, of which one in ten fails.
func (c *compared) ran(probe partners.ProbeConfig, partner string, random *rand.Rand) {
	c.t.Helper()
	at := c.now.Add(-time.Duration(random.IntN(3500_000)) * time.Millisecond).Truncate(time.Millisecond)
	took := time.Duration(1+random.IntN(5000)) * time.Millisecond
	r := partners.ProbeResult{Partner: partner, Probe: probe.ID, At: at, Took: took,
		Calls: []partners.Call{{Service: "msteams", Action: "postAdaptiveCard", At: at, Took: took, Status: 202}}}
	if random.IntN(10) == 0 {
		r.Class = partners.FailServer
	}
	if partner == "servicenow" {
		r.Calls = nil
	}
	known, err := c.store.ProbeWindow(c.t.Context(), partner, probe.ID, at, at.Add(time.Millisecond))
	if err != nil {
		c.t.Fatal(err)
	}
	if known.Runs > 0 {
		return // the store counts one run of a probe a millisecond
	}
	if err := c.store.SaveResults(c.t.Context(), []partners.ProbeResult{r}); err != nil {
		c.t.Fatal(err)
	}
	c.sender.Tell(probe, r)
}

// asks is whether New Relic's answer is past the limit.
func (c *compared) asks(nrql string, a oursnewrelic.Alert) bool {
	c.t.Helper()
	rows, err := c.service.Query(nrql)
	if err != nil {
		c.t.Fatal(err)
	}
	value, ok := rows[0]["percentage"].(float64)
	if inner, several := rows[0]["percentile.duration"].(map[string]any); several {
		value, ok = inner["95"].(float64)
	}
	if !ok {
		c.t.Fatalf("%s: %v", nrql, rows)
	}
	_, past, _ := a.Worst([]oursnewrelic.Value{{Number: value}})
	return past
}

// fixedWindow is a store that says what a test wants.
type fixedWindow partners.ProbeStats

func (f fixedWindow) ProbeWindow(context.Context, string, string, time.Time, time.Time) (partners.ProbeStats, error) {
	return partners.ProbeStats(f), nil
}

func TestLimitsInWords(t *testing.T) {
	c := partners.ProbeConfig{ID: "card", P95: &partners.Above{Above: setting.Duration(2 * time.Second)}, Success: &partners.Below{Below: 99}}
	p, now := partners.Partner{ID: "teams"}, time.Now()
	slow, err := p95Measure(t.Context(), fixedWindow{Runs: 10, Passed: 9, P95: 3 * time.Second}, p, c, now)
	if err != nil || !slow.Past || slow.Text != "95 of 100 runs of card over the last 15m took 3s or less, above the limit of 2s" {
		t.Errorf("%v %+v", err, slow)
	}
	rate, err := successMeasure(t.Context(), fixedWindow{Runs: 10, Passed: 9}, p, c, now)
	if err != nil || !rate.Past || rate.Text != "9 of 10 runs of card over the last 1h passed, 90.0%, below the limit of 99%" {
		t.Errorf("%v %+v", err, rate)
	}
	for _, stats := range []fixedWindow{{}, {Runs: 10, Passed: 10, P95: time.Second}} {
		slow, _ := p95Measure(t.Context(), stats, p, c, now)
		rate, _ := successMeasure(t.Context(), stats, p, c, now)
		if stats.Runs == 0 && (slow.Known || rate.Known) || stats.Runs > 0 && (slow.Past || rate.Past || !strings.Contains(slow.Text, "again")) {
			t.Errorf("%+v %+v", slow, rate)
		}
	}
}

func TestHowFarAQueryLooksBack(t *testing.T) {
	for nrql, want := range map[string]time.Duration{
		"SELECT count(*) FROM X":                                      time.Hour,
		"SELECT count(*) FROM X SINCE 5 minutes ago":                  5 * time.Minute,
		"SELECT count(*) FROM X since  1 Hour AGO COMPARE WITH x":     time.Hour,
		"SELECT count(*) FROM X SINCE 2 days ago UNTIL 1 day ago":     48 * time.Hour,
		"SELECT count(*) FROM X SINCE 1767225600000":                  time.Hour,
		"SELECT count(*) FROM X SINCE 99999999999999999999 weeks ago": time.Hour,
		"SELECT count(*) FROM X SINCE today":                          time.Hour,
	} {
		if got := looksBack(nrql); got != want {
			t.Errorf("%s: %v, want %v", nrql, got, want)
		}
	}
}
