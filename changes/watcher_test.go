package changes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/partners"
)

// memory is a Memory in memory.
type memory struct {
	states  map[string]SourceState
	entries map[string]Entry // by source and key
	effects []incidents.Effect
	kept    []Document
	err     error
}

func newMemory() *memory {
	return &memory{states: map[string]SourceState{}, entries: map[string]Entry{}}
}

func (m *memory) SourceStates(context.Context, string) (map[string]SourceState, error) {
	return maps.Clone(m.states), m.err
}

func (m *memory) Known(_ context.Context, partner, source string, listed []partners.Change) (Known, error) {
	known := Known{Entries: map[string]Entry{}, Elsewhere: map[string]bool{}}
	for _, c := range listed {
		if e, ok := m.entries[source+"|"+c.Key]; ok {
			known.Entries[c.Key] = e
			continue
		}
		for _, e := range m.entries {
			if e.Partner == partner && e.Hash == c.Hash && !c.Published.IsZero() && e.Published.Equal(c.Published) {
				known.Elsewhere[c.Key] = true
			}
		}
	}
	return known, m.err
}

func (m *memory) RecordPoll(_ context.Context, poll Poll) error {
	for source, tried := range poll.Since {
		if !m.states[source].TriedAt.Equal(tried) {
			return ErrOvertaken
		}
	}
	for _, s := range poll.States {
		m.states[s.Source] = s
	}
	for _, e := range poll.Entries {
		m.entries[e.Source+"|"+e.Key] = e
	}
	m.effects = append(m.effects, poll.Effects...)
	m.kept = append(m.kept, poll.Documents...)
	return nil
}

// sources answers each source with what the test says.
type sources map[string]func(previous partners.Validators) (partners.Reading, error)

func (s sources) Read(_ context.Context, source partners.Source, previous partners.Validators) (partners.Reading, error) {
	return s[source.Name()](previous)
}

func lists(all ...partners.Change) func(partners.Validators) (partners.Reading, error) {
	return func(partners.Validators) (partners.Reading, error) {
		return partners.Reading{Changes: all, Format: "rss"}, nil
	}
}

func fails(err error) func(partners.Validators) (partners.Reading, error) {
	return func(partners.Validators) (partners.Reading, error) { return partners.Reading{}, err }
}

func change(key, title, body string) partners.Change {
	return partners.Change{Key: key, Title: title, Body: body, Hash: title + body, Published: start.Add(-time.Hour)}
}

var start = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

const feedA, feedB = "https://a.example/feed", "https://b.example/feed"

// watched is a partner with two sources, its watcher and its clock.
type watched struct {
	*testing.T
	memory  *memory
	sources sources
	now     time.Time
	cutOff  func(context.Context) time.Time

	patience time.Duration
}

func watch(t *testing.T) *watched {
	w := &watched{T: t, memory: newMemory(), now: start, sources: sources{feedA: lists(change("1", "An old entry", "")), feedB: lists(change("9", "Another old entry", ""))}}
	w.poll()
	return w
}

func acme() partners.Partner {
	return partners.Partner{ID: "acme", Name: "Acme", Changelog: []partners.Source{{URL: feedA}, {URL: feedB}}}
}

// poll lets six hours pass and polls; it returns the digests and notices that became due.
func (w *watched) poll() (digests []Digest, notices []SourceNotice) {
	w.Helper()
	w.memory.effects = nil
	watcher := Watcher{Reader: w.sources, Memory: w.memory, Now: func() time.Time { return w.now }, CutOff: w.cutOff, Patience: w.patience}
	if _, err := watcher.Poll(w.Context(), acme()); err != nil {
		w.Fatal(err)
	}
	w.now = w.now.Add(6 * time.Hour)
	for _, e := range w.memory.effects {
		switch e.Kind {
		case EffectDigest:
			digests = append(digests, decode[Digest](w.T, e.Payload))
		case EffectNotice:
			if !e.Picture {
				w.Errorf("the notice %s is a deed: it could not be redrawn when the source is read again", e.Key)
			}
			notices = append(notices, decode[SourceNotice](w.T, e.Payload))
		default:
			w.Errorf("an effect of kind %q", e.Kind)
		}
	}
	return digests, notices
}

