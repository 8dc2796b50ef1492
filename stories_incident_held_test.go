package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/all"
	"sparky/store"
)

// judgeAll holds what is remembered against what stands in every other system: each incident and each effect once, all
// of it closed, and none missing. It returns what it held, in words.
func (k *siege) judgeAll() string {
	k.Helper()
	memory, err := store.Open(k.ctx, k.config.Store.URL, store.Options{})
	k.hold(err)
	defer func() { k.hold(memory.Close()) }()
	found, err := memory.Incidents(k.ctx, false, time.Time{})
	k.hold(err)
	troubles, err := memory.Troubles(k.ctx)
	k.hold(err)
	if len(troubles) > 0 {
		k.Errorf("in trouble: %+v", troubles)
	}
	outages := k.judgeIncidents(found)
	litter := k.judgeLitter()
	lines, comments := len(k.effects(incidents.EffectThread)), len(k.effects(incidents.EffectComment))
	return fmt.Sprintf("%d incidents with %d outages, each ticket and card once, %d lines, %d comments, %d pages to on-call, %d public incidents with %d mails, %d records of killed probes cleaned up",
		len(found), outages, lines, comments, len(k.world.Pager.Alerts()), len(k.world.Public.Incidents()), len(k.world.Public.Mails()), litter)
}

// judgeIncidents holds each incident against its ticket, its card, its pages and its public post. It returns how many
// outages there were.
func (k *siege) judgeIncidents(found []incidents.Incident) int {
	k.Helper()
	outages := 0
	for _, in := range found {
		if in.Kind != incidents.KindProbe && !(k.cutOff && in.Kind == incidents.KindNetwork) || in.State != incidents.StateRecovered {
			k.Errorf("%s is of kind %s and %s", in.ID, in.Kind, in.State)
		}
		outages += in.Outage
		for _, what := range []string{"ticket ", "page ", "post "} {
			k.wanted[what+in.ID] = true
		}
		k.judgeTicket(in)
		k.judgeCard(in)
		k.judgePost(in)
	}
	if outages != k.rounds {
		k.Errorf("%d outages are known of %d that were seen", outages, k.rounds)
	}
	if issues := len(k.world.Jira.Issues()); issues != len(found) {
		k.Errorf("%d tickets for %d incidents", issues, len(found))
	}
	k.judgePages(found)
	k.judgeComponents()
	return outages
}

// effects are the payloads of all that was recorded of a kind, by their keys.
func (k *siege) effects(kind string) map[string]string {
	k.Helper()
	rows, err := k.memory.QueryContext(k.ctx, `select key, payload from effects where kind = $1`, kind)
	k.hold(err)
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var key, payload string
		k.hold(rows.Scan(&key, &payload))
		all[key] = payload
	}
	k.hold(rows.Err())
	return all
}

// judgeTicket holds that the incident has one ticket, by its label, which is closed and says everything once.
func (k *siege) judgeTicket(in incidents.Incident) {
	k.Helper()
	labelled := slices.DeleteFunc(k.world.Jira.Issues(), func(i jira.Issue) bool { return !slices.Contains(i.Labels, in.ID) })
	if len(labelled) != 1 || labelled[0].Key != in.Ticket.Key || labelled[0].Category != "done" {
		k.Errorf("%s, %s, with ticket %+v has these:", in.ID, in.State, in.Ticket)
		for _, i := range labelled {
			k.Errorf("%s, %s: %s", i.Key, i.Status, strings.Join(i.Moves, ", "))
		}
		return
	}
	var want, got []string
	for key, payload := range k.effects(incidents.EffectComment) {
		if strings.HasPrefix(key, in.ID+"/") {
			var c incidents.Comment
			k.hold(json.Unmarshal([]byte(payload), &c))
			want = append(want, bare(k.named(c.Text)))
		}
	}
	for _, c := range labelled[0].Comments {
		got = append(got, bare(c.Text))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		k.Errorf("the comments of %s are\n%s\nand should be\n%s", in.Ticket.Key, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	told := 0
	for _, e := range in.Events {
		if incidents.CommentText(e, in) != "" {
			told++
		}
	}
	if told != len(want) {
		k.Errorf("%s has %d comments for %d events", in.Ticket.Key, len(want), told)
	}
}

// named is a text as Jira is told it: what is recorded has people by their ids in Slack, what is said by their names.
func (s *story) named(text string) string {
	for _, u := range s.slack.Users() {
		text = strings.ReplaceAll(text, u.ID+" in Slack", u.Name+" in Slack")
	}
	return text
}

// bare is a text without its layout, which Jira keeps in another form.
func bare(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "- ", " ")), "")
}

