package changes

import "strings"

// isCalledOff tells that what the hit speaks of is said right after not to happen: "the removal has been cancelled".
func (s *statement) isCalledOff(h hit) bool {
	for i := h.to; i < min(len(s.words), h.to+9); i++ {
		w := s.words[i]
		if parts(w.brk) || w.brk == ',' {
			return false
		}
		if callings[w.word] && s.before(i, 3, passives) {
			return true
		}
	}
	return false
}

// isRaise tells that a comparison gives more than there was: "now 5 GB instead of 1 GB". Less than there was breaks.
func (s *statement) isRaise(h hit) bool {
	if h.says != signal(Breaking) || h.to >= len(s.words) || !comparing[s.words[h.to-1].word] {
		return false
	}
	was := quantity(s.words[h.to].word)
	if was == 0 {
		return false
	}
	for i := h.to - 2; i >= max(0, h.to-9); i-- {
		if is := quantity(s.words[i].word); is > 0 {
			if successes[was] && refusals[is] {
				return false
			}
			return is > was && (was < 300 || is >= 600) // 422 instead of 400 is another status, not more of it
		}
	}
	return false
}

// quantity reads a number written in figures or as a word, also with its unit attached; 0 is none.
func quantity(word string) int {
	if n := numbers[word]; n > 0 {
		return n
	}
	n := 0
	for i := 0; i < len(word) && i < 9; i++ {
		switch c := word[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + int(c-'0')
		case c == ',':
		default:
			return n
		}
	}
	return n
}

// isOnlyReserved tells that breaking changes are only reserved for later: "breaking changes may be made during the beta".
func (s *statement) isOnlyReserved(h hit) bool {
	if h.from > 1 && s.words[h.from-2].word == "subject" && s.words[h.from-1].word == "to" {
		return true
	}
	next := h.to
	if next < len(s.words) && strings.HasPrefix(s.words[next].word, "change") {
		next++
	}
	return next < len(s.words) && modals[s.words[next].word] && s.around(hit{from: next, to: next + 1}, 2, comings)
}

// isExample tells that the hit is one thing of a kind or only a possible need: "such as a schema change", "a code that
// may be required".
func (s *statement) isExample(h hit) bool {
	if s.words[h.from].word == "be" && s.before(h.from, 1, modals) && s.holds(h, demands) {
		return true
	}
	return s.before(h.from, 1, articles) && s.before(h.from, 3, suches)
}

// isOffered tells that the change is one that readers may make: "the default can now be changed".
func (s *statement) isOffered(h hit) bool {
	if h.says != signal(Breaking) || h.denies {
		return false
	}
	for i := h.from + 1; i+1 < h.to; i++ {
		if s.words[i].word == "can" && (s.words[i+1].word == "be" || s.words[i+1].word == "now") {
			return true
		}
	}
	return false
}

// isRelabel tells that only what people read on a page is named anew, not what programs use.
func (s *statement) isRelabel(h hit) bool {
	if !strings.HasPrefix(s.words[h.from].word, "renam") {
		return false
	}
	for i := range s.words {
		if s.isName(i) {
			return false
		}
	}
	return s.around(h, 4, furniture)
}

// tellsOfWork tells that a title announces a piece about how the partner works, not a change: "How we test a release".
func tellsOfWork(title []token) bool {
	if len(title) < 3 {
		return false
	}
	switch title[0].word {
	case "how":
		return title[1].word == "we" || title[1].word == "to" || title[1].word == "our"
	case "inside", "behind":
		return title[1].word == "the" || title[1].word == "our"
	case "why":
		return title[1].word == "we" && !strings.HasPrefix(title[2].word, "are")
	case "a":
		return title[1].word == "look" || title[1].word == "day"
	case "lessons", "meet":
		return true
	}
	return false
}

// offersDeletion tells that the text lets its readers delete or remove something, so that a title that says no more
// than "Delete reports" offers just that.
func (r reading) offersDeletion() bool {
	for _, s := range r.body {
		if s.attention() >= enough {
			return false
		}
	}
	for _, s := range r.body {
		for i, w := range s.words {
			if strings.HasPrefix(w.word, "delet") || strings.HasPrefix(w.word, "remov") {
				if s.before(i, 4, offering) {
					return true
				}
			}
		}
	}
	return false
}

var (
	callings   = setOf("cancelled canceled rescinded reversed shelved abandoned reverted")
	passives   = setOf("is are was were been being")
	comparing  = setOf("of than from")
	untils     = setOf("ahead before until prior towards toward")
	stageWords = setOf("beta preview alpha experimental")
	successes  = map[int]bool{200: true, 201: true, 202: true, 204: true}
	refusals   = map[int]bool{401: true, 403: true, 404: true, 409: true, 410: true, 422: true, 429: true}
	demands    = setOf("required mandatory compulsory")
	articles   = setOf("a an as")
	suches     = setOf("such")
	modals     = setOf("may might could can")
	comings    = setOf("made introduced released added shipped occur happen come still")
	furniture  = setOf("checkbox box button buttons tab tabs menu page screen dialog tile sidebar")
	badges     = setOf("label labels badge badges tag tags banner notice flag flags feature")
	offering   = setOf("can able lets let allows allow option ability endpoint method button you to")
)

// saysNone tells that the text says of its title that there is none of it: "There are no deprecated features."
func (r reading) saysNone() bool {
	for _, s := range r.body {
		if len(s.words) < 3 || s.attention() >= enough || s.words[0].word != "no" &&
			!(s.words[0].word == "there" && (s.words[2].word == "no" || s.words[2].word == "currently")) {
			return false
		}
	}
	return len(r.body) > 0
}

// isNotYet tells that what cannot be done could never be done: a limit of something new, not an end of something old.
func (s *statement) isNotYet(h hit) bool {
	if !h.denies {
		return false
	}
	for i, w := range s.words {
		if w.word == "yet" && i >= h.from-3 || w.word == "now" && i > 0 && s.words[i-1].word == "for" && i < 3 {
			return true
		}
	}
	return false
}

// isListedName tells that an item of a list is the name of what the title brings, not an order: "Delete All Reactions".
func (s *statement) isListedName(h hit, r *reading) bool {
	return !s.title && h.to < len(s.words) && r.title.tally[signal(New)] >= enough && s.words[h.to].raw != s.words[h.to].word
}

// lacks tells that the negation before the hit says what somebody lacks: "clients that send no token will be refused".
func (s *statement) lacks(h hit) bool {
	return h.from >= 3 && s.words[h.from-2].word == "no" && s.words[h.from-2].brk == 0 && s.words[h.from].word == "will"
}
