package partners

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Concerning is the status with only those components, incidents and windows that match one of the patterns, and the
// level that follows from them. A pattern is a name or a glob (* and ?, nothing else), without regard to case, and is
// matched against component, group, "group/component" and region. With no patterns the status is returned as it is.
//
// An incident or a window that names no component and no region concerns everybody; an incident whose name or text
// names a pattern concerns us even where its list does not. A trouble that the page's own indicator claims and nothing
// on the page accounts for concerns everybody too. Where the page lists components and none matches, the level is
// Unknown unless an incident says more: what we watch has moved. So it is where nothing of ours is troubled and the page's
// silence means nothing (Doubt). Unmatched names every pattern that matches none.
func (s Status) Concerning(patterns []string) Status {
	if len(patterns) == 0 || s.Level.rank() == 0 && len(s.Components) == 0 {
		return s
	}
	out := s
	out.Components, out.Incidents, out.Windows, out.Unmatched, out.Problem = nil, nil, nil, nil, ""
	level := s.unaccounted()
	for _, c := range s.Components {
		if matchesAny(patterns, c.names()...) {
			out.Components = append(out.Components, c)
			level = level.Worse(c.Level)
		}
	}
	named := newProse(patterns)
	for _, i := range s.Incidents {
		if i.concerns(patterns, named) {
			out.Incidents = append(out.Incidents, i)
			level = level.Worse(i.OpenLevel())
		}
	}
	for _, w := range s.Windows {
		if namesNothing(w.Components, w.Regions) || matchesAny(patterns, slices.Concat(w.Components, w.Regions)...) {
			out.Windows = append(out.Windows, w)
			if w.InProgress {
				level = level.Worse(Maintenance)
			}
		}
	}
	out.Unmatched = s.unmatched(patterns)
	out.Level, out.Problem = level.orUnknown(s, out, patterns)
	return out
}

// orUnknown is the level that is told in the end: well only where something of ours says well.
func (l Level) orUnknown(page, ours Status, patterns []string) (Level, string) {
	if l.rank() > Operational.rank() {
		return l, ""
	}
	if page.Doubt != "" {
		return Unknown, page.Doubt
	}
	if len(page.Components) > 0 && len(ours.Components) == 0 {
		return Unknown, "the page lists no component that matches " + strings.Join(patterns, ", ")
	}
	for _, c := range ours.Components {
		if c.Level.rank() == 0 {
			return Unknown, "the page does not say how " + c.Name + " is, or in a word that is not known here"
		}
	}
	return Operational, ""
}

// unaccounted is the page's indicator where it claims trouble that no component, incident or window of the page shows.
func (s Status) unaccounted() Level {
	if s.Indicator.rank() <= Operational.rank() {
		return Unknown
	}
	for _, c := range s.Components {
		if c.Level.rank() > Operational.rank() {
			return Unknown
		}
	}
	if slices.ContainsFunc(s.Incidents, PageIncident.Open) {
		return Unknown
	}
	if slices.ContainsFunc(s.Windows, func(w PageWindow) bool { return w.InProgress }) {
		return Unknown
	}
	return s.Indicator
}

func (s Status) unmatched(patterns []string) []string {
	if len(s.Components) == 0 {
		return nil
	}
	var without []string
	for _, p := range patterns {
		if !slices.ContainsFunc(s.Components, func(c Component) bool { return matchesAny([]string{p}, c.names()...) }) {
			without = append(without, p)
		}
	}
	return without
}

// names are the texts that a pattern may mean the component by. Pages repeat a name in several groups (Login), so the
// two together are one more.
func (c Component) names() []string {
	if c.Group == "" {
		return []string{c.Name, c.Region}
	}
	return []string{c.Name, c.Group, c.Group + "/" + c.Name, c.Region}
}

func (i PageIncident) concerns(patterns []string, named prose) bool {
	return namesNothing(i.Components, i.Regions) ||
		matchesAny(patterns, slices.Concat(i.Components, i.Regions)...) ||
		named.in(i.Name+"\n"+i.Text)
}

func namesNothing(components, regions []string) bool {
	return len(components) == 0 && len(regions) == 0
}

func matchesAny(patterns []string, names ...string) bool {
	for _, name := range names {
		for _, p := range patterns {
			if name != "" && glob([]rune(strings.ToLower(strings.TrimSpace(p))), []rune(strings.ToLower(name))) {
				return true
			}
		}
	}
	return false
}

// glob knows * and ? alone, and lets a star cross anything: component names hold slashes and brackets, which the globs
// of paths would take for something else.
func glob(pattern, name []rune) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p, n = p+1, n+1
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// prose finds patterns in what people wrote.
type prose []*regexp.Regexp

func newProse(patterns []string) prose {
	var p prose
	for _, pattern := range patterns {
		if expression := inProse(pattern); expression != "" {
			p = append(p, regexp.MustCompile(expression))
		}
	}
	return p
}

// in tells that the text names one of the patterns as words of their own. Sentences that say that something is well are
// left out: "the API is not affected" names the API and means the opposite.
func (p prose) in(text string) bool {
	text = aboutWell.ReplaceAllString(turns.ReplaceAllString(text, "; "), " ")
	return slices.ContainsFunc(p, func(r *regexp.Regexp) bool { return r.MatchString(text) })
}

// aboutWell finds the sentences, and the headings, that tell of what is not or no longer troubled.
var aboutWell = regexp.MustCompile(`(?i)` + sentence +
	`(?:(?:\b(?:not|never|no longer)|n't|n’t)(?: been| being)? (?:affected|impacted)|\bunaffected|\bno impact|` +
	`\boperating normally|\b(?:remains?|remained|is|are) (?:fully )?operational)\b` + sentence +
	`|(?im:^)[ \t]*(?:resolved|mitigated|recovered) in ` + sentence)

// turns are the words after which a sentence goes on to tell of something else: "the API is not affected, but the website is".
var turns = regexp.MustCompile(`(?i)[ ,]+(?:but|however|while|whereas|although|though)[ ,]+`)

const sentence = `[^.!?\n;]*`

// leastInProse is how many letters of a glob are needed to look for it without regard to case: "US*" must find US East
// in a text, and not users.
const leastInProse = 4

// inProse is the expression that finds a pattern in prose; empty for a pattern that would be found in any.
func inProse(pattern string) string {
	pattern = strings.ToValidUTF8(strings.TrimSpace(pattern), "\uFFFD")
	letters := utf8.RuneCountInString(strings.NewReplacer("*", "", "?", "").Replace(pattern))
	if letters < 2 {
		return ""
	}
	isGlob := strings.ContainsAny(pattern, "*?")
	quoted := regexp.QuoteMeta(pattern)
	if isGlob {
		quoted = strings.NewReplacer(`\*`, `[\pL\pN_-]*`, `\?`, `[\pL\pN_-]`).Replace(quoted)
	}
	expression := `(?:^|[^\pL\pN])` + quoted + `(?:$|[^\pL\pN])`
	if isGlob && letters < leastInProse {
		return expression
	}
	return `(?i)` + expression
}
