package changes

import (
	"strings"
	"time"

	"sparky/partners"
)

// reading is an announcement taken apart: what it states, sentence by sentence, and what each sentence speaks for.
type reading struct {
	title  statement
	body   []statement
	tags   map[signal]int // by the source's own words for what this is
	commit string         // the type of the conventional commit that the title is, if it is one
	name   string         // the title without markup
	// betaChannel tells that the source publishes its beta apart and this entry there.
	betaChannel bool
	// isEssay tells that the title announces a piece about how the partner works.
	isEssay   bool
	published time.Time
	deadline  string
}

// statement is one sentence and what it speaks for.
type statement struct {
	text  string
	words []token
	dates []mention
	// label is what the section or the mark before the sentence says of it, empty for nothing.
	label signal
	title bool
	item  bool
	tally map[signal]int
	hits  []hit // the attention that the sentence asks for, and where in it
	// brings tells that the sentence says outright that something was added.
	brings bool
	// cancelledByDocs tells that something goes here, but only documentation.
	cancelledByDocs bool
	// takenBack tells that what needs attention is said not to happen, or to be over soon.
	takenBack bool
	// aside tells that the mark before the sentence calls it documentation or a chore.
	aside bool
}

// hit is a cue found in a sentence: words from up to to.
type hit struct {
	says     signal
	points   int
	from, to int
	scope    scope
	denies   bool
}

func (r reading) all() []statement { return append([]statement{r.title}, r.body...) }

// attention is the most that the statement speaks for any kind that people must look at.
func (s statement) attention() int {
	return max(s.tally[signal(Breaking)], s.tally[signal(Deprecation)], s.tally[signal(Removal)])
}

// offersBeta tells that the statement offers something before general availability, and does not tell of a beta's end.
func (s statement) offersBeta() bool {
	return s.tally[signal(Beta)] >= enough && s.tally[generally] < enough && s.tally[betaOver] < enough &&
		s.tally[looks] < enough && s.tally[signal(Fix)] < enough
}

// read takes a change apart.
func read(c partners.Change) reading {
	r := reading{published: c.Published, deadline: c.Deadline, tags: map[signal]int{}}
	var name []string
	for _, l := range linesOf(c.Title) {
		name = append(name, l.text)
	}
	r.name = strings.TrimSpace(strings.Join(name, " "))
	var breaking bool
	r.commit, breaking = commitType(r.name)
	r.readTags(c.Tags)
	if breaking {
		r.tags[signal(Breaking)] = enough
	}
	if c.Deadline != "" {
		r.tags[signal(Breaking)] += 2
	}
	r.isEssay = tellsOfWork(tokensOf(pieces(r.name)[0]))
	r.title = r.state(pieces(r.name)[0], "", true, true)
	r.readBody(c.Body)
	if r.title.attention() > 0 && r.title.tally[signal(Removal)] >= enough && len(r.title.words) <= 6 && r.offersDeletion() {
		r.title.tally[signal(Removal)], r.title.tally[signal(Breaking)], r.title.hits = 0, 0, nil
	}
	return r
}

// readTags weighs the words that the source itself files the entry under.
func (r *reading) readTags(tags []string) {
	for _, tag := range tags {
		r.betaChannel = r.betaChannel || strings.EqualFold(strings.TrimSpace(tag), "beta")
		says, known := labelSays(tag)
		switch {
		case known && says != "":
			r.tags[says] = enough
		case strings.EqualFold(strings.ReplaceAll(tag, " ", ""), "planForChange"):
			r.tags[signal(Breaking)] += 2
		}
	}
}

// readBody takes the text apart, section by section.
func (r *reading) readBody(body string) {
	section := signal("")
	if r.title.tally[signal(Fix)] >= enough && r.title.label != signal(New) && r.commit == "" {
		section = signal(Fix)
	}
	titleWords := lower(strings.Trim(r.name, " ."))
	day := "" // the line before, where it names a day that this one tells
	for _, l := range linesOf(body) {
		if l.blank {
			continue
		}
		if l.heading {
			section, _ = labelSays(l.text)
			if s := r.state(l.text, "", false, false); len(s.dates) > 0 && s.attention() >= enough {
				r.body = append(r.body, s)
			}
			day = ""
			if namesDay(l.text) {
				day = l.text
			}
			continue
		}
		if day != "" {
			if s := r.state(day+" "+l.text, "", false, false); len(s.dates) > 0 && s.dates[0].from <= len(strings.Fields(day)) {
				l.text = day + " " + l.text
			}
			day = ""
		}
		for n, sentence := range sentencesOf(l.text) {
			if r.isType(sentence) || strings.HasSuffix(titleWords, lower(strings.Trim(sentence, " ."))) {
				continue
			}
			if isNothing(sentence) {
				continue
			}
			for _, piece := range pieces(sentence) {
				r.body = append(r.body, r.state(piece, section, false, l.item && n == 0))
			}
		}
	}
}

// sentenceLimit is how long a sentence may be. What is longer is no prose, and what words do to each other is looked up
// within one sentence only, so that the work stays in proportion.
const sentenceLimit = 2000

// pieces cuts what is longer than a sentence may be at white space, or anywhere where there is none.
func pieces(sentence string) []string {
	var out []string
	for len(sentence) > sentenceLimit {
		at := strings.LastIndexByte(sentence[:sentenceLimit], ' ')
		if at <= 0 {
			at = sentenceLimit
		}
		out = append(out, strings.ToValidUTF8(sentence[:at], ""))
		sentence = strings.TrimSpace(sentence[at:])
	}
	return append(out, sentence)
}

// isType reads a sentence that is only the entry's type, "Type: Deprecated.", as a tag, and knows other such fields.
func (r *reading) isType(sentence string) bool {
	name, value, found := strings.Cut(sentence, ":")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "type", "change type", "category", "status":
	case "service category", "product capability", "service", "product", "control type", "capability":
		return found && len(strings.Fields(value)) <= 8
	default:
		return false
	}
	if !found || len(strings.Fields(value)) > 4 {
		return false
	}
	r.readTags([]string{strings.TrimRight(strings.TrimSpace(value), ".")})
	return true
}

// isNothing tells a section's way of saying that it is empty.
func isNothing(sentence string) bool {
	switch lower(strings.Trim(sentence, " .-*_")) {
	case "none", "n/a", "nothing", "no changes", "no change", "-", "", "not applicable":
		return true
	}
	return false
}

// state reads one sentence.
func (r *reading) state(text string, section signal, title, item bool) statement {
	s := statement{text: text, title: title, item: item, label: section, tally: map[signal]int{}}
	label, rest := cutLabel(text)
	if says, known := labelSays(label); known && label != "" {
		text = rest
		if strings.HasSuffix(strings.TrimSpace(label), "!") {
			says = signal(Breaking) // as conventional commits mark it: "feat!: …"
		}
		if says != "" {
			s.label = says
			s.aside = says == chore
		}
		if title && says == "" {
			text = s.text
		}
	}
	s.words = tokensOf(withoutExamples(text))
	s.dates = datesIn(s.words, r.published)
	s.weigh(r)
	return s
}

// withoutExamples leaves out brackets that only list examples: "(like deprecations and breaking changes)".
func withoutExamples(s string) string {
	for _, opening := range []string{"(like ", "(such as ", "(e.g. ", "(e.g., ", "(for example", "(including "} {
		for {
			before, after, found := strings.Cut(s, opening)
			if !found {
				break
			}
			_, rest, closed := strings.Cut(after, ")")
			if !closed {
				rest = ""
			}
			s = before + " " + rest
		}
	}
	return s
}
