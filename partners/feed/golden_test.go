package feed

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sparky/partners"
)

const fixtures = "../../fixtures/documents/feeds"

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	document, err := os.ReadFile(filepath.Join(fixtures, name))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// TestGolden holds each document of ours to what it is read as, or to the error that it gets. With UPDATE_GOLDEN=1 it
// writes that down instead; then read the difference.
func TestGolden(t *testing.T) {
	html := partners.Source{Kind: partners.SourceHTML, URL: "https://beacon.example/docs/changes", Item: "article.change", Title: "h4", Date: "h2.day"}
	page := func(url string) partners.Source {
		return partners.Source{Kind: partners.SourceMarkdown, URL: url}
	}
	sources := map[string]partners.Source{
		"rss2.xml":              {URL: "https://harbor.example/changelog/feed.xml"},
		"atom.xml":              {},
		"rdf.xml":               {},
		"jsonfeed.json":         {},
		"empty-channel.xml":     {},
		"cut-off.xml":           {},
		"bad-ampersands.xml":    {},
		"unclosed-cdata.xml":    {},
		"unclosed-items.xml":    {},
		"latin1-undeclared.xml": {},
		"windows-1251.xml":      {},
		"utf16.xml":             {},
		"bom-invalid.xml":       {},
		"text-before.xml":       {},
		"entities.xml":          {},
		"login.html":            {},
		"page-with-feed.html":   {},
		"sitemap.xml":           {},
		"error.json":            {},
		"repeated-guids.xml":    {},
		"no-guids.xml":          {},
		"odd-dates.xml":         {},
		"release-list.xml":      {},
		"day-of-products.xml":   {},
		"graph-like.xml":        {Kind: partners.SourceFeed, URL: "https://atlas.example/changelog/rss"},
		"keep-a-changelog.md":   page("https://raw.githubusercontent.com/acme/winch/main/CHANGELOG.md"),
		"whats-new.md":          page("https://github.com/acme/tower/blob/main/whats-new.md"),
		"typed-entries.md":      page("https://gate.example/news.md"),
		"tables.md":             {},
		"html-table.md":         {},
		"setext.md":             {},
		"news.html":             html,
		"releases.json":         {Kind: partners.SourceGitHubReleases, Repo: "o/r"},
		"messages.json":         {Kind: partners.SourceM365Messages},
		"upcoming-changes.json": {URL: "https://quay.example/upcoming-changes.json"},
		"workload.json":         {},
	}
	documents, err := filepath.Glob(filepath.Join(fixtures, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) != len(sources) {
		t.Errorf("%d documents and %d sources for them", len(documents), len(sources))
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			reading, err := Parse(fixture(t, name), "", src)
			golden(t, name, shownReading(reading, err))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("read otherwise than before (-before +now):\n%s", diff)
	}
}

// shownReading prints all that a reading says, without the hashes, which their own test holds.
func shownReading(r partners.Reading, err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\nformat: %s\nitems: %d, skipped: %d\nrepaired: %s\n", r.Title, r.Format, r.Items, r.Skipped, r.Repaired)
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "\nkey: %s\ntitle: %s\nlink: %s\npublished: %s\ntags: %s\ndeadline: %s\n", c.Key, c.Title, c.Link,
			c.Published.Format("2006-01-02 15:04:05 MST"), strings.Join(c.Tags, ", "), c.Deadline)
		for line := range strings.SplitSeq(c.Body, "\n") {
			fmt.Fprintf(&b, "\t%s\n", line)
		}
	}
	return b.String()
}
