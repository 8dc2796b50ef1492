package changes

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// betaVersion is what is on offer: a version that is a pre-release by its name, or else what the title or the first
// statement that adds something names, with its stage in brackets.
func (r reading) betaVersion() string {
	if v := r.preRelease(); v != "" {
		return v
	}
	subject := r.betaSubject()
	stage := r.stage()
	if strings.Contains(" "+bare(subject)+" ", " "+bare(stage)+" ") {
		return subject
	}
	return subject + " (" + stage + ")"
}

// APIVersion is the version that an integration can be tried against, where the entry offers one in beta: a
// pre-release (2.1.0-rc.1, 2025-10-01.preview), a version of an API (v3, beta), a named release (Zurich, Spring 27). It is
// empty where the entry offers none, names a feature and no version, or what it names is refused by VersionProblem.
func (e Entry) APIVersion() string {
	if !e.Is(Beta) {
		return ""
	}
	version := read(e.Change).apiVersion()
	if VersionProblem(version) != "" {
		return ""
	}
	return version
}

// longestVersion is what an input of a workflow may reasonably hold, in characters.
const longestVersion = 100

// VersionProblem tells why a text cannot be a version, as the end of a sentence; empty where it can. A version becomes an
// input of a workflow, which may put it into a line of a shell, an address or the name of a file, and it may come from a
// partner's feed: it holds letters, digits, spaces and ._-+/:@ only, is no option of a command, and leads nowhere else.
func VersionProblem(version string) string {
	if utf8.RuneCountInString(version) > longestVersion {
		return fmt.Sprintf("it is longer than %d characters", longestVersion)
	}
	for _, r := range version {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" ._-+/:@", r) {
			return fmt.Sprintf("it holds %q", r)
		}
	}
	if first, _ := utf8.DecodeRuneInString(version); version != "" && strings.ContainsRune("-.+/: ", first) {
		return fmt.Sprintf("it begins with %q", first)
	}
	for _, way := range []string{"..", "//", "/."} {
		if strings.Contains(version, way) {
			return fmt.Sprintf("it holds %q", way)
		}
	}
	return ""
}

func (r reading) apiVersion() string {
	if v := r.preRelease(); v != "" {
		return v
	}
	if v := plainVersion(r.title.words); v != "" {
		return v
	}
	if r.channelIsBeta() || r.pathSaysBeta() {
		return "beta"
	}
	for _, s := range r.body {
		if v := plainVersion(s.words); v != "" && s.offersBeta() {
			return v
		}
	}
	return r.namedRelease()
}

// preRelease is the first version whose own name says that it is before general availability. The title goes first.
func (r reading) preRelease() string {
	for _, s := range r.all() {
		if !s.title && s.tally[signal(Beta)] == 0 {
			continue
		}
		if v := firstPreRelease(s.words); v != "" {
			return v
		}
	}
	// Tokens in code do not speak, so a statement such as "Media type: `x-preview`" has no points of its own.
	for _, s := range r.body {
		if v := firstPreRelease(s.words); v != "" && r.title.tally[signal(Beta)] >= enough {
			return v
		}
	}
	return ""
}

func firstPreRelease(words []token) string {
	for _, w := range words {
		if isPreRelease(w.word) {
			return w.raw[strings.LastIndexAny(w.raw, "=@")+1:]
		}
	}
	return ""
}

func preReleaseIn(words []token) bool { return firstPreRelease(words) != "" }

// isPreRelease tells 2.0.0-beta.3, v3-rc1, 1.4.0b2, 2025-10-01-preview, 2025-09-30.preview, squirrel-girl-preview.
func isPreRelease(word string) bool {
	word = word[strings.LastIndexAny(word, "=@")+1:]
	if strings.HasPrefix(word, "http") || strings.Contains(word, "/") {
		return false
	}
	for _, stage := range []string{"beta", "alpha", "preview", "rc", "dev", "ea", "next", "canary", "nightly", "b", "a"} {
		i := strings.LastIndex(word, stage)
		if i <= 0 {
			continue
		}
		tail := strings.TrimLeft(word[i+len(stage):], ".-0123456789")
		before := word[i-1]
		digits := strings.ContainsAny(word[:i], "0123456789")
		switch {
		case tail != "":
		case len(stage) == 1: // 1.4.0b2, but no 3b, 0x3a1 or 12a
			if strings.Contains(word[:i], ".") && strings.Trim(word[:i], ".0123456789") == "" && i+1 < len(word) {
				return true
			}
		case (before == '-' || before == '.') && digits:
			return true
		case stage == "preview" && before == '-' && strings.Count(word, "-") >= 1:
			return len(word) > len("preview")+4
		case digits && before >= '0' && before <= '9':
			return true
		}
	}
	return false
}

// plainVersion is the first version among the words that does not say by itself that it is a pre-release: v2, 3.1.0,
// version 46.
func plainVersion(words []token) string {
	for i, w := range words {
		if isVersionWord(w.word) {
			return w.raw
		}
		if w.word == "version" && i+1 < len(words) && isNumberOrDate(words[i+1].word) {
			return words[i+1].raw
		}
	}
	return ""
}

// isVersionWord tells v3, v2.1, v1beta1 and 3.1.0.
func isVersionWord(word string) bool {
	if rest, ok := strings.CutPrefix(word, "v"); ok {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 || digits > 3 {
			return false
		}
		tail := strings.TrimLeft(rest[digits:], ".0123456789")
		return tail == "" || strings.HasPrefix(tail, "beta") || strings.HasPrefix(tail, "alpha")
	}
	return strings.Count(word, ".") == 2 && strings.Trim(word, ".0123456789") == "" && len(word) <= 12
}

func isNumberOrDate(word string) bool {
	return word != "" && word[0] >= '0' && word[0] <= '9' && strings.Trim(word, ".-0123456789") == ""
}

// namedRelease is the name of a release: Zurich for the Zurich release, Spring 27 for Spring '27.
func (r reading) namedRelease() string {
	for _, s := range r.all() {
		if !s.title && !s.offersBeta() {
			continue
		}
		for i := 0; i+1 < len(s.words); i++ {
			name, next := s.words[i], s.words[i+1]
			switch next.word {
			case "release", "family":
				if isReleaseName(name) && next.brk == 0 {
					return name.raw
				}
			}
			if seasons[name.word] && len(next.word) == 2 && dayOf(next.word) > 0 && name.raw != name.word {
				return name.raw + " " + next.raw
			}
		}
	}
	return ""
}

var (
	seasons     = setOf("spring summer winter fall autumn")
	notReleases = setOf(`this the new latest preview beta early public next first general targeted standard production initial
		major minor patch each every monthly weekly our a an current stable recent previous upcoming feature product private
		open closed developer technical limited access preview-only software quarterly api sdk candidate full`)
)

func isReleaseName(t token) bool {
	return t.raw != t.word && len(t.raw) > 3 && !notReleases[t.word] && monthOf(t) == 0 && !t.isName()
}

func (r reading) pathSaysBeta() bool {
	for _, s := range r.all() {
		for _, w := range s.words {
			if w.word == "/beta" || strings.Contains(w.word, "/beta/") {
				return true
			}
		}
	}
	return false
}
