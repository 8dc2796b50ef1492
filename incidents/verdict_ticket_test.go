package incidents

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sparky/partners"
)

func TestATicketTellsWhatFailedAndWhoseItIs(t *testing.T) {
	e := evidence(reports(outage("API errors")))
	i := e.Incident
	i.Affects, i.Owner = []string{"Ticket sync", "Alerts"}, Owner{Team: "Platform Integrations"}
	i.Probes[0].Last.Problem, i.Probes[0].Last.Excerpt, i.Probes[0].Last.Edge = "GET /api/now answered 503 instead of 200.", "<h1>Service\nUnavailable</h1>", "cloudflare"
	i.Verdict = Decide(e, DefaultTriageRules())
	i.Verdict.Missing = []string{"the other partners: the store took too long"}
	summary, description := TicketText(i)
	if want := "ServiceNow answered 503: table-api"; summary != want {
		t.Errorf("summary %q, want %q", summary, want)
	}
	want := `Failing since 24 November 2026, 02:59 UTC.
Affected features of ours: Ticket sync, Alerts.
The integration belongs to Platform Integrations.

What fails
- table-api: GET /api/now answered 503 instead of 200 (class server, status 503, host acme.sn.example, edge cloudflare, since 24 November 2026, 02:59 UTC)
  The answer begins: <h1>Service Unavailable</h1>

Verdict: external
ServiceNow's own outage: their page reports “API errors” since 02:30 UTC.
- Their page reports “API errors” (partial outage), since 02:30 UTC. https://status.sn.example/i/1
- table-api: ServiceNow answered 503 at 02:59 UTC (acme.sn.example, at the edge of cloudflare). The answer begins: “<h1>Service Unavailable</h1>”
- 1.1.1.1 and www.google.com answered, so our network reaches the outside.
- GitHub and Okta are well at the same time.
- table-api last passed at 02:54 UTC.
- Not known: the other partners: the store took too long
What would change it: It becomes ours to look at when their page says that it is over and it still fails 15 min later.

Sparky's name for this incident: sparky-servicenow-1`
	if description != want {
		t.Errorf("got\n%s\nwant\n%s", description, want)
	}
}

