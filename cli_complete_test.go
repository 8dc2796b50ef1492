package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const completed = `slack: {app_token: xapp-1, bot_token: xoxb-1}
store: {url: "sqlite:%s"}
partners:
  - {id: okta, name: "Okta\tand\nmore", probes: [{id: org, kind: okta.org, base_url: "https://a.example", auth: {bearer: "${OKTA_TOKEN}"}}]}
  - {id: github, name: GitHub, aliases: [gh], probes: [{id: api, kind: http, url: "https://b.example"}, {id: cert, kind: tls, address: "b.example:443"}]}
`

// offered is what a shell is offered after what was typed, its last word begun.
func offered(t *testing.T, file string, typed ...string) []string {
	t.Helper()
	out, complaint, status := sparkyCalled(append([]string{"__complete", "--config", file}, typed...)...)
	if status != exitDone || strings.Contains(complaint, "rror") {
		t.Errorf("%q: status %d, %s", typed, status, complaint)
	}
	var words []string
	for line := range strings.Lines(out) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if !strings.HasPrefix(word, ":") {
			words = append(words, word)
		}
	}
	return words
}

func TestCompletions(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "sparky.yaml")
	// OKTA_TOKEN is not set in this shell, which is no reason to offer nothing.
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(completed, "%s", filepath.Join(folder, "none.db"))), 0o600); err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"status ":             "okta github",
		"status O":            "okta",
		"status okta ":        "",
		"changelog g":         "github",
		"upcoming ":           "okta github",
		"certify ":            "okta github",
		"onboard ":            "okta github",
		"audit gi":            "github",
		"probe ":              "okta github",
		"probe gh ":           "api cert",
		"probe github c":      "cert",
		"probe nobody ":       "",
		"mute ":               "okta github okta/org github/api github/cert",
		"mute github/":        "github/api github/cert",
		"mute github 1":       "1h 1d",
		"mute github 1h ":     "",
		"ack ":                "", // no store is there yet
		"unmute ":             "",
		"completion ":         "bash zsh fish powershell",
		"help un":             "unmute",
		"incid":               "incidents",
		"compat okta --api-v": "--api-version",
	} {
		words := strings.Split(typed, " ")
		if got := strings.Join(offered(t, file, words...), " "); got != want {
			t.Errorf("after %q: %q, want %q", typed, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "none.db")); err == nil {
		t.Error("a completion made a database")
	}
	if got := offered(t, filepath.Join(folder, "nothing.yaml"), "status", ""); len(got) > 0 {
		t.Errorf("without a configuration %q is offered", got)
	}
	out, _, _ := sparkyCalled("__complete", "--config", file, "status", "o")
	if !strings.HasPrefix(out, "okta\tOkta and more\n") {
		t.Errorf("a name breaks the list: %q", out)
	}
}

// TestCompletionsOfEveryShell holds that each shell gets a script that calls back.
func TestCompletionsOfEveryShell(t *testing.T) {
	for _, shell := range shells() {
		out, complaint, status := sparkyCalled("completion", shell)
		if status != exitDone || complaint != "" || !strings.Contains(out, "__complete") || !strings.Contains(out, "sparky") {
			t.Errorf("%s: status %d, %s, %d bytes", shell, status, complaint, len(out))
		}
	}
	out, _, _ := sparkyCalled("--help")
	if !strings.Contains(out, "\n  completion ") {
		t.Error("the overview does not list it")
	}
}
