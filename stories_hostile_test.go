package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// What somebody in Slack can do who means ill: words that would be something else further on, and clicks that no button of
// ours has.

func TestHostileSlackStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"hostile words reach nobody":                       hostileWords,
		"forged clicks change nothing":                     forgedClicks,
		"strangers of a shared channel are told nothing":   strangersAreToldNothing,
		"who lost a role in Slack has lost it with Sparky": whoLostARole,
	})
}

// evil is in all of the words, by which they are found wherever they came to.
const evil = "evil4711"

// evilWords are words that are something else to a shell, an address, JQL, NRQL, SQL, a workflow, a log or Slack.
func evilWords(folder string) []string {
	return []string{
		"a/../../" + evil, "..%2f..%2f" + evil, `"; DROP TABLE incident; --` + evil, `' OR '1'='1' --` + evil, `x" OR project = SECRET OR text ~ "` + evil,
		"' WHERE 1=1 SINCE 1 day ago --" + evil, "$(touch " + filepath.Join(folder, evil) + ")", "`touch " + filepath.Join(folder, evil) + "`",
		"| touch " + filepath.Join(folder, evil), "${{ secrets." + evil + " }}", "v3\n" + evil + "; true", "?x=" + evil + "&y#z", "//" + evil + ".example/x",
		"--config=/etc/" + evil, "-rf " + evil, "\x1b[31m" + evil, "<!channel> " + evil, strings.Repeat(evil, 300),
	}
}

// evilCommands are what the words are given to, in their place.
func evilCommands() []string {
	return []string{"%s", "status %s", "changelog okta %s", "probe %s", "probe servicenow/%s", "ack %s", "mute %s 2h", "mute servicenow %s", "certify %s",
		"compat %s v3", "compat okta %s", "audit %s", "handled %s"}
}

func hostileWords(s *story) {
	s.only()
	betasTried(s)
	s.watching()
	for _, word := range evilWords(s.folder) {
		for _, form := range evilCommands() {
			s.asks("ada", strings.Replace(form, "%s", word, 1))
		}
	}
	s.reaches(evil)
	if _, err := os.Stat(filepath.Join(s.folder, evil)); err == nil {
		s.Error("a shell took the words for its own")
	}
	s.wantRuns(0)
	s.asks("ada", "status", "Partners: 5")
}

// reaches holds that the words came to no system but Slack, whatever it was asked.
func (s *story) reaches(words string) {
	s.Helper()
	seen := 0
	for n := 1; n <= s.world.Journal.Requests(); n++ {
		d, ok := s.world.Journal.Detail(n)
		if !ok || strings.Contains(strings.ToLower(d.System), "slack") {
			continue
		}
		seen++
		if text := d.Path + d.In + strings.Join(d.Header, "\n"); strings.Contains(text, words) {
			s.Errorf("it came to %s: %s %s %.300s", d.System, d.Method, d.Path, d.In)
		}
	}
	if seen == 0 {
		s.Error("no request was looked at")
	}
	for _, c := range s.calls() {
		if strings.Contains(c.Path+string(c.Body), words) {
			s.Errorf("it came to %s: %s", c.vendor, c.Path)
		}
	}
}

// forges brings a click that no button has, and waits until it was taken on and, where words are given, answered.
func (s *story) forges(user, value string, words ...string) {
	s.Helper()
	s.acts(user)
	before := len(s.slack.Ephemerals(user, slack.Alerts))
	delivery, err := s.slack.Forge(user, slack.Alerts, value)
	s.hold(err)
	if outcome, took, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("the click was %s after %v: %v", outcome, took, err)
	}
	if len(words) == 0 {
		return // Slack shows nothing to whom it does not know
	}
	s.hold(s.slack.Wait(s.ctx, fmt.Sprintf("an answer to %.60q of %s with %q", value, user, words), func() bool {
		for _, m := range s.slack.Ephemerals(user, slack.Alerts)[before:] {
			if holdsAll(shown(m), words) {
				return true
			}
		}
		return false
	}))
}

