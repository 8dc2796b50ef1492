package bot

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/clock"
	standin "sparky/fixtures/world/slack"
	"sparky/internal/setting"
)

// consult has a doctor look at a workspace, and gives what was found in lines of what, state, problem and mend.
func consult(t *testing.T, opts standin.Options, change func(*standin.Workspace, *Config)) []string {
	t.Helper()
	w := standin.New(opts)
	server := httptest.NewServer(w.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	var config Config
	config.SetDefaults()
	config.APIURL = server.URL + "/api/"
	config.AppToken, config.BotToken = setting.NewSecret(w.AppToken()), setting.NewSecret(w.BotToken())
	config.Roles = Roles{Operator: []string{"S0OPERATORS", standin.OnCall}, Publisher: []string{"S0COMMS"}}
	if change != nil {
		change(w, &config)
	}
	doctor := NewDoctor(NewAPI(server.Client(), config.APIURL, config.BotToken, config.AppToken), config, time.Now)
	var lines []string
	for _, look := range append(doctor.Looks(), doctor.People("oncall.slack_group", "S0ONCALL")) {
		f := look.Try(t.Context())
		lines = append(lines, fmt.Sprintf("%s: %s: %s | %s | %s", look.What, f.State(), f.Tried, f.Problem, f.Mend))
	}
	return lines
}

func TestDoctorFindsSlackWell(t *testing.T) {
	want := []string{
		"slack.app_token: ok: apps.connections.open: Slack gives a link |  | ",
		"slack.bot_token: ok: auth.test: it is @sparky in Acme |  | ",
		"slack.bot_token scopes: ok: x-oauth-scopes of auth.test: all that the manifest asks for |  | ",
		"clock: ok: the time in Slack's answer: our clock agrees with it |  | ",
		"slack.channels.updates: ok: conversations.info: #ecosystem-updates is there, and Sparky is in it |  | ",
		"slack.channels.alerts: ok: conversations.info: #integration-alerts is there, and Sparky is in it |  | ",
		"slack.roles.operator S0OPERATORS: ok: usergroups.list: @operators, 2 people |  | ",
		"slack.roles.operator U0ONCALL01: ok: users.info: @chidi |  | ",
		"slack.roles.publisher S0COMMS: ok: usergroups.list: @comms, 1 person |  | ",
		"oncall.slack_group S0ONCALL: ok: usergroups.list: @on-call, 1 person |  | ",
	}
	if got := consult(t, standin.Options{}, nil); !slices.Equal(got, want) {
		t.Errorf("found\n%s", strings.Join(got, "\n"))
	}
}

func TestDoctorFindsWhatIsWrongInSlack(t *testing.T) {
	for name, c := range map[string]struct {
		opts   standin.Options
		change func(*standin.Workspace, *Config)
		wants  []string // each in one of the lines
	}{
		"an app token without its scope": {change: func(w *standin.Workspace, _ *Config) { w.RefuseAppToken("missing_scope") },
			wants: []string{"slack.app_token: wrong: apps.connections.open | the token lacks the scope connections:write | make an app-level token"}},
		"mixed up tokens": {change: func(_ *standin.Workspace, c *Config) { c.AppToken = c.BotToken },
			wants: []string{"slack.app_token: wrong: apps.connections.open | Slack answers not_allowed_token_type | the two tokens are mixed up"}},
		"a revoked token": {change: func(w *standin.Workspace, _ *Config) { w.RefuseBotToken("token_revoked") },
			wants: []string{"slack.bot_token: wrong: auth.test | Slack answers token_revoked | install Sparky in the workspace again"}},
		"a lacking scope": {opts: standin.Options{Scopes: without(standin.DefaultScopes(), "chat:write", "groups:read")},
			wants: []string{"scopes: wrong: x-oauth-scopes of auth.test | the token lacks chat:write (chat.postMessage"}},
		"no private channels": {opts: standin.Options{Scopes: without(standin.DefaultScopes(), "groups:read", "groups:history")},
			wants: []string{"scopes: ok: x-oauth-scopes of auth.test: all but groups:history and groups:read, which only private channels need"}},
		"a clock that is behind": {opts: standin.Options{Clock: clock.NewManual(time.Now().Add(5*time.Minute + time.Second/2))},
			wants: []string{"clock: wrong: the time in Slack's answer | our clock is 5m behind Slack's | set this machine's clock"}},
		"a clock that is ahead": {opts: standin.Options{Clock: clock.NewManual(time.Now().Add(-2 * time.Hour))},
			wants: []string{"our clock is 2h ahead of Slack's"}},
		"channels": {change: func(_ *standin.Workspace, c *Config) { c.Channels = Channels{Updates: "#random", Alerts: "#nowhere"} },
			wants: []string{"slack.channels.updates: wrong: conversations.info | Sparky is not in #random | write /invite @Sparky there",
				"slack.channels.alerts: wrong: conversations.list | no such channel in Slack's list | create #nowhere, or correct slack.channels"}},
		"an archived channel": {change: func(_ *standin.Workspace, c *Config) { c.Channels.Alerts = standin.OldAlerts },
			wants: []string{"slack.channels.alerts: wrong: conversations.info | C0OLDALRTS is archived | unarchive it"}},
		"a private channel that we are not in": {change: func(_ *standin.Workspace, c *Config) { c.Channels.Alerts = standin.Leads },
			wants: []string{"slack.channels.alerts: wrong: conversations.info | Slack answers channel_not_found | create the channel"}},
		"people": {change: func(w *standin.Workspace, c *Config) {
			w.SetGroup(standin.Group{ID: "S0OLD", Handle: "old", Members: []string{standin.OnCall}, Disabled: true})
			w.SetGroup(standin.Group{ID: "S0EMPTY", Handle: "empty"})
			c.Roles = Roles{Operator: []string{"S0NOBODY", "S0OLD", "S0EMPTY"}, Publisher: []string{"U0LEFT0001", "U0NOBODY"}}
		}, wants: []string{"S0NOBODY: wrong: usergroups.list | there is no user group S0NOBODY | copy the id",
			"S0OLD: wrong: usergroups.list | the user group @old is disabled | enable it",
			"S0EMPTY: wrong: usergroups.list | nobody is in the user group @empty | add somebody",
			"U0LEFT0001: wrong: users.info | the account of eli is deactivated | name somebody else",
			"U0NOBODY: wrong: users.info | there is nobody U0NOBODY | copy the member ID"}},
		"a wrong address": {change: func(w *standin.Workspace, _ *Config) { w.SetFault("auth.test", standin.Fault{Status: 404}) },
			wants: []string{"slack.bot_token: wrong: auth.test | Slack answers 404 Not Found | slack.api_url is wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(consult(t, c.opts, c.change), "\n")
			for _, want := range c.wants {
				if !strings.Contains(got, want) {
					t.Errorf("nobody says %q; found\n%s", want, got)
				}
			}
		})
	}
}

// Whatever is looked at, nothing is posted, opened or edited.
func TestDoctorOnlyReads(t *testing.T) {
	reading := []string{"apps.connections.open", "auth.test", "conversations.list", "conversations.info", "usergroups.list", "users.info"}
	var seen *standin.Workspace
	consult(t, standin.Options{}, func(w *standin.Workspace, _ *Config) { seen = w })
	for _, entry := range seen.Journal() {
		if !slices.Contains(reading, entry.Method) {
			t.Errorf("%s was called", entry.Method)
		}
	}
	if len(seen.Journal()) == 0 {
		t.Error("nothing was asked")
	}
}

func TestDoctorGivesUpInTime(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	doctor := NewDoctor(NewAPI(server.Client(), server.URL+"/api/", setting.NewSecret("b"), setting.NewSecret("a")), Config{}, time.Now)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if f := doctor.botToken(over); f.State() != setting.FoundWrong || f.Mend == "" {
		t.Errorf("found %+v", f)
	}
}

func without(all []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(some, one) })
}
