package feed

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// walker turns an outline into entries. A heading is an entry when nothing stands under it but text, when it is a
// version, when the headings under it are only the sections of one announcement (Added, Fixed…), or when it has text of
// its own that its headings elaborate. Otherwise it groups: a month, a stage ("New in preview only"), a release; then
// its words are tags of the entries under it.
type walker struct {
	references map[string]string
	page       string // the address for people
	entries    []entry
}

// place is where in the outline the walker stands.
type place struct {
	path      []string
	tags      []string
	published time.Time
}

// readMarkdown reads a document whose headings are its entries. page is its address for people, empty for a file.
func readMarkdown(text, page string) document {
	root, references, frontTitle := outline(text)
	w := &walker{references: references, page: page}
	title := frontTitle
	for i, n := range root.children {
		if i == 0 && (n.level == 1 || len(root.children) == 1) && isDocumentTitle(n) {
			title = w.plainTitle(n)
			w.under(n, place{}, title)
			continue
		}
		w.walk(n, place{})
	}
	d := document{title: title, format: "markdown", entries: w.entries, items: len(w.entries)}
	if lines := strings.Count(text, "\n"); lines > maxLines {
		d.repaired = append(d.repaired, fmt.Sprintf("it has %d lines, of which the first %d were read", lines, maxLines))
	}
	return d
}

func isDocumentTitle(n *node) bool {
	title := markdownText(n.title)
	_, dated := dayIn(title)
	return !dated && version(title) == ""
}

// under walks the headings under a document's title, or the rows of its table where there are none.
func (w *walker) under(n *node, at place, title string) {
	if len(n.children) == 0 {
		w.entries = append(w.entries, w.rows(n, place{tags: []string{title}}, true)...)
		return
	}
	for _, child := range n.children {
		w.walk(child, at)
	}
}

func (w *walker) walk(n *node, at place) {
	title := w.plainTitle(n)
	if boilerplate.MatchString(title) || title == "" && len(n.children) == 0 {
		return
	}
	if day, ok := headingDay(title); ok {
		at.published = day
	}
	if isWhole(n, title) {
		w.whole(n, title, at)
		return
	}
	w.entries = append(w.entries, w.rows(n, place{at.pathWith(title), at.tagsWith(title), at.published}, false)...)
	for _, child := range n.children {
		w.walk(child, place{at.pathWith(title), at.tagsWith(title), at.published})
	}
}

func (p place) pathWith(title string) []string { return append(slices.Clone(p.path), title) }
func (p place) tagsWith(title string) []string { return append(slices.Clone(p.tags), title) }

// isWhole tells that a heading and all under it are one announcement.
func isWhole(n *node, title string) bool {
	switch {
	case len(n.children) == 0, version(title) != "":
		return true
	case !slices.ContainsFunc(n.children, func(c *node) bool { return !isSection(markdownText(c.title)) }):
		return true
	case grouping.MatchString(title):
		return false
	default:
		return markdownText(strings.Join(n.lines, "\n")) != ""
	}
}

// whole adds the entry that the heading is, or the rows of its table of dated announcements.
func (w *walker) whole(n *node, title string, at place) {
	if rows := w.rows(n, place{at.pathWith(title), at.tagsWith(title), at.published}, false); len(rows) > 0 {
		w.entries = append(w.entries, rows...)
		return
	}
	e := entry{
		id:        strings.Join(append(slices.Clone(at.path), cmp.Or(version(title), undated(title))), " / "),
		title:     title,
		body:      n.text(),
		link:      w.link(n, title),
		published: at.published,
		tags:      at.tags,
	}
	if e.body == "" && unreleased.MatchString(title) {
		return
	}
	if e.published.IsZero() {
		e.published = statedDay(e.body)
	}
	e.tags = append(slices.Clone(e.tags), labels(e.body)...)
	for _, child := range n.children {
		if name := markdownText(child.title); isSection(name) && changeWord.MatchString(name) {
			e.tags = append(e.tags, name)
		}
	}
	w.entries = append(w.entries, e)
}

func (w *walker) plainTitle(n *node) string {
	title := strings.Join(strings.Fields(markdownText(mdAnchor.ReplaceAllString(n.title, ""))), " ")
	return linkedVersion.ReplaceAllString(title, "$1")
}

// linkedVersion is the version of a heading that is a link by reference, [1.2.0], in its brackets.
var linkedVersion = regexp.MustCompile(`^\[([^\[\]]+)\]`)

var (
	headingLink = regexp.MustCompile(`\[([^\]]*)\]\(<?(https?://[^\s)>]+)`)
	headingRef  = regexp.MustCompile(`\[([^\]]+)\](?:\[([^\]]*)\])?`)
)

// link is where the heading leads, else its own place on the page.
func (w *walker) link(n *node, title string) string {
	if m := headingLink.FindStringSubmatch(n.title); m != nil {
		return absolute(m[2], w.page)
	}
	if m := headingRef.FindStringSubmatch(n.title); m != nil {
		if target := w.references[strings.ToLower(cmp.Or(m[2], m[1]))]; target != "" {
			return absolute(target, w.page)
		}
	}
	if w.page == "" {
		return ""
	}
	anchor := slug(title)
	if m := mdAnchor.FindStringSubmatch(n.title); m != nil {
		anchor = m[1]
	}
	return absolute("#"+url.PathEscape(anchor), w.page)
}

// slug is the anchor that GitHub gives to a heading: small letters, digits and underscores, hyphens for spaces.
func slug(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '_', r == '-':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}, title)
}

