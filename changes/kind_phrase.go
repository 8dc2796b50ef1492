package changes

import "strings"

// phrase is a pattern over the words of a sentence. Written, it is a row of elements parted by spaces:
//
//	word       that word; word* every word that begins so; one|other either; EA, with a capital, only in that case
//	.3         up to three words, whatever they are
//	^ and $    the beginning (also behind a label and a colon) and the end of the sentence
type phrase struct {
	elements       []element
	atStart, atEnd bool
	denies         bool // one of its own words is a negation
}

type element struct {
	words []literal
	gap   int // more than 0: up to so many words
}

type literal struct {
	text   string
	prefix bool
	raw    bool // compared as it is written, with its capitals
}

func parsePhrase(s string) phrase {
	var p phrase
	for _, field := range strings.Fields(s) {
		switch {
		case field == "^":
			p.atStart = true
		case field == "$":
			p.atEnd = true
		case len(field) == 2 && field[0] == '.' && field[1] >= '1' && field[1] <= '9':
			p.elements = append(p.elements, element{gap: int(field[1] - '0')})
		default:
			var e element
			for _, word := range strings.Split(field, "|") {
				text, prefix := strings.CutSuffix(word, "*")
				p.denies = p.denies || negations[text]
				e.words = append(e.words, literal{text: text, prefix: prefix, raw: text != strings.ToLower(text)})
			}
			p.elements = append(p.elements, e)
		}
	}
	return p
}

// match tells whether the phrase stands in the sentence from word i on, and where it ends.
func (p phrase) match(words []token, i int) (end int, ok bool) {
	if p.atStart && !opens(words, i) {
		return 0, false
	}
	end, ok = matchFrom(p.elements, words, i)
	if ok && p.atEnd && end < len(words) && words[end].brk != '(' && words[end].brk != '.' {
		return 0, false
	}
	return end, ok
}

// opens tells that a statement begins with word i: the sentence does, or it follows a label.
func opens(words []token, i int) bool {
	return i == 0 || words[i].brk == ':' || words[i].brk == ']' || i <= 6 && words[i].brk == '-'
}

func matchFrom(elements []element, words []token, i int) (end int, ok bool) {
	for n, e := range elements {
		if e.gap > 0 {
			for skip := 0; skip <= e.gap && i+skip < len(words); skip++ {
				if i > 0 && parts(words[i+skip].brk) {
					return 0, false
				}
				if end, ok := matchFrom(elements[n+1:], words, i+skip); ok {
					return end, true
				}
			}
			return 0, false
		}
		if i >= len(words) || n > 0 && parts(words[i].brk) || !e.fits(words[i]) {
			return 0, false
		}
		i++
	}
	return i, true
}

// parts tells that a phrase does not reach over this punctuation.
func parts(brk byte) bool { return brk == ';' || brk == ':' || brk == '.' }

func (e element) fits(t token) bool {
	if t.code {
		return false
	}
	for _, l := range e.words {
		word := t.word
		if l.raw {
			word = t.raw
		}
		if word == l.text || l.prefix && strings.HasPrefix(word, l.text) {
			return true
		}
	}
	return false
}

// index finds the phrases that can begin with a word without trying them all. It is never changed once built.
type index struct {
	cues  []cue
	begin map[string][]int // by the first three letters of the first word
	needs [][]uint64       // of each cue, for each of its elements, the bits of the words that would do
}

func newIndex(cues []cue) index {
	ix := index{cues: cues, begin: map[string][]int{}}
	for n, c := range cues {
		ix.needs = append(ix.needs, needsOf(c.phrase))
		for _, l := range c.phrase.elements[0].words {
			key := firstLetters(strings.ToLower(l.text))
			if at := ix.begin[key]; len(at) == 0 || at[len(at)-1] != n {
				ix.begin[key] = append(at, n)
			}
		}
	}
	return ix
}

// needsOf is what a sentence must have for the phrase to stand in it: one word of each element, by their bits.
func needsOf(p phrase) []uint64 {
	var needs []uint64
	for _, e := range p.elements {
		if e.gap > 0 {
			continue
		}
		need := uint64(0)
		for _, l := range e.words {
			need |= bit(strings.ToLower(l.text))
		}
		needs = append(needs, need)
	}
	return needs
}

// canHold tells that the sentence may hold the phrase; where it says no, it does not.
func canHold(have uint64, needs []uint64) bool {
	for _, need := range needs {
		if have&need == 0 {
			return false
		}
	}
	return true
}

// bit is one of 64, the same for all words that begin with the same three letters.
func bit(word string) uint64 {
	h := uint32(2166136261)
	for _, c := range []byte(firstLetters(word)) {
		h = (h ^ uint32(c)) * 16777619
	}
	return 1 << (h >> 26)
}

func firstLetters(word string) string { return word[:min(3, len(word))] }

// find calls yield for every cue that the sentence holds, with where it begins and ends.
func (ix index) find(words []token, yield func(c cue, from, to int)) {
	have := uint64(0)
	for _, w := range words {
		if !w.code {
			have |= bit(w.word)
		}
	}
	for i, w := range words {
		for _, n := range ix.begin[firstLetters(w.word)] {
			if !canHold(have, ix.needs[n]) {
				continue
			}
			if end, ok := ix.cues[n].phrase.match(words, i); ok {
				yield(ix.cues[n], i, end)
			}
		}
	}
}
