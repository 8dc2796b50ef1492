package feed

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	nethtml "golang.org/x/net/html"

	"sparky/partners"
)

// selectors are an html source's CSS selectors, compiled. Only item is always there.
type selectors struct {
	item, title, date goquery.Matcher
}

func compileSelectors(src partners.Source) (s selectors, err error) {
	if strings.TrimSpace(src.Item) == "" {
		return s, errors.New("an html source needs item:, the CSS selector of one announcement")
	}
	compile := func(key, selector string) goquery.Matcher {
		if selector == "" || err != nil {
			return nil
		}
		compiled, cause := cascadia.Compile(selector)
		if cause != nil {
			err = fmt.Errorf("%s: %q is no CSS selector: %w", key, selector, cause)
			return nil
		}
		return compiled
	}
	s = selectors{
		item:  compile("item", src.Item),
		title: compile("title", src.Title),
		date:  compile("date", src.Date),
	}
	return s, err
}

// maxPage is the most bytes of a web page that are read: as a tree it takes thirty times as much memory.
const maxPage = 8 << 20

// readPage reads a web page by the selectors of its source. A selector that matches nothing on the whole page is an
// error that names it: the page has been rebuilt, and silence would look like no news.
func readPage(text, base string, src partners.Source) (document, error) {
	selectors, err := compileSelectors(src)
	if err != nil {
		return document{}, err
	}
	if len(text) > maxPage {
		return document{}, fmt.Errorf("the page has %d MB, more than the %d MB of a web page that are read", len(text)>>20, maxPage>>20)
	}
	root, err := nethtml.Parse(strings.NewReader(text))
	if err != nil {
		return document{}, fmt.Errorf("the page cannot be read: %w", err)
	}
	page := goquery.NewDocumentFromNode(root)
	at := address{page: base, base: absolute(page.Find("base[href]").First().AttrOr("href", base), base)}
	items := outermost(page.FindMatcher(selectors.item))
	if len(items) == 0 {
		return document{}, fmt.Errorf("the item selector %q matches nothing in %s", src.Item, whatCame(text))
	}
	d := document{title: page.Find("title").First().Text(), format: "html", items: len(items)}
	from, to := middle(len(items))
	d.skipped = to - from
	items = append(items[:from:from], items[to:]...)
	dates, titles := 0, 0
	above := datesAbove(root, page, selectors.date)
	for _, item := range items {
		e, dated, titled := selectors.entry(item, at, above)
		dates, titles = dates+dated, titles+titled
		if e.title == "" && e.body == "" {
			d.skipped++
			continue
		}
		d.entries = append(d.entries, e)
	}
	if selectors.title != nil && titles == 0 {
		return document{}, fmt.Errorf("the title selector %q matches nothing inside the %d items that %q finds", src.Title, len(items), src.Item)
	}
	if selectors.date != nil && dates == 0 {
		return document{}, fmt.Errorf("the date selector %q matches nothing inside or above the %d items that %q finds", src.Date, len(items), src.Item)
	}
	return d, nil
}

// address is where a page came from, and what its links are relative to.
type address struct{ page, base string }

// outermost leaves out the items that stand inside another.
func outermost(found *goquery.Selection) []*goquery.Selection {
	matched := map[*nethtml.Node]bool{}
	for _, n := range found.Nodes {
		matched[n] = true
	}
	var items []*goquery.Selection
	for i, n := range found.Nodes {
		inside := false
		for p := n.Parent; p != nil && !inside; p = p.Parent {
			inside = matched[p]
		}
		if !inside {
			items = append(items, found.Eq(i))
		}
	}
	return items
}

// entry reads one announcement, and tells whether its date and its title were found where the selectors say.
func (s selectors) entry(item *goquery.Selection, at address, above dateHeadings) (e entry, dated, titled int) {
	title, date := s.titleOf(item), (*goquery.Selection)(nil)
	if s.title != nil && title.Length() > 0 {
		titled = 1
	}
	if s.date != nil {
		if date = item.FindMatcher(s.date).First(); date.Length() == 0 {
			date = above.lastBefore(item)
		}
		if date.Length() > 0 {
			dated = 1
			e.published, _ = dateOf(date)
		}
	}
	e.title = plainLine(outerHTML(title))
	e.link, e.id = pageLink(item, title, at)
	for _, badge := range item.Find("[class]").EachIter() {
		text := plainLine(outerHTML(badge))
		if badgeClass.MatchString(badge.AttrOr("class", "")) && text != "" && len(text) <= 40 {
			e.tags = append(e.tags, text)
		}
	}
	without := map[*nethtml.Node]bool{}
	for _, part := range []*goquery.Selection{title, date} {
		if part != nil && part.Length() > 0 {
			without[part.Nodes[0]] = true
		}
	}
	var body bytes.Buffer
	if n := item.Nodes[0]; !without[n] {
		for c := range n.ChildNodes() {
			renderWithout(&body, c, without)
		}
	}
	e.body = htmlText(body.String())
	return e, dated, titled
}

