package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

var _ changes.Memory = (*Store)(nil)

const sourceColumns = `partner, source, etag, last_modified, body_hash, format, baseline_ms, tried_ms, read_ms, problem,
	failing_ms, moved, skipped, listed, told`

// SourceStates implements changes.Memory.
func (s *Store) SourceStates(ctx context.Context, partner string) (map[string]changes.SourceState, error) {
	states, err := rows(ctx, &s.reading, "read how the sources of "+partner+" stand", scanSource,
		`select `+sourceColumns+` from sources where partner = $1`, text(partner))
	if err != nil {
		return nil, err
	}
	bySource := make(map[string]changes.SourceState, len(states))
	for _, state := range states {
		bySource[state.Source] = state
	}
	return bySource, nil
}

// SourcesOf is how the sources of some partners stand, by partner and source. It is a query for hundreds of partners.
func (s *Store) SourcesOf(ctx context.Context, of ...string) (map[string]map[string]changes.SourceState, error) {
	all := map[string]map[string]changes.SourceState{}
	named := map[string]string{} // by how they are stored
	var values []any
	for _, partner := range of {
		all[partner] = map[string]changes.SourceState{}
		named[text(partner)] = partner
		values = append(values, text(partner))
	}
	for batch := range slices.Chunk(values, atOnce) {
		list, args := padded(nil, batch)
		found, err := rows(ctx, &s.reading, "read how the sources of partners stand", scanSource,
			`select `+sourceColumns+` from sources where partner in (`+list+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, state := range found {
			all[named[state.Partner]][state.Source] = state
		}
	}
	return all, nil
}

func scanSource(row *sql.Rows) (changes.SourceState, error) {
	var state changes.SourceState
	var baseline, tried, read, failing int64
	var told int
	err := row.Scan(&state.Partner, &state.Source, &state.Validators.ETag, &state.Validators.LastModified,
		&state.Validators.BodyHash, &state.Format, &baseline, &tried, &read, &state.Problem, &failing, &state.Moved, &state.Skipped,
		&state.Listed, &told)
	state.BaselineAt, state.TriedAt, state.ReadAt = moment(baseline), moment(tried), moment(read)
	state.FailingFor, state.Told = moment(failing), told == 1
	return state, err
}

const keepSource = `insert into sources (` + sourceColumns + `)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
	on conflict (partner, source) do update set etag = excluded.etag, last_modified = excluded.last_modified,
		body_hash = excluded.body_hash, format = excluded.format, baseline_ms = excluded.baseline_ms,
		tried_ms = excluded.tried_ms, read_ms = excluded.read_ms, problem = excluded.problem,
		failing_ms = excluded.failing_ms, moved = excluded.moved, skipped = excluded.skipped,
		listed = excluded.listed, told = excluded.told
	where cast($16 as bigint) < 0 or sources.tried_ms = cast($16 as bigint)`

// saveSource keeps how a source stands, unless another replica has tried it since.
func saveSource(ctx context.Context, tx execer, state changes.SourceState, since map[string]time.Time) error {
	expected := int64(-1)
	if tried, ok := since[state.Source]; ok {
		expected = millis(tried)
	}
	saved, err := tx.ExecContext(ctx, keepSource,
		text(state.Partner), text(state.Source), text(state.Validators.ETag), text(state.Validators.LastModified),
		text(state.Validators.BodyHash), text(state.Format), millis(state.BaselineAt), millis(state.TriedAt), millis(state.ReadAt),
		text(state.Problem), millis(state.FailingFor), text(state.Moved), state.Skipped,
		state.Listed, flag(state.Told), expected)
	if err != nil {
		return err
	}
	if count, err := saved.RowsAffected(); err != nil || count == 0 {
		return cmp.Or(err, changes.ErrOvertaken)
	}
	return nil
}

// Record keeps effects that no other change goes with. A deed whose key is known already is left as it is.
func (s *Store) Record(ctx context.Context, effects ...incidents.Effect) error {
	if len(effects) == 0 {
		return nil
	}
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	err = s.inTx(ctx, "keep what is to be done", func(tx *sql.Tx) error {
		return saveEffects(ctx, tx, effects, now, nil)
	})
	if err == nil {
		s.wake()
	}
	return err
}
