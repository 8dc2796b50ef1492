package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/scheduler"
)

// wantError is an error that says all of these.
func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", says)
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// in is the names in a folder.
func in(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

// TestABackupUnderLoadIsOneMoment has polls kept while copies are made. A poll is an entry and its digest in one
// transaction: a copy of one moment has as many of the one as of the other, and no fewer than were kept when it was begun.
func TestABackupUnderLoadIsOneMoment(t *testing.T) {
	folder := t.TempDir()
	url := "sqlite:" + filepath.Join(folder, "sparky.db")
	s := mustOpen(t, url, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	kept, ended := make(chan int), make(chan error, 1)
	go func() {
		defer close(kept)
		for i := 0; ; i++ {
			key := fmt.Sprintf("entry %d", i)
			if err := s.RecordPoll(context.WithoutCancel(ctx), changes.Poll{Entries: []changes.Entry{entry(key, day)}, Effects: []incidents.Effect{deed(key)}}); err != nil {
				ended <- err
				return
			}
			select {
			case kept <- i + 1:
			case <-ctx.Done():
				ended <- nil
				return
			default:
			}
		}
	}()
	for n := range 3 {
		atLeast := <-kept
		file := filepath.Join(folder, fmt.Sprintf("backup-%d", n))
		must(t, Backup(t.Context(), url, file))
		info, err := os.Stat(file)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("others may read it: %v", info.Mode())
		}
		db := openSQL(t, "sqlite", dsn(file, sqliteLooker))
		var entries, effects int
		must(t, db.QueryRowContext(t.Context(), `select (select count(*) from entries), (select count(*) from effects)`).Scan(&entries, &effects))
		if entries != effects || entries < atLeast {
			t.Errorf("%d entries and %d effects of at least %d", entries, effects, atLeast)
		}
	}
	cancel()
	must(t, <-ended)
	if left := in(t, folder); strings.Contains(left, ".part") {
		t.Errorf("it left something behind: %s", left)
	}
}

func TestABackupIsTakenWhileNoSparkyRunsToo(t *testing.T) {
	folder := t.TempDir()
	url := "sqlite:" + filepath.Join(folder, "sparky.db")
	s := mustOpen(t, url, nil)
	must(t, s.Record(t.Context(), deed("a")))
	must(t, s.Close())
	file := filepath.Join(folder, "backup")
	must(t, Backup(t.Context(), url, file))
	claimOne(t, mustOpen(t, "sqlite:"+file, nil), "deed")
}

func TestWhatIsNotBackedUp(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "sparky.db")
	s := mustOpen(t, "sqlite:"+path, nil)
	must(t, s.Record(t.Context(), deed("a")))
	must(t, s.Close())
	other := filepath.Join(folder, "other.db")
	_, err := openSQL(t, "sqlite", dsn(other, "")).ExecContext(t.Context(), "create table x (y)")
	must(t, err)
	there := filepath.Join(folder, "there")
	must(t, os.WriteFile(there, []byte("precious"), 0o600))
	into := filepath.Join(folder, "backup")
	for name, c := range map[string]struct {
		url, into string
		says      []string
	}{
		"a file that is there":  {"sqlite:" + path, there, []string{"there already", "left as it is"}},
		"no folder to write to": {"sqlite:" + path, filepath.Join(folder, "none", "backup"), []string{"no folder", "create it"}},
		"no database":           {"sqlite:" + filepath.Join(folder, "none.db"), into, []string{"nothing to back up", "store.url"}},
		"of something else":     {"sqlite:" + other, into, []string{"not what a Sparky remembers by"}},
		"no database at all":    {"sqlite:" + there, into, []string{"not a SQLite database"}},
		"no such store":         {"mysql://x", into, []string{"store.url"}},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, Backup(t.Context(), c.url, c.into), c.says...) })
	}
	if err := Backup(t.Context(), "postgres://sparky@127.0.0.1:1/sparky", into); !errors.Is(err, ErrNotSQLite) {
		t.Errorf("PostgreSQL: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Backup(ctx, "sqlite:"+path, into); err == nil {
		t.Error("one that was stopped is called done")
	}
	if kept, err := os.ReadFile(there); err != nil || string(kept) != "precious" {
		t.Errorf("what was there is %q, %v", kept, err)
	}
	if left := in(t, folder); strings.Contains(left, "backup") {
		t.Errorf("something is left of what could not be made: %s", left)
	}
}

// TestADamagedFileIsNotCalledABackup damages the file where a start does not look: an index of the history.
func TestADamagedFileIsNotCalledABackup(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "sparky.db")
	s := mustOpen(t, "sqlite:"+path, nil)
	for i := range 40 {
		must(t, s.RecordPoll(t.Context(), chaosPoll(i*perPoll)))
	}
	must(t, s.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	for i := len(content) / 2; i < len(content); i++ {
		content[i] = byte(i * 7)
	}
	must(t, os.WriteFile(path, content, 0o600))
	into := filepath.Join(folder, "backup")
	wantError(t, Backup(t.Context(), "sqlite:"+path, into), "damaged")
	if _, err := os.Stat(into); err == nil {
		t.Error("a damaged file was called a backup")
	}
}