func forgedClicks(s *story) {
	s.excuse("user_not_found") // what Slack says of somebody who is not there
	s.slack.AddUser(slack.User{ID: "U0ROBOT001", Name: "robot", RealName: "A robot", IsBot: true})
	_, i := s.broken()
	deeds := []string{"ack ECO-1", "resolve ECO-1", "theirs ECO-1", "ours ECO-1", "publish ECO-1", "decline ECO-1", "mute servicenow 2h", "probe servicenow", "compat okta v3",
		"certify okta", "audit", "unmute servicenow"}
	for _, deed := range deeds {
		s.forges(slack.Member, "1:"+deed, "is for ")
		for _, who := range []string{slack.Guest, "U0LEFT0001", "U0ROBOT001", "U0NOBODY99"} {
			s.forges(who, "1:"+deed)
		}
	}
	s.forges(slack.Operator, "1:publish ECO-1", "is for publishers")
	s.forges(slack.Operator, "1:ack ECO-999", "I know no incident")
	s.forges(slack.Operator, "1:ack sparky-okta-zzzzzz", "I know no incident")
	s.forges(slack.Operator, "1:handled okta-999999", "no")
	s.forges(slack.Operator, "1:mute initech 2h", "initech")
	s.forges(slack.Operator, "1:"+strings.Repeat("ack ECO-1 ", 5000), "")
	for _, stale := range []string{"ack ECO-1", "0:ack ECO-1", "2:ack ECO-1", "", "1", "01:ack ECO-1", "\x001:ack ECO-1"} {
		s.forges(slack.Operator, stale, "another version of Sparky")
	}
	i.page(pagerduty.Triggered)
	if issue := i.ticket("as it was opened", status("Open")); len(issue.Comments) > 0 && strings.Contains(fmt.Sprint(issue.Comments), "cknowledged") {
		s.Errorf("the ticket says %v", issue.Comments)
	}
	i.lacks("has it", "theirs, says", "ours, says")
	s.wantRuns(0)
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", "Over")
}

func strangersAreToldNothing(s *story) {
	s.config.Slack.Roles.Operator, s.config.Slack.Roles.Publisher = nil, nil
	const sam = "U0STRANGER"
	s.slack.AddUser(slack.User{ID: sam, Name: "sam", RealName: "Sam of Initech", Team: "T0INITECH1"})
	s.only()
	s.watching()
	for _, deed := range []string{"status", "incidents", "audit", "mute okta 2h", "help", "no such thing", "probe okta --public"} {
		s.forges(sam, "1:"+deed, "you are of another one")
	}
	s.opensHome(sam, "works for another workspace")
	s.homeLacks(sam, "Okta", "partners")
	for _, c := range s.slack.Channels() {
		if c.ID == slack.General {
			c.Members = append(c.Members, sam)
			s.slack.SetChannel(c)
		}
	}
	_, err := s.slack.Say("sam", slack.General, "@sparky status okta")
	s.hold(err)
	if m := s.told(slack.General, "you are of another one"); strings.Contains(shown(m), "Okta") {
		s.Errorf("it tells a stranger %s", shown(m))
	}
	s.asks("dana", "status okta", "Okta") // a guest is of this workspace
	s.asks("ada", "status", "Partners: 5")
}

func whoLostARole(s *story) {
	s.only()
	p := s.watching()
	s.slack.SetGroup(slack.Group{ID: "S0OPERATORS", Handle: "operators", Name: "Operators", Members: []string{slack.OnCall}})
	s.asks("ada", "mute okta 2h", "for operators")
	s.types("chidi", "mute okta 2h", "muted", "Okta")
	// What Slack said is believed for five minutes, and not beyond a restart.
	s.slack.SetGroup(slack.Group{ID: "S0OPERATORS", Handle: "operators", Name: "Operators", Members: []string{slack.Operator}})
	p.stop()
	s.start()
	s.linked()
	s.asks("chidi", "unmute okta", "for operators")
}
