package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

// coming is an announcement of Okta's as the store would know it.
func coming(title string, effective changes.Date, summary string, kinds ...changes.Kind) changes.Entry {
	return changes.Entry{Kinds: kinds, Effective: effective, Summary: summary,
		Change: partners.Change{Partner: "okta", Source: "feed", Key: title, Title: title, Link: "https://okta.example/notes"}}
}

func reminderOf(entries ...changes.Entry) changes.Reminder {
	r := changes.Reminder{Partner: "okta", Name: "Okta", Team: "Platform Integrations", Group: "S0PLATFORM", At: digestDay}
	for _, e := range entries {
		r.Items = append(r.Items, changes.ReminderItem{ID: e.ID(), Title: e.Title, Summary: e.Summary, Link: e.Link, Kinds: e.Kinds,
			BetaVersion: e.BetaVersion, Effective: e.Effective, Milestone: 7})
	}
	return r
}

// reminderStates are the reminders that are held to their files: the payload, and what comes as it stands when it is drawn.
func reminderStates() map[string]func() (changes.Reminder, []changes.Entry, time.Time) {
	sessions := coming("Sessions API v1 is removed", "2027-03-08", "Move calls of /api/v1/sessions to v2 before then.", changes.Breaking, changes.Removal)
	tokens := coming("API tokens expire after 90 days from 31 March 2027", "2027-03-31", "Issue new tokens in the admin console.", changes.Breaking)
	beta := coming("Devices API", "2027-03-02", "", changes.Beta)
	beta.BetaVersion = "v3 (beta)"
	handled, moved, undated := sessions, sessions, sessions
	handled.Handled = incidents.Deed{By: "U0ADA", At: digestDay.Add(-30 * time.Hour)}
	moved.Effective, undated.Effective = "2027-06-30", ""
	type state = func() (changes.Reminder, []changes.Entry, time.Time)
	plain := func(r changes.Reminder, entries []changes.Entry, now time.Time) state {
		return func() (changes.Reminder, []changes.Entry, time.Time) { return r, entries, now }
	}
	noGroup, nobody, folded := reminderOf(sessions), reminderOf(sessions), reminderOf(beta, sessions)
	noGroup.Group, nobody.Group, nobody.Team, folded.Folded = "", "", "", 12
	return map[string]state{
		"one":                plain(reminderOf(sessions), []changes.Entry{sessions}, digestDay),
		"several":            plain(reminderOf(beta, sessions, tokens), []changes.Entry{beta, sessions, tokens}, digestDay),
		"no_group":           plain(noGroup, []changes.Entry{sessions}, digestDay),
		"no_owner":           plain(nobody, []changes.Entry{sessions}, digestDay),
		"folded":             plain(folded, []changes.Entry{beta, sessions}, digestDay),
		"handled":            plain(reminderOf(sessions), []changes.Entry{handled}, digestDay),
		"one_of_two_handled": plain(reminderOf(sessions, tokens), []changes.Entry{handled, tokens}, digestDay),
		"moved":              plain(reminderOf(sessions), []changes.Entry{moved}, digestDay),
		"date_gone":          plain(reminderOf(sessions), []changes.Entry{undated}, digestDay),
		"late":               plain(reminderOf(sessions), nil, digestDay.AddDate(0, 0, 9)),
		"last_day":           plain(reminderOf(sessions), []changes.Entry{sessions}, digestDay.AddDate(0, 0, 7)),
	}
}

// announcedFunc answers what is still to come.
type announcedFunc func(partner string, from changes.Date) ([]changes.Entry, error)

func (f announcedFunc) Upcoming(_ context.Context, partner string, from changes.Date) ([]changes.Entry, error) {
	return f(partner, from)
}

