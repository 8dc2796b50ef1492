package main

import (
	"slices"
	"strings"
	"testing"

	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// Who did what, when and why, as /sparky audit tells it. Ada and Chidi are operators, Ben is not.

func TestAuditStories(t *testing.T) {
	tellStories(t, with(betasTried, map[string]func(*story){
		"the audit tells a morning in its order, after a restart too": aMorningIsToldInOrder,
	}))
}

func aMorningIsToldInOrder(s *story) {
	s.only(vendors.ServiceNow)
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	i.ticket("opened", status("Open"))
	i.presses("ada", "Acknowledge")
	i.shows("has it")
	s.asks("chidi", "ack ECO-1", "Nothing was changed") // and is no act
	i.page(pagerduty.Acknowledged)
	i.ticket("in progress", status("In Progress"))
	s.types("chidi", "mute snow/table-api 1h planned upgrade", "muted", "planned upgrade")
	i.page(pagerduty.Resolved)
	s.asks("ben", "unmute snow", "is for operators")
	s.hold(s.world.Jira.Move(jira.Chidi, "ECO-1", "Resolved"))
	i.shows("closed by Chidi Ruiz in Jira")
	s.announces(vendors.Okta, "2026.12.0")
	s.told(slack.Updates, "Okta: a beta is on offer")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	s.types("ada", "probe snow table-api", "*table-api*", "failed", "Asked by")

	ids := map[string]string{}
	for _, u := range s.slack.Users() {
		ids[u.Name] = u.ID
	}
	want := []string{
		"Sparky opened `ECO-1` (ServiceNow): ", "Sparky judged `ECO-1`", "Sparky called on-call for `ECO-1`",
		"<@" + ids["ada"] + "> acknowledged `ECO-1` (ServiceNow) _by button_",
		"<@" + ids["chidi"] + "> muted `servicenow/table-api` (ServiceNow) _by command_: until ", "Sparky ended the call for `ECO-1`",
		"<@" + ids["ben"] + "> was refused `/sparky unmute snow` (ServiceNow) _by command_: not an operator",
		"Chidi Ruiz resolved `ECO-1` (ServiceNow) _in Jira_",
		"Sparky asked for a compatibility run of *Okta*: 2026.12.0: announced as ", "Sparky told the channel of *Okta*: “", "Sparky started the compatibility run of *Okta*",
		"Sparky saw the end of the compatibility run of *Okta*: 2026.12.0: our integration works with it",
		"<@" + ids["ada"] + "> asked for a probe of `servicenow/table-api` (ServiceNow) _by command_",
	}
	s.tellsInOrder(s.asks("ada", "audit", "Audit"), want)
	s.asks("ben", "audit", "is for operators")
	s.tellsInOrder(s.asks("chidi", "audit okta", "Audit of Okta"), []string{"asked for", "told", "started", "saw the end"})
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Acknowledged", "Resolved in Jira")
	p.stop()
	s.start()
	s.linked()
	s.tellsInOrder(s.asks("ada", "audit", "Audit"), append(want, "<@"+ids["ben"]+"> was refused `/sparky audit` _by command_: not an operator",
		"Sparky closed `ECO-1` (ServiceNow): Over: it works again."))
}

// tellsInOrder holds that an answer of the audit has these lines and no other, the newest first.
func (s *story) tellsInOrder(m slack.Message, want []string) {
	s.Helper()
	var lines []string
	shown := strings.ReplaceAll(strings.Join(texts(m.Blocks), "\n"), "\u200b", "")
	for line := range strings.Lines(shown) {
		if strings.Contains(line, "<!date^") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	slices.Reverse(lines)
	// Jira answers while the verdict is found, before it or after.
	if at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "Sparky made the ticket `ECO-1`") }); at > 0 {
		lines = slices.Delete(lines, at, at+1)
	} else if strings.Contains(shown, "ECO-1") {
		s.Errorf("the ticket was made by nobody:\n%s", shown)
	}
	if len(lines) != len(want) {
		s.Errorf("%d lines, want %d:\n%s", len(lines), len(want), strings.Join(lines, "\n"))
		return
	}
	for n, line := range lines {
		if !strings.Contains(line, want[n]) {
			s.Errorf("line %d is %q, want %q", n, line, want[n])
		}
	}
}
