package changes

import (
	"strconv"
	"strings"
	"time"
)

// mention is a day that a sentence names: words from up to to.
type mention struct {
	date     Date
	from, to int
	relative bool // counted from the day of publication
}

var months = map[string]int{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
	"october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8,
	"sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

// monthOf is 1 to 12 for the name of a month, written with a capital, else 0.
func monthOf(t token) int {
	if t.code || t.raw == "" || t.raw[0] < 'A' || t.raw[0] > 'Z' {
		return 0
	}
	return months[t.word]
}

func isYear(word string) bool {
	n, err := strconv.Atoi(word)
	return err == nil && len(word) == 4 && n >= 1990 && n <= 2099
}

// datesIn finds the days that a sentence names. A day without a year is the next such day from the publication on, or
// in the year of a day named right after it; without either it is none. Versions that look like days are none either.
func datesIn(words []token, published time.Time) []mention {
	var found []mention
	for i := 0; i < len(words); i++ {
		m, year, ok := dateAt(words, i)
		if !ok {
			continue
		}
		if year == 0 {
			year = yearOf(words, m, published)
		}
		if year == 0 {
			i = m.to - 1
			continue
		}
		date, err := NewDate(year, m.month, m.day)
		if err == nil {
			found = append(found, mention{date: date, from: m.from, to: m.to})
		}
		i = m.to - 1
	}
	return append(found, relativeDates(words, published)...)
}

// monthDay is a day and month as they stand in a sentence.
type monthDay struct{ month, day, from, to int }

// dateAt reads the day that begins with word i; year is 0 where none is written.
func dateAt(words []token, i int) (m monthDay, year int, ok bool) {
	if words[i].code {
		return m, 0, false
	}
	if year, month, day, ok := numericDate(words[i].word); ok {
		return monthDay{month, day, i, i + 1}, year, !isVersion(words, i)
	}
	next := i + 1
	m.from = i
	switch day := dayOf(words[i].word); {
	case monthOf(words[i]) > 0 && next < len(words):
		m.month, m.day = monthOf(words[i]), dayOf(words[next].word)
		next++
	case day > 0 && next < len(words):
		if words[next].word == "of" && next+1 < len(words) {
			next++
		}
		m.month, m.day = monthOf(words[next]), day
		next++
	}
	if m.month == 0 || m.day == 0 {
		return m, 0, false
	}
	m.to = next
	if next < len(words) && isYear(words[next].word) && (words[next].brk == 0 || words[next].brk == ',') {
		year, _ = strconv.Atoi(words[next].word)
		m.to++
	}
	return m, year, true
}

// dayOf is 1 to 31 for a day of a month (1, 1st, 1-15), else 0.
func dayOf(word string) int {
	word, _, _ = strings.Cut(word, "-")
	digits := strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyz")
	switch word[len(digits):] {
	case "", "st", "nd", "rd", "th":
	default:
		return 0
	}
	if len(digits) == 0 || len(digits) > 2 {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 31 {
		return 0
	}
	return n
}

// numericDate reads a day that is one word: 2027-03-01 with or without a time, 2027/03/01, 01-Mar-2027, 01.03.2027,
// and 31/03/2027, 03/31/2027 or 3/31/27 where the larger number tells which is the day.
func numericDate(word string) (year, month, day int, ok bool) {
	if len(word) > 10 && word[10] == 't' {
		word = word[:10]
	}
	for _, mark := range []string{"-", "/", "."} {
		p := strings.Split(word, mark)
		if len(p) != 3 {
			continue
		}
		a, errA := strconv.Atoi(p[0])
		c, errC := strconv.Atoi(p[2])
		if errA != nil || errC != nil || len(p[0]) > 4 || len(p[2]) > 4 {
			return 0, 0, 0, false
		}
		b, errB := strconv.Atoi(p[1])
		if mark == "/" && len(p[2]) == 2 && c >= 15 && c < 60 && (a > 12) != (b > 12) && errB == nil {
			p[2], c = "20"+p[2], 2000+c // 3/31/27
		}
		switch {
		case errB != nil && mark == "-":
			b = months[p[1]]
			return c, b, a, b > 0 && isYear(p[2])
		case errB != nil:
			return 0, 0, 0, false
		case isYear(p[0]) && mark != ".":
			return a, b, c, true
		case !isYear(p[2]):
			return 0, 0, 0, false
		case mark == ".":
			return c, b, a, true
		case a > 12 && b <= 12:
			return c, b, a, true
		default:
			return c, a, b, b > 12 || a == b
		}
	}
	return 0, 0, 0, false
}

// isVersion tells that the day at word i is the name of a version, as in "API version 2022-11-28".
func isVersion(words []token, i int) bool {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		w := words[j].word
		if w == "on" || w == "by" || w == "after" || w == "until" || w == "before" || w == "from" || w == "for" {
			return false
		}
		if strings.Contains(w, "version") {
			return true
		}
	}
	if i+1 < len(words) && words[i+1].brk == 0 {
		w := words[i+1].word
		return strings.HasPrefix(w, "version") || w == "api" || w == "release" || w == "schema"
	}
	return false
}

// yearOf finds the year of a day that is written without one.
func yearOf(words []token, m monthDay, published time.Time) int {
	for i := m.to; i < len(words) && i < m.to+4; i++ {
		if next, year, ok := dateAt(words, i); ok && year > 0 {
			if next.month < m.month {
				year--
			}
			return year
		}
	}
	if published.IsZero() {
		return 0
	}
	y, month, day := published.UTC().Date()
	if m.month < int(month) || m.month == int(month) && m.day < day {
		return y + 1
	}
	return y
}
