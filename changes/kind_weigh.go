package changes

import "strings"

// weigh adds up what the words of the statement speak for, leaving out what they say only seemingly.
func (s *statement) weigh(r *reading) {
	s.weighLabel()
	dated := s.saysWhen()
	thing := s.hasThing()
	var found []hit
	allCues.find(s.words, func(c cue, from, to int) {
		switch {
		case c.scope&inTitle != 0 && !s.title,
			c.scope&inItem != 0 && !s.title && !s.item,
			c.scope&withDate != 0 && !dated,
			c.scope&withThing != 0 && !thing,
			c.scope&betweenNames != 0 && !s.betweenNames(from, to),
			c.scope&afterName != 0 && !s.isName(from-1) && !s.isName(from-2),
			c.scope&ontoName != 0 && !s.isName(to),
			c.scope&inBrackets != 0 && s.words[from].brk != '(':
			return
		}
		found = append(found, hit{c.says, c.points, from, to, c.scope, c.phrase.denies})
	})
	fixing := s.label == signal(Fix) || r.commit == "fix" && s.title
	for _, h := range found {
		fixing = fixing || h.says == signal(Fix) && h.points >= enough && h.from <= 1
	}
	counted := map[hit]bool{}
	for _, h := range found {
		// The same words may be found by several cues; they are said only once.
		place, word := hit{says: h.says, from: h.from}, hit{says: h.says, from: -1, to: s.firstAs(h.from)}
		if h.points <= 2 && (counted[place] || counted[word]) || !s.means(h, r, fixing) {
			continue
		}
		counted[place] = true
		counted[word] = counted[word] || h.points <= 2
		s.add(h)
	}
	s.settle(thing)
}

// firstAs is where the word at i first stands in the sentence.
func (s *statement) firstAs(i int) int {
	for j := range i {
		if s.words[j].word == s.words[i].word {
			return j
		}
	}
	return i
}

func (s *statement) add(h hit) {
	s.tally[h.says] += h.points
	if needsAttention(h.says) {
		s.hits = append(s.hits, h)
	}
	if h.says == signal(New) && h.points >= enough && h.from <= 1 && s.label != signal(Fix) && s.opensAdding(h) {
		s.brings = true
	}
}

func needsAttention(says signal) bool {
	return says == signal(Breaking) || says == signal(Deprecation) || says == signal(Removal)
}

// weighLabel counts what the section or mark before the statement says.
func (s *statement) weighLabel() {
	if s.label == "" {
		return
	}
	s.tally[s.label] += enough
	if s.label == signal(New) {
		s.brings = true
	}
}

// settle draws what follows from the sums.
func (s *statement) settle(thing bool) {
	if s.tally[harmless] >= enough && s.tally[signal(Breaking)] <= 2*enough {
		s.tally[signal(Breaking)] -= enough
	}
	if s.tally[remains] >= enough && s.tally[signal(Deprecation)] >= enough {
		s.tally[signal(Removal)] -= enough
	}
	if s.label == chore {
		s.tally[signal(New)], s.tally[signal(Fix)], s.brings = 0, 0, false
	}
	if thing && s.tally[signal(Removal)] >= enough && s.tally[harmless] < enough {
		s.tally[signal(Breaking)] += enough
	}
}

// saysWhen tells that the statement has a day, a month or another word of when something begins.
func (s *statement) saysWhen() bool {
	if len(s.dates) > 0 {
		return true
	}
	for i, w := range s.words {
		switch w.word {
		case "effective", "starting", "beginning", "deadline", "onwards", "henceforth":
			return true
		case "from", "by", "until", "before", "after", "in", "on":
			if i+1 < len(s.words) && (monthOf(s.words[i+1]) > 0 || isYear(s.words[i+1].word)) {
				return true
			}
		}
	}
	return false
}

func (s *statement) hasThing() bool {
	for i, w := range s.words {
		if w.isThing() || isVersionWord(w.word) && (i == 0 || !insides[s.words[i-1].word]) {
			return true
		}
	}
	return false
}

