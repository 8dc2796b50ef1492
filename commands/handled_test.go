package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// find is the entry of what comes with that id, as the store would find it.
func (f *fakeFacts) find(id string, now time.Time) (*changes.Entry, error) {
	for i, e := range f.upcoming {
		switch {
		case e.ID() != id || e.Effective == "":
		case e.Effective.DaysFrom(now) < 0:
			return &f.upcoming[i], changes.ErrPassed
		default:
			return &f.upcoming[i], f.err
		}
	}
	return &changes.Entry{}, errors.Join(changes.ErrNoEntry, f.err)
}

func (f *fakeFacts) Handle(_ context.Context, id string, deed incidents.Deed) (changes.Handling, error) {
	e, err := f.find(id, deed.At)
	if err != nil || e.IsHandled() {
		return changes.Handling{Entry: *e}, err
	}
	e.Handled = deed
	return changes.Handling{Changed: true, Entry: *e}, nil
}

func (f *fakeFacts) Unhandle(_ context.Context, id string, now time.Time) (changes.Handling, error) {
	e, err := f.find(id, now)
	if err != nil || !e.IsHandled() {
		return changes.Handling{Entry: *e}, err
	}
	done := changes.Handling{Changed: true, Before: e.Handled}
	e.Handled = incidents.Deed{}
	done.Entry = *e
	return done, nil
}

// comingChanges is a table at which two dated changes, one that has passed and one without a date are announced.
func comingChanges() (b *table, soon, later, past, undated string) {
	b = newTable()
	b.facts.upcoming = []changes.Entry{
		entry("Table API v1 is removed", "2027-03-06", changes.Removal), entry("Logins need a second factor.", "2027-06-30", changes.Breaking),
		entry("SOAP ends", "2027-02-20", changes.Removal), entry("Reports v3 beta", "", changes.Beta),
	}
	all := b.facts.upcoming
	return b, all[0].ID(), all[1].ID(), all[2].ID(), all[3].ID()
}

func TestHandledReadAloud(t *testing.T) {
	b, soon, later, past, undated := comingChanges()
	talk := conversation(t, b,
		"ada: handled "+soon, "ada: handled "+soon, "grace: handled "+soon, "grace: upcoming snow", "terminal: upcoming snow", "ada: status snow",
		"grace: unhandled "+soon, "ada: unhandled "+soon, "ada: handled "+later, "ada: unhandled "+later,
		"ada: handled", "ada: handled "+past, "ada: handled "+undated, "ada: handled snow", "ada: handled <!channel>", "ada: handled "+later+" please",
		"terminal: handled `"+later+"`.", "grace: handled "+later)
	golden(t, "handled", talk)
}

func TestAHandledChangeIsNotTheNext(t *testing.T) {
	b, soon, later, past, _ := comingChanges()
	b.facts.upcoming = b.facts.upcoming[:2]
	_ = past
	for _, step := range []struct{ say, want string }{
		{"help", "Coming changes: 2 with a date, the next in 5 days (Table API v1 is removed)."},
		{"handled " + soon, "Coming changes: 2 with a date, 1 handled, the next in 121 days (Logins need a second factor.)."},
		{"handled " + later, "Coming changes: 2 with a date, all of it handled."},
	} {
		b.ask(t, ada, step.say)
		if got := b.ask(t, ada, "upcoming").Text; got != step.want {
			t.Errorf("got  %s\nwant %s", got, step.want)
		}
	}
}

func TestOnlyTheSoonestHaveAButton(t *testing.T) {
	b := newTable()
	for n := range 40 {
		e := entry(fmt.Sprint("change ", n), changes.Date(noon.AddDate(0, 0, n).Format(time.DateOnly)), changes.Breaking)
		if n%2 == 1 {
			e.Handled = incidents.Deed{By: "U0ADA", At: noon}
		}
		b.facts.upcoming = append(b.facts.upcoming, e)
	}
	reply := b.ask(t, ada, "upcoming")
	lines, buttons := 0, map[string]int{}
	for _, s := range reply.Sections {
		lines += len(s.Lines)
		for _, button := range s.Buttons {
			buttons[button.Label]++
		}
	}
	why := reply.Sections[len(reply.Sections)-1].Lines
	if got := flat(why[len(why)-1]); got != "Operators have “Handled” here for the 8 soonest." {
		t.Errorf("why the others have none: %q", got)
	}
	if lines != 41 || buttons[handledLabel] != mostToHandle || buttons[unhandledLabel] != mostHandled {
		t.Errorf("%d lines, %v", lines, buttons)
	}
	if first := reply.Sections[0]; first.Heading != "By date" || len(first.Lines) != 1 || first.Buttons[0].Command != "handled "+b.facts.upcoming[0].ID() {
		t.Errorf("%+v", first)
	}
	for _, s := range b.ask(t, Person{Local: true}, "upcoming").Sections {
		if len(s.Buttons) > 0 || strings.Contains(plain(Reply{Sections: []Section{s}}), "Operators have") {
			t.Error("a terminal has no buttons, and no word of them")
		}
	}
}

func TestWhatTwoSourcesAnnounceIsListedOnce(t *testing.T) {
	b, _, _, _, _ := comingChanges()
	one := b.facts.upcoming[0]
	one.Hash = "the same words"
	two := one
	two.Source, two.Handled = "https://feeds.example/other.xml", incidents.Deed{By: "Ada", At: noon}
	b.facts.upcoming = []changes.Entry{one, two}
	for _, text := range []string{"upcoming", "status snow"} {
		if got := plain(b.ask(t, ada, text)); strings.Count(got, "Table API v1 is removed") != 1 || !strings.Contains(got, "handled by Ada on 1 March") {
			t.Errorf("%s:\n%s", text, got)
		}
	}
}

func TestAStoreThatFailsIsSaid(t *testing.T) {
	b, soon, _, _, _ := comingChanges()
	b.facts.err = errors.New("the disk is full")
	for _, text := range []string{"handled " + soon, "unhandled " + soon} {
		reply := b.ask(t, ada, text)
		if reply.Text != "I could not change whether that is handled: the disk is full. Please try again in a minute." || !reply.Refused || reply.Public {
			t.Errorf("%s: %s", text, reply.Text)
		}
	}
}

func TestAYearIsSaidWhereItIsAnother(t *testing.T) {
	if got := onDay(noon.AddDate(0, -3, 0), noon) + ", " + onDay(noon, noon); got != "on 1 December 2026, on 1 March" {
		t.Error(got)
	}
}

// What was taken back says which reminders are still ahead of it.
func TestWhatComesAgainIsSaid(t *testing.T) {
	for date, want := range map[changes.Date]string{
		"2027-06-30": "I bring it up again 30, 7 and 1 days before.", "2027-03-08": "I bring it up again the day before.",
		"2027-03-09": "I bring it up again 7 and 1 days before.", "2027-03-02": "Its date is too near for another reminder.",
	} {
		if got := againText(announcement{entry("x", date), "ServiceNow", noon}); got != want {
			t.Errorf("%s: %s", date, got)
		}
	}
}
