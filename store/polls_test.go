package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
	"sparky/scheduler"
)

// quietly is a poll that found nothing new in a source that was last tried at some time.
func quietly(source string, since, tried time.Time) changes.Poll {
	return changes.Poll{Since: map[string]time.Time{source: since},
		States: []changes.SourceState{{Partner: "acme", Source: source, TriedAt: tried, ReadAt: tried, BaselineAt: day}}}
}

// TestPollsSideBySideAreAllKept records polls at once, some of them overtaken, and holds that each hears of its own fate.
func TestPollsSideBySideAreAllKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const sources = 40
		for i := range sources {
			must(t, b.RecordPoll(t.Context(), quietly(fmt.Sprint(i), time.Time{}, day)))
		}
		var all sync.WaitGroup
		for round := range 3 {
			since, tried := day.Add(time.Duration(round)*time.Hour), day.Add(time.Duration(round+1)*time.Hour)
			for i := range sources {
				all.Go(func() {
					since, overtaken := since, i%7 == 0
					if overtaken {
						since = since.Add(time.Minute)
					}
					err := b.RecordPoll(t.Context(), quietly(fmt.Sprint(i), since, tried))
					if errors.Is(err, changes.ErrOvertaken) != overtaken || !overtaken && err != nil {
						t.Errorf("round %d, source %d: %v", round, i, err)
					}
				})
			}
			all.Wait()
		}
		states := value[map[string]changes.SourceState](t)(b.SourceStates(t.Context(), "acme"))
		for i := range sources {
			want := day.Add(3 * time.Hour)
			if i%7 == 0 {
				want = day
			}
			if got := states[fmt.Sprint(i)]; !got.ReadAt.Equal(want) {
				t.Errorf("source %d was read at %s; want %s", i, got.ReadAt, want)
			}
		}
		if words, _ := b.Problem(); words != "" {
			t.Errorf("a problem is left: %s", words)
		}
	})
}

// A transaction for several that came to its time leaves each of them its own.
func TestAPollOutlivesTheTimeOfThoseBesideIt(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		late, cancel := context.WithCancel(t.Context())
		cancel()
		mine, _ := b.quiet.polls.join(scheduler.Fence{}, quietly("a", time.Time{}, day))
		beside := make(chan error, 1)
		go func() { beside <- b.RecordPoll(t.Context(), quietly("b", time.Time{}, day)) }()
		awaitCallers(t, &b.quiet.polls, mine, 2)
		if err := b.keepQuiet(late, scheduler.Fence{}, mine); !errors.Is(err, errAlone) {
			t.Errorf("who keeps them hears %v", err)
		}
		must(t, <-beside)
		if states := value[map[string]changes.SourceState](t)(b.SourceStates(t.Context(), "acme")); len(states) != 1 {
			t.Errorf("kept are %v", states)
		}
	})
}

func TestAPollThatIsStoppedIsNotKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.RecordPoll(ctx, quietly("a", time.Time{}, day)); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		must(t, b.Close())
		if err := b.RecordPoll(t.Context(), quietly("a", time.Time{}, day)); err == nil {
			t.Error("a poll is kept by a store that is closed")
		}
	})
}

// TestKnownReadsOnlyWhatDiffers holds what is said of entries whose text is as it was.
func TestKnownReadsOnlyWhatDiffers(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		same, other := entry("same", day), entry("other", day)
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{same, other}}))
		known := value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{
			{Key: "same", Hash: same.Hash}, {Key: "other", Hash: "another"}, {Key: "new", Hash: "new"}}))
		if got, ok := known.Entries["same"]; !ok || got.Hash != same.Hash || got.Body != "" {
			t.Errorf("of the same it knows %+v", got)
		}
		if got := known.Entries["other"]; got.Body == "" || got.Hash != other.Hash || got.FirstSeen.IsZero() {
			t.Errorf("of what differs it knows %+v", got)
		}
		if _, ok := known.Entries["new"]; ok || len(known.Entries) != 2 {
			t.Errorf("it knows %d entries", len(known.Entries))
		}
	})
}

// Somebody holds the second row of a poll and then waits for its first: the server undoes the poll, whose patience is the
// shorter one, and it is kept by another try.
func TestAPollThatTheServerUndidIsKeptAgain(t *testing.T) {
	url := postgresURL(t)
	s := mustOpen(t, url, nil)
	quiet := quietly("a", time.Time{}, day)
	quiet.States = append(quiet.States, quietly("b", time.Time{}, day).States...)
	must(t, s.RecordPoll(t.Context(), quiet))
	must(t, s.Record(t.Context(), picture("first", ""), picture("second", "")))
	for _, c := range []struct {
		name, hold string
		poll       changes.Poll
	}{
		{"with news", `update effects set problem = 'held' where key = '%s'`, changes.Poll{Effects: []incidents.Effect{picture("first", "x"), picture("second", "x")}}},
		{"quiet", `update sources set moved = 'held' where source = '%s'`, quiet},
	} {
		t.Run(c.name, func(t *testing.T) {
			held := []string{"first", "second"}
			if len(c.poll.Effects) == 0 {
				held = []string{"a", "b"}
				c.poll.Since = map[string]time.Time{"a": day, "b": day}
			}
			other, err := openSQL(t, "pgx", url).BeginTx(t.Context(), nil)
			must(t, err)
			do := func(statement string) {
				if _, err := other.ExecContext(t.Context(), statement); err != nil {
					t.Error(err)
				}
			}
			do(`set local deadlock_timeout = '30s'`)
			do(fmt.Sprintf(c.hold, held[1]))
			kept := make(chan error, 1)
			go func() { kept <- s.RecordPoll(t.Context(), c.poll) }()
			awaitWaiting(t, s)
			do(fmt.Sprintf(c.hold, held[0])) // returns when the poll is undone
			must(t, other.Commit())
			must(t, <-kept)
		})
	}
}
