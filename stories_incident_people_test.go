package main

import (
	"strings"
	"testing"

	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/ours/statuspage"
	"sparky/partners"
)

// What people do about an incident, in the channel, in Jira and on our public page, and that their word counts. Ada and
// Chidi are operators, Ben is a publisher.

func TestIncidentPeopleStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"two people press Acknowledge: one has it, the other is told who":  acknowledgedTwice,
		"an incident is taken, and resolved, by its Jira key":              byKey,
		"somebody without the role is refused, and nobody else sees it":    refused,
		"It's theirs: customers are told, on-call may sleep; It's ours":    overruled,
		"Publish waits for a publisher":                                    published,
		"Don't publish: customers are told nothing":                        declined,
		"muted: no ticket, message or page, until the mute ends":           muted,
		"Mute 1h quiets what is open; unmute wakes it":                     mutedByButton,
		"resolved by hand in Jira: on-call may sleep, nothing new opens":   resolvedInJira,
		"closed in Jira after it was over: when it is back, it is back":    closedInBetween,
		"work begun in Jira is an acknowledgement":                         begunInJira,
		"another priority in Jira stays":                                   reprioritised,
		"a public post that somebody edited is left alone":                 editedByHand,
		"Probe again tells what it found, and the incident ends by itself": probeAgain,
	})
}

// broken is a story in which a probe of ServiceNow fails and on-call is called.
func (s *story) broken() (*program, *incident) {
	s.Helper()
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	return p, i
}

func acknowledgedTwice(s *story) {
	_, i := s.broken()
	before := len(s.slack.Ephemerals("chidi", slack.Alerts)) + len(s.slack.Ephemerals("ada", slack.Alerts))
	for _, user := range []string{"ada", "chidi"} {
		s.acts(user)
		_, err := s.slack.ClickLabel(user, i.card.Channel, i.card.TS, "Acknowledge")
		s.hold(err)
	}
	i.shows("has it")
	i.lacks("Acknowledge\n")
	s.hold(s.slack.Wait(s.ctx, "word to the one who was second", func() bool {
		all := append(s.slack.Ephemerals("chidi", slack.Alerts), s.slack.Ephemerals("ada", slack.Alerts)...)
		for _, m := range all[min(before, len(all)):] {
			if strings.Contains(shown(m), "Nothing was changed") && strings.Contains(shown(m), "acknowledged it") {
				return true
			}
		}
		return false
	}))
	i.page(pagerduty.Acknowledged)
	i.ticket("in progress", status("In Progress"))
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", "Acknowledged", "Over")
}

func byKey(s *story) {
	p, i := s.broken()
	s.types("chidi", "ack eco-1", "acknowledged", "ECO-1")
	i.shows("has it")
	i.page(pagerduty.Acknowledged)
	i.ticket("in progress", status("In Progress"))
	s.asks("ada", "ack ECO-1", "Nothing was changed", "acknowledged it")
	s.asks("ada", "ack ECO-7", "I know no incident", "Did you mean ECO-1")

	s.types("ada", "resolve ECO-1", "resolved", "ECO-1")
	i.shows("closed by")
	i.page(pagerduty.Resolved)
	i.ticket("resolved", status("Resolved"))
	p.fails(vendors.ServiceNow, "table-api", 3)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Acknowledged", "Resolved by hand")
}

func refused(s *story) {
	_, i := s.broken()
	i.answers("ben", "Acknowledge", "for operators")
	s.asks("ben", "mute snow 1h", "for operators")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
}

func overruled(s *story) {
	_, i := s.broken()
	i.presses("ada", "It's theirs")
	i.shows("theirs, says", "the call to on-call has ended")
	i.page(pagerduty.Resolved)
	i.customers("identified", "Ticket sync", "ServiceNow")
	s.feature("Ticket sync", "degraded_performance")

	i.presses("chidi", "It's ours")
	i.shows("ours, says", "on-call was paged")
	i.page(pagerduty.Triggered)
	i.customers("investigating", "Trouble with Ticket sync", "not because of ServiceNow")
	s.feature("Ticket sync", "degraded_performance")
	i.ends(vendors.ServiceNow)
	i.customers("resolved", "Ticket sync is working as usual again")
	s.feature("Ticket sync", "operational")
	i.shows("Our customers were told on", "that it is over")
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", "ServiceNow's, says ", "tells customers", "Ours, says ", calledWords+" Ours", "Over")
}

// approving is a story in which an outage that the partner reports waits for a publisher.
func (s *story) approving() *incident {
	s.Helper()
	s.config.StatusPage.Publish = statuspage.PublishApprove
	s.well()
	s.reports(vendors.Okta, vendors.Outage{Title: "Sign-in is down"})
	s.fails(vendors.Okta)
	i := s.incident(vendors.Okta, "theirs", "Shall our customers be told?", "Sign-in", "ECO-1")
	i.ticket("opened", status("Open"))
	i.answers("ada", "Publish", "for publishers")
	return i
}

func published(s *story) {
	i := s.approving()
	i.presses("ben", "Publish")
	i.form("ben", "What our customers read")
	i.submits("ben", nil)
	i.customers("identified", "Sign-in", "Okta")
	s.feature("Sign-in", "degraded_performance")
	i.shows("Our customers are told on", "published by")
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	i.customers("resolved")
	s.feature("Sign-in", "operational")
	i.tells("Sign-in is down", "Published by ", "tells customers", "Over")
}

