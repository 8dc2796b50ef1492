package feed

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// TestItemLinks holds what relative links are relative to, and that only links for the web are left.
func TestItemLinks(t *testing.T) {
	const from = "https://from.example/feeds/a.xml"
	cases := []struct{ name, document, from, want string }{
		{"absolute", rss(`<item><link>https://x.example/1</link></item>`), from, "https://x.example/1"},
		{"relative to the channel's link", `<rss><channel><link>https://home.example/blog/</link><item><link>one</link></item></channel></rss>`, from, "https://home.example/blog/one"},
		{"relative to where it came from", rss(`<item><link>one</link></item>`), from, "https://from.example/feeds/one"},
		{"relative to nothing", rss(`<item><title>a</title><link>one</link></item>`), "", ""},
		{"guid as link", rss(`<item><guid>https://x.example/g</guid></item>`), from, "https://x.example/g"},
		{"guid that is none", rss(`<item><guid>tag:x</guid></item>`), from, ""},
		{"white space", rss("<item><link>\n  https://x.example/1\n</link></item>"), from, "https://x.example/1"},
		{"CDATA", rss(`<item><link><![CDATA[https://x.example/?a=1&b=2]]></link></item>`), from, "https://x.example/?a=1&b=2"},
		{"script", rss(`<item><title>a</title><link>javascript:alert(1)</link></item>`), from, ""},
		{"data", rss(`<item><title>a</title><link>data:text/html,x</link></item>`), from, ""},
		{"atom:link in RSS", `<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><item><title>a</title><atom:link href="https://x.example/2" rel="alternate"/></item></channel></rss>`, from, "https://x.example/2"},
		{"xml:base of the feed", `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/n/"><entry><id>1</id><link href="e"/></entry></feed>`, from, "https://base.example/n/e"},
		{"xml:base of the entry", `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/n/"><entry xml:base="deep/"><id>1</id><link href="e"/></entry></feed>`, from, "https://base.example/n/deep/e"},
		{"Atom's own address", `<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="https://self.example/f/atom"/><entry><id>1</id><link href="e"/></entry></feed>`, "", "https://self.example/f/e"},
	}
	for _, c := range cases {
		reading := read(t, c.document, partners.Source{URL: c.from})
		if len(reading.Changes) != 1 || reading.Changes[0].Link != c.want {
			t.Errorf("%s: %+v, want %s", c.name, reading.Changes, c.want)
		}
	}
}

// TestItemTitles holds what an entry is called, whatever its title is written in or lacks.
func TestItemTitles(t *testing.T) {
	for item, want := range map[string]string{
		`<title>A &amp; B</title>`:                                                  "A & B",
		`<title>A &amp;amp; B</title>`:                                              "A & B",
		`<title>List&lt;String&gt;</title>`:                                         "List<String>",
		`<title><![CDATA[Use <b>v2</b> now]]></title>`:                              "Use v2 now",
		"<title>\n  over\n  lines </title>":                                         "over lines",
		`<description>First line.&lt;br&gt;Second.</description>`:                   "First line.",
		`<description>&lt;ul&gt;&lt;li&gt;item&lt;/li&gt;&lt;/ul&gt;</description>`: "item",
		`<link>https://a.example/x</link>`:                                          "https://a.example/x",
		``:                                                                          "(no title)",
		`<title>&#x202e;desrever</title>`:                                           "desrever",
		`<title>&lt;!channel&gt; and &lt;https://x|y&gt;</title>`:                   "<!channel> and <https://x|y>",
	} {
		reading := read(t, rss(`<item>`+item+`</item>`), partners.Source{})
		if len(reading.Changes) != 1 || reading.Changes[0].Title != want {
			t.Errorf("%s: %+v, want %q", item, reading.Changes, want)
		}
	}
}

// TestBodies holds which of an item's texts is its body.
func TestBodies(t *testing.T) {
	for item, want := range map[string]string{
		`<description>short</description><content:encoded>the whole text</content:encoded>`:           "the whole text",
		`<description>the description says more</description><content:encoded>less</content:encoded>`: "the description says more",
		`<description>a &amp;lt;b&amp;gt; c</description>`:                                            "a <b> c",
		`<description>&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;</description>`:                         "a\nb",
		`<description><p>a</p><p>b</p></description>`:                                                 "a\nb",
		`<description>- **a** b
- c</description>`: "- a b\n- c",
		`<title>same</title><description>same</description>`: "",
	} {
		document := `<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><guid>1</guid><title>t</title>` + item + `</item></channel></rss>`
		if strings.Contains(item, "<title>") {
			document = strings.Replace(document, "<title>t</title>", "", 1)
		}
		reading := read(t, document, partners.Source{})
		if len(reading.Changes) != 1 || reading.Changes[0].Body != want {
			t.Errorf("%s: %q, want %q", item, reading.Changes[0].Body, want)
		}
	}
}

