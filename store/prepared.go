package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// prepared are statements that SQLite has compiled already: compiling one takes longer than running it. PostgreSQL's
// driver keeps its own.
type prepared struct {
	mu     sync.Mutex
	byText map[string]*sql.Stmt
}

// ready compiles statements that are not yet. It is called before a transaction begins, because that has the one
// connection that writes.
func (s *Store) ready(ctx context.Context, queries ...string) error {
	if s.dialect.shared {
		return nil
	}
	for _, query := range queries {
		if s.prepared.has(query) {
			continue
		}
		// Not under the lock: this waits for the transaction that has the connection, and that asks what is ready.
		statement, err := s.write.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		if err := s.prepared.add(query, statement); err != nil {
			return err
		}
	}
	return nil
}

func (p *prepared) has(query string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byText[query] != nil
}

// add keeps a statement, unless somebody else has compiled the same meanwhile.
func (p *prepared) add(query string, statement *sql.Stmt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byText[query] != nil {
		return statement.Close()
	}
	if p.byText == nil {
		p.byText = map[string]*sql.Stmt{}
	}
	p.byText[query] = statement
	return nil
}

// quick is the transaction with the statements that are ready.
func (s *Store) quick(tx *sql.Tx) quickTx { return quickTx{tx, &s.prepared} }

// quickTx is a transaction that runs compiled statements where there are some.
type quickTx struct {
	*sql.Tx
	prepared *prepared
}

func (q quickTx) statement(ctx context.Context, query string) *sql.Stmt {
	q.prepared.mu.Lock()
	defer q.prepared.mu.Unlock()
	if found := q.prepared.byText[query]; found != nil {
		return q.StmtContext(ctx, found)
	}
	return nil
}

// unwatched is the context of a compiled statement of SQLite. For each that may be called off the driver, and database/sql
// for each query, start a goroutine that watches it; the transaction has one already, which undoes all of it.
func unwatched(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// ExecContext runs a statement.
func (q quickTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if statement := q.statement(ctx, query); statement != nil { //nolint:sqlclosecheck // it ends with the transaction
		return statement.ExecContext(unwatched(ctx), args...)
	}
	return q.Tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a query.
func (q quickTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if statement := q.statement(ctx, query); statement != nil { //nolint:sqlclosecheck // it ends with the transaction
		return statement.QueryContext(unwatched(ctx), args...)
	}
	return q.Tx.QueryContext(ctx, query, args...)
}

// quickWrites run one statement each, outside a transaction of ours, that is compiled once. For what comes round.
type quickWrites struct{ store *Store }

// QueryContext runs a statement that says what it changed.
func (q quickWrites) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	statement, err := q.statement(ctx, query) //nolint:sqlclosecheck // it is kept until close
	if err != nil || statement == nil {
		return q.store.write.QueryContext(ctx, query, args...)
	}
	return statement.QueryContext(ctx, args...)
}

// ExecContext runs a statement.
func (q quickWrites) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	statement, err := q.statement(ctx, query) //nolint:sqlclosecheck // it is kept until close
	if err != nil || statement == nil {
		return q.store.write.ExecContext(ctx, query, args...)
	}
	return statement.ExecContext(ctx, args...)
}

// statement is nil where the driver compiles it by itself. What cannot be compiled is tried as it is, for its error.
func (q quickWrites) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := q.store.ready(ctx, query); err != nil {
		return nil, err
	}
	q.store.prepared.mu.Lock()
	defer q.store.prepared.mu.Unlock()
	return q.store.prepared.byText[query], nil
}

// changeOften is change for what comes round, whose statement is compiled once.
func (s *Store) changeOften(ctx context.Context, doing, statement string, args ...any) error {
	if _, fenced := s.fence(ctx); fenced {
		return s.change(ctx, doing, statement, args...)
	}
	_, err := quickWrites{s}.ExecContext(ctx, statement, args...)
	return explain(doing, err)
}

// execer is a transaction that something is written in.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// asker is a transaction that something is asked and written in.
type asker interface {
	querier
	execer
}

// quickReads are queries whose texts do not vary, each compiled once.
type quickReads struct {
	db       *sql.DB
	own      bool // its driver compiles each once by itself
	prepared prepared
}

// QueryContext runs a query.
func (q *quickReads) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if q.own {
		return q.db.QueryContext(ctx, query, args...)
	}
	statement, err := q.statement(ctx, query) //nolint:sqlclosecheck // it is kept until close
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

func (q *quickReads) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	q.prepared.mu.Lock()
	defer q.prepared.mu.Unlock()
	if found := q.prepared.byText[query]; found != nil {
		return found, nil
	}
	statement, err := q.db.PrepareContext(ctx, query) //nolint:sqlclosecheck // it is kept until close
	if err != nil {
		return nil, err
	}
	if q.prepared.byText == nil {
		q.prepared.byText = map[string]*sql.Stmt{}
	}
	q.prepared.byText[query] = statement
	return statement, nil
}

// close lets go of the statements.
func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, statement := range p.byText {
		errs = append(errs, statement.Close())
	}
	p.byText = nil
	return errors.Join(errs...)
}
