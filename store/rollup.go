package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// rollUp makes the results of each probe as coarse as their age asks for: single ones are forgotten after a week, for their
// hours have counted them since they were saved; hours become days after ninety days; days are forgotten in the end. Every
// probe is a transaction of its own, in which nobody else saves results of it: whatever happens, a result is counted once.
func (s *Store) rollUp(ctx context.Context, now time.Time) error {
	const doing = "put old results of probes together"
	probes, err := rows(ctx, s.read, doing, func(row *sql.Rows) (id int64, err error) { return id, row.Scan(&id) },
		`select id from probes order by id`)
	if err != nil {
		return err
	}
	for _, probe := range probes {
		err := s.apart(ctx, doing, false, func(tx *sql.Tx) error { return s.rollUpProbe(ctx, tx, probe, now) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) rollUpProbe(ctx context.Context, tx *sql.Tx, probe int64, now time.Time) error {
	var id int64
	err := tx.QueryRowContext(ctx, `select id from probes where id = $1`+s.dialect.hold, probe).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // another replica forgot it meanwhile
	}
	if err != nil {
		return fmt.Errorf("hold probe %d: %w", probe, err)
	}
	// Whole hours and days alone: their parts are all kept, or none.
	single := floorHour(now.Add(-keepSingles).UnixMilli()) * hourMS
	if _, err := tx.ExecContext(ctx, `delete from results where probe = $1 and at_ms < $2`, probe, single); err != nil {
		return err
	}
	if err := daysFromHours(ctx, tx, probe, floorDay(floorHour(now.Add(-keepHours).UnixMilli()))); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `delete from days where probe = $1 and day < $2`, probe, floorDay(floorHour(now.Add(-keepDays).UnixMilli())))
	return err
}

// daysFromHours adds the hours of a probe before a day to their days.
func daysFromHours(ctx context.Context, tx *sql.Tx, probe, before int64) error {
	type hourOfDay struct {
		day          int64
		runs, passed int
		spread       []byte
	}
	old, err := each(ctx, tx, func(row *sql.Rows) (h hourOfDay, err error) {
		var hour int64
		err = row.Scan(&hour, &h.runs, &h.passed, &h.spread)
		h.day = floorDay(hour)
		return h, err
	}, `select hour, runs, passed, spread from hours where probe = $1 and hour < $2 order by hour`, probe, before*24)
	if err != nil || len(old) == 0 {
		return err
	}
	for from := 0; from < len(old); {
		to := from
		sum := tally{}
		for ; to < len(old) && old[to].day == old[from].day; to++ {
			sum.put(old[to].runs, old[to].passed, old[to].spread)
		}
		if err := saveDay(ctx, tx, probe, old[from].day, sum); err != nil {
			return fmt.Errorf("day %d of probe %d: %w", old[from].day, probe, err)
		}
		from = to
	}
	_, err = tx.ExecContext(ctx, `delete from hours where probe = $1 and hour < $2`, probe, before*24)
	return err
}

// saveDay adds to a day. It may be there: a result that comes late makes an hour of its own.
func saveDay(ctx context.Context, tx *sql.Tx, probe, day int64, sum tally) error {
	before, err := each(ctx, tx, func(row *sql.Rows) (t tally, err error) {
		var runs, passed int
		var spread []byte
		err = row.Scan(&runs, &passed, &spread)
		t.put(runs, passed, spread)
		return t, err
	}, `select runs, passed, spread from days where probe = $1 and day = $2`, probe, day)
	if err != nil {
		return err
	}
	for _, b := range before {
		sum.put(b.runs, b.passed, b.took.encode())
	}
	_, err = tx.ExecContext(ctx, `insert into days (probe, day, runs, passed, spread) values ($1, $2, $3, $4, $5)
		on conflict (probe, day) do update set runs = excluded.runs, passed = excluded.passed, spread = excluded.spread`,
		probe, day, sum.runs, sum.passed, sum.took.encode())
	return err
}

// put adds what is kept of an hour or day. Where its durations are damaged the others' are kept, and all counts.
func (t *tally) put(runs, passed int, encoded []byte) {
	t.runs += runs
	t.passed += passed
	var took spread
	if took.merge(encoded) != nil {
		return
	}
	for step, times := range took {
		if times > 0 {
			t.took.count(step, times)
		}
	}
}
