package feed

import (
	"fmt"
	"regexp"
	"strings"
)

// The bounds of an XML document. A changelog stays far below them; a document made to exhaust a parser does not.
const (
	maxDepth      = 200
	maxAttributes = 200
	// maxScopeWork bounds the name space declarations that a parser has to carry along, element by element.
	maxScopeWork = 2_000_000
	// maxExpansion bounds what the entities that a document declares may add to it.
	maxExpansion = 1 << 20
	// longestEndTag bounds how far the end of an end tag is looked for.
	longestEndTag = 300
)

// mender rewrites an XML document of any state as a well-formed one, as a reader of feeds would understand it: open
// elements are closed where their parent or the document ends, stray ampersands and angle brackets become text, CDATA
// that is cut off ends where its element does. What was well formed stays as it was.
type mender struct {
	in       string
	at       int
	out      strings.Builder
	open     []element
	entities map[string]string
	expanded int
	scope    int // name space declarations in scope
	work     int // the sum of scope over all elements that declare some
	items    int
	lastEnd  int  // where the last angle bracket that could close a tag stands
	done     bool // the root element has been closed
	faults   faults
}

type element struct {
	name     string
	declares int
}

// faults counts what was mended, by kind.
type faults struct {
	ampersands, brackets, endTags, unclosed, cdata int
	cut                                            bool
}

// mend is the document from its root element on, well formed, with the number of its items and what was mended in
// words. declared are the entities of its DOCTYPE. It fails on a document that nests or declares beyond reason.
func mend(document string, declared map[string]string) (mended string, items int, repaired string, err error) {
	m := mender{in: document, entities: declared, lastEnd: strings.LastIndexByte(document, '>')}
	m.out.Grow(len(document) + 64)
	for m.at < len(m.in) && !m.done {
		next := strings.IndexByte(m.in[m.at:], '<')
		if next < 0 {
			m.text(m.in[m.at:])
			m.at = len(m.in)
			break
		}
		m.text(m.in[m.at : m.at+next])
		m.at += next
		if err := m.markup(); err != nil {
			return "", 0, "", err
		}
	}
	if len(m.open) > 0 {
		m.faults.cut = true
	}
	m.closeTo(0)
	return m.out.String(), m.items, m.faults.words(), nil
}

// markup reads what begins with the angle bracket at the mark.
func (m *mender) markup() error {
	rest := m.in[m.at:]
	switch {
	case strings.HasPrefix(rest, "<![CDATA["):
		m.cdata(rest[len("<![CDATA["):])
	case strings.HasPrefix(rest, "<!--"):
		m.skip(rest, "-->")
	case strings.HasPrefix(rest, "<?"):
		m.skip(rest, ">")
	case strings.HasPrefix(rest, "<!"):
		m.skip(rest, ">")
	case strings.HasPrefix(rest, "</"):
		m.endTag(rest)
	default:
		return m.startTag(rest)
	}
	return nil
}

// skip passes over a comment or instruction; one that never ends takes the rest of the document with it.
func (m *mender) skip(rest, end string) {
	i := strings.Index(rest, end)
	if i < 0 {
		m.faults.cut = true
		m.at = len(m.in)
		return
	}
	m.at += i + len(end)
}

// cdata copies a CDATA section. One that was never closed ends before the end tag of its element: else it would
// swallow the items up to the end of the next section.
func (m *mender) cdata(rest string) {
	m.at += len("<![CDATA[")
	if another := strings.Index(rest, "<![CDATA["); another >= 0 {
		rest = rest[:another]
	}
	if end := strings.Index(rest, "]]>"); end >= 0 {
		m.writeCDATA(rest[:end])
		m.at += end + len("]]>")
		return
	}
	stop := len(rest)
	if len(m.open) > 0 {
		if i := strings.Index(rest, "</"+m.open[len(m.open)-1].name); i >= 0 {
			m.faults.cdata++
			stop = i
		}
	}
	m.writeCDATA(rest[:stop])
	m.at += stop
}

func (m *mender) writeCDATA(s string) {
	if len(m.open) == 0 {
		return
	}
	m.out.WriteString("<![CDATA[")
	m.out.WriteString(s)
	m.out.WriteString("]]>")
}

var tagName = regexp.MustCompile(`^</?([A-Za-z_][A-Za-z0-9_.:-]*)`)

func (m *mender) startTag(rest string) error {
	found := tagName.FindStringSubmatch(rest[:min(len(rest), 300)])
	if found == nil {
		return m.bracket()
	}
	attributes, length, selfClosing, ok := readTag(rest[len(found[0]):])
	if !ok {
		return m.bracket()
	}
	name := found[1]
	m.at += len(found[0]) + length
	if isItem(name) {
		m.closeOpenItem(name)
		m.items++
	}
	if err := m.bounded(name, attributes); err != nil {
		return err
	}
	m.out.WriteString("<" + name)
	for _, a := range attributes {
		m.out.WriteString(" " + a.name + `="` + m.attribute(a.value) + `"`)
	}
	if selfClosing || m.voidInText(name) {
		m.out.WriteString("></" + name + ">")
		m.done = len(m.open) == 0
		return nil
	}
	m.out.WriteString(">")
	declares := declarations(attributes)
	m.scope += declares
	m.open = append(m.open, element{name, declares})
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
		return fmt.Errorf("the document nests its elements more than %d deep at <%s>; no changelog does, so it was not read", maxDepth, clip(name, 40))
	case len(attributes) > maxAttributes:
		return fmt.Errorf("the document has an element <%s> with %d attributes; no changelog has, so it was not read", clip(name, 40), len(attributes))
	case m.work > maxScopeWork:
		return fmt.Errorf("the document declares name spaces without end, at <%s>; no changelog does, so it was not read", clip(name, 40))
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
	found := tagName.FindStringSubmatch(rest)
	switch {
	case found == nil && end < 0:
		m.faults.cut = true
		m.at += len(rest)
		return
	case found == nil:
		m.faults.endTags++
		m.at += end + 1
		return
	case end >= 0 && strings.TrimSpace(rest[len(found[0]):end]) == "":
		m.at += end + 1
	default:
		m.faults.cut = m.faults.cut || end < 0
		m.at += len(found[0])
	}
	for i := len(m.open) - 1; i >= 0; i-- {
		if m.open[i].name == found[1] {
			m.faults.unclosed += len(m.open) - 1 - i
			m.closeTo(i)
			m.done = i == 0
			return
		}
		if isItem(m.open[i].name) && !isFrame(found[1]) {
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
	}
}

func local(name string) string {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return strings.ToLower(name)
}

func isItem(name string) bool {
	switch strings.ToLower(name) {
	case "item", "entry", "rss:item", "rss1:item", "atom:entry", "a:entry":
		return true
	}
	return false
}

func isFrame(name string) bool {
	switch local(name) {
	case "rss", "rdf", "feed", "channel", "item", "entry":
		return true
	}
	return false
}

func (f faults) words() string {
	said := []string{}
	add := func(n int, what string) {
		if n > 0 {
			said = append(said, fmt.Sprintf("%s (%d)", what, n))
		}
	}
	if f.cut {
		said = append(said, "it ends before its last closing tag")
	}
	add(f.cdata, "CDATA without an end")
	add(f.unclosed, "elements without an end tag")
	add(f.endTags, "end tags without a beginning")
	add(f.ampersands, "unescaped ampersands")
	add(f.brackets, "unescaped angle brackets")
	return strings.Join(said, ", ")
}
