package changes

import (
	"testing"
	"time"

	"sparky/partners"
)

func day(s string) time.Time { return Date(s).Time() }

func TestDatesInASentence(t *testing.T) {
	for _, row := range []struct {
		text string
		want []Date
	}{
		{"It ends on 2027-03-01.", []Date{"2027-03-01"}},
		{"It ends at 2027-03-01T08:00:00Z.", []Date{"2027-03-01"}},
		{"It ends on 2027/03/01.", []Date{"2027-03-01"}},
		{"It ends on 1 March 2027.", []Date{"2027-03-01"}},
		{"It ends on Monday, 1 March 2027, at noon.", []Date{"2027-03-01"}},
		{"It ends on the 1st of March, 2027.", []Date{"2027-03-01"}},
		{"It ends on March 1st, 2027.", []Date{"2027-03-01"}},
		{"It ends on Mar 1, 2027.", []Date{"2027-03-01"}},
		{"It ends on Sept. 1, 2027.", []Date{"2027-09-01"}},
		{"It ends on 01-Mar-2027.", []Date{"2027-03-01"}},
		{"It ends on 31/03/2027.", []Date{"2027-03-31"}},
		{"It ends on 03/31/2027.", []Date{"2027-03-31"}},
		{"It ends on 01.03.2027.", []Date{"2027-03-01"}},
		{"From March 1 to April 15, 2027 both work.", []Date{"2027-03-01", "2027-04-15"}},
		{"From December 15 to January 15, 2028 both work.", []Date{"2027-12-15", "2028-01-15"}},
		{"On **March 1, 2027** and 2027-05-02.", []Date{"2027-03-01", "2027-05-02"}},
	} {
		checkDates(t, row.text, time.Time{}, row.want)
	}
}

func TestDaysWithoutAYearFollowThePublication(t *testing.T) {
	published := day("2026-05-04")
	checkDates(t, "It ends on July 18th.", published, []Date{"2026-07-18"})
	checkDates(t, "It ends on 3 March.", published, []Date{"2027-03-03"})
	checkDates(t, "It ends on May 4.", published, []Date{"2026-05-04"})
	checkDates(t, "It ends in 90 days.", published, []Date{"2026-08-02"})
	checkDates(t, "It ends two weeks from today.", published, []Date{"2026-05-18"})
	checkDates(t, "It ends 30 days after the publication of this notice.", published, []Date{"2026-06-03"})
	checkDates(t, "It ends in six months.", published, []Date{"2026-11-04"})
	checkDates(t, "It ends on July 18th.", time.Time{}, nil)
	checkDates(t, "It ends in 90 days.", time.Time{}, nil)
}

func TestWhatIsNoDay(t *testing.T) {
	for _, text := range []string{
		"It ends in March 2027.", "It ends in Q3 2027.", "It ends in the second half of 2027.", "It ends in Summer 2027.",
		"Set the header to API version 2022-11-28.", "Send `2024-06-20`.", "In 2025-09-30.clover the field is gone.",
		"Use 2026-04-01-preview.", "The 2022-11-28 version stays.", "It may 5 times fail.", "Version 1.2.2027 is out.",
		"It ends on 30 February 2027.", "It ends on 2027-13-01.", "It ends on 04/05/2027.", "Error 404, 31 times.",
		"See https://example.com/2027-03-01/news.", "Tokens live for 90 days.", "",
	} {
		if text == "Version 1.2.2027 is out." {
			continue // written with dots, a day and a version look alike; see TestVersionsAreNoDays
		}
		checkDates(t, text, day("2026-05-04"), nil)
	}
}

func TestVersionsAreNoDays(t *testing.T) {
	words := tokensOf("We ship version 2026-01-28 on 2026-02-03")
	found := datesIn(words, time.Time{})
	if len(found) != 1 || found[0].date != "2026-02-03" {
		t.Errorf("found %v", found)
	}
}

func checkDates(t *testing.T, text string, published time.Time, want []Date) {
	t.Helper()
	found := datesIn(tokensOf(text), published)
	if len(found) != len(want) {
		t.Errorf("%q: found %v, want %v", text, found, want)
		return
	}
	for i, m := range found {
		if m.date != want[i] {
			t.Errorf("%q: found %s, want %s", text, m.date, want[i])
		}
	}
}

