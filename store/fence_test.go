package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
	"sparky/scheduler"
)

const fenceTTL = 10 * time.Second

// everyJob are the ways in which jobs write, each with a statement that counts what it wrote.
func everyJob(b bench) map[string]struct {
	write func(ctx context.Context) error
	count string
} {
	type job = struct {
		write func(ctx context.Context) error
		count string
	}
	return map[string]job{
		"a decision": {func(ctx context.Context) error {
			return b.Decide(ctx, "acme", adding(incident("sparky-acme-1", "acme", day)))
		}, `select count(*) from incidents`},
		"results": {func(ctx context.Context) error {
			return b.SaveResults(ctx, []partners.ProbeResult{pass("api", day, time.Second)})
		}, `select count(*) from results`},
		"a status": {func(ctx context.Context) error { return b.SaveStatus(ctx, "acme", partners.Status{ReadAt: day}) }, `select count(*) from statuses`},
		"a poll": {func(ctx context.Context) error {
			return b.RecordPoll(ctx, changes.Poll{Entries: []changes.Entry{entry("e1", day)}, Effects: []incidents.Effect{deed("digest")}})
		}, `select count(*) from entries`},
		"effects":   {func(ctx context.Context) error { return b.Record(ctx, deed("alone")) }, `select count(*) from effects where key = 'alone'`},
		"due times": {func(ctx context.Context) error { return b.SaveDueTimes(ctx, map[string]time.Time{"a": day}) }, `select count(*) from jobs`},
		"a run": {func(ctx context.Context) error {
			return b.DecideRuns(ctx, "acme", func([]changes.Run) ([]changes.Run, []incidents.Effect, error) {
				return []changes.Run{aRun("r1", "v2", day)}, nil, nil
			})
		}, `select count(*) from runs`},
		"a reminder": {func(ctx context.Context) error {
			return b.Remind(ctx, changes.Date("2026-01-01"), changes.Date("2027-01-01"), func([]changes.Coming) ([]changes.Coming, []incidents.Effect) {
				return nil, []incidents.Effect{deed("reminder")}
			})
		}, `select count(*) from effects where key = 'reminder'`},
		"the cleaning up": {func(ctx context.Context) error { return b.Expire(ctx, day) }, `select count(*) - 1 from mutes`},
	}
}

// TestNothingIsKeptUnderAnOldLease lets another replica take the lease over from one that was paused: whatever its jobs
// write from then on is refused whole.
func TestNothingIsKeptUnderAnOldLease(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if !b.shared {
			t.Skip("a SQLite file has one process")
		}
		_, err := b.write.ExecContext(t.Context(), `insert into mutes (partner, until_ms, body) values ('gone', 1, '[]')`)
		must(t, err)
		epoch := value[int64](t)(first(b.Acquire(t.Context(), "jobs", "paused", fenceTTL)))
		old := scheduler.Fence{Name: "jobs", Owner: "paused", Epoch: epoch}.Under(t.Context())
		b.clock.forward(fenceTTL)
		fresh := value[int64](t)(first(b.Acquire(t.Context(), "jobs", "other", fenceTTL)))
		for name, job := range everyJob(b) {
			if err := job.write(old); !errors.Is(err, scheduler.ErrFenced) {
				t.Errorf("%s under the old lease: %v", name, err)
			}
			if n := counted(t, b, job.count); n != 0 {
				t.Errorf("%s under the old lease left %d rows", name, n)
			}
		}
		if words, _ := b.Problem(); words != "" {
			t.Errorf("the database is said to be at fault: %s", words)
		}
		now := scheduler.Fence{Name: "jobs", Owner: "other", Epoch: fresh}.Under(t.Context())
		for name, job := range everyJob(b) {
			if err := job.write(now); err != nil {
				t.Errorf("%s under the lease: %v", name, err)
			}
			if n := counted(t, b, job.count); n != 1 && name != "the cleaning up" || n != -1 && name == "the cleaning up" {
				t.Errorf("%s under the lease left %d rows", name, n)
			}
		}
		// People's requests are nobody's job.
		must(t, b.Release(t.Context(), "jobs", "other"))
		must(t, b.Record(t.Context(), deed("asked for")))
		if err := b.Record(now, deed("after the end")); !errors.Is(err, scheduler.ErrFenced) {
			t.Errorf("under a lease that was given back: %v", err)
		}
	})
}

func counted(t testing.TB, b bench, query string) int {
	t.Helper()
	var n int
	must(t, b.read.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

// TestALeaseIsTakenBetweenDecisions pauses a job between its last look at the lease and its commit, until the lease has
// run out: either the server undoes what was begun, or the lease waits.
func TestALeaseIsTakenBetweenDecisions(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if !b.shared {
			t.Skip("a SQLite file has one process")
		}
		t.Parallel()
		epoch := value[int64](t)(first(b.Acquire(t.Context(), "jobs", "paused", fenceTTL)))
		tx, err := b.write.BeginTx(t.Context(), nil)
		must(t, err)
		_, err = tx.ExecContext(t.Context(), `insert into jobs (name, due_ms) values ('stale', 1)`)
		must(t, err)
		must(t, b.checkFence(scheduler.Fence{Name: "jobs", Owner: "paused", Epoch: epoch}.Under(t.Context()), tx))
		b.clock.forward(fenceTTL)

		brief, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, held, err := b.Acquire(brief, "jobs", "other", fenceTTL); err == nil || held {
			t.Errorf("the lease was taken in the midst of a decision: %v, %v", held, err)
		}
		began := time.Now()
		if _, held, err := b.Acquire(t.Context(), "jobs", "other", fenceTTL); err != nil || !held {
			t.Fatalf("the lease cannot be had: %v, %v", held, err)
		}
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("a paused process kept it for %v", took)
		}
		if err := tx.Commit(); err == nil {
			t.Error("what was begun under the old lease was kept")
		}
		if n := counted(t, b, `select count(*) from jobs`); n != 0 {
			t.Errorf("%d rows of it are there", n)
		}
	})
}

func TestAConnectionHasItsBounds(t *testing.T) {
	s := mustOpen(t, postgresURL(t), nil)
	var bound string
	must(t, s.read.QueryRowContext(t.Context(), `show idle_in_transaction_session_timeout`).Scan(&bound))
	if bound != "5s" || !strings.Contains(sessionSettings, "tcp_keepalives_idle") {
		t.Errorf("a transaction in which nothing happens may last %s", bound)
	}
}