func declined(s *story) {
	i := s.approving()
	i.presses("ben", "Don't publish")
	i.shows("Our customers are not told", "said no")
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	i.tells("Sign-in is down", "Not published", "Over")
}

func muted(s *story) {
	s.only(vendors.Okta)
	s.well()
	s.types("ada", "mute okta 8s trying something", "muted", "Okta", "trying something")
	s.fails(vendors.Okta)
	s.asks("ben", "status okta", "uted", "trying something")
	if n := len(s.world.Jira.Issues()) + len(s.world.Pager.Alerts()); n > 0 {
		s.Errorf("%d tickets and pages while it is muted", n)
	}
	i := s.incident(vendors.Okta, "Okta: org fails", "on-call was paged")
	i.page(pagerduty.Triggered)
	i.ends(vendors.Okta)
	i.tells(calledWords+" not announced", "Over")
}

func mutedByButton(s *story) {
	p, i := s.broken()
	i.presses("chidi", "Mute 1h")
	i.shows("Muted by ", " until ")
	s.told(slack.Alerts, "muted", "ServiceNow")
	i.page(pagerduty.Resolved)
	p.fails(vendors.ServiceNow, "table-api", 2)
	s.types("ada", "unmute snow", "ended the mute of ServiceNow")
	i.shows("on-call was paged")
	i.lacks("Muted by ")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", calledWords, "Over")
}

func resolvedInJira(s *story) {
	p, i := s.broken()
	i.ticket("opened", status("Open"))
	s.hold(s.world.Jira.Move(jira.Chidi, "ECO-1", "Resolved"))
	i.shows("ServiceNow: table-api still fails", "closed by Chidi Ruiz in Jira")
	i.page(pagerduty.Resolved)
	p.fails(vendors.ServiceNow, "table-api", 3)
	i.ends(vendors.ServiceNow)
	issue := i.ticket("left alone", status("Resolved"))
	if len(issue.Moves) != 1 {
		s.Errorf("it was moved by %q", issue.Moves)
	}
	i.tells(calledWords+" not announced by them", "Resolved in Jira while it still fails")
}

func closedInBetween(s *story) {
	p, i := s.broken()
	i.ends(vendors.ServiceNow)
	s.hold(s.world.Jira.Move(jira.Chidi, "ECO-1", "Closed"))
	s.table()
	i.ticket("told that it is back", says("It is back"))
	i.page(pagerduty.Triggered)
	looks := s.world.Jira.Calls(jira.OpBulk)
	s.hold(s.world.Jira.Wait(s.ctx, "looks at the ticket", func() bool { return s.world.Jira.Calls(jira.OpBulk) >= looks+3 }))
	p.fails(vendors.ServiceNow, "table-api", 2)
	i.lacks("closed by", "Resolved in Jira")
	i.page(pagerduty.Triggered)
	i.ticket("as Chidi left it", status("Closed"))
	i.heals(vendors.ServiceNow)
	i.shows("again after")
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", "Over", "It is back", calledWords+" not announced by them", "Over")
}

func begunInJira(s *story) {
	_, i := s.broken()
	i.ticket("opened", status("Open"))
	s.hold(s.world.Jira.Assign(jira.Ada, "ECO-1", jira.Chidi))
	s.hold(s.world.Jira.Move(jira.Chidi, "ECO-1", "In Progress"))
	i.shows("Chidi Ruiz in Jira has it", "In Progress, Chidi Ruiz")
	i.page(pagerduty.Acknowledged)
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	if issue := i.ticket("told of the end", says("Over: it works again")); issue.Assignee != jira.Chidi {
		s.Errorf("what Chidi took is %s's: %q", issue.AssigneeName, issue.Moves)
	}
	i.tells(calledWords+" not announced by them", "Acknowledged", "Over")
}

func reprioritised(s *story) {
	p, i := s.broken()
	i.ticket("opened", status("Open"))
	s.hold(s.world.Jira.Reprioritise(jira.Ada, "ECO-1", "High"))
	i.shows("P2 · Platform Integrations")
	p.fails(vendors.ServiceNow, "table-api", 2)
	i.ends(vendors.ServiceNow)
	i.ticket("of her priority", func(issue jira.Issue) bool { return issue.Priority == "High" })
	i.tells(calledWords+" not announced by them", "In Jira its priority is P2 now", "Over")
}

func editedByHand(s *story) {
	s.well()
	s.reports(vendors.Okta, vendors.Outage{Title: "Sign-in is down"})
	s.fails(vendors.Okta)
	i := s.incident(vendors.Okta, "theirs")
	post := i.customers("identified")
	s.feature("Sign-in", "degraded_performance")
	s.hold(s.world.Public.Say(post.ID, "monitoring", "We have switched to a second way to sign in."))
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	i.shows("Somebody edited what stands on", "so I leave it alone")
	i.customers("monitoring", "a second way to sign in")
	i.tells("Sign-in is down", "tells customers", "Over")
}

func probeAgain(s *story) {
	for n := range s.config.Partners {
		// A breaker that opens meanwhile would keep the run that is asked for from being tried.
		s.config.Partners[n].Resilience = &partners.Resilience{Breaker: partners.Breaker{Requests: 1000}}
		s.config.Partners[n].Resilience.SetDefaults()
		s.config.Partners[n].Resilience.Breaker.Requests = 1000
	}
	_, i := s.broken()
	i.presses("ada", "Probe again")
	m := s.told(slack.Alerts, "ServiceNow: table-api failed", "503", "Asked by")
	if m.ThreadTS != i.card.TS {
		s.Error("what it found stands elsewhere than under the card")
	}
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
}