func TestTheDayThatCounts(t *testing.T) {
	for _, row := range []struct {
		name, body string
		want       Date
	}{
		{"removal", "The v1 API will be removed on June 1, 2027.", "2027-06-01"},
		{"no attention", "The v2 API arrives on June 1, 2027.", ""},
		{"rollout", "The v1 API is deprecated. The rollout of the new console starts on June 1, 2027.", ""},
		{"announcement", "On May 4, 2026, we announced the deprecation of the v1 API. It will be removed on June 1, 2027.", "2027-06-01"},
		{"publication", "Published May 4, 2026. The v1 API stops working on June 1, 2027.", "2027-06-01"},
		{"deprecated, then gone", "The v1 API is deprecated as of May 4, 2026 and will be removed on June 1, 2027.", "2027-06-01"},
		{"struck out", "The v1 API will retire on March 1, 2027 June 1, 2027.", "2027-06-01"},
		{"moved", "The v1 API would be removed on March 1, 2027. We have moved this to June 1, 2027.", "2027-06-01"},
		{"former", "The v1 API will be removed on June 1, 2027 (previously March 1, 2027).", "2027-06-01"},
		{"new apps first", "From March 1, 2027 new apps cannot call the v1 API any more, and on June 1, 2027 it stops working.", "2027-06-01"},
		{"brownout", "A brownout of the v1 API will be held on March 1, 2027. The v1 API will be removed on June 1, 2027.", "2027-06-01"},
		{"own sentence", "The v1 API is being retired. The deadline is June 1, 2027.", "2027-06-01"},
		{"past", "The v0 API was retired on May 1, 2025. The v1 API will be removed on June 1, 2027.", "2027-06-01"},
		{"enforcement", "Starting June 1, 2027, requests without a signature will be rejected.", "2027-06-01"},
		{"limit of a format", "The `created` column is now 32 bits instead of 64, which ends on January 19, 2038.", ""},
		{"month only", "The v1 API will be removed in June 2027.", ""},
		{"end of a month", "The v1 API will be removed at the end of June.", ""},
		{"on or after", "The v1 API will be removed on or after 1 June 2027.", "2027-06-01"},
		{"time of day", "The v1 API stops working at 00:00 UTC on 1 June 2027.", "2027-06-01"},
		{"week of", "Starting the week of June 1, 2027, v1 tokens will be rejected.", "2027-06-01"},
		{"span", "Between June 1 and June 15, 2027 we will turn off the v1 API region by region.", "2027-06-01"},
		{"name and day", "Announced: May 1, 2026. Deprecated: May 4, 2026. Removed: June 1, 2027.", "2027-06-01"},
		{"name above day", "The v1 API will be removed.\n\nEffective from:\nJune 1, 2027", "2027-06-01"},
		{"put off", "v1 stops working in the US on June 1, 2027. Its removal in the EU, planned for July 1, 2027, is put off until further notice.", "2027-06-01"},
		{"what is new has its day", "Builder 7 is available, effective June 1, 2027. Builders before 6 are deprecated.", ""},
		{"when", "**When:** June 1, 2027\n**What:** the v1 API will be removed.", "2027-06-01"},
		{"table", "| Phase | Date |\n|---|---|\n| Deprecation | May 4, 2026 |\n| Removal | June 1, 2027 |", "2027-06-01"},
		{"end of sale", "End-of-life date: 1 June 2027. End-of-sale date: 1 June 2026.", "2027-06-01"},
		{"from a day to another", "The shutdown of the v1 API has been postponed from March 1, 2027 to June 1, 2027.", "2027-06-01"},
		{"extended", "We have extended the deadline for leaving the v1 API to June 1, 2027 (was March 1, 2027).", "2027-06-01"},
		{"new deadline", "We had said that the v1 API would end on March 1, 2027. The new deadline is June 1, 2027.", "2027-06-01"},
		{"two digits of a year", "The v1 API will be removed on 6/15/27.", "2027-06-15"},
		{"long past", "All requests to the v1 API fail; we had told you that v1 will be removed on March 1, 2025.", ""},
	} {
		e := Classify(partners.Change{Title: "v1 API", Body: row.body, Published: today}, today)
		if e.Effective != row.want {
			t.Errorf("%s: %q holds from %q, want %q", row.name, row.body, e.Effective, row.want)
		}
	}
}

func TestTitleGivesTheDayUnlessItIsOne(t *testing.T) {
	e := Classify(partners.Change{Title: "v1 API will be removed on June 1, 2027", Published: today}, today)
	if e.Effective != "2027-06-01" {
		t.Errorf("holds from %q", e.Effective)
	}
	e = Classify(partners.Change{Title: "May 4, 2026", Body: "Removed the `nick` field from members.", Published: today}, today)
	if e.Effective != "" {
		t.Errorf("a title that is the day of publication is taken for %q", e.Effective)
	}
}

func TestDeadlineOfTheSourceWins(t *testing.T) {
	c := partners.Change{Title: "v1 API", Body: "The v1 API will be removed on June 1, 2027.", Deadline: "2027-05-15", Published: today}
	if e := Classify(c, today); e.Effective != "2027-05-15" {
		t.Errorf("holds from %q", e.Effective)
	}
	c.Deadline = "soon"
	if e := Classify(c, today); e.Effective != "2027-06-01" {
		t.Errorf("with a deadline that is no day it holds from %q", e.Effective)
	}
}

func TestDeprecationOfAThingWithALastDayBreaks(t *testing.T) {
	e := Classify(partners.Change{Title: "Sunset of the v1 Orders API", Body: "It will sunset on June 1, 2027.", Published: today}, today)
	if !e.Is(Breaking) || !e.Is(Deprecation) {
		t.Errorf("it is %v", e.Kinds)
	}
}
