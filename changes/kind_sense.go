package changes

import "strings"

// startsAdding tells that the sentence adds something that has to do with deprecation, such as a header that tells of
// it: "Added a deprecation flag to the response".
func (s *statement) startsAdding(h hit) bool {
	if h.from == 0 {
		return false
	}
	for i := range min(2, h.from) {
		if additions[s.words[i].word] {
			return !s.clauseBegins(h.from)
		}
	}
	return false
}

// clauseBegins tells that a statement of its own begins shortly before word i.
func (s *statement) clauseBegins(i int) bool {
	for j := i; j > 0 && j > i-8; j-- {
		if s.words[j].brk != 0 && s.words[j].brk != '"' {
			return true
		}
	}
	return false
}

// mentions tells that the hit only names something by its state: "replaces the now deprecated endpoint".
func (s *statement) mentions(h hit) bool {
	if h.says == signal(Removal) {
		return s.before(h.from, 1, relative) && pastForm[s.words[h.from].word] // "a library that has been removed"
	}
	if h.says != signal(Deprecation) {
		return false
	}
	if h.to < len(s.words) && strings.HasPrefix(s.words[h.to-1].word, "deprecat") && aboutStates[s.words[h.to].word] {
		return true
	}
	for i := h.from; i < h.to; i++ {
		if strings.HasPrefix(s.words[i].word, "deprecated") && i > 0 && showing[s.words[i-1].word] {
			return true
		}
	}
	if h.from == 0 {
		return false
	}
	if h.from > 1 && relative[s.words[h.from-2].word] && isForm[s.words[h.from-1].word] || s.before(h.from, 1, relative) && isForm[s.words[h.from].word] {
		return true
	}
	switch s.words[h.from-1].word {
	case "the", "a", "an", "this", "these", "all", "any", "our", "your", "of", "previously":
		w := s.words[h.from].word
		return w == "now" || w == "deprecated" || w == "officially" || w == "being"
	}
	return false
}

// removesObstacle tells that what goes was in the way: a restriction, a limit, a bug. What the obstacle limits does not
// count as one: "the limit parameter was removed" takes something.
func (s *statement) removesObstacle(h hit) bool {
	obstacle := func(i int) bool {
		if s.words[i].code {
			return false
		}
		if stageWords[s.words[i].word] && i+1 < len(s.words) && badges[s.words[i+1].word] {
			return true
		}
		next := i+1 >= len(s.words) || i+1 == h.from || s.words[i+1].brk != 0 || headEnds[s.words[i+1].word]
		return useless[s.words[i].word] && s.words[h.from].word != "will" || harmlessOnes[s.words[i].word] && next
	}
	for i := h.to; i < min(len(s.words), h.to+5); i++ {
		if s.words[i].brk != 0 {
			break
		}
		if obstacle(i) {
			return true
		}
	}
	for i := h.from - 1; i >= max(0, h.from-8); i-- {
		if obstacle(i) {
			return true
		}
		if s.words[i].brk != 0 {
			break
		}
	}
	return false
}

// isUsersDeed tells that it is a user, not the partner, who removes something or is removed: "when you remove a
// member", "lets admins delete keys", "users are removed from the group".
func (s *statement) isUsersDeed(h hit) bool {
	first := s.words[h.from].word
	switch first {
	case "can", "could", "won't", "can't", "cannot", "not", "no", "cease", "stop", "stops":
		return false // what users cannot do any more is exactly what matters
	}
	if h.from == 0 || s.words[h.from].raw == "DELETE" {
		return h.from != 0 || s.words[h.from].raw == "DELETE"
	}
	if h.says != signal(Removal) {
		return h.says == signal(Breaking) && (s.before(h.from, 1, abilities) || deeds[first] && s.before(h.from, 8, abilities))
	}
	if s.before(h.from, 1, users) && first != "will" && first != "we" {
		return true
	}
	last := h.from - 1
	for last > 0 && strings.HasSuffix(s.words[last].word, "ly") {
		last-- // "can permanently delete"
	}
	switch s.words[last].word {
	case "can", "could", "to", "ability", "lets", "let", "allows", "allow", "able", "option", "and", "or":
		return strings.HasPrefix(first, "remov") || strings.HasPrefix(first, "delet") || strings.HasPrefix(first, "drop")
	}
	return false
}

// isAdjective tells that a sentence begins with what only describes its subject: "Deleted projects cannot be restored".
func (s *statement) isAdjective(h hit) bool {
	if h.from != 0 || h.scope&inItem != 0 || !strings.HasSuffix(s.words[0].word, "ed") {
		return false
	}
	for i := 1; i < min(len(s.words), 5); i++ {
		switch s.words[i].word {
		case "are", "is", "can", "cannot", "can't", "will", "were", "still", "remain", "must", "appear":
			return !s.words[1].isName()
		case "the", "a", "an", "support", "from", "in":
			return false
		}
	}
	return false
}

// concernsDocuments tells that it is documentation of which the hit speaks, as its subject or its object. A pointer to
// documentation, "deprecated; see the guide", does not make it so.
func (s *statement) concernsDocuments(h hit) bool {
	if s.before(h.from, 7, documents) || s.holds(h, documents) {
		return true
	}
	for i := h.to; i < min(len(s.words), h.to+5); i++ {
		w := s.words[i]
		if w.brk != 0 || pointers[w.word] {
			return false
		}
		if documents[w.word] && !w.code {
			return true
		}
	}
	return false
}

