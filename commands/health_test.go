package commands

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

var healthAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// patient is a Sparky of that health.
type patient Health

func (p patient) Health(context.Context) Health { return Health(p) }

func sick() Health {
	return Health{At: healthAt, Version: "v1.2.3", Started: healthAt.Add(-72 * time.Hour), Links: []LinkHealth{{Up: true, LastPing: healthAt.Add(-12 * time.Second)}, {LastPing: healthAt.Add(-time.Hour)}},
		Ill: []Illness{{Kind: IllLink, Words: "Slack is not heard", Mend: "see that this machine reaches slack.com", Since: healthAt.Add(-14 * time.Minute)},
			{Kind: IllJobs, Words: "2 of 20 jobs are overdue", Since: healthAt.Add(-time.Minute)}}}
}

func TestHealthInWords(t *testing.T) {
	moment := sick()
	moment.Ill = moment.Ill[:1]
	moment.Ill[0].Since, moment.Ill[0].Words = healthAt, "nothing can be kept: the disk is full."
	for want, h := range map[string]Health{
		"Sparky itself is well.": {},
		"Sparky itself has a problem just now: it is connecting to Slack.":             {Problem: "it is connecting to Slack"},
		"Sparky itself is not well, for 14 min: Slack is not heard; and 1 thing more.": sick(),
		"Sparky itself is not well, for 10 s: nothing can be kept: the disk is full.":  moment,
	} {
		if got := h.Sentence(); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
		if h.Well() != (len(h.Ill) == 0) {
			t.Errorf("well is %v of %q", h.Well(), want)
		}
	}
	if got := sick().Footing(); got != "Sparky v1.2.3, started 3 days ago; Slack's last ping 12 s ago." {
		t.Errorf("it is %q", got)
	}
	if got := (Health{Version: "v1"}).Footing(); got != "Sparky v1." {
		t.Errorf("it is %q", got)
	}
}

func TestHealthForPrograms(t *testing.T) {
	h := sick()
	h.Effects = EffectsHealth{Due: 4, Oldest: healthAt.Add(-90 * time.Second)}
	encoded, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"slack_links":0`, `"due_effects":4`, `"oldest_due_effect":"1 min"`, `"kind":"link"`, `"last_ping":"2026-03-01T11:59:48Z"`} {
		if !strings.Contains(string(encoded), want) {
			t.Errorf("it lacks %s: %s", want, encoded)
		}
	}
	var read Health
	if err := json.Unmarshal(encoded, &read); err != nil || read.Effects.Due != 4 || len(read.Ill) != 2 || !read.Links[0].Up {
		t.Errorf("read again it is %+v, %v", read, err)
	}
}

func TestHelpTellsHowSparkyIs(t *testing.T) {
	book := NewBook(NewDirectory(nil), nil)
	if reply := book.Run(t.Context(), Request{Text: "help"}); strings.Contains(healthText(reply), "Sparky v1") {
		t.Error("a book that nobody tells of Sparky's health tells it")
	}
	ill := healthText(book.Audited(nil, nil).WithHealth(patient(sick())).Run(t.Context(), Request{Text: "help"}))
	for _, want := range []string{"Sparky itself is not well, for 14 min", "What helps: see that this machine reaches slack.com.", "Sparky v1.2.3, started 3 days ago"} {
		if !strings.Contains(ill, want) {
			t.Errorf("help does not say %q: %s", want, ill)
		}
	}
	well := sick()
	well.Ill = nil
	said := healthText(book.WithHealth(patient(well)).Run(t.Context(), Request{}))
	if strings.Contains(said, "itself") || !strings.Contains(said, "Sparky v1.2.3") {
		t.Errorf("help of a Sparky that is well: %s", said)
	}
}

func TestStatusHasALineWhereSparkyIsNotWell(t *testing.T) {
	well := sick()
	well.Ill = nil
	for want, healthy := range map[int]Healthy{0: patient(well), 1: patient(sick())} {
		if got := unwellSections(t.Context(), healthy); len(got) != want {
			t.Errorf("%d sections, want %d: %+v", len(got), want, got)
		}
	}
	if got := unwellSections(t.Context(), nil); got != nil {
		t.Errorf("of nobody: %+v", got)
	}
	if got := unwellSections(t.Context(), patient(sick()))[0].Lines; len(got) != 1 || got[0].Mark != MarkWarn {
		t.Errorf("it is not one line: %+v", got)
	}
}

// healthText is all that a reply shows.
func healthText(reply Reply) string {
	var all strings.Builder
	for _, s := range reply.Sections {
		for _, l := range s.Lines {
			for _, p := range l.Pieces {
				all.WriteString(p.Text)
			}
			all.WriteString("\n")
		}
	}
	return all.String()
}
