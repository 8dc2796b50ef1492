package feed

import (
	"fmt"
	"strings"

	"sparky/internal/plaintext"
)

// longestName bounds the name of an element.
const longestName = 300

// tagName is the name of the tag that s begins with, and how much of s it takes with the bracket before it. It is
// empty where s begins no tag.
func tagName(s string) (name string, length int) {
	from := 1
	if strings.HasPrefix(s, "</") {
		from = 2
	}
	length = from + nameLength(s[from:])
	return s[from:length], length
}

// nameLength is how much of s is the name of an element or attribute: letters, digits and some marks, with one colon
// at most, and a letter at the beginning and behind the colon. It is 0 where s begins with no name.
func nameLength(s string) int {
	n, colon := 0, false
	for n < len(s) && n < longestName && nameByte(s[n], n > 0) {
		if s[n] == ':' {
			if colon || n+1 >= len(s) || !nameByte(s[n+1], false) {
				break
			}
			colon = true
		}
		n++
	}
	return n
}

// nameByte tells that a byte may stand in a name, after its first letter or as that.
func nameByte(c byte, after bool) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		return true
	case c >= '0' && c <= '9', c == '.', c == ':', c == '-':
		return after
	}
	return false
}

func isName(s string) bool { return s != "" && nameLength(s) == len(s) }

func (m *mender) startTag(rest string) error {
	name, head := tagName(rest)
	if name == "" {
		return m.bracket()
	}
	attributes, length, selfClosing, ok := readTag(rest[head:])
	if !ok {
		return m.bracket()
	}
	m.at += head + length
	if isItem(name) {
		m.closeOpenItem(name)
		m.items++
	}
	if err := m.bounded(name, attributes); err != nil {
		return err
	}
	begins := m.out.Len()
	m.out.WriteString("<" + name)
	for _, a := range attributes {
		m.out.WriteString(" " + a.name + `="` + m.attribute(a.value) + `"`)
	}
	if selfClosing || m.voidInText(name) {
		m.out.WriteString("></" + name + ">")
		m.ended(name, begins)
		m.done = len(m.open) == 0
		return nil
	}
	m.out.WriteString(">")
	declares := declarations(attributes)
	m.scope += declares
	m.open = append(m.open, element{name, declares, begins})
	return nil
}

// voidInText tells that the element is one of HTML that never has an end tag, inside the text of an item.
func (m *mender) voidInText(name string) bool {
	switch name {
	case "br", "hr", "img", "wbr", "input", "BR", "HR", "IMG":
		return len(m.open) > 2
	}
	return false
}

func (m *mender) bounded(name string, attributes []xmlAttribute) error {
	declares := declarations(attributes)
	if declares > 0 {
		m.work += m.scope + declares
	}
	switch {
	case len(m.open) >= maxDepth:
		return fmt.Errorf("the document nests its elements more than %d deep at <%s>; no changelog does, so it was not read", maxDepth, plaintext.Clip(name, 40))
	case len(attributes) > maxAttributes:
		return fmt.Errorf("the document has an element <%s> with %d attributes; no changelog has, so it was not read", plaintext.Clip(name, 40), len(attributes))
	case m.work > maxScopeWork:
		return fmt.Errorf("the document declares name spaces without end, at <%s>; no changelog does, so it was not read", plaintext.Clip(name, 40))
	}
	return nil
}

func declarations(attributes []xmlAttribute) int {
	n := 0
	for _, a := range attributes {
		if a.name == "xmlns" || strings.HasPrefix(a.name, "xmlns:") {
			n++
		}
	}
	return n
}

// bracket makes an angle bracket that begins no tag text. A tag that the end of the document cuts off is dropped.
func (m *mender) bracket() error {
	if m.at > m.lastEnd {
		m.faults.cut = true
		m.at = len(m.in)
		return nil
	}
	m.faults.brackets++
	m.out.WriteString("&lt;")
	m.at++
	return nil
}

// endTag closes the element that is meant and what is still open inside it. One that closes nothing is left out.
func (m *mender) endTag(rest string) {
	rest = rest[:min(len(rest), longestEndTag)]
	end := strings.IndexByte(rest, '>')
	name, head := tagName(rest)
	switch {
	case name == "" && end < 0:
		m.faults.cut = true
		m.at += len(rest)
		return
	case name == "":
		m.faults.endTags++
		m.at += end + 1
		return
	case end >= 0 && !strings.Contains(rest[head:end], "<"):
		m.at += end + 1
	default:
		m.faults.cut = m.faults.cut || end < 0
		m.at += head
	}
	for i := len(m.open) - 1; i >= 0; i-- {
		if m.open[i].name == name {
			m.faults.unclosed += len(m.open) - 1 - i
			m.closeTo(i)
			m.done = i == 0
			return
		}
		if isItem(m.open[i].name) && !isFrame(name) {
			break
		}
	}
	m.faults.endTags++
}

// closeOpenItem ends an item that was not closed before the next begins.
func (m *mender) closeOpenItem(name string) {
	for i := len(m.open) - 1; i >= 0; i-- {
		if m.open[i].name == name {
			m.faults.unclosed++
			m.closeTo(i)
			return
		}
	}
}

func (m *mender) closeTo(depth int) {
	for len(m.open) > depth {
		last := m.open[len(m.open)-1]
		m.open = m.open[:len(m.open)-1]
		m.scope -= last.declares
		m.out.WriteString("</" + last.name + ">")
		m.ended(last.name, last.begins)
	}
}

// ended notes where an item stands.
func (m *mender) ended(name string, begins int) {
	if isItem(name) {
		m.spans = append(m.spans, span{begins, m.out.Len()})
	}
}
