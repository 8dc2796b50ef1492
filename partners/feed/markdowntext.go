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
	mdCode    = regexp.MustCompile("(`+)([^`].*?)(`+)")
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
	for line := range strings.SplitSeq(mdComment.ReplaceAllString(source, ""), "\n") {
		w.line(line)
	}
	w.flush()
	text := w.out.String()
	if htmlTag.MatchString(text) {
		return htmlText(strings.ReplaceAll(text, "\n", "<br>"))
	}
	return tidy(html.UnescapeString(text))
}

// markdownWriter gathers the lines of a block before it takes the markup out: emphasis may span lines.
type markdownWriter struct {
	out       strings.Builder
	block     string // the lines gathered so far
	closed    bool   // nothing joins the block any more
	fenceMark string // what ends the fenced code that we are in
}

func (w *markdownWriter) line(line string) {
	if quoted := mdQuote.ReplaceAllString(line, ""); w.fenceMark == "" && quoted != line {
		// A line with only the quote's mark parts paragraphs, as an empty line does.
		line = quoted
	}
	mark := fence.FindStringSubmatch(line)
	switch {
	case w.fenceMark != "" && mark != nil && strings.HasPrefix(mark[1], w.fenceMark):
		w.fenceMark = ""
	case w.fenceMark != "":
		// What looks like markup in code is code: it must reach the reader, not the reader of HTML.
		w.out.WriteString("\n" + html.EscapeString(line))
	case mark != nil:
		w.flush()
		w.fenceMark = mark[1]
	case mdTable.MatchString(line) && strings.Contains(line, "-"), mdColons.MatchString(line), mdRule.MatchString(line):
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

func (w *markdownWriter) flush() {
	if strings.TrimSpace(w.block) != "" {
		w.out.WriteString("\n" + markdownBlock(w.block))
	}
	w.block = ""
}

// continues tells that a line goes on the paragraph or list item above it.
func continues(line string) bool {
	return !blockStart.MatchString(line) && !labelled.MatchString(line) && !mdHeading.MatchString(line)
}

// hardBreak tells that a line ends where it ends: by two spaces or a backslash, or because it is a line of its own.
func hardBreak(line string) bool {
	return strings.HasSuffix(line, "  ") || strings.HasSuffix(line, "\\") || strings.TrimSpace(line) == "" ||
		strings.HasPrefix(strings.TrimSpace(line), "|") || labelled.MatchString(line) || mdHeading.MatchString(line) ||
		mdAlert.MatchString(line)
}

// markdownBlock is a paragraph, list item, heading or row without its markup.
func markdownBlock(block string) string {
	if h := mdHeading.FindStringSubmatch(block); h != nil {
		return markdownInline(h[1])
	}
	block = mdAlert.ReplaceAllString(block, "$1: ")
	if mdBullet.MatchString(block) {
		return "- " + markdownInline(mdBullet.ReplaceAllString(block, ""))
	}
	if row := strings.TrimSpace(block); strings.HasPrefix(row, "|") {
		return markdownInline(strings.Trim(row, "| \t"))
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
	s = mdImage.ReplaceAllString(s, "")
	s = mdStrike.ReplaceAllString(s, "")
	s = mdBare.ReplaceAllString(s, "$1")
	// Twice, since a link's text may itself be an image that is a link, or brackets.
	s = mdLink.ReplaceAllString(s, "$1")
	s = mdLink.ReplaceAllString(s, "$1")
	s = mdStrong.ReplaceAllString(s, "$2")
	s = mdUnder.ReplaceAllString(s, "$1$2$3")
	return mdEscape.ReplaceAllString(s, "$1")
}
