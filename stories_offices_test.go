package main

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/fixtures/openapi"
	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/github"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/newrelic"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// judgeOffices holds that nobody was called and no customer told but where the story asked for it, that nothing stands
// twice for one incident, and that every request is one that the vendor describes.
func (s *story) judgeOffices() {
	s.judgeTickets()
	s.judgePages()
	s.judgePosts()
	s.judgeRequests()
	for _, ticket := range s.world.Partners.OpenTickets() {
		if !s.excused[cutOffMidway] && !s.brokeBehind(ticket.Created) {
			s.Errorf("a probe has left %s open in ServiceNow, made %v, updated %d times: %s", ticket.Number, ticket.Created, ticket.Updates, ticket.Title)
		}
	}
	for where, text := range s.written() {
		s.keepsSecrets(where, text)
	}
}

// brokeBehind tells that a partner was broken while a probe was at work that had made something at that time: what it could not
// close any more is closed by a run of ten minutes later.
func (s *story) brokeBehind(made time.Time) bool {
	return slices.ContainsFunc(s.broke, func(at time.Time) bool {
		return at.After(made.Add(-time.Second)) && at.Before(made.Add(demoProbe))
	})
}

func (s *story) judgeTickets() {
	seen := map[string]string{}
	for _, issue := range s.world.Jira.Issues() {
		id := idOf(issue.Labels...)
		if !s.wanted["ticket "+id] {
			s.Errorf("nobody asked for %s: %s", issue.Key, issue.Summary)
		}
		if seen[id] != "" {
			s.Errorf("%s and %s are both of %s", seen[id], issue.Key, id)
		}
		seen[id] = issue.Key
		said, calls := map[string]int{}, 0
		for _, c := range issue.Comments {
			said[c.Text]++
			switch {
			case c.Author != "Sparky":
			case strings.HasPrefix(c.Text, calledWords):
				calls++
			case said[c.Text] > s.outages(id):
				s.Errorf("%s has a comment more often than there were outages: %s", issue.Key, c.Text)
			}
		}
		if n := s.mentioned()[id]; calls > n && !s.excused[calledTogether] {
			s.Errorf("%s says %d times that on-call is called, who was called %d times", issue.Key, calls, n)
		}
	}
}

// outages counts how often an incident began, as far as people were told: once, and once for each time that it is back.
func (s *story) outages(id string) int {
	n := 1
	for _, m := range s.slack.Messages(slack.Alerts) {
		if strings.HasPrefix(effectKey(m), id+"/thread/") && strings.HasPrefix(m.Text, "It is back") {
			n++
		}
	}
	return n
}

// mentioned counts how often the group on call was mentioned, by incident.
func (s *story) mentioned() map[string]int {
	counts := map[string]int{}
	for _, m := range s.slack.Messages(slack.Alerts) {
		if slices.Contains(mentions(m), onCallGroup) && !strings.HasPrefix(m.Text, remindedWords) {
			counts[idOf(effectKey(m))]++
		}
	}
	return counts
}

// judgePages holds that the group on call is mentioned exactly where somebody is called.
func (s *story) judgePages() {
	mentioned, called := s.mentioned(), map[string]int{}
	for _, alert := range s.world.Pager.Alerts() {
		id := idOf(alert.Key)
		called[id] += alert.Calls
		if !s.wanted["page "+id] {
			s.Errorf("nobody asked for this page to on-call: %s", alert.Summary)
		}
	}
	for id, n := range mentioned {
		if !s.wanted["page "+id] {
			s.Errorf("nobody asked for on-call to be mentioned for %s", id)
		}
		if s.config.desired().Pager && called[id] != n && !(called[id] < n && s.excused[overBeforeCalled]) {
			s.Errorf("on-call is mentioned %d times for %s, and was called %d times", n, id, called[id])
		}
	}
	for id, n := range called {
		if mentioned[id] == 0 && n > 0 && !s.excused[calledTogether] && s.config.Oncall.SlackGroup != "" {
			s.Errorf("on-call was called for %s and is mentioned nowhere", id)
		}
	}
}

// calledTogether excuses that somebody was called for one incident and mentioned for many.
const calledTogether = "called for one, and mentioned for all"

// cutOffMidway excuses what a probe made and never closed: its process was killed or stood still, and no later run is late
// enough to close it.
const cutOffMidway = "a process was cut off in the midst of a probe"

// overBeforeCalled excuses that somebody was mentioned whom PagerDuty never called: the failure was over before it was
// known what had come of the first attempt.
const overBeforeCalled = "over before it was known whether somebody was called"

func (s *story) judgePosts() {
	seen := map[string]bool{}
	for _, post := range s.world.Public.Incidents() {
		id := idOf(string(post.Metadata))
		switch {
		case id == "" && s.wanted["post "+post.ID]: // a person's
			continue
		case !s.wanted["post "+id]:
			s.Errorf("nobody asked for customers to be told: %s", post.Name)
		case seen[id]:
			s.Errorf("two public incidents are of %s", id)
		}
		seen[id] = true
		said := map[string]int{}
		for _, u := range post.Updates {
			if said[u.Status+u.Body]++; !u.ByHand && said[u.Status+u.Body] > s.outages(id) {
				s.Errorf("customers are told more often than there were outages: %s", u.Body)
			}
		}
	}
	for _, mail := range s.world.Public.Mails() {
		if mail.Incident == "" || strings.Contains(mail.Text, "<!") {
			s.Errorf("a mail that nobody can read: %+v", mail)
		}
	}
}

