package feed

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

var (
	mdSigns   = regexp.MustCompile(`(?m)\[[^\]\n]+\]\([^)\s]+\)|\*\*[^*\n]+\*\*|~~[^~\n]+~~|^\s{0,3}#{1,6}\s|^\s*[-*+]\s+\S|(?:^|\s)` + "`[^`\n]+`")
	mdImage   = regexp.MustCompile(`!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])`)
	mdLink    = regexp.MustCompile(`\[((?:[^\[\]\\]|\\.)*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+(?:"[^"]*"|'[^']*'))?\)|\[[^\]]*\])`)
	mdBare    = regexp.MustCompile(`<((?:https?|mailto):[^\s<>]+)>`)
	mdStrike  = regexp.MustCompile(`~~[^~\n]+(?:~[^~\n]+)*~~`)
	mdStrong  = regexp.MustCompile(`(\*{1,3})([^\s*](?:[^*\n]*[^\s*])?)(\*{1,3})`)
	mdUnder   = regexp.MustCompile(`(^|[\s(])_{1,3}([^\s_](?:[^_\n]*[^\s_])?)_{1,3}($|[\s).,:;!?])`)
	mdEscape  = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()#+.!~<>|-])")
	mdBullet  = regexp.MustCompile(`^\s*[-*+]\s+(?:\[[ xX]\]\s+)?`)
	mdQuote   = regexp.MustCompile(`^\s*(?:>\s?)+`)
	mdAlert   = regexp.MustCompile(`^\s*\[!([A-Za-z]+)\]\s*`)
	mdTable   = regexp.MustCompile(`^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$`)
	mdColons  = regexp.MustCompile(`^\s*:::.*$`)
	mdRule    = regexp.MustCompile(`^\s*(?:[-*_]\s*){3,}$`)
	mdCode    = regexp.MustCompile("```(.+?)```|``(.+?)``|`([^`]+)`")
	mdSpan    = regexp.MustCompile("\x00[0-9]+\x00")
	mdHeading = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$`)
	mdComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	mdAnchor  = regexp.MustCompile(`\s*\{#([\w.:-]+)\}\s*$`)
)

// looksLikeMarkdown tells that a text without HTML is written in Markdown.
func looksLikeMarkdown(text string) bool { return mdSigns.MatchString(text) }

// markdownText is the text of Markdown: what a reader would see, one line for each paragraph, list item and row of a
// table; struck-out text and images left out, code kept.
func markdownText(source string) string {
	var w markdownWriter
	for line := range strings.SplitSeq(withoutComments(source), "\n") {
		w.line(line)
	}
	w.flush()
	text := w.out.String()
	if strings.Contains(text, "<") && htmlTag.MatchString(text) {
		return htmlText(strings.ReplaceAll(text, "\n", "<br>"))
	}
	return tidy(html.UnescapeString(text))
}

func withoutComments(source string) string {
	if !strings.Contains(source, "<!--") {
		return source
	}
	return mdComment.ReplaceAllString(source, "")
}

// markdownWriter gathers the lines of a block before it takes the markup out: emphasis may span lines.
type markdownWriter struct {
	out       strings.Builder
	block     string // the lines gathered so far
	closed    bool   // nothing joins the block any more
	fenceMark string // what ends the fenced code that we are in
}

func (w *markdownWriter) line(line string) {
	if w.fenceMark == "" && first(line) == '>' {
		// A line with only the quote's mark parts paragraphs, as an empty line does.
		line = mdQuote.ReplaceAllString(line, "")
	}
	mark := fenceAt(line)
	switch {
	case w.fenceMark != "" && strings.HasPrefix(mark, w.fenceMark):
		w.fenceMark = ""
	case w.fenceMark != "":
		// What looks like markup in code is code: it must reach the reader, not the reader of HTML.
		w.out.WriteString("\n" + html.EscapeString(line))
	case mark != "":
		w.flush()
		w.fenceMark = mark
	case onlyMarkup(line):
		w.flush()
	case w.block != "" && !w.closed && continues(line):
		w.block += " " + strings.TrimSpace(line)
		w.closed = hardBreak(line)
	default:
		w.flush()
		w.block, w.closed = line, hardBreak(line)
	}
	if len(w.block) > maxBody {
		w.flush()
	}
}

// onlyMarkup tells that a line says nothing: the rule under a table's head, a rule across the page, the marks of tabs.
func onlyMarkup(line string) bool {
	switch first(line) {
	case '|', '-':
		return mdTable.MatchString(line) || mdRule.MatchString(line)
	case ':':
		return mdColons.MatchString(line) || mdTable.MatchString(line)
	case '*', '_':
		return mdRule.MatchString(line)
	}
	return false
}

func (w *markdownWriter) flush() {
	if strings.TrimSpace(w.block) != "" {
		w.out.WriteString("\n" + markdownBlock(w.block))
	}
	w.block = ""
}

// continues tells that a line goes on the paragraph or list item above it.
func continues(line string) bool {
	return !startsBlock(line) && !isLabelled(line)
}

// startsBlock tells that a line is empty or begins a block: a list item, heading, quote or row.
func startsBlock(line string) bool {
	switch c := first(line); {
	case c == 0, c == '>', c == '|':
		return true
	case c == '#':
		return mdHeading.MatchString(line)
	case c == '-', c == '*', c == '+', c >= '0' && c <= '9':
		return blockStart.MatchString(line)
	}
	return false
}

func isLabelled(line string) bool {
	c := first(line)
	return (c == '*' || c == '-') && labelled.MatchString(line)
}

// hardBreak tells that a line ends where it ends: by two spaces or a backslash, or because it is a line of its own.
func hardBreak(line string) bool {
	if strings.HasSuffix(line, "  ") || strings.HasSuffix(line, "\\") {
		return true
	}
	switch first(line) {
	case 0, '|':
		return true
	case '#':
		return mdHeading.MatchString(line)
	case '[':
		return mdAlert.MatchString(line)
	}
	return isLabelled(line)
}

// markdownBlock is a paragraph, list item, heading or row without its markup.
func markdownBlock(block string) string {
	switch first(block) {
	case '#':
		if h := mdHeading.FindStringSubmatch(block); h != nil {
			return markdownInline(h[1])
		}
	case '[':
		block = mdAlert.ReplaceAllString(block, "$1: ")
	case '-', '*', '+':
		if mdBullet.MatchString(block) {
			return "- " + markdownInline(mdBullet.ReplaceAllString(block, ""))
		}
	case '|':
		return markdownInline(strings.Trim(block, "| \t"))
	}
	return markdownInline(strings.TrimSuffix(strings.TrimSpace(block), "\\"))
}

// markdownInline is the text of one block. Code spans stay as they are written.
func markdownInline(s string) string {
	if !strings.Contains(s, "`") {
		return inlineWithoutCode(s)
	}
	// Emphasis may stand around code: so the code is taken out and put back, not the text cut at it.
	var spans []string
	s = mdCode.ReplaceAllStringFunc(strings.ReplaceAll(s, "\x00", ""), func(span string) string {
		spans = append(spans, html.EscapeString(strings.TrimSpace(strings.Trim(span, "`"))))
		return "\x00" + strconv.Itoa(len(spans)-1) + "\x00"
	})
	return mdSpan.ReplaceAllStringFunc(inlineWithoutCode(s), func(place string) string {
		i, err := strconv.Atoi(strings.Trim(place, "\x00"))
		if err != nil || i >= len(spans) {
			return ""
		}
		return spans[i]
	})
}

func inlineWithoutCode(s string) string {
	if strings.Contains(s, "![") {
		s = mdImage.ReplaceAllString(s, "")
	}
	if strings.Contains(s, "~~") {
		s = mdStrike.ReplaceAllString(s, "")
	}
	if strings.Contains(s, "<http") || strings.Contains(s, "<mailto") {
		s = mdBare.ReplaceAllString(s, "$1")
	}
	if strings.Contains(s, "](") || strings.Contains(s, "][") {
		// Twice, since a link's text may itself be an image that is a link, or brackets.
		s = mdLink.ReplaceAllString(s, "$1")
		s = mdLink.ReplaceAllString(s, "$1")
	}
	if strings.Contains(s, "*") {
		s = mdStrong.ReplaceAllString(s, "$2")
	}
	if strings.Contains(s, "_") {
		s = mdUnder.ReplaceAllString(s, "$1$2$3")
	}
	if strings.Contains(s, "\\") {
		s = mdEscape.ReplaceAllString(s, "$1")
	}
	return s
}
