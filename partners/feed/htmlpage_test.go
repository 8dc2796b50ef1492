package feed

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

func page(body string) string {
	return `<!doctype html><html><head><title>News of the pier</title></head><body>` + body + `</body></html>`
}

func htmlSource(item, title, date string) partners.Source {
	return partners.Source{Kind: partners.SourceHTML, URL: "https://pier.example/news", Item: item, Title: title, Date: date}
}

// TestSelectorsThatMatchNothing holds that a page which was rebuilt is an error that names the selector, never silence.
func TestSelectorsThatMatchNothing(t *testing.T) {
	const items = `<article><h2>A</h2><time datetime="2026-11-02">x</time></article><article><h2>B</h2></article>`
	cases := []struct {
		name, body string
		src        partners.Source
		want       []string
	}{
		{"item", items, htmlSource("li.news", "h2", ""), []string{`item selector "li.news"`, `"News of the pier"`}},
		{"title", items, htmlSource("article", "h5", ""), []string{`title selector "h5"`, "2 items"}},
		{"date", items, htmlSource("article", "h2", ".when"), []string{`date selector ".when"`}},
		{"a sign-in page", `<form><input type="password"></form>`, htmlSource("article", "h2", ""), []string{"asks to sign in"}},
		{"not a page", `{"message": "gone"}`, htmlSource("article", "h2", ""), []string{`"article"`}},
		{"broken title selector", items, htmlSource("article", "h2[", ""), []string{"title", "h2[", "no CSS selector"}},
		{"broken date selector", items, htmlSource("article", "h2", ":nosuch"), []string{"date", ":nosuch", "no CSS selector"}},
		{"no item selector", items, htmlSource("", "h2", ""), []string{"needs item"}},
	}
	for _, c := range cases {
		reading, err := Parse([]byte(page(c.body)), "text/html", c.src)
		if err == nil {
			t.Errorf("%s: read %d entries", c.name, len(reading.Changes))
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is without %q", c.name, err, part)
			}
		}
	}
}

type pageCase struct {
	name, body string
	src        partners.Source
	want       []string // key|title|link|date|body
}

func pageCases() []pageCase {
	return []pageCase{
		{
			"title by its first heading", `<li><h3>One</h3>text</li><li>no heading here</li>`, htmlSource("li", "", ""),
			[]string{"|One|||text", "|no heading here|||"},
		},
		{
			"some without a title", `<li><b>One</b></li><li><i>Two</i></li>`, htmlSource("li", "b", ""),
			[]string{"|One|||", "|Two|||"},
		},
		{
			"the item is its own title", `<h2 class="n" id="n1">One</h2><h2 class="n">Two</h2>`, htmlSource("h2.n", "h2.n", ""),
			[]string{"n1|One|https://pier.example/news#n1||", "|Two|||"},
		},
		{
			"dates in attributes", `<li><h3>a</h3><time datetime="2026-11-02T10:00:00+01:00">Monday</time></li><li><h3>b</h3><time data-date="1793620800">x</time></li><li><h3>c</h3><time>Nov 3, 2026</time></li><li><h3>d</h3><time>soon</time></li><li><h3>e</h3></li>`,
			htmlSource("li", "h3", "time"),
			[]string{"|a||2026-11-02|", "|b||2026-11-02|", "|c||2026-11-03|", "|d|||", "|e|||"},
		},
		{
			"a date in a sentence", `<li><h3>a</h3><p class="d">Published on 4 November 2026 by us</p></li>`, htmlSource("li", "h3", ".d"),
			[]string{"|a||2026-11-04|"},
		},
		{
			"links", `<li><h3><a href="/a?utm_source=x">a</a></h3></li><li><a href="b"><h3>b</h3></a></li><li><h3>c</h3><a href="javascript:x()">no</a></li><li><h3>d</h3>see <a href="https://other.example/d">d</a></li>`,
			htmlSource("li", "h3", ""),
			[]string{"https://pier.example/a|a|https://pier.example/a||", "https://pier.example/b|b|https://pier.example/b||", "|c|||no", "https://other.example/d|d|https://other.example/d||see d"},
		},
		{
			"items inside items", `<div class="e"><h3>Outer</h3><div class="e"><h3>Inner</h3></div></div>`, htmlSource(".e", "h3", ""),
			[]string{"|Outer|||Inner"},
		},
		{
			"hidden text", `<li><h3>a</h3><script>x()</script><p>seen <del>old</del><i style="text-decoration:line-through">x</i></p></li>`, htmlSource("li", "h3", ""),
			[]string{"|a|||seen"},
		},
		{
			"data-id", `<li data-id="77"><h3>a</h3></li>`, htmlSource("li", "h3", ""),
			[]string{"77|a|https://pier.example/news#77||"},
		},
	}
}

