package setting

import "github.com/agnivade/levenshtein"

// Nearest is the candidate that word was probably meant to be, or empty where none is near enough: a third of its
// letters may be wrong, two at least. Both are compared as they are, so fold their case first.
func Nearest(word string, candidates []string) string {
	best, distance := "", max(2, len(word)/3)+1
	if len(word) < 3 {
		distance = 2
	}
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(word, c); d < distance {
			best, distance = c, d
		}
	}
	return best
}
