package setting

import (
	"strings"
	"unicode/utf8"

	"github.com/hbollon/go-edlib"
)

// longestCompared bounds the work that a mistyped word can cause.
const longestCompared = 64

// Nearest is the candidate that the word was probably meant to be, without regard to case, or empty where none is
// close: at most a third of its letters wrong, missing, added or swapped. Of equally close ones the first wins. Of a word of two
// letters one is half of it, so that no other is close.
func Nearest(word string, candidates []string) string {
	word = strings.ToLower(word)
	if word == "" || len(word) > longestCompared {
		return ""
	}
	best, nearest := "", 0
	for _, c := range candidates {
		if len(c) > longestCompared {
			continue
		}
		length := max(utf8.RuneCountInString(word), utf8.RuneCountInString(c))
		d := edlib.OSADamerauLevenshteinDistance(word, strings.ToLower(c))
		if d > max(1, length/3) || d >= length || length < 3 && d > 0 {
			continue
		}
		if best == "" || d < nearest {
			best, nearest = c, d
		}
	}
	return best
}

// DidYouMean is `did you mean "x"?` for a word that is not among the candidates, or the list of them where none is
// close.
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return `did you mean "` + near + `"?`
	}
	return "write one of " + strings.Join(candidates, ", ")
}