func TestTags(t *testing.T) {
	item := `<item><guid>1</guid><category> API </category><category>API</category><category></category><category><![CDATA[<b>Beta</b>]]></category><category>` + strings.Repeat("x", 500) + `</category></item>`
	tags := read(t, rss(item), partners.Source{}).Changes[0].Tags
	if len(tags) != 3 || tags[0] != "API" || tags[1] != "Beta" || len([]rune(tags[2])) != maxTag {
		t.Errorf("the tags are %q", tags)
	}
	many := ""
	for i := range 100 {
		many += fmt.Sprintf("<category>c%d</category>", i)
	}
	if tags := read(t, rss(`<item><guid>1</guid>`+many+`</item>`), partners.Source{}).Changes[0].Tags; len(tags) != maxTags {
		t.Errorf("%d tags", len(tags))
	}
}

// TestNotAList holds that an item is split only where nothing but its links would be lost.
func TestNotAList(t *testing.T) {
	const page = "https://b.example/n/"
	item := func(link, description string) string {
		return rss(`<item><title>Monthly</title><link>` + link + `</link><guid>g</guid><description><![CDATA[` + description + `]]></description></item>`)
	}
	for name, document := range map[string]string{
		"a word beside":        item(page+"#m", `<a href="`+page+`#a">A</a> and more`),
		"another page":         item(page+"#m", `<a href="`+page+`#a">A</a><br><a href="https://c.example/#b">B</a>`),
		"a link without place": item(page+"#m", `<a href="`+page+`">A</a>`),
		"a link without text":  item(page+"#m", `<a href="`+page+`#a"></a><br><a href="`+page+`#b">B</a>`),
		"no place of its own":  item(page, `<a href="`+page+`#a">A</a>`),
		"no link at all":       item(page+"#m", ``),
	} {
		if got := read(t, document, partners.Source{}); len(got.Changes) != 1 || got.Changes[0].Key != "g" {
			t.Errorf("%s: %+v", name, got.Changes)
		}
	}
}

