package feed

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// slowest is the most that the worst document may take. It is generous: tests share the machine, and the race detector
// slows them tenfold.
const slowest = 30 * time.Second

func rss(items string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>` + items + `</channel></rss>`
}

// hostile is a document that is made to exhaust a parser.
type hostile struct {
	name, document string
	kind           partners.SourceKind
	wantErr        string // part of the error; empty where any outcome will do that is bounded
}

// hostileDocuments are documents of about so many bytes.
func hostileDocuments(mega int) []hostile {
	fill := func(unit string) string { return strings.Repeat(unit, mega/len(unit)) }
	laughs := `<!DOCTYPE rss [<!ENTITY l0 "ha">`
	for i := 1; i < 40; i++ {
		laughs += fmt.Sprintf(`<!ENTITY l%d "&l%d;&l%d;&l%d;&l%d;">`, i, i-1, i-1, i-1, i-1)
	}
	quadratic := `<!DOCTYPE rss [<!ENTITY big "` + strings.Repeat("x", 900) + `">]>`
	return []hostile{
		{"entity bomb", laughs + `]>` + rss(`<item><title>&l39;</title><guid>1</guid></item>`), "", ""},
		{"one entity many times", quadratic + rss(`<item><title>a</title><description>`+fill("&big;")+`</description></item>`), "", ""},
		{"deep nesting", rss(`<item><title>a</title>` + fill("<a>")), "", "deep"},
		{"name spaces without end", rss(`<item>` + strings.Repeat(`<b `+manyDeclarations(150)+`>`, 190) + fill("<c xmlns:z='z'></c>")), "", "name spaces"},
		{"attributes without end", `<rss ` + fill(`a="b" `) + `>`, "", "attributes"},
		{"a tag without end", `<rss><channel><item ` + fill(`a `), "", ""},
		{"brackets", rss(`<item><title>` + fill("<") + `</title></item>`), "", ""},
		{"brackets before a distant end", `<rss><channel><item><title>` + fill("<") + `>`, "", ""},
		{"broken in every place", rss(`<item><title>` + strings.Repeat("<", maxFaults+1) + `</title></item>`), "", "more than 100000 places"},
		{"cut before its first item", `<rss version="2.0"><channel><title>` + fill("x"), "", "cut off before its first item"},
		{"half end tags", rss(`<item><title>` + fill("</") + `</title></item>`), "", ""},
		{"half comments", rss(`<item><title>a</title></item>` + fill("<!-")), "", ""},
		{"open comments", rss(`<item><title>a</title></item>` + fill("<!--")), "", ""},
		{"open CDATA", rss(`<item><title>a</title><description>` + fill("<![CDATA[")), "", ""},
		{"quotes", `<rss><channel>` + fill(`<a b='`), "", ""},
		{"ampersands", rss(`<item><title>a</title><description>` + fill("&") + `</description></item>`), "", ""},
		{"items", rss(fill("<item><title>a</title></item>")), "", ""},
		{"unclosed items", rss(fill("<item><guid>a")), "", ""},
		{"a huge title", rss(`<item><title>` + fill("é") + `</title></item>`), "", ""},
		{"huge unclosed emphasis", rss(`<item><title>a</title><description><![CDATA[` + fill("<s><b>x") + `]]></description></item>`), "", ""},
		{"HTML deep in a body", rss(`<item><title>a</title><description><![CDATA[` + fill("<div>") + `]]></description></item>`), "", ""},
		{"JSON nesting", fill("["), "", ""},
		{"JSON objects", fill(`{"a":`), "", "no changelog"},
		{"JSON feed items", `{"version":"https://jsonfeed.org/version/1","items":[` + fill(`{"id":"1"},`) + `{}]}`, "", ""},
		{"Markdown headings", fill("# a\n"), "", ""},
		{"Markdown stars", "# a\n\n## b\n" + fill("*a ") + "\n\n## c\n" + fill("[") + "\n", "", ""},
		{"Markdown backticks", "# a\n\n## b\n" + fill("`a ") + "\n", "", ""},
		{"Markdown empty lines", "# a\n" + fill("\n"), "", ""},
		{"Markdown fences", "# a\n## b\n" + fill("```\n~~~\n"), "", ""},
		{"Markdown tables", "# a\n## b\n" + fill("| Date | Update |\n|--|--|\n"), "", ""},
		{"Markdown comment", "# a\n## b\n" + fill("<!-- "), "", ""},
		{"HTML page", `<html><body>` + fill("<div class=i>"), partners.SourceHTML, "page cannot be read"},
		{"HTML items", `<html><body>` + fill("<p class=i>a</p>"), partners.SourceHTML, ""},
		{"zero bytes", fill("\x00"), "", "bytes that are no text"},
		{"noise", fill("\xff\xfe\x00<"), "", ""},
	}
}