func TestPageEntries(t *testing.T) {
	for _, c := range pageCases() {
		reading := read(t, page(c.body), c.src)
		var got []string
		for _, e := range reading.Changes {
			key, date := e.Key, ""
			if strings.HasPrefix(key, "sha256:") {
				key = ""
			}
			if !e.Published.IsZero() {
				date = e.Published.Format(time.DateOnly)
			}
			link := e.Link
			if key == "" && link == c.src.URL {
				link = ""
			}
			got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s", key, e.Title, link, date, strings.ReplaceAll(e.Body, "\n", " ")))
		}
		// Dates and times are told by their own field, and are left out of the body.
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if reading.Format != "html" || reading.Title != "News of the pier" {
			t.Errorf("%s: %s, %s", c.name, reading.Format, reading.Title)
		}
	}
}

func TestPageTooLarge(t *testing.T) {
	_, err := Parse([]byte(page(strings.Repeat("x", maxPage))), "", htmlSource("li", "", ""))
	if err == nil || !strings.Contains(err.Error(), "8 MB of a web page") {
		t.Errorf("the error is %v", err)
	}
}

func TestWhatCame(t *testing.T) {
	for document, want := range map[string]string{
		"":                             "an empty document",
		" \n<!-- x -->":                "an empty document",
		`<html><title>A&amp;B</title>`: `an HTML page titled "A&B"`,
		`<!DOCTYPE HTML><p>x`:          "an HTML page",
		`<html><head><link rel="Alternate" type="application/rss+xml" href="/Feed.XML">`: "an HTML page, which names its feed: /Feed.XML",
		`<opml version="2.0"></opml>`:      "an XML document <opml> that is no feed",
		`<?xml version="1.0"?><s:e/>`:      "an XML document <s:e> that is no feed",
		`{"error_description": "expired"}`: `JSON that is no feed, which says "expired"`,
		`{"b": 1, "a": 2}`:                 "JSON that is no feed, with the keys a, b",
		`{"b": `:                           "a broken JSON document",
		`[1, 2]`:                           "JSON that is no feed",
		"Just words.":                      `text that is no feed, beginning "Just words."`,
		"# Heading\n\ntext":                "a Markdown document",
		oneItem:                            "a feed",
		"\x01\x02":                         "bytes that are no text",
	} {
		if got := whatCame(document); !strings.HasPrefix(got, want) {
			t.Errorf("%q is %q, want %q", document, got, want)
		}
	}
	for document, want := range map[string]string{"PK\x03\x04x": "a zip file", "%PDF-1.7": "a PDF", "\x89PNG\r\n": "an image", "GIF89a": "an image", "\xff\xd8\xff\xe0": "an image"} {
		_, err := Parse([]byte(document), "", partners.Source{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", document, err, want)
		}
	}
}

func TestShapeOf(t *testing.T) {
	for document, want := range map[string]shape{
		oneItem: shapeFeed,
		"\n\n <?xml version='1.0'?>\n<!-- a --><!DOCTYPE rss><RSS version='2.0'>": shapeFeed,
		"<atom:feed xmlns:atom='x'>": shapeFeed,
		"<rdf:RDF>":                  shapeFeed,
		"<br /><b>Warning</b>: x\n<rss version='2.0'>":      shapeFeed,
		"<html><body><pre><rss version='2.0'></pre>":        shapeHTML,
		"# How to read\n\n```xml\n<rss version='2.0'>\n```": shapeMarkdown,
		"<p align=center>logo</p>\n\n# Changelog\n":         shapeMarkdown,
		"Changelog\n=========\n":                            shapeMarkdown,
		"[![badge](x)](y)\n# A\n":                           shapeMarkdown,
		`[{"tag_name":"v1"}]`:                               shapeJSON,
		"{}":                                                shapeJSON,
		"<rssfeed>":                                         shapeOther,
		"<urlset>":                                          shapeOther,
	} {
		if got, _ := shapeOf(document); got != want {
			t.Errorf("%q is %v, want %v", document, got, want)
		}
	}
}