var badgeClass = regexp.MustCompile(`(?i)(?:^|[\s_-])(?:badge|label|lozenge|chip|pill|tag)s?(?:$|[\s_-])`)

// titleOf is the title that the selector finds, or the first heading where there is no selector.
func (s selectors) titleOf(item *goquery.Selection) *goquery.Selection {
	if s.title == nil {
		return item.Find("h1, h2, h3, h4, h5, h6").First()
	}
	if found := item.FindMatcher(s.title).First(); found.Length() > 0 {
		return found
	}
	if item.IsMatcher(s.title) {
		return item
	}
	return item.FindMatcher(s.title).First()
}

// dateHeadings are all the dates of a page in its order. Pages that gather a day's announcements under a heading give
// the date only there.
type dateHeadings struct {
	found *goquery.Selection
	place map[*nethtml.Node]int // every element's place in the document
}

func datesAbove(root *nethtml.Node, page *goquery.Document, date goquery.Matcher) dateHeadings {
	if date == nil {
		return dateHeadings{}
	}
	h := dateHeadings{found: page.FindMatcher(date), place: map[*nethtml.Node]int{}}
	for n := range root.Descendants() {
		h.place[n] = len(h.place)
	}
	return h
}

// lastBefore is the last date above the item, an empty selection where there is none.
func (h dateHeadings) lastBefore(item *goquery.Selection) *goquery.Selection {
	at := h.place[item.Nodes[0]]
	i := sort.Search(len(h.found.Nodes), func(i int) bool { return h.place[h.found.Nodes[i]] >= at })
	if i == 0 {
		return h.found.Slice(0, 0)
	}
	return h.found.Eq(i - 1)
}

// dateOf reads an element's date: from the attributes made for it, else from its text.
func dateOf(s *goquery.Selection) (time.Time, bool) {
	for _, name := range []string{"datetime", "content", "data-date", "data-datetime", "data-time", "data-timestamp", "title"} {
		if value, ok := s.Attr(name); ok {
			if t, ok := parseDate(value); ok {
				return t, true
			}
		}
	}
	if inner := s.Find("[datetime]").First(); inner.Length() > 0 {
		if t, ok := parseDate(inner.AttrOr("datetime", "")); ok {
			return t, true
		}
	}
	text := plainLine(s.Text())
	if t, ok := parseDate(text); ok {
		return t, true
	}
	return dayIn(text)
}

// pageLink is where an announcement leads: the link of its title, its own place on the page, or its first link. The id
// is the element's own where it has one, else the link.
func pageLink(item, title *goquery.Selection, at address) (link, id string) {
	id = strings.TrimSpace(cmp.Or(item.AttrOr("id", ""), item.AttrOr("data-id", ""), title.AttrOr("id", "")))
	links := title.Find("a[href]").AddSelection(title.Filter("a[href]")).AddSelection(title.Closest("a[href]"))
	if link = absolute(links.First().AttrOr("href", ""), at.base); link == "" && id != "" {
		link = absolute("#"+url.PathEscape(id), at.page)
	}
	if link == "" {
		link = absolute(item.Find("a[href]").First().AttrOr("href", ""), at.base)
	}
	return link, id
}

func outerHTML(s *goquery.Selection) string {
	var b bytes.Buffer
	for _, n := range s.Nodes {
		renderWithout(&b, n, nil)
	}
	return b.String()
}

func renderWithout(b *bytes.Buffer, n *nethtml.Node, without map[*nethtml.Node]bool) {
	if without[n] {
		return
	}
	if len(without) == 0 {
		// Writing to a buffer cannot fail, and what cannot be rendered is left out.
		_ = nethtml.Render(b, n)
		return
	}
	open := *n
	open.FirstChild, open.LastChild, open.NextSibling, open.PrevSibling, open.Parent = nil, nil, nil, nil, nil
	if n.Type != nethtml.ElementNode {
		_ = nethtml.Render(b, &open)
		return
	}
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		if a.Key == "style" {
			// The text's reader sees by it what is struck out.
			b.WriteString(` style="` + nethtml.EscapeString(a.Val) + `"`)
		}
	}
	b.WriteString(">")
	for c := range n.ChildNodes() {
		renderWithout(b, c, without)
	}
	b.WriteString("</" + n.Data + ">")
}