// judgeCard holds that the incident has one card, with each line in its thread once.
func (k *siege) judgeCard(in incidents.Incident) {
	k.Helper()
	lines := map[string]int{}
	for _, m := range k.slack.Messages(slack.Alerts) {
		key := effectKey(m)
		of, what, _ := strings.Cut(key, "/")
		switch {
		case of != in.ID:
			continue
		case what == "card":
			lines[key]++
		case m.ThreadTS == in.Card.TS:
			lines[key]++
		}
		k.read[m.TS] = true
	}
	if lines[in.ID+"/card"] != 1 {
		k.Errorf("%s has %d cards", in.ID, lines[in.ID+"/card"])
	}
	for n, e := range in.Events {
		key := fmt.Sprintf("%s/thread/%d", in.ID, n)
		want := 1
		if verdict := e.Kind == incidents.EventVerdict || e.Kind == incidents.EventAmended; e.Quiet ||
			verdict && n+1 < len(in.Events) && in.Events[n+1].Kind == incidents.EventPaged && in.Events[n+1].At.Equal(e.At) {
			want = 0 // the line that calls on-call says it
		}
		if e.Kind == incidents.EventReminded && lines[key] == 0 {
			continue // it came too late to be of use: somebody has it, or it is over
		}
		if lines[key] != want {
			k.Errorf("%q stands %d times in the thread of %s", e.Text, lines[key], in.ID)
		}
	}
}

// judgePost holds that customers were told of the incident in one place, each thing once, and that it is over.
func (k *siege) judgePost(in incidents.Incident) {
	k.Helper()
	for _, public := range k.world.Public.Incidents() {
		if !strings.Contains(string(public.Metadata), in.ID) {
			continue
		}
		if public.ID != in.Post.ID || public.Resolved.IsZero() {
			k.Errorf("%s, known as %q, stands on our page as %s and is %s", in.ID, in.Post.ID, public.ID, public.Status)
		}
		var want, got []string
		for _, u := range in.Post.Updates {
			want = append(want, u.Phase+" "+u.Text)
		}
		for _, u := range slices.Backward(public.Updates) {
			got = append(got, u.Status+" "+u.Body)
		}
		if !slices.Equal(want, got) {
			k.Errorf("our page says of %s\n%s\nand should say\n%s", in.ID, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if newest := public.Updates[0]; !newest.Mailed {
			k.Errorf("nobody was told that %s is over", in.ID)
		}
	}
	mails := map[string]int{}
	for _, m := range k.world.Public.Mails() {
		key := fmt.Sprintf("%d %s", m.To, m.Text)
		if strings.Contains(m.Incident, in.Post.ID) && in.Post.ID != "" {
			key = fmt.Sprintf("%s, of %s", key, m.Update)
			mails[key]++
		}
	}
	for mail, n := range mails {
		if n > 1 {
			k.Errorf("%d mails to %s", n, mail)
		}
	}
}

// judgePages holds that somebody was called at most once for each outage that is known, and let sleep again.
func (k *siege) judgePages(found []incidents.Incident) {
	k.Helper()
	outages := map[string]bool{}
	for _, in := range found {
		for n := range in.Outage {
			outages[fmt.Sprintf("%s/%d", in.ID, n+1)] = true
		}
	}
	seen := map[string]bool{}
	for _, a := range k.world.Pager.Alerts() {
		last := a.Log[len(a.Log)-1]
		if !outages[a.Key] || seen[a.Key] || a.Calls != 1 || a.State != pagerduty.Resolved || a.Log[0].Action != "trigger" || last.Action != "resolve" {
			k.Errorf("a page: %+v", a)
		}
		seen[a.Key] = true
	}
	if len(seen) < k.paging {
		k.Errorf("%d pages, of which %d were seen", len(seen), k.paging)
	}
}

func (k *siege) judgeComponents() {
	k.Helper()
	for _, c := range k.world.Public.Components() {
		if c.Status != "operational" {
			k.Errorf("%s is still %s on our page", c.Name, c.Status)
		}
	}
	public := map[string]bool{}
	for _, i := range k.world.Public.Incidents() {
		if public[string(i.Metadata)] {
			k.Errorf("customers are told twice of %s", i.Metadata)
		}
		public[string(i.Metadata)] = true
	}
}

// judgeLitter holds that what killed probes left in ServiceNow is found and closed by those that come after them. A run
// takes for litter only what is older than five minutes by ServiceNow's clock, so it is run when that says so.
func (k *siege) judgeLitter() int {
	k.Helper()
	left := len(k.world.Partners.OpenTickets())
	if left > len(k.kills) {
		k.Errorf("%d open records in ServiceNow after %d kills", left, len(k.kills))
	}
	for _, p := range k.config.Partners {
		if p.ID != vendors.ServiceNow {
			continue
		}
		client := httpcall.New(httpcall.Options{Retries: -1, Transport: later{http.DefaultTransport}})
		probe, err := all.New(p.Probes[0], client.With("later", authOf(p.Probes[0].Auth)))
		k.hold(err)
		for range left {
			k.runProbe(probe)
		}
	}
	if open := k.world.Partners.OpenTickets(); len(open) > 0 {
		k.Errorf("left behind in ServiceNow: %+v", open)
	}
	return left
}

func (k *siege) runProbe(probe partners.Probe) {
	k.Helper()
	_, err := probe(k.ctx)
	k.hold(err)
}

// later is a network on which the others' clocks are six minutes ahead of ours.
type later struct{ http.RoundTripper }

// RoundTrip makes the call.
func (l later) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Header.Set("Date", time.Now().Add(6*time.Minute).UTC().Format(http.TimeFormat))
	}
	return answer, err
}
