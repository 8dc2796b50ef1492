package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/partners"
)

// This is how a story with incidents is told: the world is well, something in it breaks, and an incident is what came of
// it in the channel, in Jira, at the pager and on our public page. What is asked for here passes the judge; the rest fails.

// probesEvery says how often probes run.
func (s *story) probesEvery(every time.Duration) {
	for p := range s.config.Partners {
		probes := slices.Clone(s.config.Partners[p].Probes)
		for i := range probes {
			probes[i].Every, probes[i].Timeout = setting.Duration(every), setting.Duration(3*time.Second)
		}
		s.config.Partners[p].Probes = probes
	}
}

// partner is the configuration of a partner, to be changed before Sparky starts.
func (s *story) partner(id string) *partners.Partner {
	s.Helper()
	for i := range s.config.Partners {
		if s.config.Partners[i].ID == id {
			return &s.config.Partners[i]
		}
	}
	s.Fatalf("no partner %s", id)
	return nil
}

// only lets Sparky probe these partners alone.
func (s *story) only(ids ...string) {
	for i := range s.config.Partners {
		if !slices.Contains(ids, s.config.Partners[i].ID) {
			s.config.Partners[i].Probes = nil
		}
	}
}

// well runs Sparky and waits until every page was read and every probe has passed.
func (s *story) well() *program {
	s.Helper()
	p := s.watching()
	p.allOperational()
	p.passing()
	return p
}

// passing waits until the newest result of every probe is a pass.
func (p *program) passing() {
	s := p.story
	s.Helper()
	s.hold(s.world.Partners.Wait(s.ctx, "a pass of every probe", func() bool {
		last, err := p.memory.LastResults(s.ctx)
		for _, partner := range s.config.Partners {
			for _, probe := range partner.Probes {
				if r, ok := last[partner.ID][probe.ID]; !ok || !r.Passed() {
					return false
				}
			}
		}
		return err == nil
	}))
}

// fails makes the partner's API answer every call with an error of its edge.
func (s *story) fails(partner string) {
	s.Helper()
	s.breaks(partner, vendors.APIBreak{How: vendors.APIError})
}

func (s *story) breaks(partner string, b vendors.APIBreak) {
	s.Helper()
	if b.How != "" {
		s.broke = append(s.broke, time.Now())
	}
	s.hold(s.world.Partners.BreakAPI(partner, b))
}

// heals mends the partner's API.
func (s *story) heals(partner string) {
	s.Helper()
	s.breaks(partner, vendors.APIBreak{})
}

// reports puts an outage on the partner's page and returns its id there.
func (s *story) reports(partner string, o vendors.Outage) string {
	s.Helper()
	id, err := s.world.Partners.Post(partner, o)
	s.hold(err)
	return id
}

// acts notes who does something.
func (s *story) acts(user string) {
	for _, u := range s.slack.Users() {
		if u.Name == user || u.ID == user {
			s.acted[u.ID] = true
		}
	}
}

// types lets somebody type a command whose answer the channel sees, and returns that.
func (s *story) types(user, text string, words ...string) slack.Message {
	s.Helper()
	s.acts(user)
	_, err := s.slack.Command(user, slack.Alerts, "/sparky", text)
	s.hold(err)
	return s.told(slack.Alerts, words...)
}

// incident is an incident as people see it.
type incident struct {
	*story
	id   string
	card slack.Message
}

// incident waits for a partner's incident whose card shows the words; "network" is our own.
func (s *story) incident(partner string, words ...string) *incident {
	s.Helper()
	i := &incident{story: s}
	m, err := s.slack.WaitForMessage(s.ctx, slack.Alerts, func(m slack.Message) bool {
		key := effectKey(m)
		return strings.HasSuffix(key, "/card") && partnerOf(idOf(key)) == partner && holdsAll(shown(m), words)
	})
	if err != nil {
		s.Fatalf("a card of %s with %q: %v\n%s\nthe log:\n%s", partner, words, err, s.everything(), s.logs.tail())
	}
	s.read[m.TS] = true
	i.id, i.card = idOf(effectKey(m)), m
	return i
}

// shows waits until the card shows the words.
func (i *incident) shows(words ...string) {
	i.Helper()
	err := i.slack.Wait(i.ctx, "the card", func() bool {
		m, ok := i.slack.Message(i.card.Channel, i.card.TS)
		return ok && holdsAll(shown(m), words)
	})
	if err != nil {
		i.Fatalf("a card that shows %q: %v\n%s\nthe log:\n%s", words, err, i.everything(), i.logs.tail())
	}
}

// lacks holds that the card does not show the words.
func (i *incident) lacks(words ...string) {
	i.Helper()
	m, _ := i.slack.Message(i.card.Channel, i.card.TS)
	for _, word := range words {
		if strings.Contains(shown(m), word) {
			i.Errorf("the card shows %q:\n%s", word, shown(m))
		}
	}
}

// thread is what was said under the card, oldest first.
func (i *incident) thread() []slack.Message {
	var lines []slack.Message
	for _, m := range i.slack.Messages(i.card.Channel) {
		if strings.HasPrefix(effectKey(m), i.id+"/thread/") {
			lines = append(lines, m)
		}
	}
	return lines
}

