package feed

import (
	"regexp"
	"strings"
)

var (
	settingLine = regexp.MustCompile(`^[A-Za-z_"'][\w."'/-]*:(?:\s|$)`)
	groupLine   = regexp.MustCompile(`^\s*[A-Za-z_"'][\w."'/-]*:\s*(?:#.*)?$`)
	nestedLine  = regexp.MustCompile(`^\s+[A-Za-z_"'][\w."'/-]*:(?:\s|$)`)
	tableLine   = regexp.MustCompile(`^\s*\[{1,2}[\w."' /:-]+\]{1,2}\s*(?:[#;].*)?$`)
	assignment  = regexp.MustCompile(`^\s*(?:export\s+)?[\w."-]+\s*=`)
)

// settingsName names a file of settings, or a script, whose comments look like the headings of a Markdown document; it is
// empty for everything else. It is strict: no line that begins at the margin may be one that prose could hold.
func settingsName(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\ufeff", "").Replace(head(text, sniffed))
	if strings.HasPrefix(text, "#!") {
		return "a script"
	}
	lines, _ := withoutFrontMatter(strings.Split(text, "\n"))
	switch {
	case isYAML(lines):
		return "a YAML file"
	case isSections(lines):
		return "a file of settings"
	}
	return ""
}

// isYAML tells that the lines are settings within settings: a name with nothing behind it, and another name below it,
// further in. Lists alone prove nothing, since "Added:" stands above lists in changelogs too.
func isYAML(lines []string) bool {
	nested, before := false, ""
	for _, line := range lines {
		bare := strings.TrimSpace(line)
		if bare == "" || strings.HasPrefix(bare, "#") || bare == "---" || bare == "..." {
			continue
		}
		margin := line[0] != ' ' && line[0] != '\t'
		if margin && !settingLine.MatchString(line) && !strings.HasPrefix(line, "- ") {
			return false
		}
		nested = nested || groupLine.MatchString(before) && nestedLine.MatchString(line) && indent(line) > indent(before)
		before = line
	}
	return nested
}

// isSections tells that the lines are settings under names in brackets, as in TOML and INI files.
func isSections(lines []string) bool {
	sections, assigned := 0, 0
	for _, line := range lines {
		bare := strings.TrimSpace(line)
		switch {
		case bare == "", bare[0] == '#', bare[0] == ';':
		case tableLine.MatchString(line):
			sections++
		case assignment.MatchString(line):
			assigned++
		case line[0] != ' ' && line[0] != '\t' && strings.Trim(bare, "]}),") != "":
			return false
		}
	}
	return sections > 0 && assigned > 0
}

// indent is how far in a line begins.
func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