func TestSummaries(t *testing.T) {
	two := evidence(alsoSaw("users", partners.FailServer, 500)).Incident
	none := evidence().Incident
	none.Probes = nil
	over := evidence(saw(partners.FailAuth, 401)).Incident
	over.Probes[0].Over = true
	for want, i := range map[string]Incident{
		"ServiceNow answered 503: table-api and 1 other probe": two,
		"ServiceNow fails": none,
		"ServiceNow refused our credentials (401): table-api":         over,
		"Our network: calls to the outside get no answer":             {Kind: KindNetwork, Name: "Our network"},
		"ServiceNow gave no answer in time: table-api":                evidence(saw(partners.FailTimeout, 0)).Incident,
		"ServiceNow was not asked: the probe itself broke: table-api": evidence(saw(partners.FailPanic, 0)).Incident,
	} {
		if got, _ := TicketText(i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestATicketBeforeItsVerdictAndAfterAReturn(t *testing.T) {
	i := evidence().Incident
	i.Already, i.Outage = true, 3
	_, d := TicketText(i)
	for _, want := range []string{"failing already when Sparky first looked", "failure number 3", "Sparky is finding out whose it is."} {
		if !strings.Contains(d, want) {
			t.Errorf("%q is missing in\n%s", want, d)
		}
	}
}

func TestATicketOfOurNetworkNamesThePartners(t *testing.T) {
	i := evidence().Incident
	i.Kind, i.Name = KindNetwork, "Our network"
	if _, d := TicketText(i); !strings.Contains(d, "- servicenow/table-api: ") {
		t.Errorf("whose probe it is does not show:\n%s", d)
	}
}

func TestATicketHasAnEnd(t *testing.T) {
	i := evidence().Incident
	long := strings.Repeat("Überlänge\n", 3000)
	i.Name, i.Affects, i.Owner.Team = long, []string{long, long}, long
	for n := range 40 {
		f := i.Probes[0]
		f.Probe, f.Last.Problem, f.Last.Excerpt, f.Last.Host, f.Last.Issuer = long, long, long, long, long
		i.Probes = append(i.Probes, f)
		i.Verdict.Points = append(i.Verdict.Points, Point{Text: long, Link: long})
		i.Verdict.Missing = append(i.Verdict.Missing, long)
		_ = n
	}
	i.Verdict.Word, i.Verdict.Says, i.Verdict.Would = Internal, long, long
	summary, description := TicketText(i)
	if n := utf8.RuneCountInString(summary); n > 255 || strings.Contains(summary, "\n") {
		t.Errorf("a summary of %d characters: %q", n, summary)
	}
	if n := utf8.RuneCountInString(description); n > 8000 || n < 1000 || !utf8.ValidString(description) {
		t.Errorf("a description of %d characters", n)
	}
	if n := utf8.RuneCountInString(CommentText(Event{Kind: EventByHand, Text: long}, i)); n > 2000 {
		t.Errorf("a comment of %d characters", n)
	}
}

func TestComments(t *testing.T) {
	i := evidence().Incident
	i.Verdict = Verdict{Word: Internal, Says: "Ours: our credentials were refused (401).", Would: "A page.", Points: []Point{{Text: "It failed.", Link: "https://a.example"}}}
	done := i
	done.State, done.Since, done.Ended = StateRecovered, now.Add(-90*time.Minute), now
	for want, c := range map[string]struct {
		e Event
		i Incident
	}{
		"":  {Event{Kind: EventOpened, Text: "Opened."}, i},
		" ": {Event{Kind: EventMuted, Text: "Muted.", Quiet: true}, i},
		"Verdict: internal. Ours: our credentials were refused (401).\n- It failed. https://a.example\nWhat would change it: A page.": {Event{Kind: EventVerdict, Text: i.Verdict.Says}, i},
		"Verdict then: Older words.":            {Event{Kind: EventAmended, Text: "Older words."}, i},
		"Acknowledged. (by U0ADA0001 in Slack)": {Event{Kind: EventAcknowledged, Text: "Acknowledged.", By: "U0ADA0001"}, i},
		"Ada has it.":                           {Event{Kind: EventAcknowledged, Text: "Ada has it.", By: "Ada"}, i},
		"It works again. It lasted 1 h 30 min.": {Event{Kind: EventRecovered, At: now}, done},
		"Over; it lasted 1 h.":                  {Event{Kind: EventRecovered, At: now, Text: "Over; it lasted 1 h."}, done},
		"It fails again.":                       {Event{Kind: EventReopened}, i},
		"Calling on-call.":                      {Event{Kind: EventPaged, Text: "Calling on-call. Okta: org fails. Ours: our credentials were refused (401)."}, i},
		"Calling on-call. One call for all.":    {Event{Kind: EventPaged, Text: "Calling on-call. One call for all."}, i},
	} {
		if got := CommentText(c.e, c.i); got != strings.TrimSpace(want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEveryEventHasWords(t *testing.T) {
	for _, k := range []EventKind{EventJoined, EventVerdict, EventAmended, EventOverruled, EventAcknowledged, EventPaged, EventPublished, EventDeclined, EventMuted,
		EventUnmuted, EventByHand, EventClosed, EventRecovered, EventReopened, EventFolded, EventUnwatched} {
		if text := CommentText(Event{Kind: k, At: now}, evidence().Incident); len(text) < 5 || !strings.HasSuffix(text, ".") {
			t.Errorf("%s reads %q", k, text)
		}
	}
}

func FuzzTicketText(f *testing.F) {
	f.Add("ServiceNow", "GET failed", "<html>", "U0ADA0001")
	f.Add("\u202e\x00", "\xff\xfe", "h1. {code}", "")
	f.Fuzz(func(t *testing.T, name, problem, excerpt, by string) {
		i := evidence(saw(partners.FailServer, 500, saying(excerpt))).Incident
		i.Name, i.Probes[0].Last.Problem, i.Affects, i.Verdict.By = name, problem, []string{name}, by
		i.Verdict.Word, i.Verdict.Says = External, problem
		summary, description := TicketText(i)
		comment := CommentText(Event{Kind: EventByHand, Text: problem, By: by}, i)
		u := PublicUpdate(i, now)
		for _, text := range []string{summary, description, comment, u.Title, u.Text} {
			if !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostDescription || strings.ContainsAny(text, "\x00\u202e") {
				t.Errorf("%q", text)
			}
		}
		if strings.Contains(summary+u.Title+u.Text, "\n") || summary == "" {
			t.Errorf("not one line: %q %q", summary, u.Text)
		}
	})
}
