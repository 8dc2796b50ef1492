package bot

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// zeroWidth stands between a formatting character and the word that it would format: Slack has no escape for them
// (docs.slack.dev, "Formatting text with mrkdwn", names three characters to encode and no more).
const zeroWidth = "\u200b"

// ellipsis ends a text that was cut.
const ellipsis = "…"

// graveLookalike replaces backticks: one of them would open a code span that swallows all that follows.
const graveLookalike = '\u02cb'

// longestURL is the longest address that becomes a link; Slack's own limit for a button's url is 3000.
const longestURL = 2000

// escape makes one line of mrkdwn from outside text, showing the same characters: nothing in it mentions, links,
// formats, quotes or breaks the line. Identifiers such as user_id stay as they are, so that they can be copied.
func escape(text string) string {
	runes := []rune(oneLine(text))
	var b strings.Builder
	b.Grow(len(runes) + len(runes)/8)
	blank := true // so far
	for i, r := range runes {
		before, after := neighbour(runes, i-1), neighbour(runes, i+1)
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			// At the start of a line even the entity opens a quotation.
			if blank {
				b.WriteString(zeroWidth)
			}
			b.WriteString("&gt;")
		case r == '`':
			b.WriteRune(graveLookalike)
		case strings.ContainsRune("*_~", r) && !(wordRune(before) && wordRune(after)):
			breakMarker(&b, r, before, after)
		case r == ':' && opensEmoji(runes[i:]):
			b.WriteString(":" + zeroWidth)
		default:
			b.WriteRune(r)
		}
		blank = blank && unicode.IsSpace(r)
	}
	return b.String()
}

// breakMarker writes a formatting character so that it touches no text on the sides where it would open or close.
func breakMarker(b *strings.Builder, r, before, after rune) {
	if !unicode.IsSpace(before) {
		b.WriteString(zeroWidth)
	}
	b.WriteRune(r)
	if !unicode.IsSpace(after) {
		b.WriteString(zeroWidth)
	}
}

// neighbour is the rune at i, a space beyond the ends.
func neighbour(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return ' '
	}
	return runes[i]
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// opensEmoji tells whether a shortcode such as :name: begins here. Digits alone are a clock time, not a name.
func opensEmoji(runes []rune) bool {
	named := false
	for i, r := range runes[1:] {
		switch {
		case r == ':':
			return i > 0 && named
		case r >= 'a' && r <= 'z' || r == '+' || r == '-':
			named = true
		case r >= '0' && r <= '9' || r == '_' || r == '\'':
		default:
			return false
		}
	}
	return false
}

// oneLine replaces line breaks and runs of white space by one space, drops what has no shape (controls and the marks
// that turn the direction of what follows) and replaces bytes that are not UTF-8.
func oneLine(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff':
			continue
		}
		if space {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	if space {
		b.WriteByte(' ')
	}
	return b.String()
}

// code is outside text as something to be typed or copied. Inside the span only entities and backticks are read.
func code(text string) string {
	text = strings.TrimSpace(oneLine(text))
	if text == "" {
		return ""
	}
	return "`" + codeReplacer.Replace(text) + "`"
}

