package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/internal/setting"
	"sparky/partners"
)

// updateGolden says to write the golden files anew instead of comparing with them: SPARKY_UPDATE_GOLDEN=1 go test .
const updateGolden = "SPARKY_UPDATE_GOLDEN"

// testEnv is the environment of every configuration test. The secrets in it are recognisable.
func testEnv() map[string]string {
	return map[string]string{
		"SLACK_APP_TOKEN": "xapp-1-secret", "SLACK_BOT_TOKEN": "xoxb-secret-1", "JIRA_TOKEN": "jira-secret: [1, 2] # and more",
		"GITHUB_TOKEN": "ghp_secret", "STATUSPAGE_TOKEN": "statuspage-secret", "PAGERDUTY_ROUTING_KEY": "pagerduty-secret",
		"NEW_RELIC_USER_KEY": "nr-user-secret", "NEW_RELIC_LICENSE_KEY": "nr-license-secret", "SERVICENOW_PASSWORD": "snow-secret",
		"SN_TOKEN": "sn-token-secret", "TEAMS_WEBHOOK": "https://teams.example/workflows/hook-secret?sig=sig-secret", "EMPTY": "",
		"HEARTBEAT_URL": "https://beat.example/heartbeat-secret",
	}
}

func lookup(env map[string]string) lookupEnv {
	return func(name string) (string, bool) {
		value, set := env[name]
		return value, set
	}
}

// runValidate is `sparky validate` on a file, from the folder of the corpus.
func runValidate(t *testing.T, args ...string) (out string, status int) {
	t.Helper()
	var stdout, stderr strings.Builder
	status = execute(context.Background(), append([]string{"validate", "--config"}, args...), lookup(testEnv()), &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Errorf("stderr: %s", stderr.String())
	}
	return stdout.String(), status
}

func corpus(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s (%v)", folder, err)
	}
	return files
}

// TestBadFiles holds every file of the corpus, one mistake each, to its golden answer.
func TestBadFiles(t *testing.T) {
	t.Chdir("testdata/config")
	files := corpus(t, "bad")
	if len(files) < 40 {
		t.Errorf("only %d bad files", len(files))
	}
	positioned := regexp.MustCompile(`^bad/[a-z0-9-]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: .+; .+`)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			out, status := runValidate(t, filepath.ToSlash(file))
			if status != exitBad {
				t.Errorf("status %d, want %d", status, exitBad)
			}
			for line := range strings.Lines(strings.Split(out, "\n\n")[0]) {
				if !positioned.MatchString(line) {
					t.Errorf("not file:line:column: what is wrong; the mend: %s", line)
				}
			}
			for word := range strings.FieldsSeq(out) {
				if strings.Contains(word, "-secret") || strings.Contains(word, "_secret") || strings.Contains(word, "hunter2") {
					t.Errorf("a secret is shown: %s", word)
				}
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden", out)
		})
	}
}

