package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sparky/bot"
	"sparky/changes"
	"sparky/fixtures/world/pagerduty"
	"sparky/incidents"
)

// havoc is what a case of the chaos test came to.
type havoc struct {
	name     string
	kills    int
	took     time.Duration
	storm    map[string]int
	kinds    map[string]*deeds // by kind of effect
	pending  int               // effects that still rest after a kill, in the short form
	takeover []time.Duration
}

// deeds are how the effects of one kind stand outside. What is moot stands nowhere, and need not: nobody is called for an
// outage that was over before PagerDuty could be reached.
type deeds struct{ recorded, once, moot, lost, doubled, stale, unrecorded int }

// tally counts in every other system what stands there of each effect that is recorded.
func (k *chaos) tally() havoc {
	k.Helper()
	t := havoc{name: k.name, kills: k.killed, took: time.Since(k.began), storm: k.storm.did, kinds: map[string]*deeds{}, takeover: k.takeover}
	done := k.recorded()
	for kind, keys := range done {
		t.kinds[kind] = &deeds{recorded: len(keys)}
		for _, is := range keys {
			if !is {
				t.pending++
			}
		}
	}
	k.countMessages(&t, done)
	k.countTickets(&t, done)
	k.countComments(&t, done)
	k.countPages(&t, done)
	k.countPosts(&t, done)
	k.countRuns(&t, done)
	for kind, c := range t.kinds {
		if c.lost+c.doubled+c.stale+c.unrecorded > 0 {
			k.Errorf("%s: %+v\n%s", kind, *c, k.waiting())
		}
	}
	for key, payload := range k.effects(bot.EffectTrouble) {
		k.Logf("people were told of trouble, %s: %s", key, payload)
	}
	if k.whole && t.pending > 0 {
		k.Errorf("%d effects are not done:\n%s", t.pending, k.waiting())
	}
	return t
}

// recorded are the keys of all effects by their kind, each with whether it is done.
func (k *chaos) recorded() map[string]map[string]bool {
	k.Helper()
	rows, err := k.memory.QueryContext(k.ctx, `select key, kind, state from effects`)
	k.hold(err)
	defer rows.Close()
	done := map[string]map[string]bool{}
	for rows.Next() {
		var key, kind, state string
		k.hold(rows.Scan(&key, &kind, &state))
		if done[kind] == nil {
			done[kind] = map[string]bool{}
		}
		done[kind][key] = state == "done"
	}
	k.hold(rows.Err())
	return done
}

// stands counts one effect that stands so many times outside.
func (c *deeds) stands(times int, done bool) {
	switch {
	case times == 1:
		c.once++
	case times > 1:
		c.doubled++
	case done:
		c.lost++
	}
}

// countMessages counts Slack's messages by the keys of their effects.
func (k *chaos) countMessages(t *havoc, done map[string]map[string]bool) {
	k.Helper()
	stand := map[string]int{}
	for _, m := range k.story.posted() {
		if key := effectKey(m); key != "" {
			stand[key]++
		}
	}
	known := map[string]bool{}
	for kind, keys := range done {
		if !strings.HasPrefix(kind, "slack.") {
			continue
		}
		for key, is := range keys {
			known[key] = true
			t.kinds[kind].stands(stand[key], is)
			if stand[key] != 1 && is {
				k.Logf("%s stands %d times", key, stand[key])
			}
		}
	}
	for key := range stand {
		if !known[key] {
			k.Logf("a message that nobody recorded: %s", key)
			t.of("slack.card").unrecorded++
		}
	}
	for _, in := range k.known() {
		if m, ok := k.slack.Message(in.Card.Channel, in.Card.TS); ok && in.State == incidents.StateRecovered && done[incidents.EffectCard][in.ID+"/card"] {
			text := shown(m)
			if button := slices.Contains(strings.Split(text, "\n"), "Acknowledge"); button || !strings.Contains(m.Text, "again") {
				k.Logf("an old card of %s:\n%s", in.ID, text)
				t.of(incidents.EffectCard).stale++
			}
		}
	}
}

func (t *havoc) of(kind string) *deeds {
	if t.kinds[kind] == nil {
		t.kinds[kind] = &deeds{}
	}
	return t.kinds[kind]
}

// known are all incidents.
func (k *chaos) known() []incidents.Incident {
	k.Helper()
	return remembered[incidents.Incident](k, `select body from incidents order by opened_ms`)
}

// remembered are decoded bodies.
func remembered[T any](k *chaos, query string) []T {
	k.Helper()
	rows, err := k.memory.QueryContext(k.ctx, query)
	k.hold(err)
	defer rows.Close()
	var all []T
	for rows.Next() {
		var body string
		var one T
		k.hold(rows.Scan(&body))
		k.hold(json.Unmarshal([]byte(body), &one))
		all = append(all, one)
	}
	k.hold(rows.Err())
	return all
}

