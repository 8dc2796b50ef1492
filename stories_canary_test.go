//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sparky/fixtures/world/newrelic"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// The real program with a secret in every credential, in trouble, and killed so that it says all that it knows.

func TestCanaryStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a process shows no secret: not to its children, not in its files, not when it crashes": aProcessShowsNoSecret,
	})
}

func aProcessShowsNoSecret(s *story) {
	const beat = "canary-beat-4715-Zq8"
	s.secrets = append(s.secrets, beat)
	s.config.Heartbeat = &heartbeatConfig{URL: setting.NewSecret(s.config.Triage.Controls[0] + "/" + beat), Every: setting.Duration(1e9)}
	betasTried(s)
	s.only(vendors.Okta, vendors.ServiceNow)
	s.apart()
	p := s.runIn("sparky", s.fullFile(), "GOTRACEBACK=all", "CANARY_BOT="+s.world.BotToken(), "CANARY_JIRA="+s.config.Jira.Token.Reveal())
	s.rounds("feed", 2, vendors.IDs()...)
	s.linked()
	for _, id := range vendors.IDs() {
		s.hold(s.world.Partners.BreakFeed(id, vendors.Login))
	}
	s.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIUnauthorized})
	i := s.incident(vendors.Okta, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	i.ticket("opened", status("Open"))
	i.tells(calledWords)
	for _, id := range vendors.IDs() {
		s.told(slack.Alerts, vendors.Name(id)+": I cannot read one of its changelogs")
	}
	s.asks("ada", "status okta", "Okta")
	s.asks("ada", "audit", "")
	s.childrenKeepSecrets(p.Process.Pid)
	s.databaseKeepsSecrets()

	s.hold(p.Process.Signal(syscall.SIGQUIT))
	if err := p.Wait(); err == nil {
		s.Error("it did not crash")
	}
	if dump := s.logs.String(); !strings.Contains(dump, "SIGQUIT") || strings.Count(dump, "\ngoroutine ") < 10 {
		s.Errorf("it said too little when it crashed:\n%s", s.logs.tail())
	}
	// What it said, the journal of its database, and everything outside are looked through when the story ends.
}

// fullFile is the story's configuration with every credential, two of them from the environment.
func (s *story) fullFile() string {
	s.Helper()
	file := s.configFile()
	content, err := os.ReadFile(file)
	s.hold(err)
	text := strings.Replace(string(content), strconv.Quote(s.world.BotToken()), "${CANARY_BOT}", 1)
	text = strings.Replace(text, strconv.Quote(s.config.Jira.Token.Reveal()), "${CANARY_JIRA}", 1)
	if strings.Count(text, "${CANARY_") != 2 {
		s.Fatal("the configuration takes nothing from its environment")
	}
	n := s.config.NewRelic
	text += fmt.Sprintf("new_relic: {account_id: %d, user_key: %q, license_key: %q, graphql_url: %q, events_url: %q}\n",
		n.AccountID, newrelic.UserKey, newrelic.LicenseKey, n.GraphQLURL, n.EventsURL)
	s.hold(os.WriteFile(file, []byte(text), 0o600))
	return file
}

// childrenKeepSecrets looks at how the children of a process were started, and at what else of them anybody can read.
func (s *story) childrenKeepSecrets(parent int) {
	s.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/status")
	s.hold(err)
	children := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(content, fmt.Appendf(nil, "\nPPid:\t%d\n", parent)) {
			continue
		}
		children++
		for _, name := range []string{"environ", "cmdline", "comm"} {
			shown, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
			s.hold(err)
			s.keepsSecrets(name+" of a worker", string(shown))
		}
	}
	if children == 0 {
		s.Error("it has no children to look at")
	}
	own, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", parent))
	s.hold(err)
	s.keepsSecrets("the command line", string(own))
}
