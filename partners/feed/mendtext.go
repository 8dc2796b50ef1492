package feed

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

// text copies character data: what cannot stand in it is escaped, entities that only HTML or the document's own
// DOCTYPE know become what they mean.
func (m *mender) text(s string) {
	if len(m.open) == 0 {
		return
	}
	for {
		amp := strings.IndexByte(s, '&')
		if amp < 0 {
			m.out.WriteString(strings.ReplaceAll(s, "]]>", "]]&gt;"))
			return
		}
		m.out.WriteString(strings.ReplaceAll(s[:amp], "]]>", "]]&gt;"))
		s = s[amp+m.reference(s[amp:]):]
	}
}

// reference writes what the ampersand at the beginning of s stands for and answers how much of s that took.
func (m *mender) reference(s string) int {
	meant, length := m.meaning(s)
	if length == 1 {
		m.faults.ampersands++
	}
	m.out.WriteString(meant)
	return length
}

// meaning is what the ampersand at the beginning of s stands for, escaped, and how much of s that takes: 1 where it
// stands for itself.
func (m *mender) meaning(s string) (string, int) {
	end := strings.IndexByte(s[:min(len(s), longestReference)], ';')
	if end < 2 {
		return "&amp;", 1
	}
	name, whole := s[1:end], s[:end+1]
	switch name {
	case "amp", "lt", "gt", "quot", "apos":
		return whole, len(whole)
	}
	if name[0] == '#' {
		switch r, ok := numbered(name[1:]); {
		case !ok:
			return "&amp;", 1
		case !allowed(r):
			return "", len(whole)
		}
		return whole, len(whole)
	}
	if value, ok := m.entities[name]; ok && m.expanded+len(value) <= maxExpansion {
		m.expanded += len(value)
		return escapeText(value), len(whole)
	}
	if value := html.UnescapeString(whole); isName(name) && value != whole && !strings.HasSuffix(value, ";") {
		return escapeText(value), len(whole)
	}
	return "&amp;", 1
}

// attribute is a value as it may stand between double quotes.
func (m *mender) attribute(value string) string {
	if !strings.ContainsAny(value, `&<"`) {
		return value
	}
	var b strings.Builder
	for {
		amp := strings.IndexByte(value, '&')
		if amp < 0 {
			b.WriteString(quoteMarks(value))
			return b.String()
		}
		b.WriteString(quoteMarks(value[:amp]))
		meant, length := m.meaning(value[amp:])
		b.WriteString(meant)
		value = value[amp+length:]
	}
}

func quoteMarks(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "<", "&lt;"), `"`, "&quot;")
}

// longestReference bounds how far the end of a reference is looked for; the longest that HTML knows has 33 characters.
const longestReference = 45

// numbered is the character of a numeric reference, false where its digits are none.
func numbered(digits string) (rune, bool) {
	base := 10
	if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 31)
	return rune(n), err == nil
}

// allowed tells which characters XML 1.0 lets stand, as its section 2.2 lists them.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd ||
		r >= 0x10000 && r <= 0x10ffff
}

func onlyAllowed(text string) string {
	return strings.Map(func(r rune) rune {
		if allowed(r) {
			return r
		}
		return -1
	}, text)
}

func escapeText(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	return strings.ReplaceAll(strings.ReplaceAll(s, "<", "&lt;"), ">", "&gt;")
}

type xmlAttribute struct{ name, value string }

// readTag reads what follows the name of a start tag up to its closing bracket: attributes with or without quotes or
// values, as browsers read them. It answers false where another tag begins first or the document ends.
func readTag(s string) (attributes []xmlAttribute, length int, selfClosing, ok bool) {
	i := 0
	for i < len(s) {
		switch c := s[i]; {
		case c == '>':
			return attributes, i + 1, i > 0 && s[i-1] == '/', true
		case c == '<':
			return nil, 0, false, false
		case c == '/' || c <= ' ' || c == '"' || c == '\'' || c == '=':
			i++
		default:
			a, n := readAttribute(s[i:])
			if n == 0 {
				return nil, 0, false, false
			}
			if isName(a.name) {
				attributes = append(attributes, a)
			}
			i += n
		}
	}
	return nil, 0, false, false
}

// readAttribute reads one attribute and answers its length, 0 where its value never ends.
func readAttribute(s string) (xmlAttribute, int) {
	end := strings.IndexAny(s, "= \t\r\n/><")
	if end < 0 {
		return xmlAttribute{}, 0
	}
	a, i := xmlAttribute{name: s[:end]}, end
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	if i >= len(s) || s[i] != '=' {
		return a, end
	}
	for i++; i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0; {
		i++
	}
	if i >= len(s) {
		return a, 0
	}
	if quote := s[i]; quote == '"' || quote == '\'' {
		stop := strings.IndexByte(s[i+1:], quote)
		if stop < 0 {
			return a, 0
		}
		a.value = s[i+1 : i+1+stop]
		return a, i + stop + 2
	}
	stop := strings.IndexAny(s[i:], " \t\r\n><")
	if stop < 0 {
		return a, 0
	}
	a.value = s[i : i+stop]
	return a, i + stop
}

var entityDeclaration = regexp.MustCompile(`<!ENTITY\s+([A-Za-z][A-Za-z0-9._-]{0,40})\s+(?:"([^"]{0,1000})"|'([^']{0,1000})')\s*>`)

// declaredEntities are the entities that a DOCTYPE before the root element declares as plain text. Those built from
// others are left out: that is how a small document grows without end.
func declaredEntities(prolog string) map[string]string {
	entities := map[string]string{}
	for _, found := range entityDeclaration.FindAllStringSubmatch(prolog, 200) {
		value := html.UnescapeString(found[2] + found[3])
		if strings.ContainsAny(value, "&%<") {
			continue
		}
		entities[found[1]] = value
	}
	return entities
}
