package setting

import (
	"strings"
	"unicode/utf8"
)

// longestCompared bounds the work that a mistyped word can cause.
const longestCompared = 64

// Nearest is the candidate that the word was probably meant to be, without regard to case, or empty where none is
// close: at most a third of its letters wrong, missing, added or swapped. Of equally close ones the first wins.
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
		d := distance([]rune(word), []rune(strings.ToLower(c)))
		if d > max(1, length/3) || d >= length {
			continue
		}
		if best == "" || d < nearest {
			best, nearest = c, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to make b of a (optimal string
// alignment).
func distance(a, b []rune) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// DidYouMean is `did you mean "x"?` for a word that is not among the candidates, or the list of them where none is
// close.
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return `did you mean "` + near + `"?`
	}
	return "write one of " + strings.Join(candidates, ", ")
}
