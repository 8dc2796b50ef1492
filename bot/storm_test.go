package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// raging is a storm of so many partners, of which some are over.
func raging(count, over int) incidents.Incident {
	i := incidents.Incident{ID: "sparky-storm-1", Kind: incidents.KindStorm, Name: "Several partners", State: incidents.StateOpen, Outage: 1,
		Opened: at(10, 14), Since: at(10, 12), Storm: &incidents.Storm{Began: at(10, 14)},
		Page: incidents.Page{Wanted: incidents.PageTriggered, Done: incidents.PageTriggered}}
	for n := range count {
		m := incidents.Member{Incident: fmt.Sprint("sparky-p-", n), Name: fmt.Sprintf("Partner <%d>", n), State: incidents.StateOpen, Word: incidents.Unclear,
			Lean: incidents.LeanTheirs, Key: fmt.Sprintf("ECO-%d", n), URL: "https://acme.atlassian.example/browse/ECO", Wakes: true, Apart: n < 5}
		if n < over {
			m.State = incidents.StateRecovered
		}
		i.Storm.Members = append(i.Storm.Members, m)
	}
	return i
}

// drawnOf is the message of an incident, whole.
func drawnOf(t *testing.T, i incidents.Incident) string {
	t.Helper()
	encoded, err := json.Marshal(render(cardReply(i, cardNow, true)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("\u200b", "", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(encoded))
}

func TestWhatIsLeftOfAStormIsToldInGrammar(t *testing.T) {
	over := func(i incidents.Incident) incidents.Incident {
		i.State = incidents.StateRecovered
		return i
	}
	const those = "partners that failed at about the same time"
	for want, i := range map[string]incidents.Incident{
		"1 of 8 " + those + " still fails":              raging(8, 7),
		"2 of 8 " + those + " still fail":               raging(8, 6),
		"1 of several " + those + " still fails":        raging(1, 0), // the others left it
		"1 of 8 " + those + " works again":              over(raging(8, 1)),
		"The last of several " + those + " works again": over(raging(1, 1)),
	} {
		if got := stormSubject(i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTheMessageOfAStorm(t *testing.T) {
	taken := raging(8, 1)
	taken.State, taken.Acknowledged = incidents.StateAcknowledged, &incidents.Deed{By: "U0ONCALL01", At: at(10, 20)}
	taken.Storm.Members[7].State, taken.Storm.Members[7].By = incidents.StateAcknowledged, "U0ONCALL01"
	ended := raging(8, 8)
	ended.State, ended.Ended = incidents.StateRecovered, at(10, 24)
	ended.Page.Wanted = incidents.PageResolved
	partly := raging(8, 7)
	partly.Storm.Members[7].State, partly.State, partly.Ended = incidents.StateClosed, incidents.StateRecovered, at(10, 24)
	ours := raging(2, 0)
	for n := range ours.Storm.Members {
		ours.Storm.Members[n].State = incidents.StateFolded
	}
	ours.State, ours.Ended = incidents.StateRecovered, at(10, 24)
	for name, test := range map[string]struct {
		i     incidents.Incident
		has   []string
		lacks []string
	}{
		"it rages": {raging(8, 0), []string{"❌ *8 partners fail at about the same time*, since", "on-call was paged", "*Partner &lt;7&gt;*: unclear, looks like theirs",
			"/ECO|ECO-7>", "in this thread", "the messages of the first 5 stand in the channel", "Acknowledge takes all", `"value":"1:ack sparky-storm-1"`}, []string{"Probe again", "Verdict"}},
		"some are over": {raging(8, 3), []string{"5 of 8 partners that failed at about the same time still fail", "Partner &lt;0&gt;: works again"}, nil},
		"taken":         {taken, []string{"<@U0ONCALL01> has it", "Acknowledged by <@U0ONCALL01>"}, []string{"Acknowledge takes", `"value":"1:ack`}},
		"over":          {ended, []string{"✅ *All 8 partners that failed at about the same time work again* after 12 min"}, []string{"still fail", `"value":"1:ack`, "on-call was"}},
		"one by hand":   {partly, []string{"7 of 8 partners", "closed by hand"}, nil},
		"our network":   {ours, []string{"it was our own network"}, nil},
	} {
		got := drawnOf(t, test.i)
		for _, words := range test.has {
			if !strings.Contains(got, words) {
				t.Errorf("%s lacks %q: %s", name, words, got)
			}
		}
		for _, words := range test.lacks {
			if strings.Contains(got, words) {
				t.Errorf("%s has %q: %s", name, words, got)
			}
		}
	}
}

func TestAGreatStormFitsAMessage(t *testing.T) {
	i := raging(400, 0)
	drawn := render(cardReply(i, cardNow, true))
	if len(drawn.Blocks) > maxMessageBlocks || !strings.Contains(drawnOf(t, i), "and 370 more") || !strings.Contains(drawnOf(t, i), "Acknowledge") {
		t.Errorf("%d blocks: %s", len(drawn.Blocks), drawnOf(t, i))
	}
	if line := CallLine(i); !strings.HasPrefix(line, "400 partners fail at about the same time, since") || strings.Contains(line, "finding out") {
		t.Errorf("who is called reads %q", line)
	}
}

// tray is a morning of these payloads.
func tray(t *testing.T, all ...any) changes.Morning {
	t.Helper()
	m := changes.Morning{Day: "2027-03-01"}
	for n, one := range all {
		kind := ""
		switch one.(type) {
		case incidents.Warning:
			kind = incidents.EffectWarning
		case changes.SourceNotice:
			kind = changes.EffectNotice
		case changes.Digest:
			kind = changes.EffectDigest
		}
		m.Items = append(m.Items, changes.MorningItem{Key: fmt.Sprint(n), Kind: kind, At: at(2, n), Payload: encodedJSON(t, one)})
	}
	return m
}

func TestAMorningIsSortedByPartner(t *testing.T) {
	m := tray(t,
		incidents.Warning{Partner: "snow", Name: "ServiceNow", Text: "p95 is 3 s"},
		changes.Digest{Partner: "okta", Name: "Okta", Items: []changes.Item{{Title: "A fix for <!here>", Link: "https://okta.example/1", Kinds: []changes.Kind{changes.Fix}}},
			Folded: map[changes.Kind]int{changes.New: 3}},
		incidents.Warning{Partner: "snow", Name: "ServiceNow", Text: "calls are made again", Over: true},
		changes.SourceNotice{Partner: "snow", Name: "ServiceNow", Source: "https://snow.example/feed", Problem: "it is gone", Since: at(1, 0)},
		changes.SourceNotice{Partner: "okta", Name: "Okta", Source: "https://okta.example/feed", Since: at(1, 0), Until: at(4, 0)})
	m.Items = append(m.Items, changes.MorningItem{Kind: "slack.tomorrow", Payload: []byte(`{}`)}, changes.MorningItem{Kind: incidents.EffectWarning, Payload: []byte(`"`)})
	reply := morningReply(m, cardNow)
	if want := "What could wait until this morning. ServiceNow: 2 warnings, 1 changelog that could not be read; Okta: 1 changelog that could not be read, 4 announcements."; reply.Text != want {
		t.Errorf("a notification reads %q", reply.Text)
	}
	var headings []string
	for _, part := range reply.Sections {
		headings = append(headings, part.Heading)
	}
	if len(headings) != 3 || !strings.HasPrefix(headings[0], "ServiceNow: 2 warnings") || !strings.HasPrefix(headings[1], "Okta: ") {
		t.Errorf("the headings are %q", headings)
	}
	encoded := string(encodedJSON(t, render(reply).Blocks))
	for _, words := range []string{"p95 is 3 s", "calls are made again", "it is gone", "could not be read for 3 h, and is read again", "/sparky changelog okta", "Nothing of this called anybody."} {
		if !strings.Contains(encoded, words) {
			t.Errorf("%q is not in %s", words, encoded)
		}
	}
	if strings.Contains(encoded, "<!here>") || strings.Contains(encoded, `\u003c!here\u003e`) {
		t.Errorf("it calls everybody: %s", encoded)
	}
}

func TestAGreatMorningFitsAMessage(t *testing.T) {
	var all []any
	for n := range 200 {
		all = append(all, incidents.Warning{Partner: fmt.Sprint(n % 60), Name: fmt.Sprint("Partner ", n%60), Text: strings.Repeat("slow ", 60)})
	}
	m := tray(t, all...)
	m.More = 12
	drawn := render(morningReply(m, cardNow))
	if len(drawn.Blocks) > maxMessageBlocks || size(drawn.Text) > maxFallback {
		t.Errorf("%d blocks, %d units", len(drawn.Blocks), size(drawn.Text))
	}
	if !strings.Contains(drawn.Text, "and 56 partners more") {
		t.Errorf("reads %q", drawn.Text)
	}
}

func TestAReminderThatComesTooLateIsNotSaid(t *testing.T) {
	const id = "sparky-okta-1"
	for name, test := range map[string]struct {
		in   incidents.Incident
		said int
	}{
		"still open": {incidents.Incident{ID: id, State: incidents.StateOpen, Page: incidents.Page{Wanted: incidents.PageTriggered}}, 1},
		"one of several": {incidents.Incident{ID: id, State: incidents.StateOpen, Page: incidents.Page{Wanted: incidents.PageTriggered}, Events: []incidents.Event{
			{At: cardNow.Add(-time.Hour), Kind: incidents.EventReminded}, {At: cardNow.Add(-time.Minute), Kind: incidents.EventReminded}}}, 0},
		"the newest of several": {incidents.Incident{ID: id, State: incidents.StateOpen, Page: incidents.Page{Wanted: incidents.PageTriggered}, Events: []incidents.Event{
			{At: cardNow.Add(-2 * time.Hour), Kind: incidents.EventReminded}, {At: cardNow.Add(-time.Hour), Kind: incidents.EventReminded}}}, 1},
		"acknowledged": {incidents.Incident{ID: id, State: incidents.StateAcknowledged, Page: incidents.Page{Wanted: incidents.PageAcknowledged}}, 0},
		"over":         {incidents.Incident{ID: id, State: incidents.StateRecovered, Page: incidents.Page{Wanted: incidents.PageResolved}}, 0},
	} {
		f := newFakeSlack(t)
		threads := Threads(NewPoster(f.api(), f.logger()), archive{id: test.in})
		line := incidents.ThreadLine{Incident: id, Channel: "C1", TS: "1.1", Mention: "S0ONCALL", Event: incidents.Event{At: cardNow.Add(-time.Hour), Kind: incidents.EventReminded, Text: "Nobody"}}
		if _, err := threads.Do(t.Context(), "thread/1", encodedJSON(t, line), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(f.called("chat.postMessage")); n != test.said {
			t.Errorf("%s: %d messages", name, n)
		}
		if _, found, err := threads.Find(t.Context(), "thread/1", encodedJSON(t, line)); test.said == 0 && (!found || err != nil) {
			t.Errorf("%s: it is looked for, %v, %v", name, found, err)
		}
	}
}

func TestWhatPagesOrTakesLongAsksFirst(t *testing.T) {
	quiet := known(external())
	for _, b := range verdictButtons(quiet, cardNow) {
		if b.Label == "It's ours" && b.Confirm == "" {
			t.Error("calling somebody does not ask first")
		}
	}
	for _, b := range verdictButtons(paged(known(external())), cardNow) {
		if b.Confirm != "" {
			t.Errorf("%s asks although everybody is called already", b.Label)
		}
	}
	for name, c := range map[string]struct {
		change func(*incidents.Incident)
		asks   bool
	}{
		"customers may be told":         {func(*incidents.Incident) {}, true},
		"nothing of ours is affected":   {func(i *incidents.Incident) { i.Affects = nil }, false},
		"a publisher was asked already": {func(i *incidents.Incident) { i.Post.State = incidents.PostProposed }, false},
		"customers were told last time": {func(i *incidents.Incident) {
			i.Post.State, i.Outage = incidents.PostResolved, 2
		}, true},
	} {
		i := changed(cardStates()["internal-paged"], c.change)
		if b := verdictButtons(i, cardNow)[0]; b.Label != "It's theirs" || (b.Confirm != "") != c.asks {
			t.Errorf("%s: %+v", name, b)
		}
	}
	for _, b := range tryButtons("snow", []changes.Item{{Version: "v3"}}) {
		if b.Confirm == "" {
			t.Error("a run does not ask first")
		}
	}
}
