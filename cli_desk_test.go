package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"sparky/changes"
	"sparky/commands"
)

// TestEveryCommandOfSlackIsThere holds that a terminal offers what Slack does, with the same words, and that each command says
// how it is used.
func TestEveryCommandOfSlackIsThere(t *testing.T) {
	ours := &sparky{responder: &responder{}, workshop: &workshop{desk: &changes.RunDesk{}}}
	listed := ours.book(nil, nil, nil).Names()
	if len(listed) < 14 {
		t.Fatalf("Slack has %v only", listed)
	}
	root := newRootCommand(lookup(nil))
	for _, name := range listed {
		found, _, err := root.Find([]string{name})
		switch {
		case name == "help":
			continue // the terminal's own
		case err != nil || found == root:
			t.Errorf("there is no sparky %s", name)
			continue
		}
		if found.Flags().Lookup("json") == nil {
			t.Errorf("sparky %s has no --json", name)
		}
	}
	for _, s := range storeCommands() {
		told := s.describe(commands.NewDirectory(nil))
		cmd := s.command(lookup(nil))
		if cmd.Name() != told.Name || !strings.EqualFold(cmd.Short, told.Short) || !strings.Contains(cmd.Example, "sparky "+told.Examples[0]) {
			t.Errorf("sparky %s reads otherwise than in Slack: %q, %q", told.Name, cmd.Short, cmd.Example)
		}
	}
}

// TestBeforeTheFirstStart holds that what needs no store is answered without one, and that a mistake in the call is told before
// that there is none.
func TestBeforeTheFirstStart(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("sparky.yaml", []byte(testSlack+"oncall: {provider: slack, slack_group: S0ONCALL}\npartners: [{id: okta}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"oncall", exitDone, "would call"},
		{"oncall --json", exitDone, `"configured":true`},
		{"oncall okta", exitUsage, "okta"},
		{"mute okta", exitUsage, "sparky mute lacks something; it is written sparky mute PARTNER[/PROBE] 2h [REASON]"},
		{"theirs", exitUsage, "it is written sparky theirs KEY"},
		{"ack ECO-1", exitBad, "nothing is remembered at"},
		{"mute okta 2h", exitBad, "nothing is remembered at"},
		{"incidents", exitBad, "nothing is remembered at"},
	} {
		var out bytes.Buffer
		status := execute(t.Context(), strings.Fields(c.args), lookup(testEnv()), &out, &out)
		if status != c.status || !strings.Contains(out.String(), c.says) {
			t.Errorf("sparky %s: status %d, %s", c.args, status, &out)
		}
	}
	if _, err := os.Stat("sparky.db"); err == nil {
		t.Error("a question made a database")
	}
}

func TestUsageLinesOfATerminal(t *testing.T) {
	for args, want := range map[string]string{
		"<partner>[/probe] <2h> [reason]":       "PARTNER[/PROBE] 2h [REASON]",
		"<KEY> [what it was]":                   "KEY [WHAT IT WAS]",
		"[partner] [--before 2026-11-20]":       "[PARTNER]",
		"":                                      "",
		"[all|look|of <partner>] [page number]": "[ALL|LOOK|OF PARTNER] [PAGE NUMBER]",
	} {
		if got := inCapitals(args); got != want {
			t.Errorf("%q is written %q, want %q", args, got, want)
		}
	}
}

func TestOperatorIsNamedAfterTheAccount(t *testing.T) {
	p := operator()
	if !p.Local || !strings.HasPrefix(p.Name, terminalActor) || len(p.Name) == len(terminalActor) || p.ID != "" {
		t.Errorf("got %+v", p)
	}
}

// TestHelpInATerminal holds that a mistyped word gets the nearest one, from both ways of asking.
func TestHelpInATerminal(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"help", exitDone, "incidents"},
		{"help mute", exitDone, "sparky mute PARTNER[/PROBE] 2h [REASON]"},
		{"help help", exitDone, "sparky help [COMMAND]"},
		{"help completion", exitDone, "source <(sparky completion bash)"},
		{"help incident", exitUsage, "did you mean incidents?"},
		{"help mute okta", exitUsage, `there is no command "mute okta"`},
		{"incidnts", exitUsage, "did you mean incidents?"},
		{"unmut", exitUsage, "did you mean unmute?"},
		{"completion tcsh", exitUsage, "tcsh"},
		{"completion", exitUsage, "bash, zsh, fish, powershell"},
	} {
		out, complaint, status := sparkyCalled(strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(out+complaint, c.says) {
			t.Errorf("sparky %s: status %d, %s%s", c.args, status, out, complaint)
		}
	}
}
