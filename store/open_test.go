package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"sparky/changes"
	"sparky/incidents"
	"sparky/scheduler"
)

// wantRefusal opens a URL that must not open, and looks for what the error has to say.
func wantRefusal(t *testing.T, url string, says ...string) {
	t.Helper()
	s, err := Open(t.Context(), url, Options{})
	if err == nil {
		t.Errorf("%s was opened", url)
		must(t, s.Close())
		return
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestURLsThatNameNoStore(t *testing.T) {
	for url, says := range map[string]string{
		"":                             "sqlite:PATH",
		"sparky.db":                    "sqlite:PATH",
		"sqlite:":                      "sqlite:PATH",
		"sqlite:a?mode=memory":         "sqlite:PATH",
		"sqlite::memory:":              "forgets",
		"mysql://root@localhost/x":     "postgres://",
		"postgres://u:secret@[::1/x":   "%XX",
		"postgres://u:se%cret@h:99x/x": "%XX",
	} {
		err := Config{URL: url}.Validate()
		if url == "" {
			if err != nil {
				t.Errorf("no URL at all is the default: %v", err)
			}
			_, err = parseURL(url)
		}
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "cret@") {
			t.Errorf("%q: got %v, want an error with %q and no secret", url, err, says)
		}
	}
}

func TestAPasswordIsKnownAsASecret(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u:p%40ss@h/x": "p@ss", "postgres://u@h/x": "", "sqlite:sparky.db": "", ":": "",
	} {
		if got := (Config{URL: url}).Secret().Reveal(); got != want {
			t.Errorf("%q hides %q, want %q", url, got, want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"sqlite:a.db", "sqlite:///x", "postgres://u:p@h:1/d?sslmode=disable", "postgres://[", ":", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, url string) {
		target, err := parseURL(url)
		if err == nil && (target.path == "") == (target.postgres == nil) {
			t.Errorf("%q names a file and a server, or neither", url)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("a\x00b\xff")
	f.Fuzz(func(t *testing.T, s string) {
		clean := text(s)
		if strings.ContainsRune(clean, 0) || clean != text(clean) {
			t.Errorf("%q became %q", s, clean)
		}
		if got := unlist[string](list([]string{s})); len(got) != 1 || got[0] != clean {
			t.Errorf("%q went through a list as %q", s, got)
		}
		unlist[string](s)
	})
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	must(t, os.WriteFile(garbage, bytes.Repeat([]byte("no database "), 1000), 0o600))
	wantRefusal(t, "sqlite:"+filepath.Join(dir, "none", "sparky.db"), "no folder", "create it")
	wantRefusal(t, "sqlite:"+dir, "is a folder", "sparky.db")
	wantRefusal(t, "sqlite:"+garbage, "not a SQLite database", "store.url")
	if kept, err := os.ReadFile(garbage); err != nil || !bytes.HasPrefix(kept, []byte("no database")) {
		t.Errorf("what was refused was changed: %v", err)
	}
}

func TestADamagedFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparky.db")
	s := mustOpen(t, "sqlite:"+path, nil)
	for i := range 40 {
		must(t, s.RecordPoll(t.Context(), chaosPoll(i*perPoll)))
	}
	must(t, s.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	for i := len(content) / 3; i < len(content); i++ {
		content[i] = byte(i * 7)
	}
	must(t, os.WriteFile(path, content, 0o600))
	wantRefusal(t, "sqlite:"+path, "damaged", "backup")
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(content, after) {
		t.Error("what was refused was changed")
	}
}

func TestAFileThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparky.db")
	must(t, mustOpen(t, "sqlite:"+path, nil).Close())
	t.Run("by its rights", func(t *testing.T) {
		if os.Getuid() == 0 {
			t.Skip("root may write everything")
		}
		must(t, os.Chmod(path, 0o400))
		wantRefusal(t, "sqlite:"+path, "cannot be written", "right")
	})
	db := openSQL(t, "sqlite", dsn(path, "mode=ro"))
	_, err := db.ExecContext(t.Context(), "create table x (y)")
	if err := explain("keep it", err); err == nil || !strings.Contains(err.Error(), "cannot be written; give the user") {
		t.Errorf("got %v", err)
	}
}

func TestASecondProcessIsRefusedUntilTheFirstIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparky.db")
	ctx, cancel := context.WithCancel(t.Context())
	first, err := Open(ctx, "sqlite:"+path, Options{})
	must(t, err)
	cancel() // the lock lasts as long as the store, not as the context it was opened with
	wantRefusal(t, "sqlite:"+path, "in use by another Sparky", "stop that one")
	must(t, first.Record(t.Context(), deed("a")))
	must(t, first.Close())
	must(t, mustOpen(t, "sqlite:"+path, nil).Close())
}

func TestADatabaseOfANewerSparkyIsLeftAsItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), deed("a")))
		_, err := b.write.ExecContext(t.Context(),
			`insert into goose_db_version (version_id, is_applied) select 9999, is_applied from goose_db_version where version_id = 1`)
		must(t, err)
		_, err = b.write.ExecContext(t.Context(), `insert into readers (oldest) values (9999)`)
		must(t, err)
		must(t, b.Close())
		path := strings.TrimPrefix(b.url, "sqlite:")
		before, _ := os.ReadFile(path) // nothing with PostgreSQL
		wantRefusal(t, b.url, "newer Sparky", "version 9999", "left as it is")
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Error("the file was changed")
		}
	})
}

func TestTheTablesOfSomethingElseAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "else.db")
	db := openSQL(t, "sqlite", dsn(path, ""))
	_, err := db.ExecContext(t.Context(), "create table customers (name text)")
	must(t, err)
	wantRefusal(t, "sqlite:"+path, "something else", "of its own")
	url := postgresURL(t)
	pg := openSQL(t, "pgx", url)
	_, err = pg.ExecContext(t.Context(), "create table customers (name text)")
	must(t, err)
	wantRefusal(t, url, "something else", "of its own")
}

func TestAServerThatDoesNotAnswerOrRefuses(t *testing.T) {
	folder := t.TempDir()
	nobody := "postgres://sparky:hidden@/postgres?host=" + folder
	wantRefusal(t, nobody, "nobody answers", "running")
	if _, err := Open(t.Context(), nobody, Options{}); strings.Contains(err.Error(), "hidden") {
		t.Errorf("%q tells the password", err)
	}
	_, err := Open(t.Context(), "postgres://sparky:hidden@127.0.0.1:1/sparky", Options{})
	const said = "store: reach PostgreSQL database sparky at 127.0.0.1:1: nobody answers there; see that PostgreSQL is running and that store.url names its host and port: connect: connection refused"
	if err == nil || err.Error() != said || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("it is told as %q, want %q", err, said)
	}
	wantRefusal(t, strings.Replace(postgresURL(t), "/postgres?", "/missing?", 1), "no such database", "create it")
}

func TestAFullDiskLosesNothingAndPassesBy(t *testing.T) {
	b := newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"))
	must(t, b.Record(t.Context(), deed("before")))
	var pages int
	must(t, b.write.QueryRowContext(t.Context(), "pragma page_count").Scan(&pages))
	limit := func(pages int) {
		t.Helper()
		encoded, err := json.Marshal(pages)
		must(t, err)
		var got int
		must(t, b.write.QueryRowContext(t.Context(), "pragma max_page_count = "+string(encoded)).Scan(&got))
	}
	limit(pages)
	big := entry("big", day)
	big.Body = strings.Repeat("x", 1<<20)
	poll := changes.Poll{Entries: []changes.Entry{big}, Effects: []incidents.Effect{deed("after")}}
	err := b.RecordPoll(t.Context(), poll)
	var full *sqlite.Error
	if !errors.As(err, &full) || full.Code() != lib.SQLITE_FULL || !strings.Contains(err.Error(), "make room") {
		t.Fatalf("got %v", err)
	}
	if words, since := b.Problem(); !strings.Contains(words, "make room") || since.IsZero() {
		t.Errorf("the problem is said to be %q since %v", words, since)
	}
	wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), changes.Query{}))) // reading goes on, and half of it is nowhere
	before := claimOne(t, b.Store, "deed")                                          // as does what needs no more room
	finish(t, b.Store, before, scheduler.Outcome{Done: true})
	limit(pages + 10000)
	must(t, b.RecordPoll(t.Context(), poll))
	if words, _ := b.Problem(); words != "" {
		t.Errorf("the problem is still said to be %q", words)
	}
	wantKeys(t, value[[]changes.Entry](t)(b.Entries(t.Context(), changes.Query{})), "big")
	if got := claimOne(t, b.Store, "deed"); got.Key != "after" {
		t.Errorf("claimed %s", got.Key)
	}
}

func TestAFileThatAnotherProgramHoldsIsWaitedForThenTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparky.db")
	s := mustOpen(t, "sqlite:"+path, nil)
	_, err := s.write.ExecContext(t.Context(), "pragma busy_timeout = 10")
	must(t, err)
	other := openSQL(t, "sqlite", dsn(path, "_txlock=immediate"))
	tx, err := other.BeginTx(t.Context(), nil)
	must(t, err)
	if err := s.Record(t.Context(), deed("a")); err == nil || !strings.Contains(err.Error(), "another program holds the file") {
		t.Errorf("got %v", err)
	}
	if _, err := s.Due(t.Context()); err != nil {
		t.Errorf("reading does not go on: %v", err)
	}
	_, err = s.write.ExecContext(t.Context(), "pragma busy_timeout = 5000")
	must(t, err)
	ask, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := s.Acquire(ask, "jobs", "me", time.Minute); err == nil || !strings.Contains(err.Error(), "see whether another program holds it") {
		t.Errorf("who cannot wait as long is told %v", err)
	}
	must(t, tx.Rollback())
	must(t, s.Record(t.Context(), deed("a")))
	claimOne(t, s, "deed")
}

func TestTwoReplicasOpenOneNewDatabaseTogether(t *testing.T) {
	url := postgresURL(t)
	opened := make(chan error, 4)
	for range cap(opened) {
		go func() {
			s, err := Open(t.Context(), url, Options{})
			if err == nil {
				err = errors.Join(s.Record(t.Context(), deed("a")), s.Close())
			}
			opened <- err
		}()
	}
	for range cap(opened) {
		must(t, <-opened)
	}
	claimOne(t, mustOpen(t, url, nil), "deed")
}
