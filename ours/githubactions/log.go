package githubactions

import (
	"bytes"
	"maps"
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

// errorMark is what the runner puts before an error.
const errorMark = "##[error]"

// marks are what the runner puts before lines of its own, and what stands there for people (docs.github.com, "Workflow
// commands for GitHub Actions"). A line whose mark has no words is left out.
var marks = map[string]string{
	errorMark: "Error: ", "##[warning]": "Warning: ", "##[notice]": "Notice: ", "##[group]": "", "##[section]": "",
	"##[command]": "", "[command]": "",
}

// silent are marks of lines that say nothing to people.
var silent = [...]string{"##[endgroup]", "##[debug]", "##[add-mask]"}

// cleanUp is how the part of a log begins in which a job tidies up, whatever came before.
const cleanUp = "Post job cleanup."

// logEnd are the lines of a job's log that tell why it failed, at most 20, in their order: its last errors, and before
// the last of them the lines that lead to it. Without an error they are the last lines before the job tidied up.
func (c *Client) logEnd(log []byte) []string {
	lines := slices.Collect(bytes.Lines(log))
	kept := map[int]string{}
	end := c.keepErrors(lines, kept)
	if end == 0 {
		end = tidying(lines)
	}
	for at := end - 1; at >= 0 && len(kept) < logLines; at-- {
		if line, _ := c.logLine(lines[at]); line != "" {
			kept[at] = line
		}
	}
	var said []string
	for _, at := range slices.Sorted(maps.Keys(kept)) {
		said = append(said, kept[at])
	}
	return said
}

// keepErrors keeps the last errors among the lines, and tells where the last of them ends, 0 where there is none. A log
// may have a million lines, so that only those are looked at closely which may be one.
func (c *Client) keepErrors(lines [][]byte, kept map[int]string) (end int) {
	for at := len(lines) - 1; at >= 0 && len(kept) < logLines; at-- {
		if !bytes.Contains(lines[at], []byte(errorMark)) {
			continue
		}
		if line, bad := c.logLine(lines[at]); bad && line != "" {
			kept[at] = line
			end = max(end, at+1)
		}
	}
	return end
}

// tidying is where the tidying up begins, the end where it does not or where nothing comes before it.
func tidying(lines [][]byte) int {
	at := slices.IndexFunc(lines, func(line []byte) bool {
		return bytes.Contains(line, []byte(cleanUp)) && string(bytes.TrimSpace(stamp.ReplaceAll(line, nil))) == cleanUp
	})
	if at <= 0 {
		return len(lines)
	}
	return at
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
			text, bad = words+rest, mark == errorMark
			break
		}
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return "", false
	}
	return cut(text, logLineLong), bad
}
