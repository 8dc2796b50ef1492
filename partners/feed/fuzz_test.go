package feed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sparky/partners"
)

// seeds adds our own documents of the given endings to a fuzz target.
func seeds(f *testing.F, endings ...string) {
	f.Helper()
	documents, err := filepath.Glob(filepath.Join(fixtures, "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range documents {
		for _, ending := range endings {
			if strings.HasSuffix(name, ending) {
				document, err := os.ReadFile(name)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(document)
			}
		}
	}
}

// held is what every document must come to: an error without a reading, or a bounded reading that is the same each time.
func held(t *testing.T, document []byte, src partners.Source) {
	first, err := Parse(document, "", src)
	if err != nil {
		if first.Changes != nil || err.Error() == "" {
			t.Errorf("an error with a reading: %v", err)
		}
		return
	}
	bounded(t, first)
	if first.Format == "" || first.Items < 0 || first.Skipped < 0 {
		t.Errorf("read %+v", first)
	}
	second, err := Parse(document, "", src)
	if err != nil || len(second.Changes) != len(first.Changes) {
		t.Fatalf("read once as %d entries, then as %d, %v", len(first.Changes), len(second.Changes), err)
	}
	for i, c := range first.Changes {
		if again := second.Changes[i]; again.Key != c.Key || again.Hash != c.Hash {
			t.Errorf("the entry %q has the key %q, then %q", c.Title, c.Key, again.Key)
		}
	}
}

func FuzzParseFeed(f *testing.F) {
	seeds(f, ".xml", ".html")
	f.Fuzz(func(t *testing.T, document []byte) {
		held(t, document, partners.Source{URL: "https://a.example/feed"})
	})
}

func FuzzParseMarkdown(f *testing.F) {
	seeds(f, ".md")
	f.Fuzz(func(t *testing.T, document []byte) {
		held(t, document, partners.Source{Kind: partners.SourceMarkdown, URL: "https://a.example/news.md"})
	})
}

func FuzzParseHTML(f *testing.F) {
	seeds(f, ".html")
	f.Fuzz(func(t *testing.T, document []byte) {
		held(t, document, partners.Source{Kind: partners.SourceHTML, URL: "https://a.example/", Item: "article, li", Title: "h4, a", Date: "h2, time"})
		held(t, document, partners.Source{Kind: partners.SourceHTML, Item: "div, p"})
	})
}

func FuzzParseJSON(f *testing.F) {
	seeds(f, ".json")
	f.Fuzz(func(t *testing.T, document []byte) {
		held(t, document, partners.Source{})
		held(t, document, partners.Source{Kind: partners.SourceM365Messages})
	})
}

// FuzzSelector holds that no selector of a configuration can end the program.
func FuzzSelector(f *testing.F) {
	for _, selector := range []string{"article.change", "h4", "div > p:nth-child(2n+1)", "[id^=CHANGE]", ":has(p)", ":not(", "a b,,", "::before"} {
		f.Add(selector)
	}
	page, err := os.ReadFile(filepath.Join(fixtures, "news.html"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, selector string) {
		if reading, err := Parse(page, "", partners.Source{Kind: partners.SourceHTML, Item: selector}); err == nil {
			bounded(t, reading)
		}
	})
}

// FuzzText holds that text comes out of anything without what is not to be seen, and that it is done: reading it again
// as text changes nothing of its lines.
func FuzzText(f *testing.F) {
	for _, s := range []string{"<p>a<b>c</p>", "a &amp; b", "**x** `y`", "<s>z", "- [x] a\n> b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, text := range []string{plainText(s), markdownText(s), plainLine(s)} {
			if tidy(text) != text {
				t.Errorf("%q still has to be tidied", text)
			}
			if strings.ContainsAny(text, "\x00\x1b\r\t\u202e") {
				t.Errorf("%q holds what is not to be seen", text)
			}
		}
	})
}

// FuzzDate holds that no date stops the reader or is beyond the years that a changelog has.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"Mon, 02 Nov 2026 12:00:00 GMT", "2026-11-02", "November 2nd, 2026", "1793620800", "2 Nov 26 12:00 PST"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if day, ok := parseDate(s); ok && (day.Year() < 1990 || day.Year() > 2101) {
			t.Errorf("%q is %v", s, day)
		}
		headingDay(s)
		isDay(s)
		version(s)
	})
}
