package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"sparky/changes"
)

func TestADocumentIsRememberedWithItsPoll(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		document := func(partner, source string) []byte {
			t.Helper()
			return value[[]byte](t)(b.Document(t.Context(), partner, source))
		}
		if document("acme", feedURL) != nil {
			t.Error("there is a document before there was one")
		}
		packed := []byte{0x1f, 0x8b, 0, 0xff}
		must(t, b.RecordPoll(t.Context(), changes.Poll{States: []changes.SourceState{state(feedURL)},
			Documents: []changes.Document{{Partner: "acme", Source: feedURL, Data: packed}, {Partner: "acme", Source: "other", Data: []byte("b")}}}))
		must(t, b.RecordPoll(t.Context(), changes.Poll{Documents: []changes.Document{{Partner: "acme", Source: "other", Data: []byte("c")}}}))
		b = b.reopened(t)
		if got := document("acme", feedURL); !bytes.Equal(got, packed) {
			t.Errorf("it remembers %q", got)
		}
		if got := document("acme", "other"); string(got) != "c" {
			t.Errorf("it remembers %q", got)
		}
		if document("nobody", feedURL) != nil {
			t.Error("a partner has another's document")
		}
		// What another replica polled meanwhile is kept, the document too.
		err := b.RecordPoll(t.Context(), changes.Poll{Since: map[string]time.Time{feedURL: day.Add(-time.Hour)}, States: []changes.SourceState{state(feedURL)},
			Documents: []changes.Document{{Partner: "acme", Source: feedURL, Data: []byte("late")}}})
		if got := document("acme", feedURL); !errors.Is(err, changes.ErrOvertaken) || !bytes.Equal(got, packed) {
			t.Errorf("overtaken, it says %v and remembers %q", err, got)
		}
	})
}