var (
	versionTitle = regexp.MustCompile(`^\W*(?:[\w@/.-]*[A-Za-z][\w/.-]*[@ ])?\[?[vV]?(\d+(?:\.\d+){1,3}(?:[-+.][\w.+-]+)?|\d+(?:\.(?:\d+|x)){1,2})\]?(.*)$`)
	bracketed    = regexp.MustCompile(`\[[^\]]*\]|\([^)]*\)|\{[^}]*\}`)
	grouping     = regexp.MustCompile(`(?i)\b(?:19|20)\d\d\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b` +
		`|\b(?:q[1-4]|h[12])\b|\d+\.\d+|^\W*(?:what.?s new|new in|new and|upcoming|planned|coming|past|recent|latest|older|current|future|scheduled)\b` +
		`|\b(?:changes|releases?|updates|features|announcements|notices|deprecations|removals|retirements|previews?|betas?|available|notes|improvements|enhancements|apis?)\W*$`)
	boilerplate = regexp.MustCompile(`(?i)^\W*(?:see also|related (?:content|articles|links|information|topics)|next steps?|(?:table of )?contents|toc|feedback|in this (?:article|section)|on this page|contributing|further reading|additional resources|get latest updates|legend|introduction|about this (?:document|page|changelog))\W*$`)
	unreleased  = regexp.MustCompile(`(?i)^\W*unreleased\W*$`)
	sectionWord = regexp.MustCompile(`(?i)^(?:` +
		`(?:[a-z]+ )?(?:added|additions?|changed?|deprecated|deprecations?|removed|removals?|fixed|fix|fixes|security|updated|improved|enhanced|breaking|bug ?fix(?:es)?|fixed bugs|bugs(?: fixed)?|closed issues|merged pull requests)` +
		`|(?:[a-z]+ )?(?:changes|features|enhancements|improvements|updates|additions|notes|dependencies|documentation|internals?|chores?|refactor(?:ing)?|tests?|performance|maintenance)` +
		`|docs|misc(?:ellaneous)?|other|known issues|new|new features and enhancements|migration(?: guide)?|upgrad(?:e|ing)(?: (?:guide|notes))?|contributors|new contributors|credits|what.?s changed|highlights|overview|summary|details|components|infrastructure|build|ci|types|code ?mods?|revert(?:s|ed)?|notable changes|commits|patch changes|minor changes|major changes|full changelog|thanks|timeline|impact|what (?:do )?(?:you |i )?need to do|action required|who is affected|background|faq|example|examples|workaround` +
		`)$`)
)

// version is the version that a heading is, if it is nothing but a version with a date or a remark in brackets.
func version(title string) string {
	m := versionTitle.FindStringSubmatch(title)
	if m == nil {
		return ""
	}
	if day := writtenDay.FindString(title); day != "" && strings.Contains(day, m[1]) {
		return ""
	}
	rest := bracketed.ReplaceAllString(writtenDay.ReplaceAllString(m[2], ""), "")
	if strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return ""
	}
	return m[1]
}

// isSection tells that a heading names a part of an announcement and is none itself.
func isSection(title string) bool {
	words := strings.TrimFunc(title, func(r rune) bool { return !unicode.IsLetter(r) })
	return sectionWord.MatchString(words)
}

var (
	labelled = regexp.MustCompile(`^\s*(?:[-*]\s+)?\*\*[A-Z][A-Za-z ]{2,30}:\*\*\s*\S|^\s*\*\*(?:Type|Status|Stage|Category)\*\*:\s*\S`)
	label    = regexp.MustCompile(`^(?:- )?(Type|Service category|Product capability|Category|Status|Stage|Kind|Severity|Impact|Availability):\s*(.{1,80})$`)
	released = regexp.MustCompile(`(?i)^\W*(?:(?:released?|date|published|announced|posted)(?: on| date)?\W*)?$`)
)

// labels are the values of lines such as "Type: Deprecated" that stand at the head of an announcement.
func labels(body string) []string {
	var values []string
	lines := 0
	for line := range strings.SplitSeq(body, "\n") {
		if lines++; lines > 6 {
			break
		}
		if m := label.FindStringSubmatch(line); m != nil {
			values = append(values, strings.TrimSpace(m[2]))
		}
	}
	return values
}

// changeWord is in the headings that say what kind of change stands under them.
var changeWord = regexp.MustCompile(`(?i)add|chang|deprecat|remov|fix|secur|break|feature|enhanc|improv|updat|bug|revert`)

var beforeDay = regexp.MustCompile(`(?i)^\W*(?:(?:releases?|released|version|updates?|week of|as of)(?: on)?\W*)?$`)

// headingDay is the day on which the announcement under a heading was made: one that the heading begins with, or ends
// with in brackets or after a dash, or that stands beside a version. Any other day in a heading is what it is about.
func headingDay(title string) (time.Time, bool) {
	at := writtenDay.FindStringIndex(title)
	if at == nil {
		return time.Time{}, false
	}
	before, after := strings.TrimSpace(title[:at[0]]), strings.TrimSpace(title[at[1]:])
	behind := strings.Trim(after, " )]._*") == "" && strings.ContainsAny(before[max(0, len(before)-3):], "([-–—|/")
	if !behind && !beforeDay.MatchString(before) && version(title) == "" {
		return time.Time{}, false
	}
	return parseDate(title[at[0]:at[1]])
}

// statedDay is the date that the first line of an announcement gives it, if that is all that the line says.
func statedDay(body string) time.Time {
	first, _, _ := strings.Cut(body, "\n")
	day, ok := dayIn(first)
	if !ok || !released.MatchString(writtenDay.ReplaceAllString(first, "")) {
		return time.Time{}
	}
	return day
}
