package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotSQLite is the error of what only a SQLite file can be asked for.
var ErrNotSQLite = errors.New("store: the database is PostgreSQL's")

// Backup writes all that the SQLite file of the URL holds at one moment into a new file, while a Sparky may be running on
// it: nobody waits for it. The new file can be read by its owner alone. It is whole and on the disk when Backup returns nil,
// and until then there is none under that name; one that is there already is left as it is. It changes nothing else.
func Backup(ctx context.Context, url, into string) error {
	target, err := parseURL(url)
	switch {
	case err != nil:
		return err
	case target.path == "":
		return ErrNotSQLite
	}
	if _, err := os.Stat(target.path); err != nil {
		return fmt.Errorf("store: there is nothing to back up at %s, which store.url names: %w", target.path, err)
	}
	if err := vacant(into); err != nil {
		return err
	}
	half, err := halfFile(into)
	if err != nil {
		return err
	}
	if err = copyDatabase(ctx, target.path, half); err == nil {
		err = flush(half)
	}
	if err == nil {
		err = appear(half, into)
	}
	return errors.Join(err, gone(half))
}

// vacant is an error where there is something under that name already, or no folder for it.
func vacant(path string) error {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("store: there is no folder %s to write %s into; create it", folder, filepath.Base(path))
	}
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("store: look whether %s is there: %w", path, err)
	default:
		return fmt.Errorf("store: %s is there already and is left as it is; name another file", path)
	}
}

// halfFile makes an empty file beside the one that is to be, for what is not whole yet. Its owner alone can read it.
func halfFile(path string) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return "", fmt.Errorf("store: make a file beside %s: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return "", fmt.Errorf("store: make a file beside %s: %w", path, err)
	}
	return file.Name(), nil
}

// copyDatabase writes what a SQLite file holds at one moment into an empty one, and reads all of the copy once. A file that
// is damaged, or that Sparky did not write, is an error.
func copyDatabase(ctx context.Context, from, into string) error {
	db, err := sql.Open("sqlite", dsn(from, sqliteLooker))
	if err != nil {
		return explain("look into "+from, err)
	}
	db.SetMaxOpenConns(1)
	if err = isOurs(ctx, db, from); err == nil {
		_, err = db.ExecContext(ctx, "vacuum into ?", into)
		err = explain("copy "+from, err)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return checkWhole(ctx, into, from)
}

// isOurs is an error for a file in which no Sparky remembers anything.
func isOurs(ctx context.Context, db *sql.DB, path string) error {
	var tables, versions, ours int
	if err := db.QueryRowContext(ctx, sqliteDialect().tables).Scan(&tables, &versions, &ours); err != nil {
		return explain("look into "+path, err)
	}
	if versions == 0 || ours == 0 {
		return fmt.Errorf("store: %s is not what a Sparky remembers by; name another file", path)
	}
	return nil
}

// checkWhole is an error where a copy cannot be read to its end, or its indexes do not fit its tables: then the file that it
// was made of is damaged.
func checkWhole(ctx context.Context, path, of string) error {
	db, err := sql.Open("sqlite", dsn(path, sqliteLooker))
	if err != nil {
		return explain("look into the copy of "+of, err)
	}
	var verdict string
	err = db.QueryRowContext(ctx, "pragma integrity_check(1)").Scan(&verdict)
	if err = errors.Join(explain("read the copy of "+of, err), db.Close()); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("store: %s is damaged (%s), and so is a copy of it; see docs/operating.md", of, verdict)
	}
	return nil
}

// flush has a file's content outlast a loss of power.
func flush(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("store: write %s to the disk: %w", path, err)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("store: write %s to the disk: %w", path, err)
	}
	return nil
}

// syncFolder has the names in a folder outlast a loss of power, where the file system can promise that.
func syncFolder(folder string) error {
	file, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("store: write the folder %s to the disk: %w", folder, err)
	}
	_ = file.Sync() // some file systems have no way to; the content of the file is safe by then
	return file.Close()
}

// appear gives a whole file its name, unless that is taken by now.
func appear(half, path string) error {
	err := os.Link(half, path)
	if errors.Is(err, fs.ErrExist) {
		return vacant(path)
	}
	if err != nil { // a file system without links
		if err = vacant(path); err == nil {
			err = os.Rename(half, path)
		}
	}
	if err != nil {
		return fmt.Errorf("store: name the copy %s: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// gone removes a file that may be gone already, with what SQLite keeps beside it.
func gone(path string) error {
	var all []error
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, fmt.Errorf("store: remove what is left of %s: %w", path, err))
		}
	}
	return errors.Join(all...)
}
