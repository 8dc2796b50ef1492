package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

var _ changes.RunMemory = (*Store)(nil)

// DecideRuns implements changes.RunMemory.
func (s *Store) DecideRuns(ctx context.Context, partner string, decide func([]changes.Run) ([]changes.Run, []incidents.Effect, error)) error {
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	var refusal error
	recorded := 0
	err = s.tryTxAgain(ctx, "decide on the compatibility runs of "+partner, func(tx *sql.Tx) error {
		refusal, recorded = nil, 0
		if err := s.takeTurn(ctx, tx); err != nil {
			return err
		}
		bodies := map[string]string{}
		known, err := each(ctx, tx, func(row *sql.Rows) (changes.Run, error) {
			run, body, err := scanRunAndBody(row)
			bodies[run.ID] = body
			return run, err
		}, `select id, body from runs where live = 1 and partner = $1 order by asked_ms, id`, text(partner))
		if err != nil {
			return err
		}
		changed, effects, err := decide(known)
		if err != nil {
			refusal = err
			return err
		}
		recorded = len(effects)
		for _, run := range changed {
			if err := saveRun(ctx, tx, run, bodies[run.ID]); err != nil {
				return fmt.Errorf("compatibility run %s: %w", run.ID, err)
			}
		}
		if err := saveRunActs(ctx, tx, known, changed); err != nil {
			return err
		}
		return saveEffects(ctx, tx, effects, now, nil)
	})
	if refusal != nil {
		return refusal
	}
	if err == nil && recorded > 0 {
		s.wake()
	}
	return s.kept("decide on the compatibility runs of "+partner, err)
}

// saveRun keeps a run, with what a newer Sparky keeps of it beside that.
func saveRun(ctx context.Context, tx *sql.Tx, run changes.Run, before string) error {
	encoded, err := json.Marshal(run)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into runs (id, partner, version, auto, live, asked_ms, body) values ($1, $2, $3, null, $4, $5, $6)
		on conflict (id) do update set live = excluded.live, body = excluded.body`,
		text(run.ID), text(run.Partner), runVersion(run), flag(run.State.Live()), millis(run.Asked), beside(before, text(string(encoded)), reflect.TypeFor[changes.Run]()))
	return err
}

// beginRun keeps a run that an announcement asks for, with the effects that begin it, unless the version was tried before.
func beginRun(ctx context.Context, tx *sql.Tx, run changes.Run, now time.Time) error {
	encoded, err := json.Marshal(run)
	if err != nil {
		return err
	}
	saved, err := tx.ExecContext(ctx, `insert into runs (id, partner, version, auto, live, asked_ms, body)
		select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as bigint), cast($7 as text)
		where not exists (select 1 from runs where partner = cast($2 as text) and version = cast($3 as text))
		on conflict do nothing`,
		text(run.ID), text(run.Partner), runVersion(run), text(run.Partner)+"/"+runVersion(run), flag(run.State.Live()), millis(run.Asked), text(string(encoded)))
	if err != nil {
		return err
	}
	if count, err := saved.RowsAffected(); err != nil || count == 0 {
		return err
	}
	if err := saveRunActs(ctx, tx, nil, []changes.Run{run}); err != nil {
		return err
	}
	return saveEffects(ctx, tx, run.Begins(), now, nil)
}

// runVersion is a version as it is compared with others.
func runVersion(run changes.Run) string { return strings.ToLower(text(strings.TrimSpace(run.Version))) }

func scanRun(row *sql.Rows) (changes.Run, error) {
	run, _, err := scanRunAndBody(row)
	return run, err
}

// scanRunAndBody reads a run, and how it is encoded.
func scanRunAndBody(row *sql.Rows) (run changes.Run, body string, err error) {
	var id string
	if err := row.Scan(&id, &body); err != nil {
		return run, body, err
	}
	if err := decode(body, &run); err != nil {
		return run, body, fmt.Errorf("compatibility run %s: %w", id, err)
	}
	return run, body, nil
}

// Run implements changes.RunMemory.
func (s *Store) Run(ctx context.Context, id string) (changes.Run, error) {
	found, err := rows(ctx, s.read, "read compatibility run "+id, scanRun, `select id, body from runs where id = $1`, text(id))
	if err != nil || len(found) == 0 {
		return changes.Run{}, cmp.Or(err, fmt.Errorf("%q: %w", id, changes.ErrNoRun))
	}
	return found[0], nil
}

// Runs implements changes.RunMemory.
func (s *Store) Runs(ctx context.Context, since time.Time) ([]changes.Run, error) {
	return rows(ctx, &s.reading, "list the compatibility runs", scanRun,
		`select id, body from runs where live = 1 or asked_ms >= $1 order by asked_ms desc, id desc`, millis(since))
}
