package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// mostTries is how often a transaction is tried that the server gives up in favour of another one.
const mostTries = 5

// inTxAgain is inTx, tried again when the server undid all of it because of what others did at the same time.
func (s *Store) inTxAgain(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	return s.kept(doing, s.tryTxAgain(ctx, doing, do))
}

func (s *Store) tryTxAgain(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	return again(ctx, func() error { return s.tryTx(ctx, doing, do) })
}

// again does what is undone as a whole where it fails, until the server lets it be.
func again(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if !isConflict(err) || try == mostTries || ctx.Err() != nil {
			return err
		}
	}
}

// isConflict tells that the server undid a transaction that may succeed when it is tried again: serialization_failure
// and deadlock_detected of https://www.postgresql.org/docs/current/errcodes-appendix.html.
func isConflict(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == "40001" || server.Code == "40P01")
}

// turnToDecide is the PostgreSQL advisory lock that a transaction holds while it decides: "turn" in ASCII.
const turnToDecide = 0x7475726e

// takeTurn makes the transaction the only one that decides, until it ends. What it reads then is what the one before
// left.
func (s *Store) takeTurn(ctx context.Context, tx *sql.Tx) error {
	if s.dialect.turn == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.dialect.turn, turnToDecide)
	return err
}
