package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
)

// What somebody at a terminal of the machine does while Sparky runs, and while it does not.

func TestTerminalActs(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"an incident is taken and resolved in a terminal, and Slack, Jira and the call follow once": takenInATerminal,
		"muted in a terminal while no Sparky runs: the next one keeps to it":                        mutedBeforeTheStart,
	})
}

// typed runs a command of the terminal beside the Sparky of the story.
func (s *story) typed(want int, args ...string) (stdout, stderr string) {
	s.Helper()
	at := 0
	if args[0] == cobra.ShellCompRequestCmd {
		at = 1 // what follows is what is being typed
	}
	stdout, stderr, status := sparkyCalled(slices.Insert(slices.Clone(args), at, "--config", s.configFile())...)
	if status != want {
		s.Errorf("sparky %s ended with %d, want %d: %s%s", strings.Join(args, " "), status, want, stdout, stderr)
	}
	s.keepsSecrets("the terminal", stdout+stderr)
	return stdout, stderr
}

// has holds that a text has all of the words.
func (s *story) has(text string, words ...string) {
	s.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			s.Errorf("no %q in:\n%s", word, text)
		}
	}
}

func takenInATerminal(s *story) {
	p, i := s.broken()
	who := operator().Name
	out, _ := s.typed(exitBad, "incidents")
	s.has(out, "1 incident is open", "ECO-1", "ServiceNow: table-api", "internal", "nobody yet")
	out, _ = s.typed(exitDone, "__complete", "ack", "e")
	s.has(out, "ECO-1\tServiceNow: table-api\n")

	out, complaint := s.typed(exitDone, "ack", "eco-1")
	s.has(out, who+" acknowledged ECO-1")
	if complaint != "" {
		s.Errorf("it also says %q", complaint)
	}
	i.shows(who + " has it")
	i.page(pagerduty.Acknowledged)
	i.ticket("in progress", status("In Progress"))
	out, _ = s.typed(exitDone, "ack", "ECO-1")
	s.has(out, "Nothing was changed", who+" acknowledged it")
	_, complaint = s.typed(exitUsage, "ack", "ECO-7")
	s.has(complaint, "I know no incident", "Did you mean ECO-1")

	s.typed(exitDone, "mute", "okta", "1h", "planned upgrade")
	out, _ = s.typed(exitBad, "incidents")
	s.has(out, "Muted", "Okta", "planned upgrade", who)
	out, _ = s.typed(exitDone, "__complete", "unmute", "")
	s.has(out, "okta\tuntil ")
	s.typed(exitDone, "unmute", "okta")

	out, _ = s.typed(exitDone, "resolve", "ECO-1", "a password of ours had run out")
	s.has(out, "resolved ECO-1")
	i.shows("closed by " + who)
	i.page(pagerduty.Resolved)
	i.ticket("resolved", status("Resolved"))
	p.fails(vendors.ServiceNow, "table-api", 2)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Acknowledged", "Resolved by hand")

	out, _ = s.typed(exitDone, "audit", "--json")
	var did []string
	for line := range strings.Lines(out) {
		var act incidents.Act
		s.hold(json.Unmarshal([]byte(line), &act))
		if act.Actor == who && act.Origin == incidents.ByTerminal {
			did = append(did, string(act.Did))
		}
	}
	if got, want := fmt.Sprint(did), "[resolved unmuted muted acknowledged]"; got != want {
		s.Errorf("%s did %s, want %s, in:\n%s", who, got, want, out)
	}
	out, _ = s.typed(exitDone, "audit", "servicenow")
	s.has(out, "Audit of ServiceNow", "WHEN", who, "acknowledged", "ECO-1", "terminal")
	out, _ = s.typed(exitDone, "oncall", "--json")
	s.has(out, `{"configured":true,"who":"`)
}

func mutedBeforeTheStart(s *story) {
	_, complaint := s.typed(exitBad, "mute", "servicenow", "1h")
	s.has(complaint, "nothing is remembered at", "start Sparky with this configuration first")
	p := s.well()
	p.stop()
	_, complaint = s.typed(exitDone, "mute", "servicenow", "1h")
	s.has(complaint, "No Sparky runs with this store now")
	out, _ := s.typed(exitDone, "incidents", "--json")
	if out != "" {
		s.Errorf("open: %s", out)
	}
	s.fails(vendors.ServiceNow)
	p = s.start()
	begun, failures := time.Now(), map[time.Time]bool{}
	s.hold(s.world.Partners.Wait(s.ctx, "failures that are muted", func() bool {
		last, err := p.memory.LastResults(s.ctx)
		if r := last[vendors.ServiceNow]["table-api"]; err == nil && r.At.After(begun) && !r.Passed() {
			failures[r.At] = true
		}
		return len(failures) > 1
	}))
	if len(s.cards()) > 0 {
		s.Error("a failure that is muted was told")
	}
	s.heals(vendors.ServiceNow)
}
