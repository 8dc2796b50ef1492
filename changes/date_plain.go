package changes

import "slices"

// Signals of what a day is, beside those of what an entry is.
const (
	otherDay signal = "another day" // of a review, a webinar, a survey: nothing changes on it
	offer    signal = "offer"       // of what may be used and need not
	turn     signal = "turn"        // something is another from then on
	lasts    signal = "lasts"       // something goes on as before until then
)

// dayCues are how a sentence says what the day in it is, where it does not say that something breaks or ends.
var dayCues = newIndex(concat(
	cues(otherDay, 1, 0, `
		we|will|we'll|be|was|were|is|last|next|first|our .1 review|reviewed|revisit|revisited|reassess|reassessed|discuss|discussed|evaluate
		review date|of|meeting|takes
		join|attend|watch|host|hosting|hosted|invite|invited .5 webinar*|workshop*|conference|session|meetup|summit|event|livestream|training
		join|meet .1 us
		webinar*|workshop*|conference|meetup|summit|keynote|livestream|rehearsal|training|briefing .4 place|held|starts|begins|is|will|on
		tickets .5 sold|available|sale
		in our|a .2 webinar|workshop|conference|meetup|summit|livestream
		office hours
		regist*|sign|enrol*|apply|attend .1 for .1 the|our|a|this .2 webinar*|workshop*|conference|session|meetup|summit|event|programme|program|beta|preview|pilot|training
		you|customers|admins|developers can .1 register|enrol*|apply|attend|vote|comment|book
		registration .5 open|opens|closes|close|ends|starts|begins
		survey|questionnaire|poll|vote|voting .4 open|opens|closes|runs|ends|until
		feedback|comments|questions|proposals|applications|nominations .3 by|until|before
		answer|answers|answering|take|takes .2 questions
		tell|share|give|say|post|publish|publishing|send|have .3 more|guide|guides|documentation|details|article|blog|post|newsletter|update|news|recording|faq
		more|further .1 details|information|news .2 follow*|will|come*|be
		next update|announcement|newsletter|post|report
		update of this|the notice|post|page .2 comes|follows
		offices|office|support|team|desk .3 closed|away|holiday
		guide|documentation|docs|article|recording|translation .2 is|are|will|appears
		preview|beta|pilot|trial|rollout .6 starts|begins|opens|launches|start|begin|open
		copyright`),
	cues(offer, 1, 0, `
		available|availability|optional|optionally
		you|customers|developers|users|admins|integrators|clients|apps|everybody|everyone .1 can|may|could
		can be .1 tried|used|tested|switched|enabled|chosen|ordered
		can .1 try|test|use|opt|choose|enable
		launch|launches|launched|launching|ship|ships|released|debut*|preview|beta`),
	cues(turn, 1, 0, `
		^ register .2 your|each|every|all|any
		become|becomes
		we|we'll|will .1 switch|move|change|apply|replace|rotate|raise|lower|cut|drop|stop|start|begin|use
		switches|moves|changes|applies|replaces|drops|stops|expires
		come|comes|coming|go|goes|going|enter|enters|put into force|effect|operation
		change|changes|rule|rules|policy|limit|limits|this|it .1 go|goes|going|is|are|be .1 live
		change|changes .3 place
		date|day of|for .2 change|switch|cutover|move|migration
		change|switch|switchover|cutover|migration date|day`),
	cues(lasts, 1, 0, `
		still .8 until|till|through
		continue|continues|go|goes|keeps .1 on|to|working|using .6 until|till|through`),
))

var (
	begins   = setOf("from starting beginning effective")
	through  = setOf("to until till through")
	limits   = setOf("only most more exactly least")
	apiThing = setOf("api apis endpoint endpoints object objects field fields resource resources")
)

// plainly is what a day gains by being said plainly, without a word of an end beside it: "from 2 January tokens live 60
// minutes". That is a day of the change only where the entry as a whole, or the sentence beside, tells of one.
func (r reading) plainly(s statement, m mention) int {
	if s.nearestHit(m) > 1 || s.isSpan(m) || !r.tellsOfChange(s) {
		return 0
	}
	said := s.dayCues(m)
	switch {
	case said[lasts]:
		return 3
	case said[offer] && !s.around(hit{to: len(s.words)}, 0, limits):
		return 0
	case said[turn]:
		return 3
	case s.beginsWith(m):
		return 2
	}
	return 0
}

// ofSomethingElse tells that the day is one on which nothing changes, and that nothing beside it says that something does.
func (s statement) ofSomethingElse(m mention) bool {
	strongest := 0
	for _, h := range s.hits {
		strongest = max(strongest, h.points-s.apart(m, h))
	}
	return strongest < 3 && s.dayCues(m)[otherDay]
}

// dayCues are what the sentence says of its day. What follows a semicolon is another matter.
func (s statement) dayCues(m mention) map[signal]bool {
	from, to := m.from, m.to
	for from > 0 && s.words[from].brk != ';' {
		from--
	}
	for to < len(s.words) && s.words[to].brk != ';' {
		to++
	}
	said := map[signal]bool{}
	dayCues.find(s.words[from:to], func(c cue, at, end int) {
		if end += from; c.says == otherDay && (end < len(s.words) && apiThing[s.words[end].word] || at+from+1 < len(s.words) && apiThing[s.words[at+from+1].word]) {
			return // "the survey API"
		}
		said[c.says] = true
	})
	return said
}

// isSpan tells that the day is one end of a span: "from 2 January to 5 January". What is over after it is no change.
func (s statement) isSpan(m mention) bool {
	return slices.ContainsFunc(s.dates, func(other mention) bool {
		first, second := m, other
		if other.from < m.from {
			first, second = other, m
		}
		return first.from > 0 && begins[s.words[first.from-1].word] && second.from == first.to+1 && through[s.words[first.to].word]
	})
}

// beginsWith tells that something begins with the day: "from 2 January on", "as of 2 January".
func (s statement) beginsWith(m mention) bool {
	if m.from == 0 {
		return false
	}
	before := s.words[m.from-1].word
	return begins[before] || before == "of" && m.from > 1 && s.words[m.from-2].word == "as" ||
		before == "on" && m.from > 1 && begins[s.words[m.from-2].word]
}

// tellsOfChange tells that the entry is of a change that needs attention, or that a sentence beside this one is.
func (r reading) tellsOfChange(s statement) bool {
	for _, k := range []signal{signal(Breaking), signal(Deprecation), signal(Removal)} {
		if r.tags[k] >= enough || r.title.tally[k] >= enough {
			return true
		}
	}
	if len(r.body) <= 3 {
		return true
	}
	for i, b := range r.body {
		if b.text == s.text && (i > 0 && r.body[i-1].attention() >= enough || i+1 < len(r.body) && r.body[i+1].attention() >= enough) {
			return true
		}
	}
	return false
}

// after tells that one of the words stands among the n words from word i on.
func (s *statement) after(i, n int, words map[string]bool) bool {
	for j := i; j < min(len(s.words), i+n); j++ {
		if s.words[j].brk == ':' || s.words[j].brk == ';' || j > i && s.words[j].brk == ',' {
			return false
		}
		if words[s.words[j].word] {
			return true
		}
	}
	return false
}
