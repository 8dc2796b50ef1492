package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrationLock is the PostgreSQL advisory lock under which one replica at a time migrates: "sparky" in ASCII.
const migrationLock = 0x737061726b79

// refuseForeign returns an error for a database that holds tables which are not ours, or ours of a newer version which we
// may not use.
func (d dialect) refuseForeign(ctx context.Context, db *sql.DB, name string) error {
	var tables, versions, ours int
	if err := db.QueryRowContext(ctx, d.tables).Scan(&tables, &versions, &ours); err != nil {
		return explain("look into "+name, err)
	}
	if ours == 0 && tables > versions {
		return fmt.Errorf("store: %s holds the tables of something else; give Sparky a database of its own in store.url", name)
	}
	if versions == 0 {
		return nil
	}
	var version int64
	err := db.QueryRowContext(ctx, `select coalesce(max(version_id), 0) from goose_db_version`).Scan(&version)
	if err != nil {
		return explain("look for the version of "+name, err)
	}
	newest, err := d.newest(db)
	if err != nil {
		return err
	}
	if version <= newest {
		return nil
	}
	// Replicas are upgraded one by one: beside a newer one an older one may go on, and start again, where that says so.
	if oldest, err := oldestReader(ctx, db); d.shared && err == nil && newest >= oldest {
		return nil
	}
	return fmt.Errorf("store: %s was written by a newer Sparky (version %d of its tables; this one knows %d); "+
		"it was left as it is: run that newer Sparky, or give this one another database in store.url", name, version, newest)
}

// newest is the newest version of the tables that this Sparky knows.
func (d dialect) newest(db *sql.DB) (int64, error) {
	provider, err := d.provider(db)
	if err != nil {
		return 0, err
	}
	sources := provider.ListSources()
	return sources[len(sources)-1].Version, nil
}

// oldestReader is which version of the tables a Sparky has to know at least to use the database as it is now.
func oldestReader(ctx context.Context, db querier) (int64, error) {
	found, err := each(ctx, db, func(row *sql.Rows) (oldest int64, err error) {
		return oldest, row.Scan(&oldest)
	}, `select coalesce(max(oldest), 0) from readers`)
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

// ErrOutdated is the end of a Sparky whose database was taken further by a newer one than it may go.
var ErrOutdated = errors.New("a newer Sparky has changed the tables in a way that this one does not know; start the newer one in its place, nothing is lost")

// Current returns ErrOutdated once a newer Sparky has changed the tables so that this one may not use them any more.
func (s *Store) Current(ctx context.Context) error {
	oldest, err := oldestReader(ctx, s.read)
	if err != nil {
		return explain("ask which versions may use the database", err)
	}
	if s.newest < oldest {
		return ErrOutdated
	}
	return nil
}

// migrate brings the tables up to date. Each migration is one transaction, and one that the server undid in favour of what another
// replica was doing is made again.
func (s *Store) migrate(ctx context.Context, name string) error {
	provider, err := s.dialect.provider(s.write)
	if err != nil {
		return err
	}
	err = again(ctx, func() error {
		_, err := provider.Up(ctx)
		return err
	})
	if err != nil {
		return explain("bring the tables of "+name+" up to date", err)
	}
	sources := provider.ListSources()
	s.newest = sources[len(sources)-1].Version
	return nil
}

func (d dialect) provider(db *sql.DB) (*goose.Provider, error) {
	files, err := migrationsFor(d)
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler))}
	if d.shared {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock), lock.WithLockTimeout(1, 120))
		if err != nil {
			return nil, fmt.Errorf("lock the migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(d.goose, db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}
