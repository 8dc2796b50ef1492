package commands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/internal/setting"
)

func TestALengthOfTimeAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7d": 7 * setting.Day, "36h": 36 * time.Hour, "7days": 7 * setting.Day, "1day": setting.Day, "1DAY": setting.Day, "2weeks": 14 * setting.Day,
		"1w": 7 * setting.Day, "24hours": 24 * time.Hour, "3months": 90 * setting.Day, "99999d": longestSpan, "9999months": longestSpan,
		"0d": 0, "0days": 0, "7": 0, "days": 0, "-7days": 0, "7x": 0, "": 0, "99999days": 0, "seven days": 0,
	} {
		if got, ok := spanOf(text); got != want && ok || ok != (want > 0) {
			t.Errorf("%q is %s, %v, want %s", text, got, ok, want)
		}
	}
}

func TestTakeSpan(t *testing.T) {
	for text, want := range map[string]struct {
		rest string
		span time.Duration
	}{
		"snow 7days":            {"snow", 7 * setting.Day},
		"7 days snow":           {"snow", 7 * setting.Day},
		"microsoft 365 30 Days": {"microsoft 365", 30 * setting.Day},
		"microsoft 365":         {"microsoft 365", 0},
		"microsoft 365 7d":      {"microsoft 365", 7 * setting.Day},
		"30 snow":               {"30 snow", 0},
		"days":                  {"days", 0},
		"1d 2d":                 {"", 2 * setting.Day},
		"":                      {"", 0},
	} {
		rest, span := takeSpan(strings.Fields(text))
		if strings.Join(rest, " ") != want.rest || span != want.span {
			t.Errorf("%q leaves %q and %s", text, rest, span)
		}
	}
}

func TestChangelogOfSevenDaysInWords(t *testing.T) {
	for _, typed := range []string{"changelog 7days", "changelog 7 days", "changelog 1 week", "changelog 1w"} {
		f := &fakeFacts{}
		if reply := ask(t, f, typed); reply.Text != "Changelog: nothing new in the last 7 days." || !f.asked.Since.Equal(noon.Add(-7*setting.Day)) {
			t.Errorf("%s: %s, since %s", typed, reply.Text, f.asked.Since)
		}
	}
}

func TestUpcomingWithinASpan(t *testing.T) {
	f := &fakeFacts{upcoming: []changes.Entry{
		entry("today", "2027-03-01", changes.Removal), entry("last day", "2027-03-08", changes.Breaking), entry("day after", "2027-03-09", changes.Breaking),
		entry("v3 beta", "", changes.Beta),
	}}
	for typed, want := range map[string]string{
		"upcoming 7d":          "Coming changes: 2 with a date in the next 7 days, the next today (today).",
		"upcoming snow 7 days": "Coming changes of ServiceNow: 2 with a date in the next 7 days, the next today (today).",
		"upcoming 1d snow":     "Coming changes of ServiceNow: 1 with a date in the next day, the next today (today).",
		"upcoming":             "Coming changes: 3 with a date, the next today (today).",
		"upcoming 3x":          `"3x" is no length of time; write it like 36h or 7d.`,
		"upcoming 0d":          `"0d" is no length of time; write it like 36h or 7d.`,
		"upcoming snow 7":      `"7" is no length of time; write it like 36h or 7d.`,
	} {
		reply := ask(t, f, typed)
		if reply.Text != want {
			t.Errorf("%s:\n got %s\nwant %s", typed, reply.Text, want)
		}
		if within := strings.Contains(want, "in the next"); within != !strings.Contains(plain(reply), "v3 beta") && !reply.Refused {
			t.Errorf("%s lists\n%s", typed, plain(reply))
		}
	}
	f.upcoming = slices.Clone(f.upcoming[3:])
	if got := ask(t, f, "upcoming 7d").Text; got != "Coming changes: nothing is announced for the next 7 days." {
		t.Errorf("got %q", got)
	}
}

// Nothing that is typed makes it fall, or takes a negative length.
func FuzzTakeSpan(f *testing.F) {
	f.Add("7 days snow")
	f.Add("99999999999999999d")
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Fields(text)
		rest, span := takeSpan(words)
		if span < 0 || span > longestSpan || len(rest) > len(words) {
			t.Errorf("%q leaves %q and %s", text, rest, span)
		}
	})
}
