package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// Visit opens the database that the URL names for a short while, beside a Sparky that may be running with it: nothing is
// created, migrated or taken over. writes says that the visitor may change something as well as read. running tells whether a
// Sparky has the database: what a visitor records is carried out by that one within a second (a few, where its clock is
// behind that of the machine, which was suspended or set), and waits for the next start where there is none. A database that is
// not there, of an older or newer Sparky, or of something else, is refused; every error says what to do about it.
func Visit(ctx context.Context, url string, writes bool, opts Options) (s *Store, running bool, err error) {
	target, err := parseURL(url)
	if err != nil {
		return nil, false, err
	}
	s = &Store{owner: "", woken: make(chan struct{}, 1), morning: opts.Morning, quiet: newQuietPolls()}
	if target.path != "" {
		s.dialect = sqliteDialect()
		running, err = s.visitSQLite(ctx, target.path, writes)
	} else {
		s.dialect = postgresDialect()
		err = s.visitPostgres(ctx, target.postgres, writes)
	}
	if err != nil {
		return nil, false, errors.Join(err, s.Close())
	}
	if running && opts.Now == nil {
		opts.Now, err = s.clockOfRunning(ctx)
	}
	s.clock, s.texts = newClock(opts.Now, s.dialect, s.read), allResultTexts(s.dialect)
	s.reading.db, s.reading.own = s.read, s.dialect.shared
	if err == nil && s.dialect.shared {
		var held map[string]string
		held, err = s.holders(ctx)
		running = len(held) > 0
	}
	if err != nil {
		return nil, false, errors.Join(err, s.Close())
	}
	return s, running, nil
}

// visitSQLite opens the file without the lock that its Sparky holds. SQLite itself lets one process write at a time and others
// wait for it, for five seconds at most.
func (s *Store) visitSQLite(ctx context.Context, path string, writes bool) (running bool, err error) {
	if err := mustBeThere(path); err != nil {
		return false, err
	}
	if running, err = isHeld(ctx, path+".lock"); err != nil {
		return false, err
	}
	writer := sqliteLooker
	if writes {
		if _, err := checkFile(path); err != nil {
			return false, err
		}
		writer = sqliteWriter
	}
	if s.read, err = s.openPool(path, sqliteLooker, 1); err != nil {
		return false, err
	}
	if err := s.dialect.refuseStrange(ctx, s.read, path); err != nil {
		return false, err
	}
	s.write, err = s.openPool(path, writer, 1)
	return running, err
}

// clockOfRunning is the clock of the Sparky that has the file, or one a few seconds ahead of it, where that is behind the
// machine's: it goes on by a clock that no step sets. That Sparky is not past the end of its own lease. nil is the machine's.
func (s *Store) clockOfRunning(ctx context.Context) (func() time.Time, error) {
	var last int64
	if err := s.read.QueryRowContext(ctx, `select coalesce(max(expires_ms), 0) from leases`).Scan(&last); err != nil {
		return nil, explain("ask by which clock the running Sparky goes", err)
	}
	if last == 0 || last >= time.Now().UnixMilli() {
		return nil, nil
	}
	return steady(moment(last), suspended), nil
}

// mustBeThere refuses a file that no Sparky has made yet.
func mustBeThere(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0:
		if whole, err := filepath.Abs(path); err == nil {
			path = whole
		}
		return fmt.Errorf("store: nothing is remembered at %s; start Sparky with this configuration first, or call this from the folder where it runs", path)
	case err != nil:
		return fmt.Errorf("store: look at %s: %w", path, err)
	}
	return nil
}

func (s *Store) visitPostgres(ctx context.Context, config *pgx.ConnConfig, writes bool) error {
	config = config.Copy()
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "sparky terminal"
	}
	if !writes {
		// The server keeps a visitor that only asks from changing anything.
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	name := s.connectPostgres(config)
	if err := s.read.PingContext(ctx); err != nil {
		return explain("reach "+name, err)
	}
	return s.dialect.refuseStrange(ctx, s.read, name)
}

// refuseStrange refuses what Open would refuse, and also what Open would make or bring up to date first.
func (d dialect) refuseStrange(ctx context.Context, db *sql.DB, name string) error {
	if err := d.refuseForeign(ctx, db, name); err != nil {
		return err
	}
	var tables, versions, ours int
	if err := db.QueryRowContext(ctx, d.tables).Scan(&tables, &versions, &ours); err != nil {
		return explain("look into "+name, err)
	}
	if ours == 0 {
		return fmt.Errorf("store: nothing is remembered in %s yet; start Sparky with this configuration first", name)
	}
	var version int64
	if err := db.QueryRowContext(ctx, `select coalesce(max(version_id), 0) from goose_db_version`).Scan(&version); err != nil {
		return explain("look for the version of "+name, err)
	}
	newest, err := d.newest(db)
	if err != nil {
		return err
	}
	if version < newest {
		return fmt.Errorf("store: %s is of an older Sparky (version %d of its tables; this one has %d); use the program of the Sparky that runs, or start this one in its place", name, version, newest)
	}
	return nil
}
