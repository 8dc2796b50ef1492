package feed

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"

	"sparky/partners"
)

// maxDocument is the most bytes of a document that are read. The largest real one known, Microsoft Graph's whole
// history, has about three million.
const maxDocument = 20 << 20

// Parse reads a document that was fetched or saved: contentType is what its server said of it, empty for a file. The
// source's kind says how to read it; where it is empty the document's content does. Change.Partner is left to the
// caller. A document that is no changelog is an error that says what came instead.
func Parse(documentBytes []byte, contentType string, src partners.Source) (partners.Reading, error) {
	d, err := documentOf(documentBytes, contentType, src, src.URL, nil)
	if err != nil {
		return partners.Reading{}, err
	}
	return d.reading(src.Name()), nil
}

// Items is Parse with one entry for each item of the document, as a feed reader shows it: an item that is a list of
// titles stays one. Watching wants the titles, so that one which is added to a release later is news.
func Items(documentBytes []byte, contentType string, src partners.Source) (partners.Reading, error) {
	d, err := documentOf(documentBytes, contentType, src, src.URL, nil)
	if err != nil {
		return partners.Reading{}, err
	}
	return d.whole().reading(src.Name()), nil
}

// documentOf reads a document that came from an address, which need not be the source's own. before is what was seen of
// the source, nil where nothing is remembered.
func documentOf(body []byte, contentType string, src partners.Source, from string, before *seen) (document, error) {
	if len(body) > maxDocument {
		return document{}, fmt.Errorf("the document has %d MB, more than the %d MB that are read", len(body)>>20, maxDocument>>20)
	}
	text, guessed, err := decode(body, contentType)
	if err != nil {
		return document{}, err
	}
	d, err := readAs(text, src, from, before)
	if err != nil {
		return document{}, err
	}
	if err := d.readable(); err != nil {
		return document{}, err
	}
	if guessed != "" {
		d.repaired = append([]string{guessed}, d.repaired...)
	}
	return d, nil
}

func readAs(text string, src partners.Source, from string, before *seen) (document, error) {
	found, start := shapeOf(text)
	if found == shapeNothing {
		return document{}, errors.New("this is no changelog: got an empty document")
	}
	switch src.Kind {
	case partners.SourceHTML:
		return readPage(text, from, src)
	case partners.SourceMarkdown:
		return asMarkdown(text, found, from)
	case partners.SourceM365Messages:
		return parseMessages(text[start:])
	case partners.SourceGitHubReleases, partners.SourceFeed, "":
	default:
		return document{}, fmt.Errorf("kind %q is none that a changelog is read by: feed, html, markdown, github-releases, m365-messages", src.Kind)
	}
	switch {
	case found == shapeJSON && src.Kind == partners.SourceGitHubReleases:
		return readReleases([]byte(text[start:]), cmp.Or(src.Repo, from))
	case found == shapeFeed:
		return readFeed(text[:start], text[start:], from, before)
	case found == shapeJSON:
		return readJSON(text[start:], cmp.Or(from, src.URL))
	case src.Kind == "" && found == shapeHTML && src.Item != "":
		return readPage(text, from, src)
	case src.Kind == "" && found == shapeMarkdown:
		if name := settingsName(text); name != "" {
			return document{}, fmt.Errorf("this is no changelog: got %s", name)
		}
		return asMarkdown(text, found, from)
	}
	return document{}, fmt.Errorf("this is no feed: got %s", whatCame(text))
}

// asMarkdown reads a document whose headings are its entries. One without any is an error: it may be anything.
func asMarkdown(text string, found shape, from string) (document, error) {
	if found != shapeMarkdown && found != shapeOther {
		return document{}, fmt.Errorf("this is no Markdown document: got %s", whatCame(text))
	}
	d := readMarkdown(onlyAllowed(text), pageOf(from))
	if len(d.entries) == 0 && !heading.MatchString(text) {
		return document{}, fmt.Errorf("this is no Markdown changelog, since it has no heading: got %s", whatCame(text))
	}
	if len(d.entries) == 0 {
		return document{}, errors.New("the Markdown document has headings, but none of them holds an announcement")
	}
	return d, nil
}

// xmlProlog is what may stand before the root element of an XML document.
var xmlProlog = regexp.MustCompile(`(?s)<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>`)
