package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver sqlite
)

// How a SQLite file is opened. FULL, because an effect that was done and then forgotten at a power loss is done twice.
// One connection writes, so that writers wait in our own queue and not in SQLite's; others read beside it. The locker waits
// for a look that a command from a terminal takes at the lock; see isHeld.
const (
	sqliteCommon  = "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"
	sqliteWriter  = sqliteCommon + "&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
	sqliteReader  = sqliteCommon + "&_pragma=query_only(1)"
	sqliteLooker  = "mode=ro&_pragma=busy_timeout(5000)"
	sqliteLocker  = "_txlock=exclusive&_pragma=busy_timeout(1000)&_pragma=locking_mode(EXCLUSIVE)"
	sqliteReaders = 4
)

func (s *Store) openSQLite(ctx context.Context, path string) error {
	fresh, err := checkFile(path)
	if err != nil {
		return err
	}
	if err := s.lockFile(ctx, path); err != nil {
		return err
	}
	makePrivate(path, ownerOnly)
	if !fresh {
		if err := s.inspect(ctx, path); err != nil {
			return err
		}
	}
	if s.write, err = s.openPool(path, sqliteWriter, 1); err != nil {
		return err
	}
	if s.read, err = s.openPool(path, sqliteReader, sqliteReaders); err != nil {
		return err
	}
	if err := s.write.PingContext(ctx); err != nil {
		return explain("open "+path, err)
	}
	if err := s.migrate(ctx, path); err != nil || fresh {
		return err
	}
	s.inspectHistory(ctx, path)
	return nil
}

// checkFile finds what the operating system can tell about a path, in plainer words than SQLite has for it, and whether
// the file is still to be made.
func checkFile(path string) (fresh bool, err error) {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return false, fmt.Errorf("store: there is no folder %s to keep %s in; create it, or change store.url", folder, filepath.Base(path))
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("store: look at %s: %w", path, err)
	case info.IsDir():
		return false, fmt.Errorf("store: %s is a folder; store.url has to name a file in it, like %s", path, filepath.Join(path, "sparky.db"))
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, fmt.Errorf("store: %s cannot be written; give the user that Sparky runs as the right to, or change store.url: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return false, fmt.Errorf("store: close %s: %w", path, err)
	}
	return info.Size() == 0, nil
}

// lockFile keeps other processes off the file: a second empty database beside it, of which one process at a time can
// hold the exclusive lock. The operating system lets go of it when the process dies. (A lock on the file itself would
// keep our own readers out.)
func (s *Store) lockFile(ctx context.Context, path string) error {
	beside := path + ".lock"
	mode := os.FileMode(ownerOnly)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm() // whoever may look at the database may look whether somebody has it
	}
	makePrivate(beside, mode)
	db, err := s.openPool(beside, sqliteLocker, 1)
	if err != nil {
		return err
	}
	// The lock is held until Close, however long the context of Open lasts.
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if isBusy(err) {
		return fmt.Errorf("store: %s is in use by another Sparky; stop that one first, or use PostgreSQL for several", path)
	}
	if err != nil {
		return explain("lock "+path+" by "+beside, err)
	}
	s.closers = append(s.closers, tx.Rollback)
	return nil
}

func (s *Store) openPool(path, params string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, params))
	if err != nil {
		return nil, explain("open "+path, err)
	}
	if s.between != nil {
		by := s.between(opener{db.Driver(), dsn(path, params)})
		if err := db.Close(); err != nil {
			return nil, explain("open "+path, err)
		}
		db = sql.OpenDB(by)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	s.closers = append(s.closers, db.Close)
	return db, nil
}

// opener connects by a driver that has no connectors of its own.
type opener struct {
	driver driver.Driver
	dsn    string
}

// Connect opens the file once more.
func (o opener) Connect(context.Context) (driver.Conn, error) { return o.driver.Open(o.dsn) }

// Driver is what it connects by.
func (o opener) Driver() driver.Driver { return o.driver }

func dsn(path, params string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: params}).String()
}