func decode[T any](t *testing.T, payload []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(payload, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func titles(digests []Digest) []string {
	var all []string
	for _, d := range digests {
		for _, i := range d.Items {
			all = append(all, i.Title)
		}
	}
	return all
}

func TestTheFirstReadingIsSilent(t *testing.T) {
	w := &watched{T: t, memory: newMemory(), now: start}
	w.sources = sources{feedA: lists(change("1", "old", "")), feedB: lists()}
	if digests, notices := w.poll(); len(digests)+len(notices) > 0 {
		t.Errorf("told %v %v", digests, notices)
	}
	if len(w.memory.entries) != 1 {
		t.Error("the baseline was not kept")
	}
	w.sources[feedB] = lists(change("2", "the first of a new changelog", ""))
	if digests, _ := w.poll(); !slices.Equal(titles(digests), []string{"the first of a new changelog"}) {
		t.Errorf("an entry after an empty baseline is not told: %v", digests)
	}
}

func TestAnEntryIsToldOnceEver(t *testing.T) {
	w := watch(t)
	w.sources[feedA] = lists(change("2", "Something new", ""), change("1", "An old entry", ""))
	digests, _ := w.poll()
	if !slices.Equal(titles(digests), []string{"Something new"}) {
		t.Fatalf("told %v", titles(digests))
	}
	w.sources[feedA] = lists(change("1", "An old entry", ""))
	w.poll()
	w.sources[feedA] = lists(change("1", "An old entry", ""), change("2", "Something new", ""))
	if digests, _ := w.poll(); len(digests) > 0 {
		t.Errorf("an entry that left the feed and came back is told again: %v", titles(digests))
	}
}

func TestEntriesOfAllSourcesAreOneDigest(t *testing.T) {
	w := watch(t)
	w.sources[feedA] = lists(change("2", "From a", ""))
	w.sources[feedB] = lists(change("3", "From b", ""))
	if digests, _ := w.poll(); len(digests) != 1 || digests[0].Total() != 2 {
		t.Errorf("told %v", digests)
	}
}

func TestTheSameAnnouncementUnderAnotherKeyIsNotNews(t *testing.T) {
	w := watch(t)
	w.sources[feedA] = lists(change("2", "Something new", ""))
	w.poll()
	w.sources[feedA] = lists(change("moved-1", "An old entry", ""), change("moved-2", "Something new", ""))
	if digests, _ := w.poll(); len(digests) > 0 {
		t.Errorf("a feed that changed its keys is told anew: %v", titles(digests))
	}
	w.sources[feedA] = lists(change("5", "In both", ""))
	w.sources[feedB] = lists(change("6", "In both", ""))
	if digests, _ := w.poll(); len(digests) != 1 || digests[0].Total() != 1 {
		t.Errorf("an announcement in two sources is told %d times", digests[0].Total())
	}
}

func TestEntriesWithoutADateMayRepeatTheirWords(t *testing.T) {
	w := watch(t)
	undated := func(key string) partners.Change {
		return partners.Change{Key: key, Title: "Monthly release", Hash: "same"}
	}
	w.sources[feedA] = lists(undated("may"))
	w.poll()
	w.sources[feedA] = lists(undated("june"), undated("may"))
	if digests, _ := w.poll(); len(digests) != 1 {
		t.Error("the next monthly release is taken for the last one")
	}
}

func TestAnEditIsToldWhenItChangesWhatTheEntryMeans(t *testing.T) {
	w := watch(t)
	announce := func(date string) partners.Change {
		return change("2", "Table API v1 is deprecated", "Table API v1 will be removed on "+date+".")
	}
	w.sources[feedA] = lists(announce("2027-03-30"))
	digests, _ := w.poll()
	if len(digests) != 1 || digests[0].Items[0].Effective != "2027-03-30" {
		t.Fatalf("told %+v", digests)
	}
	w.sources[feedA] = lists(announce("2027-06-30"))
	digests, _ = w.poll()
	if len(digests) != 1 {
		t.Fatal("a date that moved is not told")
	}
	item := digests[0].Items[0]
	if item.Before == nil || item.Before.Effective != "2027-03-30" || item.Effective != "2027-06-30" {
		t.Errorf("told as %+v", item)
	}
	typo := announce("2027-06-30")
	typo.Body, typo.Hash = strings.Replace(typo.Body, "will be", "shall be", 1), "other"
	w.sources[feedA] = lists(typo)
	if digests, _ := w.poll(); len(digests) > 0 {
		t.Error("an edit of mere words is told")
	}
	w.sources[feedA] = lists(announce("2027-03-30"))
	w.poll()
	w.sources[feedA] = lists(announce("2027-06-30"))
	if digests, _ := w.poll(); len(digests) != 1 {
		t.Error("the same edit, made again after it was withdrawn, is not told")
	}
}

func TestTwoReplicasTellTheSameDigestUnderOneKey(t *testing.T) {
	keys := map[string]bool{}
	for range 2 {
		w := watch(t)
		w.sources[feedA] = lists(change("2", "Something new", ""))
		w.poll()
		keys[w.memory.effects[0].Key] = true
	}
	if len(keys) != 1 {
		t.Errorf("keys %v", keys)
	}
}

type passing struct{ error }

func (passing) Temporary() bool { return true }

func TestASourceThatFailsIsToldOnceAndWhenItIsOver(t *testing.T) {
	tests := []struct {
		name    string
		err     error
		tellsAt int // the failing poll at which people are told
	}{
		{"a person must mend it", errors.New("got an HTML page where a feed was expected"), 1},
		{"it may pass", passing{errors.New("503")}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := watch(t)
			w.sources[feedA] = fails(tt.err)
			for n := 1; n <= 4; n++ {
				_, notices := w.poll()
				if told := len(notices) == 1; told != (n == tt.tellsAt) {
					t.Errorf("poll %d told %v", n, notices)
				} else if told && notices[0].Lasts != (tt.tellsAt == 1) {
					t.Errorf("whether it lasts: %v", notices[0].Lasts)
				}
			}
			failed := w.memory.states[feedA]
			if failed.Problem != tt.err.Error() || !failed.FailingFor.Equal(start.Add(6*time.Hour)) {
				t.Errorf("the state is %+v", failed)
			}
			w.sources[feedA] = lists(change("1", "An old entry", ""))
			_, notices := w.poll()
			if len(notices) != 1 || notices[0].Problem != "" || notices[0].Lasts {
				t.Errorf("its end is not told: %v", notices)
			}
			if _, notices := w.poll(); len(notices) > 0 {
				t.Error("its end is told twice")
			}
		})
	}
}

func TestABlipIsNotTold(t *testing.T) {
	w := watch(t)
	w.sources[feedA] = fails(passing{errors.New("503")})
	w.poll()
	w.sources[feedA] = lists(change("1", "An old entry", ""))
	if _, notices := w.poll(); len(notices) > 0 {
		t.Errorf("told the end of what was never told: %v", notices)
	}
}

func TestOneSourceDoesNotKeepAnotherFromBeingRead(t *testing.T) {
	w := watch(t)
	w.sources[feedA] = fails(errors.New("gone"))
	w.sources[feedB] = lists(change("3", "From b", ""))
	if digests, _ := w.poll(); len(digests) != 1 {
		t.Error("the other source is not told")
	}
}

func TestASourceThatSuddenlyListsNothingIsATrouble(t *testing.T) {
	w := watch(t)
	w.sources[feedA] = lists()
	_, notices := w.poll()
	if len(notices) != 1 || !strings.Contains(notices[0].Problem, "empty now, where it listed 1 entries before") {
		t.Errorf("told %v", notices)
	}
}

func TestNothingIsLostWhenTheMemoryFails(t *testing.T) {
	w := watch(t)
	w.memory.err = errors.New("the disk is full")
	watcher := Watcher{Reader: w.sources, Memory: w.memory, Now: func() time.Time { return w.now }}
	_, err := watcher.Poll(t.Context(), partners.Partner{ID: "acme", Changelog: []partners.Source{{URL: feedA}}})
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("error is %v", err)
	}
}

