package main

import (
	"strings"
	"testing"

	"sparky/bot"
	"sparky/changes"
	"sparky/fixtures/world/github"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// What comes between the announcement of a beta and its verdict, and who may ask for one.

func TestCompatTroubleStories(t *testing.T) {
	tellStories(t, with(betasTried, map[string]func(*story){
		"a token without rights is told of once, and it goes on when mended":   tokenWithoutRights,
		"a beta that was announced while Sparky was down is tried":             announcedWhileDown,
		"an entry that becomes a beta by an edit is tried":                     editedIntoABeta,
		"the digest's button tries the beta again, and says when it runs":      digestButton,
		"a restart while a run goes on":                                        restartWhileRunning,
		"a guest cannot start anything":                                        guestTries,
		"a partner that asks to slow down is not told as a version that fails": toldNothing,
	}))
}

func tokenWithoutRights(s *story) {
	s.only()
	s.excuse("github 403")
	s.config.GitHub.Token = setting.NewSecret(github.ReadToken)
	p := s.watching()
	s.announces(vendors.ServiceNow, "v3")
	s.announces(vendors.Okta, "2026.12.0")
	s.told(slack.Updates, "ServiceNow: a beta is on offer")
	s.told(slack.Updates, "Okta: a beta is on offer")
	s.told(slack.Updates, "ServiceNow v3: our integration is about to be tried against it.")
	s.told(slack.Updates, "Okta 2026.12.0: our integration is about to be tried against it.")
	// Of two runs that wait for it; that it is said once is held at the end of every story.
	s.told(slack.Alerts, "I cannot do something until somebody lends a hand", "actions: write", "acme/integrations")
	s.asks("ada", "status", "Sparky needs a hand", "actions: write")
	p.stop()
	s.wantRuns(0)
	s.config.GitHub.Token = setting.NewSecret(github.Token)
	s.start()
	s.trial(vendors.ServiceNow, "v3", "ServiceNow v3: our integration does not work with it").opened()
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	s.wantRuns(2)
}

// opened waits for the P2 and for the word to its owners.
func (i *incident) opened() {
	i.Helper()
	issue := i.ticket("opened", status("Open"))
	i.shows("|" + issue.Key + ">")
	i.inThread(i.card, "<!subteam^"+ownersGroup+">")
}

func announcedWhileDown(s *story) {
	s.only()
	p := s.watching()
	p.stop()
	s.announces(vendors.Okta, "2026.12.0")
	s.start()
	s.told(slack.Updates, "Okta: a beta is on offer")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	s.wantRuns(1)
}

func editedIntoABeta(s *story) {
	s.only()
	s.watching()
	key := s.publish(vendors.Okta, vendors.Entry{Title: "Devices API 2026.12.0", Body: "<p>We work on version 2026.12.0 of the Devices API.</p>"})
	first := s.told(slack.Updates, "Okta: 1 new entry")
	s.wantRuns(0)
	s.hold(s.world.Partners.Edit(vendors.Okta, key, func(e *vendors.Entry) {
		e.Title = "Devices API 2026.12.0 is now available in public beta"
		e.Body = "<p>Version 2026.12.0 of the Devices API can be tried from today as a public beta.</p>"
	}))
	second := s.told(slack.Updates, "Devices API 2026.12.0 is now available in public beta", "Run compatibility tests")
	if first.TS == second.TS {
		s.Error("the edit is told in the message that people have read")
	}
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	s.wantRuns(1)
}

func digestButton(s *story) {
	s.only()
	s.watching()
	s.announces(vendors.Okta, "2026.12.0")
	digest := s.told(slack.Updates, "Okta: a beta is on offer")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.", "Because of: ")
	s.presses("ben", digest, "Run compatibility tests")
	s.heard("ben", slack.Updates, "is for operators")
	s.presses("ada", digest, "Run compatibility tests")
	s.told(slack.Updates, "has our integration tried against", "Okta 2026.12.0")
	s.presses("chidi", digest, "Run compatibility tests")
	s.heard("chidi", slack.Updates, "Nothing was started", "is being tried already")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.", "Asked by")
	s.wantRuns(2)
}

func restartWhileRunning(s *story) {
	s.only()
	p := s.watching()
	s.announces(vendors.ServiceNow, "v3")
	s.told(slack.Updates, "ServiceNow: a beta is on offer")
	s.hold(s.world.Actions.Wait(s.ctx, "a run that goes on", func() bool {
		runs := s.world.Actions.Runs()
		return len(runs) == 1 && runs[0].Status == github.InProgress
	}))
	p.stop()
	s.hold(s.world.Actions.Wait(s.ctx, "its end", func() bool { return s.world.Actions.Runs()[0].Status == github.Completed }))
	p = s.start()
	s.trial(vendors.ServiceNow, "v3", "ServiceNow v3: our integration does not work with it").opened()
	s.wantRuns(1)
	known, err := p.memory.Runs(s.ctx, s.world.Actions.Runs()[0].Created.AddDate(-1, 0, 0))
	if err != nil || len(known) != 1 || known[0].State != changes.RunFailed {
		s.Errorf("it is remembered as %+v, %v", known, err)
	}
}

// guestTries: where no group is named every full member may, and nobody else.
func guestTries(s *story) {
	s.only()
	s.config.Slack.Roles = bot.Roles{}
	s.watching()
	s.asks("dana", "compat okta 2026.12.0", "is for operators")
	s.wantRuns(0)
	m := s.types("ben", "compat okta 2026.12.0", "has our integration tried against")
	if !strings.Contains(shown(m), "Okta 2026.12.0") {
		s.Errorf("it says %s", shown(m))
	}
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.", "Asked by")
	s.wantRuns(1)
}

func toldNothing(s *story) {
	s.only()
	s.watching()
	s.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIThrottled})
	s.announces(vendors.Okta, "2026.12.0")
	s.told(slack.Updates, "Okta: a beta is on offer")
	i := s.trial(vendors.Okta, "2026.12.0", "so nobody knows whether our integration works with it", "it asks us to slow down", "could not be carried out")
	i.opened()
	issue := i.ticket("opened", status("Open"))
	text := issue.Summary + issue.Description
	if !holdsAll(text, []string{"the compatibility run could not tell whether it works", "let it run again", "could not be carried out"}) || strings.Contains(text, "does not work") || strings.Contains(text, "breaks") {
		s.Errorf("the ticket says %s\n%s", issue.Summary, issue.Description)
	}
	s.hold(s.world.Partners.Heal(vendors.Okta))
	s.presses("ada", i.card, "Run again")
	s.told(slack.Updates, "has our integration tried against", "Okta 2026.12.0")
	green := s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.", issue.Key)
	s.inThread(i.card, "has passed")
	s.presses("ada", green, "Resolve")
	s.form("ada", "What was it?")
	s.submits("ada", nil)
	s.inThread(i.card, "Resolved by ada.")
	i.ticket("resolved", status("Resolved"))
	s.wantRuns(2)
}