// restoring is a database, and a backup of it, in a folder.
func restoring(t *testing.T) (s *Store, url, backup string) {
	t.Helper()
	folder := t.TempDir()
	url, backup = "sqlite:"+filepath.Join(folder, "sparky.db"), filepath.Join(folder, "backup")
	return mustOpen(t, url, &watch{now: day}), url, backup
}

// TestWhatARestoredBackupPromisedIsLookedFor is the heart of it: what the backup says is still to be done may have been done
// since, and what is asked for anew may be what was done then.
func TestWhatARestoredBackupPromisedIsLookedFor(t *testing.T) {
	s, url, backup := restoring(t)
	must(t, s.Record(t.Context(), deed("done"), incidents.Effect{Key: "running", Kind: "hanging", Payload: []byte("{}")}))
	must(t, s.Finish(t.Context(), claimOne(t, s, "deed"), scheduler.Outcome{Done: true}))
	claimOne(t, s, "hanging")
	must(t, s.Record(t.Context(), deed("waiting")))
	must(t, Backup(t.Context(), url, backup))
	must(t, s.Close())
	before, err := os.ReadFile(backup)
	must(t, err)

	restored := day.Add(time.Hour)
	done := value[Restored](t)(Restore(t.Context(), url, backup, restored))
	if !done.UpTo.Equal(day) || done.Aside == "" || done.Unread != nil || len(done.Unknown) > 0 {
		t.Errorf("it says %+v", done)
	}
	if after, err := os.ReadFile(backup); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the backup was changed: %v", err)
	}
	clock := &watch{now: restored.Add(time.Minute)}
	s = mustOpen(t, url, clock)
	must(t, s.Record(t.Context(), deed("anew")))
	looked := append(claim(t, s, "deed", 10), claimOne(t, s, "hanging"))
	if len(looked) != 3 {
		t.Errorf("%d effects are left to do, want those that wait and the one that was under way: %+v", len(looked), looked)
	}
	for _, e := range looked {
		if !e.Unsettled || e.Age != time.Minute {
			t.Errorf("%s is not looked for first: %+v", e.Key, e)
		}
	}
	if at := value[time.Time](t)(s.RestoredUpTo(t.Context())); !at.Equal(day) {
		t.Errorf("it knows up to %v", at)
	}
	clock.forward(24 * time.Hour)
	must(t, s.Record(t.Context(), incidents.Effect{Key: "later", Kind: "late", Payload: []byte("{}")}))
	if e := claimOne(t, s, "late"); e.Unsettled {
		t.Error("a day later it is still looked for")
	}
	if at := value[time.Time](t)(s.RestoredUpTo(t.Context())); !at.IsZero() {
		t.Errorf("a day later it still knows up to %v", at)
	}
}

func TestARestoreKeepsWhatWasThere(t *testing.T) {
	s, url, backup := restoring(t)
	must(t, s.Record(t.Context(), deed("old")))
	must(t, Backup(t.Context(), url, backup))
	must(t, s.Record(t.Context(), deed("since")))
	since := incident("sparky-acme-1", "acme", day)
	since.Ticket.Key = "ECO-7"
	decide(t, s, "acme", adding(since))

	_, err := Restore(t.Context(), url, backup, day)
	wantError(t, err, "in use by another Sparky")
	must(t, s.Close())

	done := value[Restored](t)(Restore(t.Context(), url, backup, day))
	if len(done.Unknown) != 1 || done.Unknown[0].Ticket.Key != "ECO-7" || done.Unread != nil {
		t.Errorf("it does not tell of the incident that it forgets: %+v", done)
	}
	for file, want := range map[string]string{done.Aside: "card of sparky-acme-1 old since", strings.TrimPrefix(url, "sqlite:"): "old"} {
		info, err := os.Stat(file)
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 && file != done.Aside {
			t.Errorf("others may read %s: %v", file, info.Mode())
		}
		db := openSQL(t, "sqlite", dsn(file, sqliteLooker))
		got := value[[]string](t)(each(t.Context(), db, func(row *sql.Rows) (key string, err error) { return key, row.Scan(&key) }, `select key from effects order by key`))
		if strings.Join(got, " ") != want {
			t.Errorf("%s holds %q, want %q", file, got, want)
		}
	}
	if left := in(t, filepath.Dir(done.Aside)); strings.Contains(left, ".part") {
		t.Errorf("it left something behind: %s", left)
	}
	_, err = Restore(t.Context(), url, backup, day)
	wantError(t, err, "is there already") // within the same second: what was kept aside first is not lost
}

