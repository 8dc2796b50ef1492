package feed

import (
	"regexp"
	"strings"
)

// node is a heading of a Markdown document with what stands under it.
type node struct {
	level    int
	title    string // as written, markup and all
	lines    []string
	children []*node
}

var (
	atxHeading = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$`)
	setext     = regexp.MustCompile(`^ {0,3}(=+|-+)[ \t]*$`)
	fence      = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})")
	blockStart = regexp.MustCompile(`^\s*(?:[-*+>|]|\d+[.)]|$)`)
	reflink    = regexp.MustCompile(`^ {0,3}\[([^\]]{1,200})\]:\s*<?(\S+?)>?(?:\s+["'(].*)?$`)
)

// maxLines bounds a Markdown document. The longest changelogs known have a tenth of that.
const maxLines = 200_000

// outline is the tree of a document's headings under a root that is no heading, the addresses of its reference links,
// and the title of its front matter. Fenced code holds no headings.
func outline(text string) (root *node, references map[string]string, frontTitle string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	lines := strings.SplitN(text, "\n", maxLines+1)
	lines = lines[:min(len(lines), maxLines)]
	lines, frontTitle = withoutFrontMatter(lines)
	root, references = &node{}, map[string]string{}
	path, fenceMark, inComment := []*node{root}, "", false
	for i, line := range lines {
		here := path[len(path)-1]
		switch mark := fenceAt(line); {
		case fenceMark != "":
			if mark != "" && strings.HasPrefix(mark, fenceMark) && strings.Trim(line, " \t`~") == "" {
				fenceMark = ""
			}
		case inComment:
			inComment = !strings.Contains(line, "-->")
			continue
		case mark != "":
			fenceMark = mark
		case strings.HasPrefix(strings.TrimSpace(line), "<!--"):
			inComment = !strings.Contains(line, "-->")
			continue
		default:
			if name, target := referenceAt(line); name != "" {
				references[name] = target
				continue
			}
			if level, title := headingAt(lines, i, here); level > 0 {
				path = open(path, &node{level: level, title: title})
				continue
			}
		}
		here.lines = append(here.lines, line)
	}
	return root, references, frontTitle
}

// headingAt tells the level of the heading that the line is, or underlines; its text then is taken back from the lines
// above. It is 0 where the line is no heading.
func headingAt(lines []string, i int, here *node) (level int, title string) {
	switch first(lines[i]) {
	case '#':
		if m := atxHeading.FindStringSubmatch(lines[i]); m != nil {
			return len(m[1]), strings.TrimSpace(m[2])
		}
		return 0, ""
	case '=', '-':
	default:
		return 0, ""
	}
	m := setext.FindStringSubmatch(lines[i])
	if m == nil || i == 0 || len(here.lines) == 0 || blockStart.MatchString(lines[i-1]) || here.lines[len(here.lines)-1] != lines[i-1] {
		return 0, ""
	}
	here.lines = here.lines[:len(here.lines)-1]
	level = 1
	if m[1][0] == '-' {
		level = 2
	}
	return level, strings.TrimSpace(lines[i-1])
}

// first is the first byte of a line that is no space, 0 where there is none: what most lines are told apart by.
func first(line string) byte {
	for i := range len(line) {
		if line[i] != ' ' && line[i] != '\t' {
			return line[i]
		}
	}
	return 0
}

// fenceAt is the mark of fenced code that the line is, empty where it is none.
func fenceAt(line string) string {
	if c := first(line); c != '`' && c != '~' {
		return ""
	}
	if m := fence.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}

// referenceAt is the name and address that the line gives to links by reference.
func referenceAt(line string) (name, target string) {
	if first(line) != '[' {
		return "", ""
	}
	if m := reflink.FindStringSubmatch(line); m != nil {
		return strings.ToLower(m[1]), m[2]
	}
	return "", ""
}

// open puts the heading under the last one of a lower level.
func open(path []*node, n *node) []*node {
	for len(path) > 1 && path[len(path)-1].level >= n.level {
		path = path[:len(path)-1]
	}
	parent := path[len(path)-1]
	parent.children = append(parent.children, n)
	return append(path, n)
}

var frontMatterTitle = regexp.MustCompile(`^title:\s*["']?(.*?)["']?\s*$`)

func withoutFrontMatter(lines []string) (rest []string, title string) {
	if len(lines) == 0 || strings.TrimSpace(lines[0]) != "---" {
		return lines, ""
	}
	for i, line := range lines[1:min(len(lines), 500)] {
		if m := frontMatterTitle.FindStringSubmatch(line); m != nil {
			title = m[1]
		}
		if mark := strings.TrimSpace(line); mark == "---" || mark == "..." {
			return lines[i+2:], title
		}
	}
	return lines, ""
}

// text is what stands under the heading and under all headings below it, as text.
func (n *node) text() string {
	return markdownText(head(strings.Join(n.all(), "\n"), maxMarkup))
}

func (n *node) all() []string {
	lines := append([]string{}, n.lines...)
	for _, child := range n.children {
		lines = append(lines, "", strings.Repeat("#", child.level)+" "+child.title)
		lines = append(lines, child.all()...)
	}
	return lines
}
