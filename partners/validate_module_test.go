package partners

import (
	"strings"
	"testing"

	"sparky/internal/setting"
)

func TestTenants(t *testing.T) {
	for name, test := range map[string]struct{ tenant, token, want string }{
		"the same":      {"acme_prod1", "https://wd2.example/ccx/oauth2/acme_prod1/token", ""},
		"another":       {"acme", "https://wd2.example/ccx/oauth2/acme_prod1/token", `probes.0.tenant: is not the tenant of token_url, which is acme_prod1; both are to be the same`},
		"a proxy":       {"acme", "https://proxy.example/workday-token", ""},
		"no address":    {"acme", "https://wd2.example/%zz", ""},
		"a path":        {"acme/x", "https://wd2.example/ccx/oauth2/acme/token", "cannot be the name of a tenant"},
		"two words":     {"Acme Works", "https://wd2.example/token", "cannot be the name of a tenant"},
		"nothing given": {"", "https://wd2.example/ccx/oauth2/acme/token", "a probe of kind workday.workers needs it"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(probeMistakes(probe(KindWorkdayWorkers, func(c *ProbeConfig) {
				c.BaseURL, c.Tenant, c.Auth = "https://wd2.example", test.tenant, &Auth{OAuth2: refreshing()}
				c.Auth.OAuth2.TokenURL = test.token
			})), "; ")
			if name == "no address" {
				if strings.Contains(got, "tenant") {
					t.Errorf("got %s", got)
				}
				return
			}
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSSWS(t *testing.T) {
	for value, fine := range map[string]bool{
		"SSWS 00abc": true, "Bearer eyJ": true, "00abcdef": false, "ssws 00abcdef": false, "SSWS00abcdef": false,
	} {
		for _, header := range []string{"Authorization", "authorization", "X-Proxy-Token"} {
			got := probeMistakes(probe(KindOktaOrg, func(c *ProbeConfig) {
				c.BaseURL, c.Auth = "https://acme.okta.example", &Auth{Header: &HeaderAuth{header, setting.NewSecret(value)}}
			}))
			want := !fine && header != "X-Proxy-Token"
			if (len(got) > 0) != want {
				t.Errorf("%s in %s: got %v", value, header, got)
			}
			if text := strings.Join(got, ";"); strings.Contains(text, "00abc") || want && !strings.Contains(text, `write "SSWS "`) {
				t.Errorf("got %s", text)
			}
		}
	}
}

// TestMicrosoftIsAskedForAScope holds that a client that is made of the completed configuration gets a token at all.
func TestMicrosoftIsAskedForAScope(t *testing.T) {
	shared := &Auth{OAuth2: client()}
	own := &Auth{OAuth2: client()}
	own.OAuth2.Scopes = []string{"https://graph.microsoft.us/.default"}
	p := Partner{Probes: []ProbeConfig{
		probe(KindPowerBIGroups, func(c *ProbeConfig) { c.Auth = shared }), probe(KindGraphHealth, func(c *ProbeConfig) { c.Auth = shared }),
		probe(KindGraphHealth, func(c *ProbeConfig) { c.Auth = own }), probe(KindGraphHealth, func(*ProbeConfig) {}),
		probe(KindWorkdayWorkers, func(c *ProbeConfig) { c.Auth = shared }),
	}}
	p.Complete()
	p.Complete()
	for i, want := range []string{powerBIScope, graphScope, "https://graph.microsoft.us/.default", "", ""} {
		got := ""
		if a := p.Probes[i].Auth; a != nil {
			got = strings.Join(a.OAuth2.Scopes, " ")
		}
		if got != want {
			t.Errorf("probe %d asks for %q, want %q", i, got, want)
		}
	}
	if len(shared.OAuth2.Scopes) != 0 {
		t.Error("a credential that others share was changed")
	}
}
