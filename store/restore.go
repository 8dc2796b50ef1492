package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sparky/incidents"
)

// Restored is what came of putting a backup in the place of a database.
type Restored struct {
	UpTo time.Time // what the backup knows last
	// Aside is where the database that was there stands now; empty where none was.
	Aside string
	// Unknown are the incidents that were live in that database and that the backup does not know.
	Unknown []incidents.Incident
	// Unread is why that database could not be asked for them; nil where it could.
	Unread error
}

// Restore puts a backup in the place of the SQLite file that the URL names, and keeps what is there aside. All of the backup
// that is not done, and what is asked for within a day, may have been done since the backup was made: Sparky looks for it in
// the other systems before it does it. It refuses, and changes nothing, while a Sparky runs on the file, and for a backup that
// is damaged, of something else or of a newer Sparky.
func Restore(ctx context.Context, url, backup string, now time.Time) (done Restored, err error) {
	target, err := parseURL(url)
	switch {
	case err != nil:
		return done, err
	case target.path == "":
		return done, ErrNotSQLite
	}
	if err := apart(backup, target.path); err != nil {
		return done, err
	}
	fresh, err := checkFile(target.path)
	if err != nil {
		return done, err
	}
	lock := &Store{}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := lock.lockFile(ctx, target.path); err != nil {
		return done, err
	}
	half, err := halfFile(target.path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, gone(half)) }()
	if err := prepare(ctx, backup, half, now); err != nil {
		return done, err
	}
	if err := handOver(target.path, half); err != nil {
		return done, err
	}
	return putInPlace(ctx, half, target.path, fresh, now)
}

// apart is an error where the backup is not a file of its own.
func apart(backup, path string) error {
	info, err := os.Stat(backup)
	if err != nil {
		return fmt.Errorf("store: look at the backup: %w", err)
	}
	if there, err := os.Stat(path); err == nil && os.SameFile(info, there) {
		return fmt.Errorf("store: %s is the database itself; name the backup that is to take its place", backup)
	}
	return nil
}

// prepare makes of a backup what may take the place of a database: a whole copy with the tables of this Sparky, in which what
// is not done is marked as perhaps done.
func prepare(ctx context.Context, backup, half string, now time.Time) (err error) {
	if err := usable(ctx, backup); err != nil {
		return err
	}
	if err := copyDatabase(ctx, backup, half); err != nil {
		return err
	}
	s := &Store{dialect: sqliteDialect()}
	defer func() {
		if err = errors.Join(err, s.Close()); err == nil {
			err = flush(half)
		}
	}()
	if s.write, err = s.openPool(half, sqliteWriter, 1); err != nil {
		return err
	}
	if err := s.migrate(ctx, backup); err != nil {
		return err
	}
	if err := s.markRestored(ctx, now); err != nil {
		return err
	}
	// One file alone takes the other's place: nothing of it may stand beside it.
	return s.change(ctx, "finish "+backup, "pragma journal_mode = delete")
}

// usable refuses a backup of something else, or of a newer Sparky.
func usable(ctx context.Context, backup string) error {
	db, err := sql.Open("sqlite", dsn(backup, sqliteLooker))
	if err != nil {
		return explain("look into "+backup, err)
	}
	if err = isOurs(ctx, db, backup); err == nil {
		err = sqliteDialect().refuseForeign(ctx, db, backup)
	}
	if isNoDatabase(err) {
		// The usual mend is about the store, and this is the backup.
		err = fmt.Errorf("store: %s is no backup of Sparky's: it is not a SQLite database; name a file that sparky backup wrote", backup)
	}
	return errors.Join(err, db.Close())
}

