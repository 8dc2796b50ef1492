package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"sparky/internal/setting"
)

// sqliteStill reads a file as it lies there: without locks, and without the files that SQLite else makes beside it.
const sqliteStill = "mode=ro&immutable=1"

// Looks is the look at the store: whether Sparky can keep there what it has to remember. It creates, changes and migrates
// nothing.
func (c Config) Looks() []setting.Look {
	return []setting.Look{{What: "store.url", Try: func(ctx context.Context) setting.Finding {
		target, err := parseURL(c.URL)
		if err != nil {
			return setting.Failed("reading the address", err, "correct store.url")
		}
		if target.path != "" {
			return examineSQLite(ctx, target.path)
		}
		return examinePostgres(ctx, target.postgres)
	}}}
}

// failed is the finding that a look failed; that it is about the store is said already.
func failed(tried string, err error, usual string) setting.Finding {
	found := setting.Failed(tried, err, usual)
	found.Problem = strings.TrimPrefix(found.Problem, "store: ")
	return found
}

func examineSQLite(ctx context.Context, path string) setting.Finding {
	const tried = "looking at the file and its folder"
	const usual = "name another file in store.url"
	fresh, err := checkFile(path)
	if err != nil {
		return failed(tried, err, usual)
	}
	if err := mayWrite(filepath.Dir(path)); err != nil {
		return setting.Wrong(tried, fmt.Sprintf("nothing can be written into the folder %s: %v", filepath.Dir(path), err),
			"give the user that Sparky runs as the right to, or change store.url")
	}
	if fresh {
		return setting.Well("%s: %s can be made there", tried, filepath.Base(path))
	}
	held, err := isHeld(ctx, path+".lock")
	switch {
	case err != nil:
		return failed(tried, err, usual)
	case held:
		return setting.Well("%s: it can be written, and a Sparky that runs has it open", tried)
	}
	if err := lookInside(ctx, path); err != nil {
		return failed(tried, err, usual)
	}
	return setting.Well("%s: it is there, it is ours, and it can be written", tried)
}

// isHeld tells that another process has the lock; see lockFile.
func isHeld(ctx context.Context, beside string) (held bool, err error) {
	if _, err := os.Stat(beside); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	db, err := sql.Open("sqlite", dsn(beside, "mode=ro&_pragma=busy_timeout(0)"))
	if err != nil {
		return false, explain("look at "+beside, err)
	}
	var tables int
	err = db.QueryRowContext(ctx, "select count(*) from sqlite_master").Scan(&tables)
	if closing := db.Close(); closing != nil {
		return false, explain("look at "+beside, closing)
	}
	if isBusy(err) {
		return true, nil
	}
	return false, explain("look at "+beside, err)
}

// lookInside refuses what Open would refuse. What is still in the journal of a Sparky that was killed is not seen.
func lookInside(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, sqliteStill))
	if err != nil {
		return explain("look into "+path, err)
	}
	return errors.Join(sqliteDialect().refuseForeign(ctx, db, path), db.Close())
}

func examinePostgres(ctx context.Context, config *pgx.ConnConfig) setting.Finding {
	const tried = "connecting, and asking what may be written"
	config = config.Copy()
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "sparky doctor"
	}
	// Whatever is asked, the server keeps it from changing anything.
	config.RuntimeParams["default_transaction_read_only"] = "on"
	name := fmt.Sprintf("PostgreSQL database %s at %s:%d", config.Database, config.Host, config.Port)
	db := stdlib.OpenDB(*config)
	problem, err := examineServer(ctx, db, name)
	err = errors.Join(err, db.Close())
	switch {
	case err != nil:
		return failed(tried, err, "see that store.url names a PostgreSQL that this machine reaches")
	case problem.Problem != "":
		return setting.Wrong(tried, problem.Problem, problem.Mend)
	}
	return setting.Well("%s: %s takes it", tried, name)
}

// examineServer asks what keeps Sparky from writing.
func examineServer(ctx context.Context, db *sql.DB, name string) (setting.Finding, error) {
	var replica, creates, writes bool
	var schema, user string
	err := db.QueryRowContext(ctx, `select pg_is_in_recovery(), coalesce(current_schema(), ''), current_user,
		coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
		coalesce(bool_and(has_table_privilege(schemaname || '.' || tablename, 'SELECT') and has_table_privilege(schemaname || '.' || tablename, 'INSERT')
			and has_table_privilege(schemaname || '.' || tablename, 'UPDATE') and has_table_privilege(schemaname || '.' || tablename, 'DELETE')), true)
		from (select quote_ident(schemaname) as schemaname, quote_ident(tablename) as tablename from pg_tables where schemaname = current_schema()) ours`).
		Scan(&replica, &schema, &user, &creates, &writes)
	if err != nil {
		return setting.Finding{}, explain("reach "+name, err)
	}
	switch {
	case replica:
		return setting.Wrong("", name+" is a replica, which nothing can be written to", "name the primary in store.url"), nil
	case schema == "":
		return setting.Wrong("", "there is no schema to keep tables in", "create the schema that the search_path of "+user+" names"), nil
	case !creates:
		return setting.Wrong("", fmt.Sprintf("%s may not create tables in the schema %s", user, schema), fmt.Sprintf("GRANT CREATE ON SCHEMA %s TO %s", schema, user)), nil
	case !writes:
		return setting.Wrong("", fmt.Sprintf("%s may not write to every table in the schema %s", user, schema), "make "+user+" the owner of its tables"), nil
	}
	return setting.Finding{}, postgresDialect().refuseForeign(ctx, db, name)
}
