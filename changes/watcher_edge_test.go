package changes

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

func TestAnItemThatIsListedTwiceIsToldOnce(t *testing.T) {
	w := watch(t)
	twice := partners.Change{Key: "2", Title: "A beta of the Table API", Hash: "same"}
	w.sources[feedA] = lists(twice, twice)
	if digests, _ := w.poll(); len(digests) != 1 || digests[0].Total() != 1 {
		t.Errorf("told %v", titles(digests))
	}
	if digests, _ := w.poll(); len(digests) != 0 {
		t.Errorf("told again %v", titles(digests))
	}
}

// Two replicas poll at once, and the partner publishes between their readings: what both saw is told by one of them.
func TestAPollThatAnotherOvertookTellsNothing(t *testing.T) {
	w := watch(t)
	slow := change("2", "Seen by both", "")
	w.sources[feedA] = func(partners.Validators) (partners.Reading, error) {
		fast := *w
		fast.sources = sources{feedA: lists(slow, change("3", "Seen by the other alone", "")), feedB: w.sources[feedB]}
		if digests, _ := fast.poll(); len(digests) != 1 || digests[0].Total() != 2 {
			t.Errorf("the other told %v", titles(digests))
		}
		return lists(slow)(partners.Validators{})
	}
	watcher := Watcher{Reader: w.sources, Memory: w.memory, Now: func() time.Time { return w.now.Add(time.Minute) }}
	if _, err := watcher.Poll(t.Context(), acme()); !errors.Is(err, ErrOvertaken) {
		t.Errorf("the poll that came second: %v", err)
	}
	if n := len(w.memory.effects); n != 1 {
		t.Errorf("%d digests", n)
	}
	w.sources[feedA] = lists(slow, change("3", "Seen by the other alone", ""), change("4", "Later", ""))
	if digests, _ := w.poll(); len(digests) != 1 || digests[0].Total() != 1 {
		t.Errorf("told afterwards %v", titles(digests))
	}
}

// An older Sparky took the entry for something else. That is no change of the partner's.
func TestABetterReadingOfTheSameWordsIsNoEdit(t *testing.T) {
	w := watch(t)
	announce := func(words string) partners.Change {
		return change("2", "Table API v1 is deprecated", "Table API v1 "+words+" on 2027-03-30.")
	}
	w.sources[feedA] = lists(announce("will be removed"))
	w.poll()
	old := w.memory.entries[feedA+"|2"]
	old.Kinds, old.Effective = []Kind{Other}, ""
	w.memory.entries[feedA+"|2"] = old
	w.sources[feedA] = lists(announce("shall be removed"))
	if digests, _ := w.poll(); len(digests) > 0 {
		t.Errorf("told as an edit: %+v", digests[0].Items[0])
	}
	old.Body = "" // beyond what is kept
	w.memory.entries[feedA+"|2"] = old
	w.sources[feedA] = lists(announce("is going to be removed"))
	if digests, _ := w.poll(); len(digests) != 1 {
		t.Error("what an edit meant is not told where its former words are forgotten")
	}
}

func TestADocumentThatIsComparedIsRemembered(t *testing.T) {
	w := watch(t)
	w.memory.states = map[string]SourceState{}
	changed := change("GET /a 1", "GET /a: it breaks", "")
	changed.Stated = []string{"breaking"}
	for _, step := range []struct {
		reading partners.Reading
		digests int
	}{
		{partners.Reading{Document: []byte("1")}, 0},
		{partners.Reading{Document: []byte("2"), Changes: []partners.Change{changed}}, 1},
		{partners.Reading{Document: []byte("3")}, 0}, // which is no list that has become empty
		{partners.Reading{NotModified: true}, 0},
	} {
		w.memory.kept = nil
		w.sources = sources{feedA: lists(), feedB: func(partners.Validators) (partners.Reading, error) { return step.reading, nil }}
		digests, notices := w.poll()
		if len(digests) != step.digests || len(notices) != 0 {
			t.Errorf("%q gave %d digests and %d notices", step.reading.Document, len(digests), len(notices))
		}
		if kept := w.memory.kept; step.reading.Document == nil && len(kept) != 0 ||
			step.reading.Document != nil && (len(kept) != 1 || kept[0].Source != feedB || kept[0].Partner != "acme" || string(kept[0].Data) != string(step.reading.Document)) {
			t.Errorf("%q is remembered as %+v", step.reading.Document, kept)
		}
	}
}

// TestADocumentThatBreaksUsCostsItsSourceOnly holds that a mistake of ours which a document finds is that source's trouble.
func TestADocumentThatBreaksUsCostsItsSourceOnly(t *testing.T) {
	w := watch(t)
	w.sources[feedA] = func(partners.Validators) (partners.Reading, error) { panic("index out of range [3] with length 3") }
	w.sources[feedB] = lists(change("3", "From b", ""))
	if digests, _ := w.poll(); len(digests) != 1 {
		t.Error("the other source is not told")
	}
	if s := w.memory.states[feedA]; !strings.Contains(s.Problem, "a mistake in Sparky") {
		t.Errorf("got %+v", s)
	}
}
