package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// The life of an incident, from the first failure to its end. ServiceNow's two probes are incident-creation and table-api.

func TestIncidentLifeStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a failing probe is a P4, a card and a page, until it works again": aFailingProbe,
		"what still fails adds nothing; another probe joins":               stillFailing,
		"two partners that fail apart are two incidents":                   twoPartners,
		"what fails again soon is the same incident":                       flapping,
		"a restart in the middle repeats nothing":                          restartInTheMiddle,
		"what failed before Sparky started is not told as new":             failedBefore,
		"what fails again long after is an incident of its own":            failsMuchLater,
		"a feature behind two partners is well when both are":              sharedFeature,
		"a probe that comes and goes is open all the while":                comesAndGoes,
	})
}

// table breaks the one probe of ServiceNow that only reads.
func (s *story) table() {
	s.Helper()
	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIError, Path: "/api/now/table/sys_user"})
}

func aFailingProbe(s *story) {
	s.partner(vendors.ServiceNow).Owner.JiraComponent = jira.Components()[0]
	s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "ServiceNow: table-api fails, since", "looks like theirs, not announced yet", "on-call was paged",
		"answered 503", ": *internal*", "P4 · Platform Integrations", "Affects: Ticket sync")

	i.lacks("since before")

	issue := i.ticket("opened", status("Open"))
	if issue.Type != jira.IssueType || issue.Priority != "Low" || issue.Assignee != jira.Ada || !slices.Equal(issue.Components, jira.Components()[:1]) {
		t := brief([]jira.Issue{issue})[0]
		s.Errorf("the ticket is %s, %s, of %s, in %v", t.Type, t.Priority, t.AssigneeName, t.Components)
	}
	if !slices.Contains(issue.Labels, i.id) || !slices.Contains(issue.Labels, "servicenow") {
		s.Errorf("its labels are %q", issue.Labels)
	}
	i.shows("|" + issue.Key + ">")
	i.ticket("told of the verdict", says("Verdict: internal"))
	i.ticket("described with the evidence", func(issue jira.Issue) bool {
		return holdsAll(issue.Summary+issue.Description, []string{"ServiceNow", "table-api", "503", "Ticket sync", "Platform Integrations", "Verdict: internal"})
	})
	alert := i.page(pagerduty.Triggered)
	if !strings.HasPrefix(alert.Summary, "ServiceNow: table-api fails") || !strings.Contains(string(alert.Details), "Their page was read") {
		s.Errorf("who is woken reads %q: %s", alert.Summary, alert.Details)
	}

	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.ticket("told of the end", says("Over: it works again"))
	i.shows("ServiceNow: table-api works again after", "it looked like theirs, never announced")
	i.lacks("Acknowledge", "Mute 1h")
	i.tells(calledWords+" not announced by them", "Over: it works again")
}

func stillFailing(s *story) {
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "table-api fails", "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	i.ticket("told of the verdict", says("Verdict: internal"))
	i.tells(calledWords + " not announced by them")
	posts, edits := len(s.posted()), s.slack.Calls("chat.update")
	p.fails(vendors.ServiceNow, "table-api", 4)
	if n := len(s.posted()); n != posts {
		s.Errorf("%d messages more while it goes on", n-posts)
	}
	if n := s.slack.Calls("chat.update"); n > edits+1 { // the last edit of the beginning may have been on its way
		s.Errorf("%d edits while it goes on", n-edits)
	}

	s.fails(vendors.ServiceNow)
	i.shows("table-api and incident-creation fail")
	i.heals(vendors.ServiceNow)
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", "Over: it works again")
}

func twoPartners(s *story) {
	s.well()
	s.fails(vendors.Okta)
	okta := s.incident(vendors.Okta, "Okta: org fails", "on-call was paged")
	s.breaks(vendors.GitHub, vendors.APIBreak{How: vendors.APIUnauthorized})
	github := s.incident(vendors.GitHub, "GitHub: rate-limit fails", "our credentials are refused", "on-call was paged")
	for _, i := range []*incident{okta, github} {
		i.page(pagerduty.Triggered)
	}
	s.asks("ada", "incidents", "Okta", "GitHub", "ECO-1", "ECO-2")
	okta.ends(vendors.Okta)
	github.shows("GitHub: rate-limit fails")
	github.ends(vendors.GitHub)
	okta.tells(calledWords+" not announced by them", "Over")
	github.tells(calledWords+" refuse", "Over")
}

