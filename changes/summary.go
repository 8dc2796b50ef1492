package changes

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of a summary.
const (
	summarySentences = 3
	summaryRunes     = 400
)

// summary is at most three sentences of the partner's own: what to do, what changes, and when. Sentences stay whole
// unless the very first is longer than a summary may be. A text that says nothing beyond its title has none.
func (r reading) summary(e Entry) string {
	var parts []statement
	for _, s := range r.body {
		if !r.repeatsTitle(s.text) && !isPointer(s) {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	var chosen []string
	left := summaryRunes
	for _, s := range ranked(parts, e) {
		text := tidy(s.text)
		length := utf8.RuneCountInString(text) + 1
		if slices.Contains(chosen, text) || length > left && len(chosen) > 0 {
			continue
		}
		if length > left {
			return shorten(text, summaryRunes)
		}
		chosen = append(chosen, text)
		left -= length
		if len(chosen) == summarySentences {
			break
		}
	}
	return strings.Join(chosen, " ")
}

// ranked puts the statements in the order in which a reader needs them.
func ranked(parts []statement, e Entry) []statement {
	if !e.NeedsAttention() {
		return parts
	}
	best := func(points func(statement) int) int {
		at, most := -1, 0
		for i, s := range parts {
			if p := points(s); p > most {
				at, most = i, p
			}
		}
		return at
	}
	order := []int{
		best(func(s statement) int { return s.asksToAct() }),
		best(func(s statement) int { return s.attention() }),
		best(func(s statement) int { return s.saysDay(e.Effective) }),
	}
	var out []statement
	used := map[int]bool{}
	for _, i := range order {
		if i >= 0 && !used[i] {
			out, used[i] = append(out, parts[i]), true
		}
	}
	for i, s := range parts {
		if !used[i] && (len(out) == 0 || s.attention() > 0 || s.asksToAct() > 0) {
			out = append(out, s)
		}
	}
	return out
}

// asksToAct is how clearly the statement says what to do.
func (s statement) asksToAct() int {
	points := min(s.tally[act], 3*enough)
	if len(s.words) > 2 && imperatives[s.words[0].word] {
		points += 2 * enough
	}
	if points < enough {
		return 0
	}
	if len(s.dates) > 0 {
		points += 2
	}
	return points
}

// imperatives are the verbs with which release notes tell their readers what to do.
var imperatives = setOf("add update upgrade migrate move switch replace rename change set use rotate renew register sign " +
	"remove delete enable adopt review test plan make ensure stop send")

func (s statement) saysDay(d Date) int {
	for _, m := range s.dates {
		if d != "" && m.date == d {
			return 1 + s.attention()
		}
	}
	return 0
}

func (r reading) repeatsTitle(text string) bool {
	title, sentence := bare(r.name), bare(text)
	return sentence == "" || title == sentence || strings.HasSuffix(title, sentence) && len(sentence) > len(title)/2
}

// bare is a text without anything but its words, to compare texts by.
func bare(s string) string {
	return strings.Join(strings.FieldsFunc(lower(s), func(r rune) bool {
		return r < '0' || r > '9' && r < 'a' || r > 'z' && r < 0x80
	}), " ")
}

// isPointer tells that the statement only sends the reader elsewhere, or introduces a list.
func isPointer(s statement) bool {
	if len(s.words) < 2 || isSyndication(s.text) {
		return true
	}
	switch first := s.words[0].word; first {
	case "see", "learn", "read", "visit", "thanks", "published", "posted":
		return true
	case "for":
		return s.words[1].word == "more" || s.words[1].word == "details" || s.words[1].word == "information"
	case "full":
		return s.words[1].word == "changelog"
	}
	return strings.HasSuffix(s.text, ":") && s.attention() < enough
}

// isSyndication tells the line with which WordPress ends what it puts into a feed: “The post … appeared first on …”.
func isSyndication(text string) bool {
	return strings.HasPrefix(text, "The post ") && strings.Contains(text, " appeared first on ")
}

// tidy makes a sentence of a statement: no code marks, no label, a full stop at its end.
func tidy(text string) string {
	text = strings.ReplaceAll(text, "`", "")
	if strings.HasPrefix(text, "[") {
		if label, rest := cutLabel(text); label != "" && rest != "" {
			text = rest
		}
	}
	text = strings.TrimRight(strings.TrimSpace(text), ":;,")
	if last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, `)"'”’`)); !strings.ContainsRune(".!?…", last) {
		text += "."
	}
	return text
}

// shorten cuts a text at the last word that fits.
func shorten(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	cut := string([]rune(text)[:runes-1])
	if at := strings.LastIndexByte(cut, ' '); at > 0 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,;:-") + "…"
}
