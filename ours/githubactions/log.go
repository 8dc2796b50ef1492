package githubactions

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	logLines    = 20
	logLineLong = 300 // characters
)

// stamp is what GitHub puts before each line of a log: the time, on the first line behind a byte order mark.
var stamp = regexp.MustCompile("^\ufeff?\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z ?")

// marks are what the runner puts before lines of its own, and what stands there for people (docs.github.com, "Workflow
// commands for GitHub Actions"). A line whose mark has no words is left out.
var marks = map[string]string{
	"##[error]": "Error: ", "##[warning]": "Warning: ", "##[notice]": "Notice: ", "##[group]": "", "##[section]": "",
	"##[command]": "", "[command]": "",
}

// silent are marks of lines that say nothing to people.
var silent = [...]string{"##[endgroup]", "##[debug]", "##[add-mask]"}

// cleanUp is how the part of a log begins in which a job tidies up, whatever came before.
const cleanUp = "Post job cleanup."

// logEnd are the lines of a job's log that tell why it failed, at most 20, in their order: its last errors, and before
// the last of them the lines that lead to it. Without an error they are the last lines before the job tidied up.
func (c *Client) logEnd(log []byte) []string {
	var lines []string
	var errors []int
	tidying := -1
	for raw := range bytes.Lines(log) {
		line, bad := c.logLine(raw)
		if line == "" {
			continue
		}
		if bad {
			errors = append(errors, len(lines))
		}
		if tidying < 0 && line == cleanUp {
			tidying = len(lines)
		}
		lines = append(lines, line)
	}
	end := len(lines)
	switch {
	case len(errors) > 0:
		end = errors[len(errors)-1] + 1
	case tidying > 0:
		end = tidying
	}
	kept := slices.Clone(errors[max(0, len(errors)-logLines):])
	for at := end - 1; at >= 0 && len(kept) < logLines; at-- {
		if !slices.Contains(kept, at) {
			kept = append(kept, at)
		}
	}
	slices.Sort(kept)
	var said []string
	for _, at := range kept {
		said = append(said, lines[at])
	}
	return said
}

// logLine is a line as it may be shown, empty where it says nothing, and whether it is an error.
func (c *Client) logLine(raw []byte) (line string, bad bool) {
	// Only the beginning of a very long line is looked at: the rest of it would not be shown.
	const longestLooked = 8 << 10
	text := string(raw[:min(len(raw), longestLooked)])
	text = strings.TrimRight(stamp.ReplaceAllString(text, ""), "\r\n")
	// A line that draws itself anew shows what it drew last.
	text = text[strings.LastIndexByte(text, '\r')+1:]
	text = strings.TrimRight(c.plain(text), " ")
	for _, mark := range silent {
		if strings.HasPrefix(text, mark) {
			return "", false
		}
	}
	for mark, words := range marks {
		if rest, ok := strings.CutPrefix(text, mark); ok {
			text, bad = words+rest, mark == "##[error]"
			break
		}
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return "", false
	}
	return cut(text, logLineLong), bad
}
