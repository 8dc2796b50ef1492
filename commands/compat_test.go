package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

// fakeTrier starts runs as the desk does: a version that is being tried is not started again.
type fakeTrier struct {
	live []changes.Run
	err  error
}

func (f *fakeTrier) Start(_ context.Context, p partners.Partner, version, by string, entry *changes.RunEntry) (changes.Run, bool, error) {
	if f.err != nil {
		return changes.Run{}, false, f.err
	}
	for _, r := range f.live {
		if r.Partner == p.ID && strings.EqualFold(r.Version, version) {
			return r, false, nil
		}
	}
	run := changes.Run{ID: fmt.Sprint("compat-", p.ID, "-", len(f.live)), Partner: p.ID, Name: p.Name, Version: version, Attempt: 1, By: by, Asked: noon.Add(-4 * time.Minute),
		Entry: entry, State: changes.RunAsked}
	f.live = append(f.live, run)
	return run, true, nil
}

// compatTable is a table at which ServiceNow's betas can be tried.
func compatTable() (*table, *fakeTrier) {
	b, trier := newTable(), &fakeTrier{}
	b.trier = trier
	return b, trier
}

// beta is an announced version, as the store would give it.
func beta(title string) changes.Entry {
	e := changes.Classify(partners.Change{Partner: "servicenow", Key: title, Title: title, Body: "It is in public beta from today.",
		Link: "https://servicenow.example/" + strings.ReplaceAll(strings.ToLower(title), " ", "-")}, noon)
	e.Effective = "2027-06-30"
	return e
}

func TestCompatReadAloud(t *testing.T) {
	b, trier := compatTable()
	first := conversation(t, b, "ada: compat", "ada: compat snow")
	b.facts.entries = []changes.Entry{beta("Table API v3 beta"), beta("Table API V3 beta is here"), entry("Logins need a second factor.", "2027-06-30", changes.Breaking),
		beta("Table API v4 beta"), beta("Table API v5 beta"), beta("Table API v6 beta"), beta("Table API v7 beta"), beta("Table API v8 beta")}
	talk := first + conversation(t, b,
		"ada: compat SNOW", "ada: compat servicnow v3", "ada: compat workday v2", "ada: compat snow <!channel>", "ada: compat snow v3$(reboot)",
		"ada: compat snow v3", "grace: compat snow V3", "grace: compat service now Zurich Patch 4", "terminal: compat snow v4")
	trier.live[0].URL = "https://github.example/acme/integrations/actions/runs/7"
	trier.live = append(trier.live, changes.Run{ID: "a", Partner: "servicenow", Name: "ServiceNow", Version: "v5", Asked: noon.Add(-time.Hour)})
	golden(t, "compat", talk+conversation(t, b, "grace: compat snow v3", "ada: compat snow v5"))
	if e := trier.live[0].Entry; e == nil || e.Title != "Table API v3 beta" || e.Effective != "2027-06-30" || trier.live[1].Entry != nil {
		t.Errorf("the announcements are %+v and %+v", trier.live[0].Entry, trier.live[1].Entry)
	}
	if trier.live[0].By != ada.ID || trier.live[2].By != "ops" {
		t.Errorf("asked for by %q and %q", trier.live[0].By, trier.live[2].By)
	}
}

func TestCompatAsksForWhatWasAnnouncedWithinAYear(t *testing.T) {
	b, _ := compatTable()
	b.ask(t, ada, "compat snow")
	if q := b.facts.asked; q.Partner != "servicenow" || !q.Since.Equal(noon.Add(-announcedFor)) {
		t.Errorf("asked for %+v", q)
	}
}

func TestCompatWithoutGitHub(t *testing.T) {
	for _, text := range []string{"compat snow", "compat snow v3", "compat workday v3"} {
		reply := newTable().ask(t, ada, text)
		if reply.Text != "No GitHub is configured, so no compatibility run can be started. It is the block github in sparky.yaml." || !reply.Refused || reply.Public {
			t.Errorf("%s: %s", text, reply.Text)
		}
	}
}

