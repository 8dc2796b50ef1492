package main

import (
	"strings"
	"testing"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// What changes without a word in the partner's changelog: the description of its API, and what its answers say.

func TestDriftStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a description that breaks callers is told once, ever":           aDescriptionThatBreaks,
		"what is taken back and comes again is told again":               comesAgain,
		"a description that breaks nobody tells its version alone":       aDescriptionThatBreaksNobody,
		"a Sunset header seen by a probe is told once and counted down":  aSunsetHeader,
		"an endpoint that is gone is an incident, and an entry for good": anEndpointThatIsGone,
	})
}

// contracts waits until the description of ServiceNow's API was read so many times more.
func (s *story) contracts(more int) {
	s.Helper()
	s.rounds("contract", more, vendors.ServiceNow)
}

// describing is a story about ServiceNow's description alone, of which Sparky knows the first.
func describing(s *story) *program {
	s.Helper()
	s.only(vendors.ServiceNow)
	p := s.start()
	s.contracts(2)
	s.linked()
	return p
}

func aDescriptionThatBreaks(s *story) {
	p := describing(s)
	s.hold(s.world.Partners.ChangeContract(vendors.ServiceNow, vendors.ContractBreaking))
	m := s.told(slack.Updates, "ServiceNow: 1 change needs a look", "POST /table/{tableName}", "“contact_type” became required",
		"Breaks callers", "“sys_id”", "Nobody announced it", "Table API")
	if strings.Contains(shown(m), "/import/") {
		s.Errorf("it tells of what we do not use:\n%s", shown(m))
	}
	s.contracts(2)
	p.stop()
	s.start()
	s.contracts(3)
	s.linked()
	s.asks("ada", "changelog snow 1d", "POST /table/{tableName}", "breaking")
}

func comesAgain(s *story) {
	describing(s)
	var last string
	for range 2 {
		s.hold(s.world.Partners.ChangeContract(vendors.ServiceNow, vendors.ContractBreaking))
		s.contracts(2)
		m, err := s.slack.WaitForMessage(s.ctx, slack.Updates, func(m slack.Message) bool {
			return m.BotID != "" && m.TS != last && holdsAll(shown(m), []string{"POST /table/{tableName}", "“contact_type” became required"})
		})
		s.hold(err)
		s.read[m.TS], last = true, m.TS
		s.hold(s.world.Partners.ChangeContract(vendors.ServiceNow, vendors.ContractAsEver))
		s.contracts(2)
	}
}

func aDescriptionThatBreaksNobody(s *story) {
	describing(s)
	s.hold(s.world.Partners.ChangeContract(vendors.ServiceNow, vendors.ContractCompatible))
	s.told(slack.Updates, "ServiceNow: 1 new entry", "Table API: version 3.1 (it was 3.0)")
	s.contracts(2)
}

func aSunsetHeader(s *story) {
	p := s.beginCounting()
	s.config.Partners[0].Probes = demoProbes(s.world)[vendors.ServiceNow]
	p.stop()
	p = s.start()
	s.rounds("api", 4, vendors.ServiceNow)
	s.hold(s.world.Partners.Retire(vendors.ServiceNow, vendors.Retirement{
		Deprecated: in(-10), Sunset: in(40), Successor: "https://developer.example/users-v2", Path: "/api/now/table/sys_user"}))
	s.told(slack.Updates, "ServiceNow: 1 change needs a look", "GET 127.0.0.1", "/api/now/table/sys_user will be switched off", day(40), "in 40 days",
		"our probe table-api says so", "deprecated since "+day(-10), "https://developer.example/users-v2")
	s.rounds("api", 6, vendors.ServiceNow)
	p.stop()
	p = s.start()
	s.rounds("api", 6, vendors.ServiceNow)
	s.linked()
	s.asks("ada", "upcoming snow", "sys_user will be switched off", day(40))
	p.stop()

	p = s.onDay(10)
	p.counts()
	m := s.told(slack.Updates, "30 days are left", "sys_user will be switched off", "<!subteam^"+ownersGroup+">")
	if !strings.HasPrefix(effectKey(m), "reminder/servicenow/") {
		s.Errorf("it was recorded as %q", effectKey(m))
	}
	p.countsQuietly()
}

func anEndpointThatIsGone(s *story) {
	s.only(vendors.Okta)
	s.well()
	s.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIRemoved})
	i := s.incident(vendors.Okta, "Okta: org fails", "410", "on-call was paged")
	i.page(pagerduty.Triggered)
	m := s.told(slack.Updates, "Okta: 1 change needs a look", "GET 127.0.0.1", "/api/v1/org is gone", "Our probe org was answered 410", "removed for good")
	if strings.Contains(shown(m), "SSWS") {
		s.Errorf("it shows a credential:\n%s", shown(m))
	}
	s.rounds("api", 3, vendors.Okta)
	i.ends(vendors.Okta)
	i.tells(calledWords, "Over")
	s.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIRemoved})
	i.shows("org fails again")
	i.page(pagerduty.Triggered)
	i.ends(vendors.Okta)
	i.tells(calledWords, "Over", "It is back", calledWords, "Over")
}
