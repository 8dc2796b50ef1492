package main

import (
	"slices"
	"strings"
	"testing"

	"sparky/fixtures/world/github"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
)

func TestCompatStories(t *testing.T) {
	tellStories(t, with(betasTried, map[string]func(*story){
		"a beta that breaks us is a P2 for its owner":             aBetaThatBreaksUs,
		"a beta that works is one message":                        aBetaThatWorks,
		"a person has a version tried":                            aPersonTries,
		"a run that is cancelled is no verdict, and tried again":  aRunIsCancelled,
		"a later run that passes offers to resolve":               aLaterRunPasses,
		"the same version is tried once, however often announced": announcedTwice,
		"without GitHub a beta is announced and no more":          withoutGitHub,
	}))
}

// announces lets a partner announce a beta version.
func (s *story) announces(partner, version string) {
	s.Helper()
	_, err := s.world.Partners.AnnounceVersion(partner, version)
	s.hold(err)
}

// trial is the incident of a version that breaks us.
func (s *story) trial(partner, version string, words ...string) *incident {
	s.Helper()
	i := &incident{story: s, id: incidents.TrialIncident(partner, version)}
	s.acted[ownersGroup] = true // it is theirs, and they are told so in the thread
	i.card = s.told(slack.Updates, words...)
	return i
}

// runs are the titles of the runs of the compatibility workflow.
func (s *story) runs() []string {
	var titles []string
	for _, r := range s.world.Actions.Runs() {
		titles = append(titles, r.Title)
	}
	return titles
}

func (s *story) wantRuns(want int) {
	s.Helper()
	if got := s.runs(); len(got) != want {
		s.Errorf("%d runs at GitHub, want %d: %q", len(got), want, got)
	}
}

func aBetaThatBreaksUs(s *story) {
	s.only()
	s.watching()
	s.announces(vendors.ServiceNow, "v3")
	digest := s.told(slack.Updates, "ServiceNow: a beta is on offer")
	if !strings.Contains(string(digest.Blocks), "Run compatibility tests") {
		s.Error("the digest has no button to try the beta")
	}
	i := s.trial(vendors.ServiceNow, "v3", "ServiceNow v3: our integration does not work with it: field", "is missing from POST /api/now/v3/table/incident", "result.sys_id")
	issue := i.ticket("opened", status("Open"))
	if issue.Priority != "High" || issue.Assignee != jira.Ada || issue.Type != jira.IssueType {
		s.Errorf("the ticket is %s, %s, of %s", issue.Type, issue.Priority, issue.AssigneeName)
	}
	if !holdsAll(issue.Summary+issue.Description, []string{"ServiceNow v3 breaks our integration", "result.sys_id", "What runs today is not affected", "is now available in public beta", "Failed jobs", "/actions/runs/"}) {
		s.Errorf("the ticket says %s\n%s", issue.Summary, issue.Description)
	}
	i.shows("|"+issue.Key+">", "P2, with Platform Integrations", "Failed job:", "Acknowledge", "Run again")
	s.inThread(i.card, "<!subteam^"+ownersGroup+">", "does not work with v3, which is not in use yet")
	s.wantRuns(1)
	inputs := s.world.Actions.Runs()[0].Inputs
	if inputs["partner"] != vendors.ServiceNow || inputs["api_version"] != "v3" || !strings.HasPrefix(inputs["request_id"], "compat-servicenow-") {
		s.Errorf("started with %v", inputs)
	}
	s.asks("ada", "incidents", "our integration does not work with v3", issue.Key+"|", "P2")
	s.asks("ada", "status", "our integration does not work with v3")

	s.presses("ada", i.card, "Acknowledge")
	i.ticket("in hand", status("In Progress"))
	i.shows("Acknowledged by")
	s.inThread(i.card, "Acknowledged by ")
}

// inThread waits for an answer under a message that holds all of the words.
func (s *story) inThread(m slack.Message, words ...string) slack.Message {
	s.Helper()
	answer, err := s.slack.WaitForMessage(s.ctx, m.Channel, func(a slack.Message) bool {
		return a.ThreadTS == m.TS && a.TS != m.TS && holdsAll(shown(a), words)
	})
	if err != nil {
		s.Fatalf("an answer under %s with %q: %v\n%s", m.TS, words, err, s.everything())
	}
	s.read[answer.TS] = true
	return answer
}

