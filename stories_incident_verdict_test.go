package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// Whose a failure is, and what follows from it: the rows of the contract's table, each from the failing answer to what
// people, customers and on-call come to see.

func TestIncidentVerdictStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"their page reports it: customers are told, nobody is woken":       theyReportIt,
		"their page is late: on-call is called, and let go again":          theirPageIsLate,
		"their page reports what does not concern us":                      theyReportSomethingElse,
		"their page cannot be read: unclear until it can":                  theirPageCannotBeRead,
		"our credentials are refused: ours, whatever their page reports":   credentialsRefused,
		"our account has lost a right: ours":                               rightsTaken,
		"we are asked to slow down: a ticket and a message, nobody called": askedToSlowDown,
		"maintenance that they announced: theirs, and planned":             plannedMaintenance,
		"our own network is down: one incident, no partner blamed":         ourNetwork,
		"their page is green again before they are well: still theirs":     greenTooEarly,
		"a page that is later than the lag window turns nothing":           tooLate,
		"what they said they would remove is removed: ours":                removedAsAnnounced,
		"they hang where a probe ends what it made: told all the same":     hangsAtTheEnd,
	})
}

func theyReportIt(s *story) {
	s.well()
	s.reports(vendors.ServiceNow, vendors.Outage{Title: "Table API errors in all regions"})
	s.fails(vendors.ServiceNow)
	i := s.incident(vendors.ServiceNow, "theirs: their page reports “Table API errors in all regions”", "nobody is woken", ": *external*")
	i.ticket("told of the verdict", says("Verdict: external"))
	home := s.world.StatusHome(vendors.ServiceNow)
	post := i.customers("identified", "Ticket sync", "ServiceNow", strings.TrimSuffix(home, "/"))
	for _, promise := range []string{"soon", "minutes", "hours", "Table API errors"} {
		if strings.Contains(post.Updates[0].Body, promise) {
			s.Errorf("customers read %q: %s", promise, post.Updates[0].Body)
		}
	}
	s.feature("Ticket sync", "degraded_performance")
	i.shows("Our customers are told on")

	i.ends(vendors.ServiceNow)
	s.hold(s.world.Partners.ResolveAll(vendors.ServiceNow))
	i.shows("it was theirs")
	i.customers("resolved", "Ticket sync")
	s.feature("Ticket sync", "operational")
	i.tells("Table API errors", "Our status page tells customers", "Over: it works again")
	if n := len(s.world.Public.Mails()); n != 2*3 {
		s.Errorf("three subscribers got %d mails of an outage and its end", n)
	}
}

func theirPageIsLate(s *story) {
	s.well()
	s.reports(vendors.ServiceNow, vendors.Outage{Title: "Instances are slow", After: 5 * time.Second})
	s.fails(vendors.ServiceNow)
	i := s.incident(vendors.ServiceNow, "looks like theirs, not announced yet")
	i.page(pagerduty.Triggered)
	if len(s.world.Public.Incidents()) > 0 {
		s.Error("customers were told before anybody knew")
	}
	i.shows("theirs: their page reports “Instances are slow”", "the call to on-call has ended")
	i.page(pagerduty.Resolved)
	i.customers("identified", "Ticket sync", "ServiceNow")
	i.ticket("told of the change", says("Instances are slow"))
	i.ends(vendors.ServiceNow)
	s.hold(s.world.Partners.ResolveAll(vendors.ServiceNow))
	i.customers("resolved")
	i.tells(calledWords+" not announced by them", "Instances are slow", "Our status page tells customers", "Over")
}

func theyReportSomethingElse(s *story) {
	components := s.world.Partners.Components(vendors.ServiceNow)
	ours, other := components[0].Name, components[len(components)-1].Name
	s.partner(vendors.ServiceNow).Status.Components = []string{ours}
	s.well()
	s.reports(vendors.ServiceNow, vendors.Outage{Component: other, Title: "Chat is slow to answer"})
	s.rounds("page", 2, vendors.ServiceNow)
	s.fails(vendors.ServiceNow)
	i := s.incident(vendors.ServiceNow, "looks like theirs, not announced yet", "Chat is slow to answer")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
	i.ticket("told", says("Over"))
}

func theirPageCannotBeRead(s *story) {
	s.well()
	s.hold(s.world.Partners.BreakPage(vendors.ServiceNow, vendors.Login))
	s.fails(vendors.ServiceNow)
	i := s.incident(vendors.ServiceNow, "unclear, looks like theirs: their page cannot be read", ": *unclear*")
	i.page(pagerduty.Triggered)
	s.hold(s.world.Partners.BreakPage(vendors.ServiceNow, vendors.Working))
	i.shows("looks like theirs, not announced yet")
	s.reports(vendors.ServiceNow, vendors.Outage{Title: "Nobody can sign in"})
	i.shows("theirs: their page reports “Nobody can sign in”")
	i.page(pagerduty.Resolved)
	i.customers("identified", "Ticket sync")
	i.ends(vendors.ServiceNow)
	s.hold(s.world.Partners.ResolveAll(vendors.ServiceNow))
	i.customers("resolved")
	i.tells(calledWords+" Unclear whose it is", "not announced by them", "Nobody can sign in", "Our status page tells customers", "Over")
}

func credentialsRefused(s *story) {
	s.well()
	s.reports(vendors.Okta, vendors.Outage{Title: "Slow reports"})
	s.rounds("page", 2, vendors.Okta)
	s.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIUnauthorized})
	i := s.incident(vendors.Okta, "Okta: org fails", "ours: our credentials are refused", "on-call was paged")
	i.page(pagerduty.Triggered)
	i.ticket("told of the verdict", says("Verdict: internal"))
	i.ends(vendors.Okta)
	i.tells(calledWords+" credentials", "Over")
}

