package changes

import (
	"slices"
	"strings"
	"time"

	"sparky/partners"
)

// Classify reads what a partner announces and concludes what it is (Kinds), what is on offer before general
// availability (BetaVersion), from which day it holds (Effective) and what to tell people (Summary). FirstSeen is now.
//
// It knows how vendors phrase things, not which vendor speaks. The same change always gets the same answer; the time
// that it takes grows with the length of the text and with nothing else.
func Classify(c partners.Change, now time.Time) Entry {
	if len(c.Stated) > 0 {
		return stated(c, now)
	}
	r := read(c)
	e := Entry{Change: c, FirstSeen: now}
	e.Kinds = r.kinds()
	if e.Is(Beta) {
		e.BetaVersion = r.betaVersion()
	}
	e.Effective = r.effective(e)
	if e.Effective != "" && e.Is(Deprecation) && !e.Is(Breaking) && r.touchesThings() {
		// A thing that integrators use and that has a last day breaks them on that day.
		e.Kinds = inOrder(append(e.Kinds, Breaking))
	}
	e.Summary = r.summary(e)
	return e
}

// stated is the entry of a change that was found by comparing: what it is stands there, and its first paragraph says most.
func stated(c partners.Change, now time.Time) Entry {
	e := Entry{Change: c, FirstSeen: now, Effective: Date(c.Deadline)}
	for _, kind := range c.Stated {
		e.Kinds = append(e.Kinds, Kind(kind))
	}
	e.Kinds = inOrder(e.Kinds)
	e.Summary, _, _ = strings.Cut(c.Body, "\n\n")
	return e
}

