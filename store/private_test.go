package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNobodyElseReadsWhatIsRemembered looks at the modes of every file, while the store is open and after a restore.
func TestNobodyElseReadsWhatIsRemembered(t *testing.T) {
	s, url, backup := restoring(t)
	must(t, s.Record(t.Context(), deed("a")))
	folder := filepath.Dir(backup)
	modes := func(want string) {
		t.Helper()
		entries, err := os.ReadDir(folder)
		must(t, err)
		var got []string
		for _, entry := range entries {
			info, err := entry.Info()
			must(t, err)
			got = append(got, entry.Name()+" "+info.Mode().Perm().String())
		}
		if said := strings.Join(got, ", "); said != want {
			t.Errorf("the files are %s, want %s", said, want)
		}
	}
	const alone = " -rw-------"
	const lockJournal = ", sparky.db.lock-journal" + alone // while the lock is held
	modes("sparky.db" + alone + ", sparky.db-shm" + alone + ", sparky.db-wal" + alone + ", sparky.db.lock" + alone + lockJournal)
	must(t, Backup(t.Context(), url, backup))
	must(t, s.Close())

	path := filepath.Join(folder, "sparky.db")
	must(t, os.Chmod(path, 0o644)) // of an older Sparky, or by somebody's choice
	s = mustOpen(t, url, &watch{now: day})
	must(t, s.Record(t.Context(), deed("b")))
	modes("backup" + alone + ", sparky.db -rw-r--r--, sparky.db-shm -rw-r--r--, sparky.db-wal -rw-r--r--, sparky.db.lock" + alone + lockJournal)
	must(t, s.Close())

	done := value[Restored](t)(Restore(t.Context(), url, backup, day))
	modes("backup" + alone + ", sparky.db" + alone + ", " + filepath.Base(done.Aside) + alone + ", sparky.db.lock" + alone)
}

// TestAFileThatIsThereKeepsItsMode is for who made it, empty, for a group to read.
func TestAFileThatIsThereKeepsItsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparky.db")
	must(t, os.WriteFile(path, nil, 0o600))
	must(t, os.Chmod(path, 0o640))
	must(t, mustOpen(t, "sqlite:"+path, nil).Close())
	for _, file := range []string{path, path + ".lock"} {
		info, err := os.Stat(file)
		must(t, err)
		if info.Mode().Perm() != 0o640 {
			t.Errorf("%s is %v", filepath.Base(file), info.Mode())
		}
	}
	makePrivate(filepath.Join(t.TempDir(), "none", "x"), ownerOnly) // is not this one's to tell
	must(t, ownersAlone(""))
	must(t, ownersAlone(filepath.Join(t.TempDir(), "gone")))
}
