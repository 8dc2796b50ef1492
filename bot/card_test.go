package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sparky/commands"
	"sparky/incidents"
	"sparky/partners"
)

func shownCard(t *testing.T, i incidents.Incident) string {
	t.Helper()
	return shownReply(t, cardReply(i, cardNow, true))
}

// shownReply is a reply as Slack would be given it.
func shownReply(t *testing.T, reply commands.Reply) string {
	t.Helper()
	d := render(reply)
	checkMessage(t, d, false)
	return shownMessage(t, d)
}

// shownMessage is a message as text: the notification, then its blocks, buttons as [Label: command].
func shownMessage(t *testing.T, drawn drawn) string {
	t.Helper()
	raw := encodedJSON(t, drawn.Blocks)
	var blocks []map[string]any
	if err := json.Unmarshal(raw, &blocks); err != nil {
		t.Fatal(err)
	}
	lines := []string{drawn.Text, ""}
	for _, b := range blocks {
		if b["type"] == "actions" {
			lines = append(lines, shownButtonsOf(b))
			continue
		}
		if b["type"] == "context" {
			lines = append(lines, "(small)")
		}
		lines = append(lines, textsIn(b)...)
		lines = append(lines, "")
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), indentation, "  • ") + "\n"
}

func shownButtonsOf(block map[string]any) string {
	var shown []string
	for _, e := range block["elements"].([]any) {
		element := e.(map[string]any)
		style, _ := element["style"].(string)
		if options, menu := element["options"].([]any); menu {
			var labels []string
			for _, o := range options {
				option := o.(map[string]any)
				labels = append(labels, option["text"].(map[string]any)["text"].(string)+": "+option["value"].(string))
			}
			shown = append(shown, "[... | "+strings.Join(labels, " | ")+"]")
			continue
		}
		if _, asks := element["confirm"]; asks {
			style = strings.TrimSpace(style + " asks first,")
		}
		shown = append(shown, "["+style+" "+element["text"].(map[string]any)["text"].(string)+": "+element["value"].(string)+"]")
	}
	return strings.ReplaceAll(strings.Join(shown, " "), "[ ", "[") + "\n"
}