// TestDaySections holds how a day's notes are cut, and which items are no days.
func TestDaySections(t *testing.T) {
	item := func(title, content string) string {
		return rss(`<item><title>` + title + `</title><guid>g</guid><description><![CDATA[` + content + `]]></description></item>`)
	}
	cases := []struct{ name, document, want string }{
		{"text before the first heading", item("2026-11-20", `<p>Hello.</p><h2>A</h2><p>a</p>`), "2026-11-20|g/2026-11-20; A|g/A"},
		{"headings of level 3 alone", item("November 20, 2026", `<h3>A</h3>a<h3>B</h3>b`), "A|g/A; B|g/B"},
		{"a heading with markup", item("November 20, 2026", `<h2><a href="#x">A</a> <em>b</em></h2>a`), "A b|g/A b"},
		{"an empty section", item("November 20, 2026", `<h2>A</h2><h3>B</h3>b<h3>C</h3>`), "A: B|g/A / B"},
		{"no headings", item("November 20, 2026", `<p>a</p>`), "November 20, 2026|g"},
		{"no day", item("Release of November 20, 2026", `<h2>A</h2>a`), "Release of November 20, 2026|g"},
	}
	for _, c := range cases {
		var got []string
		for _, e := range read(t, c.document, partners.Source{}).Changes {
			got = append(got, e.Title+"|"+e.Key)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestNewestAreKept holds that the newest are kept in the source's order, wherever they stand.
func TestNewestAreKept(t *testing.T) {
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	var oldestFirst, newestFirst []entry
	for i := range maxEntries + 7 {
		oldestFirst = append(oldestFirst, entry{id: fmt.Sprint(i), published: start.Add(time.Duration(i) * time.Hour)})
	}
	for i := range oldestFirst {
		newestFirst = append(newestFirst, oldestFirst[len(oldestFirst)-1-i])
	}
	for name, entries := range map[string][]entry{"oldest first": oldestFirst, "newest first": newestFirst} {
		kept, beyond := newest(entries)
		if len(kept) != maxEntries || beyond != 7 {
			t.Fatalf("%s: %d kept, %d beyond", name, len(kept), beyond)
		}
		for i, e := range kept {
			if e.published.Before(start.Add(7 * time.Hour)) {
				t.Fatalf("%s: the old entry %s was kept", name, e.id)
			}
			if i > 0 && e.published.After(kept[i-1].published) != (name == "oldest first") {
				t.Fatalf("%s: the order was changed at %s", name, e.id)
			}
		}
	}
	if kept, beyond := newest(make([]entry, maxEntries)); len(kept) != maxEntries || beyond != 0 {
		t.Errorf("%d kept, %d beyond", len(kept), beyond)
	}
}

func TestJSONDocuments(t *testing.T) {
	for document, want := range map[string]string{
		`{"items": []}`:               "error: with the keys items",
		`{"items": [{"title": "x"}]}`: "error: with the keys items",
		`{"items": 5}`:                "error: with the keys items",
		`{"items": [{"title": "x", "url": "https://a.example"}]}`:                                        "json-feed 1",
		`{"version":"https://jsonfeed.org/version/1","items":[]}`:                                        "json-feed 0",
		`{"version":"https://jsonfeed.org/version/1","items":5}`:                                         "error: its items are no list",
		`{"version":"https://jsonfeed.org/version/1","title":"T","items":[{"id":5,"title":"n"}]}`:        "json-feed 1",
		`{"@odata.context":"https://x.example/$metadata#admin/serviceAnnouncement/messages","value":[]}`: "m365-messages 0",
		`{"value": []}`:                            "error: with the keys value",
		`{"value": [{"a": 1}]}`:                    "error: with the keys value",
		`{"value": [{"lastModifiedDateTime": 1}]}`: "error: none of its 1 items could be read",
		`[]`:                                   "error: empty JSON list",
		`{"upcomingChanges":[]}`:               "json-feed 0",
		`{"upcomingChanges":[{}, {}]}`:         "error: none of its 2 items could be read",
		"\ufeff {\"changelog\": []}":           "json-feed 0",
		`{"version": "2.0", "components": []}`: "error: with the keys components, version",
		`{}`:                                   "error: JSON that is no feed",
		`{"items": [`:                          "error: broken JSON",
		`null`:                                 "error: this is no feed",
	} {
		reading, err := Parse([]byte(document), "", partners.Source{})
		got := fmt.Sprintf("%s %d", reading.Format, len(reading.Changes))
		if err != nil {
			got = "error: " + err.Error()
		}
		if part, isError := strings.CutPrefix(want, "error: "); got != want && !(isError && err != nil && strings.Contains(got, part)) {
			t.Errorf("%s: %s, want %s", document, got, want)
		}
	}
}

// TestJSONFeedMiddle holds that a JSON Feed with too many items is read at its ends, and the rest counted.
func TestJSONFeedMiddle(t *testing.T) {
	var items []string
	for i := range maxItems + 5 {
		items = append(items, fmt.Sprintf(`{"id":"%d","title":"t%d"}`, i, i))
	}
	reading := read(t, `{"version":"https://jsonfeed.org/version/1.1","items":[`+strings.Join(items, ",")+`]}`, partners.Source{})
	if reading.Items != maxItems+5 || len(reading.Changes) != maxEntries || reading.Skipped != maxItems+5-maxEntries || reading.Changes[0].Key != "0" {
		t.Errorf("%d items, %d entries, %d skipped", reading.Items, len(reading.Changes), reading.Skipped)
	}
}

func TestAListOfTitlesIsOneItemToAReader(t *testing.T) {
	const document = `<rss version="2.0"><channel><title>Releases</title><link>https://acme.example/notes/</link>
<item><title>2027.03.1</title><link>https://acme.example/notes/#march</link><guid>march</guid><description>&lt;ul&gt;&lt;li&gt;&lt;a href="https://acme.example/notes/#one"&gt;One&lt;/a&gt;&lt;/li&gt;&lt;li&gt;&lt;a href="https://acme.example/notes/#two"&gt;Two&lt;/a&gt;&lt;/li&gt;&lt;/ul&gt;</description></item>
<item><title>Plain</title><guid>plain</guid></item></channel></rss>`
	for name, c := range map[string]struct {
		read func([]byte, string, partners.Source) (partners.Reading, error)
		want []string
	}{
		"a watcher": {Parse, []string{"One", "Two", "Plain"}},
		"a reader":  {Items, []string{"2027.03.1", "Plain"}},
	} {
		reading, err := c.read([]byte(document), "", partners.Source{})
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, change := range reading.Changes {
			titles = append(titles, change.Title)
		}
		if !slices.Equal(titles, c.want) {
			t.Errorf("%s sees %q, want %q", name, titles, c.want)
		}
	}
}

func TestATitleWhoseDateMovesStaysTheSameEntry(t *testing.T) {
	keyOf := func(anchor string) string {
		document := `<rss version="2.0"><channel><title>Releases</title><link>https://acme.example/notes/</link>
<item><title>2027.03.1</title><link>https://acme.example/notes/#march</link><guid>march</guid><description>&lt;a href="https://acme.example/notes/#` +
			anchor + `"&gt;A title&lt;/a&gt;</description></item></channel></rss>`
		reading, err := Parse([]byte(document), "", partners.Source{})
		if err != nil || len(reading.Changes) != 1 {
			t.Fatalf("%s: %d entries, %v", anchor, len(reading.Changes), err)
		}
		return reading.Changes[0].Key
	}
	for _, same := range [][2]string{
		{"the-first-version-ends-on-4-december-2026", "the-first-version-ends-on-2-february-2027"},
		{"the-first-version-ends-by-dec-4-2026", "the-first-version-ends-by-february-22-2027"},
		{"the-first-version-ends-from-2026-12-04", "the-first-version-ends-from-2027-02-02"},
	} {
		if keyOf(same[0]) != keyOf(same[1]) {
			t.Errorf("%s and %s are two entries", same[0], same[1])
		}
	}
	for _, other := range [][2]string{
		{"version-2026-08-1", "version-2026-08-2"}, {"the-first-version-ends", "the-second-version-ends"},
		{"released-on-4-december-2026", "released-on-11-december-2026"}, {"our-great-weekly-release-2026-12-04", "our-great-weekly-release-2026-12-11"},
	} {
		if keyOf(other[0]) == keyOf(other[1]) {
			t.Errorf("%s and %s are one entry", other[0], other[1])
		}
	}
}

func TestAHeadingWhoseDateMovesStaysTheSameEntry(t *testing.T) {
	keysOf := func(title string) string {
		reading, err := Parse([]byte("# News\n\n## "+title+"\n\nText.\n\n## Another\n\nText.\n"), "", partners.Source{Kind: partners.SourceMarkdown})
		if err != nil {
			t.Fatal(err)
		}
		return reading.Changes[0].Key
	}
	if a, b := keysOf("Office connectors stop delivering on 4 December 2026"), keysOf("Office connectors stop delivering on 2 March 2027"); a != b {
		t.Errorf("%q and %q are two entries", a, b)
	}
	if a, b := keysOf("Release of 4 December 2026"), keysOf("Release of 11 December 2026"); a == b {
		t.Error("two releases are one entry")
	}
}

func TestHalfAnItemIsNotWatched(t *testing.T) {
	const whole = `<rss version="2.0"><channel><title>Releases</title>
<item><title>March</title><guid>march</guid><link>https://acme.example/march</link></item>
<item><title>February release</title><guid>february</guid><link>https://acme.example/february</link></item></channel></rss>`
	for _, end := range []string{"</channel>", "<link>https://acme.example/feb", "<title>February rel"} {
		document := whole[:strings.Index(whole, end)+len(end)]
		caller := &fakeCaller{answer: func(httpcall.Request) (httpcall.Response, error) {
			return httpcall.Response{Status: 200, Body: []byte(document)}, nil
		}}
		reading, err := NewReader(caller, Addresses{}).Read(t.Context(), partners.Source{URL: "https://acme.example/feed"}, partners.Validators{})
		if err != nil {
			t.Fatal(err)
		}
		want := 1
		if end == "</channel>" {
			want = 2
		}
		if len(reading.Changes) != want || reading.Changes[0].Title != "March" || reading.Skipped != 2-want {
			t.Errorf("cut after %s: %d entries, %d skipped", end, len(reading.Changes), reading.Skipped)
		}
	}
}
