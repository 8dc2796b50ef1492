package feed

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sparky/partners"
)

func read(t *testing.T, document string, src partners.Source) partners.Reading {
	t.Helper()
	reading, err := Parse([]byte(document), "", src)
	if err != nil {
		t.Fatal(err)
	}
	bounded(t, reading)
	return reading
}

// keyed maps what an entry says to its key.
func keyed(entries []entry) map[string]string {
	found := map[string]string{}
	for i, key := range keysOf(entries) {
		e := entries[i]
		found[fmt.Sprint(e.id, "|", e.title, "|", e.published, "|", e.body)] = key
	}
	return found
}

// TestKeysKeep holds that an entry keeps its key when the order changes, when newer entries come and when older ones of
// other ids go, also where ids repeat.
func TestKeysKeep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		n := rapid.IntRange(1, 12).Draw(t, "entries")
		var entries []entry
		for i := range n {
			entries = append(entries, entry{
				id:        rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "id"),
				title:     rapid.SampledFrom([]string{"Weekly", "Monthly", "Other"}).Draw(t, "title"),
				body:      rapid.SampledFrom([]string{"x", "y"}).Draw(t, "body"),
				published: start.AddDate(0, 0, i), // each newer than those before
			})
		}
		before := keyed(entries[:rapid.IntRange(1, n).Draw(t, "known")])
		shuffled := slices.Clone(entries)
		rand.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		after := keyed(shuffled)
		for said, key := range before {
			if after[said] != key {
				t.Errorf("%s had the key %q and has %q", said, key, after[said])
			}
		}
		unique := map[string]bool{}
		for _, key := range after {
			unique[key] = true
		}
		if len(unique) != len(after) {
			t.Errorf("%d entries have %d keys", len(after), len(unique))
		}
	})
}

// TestKeyOfEdited holds that an entry whose id is its own keeps its key whatever else of it is edited.
func TestKeyOfEdited(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	first := keysOf([]entry{{id: "a", title: "Retires in May", body: "x", published: day}})
	edited := keysOf([]entry{{id: "a", title: "Retires in June", body: "y", published: day.AddDate(0, 1, 0)}})
	if first[0] != "a" || edited[0] != "a" {
		t.Errorf("the keys are %q and %q", first, edited)
	}
}

func TestSameItemTwiceIsOne(t *testing.T) {
	item := `<item><guid>g</guid><title>Twice</title><description>said</description></item>`
	if got := read(t, rss(item+item), partners.Source{}); len(got.Changes) != 1 || got.Items != 2 {
		t.Errorf("%d entries of %d items", len(got.Changes), got.Items)
	}
}

func TestLongIDs(t *testing.T) {
	long := strings.Repeat("x", 5000)
	keys := keysOf([]entry{{id: long + "1"}, {id: long + "2"}, {id: "sha256:short"}})
	if len(keys[0]) > maxKey || keys[0] == keys[1] || keys[2] != "sha256:short" {
		t.Errorf("the keys are %q", keys)
	}
}

