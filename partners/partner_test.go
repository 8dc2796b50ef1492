package partners

import (
	"testing"

	"sparky/internal/setting"
)

func TestMicrosoftSourcesSignInWithTheProbesCredential(t *testing.T) {
	bearer := &Auth{Bearer: setting.NewSecret("token-1")}
	oauth := &Auth{OAuth2: &OAuth2{ClientID: "app"}}
	tests := []struct {
		name   string
		probes []ProbeConfig
		want   func(*Auth) bool
	}{
		{"no probe", nil, func(a *Auth) bool { return a == nil }},
		{"another probe", []ProbeConfig{{Kind: KindHTTP, Auth: bearer}}, func(a *Auth) bool { return a == nil }},
		{"a probe without one", []ProbeConfig{{Kind: KindGraphHealth}}, func(a *Auth) bool { return a == nil }},
		{"a token", []ProbeConfig{{Kind: KindGraphHealth, Auth: bearer}}, func(a *Auth) bool { return a.Bearer.Reveal() == "token-1" }},
		{"an app without scopes", []ProbeConfig{{Kind: KindGraphHealth, Auth: oauth}},
			func(a *Auth) bool { return len(a.OAuth2.Scopes) == 1 && a.OAuth2.Scopes[0] == graphScope }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Partner{Probes: tt.probes}).GraphAuth(); !tt.want(got) {
				t.Errorf("got %+v", got)
			}
		})
	}
	if len(oauth.OAuth2.Scopes) != 0 {
		t.Error("the probe's own configuration was changed")
	}
}

func TestASourceIsNamedByWhatItIs(t *testing.T) {
	for want, s := range map[string]Source{
		"https://okta.example/feed": {URL: "https://okta.example/feed"},
		"github.com/okta/sdk":       {Kind: SourceGitHubReleases, Repo: "okta/sdk"},
		"m365-messages":             {Kind: SourceM365Messages},
	} {
		if got := s.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