// tells waits until the thread has exactly these lines: each holds its words. Lines that go out side by side may stand in
// another order. The line that calls on-call begins with calledWords, and tells the verdict because of which it does.
func (i *incident) tells(lines ...string) {
	i.Helper()
	// A line whose outcome a stop left open is looked for in Slack only once its attempt is certainly over.
	ctx, cancel := context.WithTimeout(i.ctx, slackSettle+30*time.Second)
	defer cancel()
	err := i.slack.Wait(ctx, "the thread", func() bool { return len(i.thread()) >= len(lines) })
	said := i.thread()
	for _, m := range said {
		if m.ThreadTS != i.card.TS {
			i.Errorf("it stands elsewhere than under the card: %s", m.Text)
		}
		if m.Broadcast {
			i.Errorf("it stands in the channel, too: %s", m.Text)
		}
	}
	for _, words := range lines {
		at := slices.IndexFunc(said, func(m slack.Message) bool {
			why, calls := strings.CutPrefix(words, calledWords)
			return strings.HasPrefix(m.Text, calledWords) == calls && strings.Contains(m.Text, strings.TrimSpace(why))
		})
		if at < 0 {
			i.Errorf("nothing under the card says %q: %v", words, err)
			continue
		}
		i.read[said[at].TS] = true
		said = slices.Delete(said, at, at+1)
	}
	for _, m := range said {
		i.Errorf("nobody asked for this under the card: %s", m.Text)
		i.read[m.TS] = true
	}
}

// presses lets somebody press a button of the card.
func (i *incident) presses(user, label string) {
	i.Helper()
	i.acts(user)
	delivery, err := i.slack.ClickLabel(user, i.card.Channel, i.card.TS, label)
	if err != nil {
		i.Fatalf("pressing %q: %v\n%s", label, err, i.everything())
	}
	if outcome, took, err := delivery.Wait(i.ctx); err != nil || outcome != slack.Acked {
		i.Errorf("pressing %q was %s after %v: %v", label, outcome, took, err)
	}
}

// answers lets somebody press a button, and waits for what they alone are told.
func (i *incident) answers(user, label string, words ...string) {
	i.Helper()
	before := len(i.slack.Ephemerals(user, i.card.Channel))
	i.presses(user, label)
	err := i.slack.Wait(i.ctx, "an answer", func() bool {
		all := i.slack.Ephemerals(user, i.card.Channel)
		return slices.ContainsFunc(all[before:], func(m slack.Message) bool { return holdsAll(shown(m), words) })
	})
	if err != nil {
		i.Fatalf("%q answers %s with %q: %v\n%s", label, user, words, err, i.everything())
	}
}

// ticket waits until the incident's one ticket is as wanted.
func (i *incident) ticket(what string, is func(jira.Issue) bool) jira.Issue {
	i.Helper()
	i.wanted["ticket "+i.id] = true
	var found jira.Issue
	err := i.world.Jira.Wait(i.ctx, what, func() bool {
		for _, issue := range i.world.Jira.Issues() {
			if idOf(issue.Labels...) == i.id && is(issue) {
				found = issue
				return true
			}
		}
		return false
	})
	if err != nil {
		i.Fatalf("a ticket of %s that is %s: %v\n%+v\nthe log:\n%s", i.id, what, err, brief(i.world.Jira.Issues()), i.logs.tail())
	}
	return found
}

// brief leaves out of issues what cannot be read.
func brief(issues []jira.Issue) []jira.Issue {
	for n := range issues {
		issues[n].Document = nil
		for c := range issues[n].Comments {
			issues[n].Comments[c].Document = nil
		}
	}
	return issues
}

// status is a ticket with that status.
func status(name string) func(jira.Issue) bool {
	return func(issue jira.Issue) bool { return issue.Status == name }
}

// says is a ticket with a comment that holds the words.
func says(words string) func(jira.Issue) bool {
	return func(issue jira.Issue) bool {
		return slices.ContainsFunc(issue.Comments, func(c jira.Comment) bool { return strings.Contains(c.Text, words) })
	}
}

// page waits until on-call was called for the incident, the last time so that it stands as wanted.
func (i *incident) page(state pagerduty.State) pagerduty.Alert {
	i.Helper()
	i.wanted["page "+i.id] = true
	var found pagerduty.Alert
	err := i.world.Pager.Wait(i.ctx, "a page that is "+string(state), func() bool {
		for _, alert := range i.world.Pager.Alerts() {
			if idOf(alert.Key) == i.id {
				found = alert
			}
		}
		return found.State == state
	})
	if err != nil {
		i.Fatalf("a page for %s: %v\n%+v\n%s\nthe log:\n%s", i.id, err, found, i.everything(), i.logs.tail())
	}
	return found
}

// customers waits until our public page says this of the incident last, to customers.
func (i *incident) customers(status string, words ...string) atlassian.Incident {
	i.Helper()
	i.wanted["post "+i.id] = true
	var found atlassian.Incident
	err := i.world.Public.Wait(i.ctx, "a public incident that is "+status, func() bool {
		for _, post := range i.world.Public.Incidents() {
			if idOf(string(post.Metadata)) == i.id {
				found = post
			}
		}
		return found.Status == status && len(found.Updates) > 0 && holdsAll(found.Name+"\n"+found.Updates[0].Body, words)
	})
	if err != nil {
		i.Fatalf("what customers read of %s: %v\n%+v\nthe log:\n%s", i.id, err, found, i.logs.tail())
	}
	return found
}

// feature waits until a feature of ours has that status on our public page.
func (s *story) feature(name, status string) {
	s.Helper()
	s.hold(s.world.Public.Wait(s.ctx, name+" that is "+status, func() bool { return s.world.Public.Status(name) == status }))
}

// ends heals the partner and waits until the incident is over in the channel, in Jira and at the pager.
func (i *incident) ends(partner string) {
	i.Helper()
	i.heals(partner)
	i.shows("again after")
	i.ticket("resolved", status("Resolved"))
	i.hold(i.world.Pager.Wait(i.ctx, "nobody called", func() bool {
		return !slices.ContainsFunc(i.world.Pager.Open(), func(a pagerduty.Alert) bool { return idOf(a.Key) == i.id })
	}))
}
