package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// untilMorning puts what can wait onto the message of the next morning, within the transaction of the change that called for
// it, and returns what cannot, with that message. A deed that waits is done by that: its key is taken for ever. A picture that
// stands already is drawn anew at once.
func (s *Store) untilMorning(ctx context.Context, tx *sql.Tx, effects []incidents.Effect, now time.Time) ([]incidents.Effect, error) {
	var rest []incidents.Effect
	var waiting []changes.MorningItem
	for _, effect := range effects {
		item, waits := s.morning.Waits(effect, now)
		if !waits {
			rest = append(rest, effect)
			continue
		}
		fresh, err := putOff(ctx, tx, effect, now)
		switch {
		case err != nil:
			return nil, fmt.Errorf("effect %s, until the morning: %w", effect.Key, err)
		case fresh:
			waiting = append(waiting, item)
		case effect.Picture:
			rest = append(rest, effect)
		}
	}
	if len(waiting) == 0 {
		return rest, nil
	}
	// Two that add to one morning at once would lose the other's.
	if err := s.takeTurn(ctx, tx); err != nil {
		return nil, err
	}
	at, day := s.morning.Next(now)
	morning, err := morningOf(ctx, tx, day)
	if err != nil {
		return nil, fmt.Errorf("the message of the morning of %s: %w", day, err)
	}
	for _, item := range waiting {
		morning = morning.Add(item)
	}
	return append(rest, morning.Effect(at)), nil
}

// putOff notes that an effect is told in the morning. It tells whether it was not told before.
func putOff(ctx context.Context, tx *sql.Tx, effect incidents.Effect, now time.Time) (fresh bool, err error) {
	if effect.Picture {
		var known int
		if err := tx.QueryRowContext(ctx, `select count(*) from effects where key = $1`, text(effect.Key)).Scan(&known); err != nil || known > 0 {
			return false, err
		}
		if act, ok := changes.Telling(effect, now); ok {
			return true, saveActs(ctx, tx, act)
		}
		return true, nil
	}
	saved, err := tx.ExecContext(ctx, `insert into effects (key, kind, payload, picture, state, revision, recorded_ms,
			after_ms, due_ms, owner, claim, attempts, started_ms, unsettled, failing_ms, troubled, problem, done_ms)
		values ($1, $2, $3, 0, 'done', 1, $4, 0, $4, '', 0, 0, 0, 0, 0, 0, '', $4) on conflict (key) do nothing`,
		text(effect.Key), text(effect.Kind), text(string(effect.Payload)), now.UnixMilli())
	if err != nil {
		return false, err
	}
	if count, err := saved.RowsAffected(); err != nil || count == 0 {
		return false, err
	}
	return true, saveTelling(ctx, tx, effect, now)
}

// morningOf is what a morning's message holds so far.
func morningOf(ctx context.Context, tx *sql.Tx, day changes.Date) (changes.Morning, error) {
	morning := changes.Morning{Day: day}
	var payload string
	err := tx.QueryRowContext(ctx, `select payload from effects where key = $1`, changes.MorningKey(day)).Scan(&payload)
	if errors.Is(err, sql.ErrNoRows) {
		return morning, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(payload), &morning)
	}
	return morning, err
}
