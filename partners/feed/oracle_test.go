package feed

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// sharedFeeds is where real documents lie beside the repository, on the machines that have them.
const sharedFeeds = "../../../shared/data/feeds"

// TestRealDocuments holds the reader to what a lenient reader of feeds shows of real documents, good and broken: as
// many items, and an error where there is no feed.
func TestRealDocuments(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(sharedFeeds, "oracle.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no real documents beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	var oracle map[string]struct {
		Feedparser *struct {
			Version    string `json:"version"`
			Items      int    `json:"items"`
			FirstTitle string `json:"first_title"`
		} `json:"feedparser"`
		Gofeed struct {
			Items int `json:"items"`
		} `json:"gofeed"`
	}
	if err := json.Unmarshal(file, &oracle); err != nil {
		t.Fatal(err)
	}
	if len(oracle) < 30 {
		t.Fatalf("the oracle names %d documents", len(oracle))
	}
	for name, o := range oracle {
		t.Run(name, func(t *testing.T) {
			document, err := os.ReadFile(filepath.Join(sharedFeeds, name))
			if err != nil {
				t.Fatal(err)
			}
			reading, err := Parse(document, "", partners.Source{})
			want, first, isFeed := o.Gofeed.Items, "", true
			if o.Feedparser != nil {
				want, first, isFeed = o.Feedparser.Items, o.Feedparser.FirstTitle, o.Feedparser.Version != ""
			}
			if !isFeed {
				if err == nil {
					t.Fatalf("read as a feed of %d entries", len(reading.Changes))
				}
				t.Logf("no feed: %v", err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d items, %d entries, %d skipped; %s", reading.Format, reading.Items, len(reading.Changes), reading.Skipped, reading.Repaired)
			if reading.Items != want {
				t.Errorf("%d items, a reader shows %d", reading.Items, want)
			}
			if len(reading.Changes)+reading.Skipped < want {
				t.Errorf("%d entries of %d items", len(reading.Changes), want)
			}
			whole, err := Items(document, "", partners.Source{})
			if err != nil || len(whole.Changes)+whole.Skipped != want {
				t.Errorf("%d entries where each item is one, a reader shows %d (%v)", len(whole.Changes), want, err)
			}
			if !strings.HasPrefix(name, "okta-") && len(reading.Changes) > 0 && first != "" {
				if got := reading.Changes[0].Title; !strings.HasPrefix(got, plaintext.Clip(plainLine(first), 20)[:min(15, len(plainLine(first)))]) {
					t.Errorf("the first title is %q, a reader shows %q", got, first)
				}
			}
		})
	}
}
