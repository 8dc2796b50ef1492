package commands

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

func good(at time.Time) partners.Status {
	return partners.Status{Level: partners.Operational, Page: "https://status.servicenow.example", Description: "All Systems Operational", ReadAt: at}
}

func degraded(at time.Time) partners.Status {
	s := good(at)
	s.Level, s.Description = partners.Degraded, "Partial System Outage"
	s.Components = []partners.Component{{Name: "Incident Management", Level: partners.Degraded}, {Name: "Login", Level: partners.Operational}}
	s.Incidents = []partners.PageIncident{{
		Name: "Slow ticket creation", Phase: "investigating", Level: partners.Degraded, Link: "https://status.servicenow.example/i/1",
		Began: noon.Add(-40 * time.Minute), Updated: noon.Add(-5 * time.Minute), Text: "We are looking into it.",
	}}
	return s
}

func TestStatusOfAllIsOneLineEach(t *testing.T) {
	f := &fakeFacts{statuses: map[string]partners.StatusRecord{
		"servicenow": {Status: degraded(noon.Add(-time.Minute))},
		"microsoft":  {Status: partners.UnknownStatus("https://status.microsoft.example", "it asks us to sign in", noon), LastGood: good(noon.Add(-time.Hour))},
	}}
	reply := ask(t, f, "status")
	want := `[warn] ServiceNow degraded: Slow ticket creation, read 1 min ago
[unknown] Microsoft 365 unknown: it asks us to sign in; last seen operational 1 h ago
[unknown] Workday unknown: no status page is configured
This is the partners' own word. More on one of them: /sparky status servicenow
`
	if diff := cmp.Diff(want, plain(reply)); diff != "" {
		t.Error(diff)
	}
	if reply.Text != "Partners: 1 degraded, 2 unknown." {
		t.Errorf("the sentence is %q", reply.Text)
	}
	if !reply.Failed {
		t.Error("a degraded partner does not fail the reply")
	}
}

func TestWhatNeedsALookStandsFirst(t *testing.T) {
	down := good(noon)
	down.Level = partners.MajorOutage
	f := &fakeFacts{statuses: map[string]partners.StatusRecord{"servicenow": {Status: down}, "microsoft": {Status: good(noon)}}}
	lines := strings.Split(plain(ask(t, f, "status")), "\n")
	for i, want := range []string{"[bad] ServiceNow", "[unknown] Workday", "[good] Microsoft 365"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want %s", i, lines[i], want)
		}
	}
}

func TestAnOldReadingIsNoEvidence(t *testing.T) {
	f := &fakeFacts{statuses: map[string]partners.StatusRecord{"servicenow": {Status: good(noon.Add(-16 * time.Minute))}}}
	text := plain(ask(t, f, "status"))
	if !strings.Contains(text, "[unknown] ServiceNow unknown: its status page was last read 16 min ago") {
		t.Errorf("an old reading passes for a word:\n%s", text)
	}
}

func TestOnlyOurComponentsCount(t *testing.T) {
	status := good(noon)
	status.Level = partners.MajorOutage
	status.Components = []partners.Component{{Name: "Teams", Level: partners.Operational}, {Name: "Exchange", Level: partners.MajorOutage}}
	f := &fakeFacts{statuses: map[string]partners.StatusRecord{"microsoft": {Status: status}}}
	reply := ask(t, f, "status teams")
	if reply.Failed || !strings.HasPrefix(reply.Text, "Microsoft 365: operational") {
		t.Errorf("an outage of what we do not use counts: %s", reply.Text)
	}
}

func TestStatusOfOneTellsAllOfIt(t *testing.T) {
	f := &fakeFacts{
		statuses: map[string]partners.StatusRecord{"servicenow": {Status: degraded(noon.Add(-time.Minute)), Since: noon.Add(-30 * time.Minute)}},
		sources: map[string]map[string]changes.SourceState{"servicenow": {"https://feeds.example/servicenow.xml": {
			Problem: "got an HTML page where a feed was expected", ReadAt: noon.Add(-7 * time.Hour)}}},
		upcoming: []changes.Entry{{Change: partners.Change{Title: "Table API v1 is retired"}, Kinds: []changes.Kind{changes.Deprecation}, Effective: "2027-03-13"}},
	}
	want := `[warn] Degraded since 1 Mar 11:30 UTC
In its own words: “Partial System Outage”
Read 1 min ago: status.servicenow.example
Not operational: Incident Management (degraded).
Behind it stand our features: Ticket sync. Owned by Platform Integrations.
# Incidents on its page
[warn] Slow ticket creation, investigating, since 1 Mar 11:20 UTC, updated 5 min ago
  We are looking into it.
# Coming
[warn] 13 March 2027, in 12 days: Table API v1 is retired (deprecation)
# Changelogs
[unknown] feeds.example/servicenow.xml: got an HTML page where a feed was expected; last read 7 h ago
`
	if diff := cmp.Diff(want, plain(ask(t, f, "status snow"))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatSparkyCannotDoIsShown(t *testing.T) {
	f := &fakeFacts{troubles: []incidents.Trouble{{Problem: "#ecosystem-updates does not exist", Attempts: 3, Since: noon.Add(-time.Hour)}}}
	text := plain(ask(t, f, "status"))
	if !strings.Contains(text, "# Sparky needs a hand\n[warn] #ecosystem-updates does not exist. Waiting since 1 Mar 11:00 UTC, tried 3 times.") {
		t.Errorf("a trouble is not shown:\n%s", text)
	}
}

func TestMaintenanceIsNoFailure(t *testing.T) {
	status := good(noon)
	status.Level = partners.Maintenance
	status.Windows = []partners.PageWindow{{Name: "Quarterly upgrade", InProgress: true, From: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}}
	f := &fakeFacts{statuses: map[string]partners.StatusRecord{"servicenow": {Status: status}}}
	reply := ask(t, f, "status snow")
	if reply.Failed {
		t.Error("maintenance fails the reply")
	}
	if !strings.Contains(plain(reply), "[planned] Quarterly upgrade, in progress, from 1 Mar 11:00 UTC to 1 Mar 13:00 UTC") {
		t.Errorf("the window is not told:\n%s", plain(reply))
	}
}

func TestAProblemThatHoldsUpMuchIsOneLine(t *testing.T) {
	f := &fakeFacts{}
	for range 50 {
		f.troubles = append(f.troubles, incidents.Trouble{Problem: "Sparky is not in #ecosystem-updates", Attempts: 3, Since: noon})
	}
	f.troubles = append(f.troubles, incidents.Trouble{Problem: "the token was revoked", Attempts: 1, Since: noon})
	sections := statusCommand{StatusSources: StatusSources{Troubles: f}}.troubleSection(t.Context())
	if len(sections) != 1 || len(sections[0].Lines) != 2 || !strings.Contains(sections[0].Lines[0].Pieces[2].Text, "50 messages") {
		t.Errorf("%+v", sections)
	}
}

func TestTroubleThatCannotBeReadIsSaid(t *testing.T) {
	sections := statusCommand{StatusSources: StatusSources{Troubles: &fakeFacts{err: errors.New("the database is away")}}}.troubleSection(t.Context())
	if len(sections) != 1 || !strings.Contains(sections[0].Lines[0].Pieces[0].Text, "the database is away") {
		t.Errorf("%+v", sections)
	}
}
