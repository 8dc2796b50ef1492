package store

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sparky/incidents"
)

func TestATransactionThatTheServerUndidIsTriedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for _, c := range []struct {
			code        string
			fails, want int // how often it fails, and how often it is tried
			mistake     bool
		}{
			{"40001", 2, 3, false}, {"40P01", 1, 2, false}, {"40001", 100, mostTries, true}, {"23505", 1, 1, true},
		} {
			tries := 0
			err := b.inTxAgain(t.Context(), "try", func(tx *sql.Tx) error {
				tries++
				must(t, saveEffects(t.Context(), tx, []incidents.Effect{deed(c.code)}, day, nil))
				if tries <= c.fails {
					return &pgconn.PgError{Code: c.code}
				}
				return nil
			})
			if tries != c.want || (err != nil) != c.mistake {
				t.Errorf("%s: tried %d times, want %d: %v", c.code, tries, c.want, err)
			}
		}
		if done := claim(t, b.Store, "deed", 10); len(done) != 2 {
			t.Errorf("%d deeds, want those of the two that succeeded", len(done))
		}
	})
}

// Somebody holds the second effect of a decision and then waits for the first: the server undoes the decision, whose
// patience is the shorter one, and it is made again.
func TestADecisionThatTheServerUndidIsMadeAgain(t *testing.T) {
	url := postgresURL(t)
	s := mustOpen(t, url, nil)
	must(t, s.Record(t.Context(), picture("first", ""), picture("second", "")))
	other, err := openSQL(t, "pgx", url).BeginTx(t.Context(), nil)
	must(t, err)
	do := func(statement string) {
		t.Helper()
		if _, err := other.ExecContext(t.Context(), statement); err != nil {
			t.Error(err)
		}
	}
	do(`set local deadlock_timeout = '30s'`)
	do(`update effects set problem = 'held' where key = 'second'`)
	calls := 0
	decided := make(chan error, 1)
	holds := make(chan struct{}, mostTries)
	go func() {
		decided <- s.Decide(t.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			calls++
			holds <- struct{}{}
			count(l, incident("a", "acme", day))
			return []incidents.Effect{picture("first", "x"), picture("second", "x")}, nil
		})
	}()
	<-holds
	awaitWaiting(t, s)
	do(`update effects set problem = 'held' where key = 'first'`) // returns when the decision is undone
	must(t, other.Commit())
	must(t, <-decided)
	got := value[incidents.Incident](t)(s.Incident(t.Context(), "a"))
	if calls < 2 || len(got.Events) != 1 {
		t.Errorf("decided %d times, and the incident has %d events", calls, len(got.Events))
	}
}

// awaitWaiting returns when somebody waits for a lock of somebody else's transaction.
func awaitWaiting(t *testing.T, s *Store) { awaitLock(t, s, "transactionid") }

// awaitLock returns when somebody waits for a lock of a kind.
func awaitLock(t *testing.T, s *Store, kind string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for waiting := 0; waiting == 0; <-tick.C {
		must(t, s.read.QueryRowContext(t.Context(), `select count(*) from pg_locks where locktype = $1 and not granted`, kind).Scan(&waiting))
	}
}

func TestWhoWaitsForHisTurnWaitsNoLongerThanHeCan(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		holds, free := make(chan struct{}), make(chan struct{})
		decided := make(chan error, 1)
		go func() {
			decided <- b.Decide(t.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
				close(holds)
				<-free
				return adding(incident("a", "acme", day))(l)
			})
		}()
		<-holds
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := b.Decide(ctx, "other", adding(incident("b", "other", day))); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		close(free)
		must(t, <-decided)
		wantIDs(t, "kept", ledger(t, b.Store, "").Incidents, "a")
	})
}

func TestWhatADecisionLeavesAloneIsNotWritten(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			for _, probe := range []string{"one", "two"} {
				l.Probes["acme/"+probe] = incidents.ProbeState{Partner: "acme", Probe: probe, Last: pass(probe, day, time.Second)}
			}
			return adding(incident("a", "acme", day))(l)
		})
		if _, err := b.write.ExecContext(t.Context(), `update incidents set state = 'marked'`); err != nil {
			t.Fatal(err)
		}
		b.clock.forward(time.Hour)
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			state := l.Probes["acme/two"]
			state.Fails++
			l.Probes["acme/two"] = state
			return nil, nil
		})
		var state string
		must(t, b.read.QueryRowContext(t.Context(), `select state from incidents`).Scan(&state))
		if state != "marked" {
			t.Error("an incident that did not change was written")
		}
		for probe, want := range map[string]time.Time{"one": day, "two": day.Add(time.Hour)} {
			var saved int64
			must(t, b.read.QueryRowContext(t.Context(), `select saved_ms from probe_states where probe = $1`, probe).Scan(&saved))
			if !moment(saved).Equal(want) {
				t.Errorf("%s was written at %v, want %v", probe, moment(saved), want)
			}
		}
	})
}

// A database of the first version, with what it remembers, becomes one of this version.
func TestTheFirstVersionIsBroughtUpToDate(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), deed("old")))
		b.rewind(t, 1)
		b = b.reopened(t)
		claimOne(t, b.Store, "deed")
		save(t, b.Store, pass("api", day, time.Second))
		decide(t, b.Store, "acme", adding(incident("a", "acme", day)))
		wantIDs(t, "kept", ledger(t, b.Store, "acme").Incidents, "a")
	})
}
