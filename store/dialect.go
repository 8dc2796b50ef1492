package store

import (
	"database/sql"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// dialect is all in which the two databases differ for us.
type dialect struct {
	goose  goose.Dialect
	shared bool               // several processes may use one database
	ddl    *strings.Replacer  // what migrations say, in the database's own words
	skip   string             // makes a select take rows that no other transaction has taken
	hold   string             // makes a select wait for its rows, and keep them until the transaction ends
	turn   string             // waits for, and takes, the turn to decide until the transaction ends; empty where every transaction that writes has it
	level  sql.IsolationLevel // in which a statement sees what was committed before it began
	clock  string             // the query for its own clock in milliseconds; empty where the machine's is meant
	tables string             // counts the tables that are there, goose's among them, and ours
	later  fs.FS              // Options.Later
}

func sqliteDialect() dialect {
	return dialect{
		goose: goose.DialectSQLite3,
		ddl: strings.NewReplacer("bigint identity", "integer", "bigint", "integer", "bytea", "blob",
			"\n);", "\n) strict;", "\n) clustered;", "\n) strict, without rowid;"),
		tables: `select count(*), count(*) filter (where name = 'goose_db_version'), count(*) filter (where name = 'effects')
			from sqlite_master where type = 'table' and name not like 'sqlite_%'`,
	}
}

func postgresDialect() dialect {
	return dialect{
		goose:  goose.DialectPostgres,
		shared: true,
		ddl:    strings.NewReplacer("bigint identity", "bigint generated always as identity", "\n) clustered;", "\n);"),
		skip:   " for update skip locked",
		hold:   " for update",
		turn:   `select pg_advisory_xact_lock($1, hashtext(coalesce(current_schema(), '')))`,
		level:  sql.LevelReadCommitted,
		clock:  `select (extract(epoch from clock_timestamp()) * 1000)::bigint`,
		tables: `select count(*), count(*) filter (where tablename = 'goose_db_version'), count(*) filter (where tablename = 'effects')
			from pg_tables where schemaname = current_schema()`,
	}
}

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the migration files in the words of one database.
type migrations struct {
	fs.FS
	ddl *strings.Replacer
}

func migrationsFor(d dialect) (migrations, error) {
	folder, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return migrations{}, fmt.Errorf("find the migrations: %w", err)
	}
	if d.later != nil {
		return migrations{both{folder, d.later}, d.ddl}, nil
	}
	return migrations{folder, d.ddl}, nil
}

// both is two folders in one.
type both struct{ first, second fs.FS }

// Open opens a file of either.
func (b both) Open(name string) (fs.File, error) {
	if file, err := b.second.Open(name); err == nil && name != "." {
		return file, nil
	}
	return b.first.Open(name)
}

// ReadDir lists the files of both.
func (b both) ReadDir(name string) ([]fs.DirEntry, error) {
	one, err := fs.ReadDir(b.first, name)
	if err != nil {
		return nil, err
	}
	other, err := fs.ReadDir(b.second, name)
	return append(one, other...), err
}

// ReadDir lists the migrations.
func (m migrations) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(m.FS, name) }

// Open opens a migration in the database's words.
func (m migrations) Open(name string) (fs.File, error) {
	file, err := m.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read migration %s: %w", name, err)
	}
	return translated{file, strings.NewReader(m.ddl.Replace(string(text)))}, nil
}

// translated is a file that reads as something else than what it holds.
type translated struct {
	fs.File
	text *strings.Reader
}

// Read reads the translation.
func (t translated) Read(into []byte) (int, error) { return t.text.Read(into) }