func TestABackupIsRestoredWhereNothingIs(t *testing.T) {
	s, url, backup := restoring(t)
	must(t, s.Record(t.Context(), deed("a")))
	must(t, Backup(t.Context(), url, backup))
	must(t, s.Close())
	elsewhere := "sqlite:" + filepath.Join(t.TempDir(), "new.db")
	if done := value[Restored](t)(Restore(t.Context(), elsewhere, backup, day)); done.Aside != "" {
		t.Errorf("it kept aside %s, where nothing was", done.Aside)
	}
	claimOne(t, mustOpen(t, elsewhere, nil), "deed")

	broken := filepath.Join(t.TempDir(), "sparky.db") // the usual reason to restore
	must(t, os.WriteFile(broken, bytes.Repeat([]byte("no database "), 1000), 0o600))
	done := value[Restored](t)(Restore(t.Context(), "sqlite:"+broken, backup, day))
	if kept, err := os.ReadFile(done.Aside); err != nil || !bytes.HasPrefix(kept, []byte("no database")) || done.Unread == nil {
		t.Errorf("what was broken is not kept as it was: %v, %v", err, done)
	}
	claimOne(t, mustOpen(t, "sqlite:"+broken, nil), "deed")
}

func TestABackupOfAnOlderSparkyIsBroughtUpToDate(t *testing.T) {
	s, url, backup := restoring(t)
	must(t, s.Record(t.Context(), deed("a")))
	bench{Store: s, url: url}.rewind(t, 9) // it knows nothing of restores
	must(t, Backup(t.Context(), url, backup))
	must(t, s.Close())
	value[Restored](t)(Restore(t.Context(), url, backup, day))
	if e := claimOne(t, mustOpen(t, url, &watch{now: day}), "deed"); !e.Unsettled {
		t.Error("it is not looked for first")
	}
}

func TestWhatIsNotRestored(t *testing.T) {
	s, url, backup := restoring(t)
	must(t, s.Record(t.Context(), deed("a")))
	must(t, Backup(t.Context(), url, backup))
	must(t, s.Close())
	path := strings.TrimPrefix(url, "sqlite:")
	folder := filepath.Dir(path)
	newer, damaged, empty, other := filepath.Join(folder, "newer"), filepath.Join(folder, "damaged"), filepath.Join(folder, "empty"), filepath.Join(folder, "other")
	content, err := os.ReadFile(backup)
	must(t, err)
	must(t, os.WriteFile(newer, content, 0o600))
	_, err = openSQL(t, "sqlite", dsn(newer, "")).ExecContext(t.Context(), `insert into goose_db_version (version_id, is_applied) values (9999, 1)`)
	must(t, err)
	must(t, os.WriteFile(damaged, content[:len(content)/2], 0o600))
	must(t, os.WriteFile(empty, nil, 0o600))
	_, err = openSQL(t, "sqlite", dsn(other, "")).ExecContext(t.Context(), "create table x (y)")
	must(t, err)
	before, err := os.ReadFile(path)
	must(t, err)
	yaml := filepath.Join(folder, "sparky.yaml")
	must(t, os.WriteFile(yaml, bytes.Repeat([]byte("slack: {}\n"), 1000), 0o600))
	_, err = Restore(t.Context(), url, yaml, day)
	wantError(t, err, "sparky.yaml is no backup of Sparky's", "name a file that sparky backup wrote")
	if strings.Contains(err.Error(), "store.url") {
		t.Errorf("the advice is about the store: %v", err)
	}
	for file, says := range map[string]string{
		newer: "newer Sparky", damaged: "damaged", empty: "not what a Sparky remembers by", other: "not what a Sparky remembers by",
		path: "is the database itself", filepath.Join(folder, "none"): "look at the backup",
	} {
		_, err := Restore(t.Context(), url, file, day)
		wantError(t, err, says)
	}
	if _, err := Restore(t.Context(), "postgres://sparky@127.0.0.1:1/sparky", backup, day); !errors.Is(err, ErrNotSQLite) {
		t.Errorf("PostgreSQL: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("what was refused took the database's place: %v", err)
	}
	if left := in(t, folder); strings.Contains(left, ".part") || strings.Contains(left, ".before") {
		t.Errorf("it left something behind: %s", left)
	}
}

// TestAPostgresDatabaseIsMarked is the same after pg_restore.
func TestAPostgresDatabaseIsMarked(t *testing.T) {
	url := postgresURL(t)
	s := mustOpen(t, url, nil)
	must(t, s.Record(t.Context(), deed("a")))
	if upTo := value[time.Time](t)(MarkRestored(t.Context(), url)); upTo.IsZero() {
		t.Error("it knows nothing")
	}
	if e := claimOne(t, s, "deed"); !e.Unsettled {
		t.Error("it is not looked for first")
	}
	_, err := s.write.ExecContext(t.Context(), `insert into leases (name, owner, epoch, expires_ms) values ('jobs', 'somebody', 1, 99999999999999)`)
	must(t, err)
	if _, err := MarkRestored(t.Context(), url); !errors.Is(err, ErrRunning) {
		t.Errorf("while a Sparky runs: %v", err)
	}
}
