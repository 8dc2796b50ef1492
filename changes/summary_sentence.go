package changes

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations do not end a sentence although a full stop follows them.
var abbreviations = map[string]bool{
	"e.g": true, "i.e": true, "etc": true, "vs": true, "cf": true, "approx": true, "no": true, "nos": true, "incl": true,
	"mr": true, "mrs": true, "ms": true, "dr": true, "inc": true, "ltd": true, "corp": true, "st": true, "ca": true,
	"jan": true, "feb": true, "mar": true, "apr": true, "jun": true, "jul": true, "aug": true, "sep": true, "sept": true,
	"oct": true, "nov": true, "dec": true, "fig": true, "ver": true, "ex": true, "u.s": true, "a.m": true, "p.m": true,
}

// sentencesOf splits a line into sentences. A full stop ends one where white space and then no lower-case letter
// follow, and where it is not that of an abbreviation, a version, an address or a code span. Joined with single spaces,
// the sentences are the line again.
func sentencesOf(text string) []string {
	var out []string
	start, code := 0, false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '`':
			code = !code && strings.IndexByte(text[i+1:min(len(text), i+300)], '`') >= 0
		case '.', '!', '?':
			if code {
				continue
			}
			end := closing(text, i+1)
			if !ends(text, start, i, end) {
				continue
			}
			out = append(out, strings.TrimSpace(text[start:end]))
			start = end
			i = end - 1
		}
	}
	if rest := strings.TrimSpace(text[start:]); rest != "" {
		out = append(out, rest)
	}
	return out
}

// closing moves past what closes together with the sentence: quotes, brackets, further marks.
func closing(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !strings.ContainsRune(`.!?)"'”’]`, r) {
			break
		}
		i += size
	}
	return i
}

// ends tells that the mark at dot, with all that closes with it up to end, ends the sentence that began at start.
func ends(text string, start, dot, end int) bool {
	if end >= len(text) {
		return false // the rest is a sentence anyway
	}
	if text[end] != ' ' {
		return false
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[end:], " `*\"'“‘(["))
	if unicode.IsLower(next) {
		return false
	}
	if text[dot] != '.' {
		return true
	}
	from := strings.LastIndexAny(text[start:dot], " (") + 1
	word := strings.ToLower(text[start+from : dot])
	if abbreviations[word] {
		return word == "etc" && unicode.IsUpper(next)
	}
	single := utf8.RuneCountInString(word) == 1 && !unicode.IsDigit(rune(word[0]))
	return !single
}
