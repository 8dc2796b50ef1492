package main

import (
	"testing"
	"time"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

func TestIncidentStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a failing probe is a ticket, a card and a page": failingProbe,
	})
}

func failingProbe(s *story) {
	s.lasts(60 * time.Second)
	s.watching()
	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIError, Status: 500})
	card := s.told(slack.Alerts, "ServiceNow", "ECO-1")
	s.Logf("%s", shown(card))
	s.hold(s.world.Pager.Wait(s.ctx, "a page", func() bool { return len(s.world.Pager.Open()) == 1 }))
	s.Logf("%+v", s.world.Pager.Alerts())
	s.Logf("%+v", s.world.Jira.Issues())
	s.breaks(vendors.ServiceNow, vendors.APIBreak{})
	s.hold(s.world.Pager.Wait(s.ctx, "the page resolved", func() bool { return len(s.world.Pager.Open()) == 0 }))
	s.Logf("%s", s.everything())
	s.Logf("%+v", s.world.Jira.Issues())
	s.Logf("%s", s.logs)
}

func (s *story) breaks(partner string, b vendors.APIBreak) {
	s.Helper()
	s.hold(s.world.Partners.BreakAPI(partner, b))
}
