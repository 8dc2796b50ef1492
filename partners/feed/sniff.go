package feed

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"

	"sparky/internal/plaintext"
)

// shape is what a document turns out to be, by its content alone.
type shape int

const (
	shapeNothing shape = iota
	shapeFeed          // RSS, Atom, RDF
	shapeJSON
	shapeHTML
	shapeMarkdown
	shapeOther // text, or XML that is no feed
)

var (
	feedRoot = regexp.MustCompile(`(?i)<(?:[a-z0-9]+:)?(?:rss|feed|rdf)(?:\s|>)`)
	pageRoot = regexp.MustCompile(`(?i)<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]`)
	prolog   = regexp.MustCompile(`^(?:\s+|<\?[^>]*\?>|<!--(?s:.*?)-->)+`)
	xmlRoot  = regexp.MustCompile(`^<([A-Za-z_][\w:.-]*)`)
	heading  = regexp.MustCompile(`(?m)^ {0,3}#{1,6}[ \t]+\S|^\S.*\n(?:=|-){3,}[ \t]*$`)
)

// sniffed is how far into a document its root element may stand, after whatever a server wrote before it.
const sniffed = 64 << 10

// shapeOf tells what a document is, and where it begins.
func shapeOf(text string) (shape, int) {
	start := len(prolog.FindString(text))
	body := text[start:]
	if body == "" {
		return shapeNothing, 0
	}
	if body[0] == '{' || body[0] == '[' && !strings.HasPrefix(body, "[!") && json.Valid([]byte(body)) {
		return shapeJSON, start
	}
	head := body[:min(len(body), sniffed)]
	root := feedRoot.FindStringIndex(head)
	// Most feeds hold no page, and looking for one through all of their text takes longer than reading their tags.
	if root != nil && pageRoot.FindStringIndex(head[:root[0]]) == nil && !fenced(head, root[0]) {
		return shapeFeed, start + root[0]
	}
	page := pageRoot.FindStringIndex(head)
	if page != nil && strings.HasPrefix(body, "<") {
		return shapeHTML, start
	}
	if heading.MatchString(head) && !xmlRoot.MatchString(body) {
		return shapeMarkdown, 0
	}
	if xmlRoot.MatchString(body) && htmlTag.MatchString(head) && heading.MatchString(head) {
		return shapeMarkdown, 0
	}
	return shapeOther, start
}

// fenced tells that a match lies inside a document of words, which shows a feed rather than is one.
func fenced(head string, at int) bool {
	return heading.MatchString(head[:at])
}

// whatCame names a document that is not what was asked for, so that the reader of the error knows where to look.
func whatCame(text string) string {
	kind, start := shapeOf(text)
	body := text[start:]
	switch kind {
	case shapeNothing:
		return "an empty document"
	case shapeFeed:
		return "a feed"
	case shapeJSON:
		return jsonName(body)
	case shapeHTML:
		return pageName(body)
	case shapeMarkdown:
		return "a Markdown document"
	}
	if root := xmlRoot.FindStringSubmatch(body); root != nil {
		return fmt.Sprintf("an XML document <%s> that is no feed", plaintext.Clip(root[1], 40))
	}
	words := strings.Join(strings.Fields(tidy(head(body, sniffed))), " ")
	if words == "" {
		return "bytes that are no text"
	}
	return fmt.Sprintf("text that is no feed, beginning %q", plaintext.Clip(words, 60))
}

// pageName names an HTML page by its title, and says where it points to a feed or asks for a sign-in.
func pageName(page string) string {
	title, alternate, signIn := lookAtPage(page)
	name := "an HTML page"
	if title != "" {
		name += fmt.Sprintf(" titled %q", plaintext.Clip(title, 80))
	}
	switch {
	case signIn:
		name += ", which asks to sign in"
	case alternate != "":
		name += fmt.Sprintf(", which names its feed: %s", plaintext.Clip(alternate, 200))
	}
	return name
}

// lookAtPage finds a page's title, the feed that it points to and whether it asks for a password.
func lookAtPage(page string) (title, alternate string, signIn bool) {
	tokens := nethtml.NewTokenizer(strings.NewReader(page))
	for inTitle := false; ; {
		kind := tokens.Next()
		if kind == nethtml.ErrorToken {
			return title, alternate, signIn
		}
		token := tokens.Token()
		starts := kind == nethtml.StartTagToken || kind == nethtml.SelfClosingTagToken
		switch {
		case kind == nethtml.TextToken && inTitle && title == "":
			title = plainLine(token.Data)
		case starts && token.Data == "link" && strings.EqualFold(attribute(token, "rel"), "alternate"):
			if kind := strings.ToLower(attribute(token, "type")); alternate == "" && (strings.Contains(kind, "rss") || strings.Contains(kind, "atom")) {
				alternate = attribute(token, "href")
			}
		case starts && token.Data == "input" && strings.EqualFold(attribute(token, "type"), "password"):
			signIn = true
		}
		inTitle = kind == nethtml.StartTagToken && token.Data == "title"
	}
}

func attribute(token nethtml.Token, name string) string {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// jsonName names a JSON document by its keys, or by the message of an error that it carries.
func jsonName(body string) string {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		if json.Valid([]byte(body)) {
			return "JSON that is no feed"
		}
		return "a broken JSON document: " + err.Error()
	}
	for _, key := range []string{"message", "error_description", "error", "detail", "title"} {
		var said string
		if json.Unmarshal(object[key], &said) == nil && said != "" {
			return fmt.Sprintf("JSON that is no feed, which says %q", plaintext.Clip(tidy(said), 120))
		}
	}
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, plaintext.Clip(tidy(key), 30))
	}
	slices.Sort(keys)
	return "JSON that is no feed, with the keys " + strings.Join(keys[:min(len(keys), 6)], ", ")
}
