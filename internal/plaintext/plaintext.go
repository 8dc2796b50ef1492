// Package plaintext makes text from outside fit to stand in a sentence, a title or a field. It knows nothing of markup.
package plaintext

import (
	"strings"
	"unicode"
)

// OneLine is a text on one line: white space is folded, and what cannot be seen, turns the direction of writing or is not
// text at all is dropped.
func OneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

// Clip is at most so many characters (runes, at least 1) of a text that is valid UTF-8. Where it cuts, an ellipsis is the
// last of them, and follows a word.
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	count, end := 0, 0
	for i := range text {
		count++
		if count == most {
			end = i
		}
		if count > most {
			return strings.TrimRight(text[:end], " \t\r\n,.;:") + "…"
		}
	}
	return text
}

// Line is OneLine, clipped.
func Line(text string, most int) string { return Clip(OneLine(text), most) }
