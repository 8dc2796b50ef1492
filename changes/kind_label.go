package changes

import "strings"

// labelled are the words by which vendors name the kind of an entry, of a section or of a list item. The first that a
// label holds decides; a word that ends in * stands for all that begin so.
var labelled = []struct {
	says  signal
	words []string
}{
	{signal(Breaking), strings.Fields("breaking* incompatible")},
	{signal(Removal), strings.Fields("deletion* removed removal* deleted shutdown")},
	{signal(Deprecation), strings.Fields("deprecat* retire* sunset* discontinu* eol end-of-life end-of-support")},
	{generally, strings.Fields("ga general")},
	{signal(Beta), strings.Fields("beta preview* ea alpha experimental unstable early pilot")},
	{signal(Security), strings.Fields("security vulnerabilit* advisor*")},
	{signal(Fix), strings.Fields("fix fixed fixes bug bugs bugfix* hotfix* resolved regression*")},
	{signal(New), strings.Fields("addition* added new feature* enhancement* improvement* launched introduc* feat")},
	{chore, strings.Fields("documentation docs doc chore chores merged contributors dependencies internal test tests ci build style")},
	{act, strings.Fields("action required")},
	{"", strings.Fields("change* changed update* updated announcement* issue* known other misc miscellaneous notable")},
}

// isLabel tells that a whole line is nothing but the name of a section.
func isLabel(line string) bool {
	words := strings.Fields(line)
	if len(words) == 0 || len(words) > 4 || strings.Contains(line, ": ") {
		return false
	}
	if last := words[len(words)-1]; bindings[last] || len(words) > 2 && line[0] >= 'a' && line[0] <= 'z' {
		return false // a sentence that was wrapped
	}
	says, known := labelSays(line)
	return known && (len(words) <= 2 || says != "")
}

// labelSays is what a label speaks for, and whether it is a label at all.
func labelSays(label string) (signal, bool) {
	words := tokensOf(label)
	for _, l := range labelled {
		for _, want := range l.words {
			stem, prefix := strings.CutSuffix(want, "*")
			for _, have := range words {
				if have.word == stem || prefix && strings.HasPrefix(have.word, stem) {
					if l.says == generally && have.word == "general" && !strings.Contains(lower(label), "availab") {
						continue
					}
					return l.says, true
				}
			}
		}
	}
	return "", false
}

// cutLabel takes a label off the beginning of a statement: "[Deletion Resource] …", "Deprecated: …",
// "Public Preview - …", "fix(api): …", "(Updated) …".
func cutLabel(s string) (label, rest string) {
	if len(s) > 2 && (s[0] == '[' || s[0] == '(') {
		shut := byte(']')
		if s[0] == '(' {
			shut = ')'
		}
		if end := strings.IndexByte(s[:min(len(s), 40)], shut); end > 0 {
			if _, known := labelSays(s[1:end]); known {
				return s[1:end], strings.TrimLeft(s[end+1:], " :-–")
			}
		}
	}
	for _, mark := range []string{": ", " - ", " – ", " — ", " | "} {
		label, rest, found := strings.Cut(s, mark)
		if !found || len(label) > 48 || len(strings.Fields(label)) > 4 {
			continue
		}
		if says, known := labelSays(label); known && (says != "" || len(strings.Fields(label)) <= 2) {
			return label, rest
		}
	}
	return "", s
}

// commitType is the type of a conventional commit that a title is, or repeats behind a release's name, and whether it
// is marked as breaking: "fix(popup): …", "v2.0.0: feat!: …".
func commitType(title string) (kind string, breaking bool) {
	for part := range strings.SplitSeq(title, ": ") {
		name, _, _ := strings.Cut(strings.TrimSpace(part), "(")
		bang := strings.HasSuffix(part, "!")
		name = strings.TrimSuffix(name, "!")
		switch name {
		case "feat", "fix", "docs", "chore", "refactor", "test", "build", "ci", "perf", "style", "revert", "deps":
			return name, bang
		}
	}
	return "", false
}