func TestCompatIsForOperators(t *testing.T) {
	b, trier := compatTable()
	b.permits = &roles{}
	if reply := b.ask(t, ada, "compat snow v3"); !strings.Contains(reply.Text, "is for operators") || len(trier.live) != 0 {
		t.Errorf("%s, %d runs", reply.Text, len(trier.live))
	}
}

func TestCompatThatFailsIsSaid(t *testing.T) {
	b, trier := compatTable()
	b.facts.err = errors.New("the disk is full")
	if got := b.ask(t, ada, "compat snow v3"); !strings.Contains(got.Text, "the disk is full") || !got.Failed || len(trier.live) != 0 {
		t.Errorf("%+v", got)
	}
	b.facts.err = nil
	for err, want := range map[error]string{
		errors.New("the database is locked"):              "I could not start the compatibility run of ServiceNow v3: the database is locked. Please try again in a minute.",
		fmt.Errorf("starting: %w", changes.ErrNoWorkflow): "ServiceNow has no compatibility workflow. It is configured in sparky.yaml, under the partner's compat.",
	} {
		trier.err = err
		if got := b.ask(t, ada, "compat snow v3"); got.Text != want || !got.Refused || got.Public {
			t.Errorf("%v: %s", err, got.Text)
		}
	}
}

func TestRunRecord(t *testing.T) {
	run := changes.Run{ID: "a", Partner: "servicenow", Version: "v3", State: changes.RunFailed, By: "U0ADA", Asked: noon, Ended: noon.Add(time.Minute), URL: "https://github.example/7",
		Outcome: &changes.RunOutcome{Report: &incidents.TestReport{Tests: 3, Failures: 1}}}
	got := NewRunRecord(run)
	if got.ID != "a" || got.State != "failed" || got.By != "U0ADA" || !got.Ended.Equal(run.Ended) || got.URL != run.URL || got.Outcome.Report.Failures != 1 || got.Version != "v3" || got.Partner != "servicenow" {
		t.Errorf("got %+v", got)
	}
	b, _ := compatTable()
	if facts, ok := b.ask(t, ada, "compat snow v3").Facts.(RunRecord); !ok || facts.Version != "v3" || facts.State != changes.RunAsked {
		t.Errorf("a machine is told %+v", facts)
	}
}

func TestBadVersion(t *testing.T) {
	for version, want := range map[string]string{
		"v3": "", "2026.12.0": "", "v2.0-preview": "", "release/1:2@3+4_5": "", "Zurich Patch 4": "", strings.Repeat("v", 100): "",
		strings.Repeat("v", 101): "it is longer than 100 characters", "v3\n": `it holds '\n'`, "v\"3": `it holds '"'`, "vé": "", "v\u202e3": `it holds '\u202e'`,
	} {
		if got := changes.VersionProblem(version); got != want {
			t.Errorf("%q: %q, want %q", version, got, want)
		}
	}
}

// FuzzCompat holds that whatever is typed, only what can be a version is started, and the answer calls nobody.
func FuzzCompat(f *testing.F) {
	for _, text := range []string{"snow v3", "snow <!here>", "service now v 3", "snow \x00", "snow --public v3", "snow `v3`", "-- v3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, trier := compatTable()
		b.facts.entries = []changes.Entry{beta("Table API v3 beta")}
		reply := b.ask(t, ada, "compat "+text)
		if reply.Text == "" {
			t.Errorf("%q has no answer", text)
		}
		for _, run := range trier.live {
			if changes.VersionProblem(run.Version) != "" || strings.TrimSpace(run.Version) == "" {
				t.Errorf("%q started version %q", text, run.Version)
			}
			if slices.Contains([]bool{reply.Refused, reply.Failed}, true) {
				t.Errorf("%q was started and refused: %s", text, reply.Text)
			}
		}
	})
}
