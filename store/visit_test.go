package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// visit opens the database of the bench beside it.
func visit(t *testing.T, b bench, writes bool) (*Store, bool) {
	t.Helper()
	s, running, err := Visit(t.Context(), b.url, writes, Options{Now: b.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, s.Close()) })
	return s, running
}

func muteOf(partner string) func(*incidents.Ledger) ([]incidents.Effect, error) {
	return func(ledger *incidents.Ledger) ([]incidents.Effect, error) {
		ledger.Mutes = append(ledger.Mutes, incidents.Mute{Partner: partner, Until: day.Add(time.Hour), By: "terminal:ada", At: day})
		return []incidents.Effect{{Kind: "slack.thread", Key: "visit-" + partner, Payload: []byte(`{}`)}}, nil
	}
}

// TestVisitorActsBesideItsSparky holds that what a visitor records is seen, and its effects are claimed once, by the Sparky
// that runs.
func TestVisitorActsBesideItsSparky(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if b.shared {
			if _, held, err := b.Acquire(t.Context(), "jobs", "one", time.Minute); err != nil || !held {
				t.Fatal(held, err)
			}
		}
		guest, running := visit(t, b, true)
		if !running {
			t.Error("the Sparky that has the database is not seen")
		}
		must(t, guest.Decide(t.Context(), "okta", muteOf("okta")))
		mutes, err := b.Mutes(t.Context())
		if err != nil || len(mutes) != 1 || mutes[0].By != "terminal:ada" {
			t.Errorf("its Sparky sees %+v, %v", mutes, err)
		}
		claims := 0
		for range 2 {
			claimed, err := b.Claim(t.Context(), "slack.thread", 10, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			claims += len(claimed)
		}
		if claims != 1 {
			t.Errorf("its effect was claimed %d times", claims)
		}
	})
}

// TestVisitorGoesByTheClockOfItsSparky holds that what is recorded beside a Sparky whose clock is behind the machine's, as after
// a sleep, is not carried out later by as much.
func TestVisitorGoesByTheClockOfItsSparky(t *testing.T) {
	for name, behind := range map[string]time.Duration{"behind": 8 * time.Hour, "the same": 0, "ahead": -8 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			clock := &watch{now: time.Now().Add(-behind)}
			url := "sqlite:" + filepath.Join(t.TempDir(), "sparky.db")
			b := mustOpen(t, url, clock)
			_, held, err := b.Acquire(t.Context(), "jobs", "one", 7500*time.Millisecond)
			if err != nil || !held {
				t.Fatal(held, err)
			}
			guest, running, err := Visit(t.Context(), url, true, Options{})
			if err != nil || !running {
				t.Fatal(running, err)
			}
			defer func() { must(t, guest.Close()) }()
			must(t, guest.Decide(t.Context(), "okta", muteOf("okta")))
			clock.forward(10 * time.Second)
			claimed, err := b.Claim(t.Context(), "slack.thread", 10, time.Minute)
			if err != nil || len(claimed) != 1 {
				t.Errorf("its Sparky finds %d effects, %v", len(claimed), err)
			}
		})
	}
}

// TestVisitorTakesNothingOver holds that a visit leaves claims and leases with who has them.
func TestVisitorTakesNothingOver(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		epoch, held, err := b.Acquire(t.Context(), "jobs", "one", time.Minute)
		if err != nil || !held {
			t.Fatal(held, err)
		}
		for _, writes := range []bool{false, true} {
			visit(t, b, writes)
		}
		again, held, err := b.Acquire(t.Context(), "jobs", "one", time.Minute)
		if err != nil || !held || again != epoch {
			t.Errorf("the lease is of epoch %d (%t, %v), and was of %d", again, held, err, epoch)
		}
	})
}

func TestVisitorThatOnlyAsksCannotWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		guest, _ := visit(t, b, false)
		if err := guest.Decide(t.Context(), "okta", muteOf("okta")); err == nil {
			t.Error("it wrote")
		}
		if _, err := guest.Incidents(t.Context(), true, time.Time{}); err != nil {
			t.Error(err)
		}
		if mutes, err := b.Mutes(t.Context()); err != nil || len(mutes) != 0 {
			t.Errorf("%+v, %v", mutes, err)
		}
	})
}

// TestVisitWithoutASparky holds that what a visitor records waits for the next start.
func TestVisitWithoutASparky(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "sparky.db")
	clock := &watch{now: day}
	first, err := Open(t.Context(), url, Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	must(t, first.Close())
	guest, running, err := Visit(t.Context(), url, true, Options{Now: clock.Now})
	if err != nil || running {
		t.Fatalf("running %t, %v", running, err)
	}
	must(t, guest.Decide(t.Context(), "okta", muteOf("okta")))
	must(t, guest.Close())
	next, err := Open(t.Context(), url, Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { must(t, next.Close()) }()
	claimed, err := next.Claim(t.Context(), "slack.thread", 10, time.Minute)
	if err != nil || len(claimed) != 1 {
		t.Errorf("the next one finds %d effects, %v", len(claimed), err)
	}
}

func TestVisitOfWhatIsNotThere(t *testing.T) {
	folder := t.TempDir()
	empty, foreign := filepath.Join(folder, "empty.db"), filepath.Join(folder, "foreign.db")
	must(t, os.WriteFile(empty, nil, 0o600))
	must(t, os.WriteFile(foreign, []byte("this is no database at all, however long one looks at it, and it never was one before"), 0o600))
	for url, says := range map[string]string{
		"sqlite:" + filepath.Join(folder, "none.db"): "start Sparky with this configuration first",
		"sqlite:" + empty:   "start Sparky with this configuration first",
		"sqlite:" + foreign: "store:",
		"mysql://x":         "postgres://",
	} {
		for _, writes := range []bool{false, true} {
			s, _, err := Visit(t.Context(), url, writes, Options{})
			if err == nil || !strings.Contains(err.Error(), says) || s != nil {
				t.Errorf("%s: %v", url, err)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "none.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a visit made a file")
	}
}

// TestVisitOfAnOlderDatabase holds that a visitor does not bring tables up to date under a Sparky that runs.
func TestVisitOfAnOlderDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if _, err := b.write.ExecContext(context.WithoutCancel(t.Context()), `delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)`); err != nil {
			t.Fatal(err)
		}
		s, _, err := Visit(t.Context(), b.url, true, Options{Now: b.clock.Now})
		if err == nil || !strings.Contains(err.Error(), "of an older Sparky") || s != nil {
			t.Errorf("got %v", err)
		}
	})
}
