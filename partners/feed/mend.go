package feed

import (
	"errors"
	"fmt"
	"slices"
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
	// maxFaults bounds how broken a document may be: beyond that there is no telling what it was meant to say.
	maxFaults = 100_000
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
	spans    []span // where in out the items stand
	lastEnd  int    // where the last angle bracket that could close a tag stands
	done     bool   // the root element has been closed
	faults   faults
}

type element struct {
	name     string
	declares int
	begins   int // in out
}

type span struct{ from, to int }

// faults counts what was mended, by kind.
type faults struct {
	ampersands, brackets, endTags, unclosed, cdata int
	cut                                            bool
}

// mended is a document from its root element on, well formed.
type mended struct {
	text     string
	items    int
	repaired string // what was mended, in words
	halved   bool   // it was cut off within its last item
	spans    []span // where in text the items stand, unless they are too many to be read all
}

// mend makes a document well formed. declared are the entities of its DOCTYPE. It fails on a document that nests or
// declares beyond reason.
func mend(document string, declared map[string]string) (mended, error) {
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
			return mended{}, err
		}
		if m.faults.all() > maxFaults {
			return mended{}, fmt.Errorf("the document is broken in more than %d places, so it was not read", maxFaults)
		}
	}
	if len(m.open) > 0 {
		m.faults.cut = true
	}
	if m.items == 0 && m.insideList() {
		return mended{}, errors.New("the document was cut off before its first item")
	}
	halved := slices.ContainsFunc(m.open, func(e element) bool { return isItem(e.name) })
	m.closeTo(0)
	return mended{text: m.withoutMiddle(), items: m.items, repaired: m.faults.words(), halved: halved, spans: m.spans}, nil
}

// insideList tells that the element which holds the items is still open.
func (m *mender) insideList() bool {
	return slices.ContainsFunc(m.open, func(e element) bool {
		name := local(e.name)
		return name == "channel" || name == "feed"
	})
}

// withoutMiddle is the document without the items in its middle where it holds more than are read: whether it begins
// with the newest or ends with them, they are left.
func (m *mender) withoutMiddle() string {
	from, to := middle(len(m.spans))
	if from == to {
		return m.out.String()
	}
	all := m.out.String()
	return all[:m.spans[from].from] + all[m.spans[to-1].to:]
}

// maxItems is how many items are read to find the newest among them.
const maxItems = 4 * maxEntries

// middle is the range of a number of items that is not read: none, unless there are more than maxItems.
func middle(items int) (from, to int) {
	if items <= maxItems {
		return 0, 0
	}
	return maxItems / 2, items - maxItems/2
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

func (f faults) all() int { return f.ampersands + f.brackets + f.endTags + f.unclosed + f.cdata }

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