func TestTheFirstLineSaysWhatIsWrongAndWhoseItIs(t *testing.T) {
	for name, want := range map[string]string{
		"opened":               "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — I am finding out whose it is",
		"external":             "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — theirs: their page reports “Degraded API”; nobody is woken",
		"planned":              "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — theirs: planned maintenance until 1 Mar 12:00 UTC; nobody is woken",
		"internal-paged":       "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — looks like theirs, not announced yet; on-call was paged",
		"internal-throttled":   "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — ours: they ask us to slow down; nobody is woken",
		"internal-auth":        "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — ours: our credentials are refused; on-call was paged",
		"unclear":              "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — unclear, looks like theirs: their page cannot be read; on-call was paged",
		"no-status-page":       "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — unclear, looks like theirs: they have no status page that I know; on-call was paged",
		"network":              "Our own network looks down, since 1 Mar 10:15 UTC — ours: no partner is to blame; on-call was paged",
		"acknowledged":         "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — looks like theirs, not announced yet; somebody has it",
		"overruled":            "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — theirs, says somebody; the call to on-call has ended",
		"recovered":            "ServiceNow: incident-creation works again after 23 min — it was theirs",
		"closed-while-failing": "ServiceNow: incident-creation still fails, since 1 Mar 10:14 UTC — closed by Ada Osei",
		"reopened":             "ServiceNow: incident-creation fails again, since 1 Mar 10:31 UTC — looks like theirs, not announced yet; on-call was paged",
		"folded":               "ServiceNow: incident-creation fails — part of another incident now",
		"already-failing":      "ServiceNow: incident-creation fails, since before 1 Mar 10:14 UTC — theirs: their page reports “Degraded API”; nobody is woken",
		"many-probes":          "ServiceNow: 10 probes fail, since 1 Mar 10:14 UTC — looks like theirs, not announced yet; on-call was paged",
	} {
		if got := words(headline(cardStates()[name])); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestCallLine(t *testing.T) {
	for name, want := range map[string]string{
		"internal-paged": "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — looks like theirs, not announced yet; affects Ticket sync",
		"no-status-page": "ServiceNow: incident-creation fails, since 1 Mar 10:14 UTC — unclear, looks like theirs: they have no status page that I know; affects Ticket sync",
		"network":        "Our own network looks down, since 1 Mar 10:15 UTC — ours: no partner is to blame",
	} {
		if got := CallLine(cardStates()[name]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

// Every reason that a verdict can have says something of its own, whatever its word.
func TestEveryReasonHasItsWords(t *testing.T) {
	reasons := []incidents.Reason{incidents.ReasonAnnounced, incidents.ReasonPlanned, incidents.ReasonCredentials, incidents.ReasonRights,
		incidents.ReasonRequest, incidents.ReasonCertificate, incidents.ReasonThrottled, incidents.ReasonNetwork, incidents.ReasonShared,
		incidents.ReasonNotAnnounced, incidents.ReasonNeverWorked, incidents.ReasonOurChange, incidents.ReasonOurs, incidents.ReasonPageUnread, incidents.ReasonProbe}
	for word, starts := range map[incidents.Word][]string{
		incidents.External: {"theirs"}, incidents.Internal: {"ours", "looks like theirs"}, incidents.Unclear: {"unclear"}} {
		seen := map[string]incidents.Reason{}
		for _, reason := range reasons {
			v := incidents.Verdict{Word: word, Reason: reason}
			said, was := wordsOf(whose(v)), wordsOf(wasWhose(v))
			if other, twice := seen[said]; twice {
				t.Errorf("%s %s reads like %s: %s", word, reason, other, said)
			}
			seen[said] = reason
			begins := false
			for _, start := range starts {
				begins = begins || strings.HasPrefix(said, start)
			}
			if !begins || was == "" {
				t.Errorf("%s, %s: %q, later %q", word, reason, said, was)
			}
		}
	}
}

func wordsOf(pieces []commands.Piece) string {
	var words string
	for _, p := range pieces {
		words += p.Text
	}
	return words
}

func TestASlowOrNamelessFailureReadsWell(t *testing.T) {
	i := opened()
	i.Probes[0].Last.Class = partners.FailSlow
	if got := subject(i); got != "ServiceNow: incident-creation is too slow" {
		t.Error(got)
	}
	i.Probes = nil
	if got := subject(i); got != "ServiceNow: a probe fails" {
		t.Error(got)
	}
	i.State, i.Ended, i.Since = incidents.StateRecovered, at(10, 14), at(10, 14)
	if got := words(headline(i)); got != "ServiceNow: a probe works again after a few seconds — it was over before I knew whose it was" {
		t.Error(got)
	}
}

// What stands in a card from outside is text, however hostile, and never pushes the buttons out.
func TestAHostileCardMentionsNobodyAndKeepsItsButtons(t *testing.T) {
	for _, text := range append(hostile(), strings.Repeat("<&>", 2000), strings.Repeat("long ", 2000)) {
		i := known(external())
		i.Name, i.Affects, i.PageURL, i.Owner.Team = text, []string{text, text}, "https://a.example/"+text, text
		i.Ticket = incidents.Ticket{Key: text, URL: "https://a.example/" + text, Status: text, Assignee: text}
		i.Probes = nil
		for range 12 {
			i.Probes = append(i.Probes, failing(text, partners.FailServer, text))
		}
		i.Verdict.Says, i.Verdict.Would, i.Verdict.Missing, i.Verdict.Announced.Name = text, text, []string{text, text}, text
		i.Verdict.Points = nil
		for range 12 {
			i.Verdict.Points = append(i.Verdict.Points, incidents.Point{Text: text, Link: "https://a.example/" + text})
		}
		i.Acknowledged, i.Closed = &incidents.Deed{By: text, At: at(10, 20)}, &incidents.Deed{By: text, At: at(10, 20)}
		i.Post = incidents.Post{State: incidents.PostProposed, By: text, Updates: []incidents.PostUpdate{{Title: text, Text: text}}}
		got := shownCard(t, i)
		for _, active := range []string{"<!channel", "<!here", "<!everyone", "<@", "<#", "<!subteam"} {
			if strings.Contains(got, active) {
				t.Errorf("%.60q became active: %.300s", text, got)
			}
		}
		for _, label := range []string{"Acknowledge:", "Probe again:", "Mute 1h:", "It's ours:", "Publish:", "Don't publish:"} {
			if !strings.Contains(got, label) {
				t.Errorf("%.60q: no button %s", text, label)
			}
		}
	}
}

// What to do stands at the end of a problem, so the first one is shown whole.
func TestAProblemKeepsItsMend(t *testing.T) {
	i := cardStates()["internal-auth"]
	i.Probes[0].Last.Problem = strings.Repeat("our credentials were not accepted; ", 10) + "make a new token as a user that stays"
	i.Probes = append(i.Probes, incidents.Failing{Probe: "second", Last: i.Probes[0].Last})
	text := shownCard(t, i)
	if n := strings.Count(text, "as a user that stays"); n != 1 {
		t.Errorf("the mend is shown %d times:\n%s", n, text)
	}
}

func TestWhatWasRemovedIsNoRefusal(t *testing.T) {
	i := cardStates()["internal-auth"]
	i.Verdict.Reason, i.Verdict.Lean = incidents.ReasonRequest, incidents.LeanOurs
	for class, want := range map[partners.FailureClass]string{
		partners.FailGone: "ours: what we call was removed;", partners.FailNotFound: "ours: the address that we call is not there;",
		partners.FailRequest: "ours: they refuse our request;",
	} {
		i.Probes[0].Last.Class = class
		if line := words(headline(i)); !strings.Contains(line, want) {
			t.Errorf("%s: %s", class, line)
		}
	}
}

func TestAMuteThatIsOverIsNotShown(t *testing.T) {
	i := cardStates()["muted"]
	i.MutedUntil = cardNow.Add(-time.Minute)
	got := shownCard(t, i)
	if strings.Contains(got, "Muted") || !strings.Contains(got, "[Mute 1h: 1:mute servicenow 1h --while sparky-servicenow-") {
		t.Error(got)
	}
}

func TestPersonOf(t *testing.T) {
	for by, want := range map[string]commands.Piece{
		"U0OPERATOR": {Text: "somebody", Person: "U0OPERATOR"},
		"WSMITH":     {Text: "WSMITH"},
		"Ada Osei":   {Text: "Ada Osei"},
		" ":          {Text: "somebody"},
		"U1>":        {Text: "U1>"},
	} {
		if got := personOf(by); got != want {
			t.Errorf("%q: %+v", by, got)
		}
	}
}

func TestBrief(t *testing.T) {
	for _, text := range append(hostile(), "", "short", strings.Repeat("<&>", 2000), strings.Repeat("a b ", 500), strings.Repeat("😀", 100)) {
		for _, units := range []int{8, 40, 240} {
			got := brief(text, units)
			if size(escape(got)) > units && got != ellipsis && got != "" {
				t.Errorf("%.40q to %d: %d units", text, units, size(escape(got)))
			}
			if whole := strings.TrimSpace(oneLine(text)); size(escape(whole)) <= units && got != whole {
				t.Errorf("%.40q fits %d and became %q", text, units, got)
			}
		}
	}
}

func BenchmarkCard(b *testing.B) {
	i := cardStates()["internal-paged"]
	for b.Loop() {
		render(cardReply(i, cardNow, true))
	}
}

func TestWhoseItWasIsNoMoreThanWasKnown(t *testing.T) {
	for _, c := range []struct {
		reason incidents.Reason
		lean   incidents.Lean
		is     string
		was    string
	}{
		{incidents.ReasonCredentials, incidents.LeanOurs, "ours", "it was ours"},
		{incidents.ReasonCredentials, incidents.LeanTheirs, "ours to look at", "it was perhaps a fault of theirs"},
		{incidents.ReasonOurs, "", "ours to look at", "whose it was stayed unclear"},
		{incidents.ReasonCertificate, "", "ours to look at", "whose it was stayed unclear"},
		{incidents.ReasonNetwork, "", "ours to look at", "whose it was stayed unclear"},
		{incidents.ReasonOurs, incidents.LeanOurs, "ours", "it was ours"},
		{incidents.ReasonShared, incidents.LeanTheirs, "ours to look at", "it looked like a provider below several partners"},
		{incidents.ReasonPlanned, "", "ours to look at", "it was a change that they had announced"},
		{incidents.ReasonThrottled, incidents.LeanOurs, "ours", "they had asked us to slow down"},
		{incidents.ReasonNotAnnounced, incidents.LeanTheirs, "looks like theirs", "it looked like theirs, never announced"},
		{incidents.ReasonAnnounced, incidents.LeanTheirs, "looks like theirs by now", "it looked like theirs, announced late"},
	} {
		v := incidents.Verdict{Word: incidents.Internal, Reason: c.reason, Lean: c.lean}
		if is, was := sideOf(v), words(wasWhose(v)); is != c.is || was != c.was {
			t.Errorf("%s, leaning to %q: it is %q and was %q, want %q and %q", c.reason, c.lean, is, was, c.is, c.was)
		}
	}
	if said := sideOf(incidents.Verdict{Word: incidents.Internal, Reason: incidents.ReasonPerson}); said != "ours" {
		t.Errorf("what a person called ours is %q", said)
	}
}
