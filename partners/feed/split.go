package feed

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"
)

// listedTitles is the entries of an item that is nothing but a list of links into one page of release notes, as Okta's
// generator makes them (okta/okta-developer-docs, generate-rss.js): each link is an announcement of its own, and the
// item is the release that holds it. It is empty for every other item, also where a single word stands beside the
// links or one of them leads to another page.
func listedTitles(release entry, markup string, bases []string) []entry {
	page, _, anchored := strings.Cut(release.link, "#")
	if !anchored || !strings.Contains(markup, "<a ") {
		return nil
	}
	links, only := onlyLinks(markup)
	if !only {
		return nil
	}
	listed := []entry{}
	item := release
	item.body = bodyText(markup)
	for _, l := range links {
		link := absolute(l.href, bases...)
		target, anchor, _ := strings.Cut(link, "#")
		if target != page || anchor == "" || l.text == "" {
			return nil
		}
		listed = append(listed, entry{
			id:        target + "#" + undated(anchor),
			title:     l.text,
			link:      link,
			published: release.published,
			tags:      append([]string{release.title}, release.tags...),
			release:   &item,
		})
	}
	return listed
}

type link struct{ href, text string }

// onlyLinks is the links of a fragment, and whether it holds no word beside them.
func onlyLinks(markup string) (links []link, only bool) {
	tokens := nethtml.NewTokenizer(strings.NewReader(markup))
	inside := false
	for {
		kind := tokens.Next()
		if kind == nethtml.ErrorToken {
			return links, len(links) > 0
		}
		token := tokens.Token()
		switch {
		case kind == nethtml.StartTagToken && token.Data == "a":
			href := ""
			for _, a := range token.Attr {
				if a.Key == "href" {
					href = a.Val
				}
			}
			links, inside = append(links, link{href: href}), true
		case kind == nethtml.EndTagToken && token.Data == "a":
			inside = false
		case kind == nethtml.TextToken && inside:
			last := &links[len(links)-1]
			last.text = strings.Join(strings.Fields(last.text+token.Data), " ")
		case kind == nethtml.TextToken && strings.Trim(token.Data, " \t\r\n-–—•·|,;*\u00a0") != "":
			return nil, false
		}
	}
}

// daySections is the entries of an item that is a day: titled with a date, its text under headings, as Google Cloud's
// feed gathers the notes of all its products (https://docs.cloud.google.com/release-notes). Each section under a heading of
// level 2 or 3 is an entry, with the headings above it as tags. A section that comes in during the day is a new entry,
// the others stay as they are. It is empty for every other item.
func daySections(dayItem entry, markup string) []entry {
	if !isDay(dayItem.title) || !strings.Contains(markup, "<h") {
		return nil
	}
	sections, preface := cutAtHeadings(markup)
	if len(sections) == 0 {
		return nil
	}
	if preface = strings.TrimSpace(preface); preface != "" {
		sections = append([]section{{headings: []string{dayItem.title}, markup: preface}}, sections...)
	}
	entries := []entry{}
	seen := map[string]int{}
	id := cmp.Or(dayItem.id, dayItem.link, dayItem.title)
	for _, s := range sections {
		body := htmlText(s.markup)
		if body == "" {
			continue
		}
		path := strings.Join(s.headings, " / ")
		seen[path]++
		key := id + "/" + path
		if seen[path] > 1 {
			key += fmt.Sprintf("/%d", seen[path])
		}
		entries = append(entries, entry{
			id:        key,
			title:     strings.Join(s.headings, ": "),
			body:      body,
			link:      dayItem.link,
			published: dayItem.published,
			tags:      append(slices.Clone(s.headings), dayItem.tags...),
		})
	}
	return entries
}

// section is what stands under a heading, up to the next one.
type section struct {
	headings []string // the heading of level 2, if any, and that of level 3
	markup   string
}

// cutAtHeadings cuts a fragment at its headings of level 2 and 3; preface is the text before the first.
func cutAtHeadings(markup string) (sections []section, preface string) {
	tokens := nethtml.NewTokenizer(strings.NewReader(markup))
	var product, text string
	var before, current strings.Builder
	level := ""
	for {
		kind := tokens.Next()
		if kind == nethtml.ErrorToken {
			break
		}
		raw := string(tokens.Raw())
		token := tokens.Token()
		isHeading := token.Data == "h2" || token.Data == "h3"
		switch {
		case kind == nethtml.StartTagToken && isHeading:
			if len(sections) > 0 {
				sections[len(sections)-1].markup = current.String()
			}
			current.Reset()
			level, text = token.Data, ""
		case kind == nethtml.EndTagToken && isHeading && level != "":
			text = plainLine(text)
			sections = append(sections, section{headings: headingsUnder(&product, level, text)})
			level = ""
		case level != "":
			text += raw
		case len(sections) == 0:
			before.WriteString(raw)
		default:
			current.WriteString(raw)
		}
	}
	if len(sections) > 0 {
		sections[len(sections)-1].markup = current.String()
	}
	return sections, plainText(before.String())
}

// headingsUnder is the path of a heading: one of level 2 begins a product, one of level 3 stands under it.
func headingsUnder(product *string, level, text string) []string {
	if level == "h2" {
		*product = text
	}
	switch {
	case level == "h2" || *product == "":
		return []string{text}
	default:
		return []string{*product, text}
	}
}

// sameHost tells that two addresses are served by the same scheme, host and port.
func sameHost(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}