// inOrder sorts kinds as the constants are and keeps each once; Other stays only where nothing else is.
func inOrder(have []Kind) []Kind {
	var out []Kind
	for _, k := range []Kind{Breaking, Deprecation, Removal, Security, Beta, New, Fix} {
		if slices.Contains(have, k) {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return []Kind{Other}
	}
	return out
}

// kinds are what the title, the text and the source's own labels say together.
func (r reading) kinds() []Kind {
	var kinds []Kind
	attention := []Kind{}
	for _, k := range []Kind{Breaking, Deprecation, Removal} {
		if r.score(signal(k)) >= enough {
			attention = append(attention, k)
		}
	}
	documents := r.aboutDocumentation()
	if documents || r.saysNone() {
		attention = nil
	}
	kinds = append(kinds, attention...)
	if r.security(len(attention) > 0) {
		kinds = append(kinds, Security)
	}
	beta := r.beta(len(attention) > 0)
	if beta {
		kinds = append(kinds, Beta)
	}
	if r.fixes() && (len(attention) == 0 || r.lists(signal(Fix))) {
		kinds = append(kinds, Fix)
	}
	if documents && !beta && !r.additive() {
		return inOrder(kinds)
	}
	if !(slices.Contains(kinds, Security) && len(attention) == 0 && !r.additive()) && r.news(len(attention) > 0, beta) {
		kinds = append(kinds, New)
	}
	return inOrder(kinds)
}

// score is how much the whole entry speaks for something: its strongest statement, its title, and the labels of the
// source. Statements of a long text do not add up: many weak ones are no strong one.
func (r reading) score(says signal) int {
	best := 0
	for _, s := range r.body {
		best = max(best, s.tally[says])
	}
	return best + r.title.tally[says] + r.tags[says]
}

// housekeeping tells that the entry calls itself documentation or a chore.
func (r reading) housekeeping() bool {
	switch r.commit {
	case "docs", "chore", "test", "ci", "build", "style":
		return true
	}
	return r.title.label == chore
}

// aboutDocumentation tells that what goes or changes is documentation: every statement that would need attention
// speaks of documents, and the title names nothing else.
func (r reading) aboutDocumentation() bool {
	documents, others := 0, 0
	for _, s := range r.body {
		if s.cancelledByDocs && !s.takesMore() {
			documents++
		} else if s.attention() >= enough {
			others++
		}
	}
	if r.title.cancelledByDocs && r.title.attention() == 0 {
		return true
	}
	return documents > 0 && others == 0 && r.title.tally[signal(Breaking)] < enough
}

// additive tells that the entry also brings something, beside what it takes.
func (r reading) additive() bool {
	for _, s := range r.body {
		if s.brings && s.attention() < enough {
			return true
		}
	}
	return false
}

// additiveBesideBeta tells that beside a beta something else is brought that is none.
func (r reading) additiveBesideBeta() bool {
	for _, s := range r.body {
		if s.brings && s.tally[signal(Beta)] < enough && s.attention() < enough {
			return true
		}
	}
	return false
}

// lists tells that a section or mark of the text is named so.
func (r reading) lists(says signal) bool {
	return slices.ContainsFunc(r.body, func(s statement) bool { return s.label == says })
}

func (r reading) fixes() bool {
	if r.commit == "fix" || r.title.tally[signal(Fix)] >= enough || r.tags[signal(Fix)] >= enough {
		return r.title.label != signal(New)
	}
	weak := 0
	for _, s := range r.body {
		if s.tally[signal(Fix)] >= enough && s.attention() < enough {
			return true
		}
		weak = max(weak, s.tally[signal(Fix)])
	}
	return weak >= 2 && r.score(signal(New)) < 2
}

// news tells that something is generally available, or new without a word on its stage.
func (r reading) news(attention, beta bool) bool {
	titled := r.title.tally[signal(New)] >= enough || r.title.tally[generally] >= enough
	switch {
	case beta:
		return r.alsoGeneral() || r.title.tally[signal(Beta)] < enough && !r.channelIsBeta() && !preReleaseIn(r.title.words) &&
			r.additiveBesideBeta()
	case attention:
		return r.commit == "feat" || r.additive() || r.title.attention() == 0 && r.title.tally[generally] < enough &&
			(r.title.brings || titled && strings.Contains(lower(r.name), "available"))
	case r.isEssay:
		return false
	case r.housekeeping(), r.title.tally[chore] >= enough && !titled:
		return false
	case r.commit == "fix" || r.title.tally[signal(Fix)] >= enough && !titled:
		return false
	case titled || r.score(generally) >= enough || r.tags[signal(New)] >= enough:
		return true
	case r.fixes():
		return r.additive() || slices.ContainsFunc(r.body, func(s statement) bool {
			return s.tally[signal(New)] >= enough && s.tally[signal(Fix)] == 0 && s.label != signal(Fix)
		})
	}
	return r.score(signal(New)) >= 2 || r.unremarkable()
}

// unremarkable tells that nothing speaks against what the entry tells of being new: it takes nothing back, ends no
// beta, and is no chore.
func (r reading) unremarkable() bool {
	chores := 0
	for _, s := range r.all() {
		if s.takenBack || s.tally[betaOver] >= enough {
			return false
		}
		if s.label == chore {
			chores++
		}
	}
	return r.name != "" && (chores == 0 || chores < len(r.body))
}

// alsoGeneral tells that beside a beta something else became generally available.
func (r reading) alsoGeneral() bool {
	for _, s := range r.body {
		if s.tally[generally] >= enough && s.tally[signal(Beta)] < enough && s.tally[betaOver] < enough {
			return r.title.tally[signal(Beta)] < enough
		}
	}
	return false
}

// security tells that a vulnerability is told of, or that a rule gets stricter for security's sake.
func (r reading) security(attention bool) bool {
	if r.tags[signal(Security)] >= enough {
		return true
	}
	stricter := false
	for _, s := range r.all() {
		points := s.tally[signal(Security)]
		if points >= enough && (s.tally[signal(Fix)] >= 2 || s.tally[signal(New)] < enough) && r.title.tally[signal(New)] < enough {
			return true
		}
		guarded := s.tally[guards] > 0 && s.tally[tightened] >= enough && s.tally[signal(New)] < enough
		stricter = stricter || guarded || s.tally[safety] >= enough && s.tally[signal(New)] < enough
	}
	return attention && stricter && r.score(signal(Breaking)) >= enough
}

// beta tells that something is on offer now before general availability.
func (r reading) beta(attention bool) bool {
	t := r.title
	if r.isEssay || t.tally[generally] >= enough || t.tally[betaOver] >= enough || t.tally[looks] >= enough {
		return false
	}
	offered := false
	for _, s := range r.body {
		offered = offered || s.offersBeta()
	}
	channel := r.channelIsBeta()
	if t.attention() >= enough && t.tally[signal(Beta)] < enough && !r.additive() {
		return false
	}
	if preReleaseIn(t.words) {
		return true
	}
	if channel || r.tags[signal(Beta)] >= enough {
		return offered || !attention || r.additive()
	}
	if t.tally[signal(Beta)] >= enough && !r.housekeeping() {
		return offered || t.attention() < enough
	}
	return offered && !r.housekeeping()
}
