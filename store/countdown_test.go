package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/incidents"
)

func dated(key string, effective changes.Date) changes.Entry {
	e := entry(key, day.Add(-time.Hour), changes.Breaking)
	e.Effective = effective
	return e
}

func keep(t testing.TB, b bench, entries ...changes.Entry) {
	t.Helper()
	must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: entries}))
}

// coming is what a decision about reminders sees, which reminds of nothing.
func coming(t testing.TB, b bench, from, until changes.Date) map[string]changes.Coming {
	t.Helper()
	seen := map[string]changes.Coming{}
	must(t, b.Remind(t.Context(), from, until, func(all []changes.Coming) ([]changes.Coming, []incidents.Effect) {
		for _, c := range all {
			seen[c.Key] = c
		}
		return nil, nil
	}))
	return seen
}

func remind(t testing.TB, b bench, milestone int, effect string) {
	t.Helper()
	must(t, b.Remind(t.Context(), "2026-11-21", "2027-12-31", func(all []changes.Coming) ([]changes.Coming, []incidents.Effect) {
		for i := range all {
			all[i].Reminded = milestone
		}
		return all, []incidents.Effect{deed(effect)}
	}))
}

func TestADecisionAboutRemindersSeesWhatComes(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		keep(t, b, dated("today", "2026-11-20"), dated("soon", "2026-11-21"), dated("later", "2026-12-20"), dated("far", "2026-12-21"), entry("undated", day, changes.Breaking))
		got := coming(t, b, "2026-11-21", "2026-12-20")
		want := map[string]changes.Coming{"soon": {Entry: dated("soon", "2026-11-21"), Known: day}, "later": {Entry: dated("later", "2026-12-20"), Known: day}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatWasRemindedOfIsKeptWithTheMessage(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		keep(t, b, dated("soon", "2026-12-01"))
		remind(t, b, 30, "reminder/1")
		<-b.Recorded()
		b = b.reopened(t)
		if got := coming(t, b, "2026-11-21", "2026-12-31")["soon"].Reminded; got != 30 {
			t.Errorf("reminded %d days before", got)
		}
		claimOne(t, b.Store, "deed")
		remind(t, b, 30, "reminder/1")
		claimNone(t, b.Store, "deed")
	})
}

func TestAReminderThatIsNotKeptWasNotSent(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		keep(t, b, dated("soon", "2026-12-01"))
		func() {
			defer func() { _ = recover() }()
			_ = b.Remind(t.Context(), "2026-11-21", "2026-12-31", func(all []changes.Coming) ([]changes.Coming, []incidents.Effect) {
				panic("a mistake of ours")
			})
		}()
		if got := coming(t, b, "2026-11-21", "2026-12-31")["soon"].Reminded; got != 0 {
			t.Errorf("reminded %d days before", got)
		}
		claimNone(t, b.Store, "deed")
	})
}

func TestADateThatMovesCountsDownAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := func(effective changes.Date) changes.Coming {
			t.Helper()
			b.clock.forward(24 * time.Hour)
			keep(t, b, dated("x", effective))
			return coming(t, b, "2026-11-21", "2027-12-31")["x"]
		}
		days := func(n int) time.Time { return day.AddDate(0, 0, n) }
		type step struct {
			known    time.Time
			reminded int
		}
		check := func(name string, got changes.Coming, want step) {
			t.Helper()
			if !got.Known.Equal(want.known) || got.Reminded != want.reminded {
				t.Errorf("%s: known %v, reminded %d, want %+v", name, got.Known, got.Reminded, want)
			}
		}
		check("at first", at("2026-12-20"), step{days(1), 0})
		remind(t, b, 30, "reminder/1")
		check("edited otherwise", at("2026-12-20"), step{days(1), 30})
		check("moved", at("2027-03-01"), step{days(3), 0})
		check("moved back", at("2026-12-20"), step{days(4), 30})
		keep(t, b, entry("x", day, changes.Breaking))
		if got := coming(t, b, "2026-11-21", "2027-12-31"); len(got) != 0 {
			t.Errorf("without a date: %+v", got)
		}
	})
}

func TestHandledIsKeptWithWhoAndWhen(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		e, other := dated("x", "2026-12-20"), dated("y", "2026-12-20")
		keep(t, b, e, other)
		ada, grace := incidents.Deed{By: "U0ADA", At: day}, incidents.Deed{By: "U0GRACE", At: day.Add(time.Minute)}
		marked := e
		marked.Handled = ada
		got := value[changes.Handling](t)(b.Handle(t.Context(), e.ID(), ada))
		if diff := cmp.Diff(changes.Handling{Changed: true, Entry: marked}, got); diff != "" {
			t.Error(diff)
		}
		got = value[changes.Handling](t)(b.Handle(t.Context(), e.ID(), grace))
		if diff := cmp.Diff(changes.Handling{Entry: marked}, got); diff != "" {
			t.Errorf("the second press: %s", diff)
		}
		b = b.reopened(t)
		keep(t, b, e) // its words were edited
		if diff := cmp.Diff([]changes.Entry{marked, other}, value[[]changes.Entry](t)(b.Upcoming(t.Context(), "", "2026-11-20"))); diff != "" {
			t.Error(diff)
		}
		if got := coming(t, b, "2026-11-21", "2026-12-31"); got["x"].Handled != ada || got["y"].IsHandled() {
			t.Errorf("what comes: %+v", got)
		}
	})
}

