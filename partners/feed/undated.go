package feed

import (
	"regexp"
	"strings"
	"unicode"
)

// deadline is a day as titles, and anchors that are made from them, name it after a preposition: "on 4 December 2026",
// "by-dec-4-2026", "from 2026-12-04".
var deadline = regexp.MustCompile(`(?i)[ -](?:on|by|from|until|before|after|as[ -]of|starting|effective)[ -](?:` +
	`\d{1,2}[ -]` + months + `[ -]\d{4}|` + months + `[ -]\d{1,2},?[ -]\d{4}|\d{4}-\d{2}-\d{2})\b`)

const months = `(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*`

// fewestWords are as many as a title must have beside its deadline to be known by them: fewer are what every release of
// a vendor is called.
const fewestWords = 4

// undated is a title, or its anchor, without the deadline in it: one that moves makes another title of the same
// announcement.
func undated(title string) string {
	rest := deadline.ReplaceAllString(title, "")
	words := strings.FieldsFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) < fewestWords {
		return title
	}
	return rest
}
