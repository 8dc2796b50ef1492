package statuspage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/tidwall/gjson"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"

	"sparky/internal/plaintext"
)

// Compiled once, because a document holds thousands of what they are matched with.
var (
	rootElement  = regexp.MustCompile(`<([A-Za-z_][\w:.-]*)`)
	prolog       = regexp.MustCompile(`^(?:\s|<\?[^>]*\?>|<!--(?s:.*?)-->)*`)
	xmlEncoding  = regexp.MustCompile(`^\s*<\?xml[^>]*encoding=["']([\w.:-]+)`)
	titleElement = regexp.MustCompile(`(?is)<title[^>]*>(?:\s*<!\[CDATA\[)?(.*?)(?:\]\]>\s*)?</title>`)
)

type shape int

const (
	shapeOther shape = iota
	shapeEmpty
	shapeBroken // begins like JSON and is none
	shapeJSON
	shapeXML
	shapeHTML
	shapeExcess // markup of more tags than are read
)

// document is what came, decoded and sorted by its outer shape.
type document struct {
	address string
	asked   string // the configured kind, empty for auto
	shape   shape
	media   string            // the content type, for people
	text    string            // UTF-8, whatever it was sent in
	json    gjson.Result      // shapeJSON
	page    *goquery.Document // shapeHTML
	root    string            // shapeXML: the name of the root element
}

// newDocument decodes the bytes and finds their shape. The content type is believed last: servers send JSON as
// text/html and sign-in pages as application/json.
func newDocument(body []byte, contentType, address string) document {
	doc := document{address: address, media: strings.TrimSpace(strings.Split(contentType, ";")[0])}
	doc.text = strings.TrimSpace(decode(body, contentType))
	switch {
	case doc.text == "":
		doc.shape = shapeEmpty
	case doc.text[0] == '{' || doc.text[0] == '[':
		// encoding/json limits the depth, gjson does not: what it passes is safe for the other.
		if !json.Valid([]byte(doc.text)) {
			doc.shape = shapeBroken
			break
		}
		doc.shape, doc.json = shapeJSON, gjson.Parse(doc.text)
	case doc.text[0] == '<':
		doc.markup()
	}
	return doc
}

// mostTags is how many tags a page or a feed may have. The largest page captured had 3,000; the parsers take a microsecond
// and more for each.
const mostTags = 300_000

func (doc *document) markup() {
	if strings.Count(doc.text, "<") > mostTags {
		doc.shape = shapeExcess
		return
	}
	root := rootElement.FindStringSubmatch(withoutProlog(doc.text))
	if root == nil {
		return
	}
	doc.root = strings.ToLower(root[1])
	declared := strings.HasPrefix(doc.text, "<?xml") && doc.root != "html"
	if declared || doc.root == "rss" || doc.root == "feed" || doc.root == "rdf:rdf" {
		doc.shape = shapeXML
		return
	}
	page, err := goquery.NewDocumentFromReader(strings.NewReader(doc.text))
	if err == nil {
		doc.shape, doc.page = shapeHTML, page
	}
}

// withoutProlog is the markup without its XML declaration, which names an encoding that the text no longer has, and
// without the comments before the root.
func withoutProlog(text string) string {
	return prolog.ReplaceAllString(text, "")
}

// decode is the body as UTF-8. AWS serves UTF-16 with a byte order mark and calls it JSON; XML and HTML may declare
// an encoding inside.
func decode(body []byte, contentType string) string {
	if order, is16 := utf16Order(body); is16 {
		text, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(body)
		if err != nil {
			return ""
		}
		return string(text)
	}
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(body) {
		return string(body)
	}
	start := body[:min(len(body), 1024)]
	encoding, _, certain := charset.DetermineEncoding(start, contentType)
	if declared := xmlEncoding.FindSubmatch(start); declared != nil && !certain {
		if named, _ := charset.Lookup(string(declared[1])); named != nil {
			encoding = named
		}
	}
	text, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return strings.ToValidUTF8(string(body), "\uFFFD")
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// utf16Order tells UTF-16 by its mark, or by the zero beside a first character that every format here begins with.
func utf16Order(body []byte) (unicode.Endianness, bool) {
	switch {
	case len(body) < 2:
		return unicode.BigEndian, false
	case body[0] == 0xFE && body[1] == 0xFF, body[0] == 0 && strings.IndexByte("[{<", body[1]) >= 0:
		return unicode.BigEndian, true
	case body[0] == 0xFF && body[1] == 0xFE, body[1] == 0 && strings.IndexByte("[{<", body[0]) >= 0:
		return unicode.LittleEndian, true
	}
	return unicode.BigEndian, false
}

// describe names what came, for the sentence "got …".
func (doc document) describe() string {
	switch doc.shape {
	case shapeEmpty:
		return "nothing"
	case shapeBroken:
		return "JSON that is broken off or malformed"
	case shapeExcess:
		return fmt.Sprintf("a page or a feed of more than %d tags", mostTags)
	case shapeJSON:
		return doc.describeJSON()
	case shapeXML:
		if title := doc.feedTitle(); title != "" {
			return fmt.Sprintf("a feed titled “%s”", title)
		}
		return fmt.Sprintf("an XML document of type <%s>", plaintext.Clip(doc.root, 40))
	case shapeHTML:
		if title := doc.pageTitle(); title != "" {
			return fmt.Sprintf("an HTML page titled “%s”", title)
		}
		return "an HTML page without a title"
	}
	if doc.media != "" {
		return "something of type " + plaintext.Clip(doc.media, 60)
	}
	return "neither JSON, XML nor HTML"
}

func (doc document) describeJSON() string {
	switch {
	case doc.json.IsArray() && len(doc.json.Array()) == 0:
		return "an empty JSON list"
	case doc.json.IsObject() && len(doc.json.Map()) == 0:
		return "an empty JSON object"
	case isM365Messages(doc):
		return "the Microsoft 365 message centre, which is a changelog"
	}
	for _, path := range []string{"error.message", "error_description", "message", "error"} {
		if said := plaintext.Line(text(doc.json.Get(path)), 120); said != "" {
			return fmt.Sprintf("a JSON document that says “%s”", said)
		}
	}
	return "JSON of another shape"
}

func (doc document) pageTitle() string {
	if doc.page == nil {
		return ""
	}
	return plaintext.Line(doc.page.Find("title").First().Text(), 120)
}

func (doc document) feedTitle() string {
	title := titleElement.FindStringSubmatch(doc.text[:min(len(doc.text), 64<<10)]) // a title stands at the start
	if title == nil {
		return ""
	}
	return plaintext.Line(plain(title[1]), 120)
}

// host is the host of the address, in lower case and without www, empty where the address has none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}