func flapping(s *story) {
	s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	s.table()
	i.shows("table-api fails again", "The 2nd time since", "on-call was paged")
	i.ticket("opened again", func(issue jira.Issue) bool { return issue.Category != "done" })
	if alert := i.page(pagerduty.Triggered); !strings.Contains(alert.Summary, "again") {
		s.Errorf("who is woken reads %q", alert.Summary)
	}
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced", "Over", "It is back", calledWords+" not announced", "Over")
}

func restartInTheMiddle(s *story) {
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	p.stop()
	p = s.start()
	s.linked()
	p.fails(vendors.ServiceNow, "table-api", 2)
	s.reports(vendors.ServiceNow, vendors.Outage{Title: "Reading is slow"})
	i.shows("theirs: their page reports “Reading is slow”", "the call to on-call has ended")
	i.customers("identified", "Ticket sync")
	p.stop()
	s.heals(vendors.ServiceNow)
	s.start()
	i.ends(vendors.ServiceNow)
	s.hold(s.world.Partners.ResolveAll(vendors.ServiceNow))
	i.page(pagerduty.Resolved)
	i.customers("resolved")
	i.tells(calledWords+" not announced", "Reading is slow", "Our status page tells customers", "Over")
}

func failedBefore(s *story) {
	s.reports(vendors.Okta, vendors.Outage{Title: "Sign-in is down"})
	s.fails(vendors.Okta)
	s.start()
	s.linked()
	i := s.incident(vendors.Okta, "fails, since before", "Sign-in is down", "It failed already when I first looked", "nobody is woken")
	i.customers("identified", "Sign-in")
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	i.customers("resolved")
	i.tells("Sign-in is down", "Our status page tells customers", "Over")
}

// fails waits until a probe has failed so many times more.
func (p *program) fails(partner, probe string, more int) {
	s := p.story
	s.Helper()
	count := func() int {
		live, err := p.memory.Incidents(s.ctx, true, time.Time{})
		s.hold(err)
		for _, in := range live {
			for _, f := range in.Probes {
				if f.Partner == partner && f.Probe == probe {
					return f.Fails
				}
			}
		}
		return 0
	}
	before := count()
	s.hold(s.world.Partners.Wait(s.ctx, "more failures", func() bool { return count() >= before+more }))
}

func failsMuchLater(s *story) {
	s.config.Triage.ReopenWithin = setting.Duration(time.Second)
	s.well()
	s.fails(vendors.Okta)
	first := s.incident(vendors.Okta, "on-call was paged", "ECO-1")
	first.page(pagerduty.Triggered)
	first.ends(vendors.Okta)
	s.rounds("page", 4, vendors.Okta)
	s.fails(vendors.Okta)
	second := s.incident(vendors.Okta, "on-call was paged", "ECO-2")
	second.page(pagerduty.Triggered)
	second.ends(vendors.Okta)
	first.shows("ECO-1", "works again")
	first.tells(calledWords+" not announced", "Over")
	second.tells(calledWords+" not announced", "Over")
}

func sharedFeature(s *story) {
	s.partner(vendors.Workday).Affects = []string{"Sign-in"}
	s.well()
	var both []*incident
	for _, id := range []string{vendors.Okta, vendors.Workday} {
		s.reports(id, vendors.Outage{Title: "Trouble"})
		s.fails(id)
		i := s.incident(id, "theirs", "Our customers are told on")
		i.customers("identified", "Sign-in", vendors.Name(id))
		both = append(both, i)
	}
	both[0].ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	both[0].customers("resolved")
	s.rounds("page", 2, vendors.Workday)
	if is := s.world.Public.Status("Sign-in"); is != "degraded_performance" {
		s.Errorf("while Workday still has trouble, Sign-in is %s", is)
	}
	both[1].ends(vendors.Workday)
	s.hold(s.world.Partners.ResolveAll(vendors.Workday))
	both[1].customers("resolved")
	s.feature("Sign-in", "operational")
	for _, i := range both {
		i.tells("Trouble", "tells customers", "Over")
	}
}

// comesAndGoes has a partner that answers now and then: never twice in a row, so that it is never over.
func comesAndGoes(s *story) {
	s.only(vendors.GitHub)
	s.config.Triage.RecoverAfter = 5
	p := s.well()
	s.fails(vendors.GitHub)
	i := s.incident(vendors.GitHub, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	for range 3 {
		s.heals(vendors.GitHub)
		p.passing()
		s.fails(vendors.GitHub)
		p.fails(vendors.GitHub, "rate-limit", 1)
	}
	i.ends(vendors.GitHub)
	i.lacks("time since")
	i.tells(calledWords+" not announced", "Over")
}
