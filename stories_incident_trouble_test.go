package main

import (
	"net/http"
	"strings"
	"testing"

	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// What happens to an incident when one of our own systems is in trouble: the others go on, and everything comes to pass
// once, and only once.

func TestIncidentTroubleStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"Jira is away for a while: the ticket comes later, once":           jiraAway,
		"Jira's answer is lost: there is one ticket all the same":          jiraAnswerLost,
		"Jira refuses a field: the ticket comes without it, and says so":   jiraRefusesAField,
		"Jira refuses our token: people are told once, and it goes on":     jiraRefusesUs,
		"it is over before Jira is back":                                   overBeforeJiraIsBack,
		"PagerDuty is away, slow down, or its answer lost: called once":    pagerTrouble,
		"Statuspage is away and its answers lost: customers are told once": publicTrouble,
		"Slack asks to slow down in the middle of an incident":             slackSlow,
	})
}

func jiraAway(s *story) {
	s.excuse("jira 0")
	s.well()
	s.world.Jira.SetAway(true)
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged", "The Jira issue is being opened")
	i.page(pagerduty.Triggered)
	i.presses("ada", "Acknowledge")
	i.page(pagerduty.Acknowledged)
	s.hold(s.world.Jira.Wait(s.ctx, "an attempt", func() bool { return s.world.Jira.Calls(jira.OpCreate) > 0 }))
	s.world.Jira.SetAway(false)
	i.ticket("in progress", status("In Progress"))
	i.shows("ECO-1")
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Acknowledged", "Over")
}

func jiraAnswerLost(s *story) {
	s.excuse("jira 0")
	s.lasts(patience) // its search is certain to show the issue only some time later
	s.well()
	s.world.Jira.SetFault(jira.OpCreate, jira.Fault{Lost: true, Times: 1})
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	i.shows("ECO-1")
	i.ticket("told of the verdict", says("Verdict: internal"))
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
}

func jiraRefusesAField(s *story) {
	s.excuse("jira 400")
	s.partner(vendors.ServiceNow).Owner.JiraComponent = "No such component"
	_, i := s.broken()
	issue := i.ticket("opened", status("Open"))
	if issue.Priority != "Low" || issue.Assignee != jira.Ada || len(issue.Components) > 0 {
		t := brief([]jira.Issue{issue})[0]
		s.Errorf("what Jira takes is not there: %+v", t)
	}
	if !strings.Contains(issue.Description, "Left out: component “No such component”") {
		s.Errorf("it does not say what is missing: %s", issue.Description)
	}
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
}

func jiraRefusesUs(s *story) {
	s.excuse("jira 401")
	s.lasts(patience) // Sparky looks every half minute whether a person has mended it
	s.well()
	s.world.Jira.RefuseToken(true)
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	s.told(slack.Alerts, "I cannot do something until somebody lends a hand", "Jira")
	s.asks("ada", "status", "Sparky needs a hand")
	s.world.Jira.RefuseToken(false)
	i.ticket("opened", status("Open"))
	i.shows("ECO-1")
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
}

func overBeforeJiraIsBack(s *story) {
	s.excuse("jira 0")
	s.well()
	s.world.Jira.SetAway(true)
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	i.heals(vendors.ServiceNow)
	i.shows("works again after")
	i.page(pagerduty.Resolved)
	s.world.Jira.SetAway(false)
	i.ticket("resolved", status("Resolved"))
	i.tells(calledWords+" not announced by them", "Over")
}

func pagerTrouble(s *story) {
	s.excuse("pagerduty 0", "pagerduty 429")
	s.well()
	s.world.Pager.SetFault(pagerduty.Fault{Away: true, Times: 1})
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	s.world.Pager.SetFault(pagerduty.Fault{Lost: true, Times: 1})
	i.presses("ada", "Acknowledge")
	i.page(pagerduty.Acknowledged)
	s.world.Pager.SetFault(pagerduty.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1, Times: 1})
	i.ends(vendors.ServiceNow)
	if alert := i.page(pagerduty.Resolved); alert.Calls != 1 {
		s.Errorf("somebody was called %d times", alert.Calls)
	}
	i.tells(calledWords+" not announced by them", "Acknowledged", "Over")
}

func publicTrouble(s *story) {
	s.excuse("statuspage 0")
	s.lasts(patience) // what became of an attempt is looked at once it is certainly over
	s.well()
	s.world.Public.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	s.reports(vendors.Okta, vendors.Outage{Title: "Sign-in is down"})
	s.fails(vendors.Okta)
	i := s.incident(vendors.Okta, "theirs")
	i.customers("identified")
	s.feature("Sign-in", "degraded_performance")
	i.shows("Our customers are told on")
	s.world.Public.SetFault(atlassian.Fault{Away: true, Times: 2})
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	i.customers("resolved")
	s.feature("Sign-in", "operational")
	i.tells("Sign-in is down", "tells customers", "Over")
	if n := len(s.world.Public.Mails()); n != 2*3 {
		s.Errorf("three subscribers got %d mails of an outage and its end", n)
	}
}

func slackSlow(s *story) {
	s.excuse("HTTP 429", "ratelimited", "answer lost")
	s.lasts(patience)
	s.well()
	s.slack.SetFault("chat.postMessage", slack.Fault{Status: http.StatusTooManyRequests, RetryAfter: 2, Times: 2})
	s.slack.SetFault("chat.update", slack.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1, Times: 2})
	s.table()
	s.hold(s.world.Pager.Wait(s.ctx, "a page", func() bool { return len(s.world.Pager.Open()) == 1 }))
	if len(s.slack.Messages(slack.Alerts)) > 0 {
		s.Error("who is on call was called only once Slack was ready")
	}
	i := s.incident(vendors.ServiceNow, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	s.slack.SetFault("chat.postMessage", slack.Fault{Lost: true, Times: 1})
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Over")
}