// markRestored keeps when a backup took this database's place, and how far it knows. What is not done may have been begun until
// this moment.
func (s *Store) markRestored(ctx context.Context, now time.Time) error {
	const doing = "mark what may have been done since the backup was made"
	return s.inTx(ctx, doing, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into restores (at_ms, upto_ms)
			select $1, coalesce(max(known.ms), 0) from (
				select max(recorded_ms) as ms from effects union all select max(done_ms) from effects union all
				select max(tried_ms) from sources union all select max(last_ms) from probes union all select max(at_ms) from audit) as known
			where true on conflict (at_ms) do nothing`, now.UnixMilli())
		if err == nil {
			_, err = tx.ExecContext(ctx, `update effects set started_ms = $1 where state <> 'done'`, now.UnixMilli())
		}
		return err
	})
}

// lastRestore is when a backup last took this database's place, and up to when that backup knows; zero where none did.
func lastRestore(ctx context.Context, db querier) (at, upTo time.Time, err error) {
	found, err := each(ctx, db, func(row *sql.Rows) (last [2]int64, err error) {
		return last, row.Scan(&last[0], &last[1])
	}, `select at_ms, upto_ms from restores order by at_ms desc limit 1`)
	if err != nil || len(found) == 0 {
		return time.Time{}, time.Time{}, err
	}
	return moment(found[0][0]), moment(found[0][1]), nil
}

// putInPlace keeps aside what is under the path and gives the name to what was prepared. At every moment a whole database
// stands there, or nothing where there was none.
func putInPlace(ctx context.Context, half, path string, fresh bool, now time.Time) (done Restored, err error) {
	if done.UpTo, err = upTo(ctx, half); err != nil {
		return done, err
	}
	if !fresh {
		done.Aside = path + ".before-" + now.UTC().Format("20060102T150405Z")
		if err := vacant(done.Aside); err != nil {
			return done, err
		}
		done.Unknown, done.Unread = unknownTo(ctx, half, path)
		if err := setAside(path, done.Aside); err != nil {
			return done, err
		}
	}
	if err := os.Rename(half, path); err != nil {
		return done, fmt.Errorf("store: put the backup in the place of %s: %w", path, err)
	}
	if err := ownersAlone(done.Aside); err != nil {
		return done, err
	}
	return done, syncFolder(filepath.Dir(path))
}

func upTo(ctx context.Context, path string) (time.Time, error) {
	db, err := sql.Open("sqlite", dsn(path, sqliteLooker))
	if err != nil {
		return time.Time{}, explain("look into "+path, err)
	}
	_, upTo, err := lastRestore(ctx, db)
	return upTo, errors.Join(explain("look into "+path, err), db.Close())
}

// unknownTo are the live incidents of the database at path that the other does not know. It also brings what SQLite keeps
// beside that database into it.
func unknownTo(ctx context.Context, other, path string) (unknown []incidents.Incident, err error) {
	db, err := sql.Open("sqlite", dsn(path, sqliteCommon))
	if err != nil {
		return nil, explain("look into "+path, err)
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := isOurs(ctx, db, path); err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, "pragma wal_checkpoint(truncate)"); err != nil {
		return nil, explain("look into "+path, err)
	}
	if _, err := db.ExecContext(ctx, "attach database ? as restored", dsn(other, "mode=ro")); err != nil {
		return nil, explain("look into "+other, err)
	}
	return rows(ctx, db, "list the live incidents of "+path, func(row *sql.Rows) (one incidents.Incident, err error) {
		var body string
		if err := row.Scan(&body); err != nil {
			return one, err
		}
		return one, json.Unmarshal([]byte(body), &one)
	}, `select body from main.incidents where live = 1 and kind <> 'storm' and id not in (select id from restored.incidents) order by opened_ms, id`)
}

// setAside gives a database, with what SQLite keeps beside it, another name. It stands under its old one too until that is
// given away, where the file system lets it.
func setAside(path, aside string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("store: keep %s aside: %w", path+suffix, err)
		}
	}
	err := os.Link(path, aside)
	if err != nil {
		err = os.Rename(path, aside)
	}
	if err != nil {
		return fmt.Errorf("store: keep %s aside: %w", path, err)
	}
	return nil
}

// ErrRunning is why a database is not marked as restored.
var ErrRunning = errors.New("store: a Sparky runs on this database; stop all of them first, and wait ten seconds where one was killed")

// MarkRestored does for a PostgreSQL database that pg_restore has filled what Restore does for a SQLite file: all of it that
// is not done, and what is asked for within a day, is looked for in the other systems before it is done. It returns how far
// the database knows, and ErrRunning where a Sparky holds the lease.
func MarkRestored(ctx context.Context, url string) (upTo time.Time, err error) {
	s, err := Open(ctx, url, Options{})
	if err != nil {
		return time.Time{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	now, err := s.clock.now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	held, err := s.holders(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if len(held) > 0 {
		return time.Time{}, ErrRunning
	}
	if err := s.markRestored(ctx, now); err != nil {
		return time.Time{}, err
	}
	_, upTo, err = lastRestore(ctx, s.read)
	return upTo, explain("ask how far the backup knows", err)
}

// RestoredUpTo is up to when the database knows what was done before a backup took its place, where that was within a day;
// zero elsewhere.
func (s *Store) RestoredUpTo(ctx context.Context) (time.Time, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	at, upTo, err := lastRestore(ctx, s.read)
	if err != nil || now.Sub(at) > 24*time.Hour {
		return time.Time{}, explain("ask whether a backup took this database's place", err)
	}
	return upTo, nil
}
