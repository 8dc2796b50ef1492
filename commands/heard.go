package commands

import (
	"slices"
	"strings"
)

// heard is what was meant by words that begin with no command: a kind word is answered with one, a command behind a kind word
// is that command, and a question in plain words is the command that answers it. Nothing that changes something is guessed.
// Where nothing was understood, meant are the words without the kind ones, and may be none.
func (b *Book) heard(words []string) (meant []string, kind *Reply) {
	meant, thanked := withoutKindness(words)
	if len(meant) > 0 {
		if _, ok := b.find(bare(meant[0])); ok {
			return append([]string{bare(meant[0])}, meant[1:]...), nil
		}
		if asked := b.asksPlainly(meant); asked != nil {
			return asked, nil
		}
	}
	switch {
	case thanked:
		return nil, &Reply{Text: "You are welcome."}
	case len(meant) == 0 && len(words) > 0:
		return nil, &Reply{Text: "Hello. Ask me what is broken, or how a partner is; /sparky help has all that I can tell."}
	}
	return meant, nil
}

// bare is a word without what ends sentences around it, in small letters.
func bare(word string) string { return strings.ToLower(strings.Trim(word, ".,;:!?…()\"“”")) }

// withoutKindness takes greetings and the like from the beginning of what was said.
func withoutKindness(words []string) (rest []string, thanked bool) {
	kind := []string{"hello", "hi", "hey", "hallo", "hiya", "good", "morning", "afternoon", "evening", "please", "sparky", "@sparky", "ok", "okay", "there", "again",
		"everybody", "everyone", "team", ""}
	thanks := []string{"thanks", "thank", "thx", "ty", "cheers", "merci", "danke"}
	amid := []string{"you", "a", "lot", "so", "very", "much", "many", "for", "the", "your", "that", "this", "help", "all"}
	for i, word := range words {
		w := bare(word)
		switch {
		case slices.Contains(thanks, w):
			thanked = true
		case slices.Contains(kind, w), thanked && slices.Contains(amid, w):
		default:
			return words[i:], thanked
		}
	}
	return nil, thanked
}

// asksPlainly is the command that answers a question in plain words; nil where it is not understood.
func (b *Book) asksPlainly(words []string) []string {
	said := make([]string, len(words))
	for i, w := range words {
		said[i] = strings.TrimSuffix(strings.ReplaceAll(bare(w), "’", "'"), "'s")
	}
	has := func(some ...string) bool {
		return slices.ContainsFunc(said, func(w string) bool { return slices.Contains(some, w) })
	}
	asks := slices.Contains([]string{"what", "whats", "which", "is", "are", "any", "anything", "something", "how", "who"}, said[0])
	partner, named := b.partnerIn(words)
	switch bad := has("broken", "down", "wrong", "failing", "fails", "failed", "outage", "outages", "incident", "incidents"); {
	case !asks || !bad && said[0] != "how":
		return nil
	case named:
		return []string{"status", partner}
	case bad:
		return []string{"incidents"}
	case has("everybody", "everyone", "everything", "partners", "things", "we", "all"):
		return []string{"status"}
	}
	return nil
}

// partnerIn is the partner that is named among the words.
func (b *Book) partnerIn(words []string) (id string, ok bool) {
	const mostNameWords = 4
	for i := range words {
		for n := min(len(words)-i, mostNameWords); n > 0; n-- {
			name := strings.TrimSuffix(strings.ReplaceAll(bare(strings.Join(words[i:i+n], " ")), "’", "'"), "'s")
			if p, ok := b.partners.Find(name); ok {
				return p.ID, true
			}
		}
	}
	return "", false
}
