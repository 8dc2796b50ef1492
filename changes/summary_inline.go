package changes

import "strings"

// withoutMarks takes Markdown's inline marks off a line: link and image syntax, emphasis, strike-through, escapes.
func withoutMarks(s string) string {
	if !strings.ContainsAny(s, "[*_~\\!") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && isMark(s[i+1]):
			b.WriteByte(s[i+1])
			i += 2
		case c == '~' && strings.HasPrefix(s[i:], "~~"):
			i += struckOut(s[i:])
		case c == '!' && strings.HasPrefix(s[i:], "!["):
			_, length := linkAt(s[i+1:])
			i += max(length, 0) + 1
		case c == '[':
			text, length := linkAt(s[i:])
			if length == 0 {
				b.WriteByte(c)
				i++
				continue
			}
			b.WriteString(withoutEmphasis(text))
			i += length
		case (c == '*' || c == '_') && emphasis(s, i):
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

func isMark(c byte) bool { return strings.IndexByte("\\`*_{}[]()#+-.!|<>~", c) >= 0 }

// struckOut is the length of the struck-out text that s begins with, or of its opening mark alone where none closes it.
func struckOut(s string) int {
	if end := strings.Index(s[2:min(len(s), 500)], "~~"); end > 0 {
		return end + 4
	}
	return 2
}

// linkAt is the text of the link that s, which begins with a bracket, is, and the link's length: [text](target) or
// [text][reference]. The length is 0 where s is a mere bracket.
func linkAt(s string) (text string, length int) {
	depth, end := 0, -1
	for i := 0; i < len(s) && i < 500; i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			depth--
		}
		if depth == 0 {
			end = i
			break
		}
	}
	if end < 0 || end+1 >= len(s) {
		return "", 0
	}
	var shut byte
	switch s[end+1] {
	case '(':
		shut = ')'
	case '[':
		shut = ']'
	default:
		return "", 0
	}
	stop := strings.IndexByte(s[end+2:min(len(s), end+2000)], shut)
	if stop < 0 {
		return "", 0
	}
	return s[1:end], end + 2 + stop + 1
}

func withoutEmphasis(s string) string {
	return linkMarks.Replace(s)
}

var linkMarks = strings.NewReplacer("**", "", "\\", "", "~~", "", "[", "", "]", "")

// emphasis tells that the mark at i is Markdown's and not part of a name such as user_id or channels.*: emphasis opens
// before a word and closes behind one, never inside. An asterisk that doubles is always emphasis.
func emphasis(s string, i int) bool {
	c := s[i]
	doubled := i+1 < len(s) && s[i+1] == c || i > 0 && s[i-1] == c
	if doubled {
		return c == '*' || !inWord(s, i)
	}
	before := i == 0 || s[i-1] == ' ' || s[i-1] == '(' || s[i-1] == '*' || s[i-1] == '"'
	after := i+1 >= len(s) || strings.IndexByte(" ,.;:)!?*\"", s[i+1]) >= 0
	if before {
		return !after
	}
	return after && closesEmphasis(s, i)
}

// closesEmphasis looks back along the line for the mark that this one closes.
func closesEmphasis(s string, i int) bool {
	for j := i - 1; j >= 0 && j > i-200; j-- {
		if s[j] == s[i] {
			return j == 0 || s[j-1] == ' ' || s[j-1] == '(' || s[j-1] == ','
		}
	}
	return false
}

func inWord(s string, i int) bool {
	return i > 0 && i+1 < len(s) && isAlnum(s[i-1]) && isAlnum(s[i+1])
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