// What texts cannot hold as they are: in code, in an address and in the words of a date.
var (
	codeReplacer = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", string(graveLookalike))
	linkReplacer = strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E", " ", "%20", "`", "%60", "&", "&amp;")
	dateReplacer = strings.NewReplacer("|", "¦", "^", "")
)

// link is a label that leads to an http or https address. The label alone is left where the address is none or hides a
// user name in front of its host; where the label names another host, it stays beside a link that says where it leads.
func link(address, label string) string {
	if strings.TrimSpace(label) == "" {
		label = address
	}
	target, ok := linkTarget(address)
	if !ok {
		return escape(label)
	}
	if liesAbout(label, target.host) {
		return escape(label) + " (<" + target.text + "|" + escape(target.host) + ">)"
	}
	return "<" + target.text + "|" + strings.ReplaceAll(strings.TrimSpace(escape(label)), "|", "¦") + ">"
}

// webAddress is an address that may become a link: as it stands between angle brackets, and its host.
type webAddress struct{ text, host string }

func linkTarget(address string) (webAddress, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return webAddress{}, false
	}
	text := linkReplacer.Replace(u.String())
	if len(text) > longestURL || strings.ContainsFunc(text, shapeless) {
		return webAddress{}, false
	}
	return webAddress{text, strings.ToLower(u.Hostname())}, true
}

func shapeless(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError
}

// liesAbout tells that a label names another host than the one it would lead to: as an address anywhere in it, or by
// being nothing but a host's name.
func liesAbout(label, host string) bool {
	words := strings.Fields(strings.ToLower(oneLine(label)))
	for _, word := range words {
		_, named, found := strings.Cut(word, "://")
		if !found {
			if named = word; !strings.HasPrefix(word, "www.") && !(len(words) == 1 && likeHost(word)) {
				continue
			}
		}
		if end := strings.IndexAny(named, "/?#:"); end >= 0 {
			named = named[:end]
		}
		if strings.TrimPrefix(named, "www.") != strings.TrimPrefix(host, "www.") {
			return true
		}
	}
	return false
}

// likeHost tells whether a word could be the name of a host, with or without a path: its last part is letters.
func likeHost(word string) bool {
	word, _, _ = strings.Cut(word, "/")
	dot := strings.LastIndexByte(word, '.')
	return dot > 0 && len(word)-dot > 2 && !strings.ContainsFunc(word[dot+1:], func(r rune) bool { return !unicode.IsLetter(r) })
}

// mentionOf is a person, or a user group, as Slack shows and notifies them. The id must be one.
func mentionOf(id string) string {
	if strings.HasPrefix(id, "S") {
		return "<!subteam^" + id + ">"
	}
	return "<@" + id + ">"
}

// lastDate is the end of the year 9999, beyond which no client draws a date.
const lastDate = 253402300799

// The forms of a date (docs.slack.dev, "Formatting text with mrkdwn").
const (
	dayAndTime = "{date_short_pretty} {time}"
	dayAlone   = "{date_short_pretty}"
	timeAlone  = "{time}"
)

// dateAs is a time in each reader's own zone, in one of the forms. An old client shows the fallback, or UTC where there is none.
func dateAs(t time.Time, form, fallback string) string {
	if strings.TrimSpace(fallback) == "" {
		fallback = t.UTC().Format("2 Jan 2006 15:04 UTC")
	}
	fallback = escape(fallback)
	unix := t.Unix()
	if unix <= 0 || unix > lastDate {
		return fallback
	}
	fallback = dateReplacer.Replace(fallback)
	return "<!date^" + strconv.FormatInt(unix, 10) + "^" + form + "|" + fallback + ">"
}

// strong is escaped text in bold. Formatting needs text at both its inner ends, so outer spaces stay outside.
func strong(text string) string { return wrapped("*", escape(text)) }

// faint is escaped text in italics, the quietest that mrkdwn has inside a line.
func faint(text string) string { return wrapped("_", escape(text)) }

func wrapped(marker, escaped string) string {
	inner := strings.TrimSpace(escaped)
	if inner == "" {
		return escaped
	}
	left := escaped[:strings.Index(escaped, inner)]
	return left + marker + inner + marker + escaped[len(left)+len(inner):]
}

// size is how long Slack may count a text: in UTF-16 units, which is never less than its characters. The documents do
// not say which of them is counted.
func size(text string) int {
	n := 0
	for _, r := range text {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// cut is a plain text of at most limit units, with an ellipsis where something is missing. It must not be given
// markup: it would cut through an entity or a link.
func cut(text string, limit int) string {
	if size(text) <= limit {
		return text
	}
	left := limit - size(ellipsis)
	for i, r := range text {
		if left -= max(1, utf16.RuneLen(r)); left < 0 {
			return wholeWords(text[:i], text[i:]) + ellipsis
		}
	}
	return text
}

// wholeWords is the head of a text without the word that the cut went through, unless that is a long one, such as an address.
func wholeWords(head, rest string) string {
	const long = 24
	if space := strings.LastIndexByte(head, ' '); !strings.HasPrefix(rest, " ") && space > 0 && len(head)-space <= long {
		head = head[:space]
	}
	return strings.TrimRight(head, " ")
}

// cutMarkup is markup of at most limit units, never ended inside an entity, a link or a date.
func cutMarkup(markup string, limit int) string {
	if size(markup) <= limit {
		return markup
	}
	head := strings.TrimSuffix(cut(markup, limit), ellipsis)
	if open := strings.LastIndexByte(head, '<'); open > strings.LastIndexByte(head, '>') {
		head = head[:open]
	}
	if open := strings.LastIndexByte(head, '&'); open > strings.LastIndexByte(head, ';') {
		head = head[:open]
	}
	return head + ellipsis
}