func aBetaThatWorks(s *story) {
	s.only()
	s.watching()
	s.announces(vendors.Okta, "2026.12.0")
	s.told(slack.Updates, "Okta: a beta is on offer")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	s.wantRuns(1)
	if issues := s.world.Jira.Issues(); len(issues) > 0 {
		s.Errorf("tickets: %v", brief(issues))
	}
}

func aPersonTries(s *story) {
	s.only()
	s.watching()
	s.begins("ada", slack.General, "compat okta", "Our integration with Okta")
	s.hold(s.slack.CloseModal("ada"))
	s.asks("ben", "compat okta 2026.12.0", "is for operators")
	s.asks("ada", "compat okta <!channel>", "cannot be a version")
	s.asks("ada", "compat github v3", "GitHub has no compatibility workflow")
	m := s.types("ada", "compat okta 2026.12.0", "has our integration tried against", "Okta 2026.12.0", "#ecosystem-updates")
	if m.Channel != slack.Alerts {
		s.Errorf("it is said in %s", m.Channel)
	}
	s.asks("chidi", "compat okta 2026.12.0", "Nothing was started", "is being tried already")
	done := s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.", "Asked by")
	if strings.Contains(shown(done), "<@UCHIDI") {
		s.Error("the one who was late is named")
	}
	s.wantRuns(1)
}

func aRunIsCancelled(s *story) {
	s.only()
	s.watching()
	s.world.Actions.PlanNext(github.Plan{Ends: github.Cancelled})
	s.announces(vendors.Okta, "2026.12.0")
	s.told(slack.Updates, "Okta: a beta is on offer")
	first := s.told(slack.Updates, "Okta 2026.12.0: no verdict", "It was cancelled at GitHub. It is tried once more.")
	second := s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.", "the second attempt")
	if first.TS == second.TS {
		s.Error("the second run is the first one's message")
	}
	s.wantRuns(2)
}

func aLaterRunPasses(s *story) {
	s.only()
	s.watching()
	s.announces(vendors.ServiceNow, "v3")
	s.told(slack.Updates, "ServiceNow: a beta is on offer")
	i := s.trial(vendors.ServiceNow, "v3", "ServiceNow v3: our integration does not work with it")
	s.inThread(i.card, "<!subteam^"+ownersGroup+">")
	issue := i.ticket("opened", status("Open"))
	s.hold(s.world.Partners.BreakVersion(vendors.ServiceNow, "v3", vendors.VersionSame))
	s.presses("ada", i.card, "Run again")
	s.told(slack.Updates, "has our integration tried against", "ServiceNow v3")
	green := s.told(slack.Updates, "ServiceNow v3: our integration works with it.", issue.Key, "is open because an earlier run failed")
	i.ticket("told of the green run", says("has passed. Resolve this if that settles it."))
	i.shows("A later run passed.")
	s.inThread(i.card, "has passed")
	s.presses("ada", green, "Resolve")
	s.form("ada", "What was it?")
	s.submits("ada", map[string]string{"field.what": "the beta gave the field back"})
	i.ticket("resolved", status("Resolved"))
	i.shows("Resolved by", "a later compatibility run passed", "A later run passed.")
	s.inThread(i.card, "Resolved by ada: the beta gave the field back.")
	i.ticket("told what it was", says("the beta gave the field back."))
	s.wantRuns(2)
}

func announcedTwice(s *story) {
	s.only()
	p := s.watching()
	s.announces(vendors.Okta, "2026.12.0")
	s.told(slack.Updates, "Okta: a beta is on offer")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	p.stop()
	s.announces(vendors.Okta, "2026.12.0")
	p = s.start()
	s.rounds("feed", 3, vendors.Okta)
	p.stop()
	for _, m := range s.posted() {
		if strings.Contains(shown(m), "is on offer") {
			s.read[m.TS] = true
		}
	}
	s.wantRuns(1)
}

func withoutGitHub(s *story) {
	s.only()
	s.config.GitHub = nil
	s.watching()
	s.announces(vendors.ServiceNow, "v3")
	digest := s.told(slack.Updates, "ServiceNow: a beta is on offer")
	if strings.Contains(string(digest.Blocks), "Run compatibility tests") {
		s.Error("there is a button that can do nothing")
	}
	s.asks("ada", "compat snow v3", "No GitHub is configured")
	s.wantRuns(0)
	if slices.ContainsFunc(s.posted(), func(m slack.Message) bool { return strings.Contains(shown(m), "tried against") }) {
		s.Error("a run is told of that cannot be")
	}
}
