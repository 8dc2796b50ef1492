package jira

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Bounds of what Jira takes. Its limit for a text is 32,767 characters, which on Cloud the whole document counts against;
// a summary is one line of 255 characters, a label one word of 255.
const (
	longestText    = 12000
	longestEncoded = 30000
	longestSummary = 255
	longestLabel   = 255
)

// node is one of a document in the Atlassian Document Format
// (https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/).
type node struct {
	Version int    `json:"version,omitempty"`
	Type    string `json:"type"`
	Text    string `json:"text,omitempty"`
	Content []node `json:"content,omitempty"`
	Marks   []mark `json:"marks,omitempty"`
}

type mark struct {
	Type  string `json:"type"`
	Attrs attrs  `json:"attrs"`
}

type attrs struct {
	Href string `json:"href"`
}

// text is a text as this site takes it: a document on Cloud, plain text elsewhere.
func (c *Client) text(plain string) any {
	if c.cloud() {
		return document(plain)
	}
	return unmarked(plain)
}

// document makes a plain text one for Jira Cloud: paragraphs at empty lines, a list of lines that begin with a dash or a
// bullet, links of addresses. Nothing in the text can become anything else. What is too long is cut, and says so.
func document(plain string) node {
	plain = clean(plain)
	for limit := longestText; ; limit /= 2 {
		doc := node{Version: 1, Type: "doc", Content: blocks(cut(plain, limit))}
		if encoded, err := json.Marshal(doc); err == nil && len(encoded) <= longestEncoded {
			return doc
		}
		if limit == 0 {
			return node{Version: 1, Type: "doc", Content: []node{{Type: "paragraph"}}}
		}
	}
}

// cut bounds a text by its characters.
func cut(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return strings.TrimSpace(string(runes[:limit])) + "…\n\n(shortened)"
}

// What is replaced in texts: the ends of lines, and what begins the markup of Jira's older editor.
var (
	lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")
	wikiMarks  = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `{`, `\{`, `!`, `\!`, `|`, `\|`)
)

// clean takes out of a text what no person can see, and ends every line in one way.
func clean(text string) string {
	text = lineBreaks.Replace(strings.ToValidUTF8(text, "\uFFFD"))
	return strings.TrimSpace(strings.Map(printable, text))
}

// printable drops characters that are no text: control characters but line ends and tabs, and those that turn the
// direction of writing round.
func printable(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r == '\uFEFF':
		return -1
	}
	return r
}

func blocks(plain string) []node {
	var all, lines []node // lines of the paragraph that is being made
	var items []node      // of the list that is
	end := func() {
		if len(lines) > 0 {
			all = append(all, node{Type: "paragraph", Content: lines})
		}
		if len(items) > 0 {
			all = append(all, node{Type: "bulletList", Content: items})
		}
		lines, items = nil, nil
	}
	for line := range strings.SplitSeq(plain, "\n") {
		line = strings.TrimSpace(line)
		item, isItem := listItem(line)
		switch {
		case line == "":
			end()
		case isItem:
			if len(items) == 0 {
				end()
			}
			items = append(items, node{Type: "listItem", Content: []node{{Type: "paragraph", Content: inline(item)}}})
		default:
			if len(items) > 0 {
				end()
			}
			if len(lines) > 0 {
				lines = append(lines, node{Type: "hardBreak"})
			}
			lines = append(lines, inline(line)...)
		}
	}
	end()
	if len(all) == 0 {
		return []node{{Type: "paragraph"}}
	}
	return all
}

func listItem(line string) (string, bool) {
	for _, bullet := range []string{"- ", "• ", "* "} {
		if rest, ok := strings.CutPrefix(line, bullet); ok && strings.TrimSpace(rest) != "" {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// address finds what is a link in a plain text.
var address = regexp.MustCompile(`https?://[^\s<>"“”]+`)

// inline is a line as text, its addresses marked as links to themselves: a link never shows another address than it has.
func inline(line string) []node {
	var all []node
	add := func(text string, marks ...mark) {
		if text != "" {
			all = append(all, node{Type: "text", Text: text, Marks: marks})
		}
	}
	from := 0
	for _, at := range address.FindAllStringIndex(line, -1) {
		link := trimAddress(line[at[0]:at[1]])
		target, err := url.Parse(link)
		if err != nil || target.Host == "" {
			continue
		}
		add(line[from:at[0]])
		add(link, mark{Type: "link", Attrs: attrs{Href: link}})
		from = at[0] + len(link)
	}
	add(line[from:])
	return all
}

// trimAddress leaves out what ends the sentence and not the address.
func trimAddress(link string) string {
	for {
		trimmed := strings.TrimRight(link, ".,;:!?'’")
		if strings.HasSuffix(trimmed, ")") && strings.Count(trimmed, "(") < strings.Count(trimmed, ")") {
			trimmed = strings.TrimSuffix(trimmed, ")")
		}
		if trimmed == link {
			return link
		}
		link = trimmed
	}
}

// unmarked is a plain text for Jira's older editor, with a backslash before what begins its markup: mentions, links,
// pictures, macros and tables.
func unmarked(plain string) string {
	return wikiMarks.Replace(cut(clean(plain), longestText))
}

// label is a text as a label, which is one word; empty where nothing is left of it.
func label(text string) string {
	text = strings.Join(strings.Fields(clean(text)), "-")
	for len(text) > longestLabel {
		runes := []rune(text)
		text = string(runes[:len(runes)-1])
	}
	return text
}

// shows tells whether an issue has that text already.
func (c *Client) shows(found issue, summary, description string) bool {
	ours, err := json.Marshal(c.text(description))
	return err == nil && letters(summary+plain(ours)) == letters(found.Fields.Summary+plain(found.Fields.Description))
}

// plain is the text of what Jira shows, a document or a string, without its layout; empty where it is neither.
func plain(shown json.RawMessage) string {
	var text string
	if json.Unmarshal(shown, &text) == nil {
		return text
	}
	var doc node
	if json.Unmarshal(shown, &doc) != nil {
		return ""
	}
	var b strings.Builder
	doc.write(&b)
	return b.String()
}

func (n node) write(b *strings.Builder) {
	b.WriteString(n.Text)
	for _, child := range n.Content {
		child.write(b)
	}
}

// letters are the letters and digits of a text. By them alone two texts are compared, because Jira may change the layout
// of what it is given.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}
