package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/all"
)

// demoRun runs each of the demo's probes once, by clients made as Sparky makes them but for retries. The keys are partner/probe.
func demoRun(t *testing.T, config Config) map[string]partners.ProbeResult {
	t.Helper()
	secret := setting.NewRedactor(config.Secrets()...)
	client := httpcall.New(httpcall.Options{Redactor: secret, Retries: -1})
	defer client.CloseIdleConnections()
	runs := newProbes(always(client), secret, time.Now)
	results := map[string]partners.ProbeResult{}
	for _, p := range config.Partners {
		for _, c := range p.Probes {
			c.Timeout = setting.Duration(patience)
			got, err := runs.run(t.Context(), p, c)
			if err != nil {
				t.Fatal(err)
			}
			results[p.ID+"/"+c.ID] = got
			for _, secret := range config.Secrets() {
				if text := got.Problem + got.Excerpt + got.Warning; strings.Contains(text, secret.Reveal()) {
					t.Errorf("%s/%s tells a secret: %s", p.ID, c.ID, text)
				}
			}
		}
	}
	return results
}

func demoWorld(t *testing.T) *world.World {
	t.Helper()
	w, err := world.Start(context.WithoutCancel(t.Context()), world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("closing the world: %v", err)
		}
	})
	return w
}

// TestTheDemosProbes holds that every probe of the demo is well when its partner is, and that each kind that a module
// makes is among them.
func TestTheDemosProbes(t *testing.T) {
	config := demoConfig(demoWorld(t), t.TempDir())
	kinds := map[string]bool{}
	for _, p := range config.Partners {
		for _, c := range p.Probes {
			kinds[c.Kind] = true
		}
	}
	for _, kind := range all.Kinds() {
		if strings.Contains(kind, ".") && kind != partners.KindServiceNowTable && !kinds[kind] {
			t.Errorf("the demo has no probe of kind %s", kind)
		}
	}
	for id, got := range demoRun(t, config) {
		if !got.Passed() || got.Warning != "" {
			t.Errorf("%s: %s: %s%s", id, got.Class, got.Problem, got.Warning)
		}
	}
}

// TestTheDemosProbesTellWhatIsWrong breaks the partners in every way that the modules tell apart.
func TestTheDemosProbesTellWhatIsWrong(t *testing.T) {
	w := demoWorld(t)
	modules := map[string][]string{
		vendors.Microsoft: {"service-health", "workspaces"}, vendors.Okta: {"org"}, vendors.Workday: {"workers"},
	}
	asked := map[string]string{"service-health": "/v1.0/admin", "workspaces": "/v1.0/myorg", "org": "/api", "workers": "/ccx/api"}
	for _, test := range []struct {
		how    vendors.APIBreak
		class  partners.FailureClass
		not    string // the partner that has no such fault
		status int
	}{
		{how: vendors.APIBreak{How: vendors.APIEmpty}, class: partners.FailRights, not: vendors.Okta, status: 200},
		{how: vendors.APIBreak{How: vendors.APIUnauthorized}, class: partners.FailAuth, status: 401},
		{how: vendors.APIBreak{How: vendors.APIForbidden}, class: partners.FailRights, status: 403},
		{how: vendors.APIBreak{How: vendors.APIThrottled, RetryAfter: time.Minute}, class: partners.FailThrottled, status: 429},
		{how: vendors.APIBreak{How: vendors.APISignIn}, class: partners.FailContent, status: 200},
		{how: vendors.APIBreak{How: vendors.APIRemoved}, class: partners.FailGone, status: 410},
		{how: vendors.APIBreak{How: vendors.APIError, Status: 500}, class: partners.FailServer, status: 500},
		{how: vendors.APIBreak{How: vendors.APICutOff}, class: partners.FailReset},
	} {
		for partner, probes := range modules {
			if partner == test.not {
				continue
			}
			for _, id := range probes {
				if test.how.How != vendors.APIUnauthorized {
					test.how.Path = asked[id] // the sign-in before it is well
				}
				if err := w.Partners.BreakAPI(partner, test.how); err != nil {
					t.Fatal(err)
				}
				got := demoRun(t, onlyProbe(demoConfig(w, t.TempDir()), partner, id))[partner+"/"+id]
				if got.Class != test.class || test.status != 0 && got.Status != test.status || got.Problem == "" {
					t.Errorf("%s/%s under %s: %s %d: %s", partner, id, test.how.How, got.Class, got.Status, got.Problem)
				}
				if err := w.Partners.Heal(partner); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func onlyProbe(config Config, partner, probe string) Config {
	for i, p := range config.Partners {
		var kept []partners.ProbeConfig
		for _, c := range p.Probes {
			if p.ID == partner && c.ID == probe {
				kept = append(kept, c)
			}
		}
		config.Partners[i].Probes = kept
	}
	return config
}

// TestAMisspeltTenantIsNoOutage holds that the mistake that Workday answers with 503 is told as one, wherever it is made.
func TestAMisspeltTenantIsNoOutage(t *testing.T) {
	w := demoWorld(t)
	for name, misspell := range map[string]func(*partners.ProbeConfig){
		"tenant": func(c *partners.ProbeConfig) { c.Tenant += "x" },
		"token_url": func(c *partners.ProbeConfig) {
			c.Auth.OAuth2.TokenURL = strings.Replace(c.Auth.OAuth2.TokenURL, c.Tenant, "x", 1)
		},
		"a path": func(c *partners.ProbeConfig) { c.Auth.OAuth2.TokenURL += "s" },
	} {
		config := onlyProbe(demoConfig(w, t.TempDir()), vendors.Workday, "workers")
		for _, p := range config.Partners {
			for i := range p.Probes {
				misspell(&p.Probes[i])
			}
		}
		got := demoRun(t, config)[vendors.Workday+"/workers"]
		if got.Class != partners.FailNotFound || !strings.Contains(got.Problem, "token_url") {
			t.Errorf("%s: %s: %s", name, got.Class, got.Problem)
		}
	}
}
