package changes

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sparky/partners"
)

func FuzzClassify(f *testing.F) {
	for _, l := range labelledChanges(f, "testdata/announcements.jsonl") {
		f.Add(l.Title, l.Body, strings.Join(l.Tags, ","))
	}
	f.Add("[[[[", "~~**__[](<<&lt;", "\x00,\xff")
	f.Add("Deprecated: ", "- [x](", "")
	f.Fuzz(func(t *testing.T, title, body, tags string) {
		c := partners.Change{Title: title, Body: body, Tags: strings.Split(tags, ","), Published: today}
		e := Classify(c, today)
		if len(e.Kinds) == 0 || e.Is(Other) && len(e.Kinds) > 1 {
			t.Errorf("kinds %v", e.Kinds)
		}
		if e.Is(Beta) != (strings.TrimSpace(e.BetaVersion) != "") {
			t.Errorf("%v offers %q", e.Kinds, e.BetaVersion)
		}
		if e.Effective != "" && (e.Effective.Time().IsZero() || !e.NeedsAttention()) {
			t.Errorf("%v holds from %q", e.Kinds, e.Effective)
		}
		if utf8.RuneCountInString(e.Summary) > summaryRunes {
			t.Errorf("a summary of %d bytes", len(e.Summary))
		}
		e.APIVersion()
	})
}

func FuzzDates(f *testing.F) {
	f.Add("On the 1st of March, 2027 or 2027-03-01, 01-Mar-2027, 3/31/2027, in 90 days")
	f.Add("March March 1 1 1st of of May 2027")
	f.Fuzz(func(t *testing.T, text string) {
		words := tokensOf(text)
		for _, m := range datesIn(words, today) {
			if m.date.Time().IsZero() || m.from < 0 || m.to > len(words) || m.from >= m.to {
				t.Errorf("%q: %+v", text, m)
			}
		}
		datesIn(words, time.Time{})
	})
}

func FuzzSentences(f *testing.F) {
	f.Add("One. Two (e.g. Three). `a. B.` Four… 5.")
	f.Add("\xff. A `. B")
	f.Fuzz(func(t *testing.T, text string) {
		for _, l := range linesOf(text) {
			joined := strings.Join(sentencesOf(l.text), " ")
			if joined != l.text {
				t.Errorf("%q became %q", l.text, joined)
			}
		}
	})
}

// TestHostileText holds the work to the length of the text, whatever stands in it.
func TestHostileText(t *testing.T) {
	for name, unit := range map[string]string{
		"brackets": "[", "tags": "<a", "open links": "[a](", "struck": "~~", "stars": "*a _b ", "dots": ". A", "months": "May 1 ",
		"cues": "will be removed ", "no longer": "no longer ", "backticks": "`", "lines": "a\n", "like": "(like ", "parens": "(such as a",
		"dashes": "— ’", "invalid": "\xff\xfe", "entities": "&amp;lt;", "quotes": "> > ", "numbers": "1 1 1 ", "gone": "will be unavailable ", "days": "will be removed on May 1 2027 ", "deep": "<<<<del>",
	} {
		body := strings.Repeat(unit, 250_000/len(unit))
		start := time.Now()
		Classify(partners.Change{Title: body, Body: body, Published: today}, today)
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("250 kB of %s took %s", name, took)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	body := strings.Repeat("The classic reports endpoint is deprecated and will be removed on June 1, 2027. Use the new one instead. ", 14)
	c := partners.Change{Title: "Reports API v1 deprecation", Body: body, Published: today}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		Classify(c, today)
	}
}
