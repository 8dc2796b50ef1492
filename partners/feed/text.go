package feed

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"
)

// The most that is kept of one entry, in characters. Longer ones are pasted logs or broken pages.
const (
	maxTitle = 300
	maxBody  = 20_000
	maxTag   = 100
	maxTags  = 30
)

// htmlTag is what tells markup from text that merely holds an angle bracket: only elements that occur in the text of
// announcements, so that "List<String>" stays as it is.
var htmlTag = regexp.MustCompile(`(?i)</?(?:a|abbr|article|b|blockquote|body|br|cite|code|dd|del|details|div|dl|dt|em|` +
	`figure|font|h[1-6]|hr|html|i|iframe|img|ins|kbd|li|mark|ol|p|pre|q|s|samp|script|section|small|span|strike|strong|` +
	`style|sub|summary|sup|table|tbody|td|th|thead|tr|tt|u|ul|var)(?:\s[^<>]*|/)?>`)

// plainText is the text of something that may be HTML or text already: what a reader would see, paragraphs and list
// items on lines of their own, struck-out text, scripts and styles left out.
func plainText(source string) string {
	if strings.IndexByte(source, '<') >= 0 && htmlTag.MatchString(source) {
		return htmlText(source)
	}
	return tidy(html.UnescapeString(source))
}

// plainLine is plainText on one line.
func plainLine(source string) string {
	return strings.Join(strings.Fields(plainText(source)), " ")
}

// htmlText is the text of an HTML fragment or page, whatever state its tags are in.
func htmlText(source string) string {
	w := textWriter{}
	if w.write(source); w.struckToTheEnd() {
		// A strike that is opened and never closed is a slip of the pen: it must not cost the rest of the text.
		w = textWriter{keepStruck: true}
		w.write(source)
	}
	return tidy(w.out.String())
}

// textWriter walks tokens rather than a tree: it needs no memory for the tree and no depth can overwhelm it.
type textWriter struct {
	out        strings.Builder
	open       []string // elements that hide or keep text, and the blocks around them
	hidden     int      // how many of open hide their text
	pre        int      // how many of open are pre
	cells      int      // cells so far in the row
	marked     bool     // a bullet or cell mark stands there, and what follows belongs on its line
	keepStruck bool
}

// maxOpen bounds how many open elements are remembered. Deeper ones are read as if they were not there.
const maxOpen = 512

func (w *textWriter) write(source string) {
	tokens := nethtml.NewTokenizer(strings.NewReader(source))
	for {
		switch tokens.Next() {
		case nethtml.ErrorToken:
			return
		case nethtml.TextToken:
			w.text(string(tokens.Text()))
		case nethtml.StartTagToken:
			name, more := tokens.TagName()
			w.start(string(name), more && struckByStyle(tokens))
		case nethtml.SelfClosingTagToken:
			name, _ := tokens.TagName()
			w.breakBefore(string(name))
		case nethtml.EndTagToken:
			name, _ := tokens.TagName()
			w.end(string(name))
		}
	}
}

func struckByStyle(tokens *nethtml.Tokenizer) bool {
	for {
		key, value, more := tokens.TagAttr()
		if string(key) == "style" && strings.Contains(strings.ToLower(string(value)), "line-through") {
			return true
		}
		if !more {
			return false
		}
	}
}

func (w *textWriter) text(s string) {
	if w.hidden > 0 {
		return
	}
	if w.pre == 0 {
		s = collapse(s)
	}
	w.out.WriteString(s)
	w.marked = w.marked && strings.TrimSpace(s) == ""
}

func (w *textWriter) start(name string, struck bool) {
	w.breakBefore(name)
	if voidElement(name) || len(w.open) >= maxOpen {
		return
	}
	if struck && !w.keepStruck {
		name = "del " + name
	}
	w.open = append(w.open, name)
	w.count(name, 1)
}

func (w *textWriter) end(name string) {
	for i := len(w.open) - 1; i >= 0; i-- {
		if _, element, styled := strings.Cut(w.open[i], " "); w.open[i] != name && (!styled || element != name) {
			continue
		}
		for _, closed := range w.open[i:] {
			w.count(closed, -1)
		}
		w.open = w.open[:i]
		break
	}
	if name == "li" || name == "tr" {
		w.marked = false
	}
	if blockElement(name) {
		w.newline()
	}
}

func (w *textWriter) count(name string, by int) {
	if w.hides(name) {
		w.hidden += by
	}
	if name == "pre" {
		w.pre += by
	}
}

func (w *textWriter) hides(name string) bool {
	switch name {
	case "script", "style", "template", "noscript", "iframe", "head", "svg", "select", "object":
		return true
	case "del", "s", "strike":
		return !w.keepStruck
	default:
		return strings.HasPrefix(name, "del ")
	}
}

func (w *textWriter) struckToTheEnd() bool {
	for _, name := range w.open {
		if name == "del" || name == "s" || name == "strike" || strings.HasPrefix(name, "del ") {
			return true
		}
	}
	return false
}

func (w *textWriter) breakBefore(name string) {
	if w.hidden > 0 {
		return
	}
	switch {
	case name == "li":
		w.marked = false
		w.newline()
		w.out.WriteString("- ")
		w.marked = true
	case name == "tr":
		w.marked = false
		w.newline()
		w.cells = 0
	case name == "td" || name == "th":
		if w.cells++; w.cells > 1 {
			w.out.WriteString(" | ")
		}
		w.marked = true
	case name == "br" || name == "hr" || blockElement(name):
		w.newline()
	}
}

func (w *textWriter) newline() {
	if w.hidden == 0 && !w.marked {
		w.out.WriteByte('\n')
	}
}

func voidElement(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

func blockElement(name string) bool {
	switch name {
	case "address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt",
		"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "html", "li", "main",
		"nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul":
		return true
	}
	return false
}

// collapse makes each run of white space one space, and keeps one at either end.
func collapse(s string) string {
	if collapsed(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = true
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	if space {
		b.WriteByte(' ')
	}
	return b.String()
}

// collapsed tells of most texts that they hold no white space but single spaces; of one beyond ASCII it does not know.
func collapsed(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf, c < ' ':
			return false
		case c == ' ' && i+1 < len(s) && s[i+1] == ' ':
			return false
		}
	}
	return true
}

// tidy drops what is not to be seen, blank lines and the white space around each line.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(visible, s)
	lines := strings.Split(s, "\n")
	kept := lines[:0]
	for _, line := range lines {
		line = strings.TrimSpace(collapse(line))
		if strings.Trim(line, " -|") != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// visible drops control characters and those that turn or hide text, and makes odd spaces plain ones.
func visible(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r == '\t', r == '\u00a0', r == '\u2028', r == '\u2029', r == '\u0085':
		return ' '
	case r == '\u00ad', r == '\u200b', r == '\ufeff', r == unicode.ReplacementChar:
		return -1
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return -1
	case unicode.IsControl(r):
		return -1
	}
	return r
}
