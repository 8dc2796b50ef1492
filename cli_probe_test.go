package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// door is an address that takes connections and says nothing.
func door(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

func newTrial(all ...partners.Partner) (trial, func() []string) {
	var mu sync.Mutex
	var said []string
	redactor := setting.NewRedactor()
	t := trial{newProbes(always(httpcall.New(httpcall.Options{Redactor: redactor})), redactor, time.Now), all, time.Now, func(text string) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, text)
	}}
	return t, func() []string { return said }
}

func tcp(id, address string) partners.ProbeConfig {
	c := partners.ProbeConfig{ID: id, Kind: partners.KindTCP, Address: address}
	c.SetDefaults()
	return c
}

func TestALookRunsWhatOnlyReads(t *testing.T) {
	open := door(t)
	looking, said := newTrial(
		partners.Partner{ID: "a", Name: "Acme", Probes: []partners.ProbeConfig{
			tcp("port", open), {ID: "write", Kind: partners.KindServiceNowIncident}, {ID: "post", Kind: partners.KindHTTP, HTTPStep: partners.HTTPStep{URL: "http://" + open, Method: "POST"}}}},
		partners.Partner{ID: "b", Name: "Bolt", Probes: []partners.ProbeConfig{{ID: "org", Kind: partners.KindNewRelic}, {ID: "broken", Kind: partners.KindHTTP}}},
		partners.Partner{ID: "c"},
	)
	results, err := looking.LastResults(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := results["a"]["port"]; !r.Passed() || r.Took <= 0 {
		t.Errorf("what reads was not run: %+v", r)
	}
	for _, untried := range []struct{ partner, probe, why string }{
		{"a", "write", "it writes at Acme, and status only looks; sparky probe a write runs it"},
		{"a", "post", "it writes at Acme"},
		{"b", "org", "asks New Relic; give the block new_relic"},
		{"b", "broken", "needs a url or steps"},
	} {
		r := results[untried.partner][untried.probe]
		if r.Tells() || r.At.IsZero() || !strings.Contains(r.Problem, untried.why) {
			t.Errorf("%s/%s: %+v", untried.partner, untried.probe, r)
		}
	}
	if lines := said(); len(lines) != 6 || lines[len(lines)-1] != "" {
		t.Errorf("it shows %q", lines)
	}
	if stats, _, err := looking.ProbeSeries(t.Context(), "a", []string{"port"}, time.Time{}, time.Now(), time.Hour); err != nil || stats.Runs != 0 {
		t.Errorf("a terminal remembers %+v, %v", stats, err)
	}
}

func TestALookThatIsStoppedTellsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	looking, _ := newTrial(partners.Partner{ID: "a", Probes: []partners.ProbeConfig{tcp("port", door(t))}})
	results, err := looking.LastResults(ctx)
	if !errors.Is(err, context.Canceled) || results["a"]["port"].Passed() {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestOnlyTheOneThatIsAskedForIsLookedAt(t *testing.T) {
	all := []partners.Partner{{ID: "okta", Name: "Okta"}, {ID: "github", Name: "GitHub"}}
	for words, want := range map[string]int{"status": 2, "status okta": 1, "status OKTA": 1, "status nobody": 2, "status okta now": 2} {
		probing, _ := newTrial(all...)
		facts := newLive(nil, all, time.Now, probing.progress)
		cmd := newStatusCommand(lookup(nil))
		terminalBook(cmd, all, strings.Fields(words), facts, probing)
		if len(facts.partners) != want {
			t.Errorf("%s looks at %d", words, len(facts.partners))
		}
	}
}
