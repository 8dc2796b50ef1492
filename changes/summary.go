package changes

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of a summary.
const (
	summarySentences = 3
	summaryRunes     = 400
)

// summary is at most three sentences of the partner's own, in the partner's order: from which day it holds, what changes,
// what to do. The sentence with the day comes before all others into it, and none is in it that leans on one that is not.
// Sentences stay whole unless the first to be chosen is longer than a summary may be. A text that says nothing beyond its title
// has none.
func (r reading) summary(e Entry) string {
	var parts []statement
	said := map[string]bool{}
	for _, s := range r.body {
		if text := tidy(s.text); !said[text] && !r.repeatsTitle(s.text) && !isPointer(s) {
			s.text, said[text] = text, true
			parts = append(parts, s)
		}
	}
	c := choice{parts: parts, chosen: map[int]bool{}, left: summaryRunes}
	for _, i := range ranked(parts, e) {
		if len(c.chosen) > 0 || runesOf(parts[i]) <= summaryRunes {
			c.take(i)
			continue
		}
		return shorten(parts[i].text, summaryRunes)
	}
	return c.String()
}

// choice is the sentences of a summary while they are chosen.
type choice struct {
	parts  []statement
	chosen map[int]bool
	left   int // runes
}

// take chooses sentence i and those that it leans on. It takes none of them where they are too many or too long together,
// except where nothing is chosen yet: then the sentence itself is worth more than what it leans on.
func (c *choice) take(i int) {
	needed, runes := map[int]bool{}, 0
	c.need(i, needed)
	for n := range needed {
		runes += runesOf(c.parts[n])
	}
	if len(c.chosen)+len(needed) > summarySentences || runes > c.left {
		if len(c.chosen) > 0 || runesOf(c.parts[i]) > c.left {
			return
		}
		needed, runes = map[int]bool{i: true}, runesOf(c.parts[i])
	}
	maps.Copy(c.chosen, needed)
	c.left -= runes
}

// need adds sentence i to what is needed, and all that it leans on, as far as that is not chosen.
func (c *choice) need(i int, needed map[int]bool) {
	if c.chosen[i] || needed[i] {
		return
	}
	needed[i] = true
	for _, on := range leansOn(c.parts, i) {
		c.need(on, needed)
	}
}

// String is the chosen sentences, as they stand in the announcement.
func (c *choice) String() string {
	var texts []string
	for _, i := range slices.Sorted(maps.Keys(c.chosen)) {
		texts = append(texts, c.parts[i].text)
	}
	return strings.Join(texts, " ")
}

// runesOf is what a sentence takes of a summary, with the space beside it.
func runesOf(s statement) int { return utf8.RuneCountInString(s.text) + 1 }

// ranked are the places of the statements, those that a reader needs most first.
func ranked(parts []statement, e Entry) []int {
	best := func(points func(statement) int) int {
		at, most := -1, 0
		for i, s := range parts {
			if p := points(s); p > most {
				at, most = i, p
			}
		}
		return at
	}
	var out []int
	add := func(i int) {
		if i >= 0 && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	attention := e.NeedsAttention()
	if attention {
		add(best(func(s statement) int { return s.saysDay(e.Effective) }))
		add(best(func(s statement) int { return s.attention() }))
		add(best(func(s statement) int { return s.asksToAct() }))
	}
	for i, s := range parts {
		if !attention || len(out) == 0 || s.attention() > 0 || s.asksToAct() > 0 {
			add(i)
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