func TestHandledIsTakenBack(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		e := dated("x", "2026-12-20")
		keep(t, b, e)
		ada := incidents.Deed{By: "U0ADA", At: day}
		later := day.Add(time.Hour)
		if got := value[changes.Handling](t)(b.Unhandle(t.Context(), e.ID(), later)); got.Changed {
			t.Errorf("what nobody handled was taken back: %+v", got)
		}
		_ = value[changes.Handling](t)(b.Handle(t.Context(), e.ID(), ada))
		got := value[changes.Handling](t)(b.Unhandle(t.Context(), e.ID(), later))
		if diff := cmp.Diff(changes.Handling{Changed: true, Entry: e, Before: ada}, got); diff != "" {
			t.Error(diff)
		}
		if c := coming(t, b, "2026-11-21", "2026-12-31")["x"]; c.IsHandled() || !c.Known.Equal(later) {
			t.Errorf("it counts down from %v, handled %v", c.Known, c.Handled)
		}
		again := incidents.Deed{By: "U0GRACE", At: later}
		if got := value[changes.Handling](t)(b.Handle(t.Context(), e.ID(), again)); !got.Changed || got.Entry.Handled != again {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatTwoSourcesAnnounceIsHandledOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		one, two := dated("x", "2026-12-20"), dated("x", "2026-12-20")
		two.Source = "https://acme.example/other"
		keep(t, b, one, two)
		_ = value[changes.Handling](t)(b.Handle(t.Context(), one.ID(), incidents.Deed{By: "U0ADA", At: day}))
		if got := value[changes.Handling](t)(b.Handle(t.Context(), two.ID(), incidents.Deed{By: "U0GRACE", At: day})); got.Changed || got.Entry.Handled.By != "U0ADA" {
			t.Errorf("%+v", got)
		}
		_ = value[changes.Handling](t)(b.Unhandle(t.Context(), two.ID(), day))
		for _, e := range value[[]changes.Entry](t)(b.Upcoming(t.Context(), "acme", "2026-11-20")) {
			if e.IsHandled() {
				t.Errorf("%s is handled still", e.Source)
			}
		}
	})
}

func TestWhatCannotBeHandledIsSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		past, undated, ahead := dated("past", "2026-11-19"), entry("undated", day), dated("ahead", "2026-12-01")
		keep(t, b, past, undated, ahead)
		ada := incidents.Deed{By: "U0ADA", At: day}
		for _, id := range []string{"", "-", "acme", "acme-", "acme-0123456789abcdef", "'; drop table handled; --", "\x00\xff-1", undated.ID()} {
			if _, err := b.Handle(t.Context(), id, ada); !errors.Is(err, changes.ErrNoEntry) {
				t.Errorf("%q: %v", id, err)
			}
		}
		got, err := b.Handle(t.Context(), past.ID(), ada)
		if !errors.Is(err, changes.ErrPassed) || got.Changed || got.Entry.Title != past.Title {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := b.Handle(t.Context(), ahead.ID(), incidents.Deed{At: day}); err == nil {
			t.Error("nobody handled it")
		}
	})
}

func TestTwoPressesAtOnceAreOne(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		e := dated("x", "2026-12-20")
		keep(t, b, e)
		var group sync.WaitGroup
		answers := make(chan changes.Handling, 6)
		for n := range cap(answers) {
			group.Go(func() {
				got, err := b.Handle(t.Context(), e.ID(), incidents.Deed{By: fmt.Sprint("U", n), At: day})
				if err != nil {
					t.Error(err)
				}
				answers <- got
			})
		}
		group.Wait()
		close(answers)
		changed, by := 0, map[string]bool{}
		for a := range answers {
			if a.Changed {
				changed++
			}
			by[a.Entry.Handled.By] = true
		}
		if changed != 1 || len(by) != 1 {
			t.Errorf("%d changed it, and it was %v", changed, by)
		}
	})
}

func TestADatabaseFromBeforeTheCountdownBeginsOne(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		keep(t, b, dated("x", "2026-12-20"), entry("undated", day))
		b.rewind(t, 2)
		b.clock.forward(48 * time.Hour)
		b = b.reopened(t)
		got := coming(t, b, "2026-11-21", "2026-12-31")
		if diff := cmp.Diff(map[string]changes.Coming{"x": {Entry: dated("x", "2026-12-20"), Known: day}}, got); diff != "" {
			t.Error(diff)
		}
	})
}
