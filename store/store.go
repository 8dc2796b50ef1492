// Package store is what Sparky remembers: what partners announced, how their pages stood, what probes of them found, the
// incidents that came of it, and every effect that is to be done or was. It keeps it in SQLite or PostgreSQL, from one
// SQL text. It decides nothing.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"time"

	"sparky/changes"
)

// Options are what Open may be given; the zero Options are right outside tests.
type Options struct {
	// Now is the clock that everything is dated by. nil is the machine's with SQLite, and the server's with PostgreSQL,
	// so that replicas whose clocks differ agree.
	Now func() time.Time
	// Morning is when people are told what can wait. The zero rule has nothing wait.
	Morning changes.MorningRule
	// Later are migrations beyond those that are built in, by which the tests of upgrades are a Sparky of the future.
	Later fs.FS
	// Between stands between the Store and its driver, for the tests that count what is asked of the database. nil is nothing.
	Between func(driver.Connector) driver.Connector
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	dialect dialect
	write   *sql.DB
	read    *sql.DB
	between func(driver.Connector) driver.Connector // Options.Between
	owner   string                                  // of claims
	newest  int64                                   // version of the tables that this Sparky knows
	clock   *clock
	woken   chan struct{}
	carrier carrier // of what decisions call for; nil where all of it is recorded as due
	losses  losses
	morning changes.MorningRule
	closers []func() error

	states states
	known  knownIncidents
	shown  shown
	recent *recent // nil where others may keep results too
	asks   asks

	inspected chan struct{} // closed when the history has been looked at; nil where it is not

	prepared prepared
	reading  quickReads // reads by statements that are compiled once
	quiet    *quietPolls
	texts    []resultTexts // of the statements that keep results, for as many as inParts makes them
}

// Open opens the database that the URL names, creates it if it is not there, and brings it up to date. SQLite files
// belong to one process at a time. A database of a newer Sparky, or of something else, is refused and left as it is.
// Every error says what to do about it.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	target, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	s := &Store{owner: rand.Text(), between: opts.Between, woken: make(chan struct{}, 1), morning: opts.Morning, quiet: newQuietPolls(), shown: shown{seed: maphash.MakeSeed()}}
	if target.path != "" {
		s.dialect = sqliteDialect()
	} else {
		s.dialect = postgresDialect()
	}
	s.dialect.later = opts.Later
	if target.path != "" {
		s.recent = newRecent()
		err = s.openSQLite(ctx, target.path)
	} else {
		err = s.openPostgres(ctx, target.postgres)
	}
	if err == nil {
		s.clock, s.texts = newClock(opts.Now, s.dialect, s.read), allResultTexts(s.dialect)
		s.reading.db, s.reading.own = s.read, s.dialect.shared
		err = s.adopt(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Alone tells that no other Sparky can run with the database while this one has it open. Somebody at a terminal may write to it
// all the same; see Visit.
func (s *Store) Alone() bool { return !s.dialect.shared }

// Close lets go of the database. Claims that are still held count as attempts of unknown outcome.
func (s *Store) Close() error {
	errs := []error{s.prepared.close(), s.reading.prepared.close()}
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// Recorded says, by a value in the channel, that effects were recorded since it was last received from. It is never
// closed.
func (s *Store) Recorded() <-chan struct{} { return s.woken }

func (s *Store) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// restAtMost is the longest rest that a restart leaves to an effect without a time of its own.
const restAtMost = 15 * time.Minute

// adopt ends what a dead process held. A SQLite file has one process, which is this one now: its claims run out and its
// leases are free. What the clock then says to lie too far ahead was recorded before it was set back.
func (s *Store) adopt(ctx context.Context) error {
	if s.dialect.shared {
		return nil
	}
	const doing = "take over what was under way"
	err := s.exec(ctx, doing, `update effects set due_ms = $1, started_ms = min(started_ms, $1) where state = 'running'`)
	if err == nil {
		err = s.exec(ctx, doing, `update effects set due_ms = max(after_ms, $1 + $2), started_ms = min(started_ms, $1)
			where state = 'waiting' and due_ms > $1 + $2 and due_ms > after_ms`, restAtMost.Milliseconds())
	}
	if err == nil {
		err = s.exec(ctx, doing, `update leases set expires_ms = 0, owner = '' where $1 > 0`)
	}
	return err
}

// exec runs a statement whose first parameter is the time now.
func (s *Store) exec(ctx context.Context, doing, statement string, args ...any) error {
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, statement, append([]any{now.UnixMilli()}, args...)...); err != nil {
		return explain(doing, err)
	}
	return nil
}

// change runs one statement that changes something.
func (s *Store) change(ctx context.Context, doing, statement string, args ...any) error {
	if _, fenced := s.fence(ctx); fenced {
		return s.tryTx(ctx, doing, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, statement, args...)
			return err
		})
	}
	_, err := s.write.ExecContext(ctx, statement, args...)
	return explain(doing, err)
}

// inTx does all of it or nothing.
func (s *Store) inTx(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	return s.kept(doing, s.tryTx(ctx, doing, do))
}

func (s *Store) tryTx(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, &sql.TxOptions{Isolation: s.dialect.level})
	if err != nil {
		return explain(doing, err)
	}
	returned := false
	defer func() {
		if !returned { // do panicked: SQLite has one connection to write, which must not go with it
			_ = tx.Rollback()
		}
	}()
	if err = do(tx); err == nil {
		err = s.checkFence(ctx, tx) // last, so that a renewal of the lease waits for the commit alone
	}
	returned = true
	if err == nil {
		err = tx.Commit()
	} else if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
		err = errors.Join(err, undo)
	}
	if err != nil {
		return explain(doing, err)
	}
	return nil
}

// querier is a database, or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// rows reads every row of a query, and explains what fails.
func rows[T any](ctx context.Context, db querier, doing string, scan func(row *sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	all, err := each(ctx, db, scan, query, args...)
	if err != nil {
		return nil, explain(doing, err)
	}
	return all, nil
}

// each reads every row of a query within a transaction, whose owner explains what fails.
func each[T any](ctx context.Context, db querier, scan func(row *sql.Rows) (T, error), query string, args ...any) (_ []T, err error) {
	result, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	var all []T
	for result.Next() {
		one, err := scan(result)
		if err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		all = append(all, one)
	}
	return all, result.Err()
}
