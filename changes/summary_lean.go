package changes

// The words with which a sentence points back at another.
var (
	pronouns    = setOf("it its them they their this these those such both neither")
	connectives = setOf(`that then there otherwise however instead also but so therefore thus hence afterwards afterward moreover
		additionally similarly likewise meanwhile nevertheless consequently accordingly`)
	itself     = setOf("change release version update announcement notice week month year api page post deprecation retirement removal feature")
	pointedAt  = setOf("day date time deadline point moment")
	thens      = setOf("until till by before after since from")
	existence  = setOf("is are was were will has have may can")
	impersonal = setOf("is was will's possible recommended important necessary")
)

// leaning is how many words from its beginning a pronoun may stand for the sentence to lean on another: further on it
// mostly stands for a word of its own sentence.
const leaning = 5

// leansOn are the sentences before sentence i without which it cannot be understood: the one before where it begins with
// "those", "it" or the like, and the last one with a day where it says "until then" or "that day".
func leansOn(parts []statement, i int) []int {
	if i == 0 {
		return nil // the title stands above it
	}
	var on []int
	if parts[i].pointsBack() {
		on = append(on, i-1)
	}
	if len(parts[i].dates) == 0 && parts[i].pointsAtDay() {
		for n := i - 1; n >= 0; n-- {
			if parts[n].saysWhen() {
				on = append(on, n)
				break
			}
		}
	}
	return on
}

// pointsBack tells that the sentence stands for something that the one before names.
func (s statement) pointsBack() bool {
	for i, w := range s.words {
		next := token{}
		if i+1 < len(s.words) {
			next = s.words[i+1]
		}
		switch {
		case w.code:
		case w.word == "ones", w.word == "former" && i < leaning, w.word == "latter":
			return true
		case i == 0 && connectives[w.word] && !(w.word == "there" && existence[next.word]):
			return true
		case w.word == "result" && i < 3 && s.words[0].word == "as":
			return true
		case i < leaning && pronouns[w.word] && !itself[next.word] && !s.isOwn(i):
			return true
		}
	}
	return false
}

// isOwn tells that the pronoun at word i stands for a word of the sentence itself, or for nothing at all: "each app and
// its keys", "it is possible".
func (s statement) isOwn(i int) bool {
	switch s.words[i].word {
	case "its", "their", "both":
		return i > 0
	case "it":
		return i+2 < len(s.words) && impersonal[s.words[i+1].word] && impersonal[s.words[i+2].word]
	}
	return false
}

// pointsAtDay tells that the sentence speaks of a day that another names.
func (s statement) pointsAtDay() bool {
	for i := 1; i < len(s.words); i++ {
		before, w := s.words[i-1].word, s.words[i].word
		if w == "then" && thens[before] || pointedAt[w] && (before == "that" || before == "this") {
			return true
		}
	}
	return false
}
