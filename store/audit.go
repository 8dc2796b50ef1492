package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// SaveAct keeps something that was done and that changes nothing else that is remembered. What does change something is
// kept with the change.
func (s *Store) SaveAct(ctx context.Context, act incidents.Act) error {
	const doing = "keep who did what"
	return s.inTx(ctx, doing, func(tx *sql.Tx) error { return saveActs(ctx, tx, act) })
}

const saveAct = `insert into audit (at_ms, partner, actor, origin, did, target, reason) values ($1, $2, $3, $4, $5, $6, $7)`

// saveActs keeps acts within the transaction of the change that they were.
func saveActs(ctx context.Context, tx execer, acts ...incidents.Act) error {
	for _, act := range acts {
		bound(&act.At)
		_, err := tx.ExecContext(ctx, saveAct,
			millis(act.At), text(act.Partner), text(act.Actor), text(string(act.Origin)), text(string(act.Did)), text(act.Target), inOneLine(act.Reason))
		if err != nil {
			return fmt.Errorf("note that %s was %s: %w", act.Target, act.Did, err)
		}
	}
	return nil
}

// longestKept is how many characters of a reason are kept.
const longestKept = 500

// inOneLine is a text from anywhere as one line of bounded length.
func inOneLine(s string) string {
	line := []rune(strings.Join(strings.Fields(text(s)), " "))
	if len(line) > longestKept {
		line = append(line[:longestKept], '…')
	}
	return string(line)
}

// saveRunActs keeps what was done to compatibility runs between their states before and after.
func saveRunActs(ctx context.Context, tx *sql.Tx, known, changed []changes.Run) error {
	before := make(map[string]changes.Run, len(known))
	for _, run := range known {
		before[run.ID] = run
	}
	for _, run := range changed {
		if err := saveActs(ctx, tx, run.Acts(before[run.ID], incidents.DoerOf(ctx))...); err != nil {
			return err
		}
	}
	return nil
}

// saveTelling keeps that people are told of something, by an effect that was recorded.
func saveTelling(ctx context.Context, tx execer, effect incidents.Effect, now time.Time) error {
	act, ok := changes.Telling(effect, now)
	if !ok {
		return nil
	}
	return saveActs(ctx, tx, act)
}

// Acts are those that the query asks for, the one that was kept last first. They are kept for 400 days.
func (s *Store) Acts(ctx context.Context, query incidents.ActQuery) ([]incidents.Act, error) {
	var where []string
	var args []any
	only := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if query.Partner != "" {
		only("audit.partner = $%d", text(query.Partner))
	}
	if query.Before > 0 {
		only("audit.id < $%d", query.Before)
	}
	if !query.Until.IsZero() {
		only("audit.at_ms < $%d", millis(query.Until))
	}
	statement := `select audit.id, at_ms, audit.partner, actor, origin, did, target, reason, coalesce(ticket, '')
		from audit left join incidents on incidents.id = audit.target`
	if len(where) > 0 {
		statement += " where " + strings.Join(where, " and ")
	}
	statement += " order by audit.id desc"
	if query.Limit > 0 {
		statement += fmt.Sprintf(" limit %d", query.Limit)
	}
	return rows(ctx, s.read, "read who did what", scanAct, statement, args...)
}

func scanAct(row *sql.Rows) (incidents.Act, error) {
	var act incidents.Act
	var at int64
	err := row.Scan(&act.ID, &at, &act.Partner, &act.Actor, &act.Origin, &act.Did, &act.Target, &act.Reason, &act.Ticket)
	act.At = moment(at)
	return act, err
}
