package changes

import "strings"

// stage is the partner's word for how far along the thing is.
func (r reading) stage() string {
	sentences := [][]token{tokensOf(r.name)}
	for _, s := range r.body {
		sentences = append(sentences, s.words)
	}
	for _, words := range sentences {
		for i, w := range words {
			next := ""
			if i+1 < len(words) {
				next = words[i+1].word
			}
			switch {
			case w.raw == "EA" || w.word == "early" && next == "access":
				return "EA"
			case next == "preview" && (w.word == "public" || w.word == "private" || w.word == "developer" || w.word == "technical"):
				return strings.ToUpper(w.word[:1]) + w.word[1:] + " Preview"
			case w.word == "preview" || w.word == "alpha" || w.word == "experimental" || w.word == "unstable":
				return w.word
			case w.word == "beta" || w.word == "pilot":
				return w.word
			}
		}
	}
	return "beta"
}

// stageMarks are what is taken off a title to leave the name of what is on offer, longest first.
var stageMarks = []string{
	"is now available in public preview", "is now available in private preview", "is now available in preview",
	"now available in public preview", "now available in preview", "now available in public beta", "now available in beta",
	"is now in public preview", "is now in private preview", "is now in public beta", "is now in private beta",
	"is now in open beta", "is now in preview", "is now in beta", "is in public preview", "is in public beta",
	"is in preview", "is in beta", "is self-service ea in preview", "is self-service ea in production",
	"is self-service ea", "is ea in preview", "is ea in production", "is ea", "is beta", "in public preview",
	"in private preview", "in public beta", "in private beta", "in open beta", "in beta", "in preview", "in early access program", "early access program", "in early access",
	"is now early access", "public preview", "private preview", "developer preview", "technical preview", "api preview:",
	"public beta", "private beta", "open beta", "early access", "(beta)", "[beta]", "(preview)", "[preview]", "beta:",
	"preview:", "pilot:", "introducing", "announcing", "new in preview only",
}

// betaSubject is the name of what is on offer.
func (r reading) betaSubject() string {
	name := cutStage(r.name)
	if r.channelIsBeta() || strings.Contains(strings.ToLower(r.name), "preview only") {
		if names := r.namesAdded(); names != "" {
			return names
		}
	}
	if r.title.tally[signal(Beta)] < enough {
		for _, s := range r.body {
			if !s.offersBeta() || r.title.tally[signal(New)] >= enough {
				continue
			}
			if v := plainVersion(s.words); v != "" && !strings.Contains(name, v) {
				if v[0] >= '0' && v[0] <= '9' {
					v = "version " + v
				}
				return v + " of " + name
			}
		}
	}
	if name == "" {
		return r.name
	}
	return name
}

// openers are words that a name does not begin with, fillers words that it does not end with.
var (
	openers = setOf("new now the a an use of for try join meet we we're our launching launch releasing opening starting introducing announcing")
	fillers = setOf(`now in is are has have been the a an to of as for available enters entered graduates released launching
		launched open live here today out begins starts started arrives`)
	// predicates are the words with which a title goes on to say what became of what it names.
	predicates = setOf("is are was were has have enters entered moves goes gets reaches released launched now available")
	stages     = setOf("beta preview alpha ea early experimental pilot")
)

// beforePredicate is a title up to where it says that what it names is in a stage: "Orders v4 is now in open beta".
func beforePredicate(name string) string {
	words := strings.Fields(name)
	for i := 1; i < len(words); i++ {
		if !predicates[strings.ToLower(words[i])] {
			continue
		}
		for _, w := range words[i+1 : min(len(words), i+7)] {
			if stages[strings.ToLower(strings.Trim(w, "!.,:;()"))] {
				return strings.Join(words[:i], " ")
			}
		}
		return name
	}
	return name
}

// afterStage is a title behind words that only call its subject a stage: "Beta Version of the Lists API".
func afterStage(words []string) []string {
	for i, w := range words[:min(len(words), 4)] {
		if w == "of" && i > 0 && i+1 < len(words) {
			return words[i+1:]
		}
		if w = strings.ToLower(w); !stages[w] && w != "version" && w != "release" && w != "public" && w != "private" && w != "new" {
			break
		}
	}
	return words
}

func cutStage(name string) string {
	name = beforePredicate(name)
	for _, mark := range stageMarks {
		at := strings.Index(strings.ToLower(name), mark)
		if at < 0 || at+len(mark) > len(name) {
			continue
		}
		name = strings.TrimSpace(name[:at]) + " " + strings.TrimSpace(name[at+len(mark):])
	}
	words := afterStage(strings.Fields(strings.TrimRight(strings.ReplaceAll(name, "`", ""), "!.?")))
	for len(words) > 0 && (openers[strings.ToLower(words[0])] || strings.Trim(words[0], "-–—:|") == "") {
		words = words[1:]
	}
	for n := len(words) - 1; n >= 0 && (fillers[strings.ToLower(words[n])] || strings.Trim(words[n], "-–—:|") == ""); n-- {
		words = words[:n]
	}
	return strings.Trim(strings.Join(words, " "), " -–—:|,")
}

// namesAdded is what the first statement that adds something adds, in its own words up to where it explains.
func (r reading) namesAdded() string {
	for _, s := range r.body {
		if s.attention() >= enough || !s.item && s.label != signal(New) || !s.brings && s.tally[signal(New)] < 2 && s.tally[signal(Beta)] < enough {
			continue
		}
		_, text := cutLabel(s.text)
		text = strings.ReplaceAll(text, "`", "")
		words := strings.Fields(text)
		if len(words) > 1 && additions[strings.ToLower(words[0])] {
			words = words[1:]
		}
		for len(words) > 1 && openers[strings.ToLower(words[0])] {
			words = words[1:]
		}
		return strings.TrimRight(strings.Join(words[:min(len(words), 12)], " "), ".,;:")
	}
	return ""
}
