package commands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// fakeFacts is a memory that holds what a test puts into it.
type fakeFacts struct {
	statuses map[string]partners.StatusRecord
	sources  map[string]map[string]changes.SourceState
	entries  []changes.Entry
	upcoming []changes.Entry
	troubles []incidents.Trouble
	asked    changes.Query
	err      error
}

func (f *fakeFacts) Statuses(context.Context) (map[string]partners.StatusRecord, error) {
	return f.statuses, f.err
}

func (f *fakeFacts) SourceStates(_ context.Context, partner string) (map[string]changes.SourceState, error) {
	return f.sources[partner], f.err
}

func (f *fakeFacts) SourcesOf(context.Context, ...string) (map[string]map[string]changes.SourceState, error) {
	return f.sources, f.err
}

func (f *fakeFacts) Entries(_ context.Context, query changes.Query) ([]changes.Entry, error) {
	f.asked = query
	return f.entries, f.err
}

func (f *fakeFacts) Upcoming(_ context.Context, _ string, from changes.Date) ([]changes.Entry, error) {
	past := func(e changes.Entry) bool { return e.Effective != "" && e.Effective < from }
	return slices.DeleteFunc(slices.Clone(f.upcoming), past), f.err
}

func (f *fakeFacts) Troubles(context.Context) ([]incidents.Trouble, error) { return f.troubles, f.err }

func testDirectory() *Directory {
	return NewDirectory([]partners.Partner{
		{ID: "servicenow", Name: "ServiceNow", Aliases: []string{"snow"}, Affects: []string{"Ticket sync"},
			Owner:     partners.Owner{Team: "Platform Integrations"},
			Changelog: []partners.Source{{URL: "https://feeds.example/servicenow.xml"}},
			Status:    partners.StatusSource{URL: "https://status.servicenow.example"}},
		{ID: "microsoft", Name: "Microsoft 365", Aliases: []string{"teams", "o365"},
			Status: partners.StatusSource{URL: "https://status.microsoft.example", Components: []string{"Teams"}}},
		{ID: "workday", Name: "Workday"},
	})
}

func testBook(f *fakeFacts) *Book {
	d := testDirectory()
	now := func() time.Time { return noon }
	return NewBook(d, nil, Status(d, StatusSources{Pages: f, Troubles: f}, now), Changelog(d, f, now), Upcoming(d, f, now))
}

func ask(t *testing.T, f *fakeFacts, text string) Reply {
	t.Helper()
	return testBook(f).Run(t.Context(), Request{Text: text})
}