// TestHostileDocuments holds that each ends soon, in an error that names the cause or in a bounded reading.
func TestHostileDocuments(t *testing.T) {
	mega := 1 << 20
	if testing.Short() || withRace {
		mega = 128 << 10
	}
	for _, c := range hostileDocuments(mega) {
		t.Run(c.name, func(t *testing.T) {
			src := partners.Source{Kind: c.kind, Item: ".i"}
			began := time.Now()
			reading, err := Parse([]byte(c.document), "", src)
			took := time.Since(began)
			t.Logf("%d KB in %v: %d entries, %d skipped, %v", len(c.document)>>10, took.Round(time.Millisecond), len(reading.Changes), reading.Skipped, err)
			if took > slowest {
				t.Errorf("took %v", took)
			}
			if c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
				t.Errorf("the error is %v, without %q", err, c.wantErr)
			}
			if err != nil && len(err.Error()) > 600 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			bounded(t, reading)
		})
	}
}

func manyDeclarations(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `xmlns:n%d="u" `, i)
	}
	return b.String()
}

// bounded holds what every reading keeps to, whatever came.
func bounded(t testing.TB, r partners.Reading) {
	t.Helper()
	if len(r.Changes) > maxEntries {
		t.Errorf("%d entries", len(r.Changes))
	}
	keys := map[string]bool{}
	for _, c := range r.Changes {
		if c.Key == "" || keys[c.Key] {
			t.Errorf("the key %q is empty or there twice", c.Key)
		}
		keys[c.Key] = true
		switch {
		case c.Title == "" || utf8.RuneCountInString(c.Title) > maxTitle || strings.ContainsAny(c.Title, "\n\r\x00\x1b"):
			t.Errorf("the title is %q", plaintext.Clip(c.Title, 80))
		case utf8.RuneCountInString(c.Body) > maxBody+100 || !utf8.ValidString(c.Body) || !utf8.ValidString(c.Title):
			t.Errorf("a body of %d bytes", len(c.Body))
		case len(c.Key) > 2*maxKey || len(c.Link) > maxLink || len(c.Tags) > maxTags:
			t.Errorf("key %d, link %d, tags %d", len(c.Key), len(c.Link), len(c.Tags))
		case c.Link != "" && !strings.HasPrefix(c.Link, "http://") && !strings.HasPrefix(c.Link, "https://"):
			t.Errorf("the link is %q", c.Link)
		case len(c.Hash) != 32:
			t.Errorf("the hash is %q", c.Hash)
		}
	}
}

// TestLargestDocument holds the time and the memory that a document at the limit may cost.
func TestLargestDocument(t *testing.T) {
	size := maxDocument
	if testing.Short() || withRace {
		size = 2 << 20
	}
	var b bytes.Buffer
	b.WriteString(`<rss version="2.0"><channel><title>All that ever was</title>`)
	for i := 0; b.Len() < size-400; i++ {
		fmt.Fprintf(&b, `<item><title>Change %d</title><guid>g%d</guid><pubDate>%s</pubDate><description>&lt;p&gt;Text of %d&lt;/p&gt;</description></item>`,
			i, i, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i)*time.Minute).Format(time.RFC1123Z), i)
	}
	b.WriteString(`</channel></rss>`)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	peak := watchHeap(t)
	began := time.Now()
	reading, err := Parse(b.Bytes(), "", partners.Source{})
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	most := peak() - before.HeapAlloc
	t.Logf("%d items of %d MB in %v; at most about %d MB of heap", reading.Items, b.Len()>>20, took.Round(time.Millisecond), most>>20)
	if len(reading.Changes) != maxEntries || reading.Skipped != reading.Items-maxEntries {
		t.Errorf("%d entries, %d skipped of %d", len(reading.Changes), reading.Skipped, reading.Items)
	}
	if newest := reading.Changes[len(reading.Changes)-1].Title; newest != fmt.Sprintf("Change %d", reading.Items-1) {
		t.Errorf("the newest entry was not kept; the last is %q", newest)
	}
	if took > slowest || most > 900<<20 {
		t.Errorf("took %v and %d MB", took, most>>20)
	}
}

// watchHeap samples the heap until the answer is asked for, which is the most that was seen.
func watchHeap(t *testing.T) (peak func() uint64) {
	ctx, stop := context.WithCancel(t.Context())
	found := make(chan uint64)
	go func() {
		ticks := time.NewTicker(20 * time.Millisecond)
		defer ticks.Stop()
		var most uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-ticks.C:
			case <-ctx.Done():
				found <- most
				return
			}
		}
	}()
	return func() uint64 { stop(); return <-found }
}

// TestTooLong refuses what is over the limit rather than reading the part before it.
func TestTooLong(t *testing.T) {
	_, err := Parse(make([]byte, maxDocument+1), "", partners.Source{})
	if err == nil || !strings.Contains(err.Error(), "more than the 20 MB") {
		t.Errorf("the error is %v", err)
	}
}
