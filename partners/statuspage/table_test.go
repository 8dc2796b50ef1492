package statuspage_test

import (
	"fmt"
	"strings"
	"testing"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// row is a document and what must be made of it at 10:00 on the morning of the fixtures.
type row struct {
	kind, body string // the kind asked for; empty to tell it by content
	level      partners.Level
	says       string // as told tells it
	why        string // a part of the problem, the doubt or the note
}

// The levels by short names, for tables.
const (
	well   = partners.Operational
	upkeep = partners.Maintenance
	slow   = partners.Degraded
	partly = partners.PartialOutage
	out    = partners.MajorOutage
	dunno  = partners.Unknown
)

func rows(t *testing.T, table map[string]row) {
	t.Helper()
	for name, c := range table {
		t.Run(name, func(t *testing.T) {
			check(t, []byte(c.body), c.kind)
			s := statuspage.Parse([]byte(c.body), "", "https://status.example/x", c.kind, morning())
			if s.Level != c.level || told(s) != c.says {
				t.Errorf("%s, %s (%s)\nwant %s, %s", s.Level, told(s), s.Problem, c.level, c.says)
			}
			if because := s.Problem + s.Note + s.Doubt; !strings.Contains(because, c.why) {
				t.Errorf("says %q, want %q", because, c.why)
			}
		})
	}
}

// words reads one document for each word that stands in its %s, as JSON writes it.
func words(t *testing.T, kind, document string, levels map[string]partners.Level) {
	t.Helper()
	for word, want := range levels {
		s := statuspage.Parse(fmt.Appendf(nil, document, word), "", "https://status.example/x", kind, morning())
		if s.Level != want || (s.Level == dunno) != (s.Problem != "") {
			t.Errorf("%s is %s (%s), want %s", word, s.Level, s.Problem, want)
		}
		check(t, fmt.Appendf(nil, document, word), kind)
	}
}

// notWords are values that no format has in the place of a word.
func notWords(levels map[string]partners.Level) map[string]partners.Level {
	for _, v := range []string{`null`, `""`, `true`, `false`, `{}`, `[]`, `["operational"]`, `{"a":"none"}`, `-1`, `1e9`, `"ok."`, `"\u0000"`, `"undefined"`} {
		levels[v] = dunno
	}
	return levels
}

// notLists are values that no format has in the place of a list.
func notLists() []string {
	return []string{`"x"`, `1`, `true`, `[1]`, `["x"]`, `[[]]`, `[{}]`, `[null]`, `{"error":"x"}`}
}

// lists reads one document for each value that is no list, in the place of %s: none of them is well.
func lists(t *testing.T, kind, document string) {
	t.Helper()
	for _, value := range notLists() {
		s := statuspage.Parse(fmt.Appendf(nil, document, value), "", "https://status.example/x", kind, morning())
		if s.Level == well {
			t.Errorf("with %s in the place of a list: %s", value, s.Level)
		}
	}
	for _, value := range []string{`[]`, `null`} {
		s := statuspage.Parse(fmt.Appendf(nil, document, value), "", "https://status.example/x", kind, morning())
		if s.Level != well {
			t.Errorf("with %s: %s (%s)", value, s.Level, s.Problem)
		}
	}
}
