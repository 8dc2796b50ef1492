package main

import (
	"slices"
	"strings"
	"testing"

	"sparky/partners/isolate"
)

// TestSummaryNamesWhatIsOff switches one block on at a time and holds that exactly its line goes.
func TestSummaryNamesWhatIsOff(t *testing.T) {
	const least = "partners: [{id: a}]\n"
	missing := func(document string) []string {
		l := parse(testSlack + document)
		for _, p := range l.problems {
			t.Fatal(p)
		}
		var names []string
		for _, o := range l.config.summary().Off {
			names = append(names, o.Missing)
			if strings.TrimSpace(o.Effect) == "" {
				t.Errorf("%s is off without effect", o.Missing)
			}
		}
		return names
	}
	nothing := missing(least)
	for block, want := range map[string]string{
		"jira: {url: 'https://jira.example', token: x, project: ECO}": "jira",
		"github: {token: x}":                                      "github",
		"heartbeat: {url: 'https://beat.example/x'}":              "heartbeat",
		"status_page: {provider: builtin}":                        "status_page",
		"status_page: {page_id: x, token: x}":                     "status_page",
		"oncall: {provider: slack, slack_group: S1}":              "oncall",
		"oncall: {provider: pagerduty, routing_key: x}":           "oncall",
		"new_relic: {account_id: 1, user_key: x, license_key: x}": "new_relic",
	} {
		left := missing(block + "\n" + least)
		if slices.Contains(left, want) || len(left) != len(nothing)-1 {
			t.Errorf("with %s there is off: %q", block, left)
		}
	}
	for partner, want := range map[string]string{
		"changelog: [{url: 'https://a.example'}]":      "changelog of a",
		"status: {url: 'https://a.example'}":           "status page of a",
		"probes: [{id: b, kind: tcp, address: 'a:1'}]": "probes of a",
	} {
		if left := missing("partners: [{id: a, " + partner + "}]\n"); slices.Contains(left, want) || len(left) != len(nothing)-1 {
			t.Errorf("with %s there is off: %q", partner, left)
		}
	}
	if left := missing("new_relic: {account_id: 1, user_key: x}\ntriage: {controls: []}\n" + least); !slices.Contains(left, "new_relic.license_key") || !slices.Contains(left, "triage.controls") {
		t.Errorf("halves are not named: %q", left)
	}
	const probed = "partners: [{id: a, probes: [{id: b, kind: tcp, address: 'a:1'}]"
	for document, off := range map[string]bool{
		probed + "}]\n": false, "status_page: {provider: builtin}\n" + probed + "}]\n": true,
		"status_page: {provider: builtin}\n" + probed + ", affects: [Sign-in]}]\n": false,
	} {
		if left := missing(document); slices.Contains(left, "affects of a") != off {
			t.Errorf("%s: %q", document, left)
		}
	}
	if left := missing("partners: [{id: a, compat: {repo: a/b, workflow: c.yml}}]\n"); !slices.Contains(left, "github") || slices.Contains(left, "compatibility workflow of a") {
		t.Errorf("a workflow without GitHub: %q", left)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "no probes", 1: "1 probe", 2: "2 probes"} {
		if got := count(n, "probe"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestStoreIsShownWithoutItsPassword(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:sparky.db":                         "sqlite:sparky.db",
		"postgres://ada:hunter2@db.example/sparky": "postgres://db.example/sparky",
		"postgres://db.example/s?password=hunter2": "postgres://db.example/s",
		"postgres://ada:hunter2@db example/%zz":    "[secret]",
	} {
		var c storeConfig
		c.URL = url
		if got := c.shown(); got != want {
			t.Errorf("%s is shown as %s, want %s", url, got, want)
		}
		if got := c.sharing(); strings.Contains(got, "up to 5 replicas") != strings.HasPrefix(url, "postgres") {
			t.Errorf("of who may share %s is said %q", url, got)
		}
	}
}

// TestSummaryNamesWhatThisMachineCannotGive holds that only what is asked for is named: workers where isolation: process
// is, which it is unless a partner says otherwise.
func TestSummaryNamesWhatThisMachineCannotGive(t *testing.T) {
	for document, asked := range map[string]bool{
		"partners: [{id: a, probes: [{id: b, kind: tcp, address: 'a:1'}]}]\n":                    true,
		"partners: [{id: a, isolation: inline, probes: [{id: b, kind: tcp, address: 'a:1'}]}]\n": false,
		"partners: [{id: a}]\n": false,
	} {
		l := parse(testSlack + document)
		for _, p := range l.problems {
			t.Fatal(p)
		}
		want := 0
		if asked {
			want = len(isolate.Able())
			if !isolate.Supported {
				want = 1
			}
		}
		if got := l.config.summary().Missing; len(got) != want {
			t.Errorf("%s: %q, want %d", document, got, want)
		}
	}
}

func TestOnLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:8780": true, "127.8.0.1:1": true, "[::1]:0": true, "localhost:80": true,
		":8780": false, "0.0.0.0:8780": false, "[::]:80": false, "10.0.0.1:80": false, "sparky.example:80": false, "": false,
	} {
		if onLoopback(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
}
