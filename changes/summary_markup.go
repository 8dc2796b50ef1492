package changes

import (
	"html"
	"strings"
)

// textLimit bounds how much of an announcement is read: longer ones are whole documents, and every part of the work
// below grows with the length.
const textLimit = 256 << 10

// line is one line of an announcement without its markup. Code spans keep their backticks, since a word inside one is
// a name and not a statement.
type line struct {
	text    string
	heading bool // the line names what follows it
	item    bool // an item of a list, or a row of a table
	blank   bool
}

// linesOf takes Markdown and HTML leftovers off a text. Struck-out text, images and link targets go; what a reader
// would see stays. Lines that a source wrapped in mid-sentence are joined again.
func linesOf(text string) []line {
	if len(text) > textLimit {
		text = strings.ToValidUTF8(text[:textLimit], "")
	}
	text = html.UnescapeString(withoutTags(plainSpace.Replace(text)))
	var lines []line
	var rest []string // of the last line, where it was wrapped
	join := func() {
		if len(rest) > 0 {
			last := &lines[len(lines)-1]
			last.text, rest = last.text+" "+strings.Join(rest, " "), nil
		}
	}
	fenced := false
	for _, raw := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(raw)
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		next := lineOf(trimmed)
		if n := len(lines) - 1; n >= 0 && wrapped(lines[n], rest, next) {
			rest = append(rest, next.text)
			continue
		}
		join()
		lines = append(lines, next)
	}
	join()
	return lines
}

var plainSpace = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u200b", "", "\ufeff", "")

// lineOf reads the marks at the beginning of a line, then those inside it.
func lineOf(s string) line {
	for strings.HasPrefix(s, ">") {
		s = strings.TrimSpace(s[1:])
	}
	var l line
	if level := len(s) - len(strings.TrimLeft(s, "#")); level > 0 && level <= 6 && strings.HasPrefix(s[level:], " ") {
		l.heading, s = true, strings.TrimSpace(strings.TrimRight(s[level:], "# "))
	} else if rest, ok := cutBullet(s); ok {
		l.item, s = true, rest
	} else if strings.HasPrefix(s, "|") {
		l.item, s = true, cells(s)
	}
	bold := len(s) > 4 && strings.HasPrefix(s, "**") && strings.HasSuffix(strings.TrimSuffix(s, ":"), "**")
	l.text = strings.Join(strings.Fields(withoutMarks(s)), " ")
	if short := len(l.text) < 60 && !strings.HasSuffix(l.text, "."); short && !l.item {
		l.heading = l.heading || bold || strings.HasSuffix(l.text, ":") || isLabel(l.text)
	}
	l.blank = l.text == ""
	return l
}

// wrapped tells that next goes on with the sentence that l began and rest went on with.
func wrapped(l line, rest []string, next line) bool {
	if l.blank || l.heading || next.blank || next.heading || next.item {
		return false
	}
	before := l.text
	if len(rest) > 0 {
		before = rest[len(rest)-1]
	}
	if strings.ContainsAny(before[len(before)-1:], ".!?:;") {
		return false
	}
	first := next.text[0]
	return len(before) >= 60 || first >= 'a' && first <= 'z' || bindings[before[strings.LastIndexByte(before, ' ')+1:]]
}

// bindings are words that end no sentence: a line that ends with one was wrapped.
var bindings = setOf("a an the in on at of to for by with from and or is are was were be as into our your its that")

// cutBullet takes the mark of a list item off a line: -, *, +, •, 1. or 1).
func cutBullet(s string) (string, bool) {
	for _, mark := range []string{"- ", "* ", "+ ", "• ", "– ", "·"} {
		if rest, ok := strings.CutPrefix(s, mark); ok {
			return strings.TrimSpace(rest), true
		}
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits == 0 || digits > 3 || len(s) < digits+2 {
		return s, false
	}
	if (s[digits] == '.' || s[digits] == ')') && s[digits+1] == ' ' {
		return strings.TrimSpace(s[digits+2:]), true
	}
	return s, false
}

// cells joins the cells of a table row; the row of dashes below a table's head is nothing.
func cells(s string) string {
	if strings.Trim(s, "|-: ") == "" {
		return ""
	}
	var out []string
	for _, cell := range strings.Split(s, "|") {
		if cell = strings.TrimSpace(cell); cell != "" {
			out = append(out, cell)
		}
	}
	return strings.Join(out, ": ")
}

// blockTags end a line where a browser would.
var blockTags = map[string]bool{
	"br": true, "p": true, "li": true, "div": true, "tr": true, "ul": true, "ol": true, "table": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "blockquote": true, "section": true,
}

// withoutTags drops HTML tags and what <del>, <s> and <strike> enclose.
func withoutTags(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		b.WriteString(s[:open])
		s = s[open:]
		name, end := tagAt(s)
		if end == 0 {
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		s = s[end:]
		switch bare := strings.TrimPrefix(name, "/"); {
		case bare == name && (name == "del" || name == "s" || name == "strike"):
			if stop := strings.Index(s[:min(len(s), 1000)], "</"+name); stop >= 0 {
				s = s[stop:]
			}
		case blockTags[bare]:
			b.WriteString("\n\n")
		}
	}
	b.WriteString(s)
	return b.String()
}

// tagAt is the name of the tag that s begins with, and its length; 0 where s begins with a mere less-than sign.
func tagAt(s string) (name string, length int) {
	window := s[1:min(len(s), 2000)]
	end := strings.IndexAny(window, "<>")
	if end <= 0 || window[end] == '<' {
		return "", 0
	}
	inside := window[:end]
	if c := inside[0]; c != '/' && c != '!' && (c|0x20 < 'a' || c|0x20 > 'z') {
		return "", 0
	}
	stop := strings.IndexAny(inside, " \t\n")
	if stop < 0 {
		stop = len(inside)
	}
	return strings.ToLower(strings.TrimRight(inside[:stop], "/")), end + 2
}
