package changes

import (
	"strings"
	"testing"

	"sparky/partners"
)

// filler is a sentence that fills a summary's room.
var filler = "We have thought about this for a long time together with many customers of ours in all parts of the world and in all lines of work. "

func TestTheSummaryHoldsTheDayAndKeepsTheOrder(t *testing.T) {
	for _, row := range []struct{ name, body, want string }{
		{"token lifetime", "From 2 January 2027 access tokens of service principals live 60 minutes instead of 90. Clients that cache a token for longer will see " +
			"status 401.\n\nRead the lifetime from the answer.", "From 2 January 2027 access tokens of service principals live 60 minutes instead of 90. Clients that cache a token for longer will see status 401."},
		{"until then", "The reporting web service takes OAuth 2.0 only from 23 March 2027. Basic authentication still works until then, and each answer to it carries a warning header.", ""},
		{"shorter ones", "Integration users need a password of 16 characters or more from 2 January 2027. Users with shorter ones can no longer sign in by basic authentication.", ""},
		{"version header", "From 7 January 2027 every call of the Staffing REST API must name a version in its header. Calls without it will be refused with status 400.\n\n" +
			"Send it from every client before that date; until then it is ignored.", ""},
		{"the day far down", "The v1 endpoints will be removed. " + filler + filler + "The last day is 2 January 2027. Update your clients.",
			"The v1 endpoints will be removed. The last day is 2 January 2027. Update your clients."},
		{"what leans on what has no room goes", "The v1 endpoints will be removed on 2 January 2027. " + strings.Repeat("These were built in the first year, ", 12) + "and are slow. Those who call v1 will get status 410.",
			"The v1 endpoints will be removed on 2 January 2027."},
		{"that day is the last that was named", "Calls with an old key will be refused from 2 January 2027. Our keys are made of oak. Rotate your keys before that day.",
			"Calls with an old key will be refused from 2 January 2027. Rotate your keys before that day."},
		{"of what brings no day", "We will remove the v1 endpoints. Clients that cache it must be updated.", ""},
	} {
		want := row.want
		if want == "" {
			want = strings.ReplaceAll(row.body, "\n\n", " ")
		}
		c := partners.Change{Title: "Sign-in", Body: row.body, Tags: []string{"breaking change"}, Published: today}
		if e := Classify(c, today); e.Summary != want {
			t.Errorf("%s:\n got %q\nwant %q", row.name, e.Summary, want)
		}
	}
}

func TestWhatASentenceLeansOn(t *testing.T) {
	for text, want := range map[string]bool{
		"Those who wait get status 410.":                           true,
		"Clients that cache it will fail.":                         true,
		"Users with shorter ones can no longer sign in.":           true,
		"Calls without it will be refused.":                        true,
		"It works as before.":                                      true,
		"Its address changes.":                                     true,
		"Send them before May.":                                    true,
		"Otherwise calls fail.":                                    true,
		"There they stay.":                                         true,
		"As a result, calls fail.":                                 true,
		"The latter goes.":                                         true,
		"That means work.":                                         true,
		"There will be brownouts.":                                 false,
		"This change affects all apps.":                            false,
		"Each app and its keys are moved.":                         false,
		"It is possible to try v2 today.":                          false,
		"Clients that cache a token will fail.":                    false,
		"Send the header with each call before you make it again.": false,
		"Send `it` with each call.":                                false,
		"":                                                         false,
	} {
		if got := (statement{words: tokensOf(text)}).pointsBack(); got != want {
			t.Errorf("%q leans on the one before: %v", text, got)
		}
	}
	for text, want := range map[string]bool{
		"It works until then.": true, "Send it before that date.": true, "After this point calls fail.": true, "By then, move.": true,
		"Then move.": false, "The date is open.": false, "That is the date.": false,
	} {
		if got := (statement{words: tokensOf(text)}).pointsAtDay(); got != want {
			t.Errorf("%q speaks of another's day: %v", text, got)
		}
	}
}

// TestNoSummaryLosesTheDay holds for all announcements that tell a day in a sentence of their text.
func TestNoSummaryLosesTheDay(t *testing.T) {
	held := 0
	for _, l := range append(labelledChanges(t, "testdata/announcements.jsonl"), labelledChanges(t, "testdata/invented.jsonl")...) {
		e := Classify(l.change(), today)
		if e.Effective == "" {
			continue
		}
		says := func(body string) bool {
			c := l.change()
			c.Body = body
			for _, s := range read(c).body {
				if s.saysDay(e.Effective) > 0 {
					return true
				}
			}
			return false
		}
		if !says(l.Body) {
			continue
		}
		held++
		if !says(e.Summary) {
			t.Errorf("%s: the day %s is lost in %q", l.ID, e.Effective, e.Summary)
		}
	}
	if held < 20 {
		t.Errorf("only %d announcements with a day in their text", held)
	}
}
