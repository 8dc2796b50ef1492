package store

import (
	"context"
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

func (s *Store) openPostgres(ctx context.Context, config *pgx.ConnConfig) error {
	s.dialect = postgresDialect()
	config = config.Copy()
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "sparky"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresConnect
	}
	name := fmt.Sprintf("PostgreSQL database %s at %s:%d", config.Database, config.Host, config.Port)
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(postgresIdle)
	s.write, s.read = db, db
	s.closers = append(s.closers, db.Close)
	if err := db.PingContext(ctx); err != nil {
		return explain("reach "+name, err)
	}
	if err := s.dialect.refuseForeign(ctx, db, name); err != nil {
		return err
	}
	return s.migrate(ctx, name)
}
