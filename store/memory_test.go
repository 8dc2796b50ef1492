package store

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

const feedURL = "https://acme.example/changelog.xml"

func entry(key string, published time.Time, kinds ...changes.Kind) changes.Entry {
	return changes.Entry{
		Change: partners.Change{
			Partner: "acme", Source: feedURL, Key: key, Hash: "hash of " + key, Title: "About " + key,
			Body: "All about " + key, Link: "https://acme.example/" + key, Published: published, Tags: []string{"API", "v2"},
		},
		Kinds: kinds, Summary: "In short, " + key, FirstSeen: day,
	}
}

func state(source string) changes.SourceState {
	return changes.SourceState{
		Partner: "acme", Source: source, Validators: partners.Validators{ETag: `W/"1"`, LastModified: "Fri", BodyHash: "b"},
		Format: "rss", BaselineAt: day, TriedAt: day.Add(time.Minute), ReadAt: day.Add(time.Second), Problem: "it is gone",
		FailingFor: day.Add(-time.Hour), Moved: "https://new.example", Skipped: 3, Listed: 20, Told: true,
	}
}

func keys(entries []changes.Entry) []string {
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Key)
	}
	return list
}

func wantKeys(t *testing.T, got []changes.Entry, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), keys(got)); diff != "" {
		t.Error(diff)
	}
}

func TestAPollIsRememberedWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		full := entry("one", day.Add(-time.Hour), changes.Beta, changes.New)
		full.BetaVersion, full.Effective, full.Deadline = "v2-beta", "2027-03-01", "2027-03-02"
		poll := changes.Poll{
			States:  []changes.SourceState{state(feedURL), {Partner: "acme", Source: "other"}},
			Entries: []changes.Entry{full, {Change: partners.Change{Partner: "acme", Source: feedURL, Key: "bare"}, FirstSeen: day}},
			Effects: []incidents.Effect{deed("digest")},
		}
		for range 2 { // whoever is not sure whether it was kept may keep it again
			must(t, b.RecordPoll(t.Context(), poll))
		}
		<-b.Recorded()
		b = b.reopened(t)
		states := value[map[string]changes.SourceState](t)(b.SourceStates(t.Context(), "acme"))
		want := map[string]changes.SourceState{feedURL: state(feedURL), "other": {Partner: "acme", Source: "other"}}
		if diff := cmp.Diff(want, states); diff != "" {
			t.Error(diff)
		}
		got := value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{{Key: "one"}, {Key: "bare"}, {Key: "new"}}))
		wantKnown := changes.Known{
			Entries:   map[string]changes.Entry{"one": full, "bare": poll.Entries[1]},
			Elsewhere: map[string]bool{},
		}
		if diff := cmp.Diff(wantKnown, got); diff != "" {
			t.Error(diff)
		}
		claimOne(t, b.Store, "deed")
		if none := value[map[string]changes.SourceState](t)(b.SourceStates(t.Context(), "nobody")); len(none) != 0 {
			t.Errorf("states of a stranger: %+v", none)
		}
	})
}

func TestAPollIsAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		mistake := errors.New("the third part fails")
		err := b.inTx(t.Context(), "record", func(tx *sql.Tx) error {
			must(t, saveSource(t.Context(), tx, state(feedURL), nil))
			must(t, saveEntry(t.Context(), tx, entry("one", day), day))
			must(t, saveEffects(t.Context(), tx, []incidents.Effect{deed("a")}, day, nil))
			return mistake
		})
		if !errors.Is(err, mistake) {
			t.Fatal(err)
		}
		if got := value[map[string]changes.SourceState](t)(b.SourceStates(t.Context(), "acme")); len(got) != 0 {
			t.Errorf("half a poll: %+v", got)
		}
		wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), changes.Query{})))
		claimNone(t, b.Store, "deed")
	})
}