func TestAFloodIsOneReadableDigest(t *testing.T) {
	w := watch(t)
	var flood []partners.Change
	for i := range 200 {
		flood = append(flood, change(fmt.Sprint("n", i), fmt.Sprint("New feature ", i), "You can now do more."))
	}
	flood = append(flood, change("x", "Reports API v1 will be removed", "Reports API v1 will be removed on 2027-04-01. Move to v2."))
	w.sources[feedA] = lists(flood...)
	digests, _ := w.poll()
	if len(digests) != 1 {
		t.Fatalf("%d digests", len(digests))
	}
	d := digests[0]
	if d.Total() != 201 || len(d.Items) > mostAttention+mostOther {
		t.Errorf("%d entries, %d of them shown", d.Total(), len(d.Items))
	}
	if d.Items[0].Title != "Reports API v1 will be removed" {
		t.Errorf("what needs action is not first but %q", d.Items[0].Title)
	}
}

func TestDigestOrder(t *testing.T) {
	f := func(title string, effective Date, kinds ...Kind) Finding {
		return Finding{Entry: Entry{Change: partners.Change{Title: title}, Kinds: kinds, Effective: effective}}
	}
	d := NewDigest("acme", "Acme", []Finding{
		f("fix", "", Fix), f("beta", "", Beta), f("past", "2027-01-01", Removal), f("new", "", New), f("june", "2027-06-01", Breaking),
		f("security", "", Security), f("undated", "", Deprecation), f("april", "2027-04-01", Deprecation), f("other", "", Other),
	}, start)
	want := []string{"april", "june", "undated", "past", "security", "beta", "new", "fix", "other"}
	if diff := cmp.Diff(want, titles([]Digest{d})); diff != "" {
		t.Error(diff)
	}
}
