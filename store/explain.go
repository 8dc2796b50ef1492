package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

const mendDamage = "stop Sparky and put a backup in its place, or move the file away to begin anew"

// explain wraps an error of the database with what was being done and, where the error is one that people can mend,
// with how.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if mend := mendOf(err); mend != "" {
		return fmt.Errorf("store: %s: %s: %w", doing, mend, reachingOf(err))
	}
	return fmt.Errorf("store: %s: %w", doing, reachingOf(err))
}

func mendOf(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the database did not answer in time; see whether another program holds it, and how its disk and its server are doing"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return mendSQLite(lite.Code() & 0xff)
	}
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return mendPostgres(server.Code)
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) && !errors.Is(err, context.Canceled) {
		return "nobody answers there; see that PostgreSQL is running and that store.url names its host and port"
	}
	return ""
}

// mendSQLite is by the primary result codes of https://www.sqlite.org/rescode.html.
func mendSQLite(code int) string {
	switch code {
	case lib.SQLITE_FULL:
		return "the disk is full; make room, and Sparky goes on by itself"
	case lib.SQLITE_READONLY:
		return "the file cannot be written; give the user that Sparky runs as the right to write it and its folder"
	case lib.SQLITE_CORRUPT:
		return "the file is damaged; " + mendDamage
	case lib.SQLITE_NOTADB:
		return "the file is not a SQLite database; name another one in store.url, or " + mendDamage
	case lib.SQLITE_CANTOPEN:
		return "the file cannot be opened; see that its folder is there and may be written"
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return "another program holds the file; close what has it open, and Sparky goes on by itself"
	case lib.SQLITE_IOERR:
		return "the disk does not read or write as it should; look at the machine's log"
	default:
		return ""
	}
}

// mendPostgres is by the codes of https://www.postgresql.org/docs/current/errcodes-appendix.html.
func mendPostgres(code string) string {
	switch code {
	case "28P01", "28000":
		return "the server does not accept the user or the password of store.url"
	case "3D000":
		return "the server has no such database; create it, or name another one in store.url"
	case "42501":
		return "the user of store.url may not do that; make it the owner of the database"
	case "53100":
		return "the server's disk is full; make room, and Sparky goes on by itself"
	case "53300":
		return "the server has no connection left; raise its max_connections or close some"
	case "25P03":
		return "this machine was held up, and the server ended what it had begun; Sparky goes on by itself"
	case "57P01", "57P02", "57P03":
		return "the server is stopping or starting; Sparky goes on by itself when it is back"
	case "25006":
		return "the server takes no writes; name the primary in store.url"
	default:
		return ""
	}
}

func isNoDatabase(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == lib.SQLITE_NOTADB
}

func isBusy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code()&0xff == lib.SQLITE_BUSY || lite.Code()&0xff == lib.SQLITE_LOCKED)
}
