package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sparky/internal/setting"
	"sparky/store"
)

// parse reads a document that asks for no files.
func parse(document string) loaded {
	noFiles := func(string) (string, error) { return "", os.ErrNotExist }
	return parseConfig("test.yaml", []byte(document), expander{env: lookup(testEnv()), file: noFiles}, catalogue{})
}

const testSlack = "slack: {app_token: xapp-1, bot_token: xoxb-1}\n"

func TestUnreadableFiles(t *testing.T) {
	folder := t.TempDir()
	pipe, large := filepath.Join(folder, "pipe"), filepath.Join(folder, "large")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, maxConfigBytes+1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(folder, "none"): "there is no such file; `sparky init` writes one",
		folder:                        "cannot be read: it is not a regular file",
		pipe:                          "cannot be read: it is not a regular file",
		large:                         "cannot be read: it is larger than 32 MiB",
	} {
		_, problems := loadConfig(path, lookup(nil), catalogue{})
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), path+": "+want) {
			t.Errorf("%s: got %v, want %q", path, problems, want)
		}
	}
}

func TestPositions(t *testing.T) {
	for document, want := range map[string]string{
		// Columns count characters, not bytes.
		testSlack + "partners: [{id: a, name: Zoë, isolation: x}]\n": "test.yaml:2:42: isolation",
		// A reference in braces takes the columns that it was written with.
		testSlack + "partners: [{id: a, affects: [${JIRA_TOKEN}], isolation: x}]\n": "test.yaml:2:57: isolation",
		testSlack + "\r\n\r\npartners: [{id: a}]\r\nlisten: x\r\n":                  "test.yaml:5:9: listen",
		"\ufeff" + testSlack + "partners: [{id: a}]\nlisten: x\n":                   "test.yaml:3:9: listen",
		// The place of an alias' mistake is where it is written.
		testSlack + "partners:\n- {id: a, affects: &f [x, x]}\n- {id: b, affects: *f}\n": "test.yaml:3:27: entry 2 of affects",
		// A block that lacks something is known by its key.
		testSlack + "partners: [{id: a}]\njira:\n  url: https://jira.example\n  token: ${JIRA_TOKEN}\n": "test.yaml:3:1: project is missing",
		testSlack + "partners: [{id: a, aliases: [b,, c]}]\n":                                           "test.yaml:2:32: ",
	} {
		l := parse(document)
		if len(l.problems) != 1 || !strings.HasPrefix(l.problems[0].String(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", document, l.problems, want)
		}
	}
}

// TestNothingFollows holds that one mistake is told once, and not again by what depends on it.
func TestNothingFollows(t *testing.T) {
	for name, document := range map[string]string{
		"a variable that is not set": "slack: {app_token: xapp-1, bot_token: ${NOT_SET}}\npartners: [{id: a}]\n",
		"a key that is misspelt":     "slack: {app_token: xapp-1, bot_tokne: xoxb-1}\npartners: [{id: a}]\n",
		"a block misspelt":           "slcak: {app_token: xapp-1, bot_token: xoxb-1}\npartners: [{id: a}]\n",
		"a block of the wrong type":  testSlack + "partners: okta\n",
		"an id of the wrong type":    testSlack + "partners: [{id: [a]}]\n",
		"a list that is null":        testSlack + "partners: [{id: a, changelog: , status: , probes: }]\nlisten: x\n",
		"one block used twice":       testSlack + "partners:\n- {id: a, owner: &o {slack_group: x}}\n- {id: b, owner: *o}\n",
	} {
		if l := parse(document); len(l.problems) != 1 {
			t.Errorf("%s: %v", name, l.problems)
		}
	}
}

// TestSecretsStayInside puts each secret into each kind of mistake and looks for it in all that is told.
func TestSecretsStayInside(t *testing.T) {
	for _, literal := range []string{"hunter2-$$x", "*hunter2", "!hunter2 x", "[hunter2", "{hunter2: 1}", "hunter2: x", "\"hunter2", "hunter2 #", "@hunter2", "%hunter2", "|hunter2", ">hunter2"} {
		for _, key := range []string{"bot_token", "app_token"} {
			l := parse(fmt.Sprintf("slack:\n  %s: %s\n  channels: {updates: C1}\npartners: [{id: a}]\n", key, literal))
			refuseSecret(t, l, "hunter2")
		}
	}
	for _, document := range []string{
		"listen: ${SN_TOKEN}", "schedule: {status: ${SN_TOKEN}, jitter: ${SN_TOKEN}}", "triage: {recover_after: ${SN_TOKEN}, controls: [${SN_TOKEN}]}",
		"store: {url: ${SN_TOKEN}}", "jira: {url: ${SN_TOKEN}, project: ${SN_TOKEN}, priorities: {P1: ${SN_TOKEN}}}", "oncall: {provider: ${SN_TOKEN}, slack_group: ${SN_TOKEN}}",
		"status_page: {provider: ${SN_TOKEN}, publish: ${SN_TOKEN}, components: {a: ${SN_TOKEN}, b: ${SN_TOKEN}}}",
		"new_relic: {account_id: ${SN_TOKEN}, alerts: [{name: a, partner: ${SN_TOKEN}, nrql: ${SN_TOKEN}, above: ${SN_TOKEN}, severity: ${SN_TOKEN}}]}",
		"partners: [{id: 'a ${SN_TOKEN}', aliases: ['b ${SN_TOKEN}'], isolation: ${SN_TOKEN}, changelog: [{kind: ${SN_TOKEN}, url: ${SN_TOKEN}}], status: {kind: ${SN_TOKEN}, url: ${SN_TOKEN}}}]",
		"partners: [{id: a, probes: [{id: b, kind: http, url: 'https://a.example/{{${SN_TOKEN}}}', method: ${SN_TOKEN}, steps: [{url: 'https://a.example/{{${SN_TOKEN}}}', headers: {A: '{{${SN_TOKEN}}}'}}]}]}]",
	} {
		if !strings.HasPrefix(document, "partners") {
			document += "\npartners: [{id: a}]"
		}
		l := parse(testSlack + document + "\n")
		if len(l.problems) == 0 {
			t.Errorf("no problem with %s", document)
		}
		refuseSecret(t, l, "sn-token-secret")
	}
}

// TestLongSecrets holds that an error which shows the beginning of a value does not show that of a secret.
func TestLongSecrets(t *testing.T) {
	long := "eyJhbGciOiJub25lIn0." + strings.Repeat("q", 100)
	for _, key := range []string{"schedule: {status: ${LONG}}", "schedule: {jitter: ${LONG}}", "triage: {recover_after: ${LONG}}", "listen: ${LONG}"} {
		l := parseConfig("test.yaml", []byte(testSlack+"partners: [{id: a}]\n"+key+"\n"), expander{env: lookup(map[string]string{"LONG": long})}, catalogue{})
		if len(l.problems) != 1 || !strings.Contains(l.problems[0].Text, `"${LONG}" is `) {
			t.Errorf("%s: %v", key, l.problems)
		}
		refuseSecret(t, l, long[:10])
	}
}

func refuseSecret(t *testing.T, l loaded, secret string) {
	t.Helper()
	var out bytes.Buffer
	for _, asJSON := range []bool{false, true} {
		if err := validate(&out, "test.yaml", l, asJSON); err != nil && len(l.problems) == 0 {
			t.Error(err)
		}
	}
	fmt.Fprintf(&out, "%v %+v %#v", l.config.Slack, l.config.Slack, l.config.Slack)
	if strings.Contains(out.String(), secret) {
		t.Errorf("%q is shown:\n%s", secret, out.String())
	}
}

func TestSecrets(t *testing.T) {
	redact := setting.NewRedactor(loadGood(t, "full.yaml").Secrets()...).Redact
	for name, value := range testEnv() {
		if name == "EMPTY" || name == "TEAMS_WEBHOOK" || name == "GITHUB_TOKEN" {
			continue // not in the file as they are
		}
		if redact("<"+value+">") != "<"+setting.Hidden+">" {
			t.Errorf("%s is not hidden: %s", name, redact(value))
		}
	}
	key, err := os.ReadFile("testdata/config/good/key.pem")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{strings.TrimSpace(string(key)), testEnv()["TEAMS_WEBHOOK"]} {
		if redact(text) != setting.Hidden {
			t.Errorf("not hidden: %s", redact(text))
		}
	}
	for _, plain := range []string{"https://dev12345.service-now.example", "servicenow", "application/json", "#partner-news"} {
		if redact(plain) != plain {
			t.Errorf("%s is hidden and no secret", plain)
		}
	}
}

func TestSecretPart(t *testing.T) {
	for inserted, want := range map[string]string{
		"token":                                       "token",
		"https://dev.example":                         "",
		"https://dev.example/feed.xml":                "",
		"https://dev.example/feed?key=abc":            "feed?key=abc",
		"https://hooks.example/services/T0/B0/abcdef": "services/T0/B0/abcdef",
		"postgres://u:password@db/sparky":             "",
	} {
		if got := secretPart(inserted); got != want {
			t.Errorf("of %s %q is secret, want %q", inserted, got, want)
		}
	}
	c := Config{Store: storeConfig{store.Config{URL: "postgres://u:passw0rd@db/sparky"}}}
	if s := c.Secrets(); len(s) != 1 || s[0].Reveal() != "passw0rd" {
		t.Errorf("the password of the store's address is not among %d secrets", len(s))
	}
}

// TestManyPartners holds that a large file is read in a moment and not taken for an alias bomb.
func TestManyPartners(t *testing.T) {
	var document strings.Builder
	document.WriteString(testSlack + "partners:\n")
	for i := range 2000 {
		fmt.Fprintf(&document, "- {id: p%d, name: Partner %d, aliases: [a%d], changelog: [{url: https://a.example/%d}], probes: [{id: a, kind: tcp, address: 'a.example:1'}]}\n", i, i, i, i)
	}
	if l := parse(document.String()); len(l.problems) > 0 || len(l.config.Partners) != 2000 {
		t.Errorf("%d partners, problems: %.3v", len(l.config.Partners), l.problems)
	}
}

// FuzzConfig holds that no document makes the loader panic or hang, that every problem has a place in the file and
// that a document without problems gives a configuration that can be summarised.
func FuzzConfig(f *testing.F) {
	for _, pattern := range []string{"testdata/config/bad/*.yaml", "testdata/config/good/*.yaml", "starter.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			document, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(document))
		}
	}
	f.Fuzz(func(t *testing.T, document string) {
		l := parse(document)
		lines := strings.Count(document, "\n") + strings.Count(document, "\r") + strings.Count(document, "\u2028") + strings.Count(document, "\u2029") + strings.Count(document, "\u0085") + 2
		for _, p := range append(l.problems, l.notes...) {
			if p.File != "test.yaml" || p.Line < 1 || p.Line > lines || p.Column < 1 || p.Text == "" {
				t.Errorf("a problem without a place in %d lines: %+v", lines, p)
			}
		}
		var out bytes.Buffer
		if err := validate(&out, "test.yaml", l, true); err != nil && len(l.problems) == 0 {
			t.Error(err)
		}
		if !json.Valid(out.Bytes()) {
			t.Errorf("not JSON: %s", out.String())
		}
	})
}
