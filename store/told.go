package store

import (
	"context"
	"database/sql"
)

// Drawn is a picture as it was last asked for, and what came of drawing it.
type Drawn struct {
	Payload []byte // nil where it was never asked for
	Result  []byte // of the last time that it was drawn; nil before
	Done    bool   // it stands as it was last asked for
}

// Drawn reads the picture under a key. One that was done more than 400 days ago is forgotten.
func (s *Store) Drawn(ctx context.Context, key string) (Drawn, error) {
	found, err := rows(ctx, s.read, "read what was last shown of "+key, func(row *sql.Rows) (Drawn, error) {
		var d Drawn
		var payload, state string
		err := row.Scan(&payload, &d.Result, &state)
		d.Payload, d.Done = []byte(payload), state == "done"
		return d, err
	}, `select payload, result, state from effects where key = $1 and picture = 1`, text(key))
	if err != nil || len(found) == 0 {
		return Drawn{}, err
	}
	return found[0], nil
}

// Asked is a picture of some kind as it was last asked for.
type Asked struct {
	Key     string
	Payload []byte
}

// Asked reads the pictures of a kind, those first whose keys are lower. What was done more than 400 days ago is forgotten.
func (s *Store) Asked(ctx context.Context, kind string) ([]Asked, error) {
	return rows(ctx, s.read, "read what was asked for of kind "+kind, func(row *sql.Rows) (Asked, error) {
		var a Asked
		var payload string
		err := row.Scan(&a.Key, &payload)
		a.Payload = []byte(payload)
		return a, err
	}, `select key, payload from effects where kind = $1 and picture = 1 order by key`, text(kind))
}
