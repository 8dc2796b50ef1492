package bot

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	yaml "go.yaml.in/yaml/v4"
)

// app is the manifest as Slack reads it. Unknown keys are refused, as Slack refuses them.
type app struct {
	Display struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
		Long        string `yaml:"long_description"`
		Background  string `yaml:"background_color"`
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			Home     bool `yaml:"home_tab_enabled"`
			Messages bool `yaml:"messages_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		Bot struct {
			Name   string `yaml:"display_name"`
			Online bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		Commands []struct {
			Command     string `yaml:"command"`
			Description string `yaml:"description"`
			Hint        string `yaml:"usage_hint"`
			Escape      bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		OrgDeploy     bool `yaml:"org_deploy_enabled"`
		SocketMode    bool `yaml:"socket_mode_enabled"`
		TokenRotation bool `yaml:"token_rotation_enabled"`
	} `yaml:"settings"`
}

func readManifest(t *testing.T) app {
	t.Helper()
	var a app
	if err := yaml.Load([]byte(Manifest()), &a, yaml.WithKnownFields()); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestManifestOffersWhatTheCodeUses holds the manifest to the tables of this package: nothing missing, nothing more.
func TestManifestOffersWhatTheCodeUses(t *testing.T) {
	a := readManifest(t)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(Scopes())), a.OAuth.Scopes.Bot); diff != "" {
		t.Errorf("scopes, in order (-code +manifest):\n%s", diff)
	}
	if diff := cmp.Diff(Events(), a.Settings.Events.Bot); diff != "" {
		t.Errorf("events (-code +manifest):\n%s", diff)
	}
	if len(a.Features.Commands) != 1 || a.Features.Commands[0].Command != CommandName || !a.Features.Commands[0].Escape {
		t.Errorf("commands: %+v", a.Features.Commands)
	}
	if !a.Settings.SocketMode || !a.Settings.Interactivity.Enabled || !a.Features.Home.Home || !a.Features.Home.Messages || a.Features.Home.ReadOnly {
		t.Errorf("a switch that the code needs is off: %+v %+v", a.Settings, a.Features.Home)
	}
	if a.Settings.TokenRotation {
		t.Error("tokens would expire, and nothing renews them")
	}
}

// TestEveryScopeHasItsReason reads the reasons beside the scopes, which people read before they install the app.
func TestEveryScopeHasItsReason(t *testing.T) {
	for scope, use := range Scopes() {
		line := regexp.MustCompile(`(?m)^ +- ` + regexp.QuoteMeta(scope) + ` # \S.{7,}$`)
		if !line.MatchString(Manifest()) {
			t.Errorf("%s has no reason in the manifest", scope)
		}
		if use == "" {
			t.Errorf("%s has no use in the code", scope)
		}
	}
}

// eventScopes are the scopes that Slack wants for an event, from the pages of its event reference.
func eventScopes() map[string]string {
	return map[string]string{"app_home_opened": "", "app_mention": "app_mentions:read", "message.im": "im:history"}
}

func TestEventsHaveTheirScopes(t *testing.T) {
	for _, event := range Events() {
		scope, known := eventScopes()[event]
		if _, asked := Scopes()[scope]; !known || scope != "" && !asked {
			t.Errorf("the event %s needs the scope %q", event, scope)
		}
	}
}

// TestManifestKeepsSlacksLimits holds it to the limits of Slack's manifest schema.
func TestManifestKeepsSlacksLimits(t *testing.T) {
	a := readManifest(t)
	command := a.Features.Commands[0]
	for _, limit := range []struct {
		what, text  string
		least, most int
	}{
		{"name", a.Display.Name, 1, 35},
		{"bot name", a.Features.Bot.Name, 1, 80},
		{"description", a.Display.Description, 1, 140},
		{"long description", a.Display.Long, 175, 4000},
		{"command", command.Command, 2, 32},
		{"command description", command.Description, 1, 2000},
		{"usage hint", command.Hint, 1, 1000},
	} {
		if n := utf8.RuneCountInString(limit.text); n < limit.least || n > limit.most {
			t.Errorf("the %s has %d characters, and Slack takes %d to %d", limit.what, n, limit.least, limit.most)
		}
	}
	if !regexp.MustCompile(`^#[0-9a-f]{6}$`).MatchString(a.Display.Background) {
		t.Errorf("background colour %q", a.Display.Background)
	}
}

// TestSlackGoReadsTheManifest lets a client that knows the format independently read it.
func TestSlackGoReadsTheManifest(t *testing.T) {
	var m slack.Manifest
	if err := yaml.Load([]byte(Manifest()), &m); err != nil {
		t.Fatal(err)
	}
	if m.Display.Name != "Sparky" || len(m.OAuthConfig.Scopes.Bot) != len(Scopes()) || !m.Settings.SocketModeEnabled {
		t.Errorf("read as %+v", m)
	}
	if strings.Contains(Manifest(), "url:") {
		t.Error("the manifest names an address, and Socket Mode needs none")
	}
}
