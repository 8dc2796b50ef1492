package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ownerOnly is the mode of the files that are made here: what partners said and who did what is nobody else's to read. What
// SQLite makes beside a database, its journal and that journal's index, takes the mode of the database.
const ownerOnly = 0o600

// makePrivate makes an empty file where there is none; one that is there keeps its mode, which somebody may have chosen. What keeps
// it from being made SQLite meets in the next moment, and that has its words and its mend.
func makePrivate(path string, mode os.FileMode) {
	if file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode); err == nil {
		_ = file.Close() // nothing was written
	}
}

// ownersAlone takes a database that stands aside, with what SQLite keeps beside it, from all but its owner. One that another
// user owns stays as it is: only they could. No path is nothing to do.
func ownersAlone(path string) error {
	if path == "" {
		return nil
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Chmod(path+suffix, ownerOnly)
		if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		return fmt.Errorf("store: keep %s from others: %w", path+suffix, err)
	}
	return nil
}