func TestAPollThatAnotherReplicaOvertookIsNotKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		poll := func(since, now time.Time, keys ...string) error {
			source := state(feedURL)
			source.TriedAt = now
			p := changes.Poll{Since: map[string]time.Time{feedURL: since}, States: []changes.SourceState{source}}
			for _, key := range keys {
				p.Entries = append(p.Entries, entry(key, day))
				p.Effects = append(p.Effects, deed("tells "+key))
			}
			return b.RecordPoll(t.Context(), p)
		}
		must(t, poll(time.Time{}, day, "one"))
		if err := poll(time.Time{}, day.Add(time.Second), "one", "two"); !errors.Is(err, changes.ErrOvertaken) {
			t.Errorf("a second first reading: %v", err)
		}
		must(t, poll(day, day.Add(time.Hour), "three"))
		if err := poll(day, day.Add(2*time.Hour), "four"); !errors.Is(err, changes.ErrOvertaken) {
			t.Errorf("a poll that began before the last one was recorded: %v", err)
		}
		wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), changes.Query{})), "one", "three")
		if n := len(claim(t, b.Store, "deed", 10)); n != 2 {
			t.Errorf("%d effects", n)
		}
	})
}

func TestWordsThatAreListedTwiceWithoutADateAreTwoEntries(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{entry("may", time.Time{})}}))
		june, may := partners.Change{Key: "june", Hash: "hash of may"}, partners.Change{Key: "may", Hash: "hash of may"}
		both := value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{june, may}))
		if both.Elsewhere["june"] {
			t.Error("the next monthly release is taken for the last one, which stands beside it")
		}
		renamed := value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{june}))
		if !renamed.Elsewhere["june"] {
			t.Error("an entry that changed its key is taken for a new one")
		}
	})
}

func TestAnEditKeepsWhenItWasFirstSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{entry("one", time.Time{}, changes.Other)}}))
		edited := entry("one", time.Time{}, changes.Breaking)
		edited.Hash, edited.FirstSeen, edited.Effective = "newer", day.Add(48*time.Hour), "2027-01-01"
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{edited}}))
		want := edited
		want.FirstSeen = day
		got := value[[]changes.Entry](t)(b.Entries(t.Context(), changes.Query{}))
		if diff := cmp.Diff([]changes.Entry{want}, got); diff != "" {
			t.Fatal(diff)
		}
		late := changes.Query{Since: day.Add(time.Hour)}
		wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), late))) // still dated by when it was first seen
	})
}

func TestTheSameAnnouncementElsewhereIsKnown(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{entry("one", day), entry("undated", time.Time{})}}))
		listed := []partners.Change{
			{Key: "one", Hash: "hash of one", Published: day},                                 // here, under its own name
			{Key: "renamed", Hash: "hash of one", Published: day.Add(2 * time.Hour)},          // the same day
			{Key: "next-month", Hash: "hash of one", Published: day.Add(30 * 24 * time.Hour)}, // the same words of another day
			{Key: "no-date", Hash: "hash of one"},
			{Key: "undated-too", Hash: "hash of undated"},
			{Key: "no-hash", Published: day},
		}
		here := value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, listed))
		if diff := cmp.Diff(map[string]bool{"renamed": true, "undated-too": true}, here.Elsewhere); diff != "" {
			t.Error(diff)
		}
		there := value[changes.Known](t)(b.Known(t.Context(), "acme", "https://acme.example/blog", listed))
		if diff := cmp.Diff(map[string]bool{"one": true, "renamed": true, "undated-too": true}, there.Elsewhere); diff != "" {
			t.Error(diff)
		}
		stranger := value[changes.Known](t)(b.Known(t.Context(), "other", feedURL, listed))
		if len(stranger.Elsewhere)+len(stranger.Entries) != 0 {
			t.Errorf("another partner's words: %+v", stranger)
		}
	})
}

func TestThousandsOfEntriesAreFound(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var poll changes.Poll
		var listed []partners.Change
		for i := range 2*askedAtOnce + 1 {
			e := entry(fmt.Sprint(i), day)
			poll.Entries = append(poll.Entries, e)
			listed = append(listed, e.Change)
		}
		must(t, b.RecordPoll(t.Context(), poll))
		known := value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, listed))
		if len(known.Entries) != len(listed) || len(known.Elsewhere) != 0 {
			t.Fatalf("%d of %d known, %d elsewhere", len(known.Entries), len(listed), len(known.Elsewhere))
		}
	})
}

func TestEntriesAreListedNewestFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		other := entry("theirs", day.Add(-2*time.Hour), changes.Fix)
		other.Partner = "other"
		ancient := entry("ancient", time.Date(1969, 7, 20, 20, 17, 0, 0, time.UTC))
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{
			ancient, entry("old", day.Add(-72*time.Hour)), entry("undated", time.Time{}), other, entry("new", day.Add(-time.Hour)),
		}}))
		for _, c := range []struct {
			query changes.Query
			want  []string
		}{
			{changes.Query{}, []string{"undated", "new", "theirs", "old", "ancient"}},
			{changes.Query{Partner: "acme"}, []string{"undated", "new", "old", "ancient"}},
			{changes.Query{Limit: 2}, []string{"undated", "new"}},
			{changes.Query{Since: day.Add(-2 * time.Hour)}, []string{"undated", "new", "theirs"}},
			{changes.Query{Partner: "acme", Since: day.Add(-100 * time.Hour), Limit: 3}, []string{"undated", "new", "old"}},
			{changes.Query{Partner: "nobody"}, nil},
		} {
			wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), c.query)), c.want...)
		}
	})
}

// What has no date was first seen at the first reading, whatever its age.
func TestWhatHasNoDateAndWasThereBeforeIsNotNew(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		seen := func(source, key string, published, first time.Time) changes.Entry {
			e := entry(key, published, changes.Beta)
			e.Source, e.FirstSeen = source, first
			return e
		}
		first, second := state("first"), state("second")
		second.BaselineAt = day.Add(48 * time.Hour)
		poll := changes.Poll{States: []changes.SourceState{first, second}, Entries: []changes.Entry{
			seen("first", "there before", time.Time{}, day.Add(-time.Second)),
			seen("first", "of the first reading", time.Time{}, day),
			seen("first", "seen since", time.Time{}, day.Add(time.Hour)),
			seen("second", "there before it", time.Time{}, day.Add(48*time.Hour)),
			seen("second", "dated", day.Add(-time.Hour), day),
			seen("nowhere", "of a source that is gone", time.Time{}, day.Add(-2*time.Hour)),
		}}
		must(t, b.RecordPoll(t.Context(), poll))
		want := []string{"seen since", "dated", "of a source that is gone", "there before it", "of the first reading", "there before"}
		wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), changes.Query{})), want...)
		wantKeys(t, value[[]changes.Entry](t)(b.Upcoming(t.Context(), "acme", "2026-11-20")), want...)
		wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), changes.Query{Limit: 2})), want[:2]...)
	})
}

func TestUpcomingIsByDayThenBetas(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		on := func(key string, effective changes.Date, published time.Time, kinds ...changes.Kind) changes.Entry {
			e := entry(key, published, kinds...)
			e.Effective = effective
			return e
		}
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{
			on("over", "2026-11-19", day, changes.Breaking, changes.Beta),
			on("today", "2026-11-20", day.Add(-time.Hour), changes.Removal),
			on("spring", "2027-03-01", day, changes.Breaking),
			on("winter", "2026-12-24", day, changes.Deprecation),
			on("beta", "", day.Add(-89*24*time.Hour), changes.Beta),
			on("newer-beta", "", day, changes.New, changes.Beta),
			on("old-beta", "", day.Add(-92*24*time.Hour), changes.Beta),
			on("dated-beta", "2027-01-01", day, changes.Beta),
			on("other", "", day, changes.Other),
		}}))
		wantKeys(t, value[[]changes.Entry](t)(b.Upcoming(t.Context(), "acme", "2026-11-20")),
			"today", "winter", "dated-beta", "spring", "newer-beta", "beta")
		wantKeys(t, value[[]changes.Entry](t)(b.Upcoming(t.Context(), "", "2027-02-01")), "spring", "newer-beta")
		wantKeys(t, value[[]changes.Entry](t)(b.Upcoming(t.Context(), "nobody", "2026-11-20")))
	})
}

func TestWhatPartnersWriteIsNeverRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for _, odd := range []string{"a\x00b", "\xff\xfe\xfd", "'; drop table entries; --", "\u202e<!channel>", "\U0001F600", "%_\\"} {
			e := entry(odd, day, changes.Kind(odd))
			e.Title, e.Body, e.Hash, e.Tags, e.Summary = odd, odd, odd, []string{odd}, odd
			must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{e}, States: []changes.SourceState{state(odd)}}))
			known := value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{{Key: odd}}))
			got, ok := known.Entries[odd]
			if !ok || got.Title != text(odd) || got.Tags[0] != text(odd) || string(got.Kinds[0]) != text(odd) {
				t.Errorf("%q came back as %+v", odd, got)
			}
			known = value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{e.Change}))
			if got := known.Entries[odd]; got.Hash != odd {
				t.Errorf("%q is known by the hash %q", odd, got.Hash)
			}
		}
	})
}
