package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	postgresConnections = 10
	postgresIdle        = 5 * time.Minute
	postgresConnect     = 10 * time.Second
)

// sessionSettings bound what a replica that is paused, or whose machine is gone, keeps from the others: a transaction in
// which nothing happens is undone after five seconds, before the lease under which it was begun can run out, and a
// connection whose other end is gone is noticed within twenty. On a socket of this machine the latter are ignored.
// https://www.postgresql.org/docs/current/runtime-config-client.html and runtime-config-connection.html.
//
// Tables are not read from end to end where there is an index, which nearly all that is asked here has. The server plans a
// statement for as long as the connection lasts, and one that it planned while the tables were empty would read all of
// them at every turn. What is read whole all the same then looks so dear that the server would compile it to machine code and
// start workers for it, at a hundred times what a few rows cost. https://www.postgresql.org/docs/current/runtime-config-query.html
const sessionSettings = `set idle_in_transaction_session_timeout = '5s'; set tcp_keepalives_idle = 5;
	set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; set enable_seqscan = off; set jit = off; set max_parallel_workers_per_gather = 0`

func prepareSession(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, sessionSettings); err != nil {
		return fmt.Errorf("prepare a connection: %w", err)
	}
	return nil
}

func (s *Store) openPostgres(ctx context.Context, config *pgx.ConnConfig) error {
	config = config.Copy()
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "sparky"
	}
	name := s.connectPostgres(config)
	db := s.write
	if err := db.PingContext(ctx); err != nil {
		return explain("reach "+name, err)
	}
	if err := s.dialect.refuseForeign(ctx, db, name); err != nil {
		return err
	}
	return s.migrate(ctx, name)
}

// connectPostgres makes the pool of connections, without reaching for the server, and returns what errors call it.
func (s *Store) connectPostgres(config *pgx.ConnConfig) (name string) {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresConnect
	}
	connector := stdlib.GetConnector(*config, stdlib.OptionAfterConnect(prepareSession))
	if s.between != nil {
		connector = s.between(connector)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(postgresIdle)
	s.write, s.read = db, db
	s.closers = append(s.closers, db.Close)
	return fmt.Sprintf("PostgreSQL database %s at %s:%d", config.Database, config.Host, config.Port)
}