func TestGoodFiles(t *testing.T) {
	t.Chdir("testdata/config")
	for _, file := range corpus(t, "good") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			out, status := runValidate(t, filepath.ToSlash(file))
			if status != exitDone {
				t.Errorf("status %d, want %d", status, exitDone)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden", out)
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv(updateGolden) != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func loadGood(t *testing.T, name string) Config {
	t.Helper()
	config, problems := loadConfig(filepath.Join("testdata/config/good", name), lookup(testEnv()), catalogue{})
	for _, p := range problems {
		t.Error(p)
	}
	return config
}

// TestFullConfig looks at what arrives of a file that has every key.
func TestFullConfig(t *testing.T) {
	c := loadGood(t, "full.yaml")
	snow, teams := c.Partners[0], c.Partners[1]
	api, again, trip := snow.Probes[1], snow.Probes[2], snow.Probes[3]
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"app token", c.Slack.AppToken.Reveal(), "xapp-1-secret"},
		{"a slash ends the API's address", c.Slack.APIURL, "http://127.0.0.1:9999/api/"},
		{"a token that looks like YAML is one value", c.Jira.Token.Reveal(), "jira-secret: [1, 2] # and more"},
		{"a file's content is trimmed", strings.HasSuffix(c.GitHub.App.PrivateKey.Reveal(), "KEY-----"), true},
		{"days", c.Schedule.Changelog.Std(), 36 * time.Hour},
		{"no jitter is not the default", c.Schedule.Jitter, setting.Percent(0)},
		{"no controls is not the default", len(c.Triage.Controls), 0},
		{"no lag window is not the default", c.Triage.LagWindow.Std(), time.Duration(0)},
		{"a limit", *c.NewRelic.Alerts[0].Above, 2.5},
		{"the other limit", c.NewRelic.Alerts[0].Below == nil, true},
		{"a default severity stays", c.NewRelic.Alerts[1].Severity, "P4"},
		{"a source's kind", snow.Changelog[0].Kind, partners.SourceFeed},
		{"a password in braces without quotes", snow.Probes[0].Auth.Basic.Password.Reveal(), "snow-secret"},
		{"a share", snow.Probes[0].Success.Below, setting.Percent(99.5)},
		{"the default interval", api.Every.Std(), 5 * time.Minute},
		{"the default timeout", api.Timeout.Std(), 10 * time.Second},
		{"the default priority", api.Priority, "P4"},
		{"the default method", api.Method, "GET"},
		{"what is expected", cmp.Diff(api.Expect.JSON, map[string]string{"result.#": ">0", "ok": "true"}), ""},
		{"a merged key", again.URL, api.URL},
		{"a key beside the merge", again.Every.Std(), time.Hour},
		{"a method in small letters", trip.Steps[0].Method, "POST"},
		{"dollars", trip.Steps[0].Body, `{"short_description": "cost: $5, not $5"}`},
		{"an alias", trip.Steps[0].Headers["X-Probe"], "sn-token-secret"},
		{"the step that cleans up", trip.Steps[2].Always, true},
		{"a bare list", cmp.Diff(snow.Probes[5].Expect.Values, []string{"2001:db8::1"}), ""},
		{"a record type in small letters", snow.Probes[5].Type, "AAAA"},
		{"days until expiry", snow.Probes[6].ExpiresIn.Std(), 30 * setting.Day},
		{"a workflow's time", snow.Compat.Timeout.Std(), 90 * time.Minute},
		{"a name from the id", teams.Name, "teams"},
		{"a webhook is a secret", teams.Probes[0].Webhook.Reveal(), testEnv()["TEAMS_WEBHOOK"]},
		{"and nothing else", teams.Probes[0].URL, ""},
		{"a default address", teams.Probes[1].BaseURL, "https://api.powerbi.com"},
		{"the default isolation", snow.Isolation, partners.IsolationProcess},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
}

// TestDefaults looks at the least configuration: what was left out is there, or is off.
func TestDefaults(t *testing.T) {
	c := loadGood(t, "small.yaml")
	if c.Jira != nil || c.GitHub != nil || c.StatusPage != nil || c.Oncall != nil || c.NewRelic != nil {
		t.Error("a block that was left out is there")
	}
	for got, want := range map[string]string{
		c.Store.URL: "sqlite:sparky.db", c.Listen: "127.0.0.1:8780", c.Slack.APIURL: "https://slack.com/api/",
		c.Slack.Channels.Updates: "#ecosystem-updates", c.Slack.Channels.Alerts: "#integration-alerts",
		c.Schedule.Changelog.String(): "6h", c.Schedule.Status.String(): "2m", c.Schedule.Jitter.String(): "10%",
		c.Triage.LagWindow.String(): "45m", c.Triage.ReopenWithin.String(): "30m",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if c.Triage.RecoverAfter != 2 || len(c.Triage.Controls) != 2 {
		t.Errorf("triage: %+v", c.Triage)
	}
}

func TestCatalogue(t *testing.T) {
	vendors := catalogue{ids: []string{"okta", "zoom"}, apply: func(p partners.Partner) partners.Partner {
		if p.Name == "" {
			p.Name = strings.ToUpper(p.Catalog)
		}
		p.Aliases = append(p.Aliases, p.Catalog+"-alias")
		return p
	}}
	const slack = "slack: {app_token: xapp-1, bot_token: xoxb-1}\n"
	load := func(document string) loaded {
		return parseConfig("test.yaml", []byte(slack+document), expander{}, vendors)
	}
	l := load("partners: [{id: a, catalog: okta}, {id: b, catalog: zoom, name: Ours}]\n")
	if len(l.problems) > 0 {
		t.Fatal(l.problems)
	}
	if a, b := l.config.Partners[0], l.config.Partners[1]; a.Name != "OKTA" || b.Name != "Ours" {
		t.Errorf("names %q and %q, want OKTA from the catalogue and Ours from the file", a.Name, b.Name)
	}
	for document, want := range map[string]string{
		"partners: [{id: a, catalog: okat}]\n":                   `test.yaml:2:29: catalog "okat" is not in the catalogue; did you mean "okta"?`,
		"partners: [{id: a, catalog: okta}, {id: okta-alias}]\n": `test.yaml:2:41: id "okta-alias" already names partner 1 of the list; every id, name and alias names one partner only, without regard to case`,
	} {
		if l := load(document); len(l.problems) != 1 || l.problems[0].String() != want {
			t.Errorf("got %v\nwant %s", l.problems, want)
		}
	}
}
