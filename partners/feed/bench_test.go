package feed

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// benchmarkFeed is a feed of 50 entries and about 110 KB, as vendors' blogs serve them.
func benchmarkFeed() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Changelog</title><link>https://bench.example/</link>`)
	for i := range 50 {
		fmt.Fprintf(&b, `<item><title>The pier endpoint &amp; its gulls, part %d</title><link>https://bench.example/%d?utm_source=rss</link><guid isPermaLink="false">https://bench.example/?p=%d</guid><pubDate>Mon, 02 Nov 2026 12:%02d:00 +0000</pubDate><category>API</category><content:encoded><![CDATA[`, i, i, i, i)
		for j := range 12 {
			fmt.Fprintf(&b, `<p>Paragraph %d of a <a href="https://bench.example/doc">document</a> with <code>code_%d</code> and <strong>words</strong> to read.</p><ul><li>An item</li></ul>`, j, j)
		}
		b.WriteString(`]]></content:encoded></item>`)
	}
	b.WriteString(`</channel></rss>`)
	return []byte(b.String())
}

func BenchmarkParseFeed(b *testing.B) {
	document := benchmarkFeed()
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	began := processorTime(b)
	defer func() { b.ReportMetric((processorTime(b)-began).Seconds()*1000/float64(b.N), "cpu-ms/op") }()
	for b.Loop() {
		if reading, err := Parse(document, "", partners.Source{}); err != nil || len(reading.Changes) != 50 {
			b.Fatal(len(reading.Changes), err)
		}
	}
}

// BenchmarkChangedByOne is what a reading costs of which one entry of 50 is new.
func BenchmarkChangedByOne(b *testing.B) {
	document := benchmarkFeed()
	turns := 0
	reader := NewReader(&fakeCaller{answer: func(httpcall.Request) (httpcall.Response, error) {
		turns++
		return httpcall.Response{Status: 200, Body: bytes.Replace(document, []byte("part 7<"), fmt.Appendf(nil, "part %d<", turns+100), 1)}, nil
	}}, Addresses{})
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	began := processorTime(b)
	defer func() { b.ReportMetric((processorTime(b)-began).Seconds()*1000/float64(b.N), "cpu-ms/op") }()
	for b.Loop() {
		if reading, err := reader.Read(b.Context(), feedSource, partners.Validators{}); err != nil || len(reading.Changes) != 50 {
			b.Fatal(reading, err)
		}
	}
}

// BenchmarkUnchanged is what a reading costs whose body is as it was.
func BenchmarkUnchanged(b *testing.B) {
	document := benchmarkFeed()
	reader := NewReader(answers(200, string(document)), Addresses{})
	prev := partners.Validators{BodyHash: bodyHash(document)}
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if reading, err := reader.Read(b.Context(), feedSource, prev); err != nil || !reading.NotModified {
			b.Fatal(reading, err)
		}
	}
}

func BenchmarkParseMarkdown(b *testing.B) {
	var md strings.Builder
	md.WriteString("# Changelog\n\n")
	for i := range 200 {
		fmt.Fprintf(&md, "## [1.%d.0] - 2026-01-02\n\n### Added\n\n- **Gear %d**: see [the guide](https://bench.example/g) for `gear_%d`\n  on two lines.\n\n### Fixed\n\n- A rope ~~slipped~~ held.\n\n", i, i, i)
	}
	document := []byte(md.String())
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if reading, err := Parse(document, "", partners.Source{Kind: partners.SourceMarkdown}); err != nil || len(reading.Changes) != 200 {
			b.Fatal(len(reading.Changes), err)
		}
	}
}

// processorTime is how long this process has had a processor, which others on the machine do not make longer.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