func rightsTaken(s *story) {
	s.well()
	s.breaks(vendors.GitHub, vendors.APIBreak{How: vendors.APIForbidden})
	i := s.incident(vendors.GitHub, "GitHub: rate-limit fails", "ours: our account lacks the rights")
	i.page(pagerduty.Triggered)
	i.ends(vendors.GitHub)
	i.tells(calledWords+" Ours", "Over")
}

func askedToSlowDown(s *story) {
	s.well()
	s.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIThrottled, RetryAfter: time.Second})
	i := s.incident(vendors.Okta, "ours: they ask us to slow down", "nobody is woken")
	issue := i.ticket("told of the verdict", says("Verdict: internal"))
	if issue.Priority != "Low" {
		s.Errorf("its priority is %s", issue.Priority)
	}
	i.ends(vendors.Okta)
	i.tells("slow down", "Over")
}

func plannedMaintenance(s *story) {
	s.well()
	now := time.Now()
	_, err := s.world.Partners.Maintain(vendors.Workday, vendors.Window{Title: "Weekly maintenance", From: now.Add(-time.Minute), Until: now.Add(time.Hour)})
	s.hold(err)
	s.fails(vendors.Workday)
	i := s.incident(vendors.Workday, "theirs: planned maintenance until", "nobody is woken", "Weekly maintenance")
	i.ticket("told of the verdict", says("Verdict: external"))
	s.feature("People directory", "under_maintenance")
	i.customers("identified", "People directory", "maintenance")
	i.ends(vendors.Workday)
	s.hold(s.world.Partners.ResolveAll(vendors.Workday))
	i.customers("resolved")
	s.feature("People directory", "operational")
	i.tells("planned maintenance", "Our status page tells customers", "Over")
}

func ourNetwork(s *story) {
	s.well()
	s.hold(s.world.CutNetwork(true))
	i := s.incident("network", "Our own network looks down", "no partner is to blame", "on-call was paged")
	i.page(pagerduty.Triggered)
	i.ticket("told of the verdict", says("No partner is to blame"))
	for _, id := range vendors.IDs() {
		i.shows("`" + id + "`")
	}
	s.hold(s.world.CutNetwork(false))
	i.shows("Our own network works again")
	i.page(pagerduty.Resolved)
	i.ticket("resolved", status("Resolved"))
	i.tells(calledWords+" Sparky's way to the internet is down", "Over")
	s.rounds("feed", 2, vendors.IDs()...) // of a changelog that could not be read meanwhile nothing is said
	if issues := s.world.Jira.Issues(); len(issues) != 1 {
		s.Errorf("there are %d tickets: %+v", len(issues), brief(issues))
	}
}

func greenTooEarly(s *story) {
	p := s.well()
	s.reports(vendors.ServiceNow, vendors.Outage{Title: "Instances are slow"})
	s.table()
	i := s.incident(vendors.ServiceNow, "theirs: their page reports")
	i.customers("identified")
	s.hold(s.world.Partners.ResolveAll(vendors.ServiceNow))
	s.rounds("page", 4, vendors.ServiceNow)
	p.fails(vendors.ServiceNow, "table-api", 2)
	i.ticket("as it was", func(issue jira.Issue) bool { return issue.Status == "Open" })
	i.ends(vendors.ServiceNow)
	i.customers("resolved")
	i.tells("Instances are slow", "Our status page tells customers", "Still ServiceNow's", "Over")
}

func tooLate(s *story) {
	s.config.Triage.LagWindow = setting.Duration(3 * time.Second)
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "looks like theirs, not announced yet")
	i.page(pagerduty.Triggered)
	p.fails(vendors.ServiceNow, "table-api", 6)
	s.reports(vendors.ServiceNow, vendors.Outage{Title: "Late words"})
	s.rounds("page", 3, vendors.ServiceNow)
	i.page(pagerduty.Triggered)
	i.presses("ada", "It's theirs")
	i.page(pagerduty.Resolved)
	i.customers("identified", "Ticket sync")
	i.ends(vendors.ServiceNow)
	s.hold(s.world.Partners.ResolveAll(vendors.ServiceNow))
	i.customers("resolved")
	i.tells(calledWords+" not announced by them", "Still ours to look at, though it looks like theirs by now", ", says ", "tells customers", "Over")
}

func removedAsAnnounced(s *story) {
	s.well()
	entry, err := s.world.Partners.AnnounceBreaking(vendors.ServiceNow, in(0))
	s.hold(err)
	s.told(slack.Updates, "ServiceNow", "1 change needs a look")
	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIRemoved, Path: "/api/now/table/sys_user"})
	i := s.incident(vendors.ServiceNow, "table-api fails", "ours to act on", titleOf(entry))
	i.page(pagerduty.Triggered)
	s.told(slack.Updates, "ServiceNow: 1 change needs a look", "/api/now/table/sys_user is gone")
	i.ticket("told of the verdict", says("Verdict: internal"))
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" ours to act on", "Over")
}

func hangsAtTheEnd(s *story) {
	s.excuse(cutOffMidway) // what cannot be closed is closed by a run of ten minutes later
	s.well()
	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIHangs, Method: http.MethodPatch})
	i := s.incident(vendors.ServiceNow, "ServiceNow: incident-creation fails", "on-call was paged", "no complete answer in the time", "a later run tries again")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
}