// plain is a reply as a reader without any formatting would see it.
func plain(r Reply) string {
	var b strings.Builder
	for _, s := range r.Sections {
		if s.Heading != "" {
			b.WriteString("# " + s.Heading + "\n")
		}
		for _, l := range s.Lines {
			if l.Indent {
				b.WriteString("  ")
			}
			if l.Mark != "" {
				b.WriteString("[" + string(l.Mark) + "] ")
			}
			for _, p := range l.Pieces {
				b.WriteString(p.Text)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestUnknownWordsGetOneLine(t *testing.T) {
	tests := []struct{ typed, want string }{
		{"staus", `There is no command "staus". Did you mean /sparky status? All commands: /sparky help.`},
		{"STATUSS okta", `There is no command "STATUSS". Did you mean /sparky status? All commands: /sparky help.`},
		{"snow", `There is no command "snow". For the partner: /sparky status servicenow. All commands: /sparky help.`},
		{"xyzzy", `There is no command "xyzzy". All commands: /sparky help.`},
		{"status servicnow", `I know no partner "servicnow". Did you mean servicenow? I watch: servicenow, microsoft, workday.`},
		{"changelog zzzzzz", `I know no partner "zzzzzz". I watch: servicenow, microsoft, workday.`},
		{"upcoming wrkday", `I know no partner "wrkday". Did you mean workday? I watch: servicenow, microsoft, workday.`},
		{"help chagelog", `There is no command "chagelog". Did you mean /sparky changelog? All commands: /sparky help.`},
		{strings.Repeat("a", 500), `There is no command "` + strings.Repeat("a", 40) + `…". All commands: /sparky help.`},
	}
	for _, tt := range tests {
		reply := ask(t, &fakeFacts{}, tt.typed)
		if reply.Text != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.typed, reply.Text, tt.want)
		}
		if !reply.Failed {
			t.Errorf("%q was not understood, but the reply does not say that it failed", tt.typed)
		}
	}
}

func TestPartnersAreFoundByWhatPeopleCallThem(t *testing.T) {
	for typed, want := range map[string]string{
		"servicenow": "ServiceNow", "SNOW": "ServiceNow", "Service Now": "ServiceNow", "service-now": "ServiceNow",
		"microsoft 365": "Microsoft 365", "Teams": "Microsoft 365", "microsoft": "Microsoft 365",
	} {
		if reply := ask(t, &fakeFacts{}, "status "+typed); reply.Title != want {
			t.Errorf("status %s answered about %q, not %q", typed, reply.Title, want)
		}
	}
}

func TestHelpNamesEveryCommandOnce(t *testing.T) {
	for _, typed := range []string{"", "help", "  ", "HELP"} {
		text := plain(ask(t, &fakeFacts{}, typed))
		for _, command := range []string{"/sparky status [partner] [--chart]", "/sparky changelog [partner] [7d]", "/sparky upcoming [partner]", "/sparky help [command]"} {
			if strings.Count(text, command) != 1 {
				t.Errorf("help for %q names %q %d times:\n%s", typed, command, strings.Count(text, command), text)
			}
		}
		if lines := strings.Count(text, "\n"); lines > 30 {
			t.Errorf("help does not fit one screen: %d lines", lines)
		}
	}
}

func TestHelpOfOneCommandHasItsExamples(t *testing.T) {
	text := plain(ask(t, &fakeFacts{}, "help changelog"))
	if !strings.Contains(text, "/sparky changelog servicenow 30d") {
		t.Errorf("no example to copy in:\n%s", text)
	}
}

func TestPublicIsTakenOutWhereverItStands(t *testing.T) {
	for typed, want := range map[string]bool{
		"status --public": true, "status —public": true, "--public status snow": true, "status": false, "status -public": false, "stauts --public": false,
	} {
		if got := ask(t, &fakeFacts{}, typed).Public; got != want {
			t.Errorf("%q is answered in public: %v", typed, got)
		}
	}
	if reply := ask(t, &fakeFacts{}, "status snow --public"); reply.Title != "ServiceNow" {
		t.Errorf("--public was taken for a part of the partner's name: %s", reply.Text)
	}
}

func TestMemoryThatCannotBeReadIsSaid(t *testing.T) {
	for _, typed := range []string{"status", "status snow", "changelog", "upcoming"} {
		reply := ask(t, &fakeFacts{err: errors.New("the disk is full")}, typed)
		if !reply.Failed || !strings.Contains(reply.Text, "the disk is full") {
			t.Errorf("%q: %s", typed, reply.Text)
		}
	}
}

func TestAge(t *testing.T) {
	got := map[string]string{}
	for _, d := range []string{"0s", "9s", "40s", "61s", "59m59s", "1h", "1h20m", "5h30m", "24h", "75h"} {
		parsed, err := time.ParseDuration(d)
		if err != nil {
			t.Fatal(err)
		}
		got[d] = Age(parsed)
	}
	want := map[string]string{"0s": "just now", "9s": "just now", "40s": "40 s", "61s": "1 min", "59m59s": "59 min", "1h": "1 h",
		"1h20m": "1 h 20 min", "5h30m": "5 h", "24h": "1 day", "75h": "3 days"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDaysLeft(t *testing.T) {
	for day, want := range map[changes.Date]string{
		"2027-03-01": "today", "2027-03-02": "tomorrow", "2027-03-31": "in 30 days", "2027-02-28": "yesterday", "2027-02-01": "28 days ago",
	} {
		if got := DaysLeft(day, noon); got != want {
			t.Errorf("DaysLeft(%s) = %q, want %q", day, got, want)
		}
	}
}
