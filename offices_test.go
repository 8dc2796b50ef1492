package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/ours/jira"
	"sparky/ours/pager"
	"sparky/ours/statuspage"
	"sparky/store"
)

func TestRoutesAreOfWhatIsConfigured(t *testing.T) {
	memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	withJira := func(c *Config) { c.Jira = &jira.Config{URL: "https://jira.example", Project: "ECO"} }
	calls := func(provider string) func(*Config) {
		return func(c *Config) {
			c.Oncall = &pager.Config{}
			c.Oncall.SetDefaults()
			c.Oncall.Provider, c.Oncall.RoutingKey, c.Oncall.SlackGroup = provider, setting.NewSecret("k"), "S0ONCALL"
		}
	}
	page := func(provider string) func(*Config) {
		return func(c *Config) {
			c.StatusPage = &statuspage.Config{}
			c.StatusPage.SetDefaults()
			c.StatusPage.Provider = provider
		}
	}
	for name, c := range map[string]struct {
		with   []func(*Config)
		kinds  []string
		serves bool
		wants  incidents.Offices
	}{
		"nothing":         {},
		"Jira alone":      {with: []func(*Config){withJira}, kinds: []string{incidents.EffectTicket, incidents.EffectComment}, wants: incidents.Offices{Tickets: true}},
		"PagerDuty alone": {with: []func(*Config){calls(pager.ProviderPagerDuty)}, kinds: []string{incidents.EffectPage}, wants: incidents.Offices{Pager: true, Mention: "S0ONCALL"}},
		"a Slack group":   {with: []func(*Config){calls(pager.ProviderSlack)}, wants: incidents.Offices{Mention: "S0ONCALL"}},
		"a page at Atlassian": {with: []func(*Config){page(statuspage.ProviderStatuspage)}, kinds: []string{incidents.EffectPost, incidents.EffectComponents},
			wants: incidents.Offices{Public: true}},
		"a page of our own": {with: []func(*Config){page(statuspage.ProviderBuiltin)}, kinds: []string{incidents.EffectPost, incidents.EffectComponents},
			serves: true, wants: incidents.Offices{Public: true}},
		"a page that waits for a person": {with: []func(*Config){page(statuspage.ProviderBuiltin), func(c *Config) { c.StatusPage.Publish = statuspage.PublishApprove }},
			kinds: []string{incidents.EffectPost, incidents.EffectComponents}, serves: true, wants: incidents.Offices{Public: true, Approve: true}},
		"all of it": {with: []func(*Config){withJira, calls(pager.ProviderPagerDuty), page(statuspage.ProviderStatuspage)},
			kinds: []string{incidents.EffectTicket, incidents.EffectComment, incidents.EffectPage, incidents.EffectPost, incidents.EffectComponents},
			wants: incidents.Offices{Tickets: true, Pager: true, Mention: "S0ONCALL", Public: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var config Config
			config.SetDefaults()
			for _, with := range c.with {
				with(&config)
			}
			got := newOffices(config, httpcall.New(httpcall.Options{Transport: network{}}), memory, nobodyNamed{}, time.Now, slog.New(slog.DiscardHandler))
			if kinds := slices.Sorted(maps.Keys(got.routes)); !slices.Equal(kinds, slices.Sorted(slices.Values(c.kinds))) {
				t.Errorf("routes of %q, want %q", kinds, c.kinds)
			}
			if (got.tickets != nil) != c.wants.Tickets || (got.page != nil) != c.serves || config.desired() != c.wants {
				t.Errorf("tickets %v, a page of ours %v, wants %+v", got.tickets != nil, got.page != nil, config.desired())
			}
			for kind, route := range got.routes {
				if route.Timeout <= 0 || route.Settle < route.Timeout {
					t.Errorf("%s settles after %v, before its attempt of %v is over", kind, route.Settle, route.Timeout)
				}
			}
		})
	}
}

// performer answers with what the test wants.
type performer struct {
	result []byte
	err    error
}

func (p performer) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	return p.result, p.err
}

func (p performer) Find(context.Context, string, []byte) ([]byte, bool, error) {
	return p.result, p.result != nil, p.err
}

// TestWhatIsSaidInATicketIsSaidInItsOrder because a verdict is the reason for what follows from it.
func TestWhatIsSaidInATicketIsSaidInItsOrder(t *testing.T) {
	memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	var config Config
	config.SetDefaults()
	config.Jira = &jira.Config{URL: "https://jira.example", Project: "ECO"}
	o := newOffices(config, httpcall.New(httpcall.Options{Transport: network{}}), memory, nobodyNamed{}, time.Now, slog.New(slog.DiscardHandler))
	if got := o.routes[incidents.EffectComment].Concurrency; got != 1 {
		t.Errorf("%d comments are written at a time", got)
	}
}

func TestLandingTellsTheDesk(t *testing.T) {
	payload, err := json.Marshal(incidents.Ref{Incident: "sparky-acme-1", Outage: 1})
	if err != nil {
		t.Fatal(err)
	}
	ticket := []byte(`{"key":"ECO-7","url":"https://jira.example/browse/ECO-7"}`)
	away, full := errors.New("Jira is away"), errors.New("the disk is full")
	for name, c := range map[string]struct {
		performer performer
		memory    error // of the memory
		want      error
		key       string
	}{
		"it is noted":                    {performer: performer{result: ticket}, key: "ECO-7"},
		"nothing came of it":             {performer: performer{}},
		"it failed":                      {performer: performer{result: ticket, err: away}, want: away},
		"it was done and cannot be kept": {performer: performer{result: ticket}, memory: full, want: full},
	} {
		t.Run(name, func(t *testing.T) {
			memory := &forgetful{fails: c.memory}
			memory.ledger.Incidents = []incidents.Incident{{ID: "sparky-acme-1", Kind: incidents.KindProbe, State: incidents.StateOpen, Outage: 1}}
			desk := incidents.NewDesk(incidents.Options{Memory: memory, Now: time.Now})
			l := landing{c.performer, incidents.EffectTicket, desk}
			result, err := l.Do(t.Context(), "key", payload, nil)
			if !errors.Is(err, c.want) || c.performer.err == nil && string(result) != string(c.performer.result) {
				t.Errorf("doing: %q, %v", result, err)
			}
			if got := memory.ledger.Incidents[0].Ticket.Key; got != c.key {
				t.Errorf("the incident's ticket is %q after doing, want %q", got, c.key)
			}
			memory.ledger.Incidents[0].Ticket = incidents.Ticket{}
			if _, _, err := l.Find(t.Context(), "key", payload); !errors.Is(err, c.want) || memory.ledger.Incidents[0].Ticket.Key != c.key {
				t.Errorf("finding: %v, ticket %q", err, memory.ledger.Incidents[0].Ticket.Key)
			}
		})
	}
}
