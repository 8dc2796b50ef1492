package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sparky/incidents"
	"sparky/scheduler"
)

func TestWhichErrorsAreOfADatabaseThatIsAway(t *testing.T) {
	for _, c := range []struct {
		err  error
		away bool
	}{
		{nil, false},
		{errors.New("an incident has no id"), false},
		{scheduler.ErrFenced, false},
		{incidents.ErrNoIncident, false},
		{context.Canceled, false},
		{context.DeadlineExceeded, true},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		{io.ErrUnexpectedEOF, true},
		{driver.ErrBadConn, true},
		{&pgconn.PgError{Code: "57P01"}, true}, // it is being stopped
		{&pgconn.PgError{Code: "57P03"}, true}, // it is starting
		{&pgconn.PgError{Code: "53100"}, true}, // its disk is full
		{&pgconn.PgError{Code: "08006"}, true},
		{&pgconn.PgError{Code: "25006"}, true}, // it is a standby
		{&pgconn.PgError{Code: "53300"}, true}, // it has no connection left
		{&pgconn.PgError{Code: "28P01"}, true}, // its password was changed
		{&pgconn.PgError{Code: "23505"}, false},
		{&pgconn.PgError{Code: "42P01"}, false},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("decide: %w", explain("decide", err))
		}
		if got := Away(err); got != c.away {
			t.Errorf("%v: away %v", c.err, got)
		}
	}
}

func TestAServerThatWentIsAway(t *testing.T) {
	_, err := Open(t.Context(), "postgres://nobody@/postgres?host="+t.TempDir()+"&sslmode=disable", Options{})
	if !Away(err) {
		t.Errorf("nobody answers there: %v", err)
	}
}

func TestAFileThatTakesNothingIsAway(t *testing.T) {
	b := newBench(t, "sqlite:"+t.TempDir()+"/sparky.db")
	_, err := b.write.ExecContext(t.Context(), `pragma query_only = 1`)
	must(t, err)
	if err := b.Record(t.Context(), deed("a")); !Away(err) {
		t.Errorf("it takes nothing: %v", err)
	}
	_, err = b.write.ExecContext(t.Context(), `pragma query_only = 0`)
	must(t, err)
	must(t, b.Record(t.Context(), deed("a")))
}