// call is one request to a system of ours, as its vendor would look at it.
type call struct {
	vendor string
	openapi.Request
	status  int
	problem string
}

func (s *story) calls() []call {
	json := http.Header{"Content-Type": {"application/json"}}
	var all []call
	for _, e := range s.world.Jira.Journal() {
		header := http.Header{"Content-Type": {e.ContentType}}
		all = append(all, call{"jira", openapi.Request{Method: e.Method, Path: e.Path, Header: header, Body: e.In}, e.Status, e.Problem})
	}
	for _, e := range s.world.Pager.Journal() {
		all = append(all, call{"pagerduty", openapi.Request{Method: e.Method, Path: strings.TrimPrefix(e.Path, "/v2"), Header: json, Body: e.Raw}, e.Status, e.Problem})
	}
	for _, e := range s.world.Public.Journal() {
		header := http.Header{"Content-Type": {e.Type}}
		all = append(all, call{"statuspage", openapi.Request{Method: e.Method, Path: strings.TrimPrefix(e.Path, "/v1"), Header: header, Body: e.Body}, e.Status, e.Problem})
	}
	for _, e := range s.world.Actions.Journal() {
		all = append(all, call{"github", openapi.Request{Method: e.Method, Path: e.Path, Header: e.Header, Body: e.Body}, e.Status, e.Problem})
	}
	return all
}

// judgeRequests holds what was sent to the vendors' own descriptions, and that they refused none of it.
func (s *story) judgeRequests() {
	for _, c := range s.calls() {
		outcome := fmt.Sprintf("%s %d", c.vendor, c.status)
		if (c.status == 0 || c.status >= 400) && !s.excused[outcome] {
			s.Errorf("%s: %s %s was not taken: %s\n%.2000s", outcome, c.Method, c.Path, c.problem, c.Body)
		}
		if c.status == http.StatusNotFound && s.excused[outcome] {
			continue // that it is no operation is known
		}
		checker, err := descriptions()[c.vendor]()
		if err != nil {
			s.Fatal(err)
		}
		if checker == nil || c.vendor == "jira" && !strings.HasPrefix(c.Path, "/rest/api/3/") {
			continue
		}
		if err := checker.Check(c.Request); err != nil {
			s.Errorf("the description of %s does not allow a request: %v", c.vendor, err)
		}
	}
}

// descriptions are the vendors' own descriptions of their APIs; nil where they are not on this machine.
var descriptions = sync.OnceValue(func() map[string]func() (*openapi.Checker, error) {
	all := map[string]func() (*openapi.Checker, error){}
	for _, vendor := range []string{"jira", "pagerduty", "statuspage", "github"} {
		all[vendor] = sync.OnceValues(func() (*openapi.Checker, error) {
			file := "../shared/data/openapi/" + vendor + ".json"
			if _, err := os.Stat(file); err != nil {
				return nil, nil
			}
			return openapi.Load(file)
		})
	}
	return all
})

// written is everything that others than Slack were told, by where it stands.
func (s *story) written() map[string]string {
	all := map[string]string{"Teams": fmt.Sprint(s.world.Partners.Cards()), "a mail": fmt.Sprint(s.world.Public.Mails())}
	for _, c := range s.calls() {
		if c.vendor != "pagerduty" { // an event carries its key by design
			all[c.vendor] += c.Path + "\n" + string(c.Body) + "\n"
		}
	}
	for _, alert := range s.world.Pager.Alerts() {
		all["a page"] += fmt.Sprintf("%s %s %v %s\n", alert.Key, alert.Summary, alert.Links, alert.Details)
	}
	return all
}

// everySecret is what configurations of this world hold that nobody may be shown.
func everySecret(w interface {
	Credentials(partner string) vendors.Credentials
	AppToken() string
	BotToken() string
}) []string {
	all := []string{w.AppToken(), w.BotToken(), jira.Token, atlassian.Token, pagerduty.RoutingKey, github.Token, github.ReadToken, newrelic.UserKey, newrelic.LicenseKey}
	for _, id := range vendors.IDs() {
		c := w.Credentials(id)
		all = append(all, c.Password, c.APIToken, c.Bearer, c.ClientSecret, c.RefreshToken, c.Webhook)
		if _, signature, ok := strings.Cut(c.Webhook, "sig="); ok {
			all = append(all, signature)
		}
	}
	return slices.DeleteFunc(all, func(secret string) bool { return secret == "" })
}

// idOf is the incident's name in the first of the texts that holds one, without what may follow it.
func idOf(texts ...string) string {
	for _, text := range texts {
		if found := incidentID.FindString(text); found != "" {
			return found
		}
	}
	return ""
}

// partnerOf is what an incident is about, by its name.
func partnerOf(id string) string {
	_, rest, _ := strings.Cut(strings.Replace(id, "-compat-", "-", 1), "-")
	partner, _, _ := strings.Cut(rest, "-")
	return cmp.Or(partner, id)
}
