package feed

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"sparky/internal/plaintext"
)

// readFeed reads RSS, Atom or RDF from its root element on. prolog is what stands before it, where a DOCTYPE may
// declare entities; base is where the document came from. Items that were seen are not read again.
func readFeed(prolog, text, base string, before *seen) (document, error) {
	whole, err := mend(onlyAllowed(text), declaredEntities(prolog))
	if err != nil {
		return document{}, err
	}
	d, ok := readNew(whole, base, before)
	if !ok {
		if d, err = readItems(whole, base); err != nil {
			return document{}, err
		}
	}
	d.halved = whole.halved
	if whole.repaired != "" {
		d.repaired = append(d.repaired, whole.repaired)
	}
	if lead := strings.TrimSpace(xmlProlog.ReplaceAllString(prolog, "")); lead != "" {
		d.repaired = append(d.repaired, fmt.Sprintf("text stands before it, beginning %q", plaintext.Clip(strings.Join(strings.Fields(lead), " "), 60)))
	}
	return d, nil
}

// readItems reads all items.
func readItems(whole mended, base string) (document, error) {
	parsed, err := parseFeed(whole.text)
	if err != nil {
		return document{}, err
	}
	from, to := middle(whole.items)
	if len(parsed.Items) < whole.items-(to-from) {
		return document{}, fmt.Errorf("the feed holds %d items but only %d of them could be read", whole.items, len(parsed.Items))
	}
	d := feedDocument(parsed, base)
	d.items, d.skipped = d.items+to-from, d.skipped+to-from
	return d, nil
}

// readNew reads the items that were not seen before. It is false where that cannot be done.
func readNew(whole mended, base string, before *seen) (document, bool) {
	rest, ok := before.cut(whole, base)
	if !ok {
		return document{}, false
	}
	parsed, err := parseFeed(rest.text)
	if err != nil || len(parsed.Items) != rest.missing() || slices.Contains(parsed.Items, nil) {
		return document{}, false
	}
	bases := basesOf(parsed, base)
	d := document{title: parsed.Title, format: formatName(parsed.FeedType), items: len(rest.marks)}
	for i, entries := range rest.known {
		if entries == nil {
			entries = itemEntries(parsed.Items[0], bases)
			parsed.Items = parsed.Items[1:]
			rest.known[i] = entries
		}
		d.last = len(d.entries)
		d.entries = append(d.entries, entries...)
	}
	before.remember(rest)
	return d, true
}

// parseFeed is gofeed without its panics: a document of a stranger must never end the program.
func parseFeed(text string) (parsed *gofeed.Feed, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			parsed, err = nil, fmt.Errorf("the feed breaks its parser (%v); tell its publisher", broken)
		}
	}()
	parser := gofeed.NewParser()
	// Looking for a picture in the text would build a tree of each item, a third of what reading a feed costs.
	parser.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	parsed, err = parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("the feed cannot be read: %w", err)
	}
	if parsed == nil {
		return nil, errors.New("the feed cannot be read: its parser found nothing")
	}
	return parsed, nil
}

func feedDocument(parsed *gofeed.Feed, base string) document {
	d := document{title: parsed.Title, format: formatName(parsed.FeedType), items: len(parsed.Items)}
	bases := basesOf(parsed, base)
	for _, item := range parsed.Items {
		if item == nil {
			d.skipped++
			continue
		}
		d.last = len(d.entries)
		d.entries = append(d.entries, itemEntries(item, bases)...)
	}
	return d
}

// basesOf are what a feed's relative links may be relative to, the likeliest first.
func basesOf(parsed *gofeed.Feed, base string) []string {
	home := absolute(parsed.Link, base)
	if parsed.FeedType == "atom" {
		return []string{selfOr(parsed.FeedLink, base), home, base}
	}
	return []string{home, base}
}

// selfOr is the address that the feed gives itself: what its relative links are relative to when it was not fetched
// from an address that we know.
func selfOr(self, base string) string {
	if base != "" {
		return base
	}
	return self
}

func formatName(kind string) string {
	if kind == "json" {
		return "json-feed"
	}
	return kind
}

// itemEntries is the entry that an item is, or the entries that it holds.
func itemEntries(item *gofeed.Item, bases []string) []entry {
	markup := fullest(head(item.Content, maxMarkup), head(item.Description, maxMarkup))
	e := entry{
		id:        strings.TrimSpace(item.GUID),
		title:     plainLine(head(item.Title, maxTitleMarkup)),
		link:      itemLink(item, bases),
		published: itemDate(item),
		tags:      item.Categories,
	}
	if listed := listedTitles(e, markup, bases); len(listed) > 0 {
		return listed
	}
	if sections := daySections(e, markup); len(sections) > 0 {
		return sections
	}
	e.body = bodyText(markup)
	return []entry{e}
}

// The most of an item's markup that is read, in bytes: far more than is kept of its text.
const (
	maxMarkup      = 1 << 20
	maxTitleMarkup = 16 << 10
)

// head is the beginning of a text, cut between characters.
func head(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

// fullest is the content, or the description where that says more.
func fullest(content, description string) string {
	if content == "" || len(description) > len(content) && len(plainText(description)) > len(plainText(content)) {
		return description
	}
	return content
}

// itemLink is the item's link; an address for a guid serves where there is none.
func itemLink(item *gofeed.Item, bases []string) string {
	if link := absolute(item.Link, bases...); link != "" {
		return link
	}
	for _, link := range item.Links {
		if link := absolute(link, bases...); link != "" {
			return link
		}
	}
	for _, l := range item.Extensions["atom"]["link"] {
		if rel := l.Attrs["rel"]; rel == "" || rel == "alternate" {
			if link := absolute(l.Attrs["href"], bases...); link != "" {
				return link
			}
		}
	}
	if u, err := url.Parse(strings.TrimSpace(item.GUID)); err == nil && u.IsAbs() {
		return absolute(item.GUID)
	}
	return ""
}

// itemDate is when the item was published, by whichever of its dates can be read, or last changed where that is all it
// says.
func itemDate(item *gofeed.Item) time.Time {
	for _, parsed := range []*time.Time{item.PublishedParsed, item.UpdatedParsed} {
		if parsed != nil {
			if t, ok := sane(*parsed); ok {
				return t
			}
		}
	}
	written := []string{item.Published, item.Updated}
	if item.DublinCoreExt != nil {
		written = append(written, item.DublinCoreExt.Date...)
	}
	for _, text := range written {
		if t, ok := parseDate(text); ok {
			return t
		}
	}
	return time.Time{}
}

// bodyText is a body as text: HTML, Markdown where it shows that it is, or text.
func bodyText(markup string) string {
	if !htmlTag.MatchString(markup) && looksLikeMarkdown(markup) {
		return markdownText(markup)
	}
	return plainText(markup)
}