// isRelief tells that what something no longer does is what nobody wanted: "no longer fails", "no longer required".
func (s *statement) isRelief(h hit) bool {
	if h.says == signal(Breaking) && h.to < len(s.words) && fewer[s.words[h.to].word] {
		return true // "now requires fewer clicks"
	}
	if h.to-h.from < 2 || s.words[h.from].word != "no" || s.words[h.from+1].word != "longer" {
		return false
	}
	reach := 4 // the verb, or an adverb and the verb
	if h.from+2 < len(s.words) && tellers[s.words[h.from+2].word] {
		reach = 6
	}
	for i := h.from + 2; i < min(len(s.words), h.from+reach); i++ {
		if i > h.from+2 && s.words[i].brk != 0 || s.words[i].word == "and" || s.words[i].word == "or" {
			return false
		}
		for _, stem := range reliefs {
			if strings.HasPrefix(s.words[i].word, stem) {
				return true
			}
		}
		if (s.words[i].word == "have" || s.words[i].word == "has") && i+1 < len(s.words) && s.words[i+1].word == "to" {
			return true
		}
	}
	return false
}

var reliefs = []string{"requir", "need", "necessar", "fail", "crash", "error", "block", "limit", "restrict", "drop", "throw",
	"caus", "hang", "stuck", "duplicat", "count", "charg", "mandator", "miss", "los", "leak", "freez", "ignor", "overwrit",
	"truncat", "flicker", "panic", "beta", "preview", "experiment", "unstable", "must", "wait", "manual",
	"incorrect", "wrong", "break", "affect", "null", "empty", "stale", "twice", "deprecat", "forc", "confus", "time", "timing"}

// isTemporary tells that something is away for a while only: maintenance, not an end.
func (s *statement) isTemporary(h hit) bool {
	if h.says != signal(Removal) || !s.holds(h, absences) {
		return false
	}
	return s.around(hit{to: len(s.words)}, 0, whiles)
}

var (
	showing = setOf(`lists list shows show showing flags flag finds find highlights highlight reports report marks detects detect
		using use uses calls calling hides hide surfaces listing tracks logs`)
	abilities = setOf("can could lets let allows allow able")
	deeds     = setOf("rename change move require enforce split reject block restrict limit")
	fewer     = setOf("fewer less no")
	relative  = setOf("that")
	pastForm  = setOf("has have had was were")
	isForm    = setOf("is are was were")
	tellers   = setOf("include includes contain contains list lists show shows return returns display displays throw throws get gets give gives produce produces receive receives lead leads see sees log logs")
	pointers  = setOf("see refer read follow check consult in per via visit using to with")
	// Words behind which what stands before them is the whole of the matter.
	headEnds = setOf(`of on for in to at that which and or from between by was were has have had is are will been now when per so
		with within around during`)
	absences = setOf("unavailable inaccessible disabled down off offline")
	whiles   = setOf("minutes hours hour temporarily maintenance briefly downtime window")
	// What may bear the word deprecation and tell of others' state.
	aboutStates = setOf(`header headers warning warnings indicator indicators badge badges flag flags info information
		metadata field fields log logs report reports dashboard status message messages notifications annotation annotations`)
)

// holds tells that one of the words stands in the hit.
func (s *statement) holds(h hit, words map[string]bool) bool {
	for _, w := range s.words[h.from:h.to] {
		if words[w.word] {
			return true
		}
	}
	return false
}

// opensAdding tells that the hit's first word itself says that something is brought.
func (s *statement) opensAdding(h hit) bool {
	switch w := s.words[h.from].word; w {
	case "new", "launched", "launching", "implemented", "enabled":
		return true
	default:
		return strings.HasPrefix(w, "add") || strings.HasPrefix(w, "introduc") || w == "we" || w == "we've" || w == "is" || w == "are" ||
			w == "support" || w == "now"
	}
}

// touchesThings tells that what is deprecated or goes is something integrators build against.
func (r reading) touchesThings() bool {
	for _, s := range r.all() {
		if s.attention() >= enough && s.hasThing() {
			return true
		}
	}
	return false
}

// takesMore tells that beside what is called off the statement still says outright that something goes.
func (s *statement) takesMore() bool {
	for _, h := range s.hits {
		if h.points >= enough {
			return true
		}
	}
	return false
}

// channelIsBeta tells that the entry comes from a beta channel, by its tag or by the mark at its title's end, without
// saying of anything that it is on offer: "Users (beta)".
func (r reading) channelIsBeta() bool {
	name := strings.ToLower(r.name)
	return r.betaChannel || strings.HasSuffix(name, "(beta)")
}

// betweenNames tells that names of the partner's code stand right before and soon after: "`cust_id` becomes `customer`".
func (s *statement) betweenNames(from, to int) bool {
	return (s.isName(from-1) || s.isName(from-2)) && (s.isName(to) || s.isName(to+1))
}

// isName tells that word i, if there is one, is a name of the partner's code.
func (s *statement) isName(i int) bool {
	return i >= 0 && i < len(s.words) && (s.words[i].code || s.words[i].isName())
}
