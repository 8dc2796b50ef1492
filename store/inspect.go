package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// history is what makes a file large, and what Sparky can begin without: the results of probes.
const history = `'results', 'hours', 'days'`

// inspect refuses a file that is damaged, of something else or of a newer Sparky, through a connection that cannot
// change it. A file with years of results takes no longer than one without: those are looked at when Sparky runs.
func (s *Store) inspect(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, sqliteLooker))
	if err != nil {
		return explain("look into "+path, err)
	}
	if err = checkTables(ctx, db, path, "name not in ("+history+")"); err == nil {
		err = s.dialect.refuseForeign(ctx, db, path)
	}
	return errors.Join(err, db.Close())
}

// checkTables is an error where one of the tables is damaged. which is a condition on their names.
func checkTables(ctx context.Context, db *sql.DB, path, which string) error {
	tables, err := rows(ctx, db, "look into "+path, func(row *sql.Rows) (name string, err error) { return name, row.Scan(&name) },
		`select name from sqlite_master where type = 'table' and `+which+` order by name`)
	if err != nil {
		return err
	}
	for _, table := range tables {
		var verdict string
		err := db.QueryRowContext(ctx, "pragma quick_check('"+strings.ReplaceAll(table, "'", "''")+"')").Scan(&verdict)
		if err != nil {
			return explain("look into "+path, err)
		}
		if verdict != "ok" {
			return fmt.Errorf("store: %s is damaged (%s); %s", path, verdict, mendDamage)
		}
	}
	return nil
}

// inspectHistory looks at the results of probes while Sparky runs already. Damage is a problem that lasts until the next
// start. Close ends it.
func (s *Store) inspectHistory(ctx context.Context, path string) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.inspected = make(chan struct{})
	s.closers = append(s.closers, func() error {
		cancel()
		<-s.inspected
		return nil
	})
	go func() {
		defer close(s.inspected)
		if err := checkTables(ctx, s.read, path, "name in ("+history+")"); err != nil && ctx.Err() == nil {
			s.losses.found(err)
		}
	}()
}

// found notes damage, which does not pass.
func (l *losses) found(damage error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.damage = &loss{words: damage.Error(), since: time.Now()}
}
