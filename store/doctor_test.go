package store

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sparky/internal/setting"
)

// examine looks at a store, and gives what was found in a line.
func examine(t *testing.T, url string) string {
	t.Helper()
	looks := Config{URL: url}.Looks()
	if len(looks) != 1 || looks[0].What != "store.url" {
		t.Fatalf("there are the looks %+v", looks)
	}
	f := looks[0].Try(t.Context())
	return fmt.Sprintf("%s: %s | %s | %s", f.State(), f.Tried, f.Problem, f.Mend)
}

// stillness is all that a folder shows of its files.
func stillness(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	for _, entry := range value[[]os.DirEntry](t)(os.ReadDir(folder)) {
		info := value[os.FileInfo](t)(entry.Info())
		fmt.Fprintln(&b, info.Name(), info.Size(), info.ModTime().UnixNano(), info.Mode())
	}
	return b.String()
}

func TestDoctorLooksAtAFile(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	ours := value[*Store](t)(Open(t.Context(), "sqlite:"+path("ours.db"), Options{}))
	must(t, ours.Close())
	running := value[*Store](t)(Open(t.Context(), "sqlite:"+path("running.db"), Options{}))
	t.Cleanup(func() { must(t, running.Close()) })
	foreign := openSQL(t, "sqlite", path("foreign.db"))
	value[any](t)(foreign.ExecContext(t.Context(), "create table recipes (name text)"))
	newer := value[*Store](t)(Open(t.Context(), "sqlite:"+path("newer.db"), Options{}))
	value[any](t)(newer.write.ExecContext(t.Context(), "insert into goose_db_version (version_id, is_applied) values (99999, true)"))
	must(t, newer.Close())
	must(t, os.WriteFile(path("empty.db"), nil, 0o600))
	must(t, os.WriteFile(path("letter.txt"), []byte(strings.Repeat("Dear reader, ", 100)), 0o600))
	before := stillness(t, folder)
	for name, want := range map[string]string{
		"new.db":       "ok: looking at the file and its folder: new.db can be made there |",
		"empty.db":     "ok: looking at the file and its folder: empty.db can be made there |",
		"ours.db":      "ok: looking at the file and its folder: it is there, it is ours, and it can be written |",
		"running.db":   "ok: looking at the file and its folder: it can be written, and a Sparky that runs has it open |",
		"foreign.db":   "holds the tables of something else | give Sparky a database of its own in store.url",
		"newer.db":     "was written by a newer Sparky (version 99999",
		"letter.txt":   "the file is not a SQLite database | name another one in store.url",
		"nowhere/a.db": "wrong: looking at the file and its folder | there is no folder",
		"":             "is a folder | store.url has to name a file in it",
	} {
		if got := examine(t, "sqlite:"+path(name)); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
	if after := stillness(t, folder); after != before {
		t.Errorf("a look changed the folder from\n%sto\n%s", before, after)
	}
	if got := examine(t, "mysql://x"); !strings.HasPrefix(got, "wrong: reading the address | ") {
		t.Errorf("a wrong address: %s", got)
	}
	if mayWrite(folder) != nil || mayWrite(path("nowhere")) == nil {
		t.Error("what may be written is told wrongly")
	}
}

// A look from a terminal takes a moment, and a Sparky that starts in that moment waits for it.
func TestALookKeepsNoSparkyFromStarting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparky.db")
	url := "sqlite:" + path
	must(t, value[*Store](t)(Open(t.Context(), url, Options{})).Close())
	look := openSQL(t, "sqlite", dsn(path+".lock", "mode=ro"))
	tx := value[*sql.Tx](t)(look.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true}))
	var tables int
	must(t, tx.QueryRowContext(t.Context(), "select count(*) from sqlite_master").Scan(&tables))
	ended := make(chan error, 1)
	moment := time.AfterFunc(200*time.Millisecond, func() { ended <- tx.Rollback() })
	defer moment.Stop()
	started, err := Open(t.Context(), url, Options{})
	must(t, err)
	must(t, <-ended)
	must(t, started.Close())
}

func TestDoctorLooksAtPostgreSQL(t *testing.T) {
	url := postgresURL(t)
	const well = "ok: connecting, and asking what may be written: PostgreSQL database postgres at "
	if got := examine(t, url); !strings.HasPrefix(got, well) {
		t.Errorf("an empty schema: %s", got)
	}
	db := openSQL(t, "pgx", url)
	var tables int
	count := "select count(*) from pg_tables where schemaname = current_schema()"
	if must(t, db.QueryRowContext(t.Context(), count).Scan(&tables)); tables > 0 {
		t.Errorf("a look made %d tables", tables)
	}
	must(t, value[*Store](t)(Open(t.Context(), url, Options{})).Close())
	if got := examine(t, url); !strings.HasPrefix(got, well) {
		t.Errorf("our own tables: %s", got)
	}
	value[any](t)(db.ExecContext(t.Context(), "insert into goose_db_version (version_id, is_applied) values (99999, true)"))
	if got := examine(t, url); !strings.HasPrefix(got, well) {
		t.Errorf("newer tables that this version may use: %s", got)
	}
	value[any](t)(db.ExecContext(t.Context(), "insert into readers (oldest) values (99999)"))
	if got := examine(t, url); !strings.Contains(got, "was written by a newer Sparky") {
		t.Errorf("newer tables: %s", got)
	}
	for address, want := range map[string]string{
		strings.Replace(url, "search_path=", "search_path=gone_", 1): "there is no schema to keep tables in | create the schema that the search_path of sparky names",
		strings.Replace(url, "/postgres?", "/gone?", 1):              "wrong: connecting, and asking what may be written | reach PostgreSQL database gone",
	} {
		if got := examine(t, address); !strings.Contains(got, want) {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func TestDoctorLooksAtPostgreSQLThatIsNotThere(t *testing.T) {
	f := Config{URL: "postgres://sparky:canary-4711@127.0.0.1:1/sparky?sslmode=disable"}.Looks()[0].Try(t.Context())
	if f.State() != setting.FoundWrong || !strings.Contains(f.Problem, "nobody answers there") || !strings.Contains(f.Mend, "see that PostgreSQL is running") ||
		strings.Contains(f.Problem+f.Mend, "canary") {
		t.Errorf("found %+v", f)
	}
}

// What an account may not write to is told before Sparky starts.
func TestDoctorTellsOfRightsInPostgreSQL(t *testing.T) {
	url := postgresURL(t)
	db := openSQL(t, "pgx", url)
	var schema string
	must(t, db.QueryRowContext(t.Context(), "select current_schema()").Scan(&schema))
	role := "reader_" + schema
	for _, statement := range []string{"create role " + role + " login", "grant usage on schema " + schema + " to " + role} {
		value[any](t)(db.ExecContext(t.Context(), statement))
	}
	as := strings.Replace(url, "postgres://sparky@", "postgres://"+role+"@", 1)
	if got := examine(t, as); !strings.Contains(got, role+" may not create tables in the schema "+schema+" | GRANT CREATE ON SCHEMA "+schema+" TO "+role) {
		t.Errorf("no right to create: %s", got)
	}
	must(t, value[*Store](t)(Open(t.Context(), url, Options{})).Close())
	value[any](t)(db.ExecContext(t.Context(), "grant create on schema "+schema+" to "+role))
	if got := examine(t, as); !strings.Contains(got, role+" may not write to every table in the schema "+schema+" | make "+role+" the owner of its tables") {
		t.Errorf("no right to write: %s", got)
	}
}