// The words that take its meaning from a cue that follows or precedes them.
var (
	insides    = setOf("in since from until by with") // before a version: when, not what
	possibles  = setOf("possible potential potentially")
	negations  = setOf("not never without no isn't aren't non zero 0 won't don't doesn't hasn't haven't wasn't nor cannot")
	conditions = setOf("when if whenever whether where once unless might example examples detect detects prevent prevents " +
		"avoid avoids avoiding track tracks identify notify notified notifies warn warns reasons like upon")
	clauses      = setOf("when if whenever whether")
	harmlessOnes = setOf(`restriction restrictions limit limits limitation limitations requirement requirements need bug bugs
		warning warnings duplicate duplicates duplicated dependency dependencies cap caps constraint constraints barrier
		friction typo typos whitespace race leak overhead noise clutter
		ambiguity confusion hassle latency delay delays bottleneck guesswork`)
	useless = setOf("unused redundant unnecessary obsolete stale circular duplicate duplicated superfluous")
	users   = setOf(`user users member members customer customers guest guests employee employees person people you your
		they who admins admin administrators administrator owner owners collaborator collaborators contact contacts
		participant participants someone`)
	documents = setOf("documentation docs doc readme tutorial tutorials guide guides bookmarks article articles")
	additions = setOf(`add added adds adding new introduce introduced introduces introducing support supports show shows display
		displays expose exposes improve improved improves update updated include includes announcing create created generate`)
)

// means tells that the words say what the cue takes them to say.
func (s *statement) means(h hit, r *reading, fixing bool) bool {
	switch {
	case h.says == signal(Beta):
		return !s.before(h.from, 2, negations) && !s.concernsDocuments(h) && !(r.isEssay && s.title)
	case h.says == generally:
		return !s.before(h.from, 4, untils)
	case h.says == harmless:
		return !s.before(h.from, 2, negations) || h.denies
	case !needsAttention(h.says):
		return true
	}
	if s.aside || s.label == signal(New) && h.scope&inItem != 0 && !s.isName(h.to) {
		return false
	}
	explicit := strings.HasPrefix(s.words[h.from].word, "breaking")
	switch {
	case explicit && (s.before(h.from, 2, possibles) || s.isOnlyReserved(h)):
		return false
	case s.before(h.from, 2, negations) && !negations[s.words[h.from].word] && !s.lacks(h), !h.denies && s.holds(h, negations), s.isTemporary(h):
		s.takenBack = s.takenBack || h.points >= enough
		return false
	case len(s.dates) == 0 && s.words[h.from].word != "will" && (s.before(h.from, 5, conditions) || s.before(h.from, 8, clauses)):
		return false
	case (fixing || (r.housekeeping() || s.label == chore) && s.title) && !explicit:
		return false
	case h.says == signal(Deprecation) && s.startsAdding(h) && !explicit:
		return false
	case h.says == signal(Removal) && s.removesObstacle(h):
		s.tally[signal(New)] += enough // one obstacle less is something gained
		return false
	case s.isCalledOff(h):
		s.takenBack = true
		return false
	case h.says == signal(Removal) && s.isNotYet(h), h.scope&inItem != 0 && s.isListedName(h, r):
		return false
	case s.mentions(h), s.isAdjective(h), s.isRelief(h), s.isUsersDeed(h), s.isRaise(h), s.isRelabel(h), s.isOffered(h), s.isExample(h), r.isEssay && (s.title || len(s.dates) == 0):
		return false
	case s.concernsDocuments(h):
		s.cancelledByDocs = s.cancelledByDocs || h.points >= enough
		return false
	}
	return true
}

// before tells that one of the words stands among the n words before word i, in the same clause.
func (s *statement) before(i, n int, words map[string]bool) bool {
	for j := i; j > 0 && j > i-n; j-- {
		if s.words[j].brk != 0 && s.words[j].brk != '"' && s.words[j].brk != '(' {
			return false
		}
		if words[s.words[j-1].word] {
			return true
		}
	}
	return false
}

// around tells that one of the words stands in the hit or within n words of it.
func (s *statement) around(h hit, n int, words map[string]bool) bool {
	for i := max(0, h.from-n); i < min(len(s.words), h.to+n); i++ {
		if words[s.words[i].word] && !s.words[i].code {
			return true
		}
	}
	return false
}
