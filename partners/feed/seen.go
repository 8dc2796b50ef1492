package feed

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"sync"
)

// seen is what the items of a feed were read as the last time. Most polls of a feed that has changed find one item that
// is new among many that are not, and only that one is worth being read. The zero value has seen nothing.
type seen struct {
	mu    sync.Mutex
	frame digestOf // of all that stands around the items, which name spaces and relative addresses may depend on
	items map[digestOf][]entry
}

type digestOf [sha256.Size]byte

// maxSeen bounds what is remembered of one source, in bytes of its items. A larger feed is read anew each time.
const maxSeen = 1 << 20

// cut is a feed without the items that are known.
type cut struct {
	text  string // of the feed, with the others
	frame digestOf
	marks []digestOf // of all items, in their order
	known [][]entry  // of all items; nil for those that text still has
}

// cut takes the known items out of a mended feed that came from base. It is false where the items do not stand in one
// row, or are too many or too large: then what is parsed cannot be told apart by its place, or is not remembered.
func (s *seen) cut(whole mended, base string) (cut, bool) {
	spans := whole.spans
	if s == nil || len(spans) == 0 || len(spans) != whole.items || whole.items > maxItems || len(whole.text) > maxSeen || !inOneRow(whole.text, spans) {
		return cut{}, false
	}
	before, after := whole.text[:spans[0].from], whole.text[spans[len(spans)-1].to:]
	c := cut{frame: sha256.Sum256([]byte(base + "\x00" + undatedFrame(before) + "\x00" + undatedFrame(after))), marks: make([]digestOf, len(spans)), known: make([][]entry, len(spans))}
	s.mu.Lock()
	defer s.mu.Unlock()
	var text strings.Builder
	text.WriteString(before)
	for i, at := range spans {
		item := whole.text[at.from:at.to]
		c.marks[i] = sha256.Sum256([]byte(item))
		if c.frame == s.frame {
			c.known[i] = s.items[c.marks[i]]
		}
		if c.known[i] == nil {
			text.WriteString(item)
		}
	}
	text.WriteString(after)
	c.text = text.String()
	return c, true
}

var frameDate = regexp.MustCompile(`(?i)<((?:[a-z]+:)?(?:lastbuilddate|pubdate|updated|modified|date))\b[^>]*>[^<]*</[^>]*>`)

// undatedFrame is what stands around items without when the feed was made, which no item depends on.
func undatedFrame(frame string) string { return frameDate.ReplaceAllString(frame, "") }

// inOneRow tells that nothing but white space stands between items.
func inOneRow(text string, spans []span) bool {
	for i := 1; i < len(spans); i++ {
		from, to := spans[i-1].to, spans[i].from
		if from > to || strings.TrimSpace(text[from:to]) != "" {
			return false
		}
	}
	return true
}

// missing is how many items text still has.
func (c cut) missing() int {
	n := 0
	for _, entries := range c.known {
		if entries == nil {
			n++
		}
	}
	return n
}

// remember keeps what the items of a feed were read as, and nothing of its readings before.
func (s *seen) remember(c cut) {
	items := make(map[digestOf][]entry, len(c.marks))
	for i, mark := range c.marks {
		items[mark] = c.known[i]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frame, s.items = c.frame, items
}
