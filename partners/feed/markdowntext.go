package feed

import (
	"html"
	"regexp"
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
	mdHeading = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$`)
	mdComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	mdAnchor  = regexp.MustCompile(`\s*\{#([\w.:-]+)\}\s*$`)
)

// looksLikeMarkdown tells that a text without HTML is written in Markdown.
func looksLikeMarkdown(text string) bool { return mdSigns.MatchString(text) }

// markdownText is the text of Markdown: what a reader would see, one line for each list item, line of a paragraph and
// row of a table; struck-out text and images left out, code kept.
func markdownText(source string) string {
	var out strings.Builder
	fenceMark, join := "", false
	for line := range strings.SplitSeq(mdComment.ReplaceAllString(source, ""), "\n") {
		mark := fence.FindStringSubmatch(line)
		switch {
		case fenceMark != "":
			if mark != nil && strings.HasPrefix(mark[1], fenceMark) {
				fenceMark = ""
				continue
			}
			// What looks like markup in code is code: it must reach the reader, not the HTML reader below.
			out.WriteString("\n" + html.EscapeString(line))
			continue
		case mark != nil:
			fenceMark, join = mark[1], false
			continue
		}
		text, joins := markdownLine(line)
		if join && joins && text != "" {
			out.WriteByte(' ')
		} else {
			out.WriteByte('\n')
		}
		out.WriteString(text)
		join = text != "" && !hardBreak(line) && !mdHeading.MatchString(line)
	}
	text := out.String()
	if htmlTag.MatchString(text) {
		return htmlText(strings.ReplaceAll(text, "\n", "<br>"))
	}
	return tidy(html.UnescapeString(text))
}

// hardBreak tells that a line ends where it ends: by two spaces or a backslash, or because it is a labelled one.
func hardBreak(line string) bool {
	return strings.HasSuffix(line, "  ") || strings.HasSuffix(line, "\\") || strings.HasPrefix(strings.TrimSpace(line), "|") ||
		labelled.MatchString(line)
}

// markdownLine is a line without its markup, and whether it goes on the one before.
func markdownLine(line string) (text string, joins bool) {
	if mdTable.MatchString(line) && strings.Contains(line, "-") || mdColons.MatchString(line) || mdRule.MatchString(line) {
		return "", false
	}
	if h := mdHeading.FindStringSubmatch(line); h != nil {
		return markdownInline(h[1]), false
	}
	line = mdQuote.ReplaceAllString(line, "")
	line = mdAlert.ReplaceAllString(line, "$1: ")
	if mdBullet.MatchString(line) {
		return "- " + markdownInline(mdBullet.ReplaceAllString(line, "")), false
	}
	if row := strings.TrimSpace(line); strings.HasPrefix(row, "|") {
		return markdownInline(strings.Trim(row, "| \t")), false
	}
	return markdownInline(strings.TrimSpace(line)), !blockStart.MatchString(line) && !labelled.MatchString(line)
}

// markdownInline is the text of one line. Code spans stay as they are written.
func markdownInline(s string) string {
	if !strings.Contains(s, "`") {
		return inlineWithoutCode(s)
	}
	var b strings.Builder
	for {
		at := mdCode.FindStringSubmatchIndex(s)
		if at == nil {
			b.WriteString(inlineWithoutCode(s))
			return b.String()
		}
		b.WriteString(inlineWithoutCode(s[:at[0]]))
		b.WriteString(html.EscapeString(s[at[4]:at[5]]))
		s = s[at[1]:]
	}
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
