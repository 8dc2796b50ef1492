package feed

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sparky/partners"
)

// afterThat reads one document after another, as the polls of a source do, and holds that each is read as it is by a
// program that has seen nothing.
func afterThat(t *testing.T, documents ...[]byte) {
	t.Helper()
	var before seen
	src := partners.Source{URL: "https://a.example/feed"}
	for i, d := range documents {
		want, wantErr := documentOf(d, "", src, src.URL, nil)
		got, err := documentOf(d, "", src, src.URL, &before)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("reading %d: %v; alone %v", i, err, wantErr)
		}
		if err != nil {
			continue
		}
		if a, b := got.unhalved().reading("s"), want.unhalved().reading("s"); !reflect.DeepEqual(a, b) {
			t.Fatalf("reading %d is\n%+v\nalone it is\n%+v", i, a, b)
		}
	}
}

// without is the document without what lies between two of its parts of sixteen.
func without(d []byte, from, to uint8) []byte {
	a, b := len(d)*int(from%17)/16, len(d)*int(to%17)/16
	return append(bytes.Clone(d[:min(a, b)]), d[max(a, b):]...)
}

func TestWhatWasSeenIsReadAsEver(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtures, "*.xml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, name := range files {
		d, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			for part := range uint8(16) {
				afterThat(t, d, d, without(d, part, part+1), d, d[:len(d)*int(part)/16], d)
			}
		})
	}
}

// feedWith is a feed that was made at some time and holds the items.
func feedWith(head string, items ...string) []byte {
	return []byte(`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>` + head +
		strings.Join(items, "\n") + `</channel></rss>`)
}

func item(n int, words string) string {
	return fmt.Sprintf(`<item><guid>g%d</guid><title>Item %d</title><link>/notes/%d</link><description>%s</description></item>`, n, n, n, words)
}

func TestFeedsThatChange(t *testing.T) {
	date := func(n int) string {
		return fmt.Sprintf("<lastBuildDate>Mon, 0%d Nov 2026 12:00:00 GMT</lastBuildDate>", n)
	}
	one, two, three, edited := item(1, "one"), item(2, "two"), item(3, "three"), item(2, "two, and more")
	for name, readings := range map[string][][]byte{
		"an item comes":               {feedWith(date(1), two, one), feedWith(date(2), three, two, one)},
		"one is edited":               {feedWith(date(1), two, one), feedWith(date(2), edited, one)},
		"one goes and comes back":     {feedWith("", two, one), feedWith("", one), feedWith("", two, one)},
		"all go":                      {feedWith("", two, one), feedWith(""), feedWith("", one)},
		"they change places":          {feedWith("", three, two, one), feedWith("", one, three, two)},
		"one stands there twice":      {feedWith("", one, one), feedWith("", one, two, one)},
		"its home moves":              {feedWith("<link>https://b.example/</link>", one), feedWith("<link>https://c.example/x/</link>", one)},
		"its name spaces change":      {feedWith("", `<item><title>x</title><content:encoded>y</content:encoded></item>`), bytes.ReplaceAll(feedWith("", `<item><title>x</title><content:encoded>y</content:encoded></item>`), []byte("purl.org"), []byte("other.example"))},
		"something stands among them": {feedWith("", one, "<image><url>/x.png</url></image>", two), feedWith("", three, one, "<image><url>/x.png</url></image>", two)},
		"it is cut off":               {feedWith("", two, one), feedWith("", three, two, one)[:300], feedWith("", three, two, one)},
	} {
		t.Run(name, func(t *testing.T) { afterThat(t, readings...) })
	}
}

// TestOnlyWhatIsNewIsParsed holds that a feed with one more item is parsed for that item alone, and that nothing of older
// readings is kept.
func TestOnlyWhatIsNewIsParsed(t *testing.T) {
	var before seen
	read := func(d []byte) {
		t.Helper()
		if _, err := documentOf(d, "", partners.Source{}, "", &before); err != nil {
			t.Fatal(err)
		}
	}
	missing := func(d []byte) int {
		t.Helper()
		whole, err := mend(string(d), nil)
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := before.cut(whole, "")
		if !ok {
			t.Fatal("it is not cut")
		}
		return rest.missing()
	}
	read(feedWith("<pubDate>then</pubDate>", item(2, "two"), item(1, "one")))
	if n := missing(feedWith("<pubDate>now</pubDate>", item(3, "three"), item(2, "two"), item(1, "one"))); n != 1 {
		t.Errorf("%d items are parsed; want 1", n)
	}
	read(feedWith("", item(3, "three")))
	if len(before.items) != 1 {
		t.Errorf("%d items are remembered of a feed with 1", len(before.items))
	}
	large := feedWith("", item(1, strings.Repeat("word ", maxSeen/5)))
	if whole, err := mend(string(large), nil); err != nil {
		t.Fatal(err)
	} else if _, ok := before.cut(whole, ""); ok {
		t.Error("a feed beyond the bound would be remembered")
	}
}

// FuzzSeen holds that what was seen changes no reading, whatever part of a document was missing before.
func FuzzSeen(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(fixtures, "*.xml"))
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range files {
		d, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(d, uint8(i), uint8(i+3))
	}
	f.Fuzz(func(t *testing.T, d []byte, from, to uint8) {
		afterThat(t, without(d, from, to), d, without(d, to, from+1), d)
	})
}
