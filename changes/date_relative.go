package changes

import (
	"strconv"
	"strings"
	"time"
)

var numbers = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"twelve": 12, "fourteen": 14, "thirty": 30, "sixty": 60, "ninety": 90,
}

// relativeDates finds days that are counted from the publication: "in 90 days", "30 days from today". Where the day of
// publication is not known there are none.
func relativeDates(words []token, published time.Time) []mention {
	if published.IsZero() {
		return nil
	}
	var found []mention
	for i := 0; i+1 < len(words); i++ {
		n := count(words[i].word)
		if n == 0 || !(i > 0 && words[i-1].word == "in" || fromNow(words, i+2)) {
			continue
		}
		day, ok := later(published.UTC(), n, strings.TrimSuffix(words[i+1].word, "s"))
		if !ok {
			continue
		}
		found = append(found, mention{date: Date(day.Format(time.DateOnly)), from: i, to: i + 2, relative: true})
	}
	return found
}

func count(word string) int {
	if n, ok := numbers[word]; ok {
		return n
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > 730 {
		return 0
	}
	return n
}

// fromNow tells that the words from i on count from the publication.
func fromNow(words []token, i int) bool {
	if i+1 >= len(words) || words[i].word != "from" && words[i].word != "after" {
		return false
	}
	switch words[i+1].word {
	case "today", "now", "publication":
		return true
	case "this", "the":
		for j := i + 2; j < min(len(words), i+6); j++ {
			switch words[j].word {
			case "announcement", "notice", "post", "publication", "message":
				return true
			}
		}
	}
	return false
}

func later(from time.Time, n int, unit string) (time.Time, bool) {
	switch unit {
	case "day":
		return from.AddDate(0, 0, n), true
	case "week":
		return from.AddDate(0, 0, 7*n), true
	case "month":
		return from.AddDate(0, n, 0), n <= 60
	default:
		return time.Time{}, false
	}
}