func TestARemindersLetterAsksHowThingsStand(t *testing.T) {
	e := coming("Sessions API v1 is removed", "2027-03-08", "Move.", changes.Removal)
	e.Handled = incidents.Deed{By: "U0ADA", At: digestDay}
	asked := ""
	l := Reminders(nil, "#ecosystem-updates", announcedFunc(func(partner string, from changes.Date) ([]changes.Entry, error) {
		asked = partner + " " + string(from)
		return []changes.Entry{e}, nil
	}), func() time.Time { return digestDay })
	encoded := encodedJSON(t, reminderOf(e))
	m, err := l.message(t.Context(), encoded)
	if err != nil {
		t.Fatal(err)
	}
	if asked != "okta 2027-03-01" || m.Channel != "#ecosystem-updates" || !m.Since.Equal(digestDay) ||
		!strings.Contains(string(m.Blocks), "unhandled "+e.ID()) || strings.Contains(string(m.Blocks), "S0PLATFORM") {
		t.Errorf("asked for %s, drew %s", asked, m.Blocks)
	}
	if strings.Contains(m.Text, "<") {
		t.Errorf("the notification mentions somebody: %s", m.Text)
	}
}

func TestAReminderWaitsUntilItIsKnownHowThingsStand(t *testing.T) {
	locked := errors.New("the database is locked")
	l := Reminders(nil, "#ecosystem-updates", announcedFunc(func(string, changes.Date) ([]changes.Entry, error) { return nil, locked }),
		func() time.Time { return digestDay })
	_, err := l.Do(t.Context(), "reminder/okta/1", encodedJSON(t, reminderOf()), nil)
	var own interface {
		Permanent() bool
		NotSent() bool
	}
	if !errors.Is(err, locked) || !errors.As(err, &own) || own.Permanent() || !own.NotSent() {
		t.Errorf("%v", err)
	}
	if _, err := l.Do(t.Context(), "reminder/okta/1", []byte("not JSON"), nil); err == nil || !errors.As(err, &own) || !own.Permanent() {
		t.Errorf("%v", err)
	}
}

func TestHostileRemindersMentionNobody(t *testing.T) {
	for _, text := range hostile() {
		e := coming(text, "2027-03-08", text, changes.Breaking, changes.Beta)
		e.BetaVersion, e.Link = text, text
		r := reminderOf(e)
		r.Name, r.Team, r.Group = text, text, text
		e.Handled.By = text
		for _, entries := range [][]changes.Entry{nil, {e}} {
			got := markupOfReply(t, reminderReply(r, entries, digestDay))
			for _, active := range []string{"<!channel", "<!here", "<@U", "<#C", "<!subteam"} {
				if strings.Contains(got, active) {
					t.Errorf("%q became active: %s", text, got)
				}
			}
		}
	}
}

func TestAFullReminderFitsAMessage(t *testing.T) {
	var entries []changes.Entry
	for n := range 10 {
		entries = append(entries, coming(strings.Repeat("A title that goes on and on ", 40)+fmt.Sprint(n), "2027-03-08", strings.Repeat("A sentence of the summary. ", 40), changes.Breaking))
	}
	r := reminderOf(entries...)
	r.Folded = 15
	got := shownReply(t, reminderReply(r, entries, digestDay))
	if n := strings.Count(got, "[Handled: 1:handled okta-"); n != 10 {
		t.Errorf("%d of 10 have a button:\n%s", n, got)
	}
	if !strings.Contains(got, "And 15 more: `/sparky upcoming okta`") {
		t.Errorf("what is folded is not counted:\n%s", got)
	}
}

func FuzzReminder(f *testing.F) {
	f.Add([]byte(`{"partner":"okta","name":"Okta","items":[{"id":"okta-1","title":"x","kinds":["breaking"],"effective":"2027-03-08"}]}`))
	f.Add([]byte(`{"items":[{"effective":"no day"}],"folded":-1}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		r, err := read[changes.Reminder](payload)
		if err != nil || len(r.Items) > 10 {
			return
		}
		drawn := render(reminderReply(r, nil, digestDay))
		checkBlocks(t, drawn.Blocks, maxMessageBlocks)
	})
}