// TestHash holds what counts as an edit.
func TestHash(t *testing.T) {
	of := func(title, link, date, body string) string {
		t.Helper()
		item := fmt.Sprintf(`<item><guid>g</guid><title>%s</title><link>%s</link><pubDate>%s</pubDate><description><![CDATA[%s]]></description></item>`, title, link, date, body)
		return read(t, rss(item), partners.Source{}).Changes[0].Hash
	}
	base := of("Retires", "https://a.example/1", "Mon, 02 Nov 2026 12:00:00 GMT", "<p>On 1 May, see https://a.example/x?a=1.</p>")
	same := map[string]string{
		"white space":            of("Retires ", "https://a.example/1", "Mon, 02 Nov 2026 12:00:00 GMT", "<p>On  1 May,\n see https://a.example/x?a=1.</p>"),
		"markup":                 of("Retires", "https://a.example/1", "Mon, 02 Nov 2026 12:00:00 GMT", "<div><p>On <b>1 May</b>, see https://a.example/x?a=1.</p></div>"),
		"tracking":               of("Retires", "https://a.example/1?utm_source=rss", "Mon, 02 Nov 2026 12:00:00 GMT", "<p>On 1 May, see https://a.example/x?a=1&utm_campaign=5.</p>"),
		"another date":           of("Retires", "https://a.example/1", "Tue, 03 Nov 2026 12:00:00 GMT", "<p>On 1 May, see https://a.example/x?a=1.</p>"),
		"struck-out text beside": of("Retires", "https://a.example/1", "Mon, 02 Nov 2026 12:00:00 GMT", "<p>On <s>1 March</s> 1 May, see https://a.example/x?a=1.</p>"),
	}
	for what, hash := range same {
		if hash != base {
			t.Errorf("%s changed the hash", what)
		}
	}
	edits := map[string]string{
		"the deadline": of("Retires", "https://a.example/1", "Mon, 02 Nov 2026 12:00:00 GMT", "<p>On 1 June, see https://a.example/x?a=1.</p>"),
		"the title":    of("Retired", "https://a.example/1", "Mon, 02 Nov 2026 12:00:00 GMT", "<p>On 1 May, see https://a.example/x?a=1.</p>"),
	}
	for what, hash := range edits {
		if hash == base {
			t.Errorf("an edit of %s did not change the hash", what)
		}
	}
	withDeadline := entry{title: "a", deadline: "2026-01-01"}
	if withDeadline.hash() == (entry{title: "a"}).hash() {
		t.Error("the field for the deadline is not in the hash")
	}
	if (entry{tags: []string{"a", "b"}}).hash() != (entry{tags: []string{"b", "a"}}).hash() {
		t.Error("the order of tags is in the hash")
	}
	if (entry{title: "ab", body: "c"}).hash() == (entry{title: "a", body: "bc"}).hash() {
		t.Error("title and body run together in the hash")
	}
}

// TestDayGrows holds that an entry which gathers a day's notes gives new entries for new sections only.
func TestDayGrows(t *testing.T) {
	feed := func(content string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>November 20, 2026</title><id>day</id><content type="html"><![CDATA[` + content + `]]></content></entry></feed>`
	}
	morning := read(t, feed(`<h2>Anchors</h2><h3>Feature</h3><p>a</p><h2>Sails</h2><h3>Issue</h3><p>b</p>`), partners.Source{})
	evening := read(t, feed(`<h2>Anchors</h2><h3>Feature</h3><p>a</p><h3>Deprecated</h3><p>c</p><h2>Buoys</h2><p>d</p><h2>Sails</h2><h3>Issue</h3><p>b</p>`), partners.Source{})
	if len(morning.Changes) != 2 || len(evening.Changes) != 4 {
		t.Fatalf("%d and %d entries", len(morning.Changes), len(evening.Changes))
	}
	known := map[string]string{}
	for _, c := range evening.Changes {
		known[c.Key] = c.Hash
	}
	for _, c := range morning.Changes {
		if known[c.Key] != c.Hash {
			t.Errorf("the entry %q of the morning has another key or hash in the evening", c.Title)
		}
	}
}

// TestListGrows holds the same for a release that is a list of titles.
func TestListGrows(t *testing.T) {
	feed := func(anchors ...string) string {
		links := ""
		for _, a := range anchors {
			links += fmt.Sprintf(`<a href="https://b.example/n/#%s">%s</a><br>`, a, strings.ToUpper(a))
		}
		return rss(`<item><title>Monthly</title><link>https://b.example/n/#m</link><guid>https://b.example/n/#m</guid><description><![CDATA[` + links + `]]></description></item>`)
	}
	before := read(t, feed("one", "two"), partners.Source{})
	after := read(t, feed("three", "one", "two"), partners.Source{})
	if len(before.Changes) != 2 || len(after.Changes) != 3 || after.Items != 1 {
		t.Fatalf("%d and %d entries", len(before.Changes), len(after.Changes))
	}
	for i, c := range before.Changes {
		if c.Key != after.Changes[i+1].Key || c.Hash != after.Changes[i+1].Hash {
			t.Errorf("%q became %q", c.Key, after.Changes[i+1].Key)
		}
	}
}