// countTickets counts issues by the label that names their incident, and those that show another state than it.
func (k *chaos) countTickets(t *havoc, done map[string]map[string]bool) {
	k.Helper()
	stand, open := map[string]int{}, map[string]bool{}
	for _, issue := range k.world.Jira.Issues() {
		id := idOf(issue.Labels...)
		stand[id]++
		open[id] = issue.Category != "done"
	}
	for key, is := range done[incidents.EffectTicket] {
		t.of(incidents.EffectTicket).stands(stand[strings.TrimSuffix(key, "/ticket")], is)
	}
	for _, in := range k.known() {
		if in.State == incidents.StateRecovered && open[in.ID] && done[incidents.EffectTicket][in.ID+"/ticket"] {
			t.of(incidents.EffectTicket).stale++
		}
	}
}

// countComments compares what each ticket says with what was to be said in it.
func (k *chaos) countComments(t *havoc, done map[string]map[string]bool) {
	k.Helper()
	stand, want, rests := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, issue := range k.world.Jira.Issues() {
		for _, c := range issue.Comments {
			stand[issue.Key+" "+bare(c.Text)]++
		}
	}
	for key, payload := range k.effects(incidents.EffectComment) {
		var c incidents.Comment
		k.hold(json.Unmarshal([]byte(payload), &c))
		what := c.Ticket + " " + bare(k.named(c.Text))
		want[what]++
		rests[what] = rests[what] || !done[incidents.EffectComment][key]
	}
	c := t.of(incidents.EffectComment)
	for what, n := range want {
		c.once += min(n, stand[what])
		c.doubled += max(stand[what]-n, 0)
		if !rests[what] {
			c.lost += max(n-stand[what], 0)
		}
	}
	for what, n := range stand {
		if want[what] == 0 {
			k.Logf("a comment that nobody recorded: %s", what)
			c.unrecorded += n
		}
	}
}

// countPages counts the calls of on-call by outage. An outage that was over before it was known what came of the first
// attempt calls nobody, which is none lost.
func (k *chaos) countPages(t *havoc, done map[string]map[string]bool) {
	k.Helper()
	c := t.of(incidents.EffectPage)
	seen, ended := map[string]int{}, map[string]bool{}
	for _, in := range k.known() {
		ended[in.ID] = in.State == incidents.StateRecovered
	}
	for _, a := range k.world.Pager.Alerts() {
		seen[a.Key] += a.Calls
		id, outage, _ := strings.Cut(a.Key, "/")
		is, known := done[incidents.EffectPage][id+"/page/"+outage]
		if !known {
			c.unrecorded++
		}
		if is && ended[id] && a.State != pagerduty.Resolved {
			c.stale++
		}
	}
	for key := range done[incidents.EffectPage] {
		id, outage, _ := strings.Cut(key, "/page/")
		c.stands(seen[id+"/"+outage], false)
		if ended[id] && seen[id+"/"+outage] == 0 {
			c.moot++
		}
	}
}

// countPosts counts what stands on our public page by the incident, and compares its words.
func (k *chaos) countPosts(t *havoc, done map[string]map[string]bool) {
	k.Helper()
	c := t.of(incidents.EffectPost)
	byID := map[string]incidents.Incident{}
	for _, in := range k.known() {
		byID[in.ID] = in
	}
	stand := map[string]int{}
	for _, public := range k.world.Public.Incidents() {
		id := idOf(string(public.Metadata))
		stand[id]++
		is, known := done[incidents.EffectPost][id+"/post"]
		if !known {
			c.unrecorded++
		}
		var want, got []string
		for _, u := range byID[id].Post.Updates {
			want = append(want, u.Phase+" "+u.Text)
		}
		for _, u := range slices.Backward(public.Updates) {
			got = append(got, u.Status+" "+u.Body)
		}
		if is && !slices.Equal(want, got) {
			k.Logf("our page says of %s\n%q\nand should say\n%q", id, got, want)
			c.stale++
		}
	}
	for key := range done[incidents.EffectPost] {
		c.stands(stand[strings.TrimSuffix(key, "/post")], false)
	}
	if done[incidents.EffectComponents]["public/components"] {
		for _, component := range k.world.Public.Components() {
			if k.whole && component.Status != "operational" {
				t.of(incidents.EffectComponents).stale++
			}
		}
		t.of(incidents.EffectComponents).once = 1
	}
}

// countRuns counts the workflow runs by the compatibility run that asked for them.
func (k *chaos) countRuns(t *havoc, done map[string]map[string]bool) {
	k.Helper()
	c := t.of(changes.EffectDispatch)
	stand := map[string]int{}
	for _, r := range k.world.Actions.Runs() {
		stand[r.Inputs["request_id"]]++
	}
	for key, is := range done[changes.EffectDispatch] {
		id := strings.TrimSuffix(key, "/dispatch")
		c.stands(stand[id], is)
		delete(stand, id)
	}
	c.unrecorded += len(stand)
	c = t.of(changes.EffectTrial)
	c.once = c.recorded // told within Sparky itself, where telling it again changes nothing
}
