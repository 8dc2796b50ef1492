package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sparky/scheduler"
)

var (
	_ scheduler.Leases = (*Store)(nil)
	_ scheduler.Phases = (*Store)(nil)
)

// Acquire implements scheduler.Leases.
func (s *Store) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (epoch int64, held bool, err error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return 0, false, err
	}
	granted, err := each(ctx, quickWrites{s}, func(row *sql.Rows) (epoch int64, err error) {
		return epoch, row.Scan(&epoch)
	}, `insert into leases (name, owner, epoch, expires_ms) values ($1, $2, 1, $3)
		on conflict (name) do update set expires_ms = excluded.expires_ms, owner = excluded.owner,
			epoch = case when leases.owner = excluded.owner then leases.epoch else leases.epoch + 1 end
		where leases.owner = excluded.owner or leases.expires_ms <= $4
		returning epoch`, text(name), text(owner), now.Add(ttl).UnixMilli(), now.UnixMilli())
	if err = s.kept("lease", explain("ask for the lease "+name, err)); err != nil || len(granted) == 0 {
		return 0, false, err
	}
	return granted[0], true, nil
}

// fence is the lease under which something is written, where others may hold it by now: a SQLite file has one process.
func (s *Store) fence(ctx context.Context) (scheduler.Fence, bool) {
	f, ok := scheduler.FenceOf(ctx)
	return f, ok && s.dialect.shared
}

// checkFence refuses a transaction under a lease that is held no more. Nobody else can take the lease before the
// transaction ends.
func (s *Store) checkFence(ctx context.Context, tx *sql.Tx) error {
	f, fenced := s.fence(ctx)
	if !fenced {
		return nil
	}
	var held int
	err := tx.QueryRowContext(ctx, `select 1 from leases where name = $1 and owner = $2 and epoch = $3 for share`,
		text(f.Name), text(f.Owner), f.Epoch).Scan(&held)
	if errors.Is(err, sql.ErrNoRows) {
		return scheduler.ErrFenced
	}
	return err
}

// Holder is who holds a lease now; empty where nobody does.
func (s *Store) Holder(ctx context.Context, lease string) (string, error) {
	held, err := s.holders(ctx)
	return held[text(lease)], err
}

// holders are who holds each lease that is held now, by its name.
func (s *Store) holders(ctx context.Context) (map[string]string, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return nil, err
	}
	held := map[string]string{}
	_, err = rows(ctx, s.read, "ask who holds the leases", func(row *sql.Rows) (struct{}, error) {
		var name, owner string
		err := row.Scan(&name, &owner)
		held[name] = owner
		return struct{}{}, err
	}, `select name, owner from leases where expires_ms > $1 and owner <> ''`, now.UnixMilli())
	return held, err
}

// Release implements scheduler.Leases. The epoch is kept, so that it never repeats.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	_, err := s.write.ExecContext(ctx, `update leases set expires_ms = 0, owner = '' where name = $1 and owner = $2`, text(name), text(owner))
	return explain("give back the lease "+name, err)
}

// DueTimes implements scheduler.Phases.
func (s *Store) DueTimes(ctx context.Context) (map[string]time.Time, error) {
	due := map[string]time.Time{}
	_, err := rows(ctx, s.read, "read when the jobs are due", func(row *sql.Rows) (struct{}, error) {
		var name string
		var ms int64
		err := row.Scan(&name, &ms)
		due[name] = moment(ms)
		return struct{}{}, err
	}, `select name, due_ms from jobs`)
	return due, err
}

const saveDueTime = `insert into jobs (name, due_ms) values ($1, $2) on conflict (name) do update set due_ms = excluded.due_ms`

// SaveDueTimes implements scheduler.Phases.
func (s *Store) SaveDueTimes(ctx context.Context, due map[string]time.Time) error {
	const doing = "keep when the jobs are due"
	if err := s.ready(ctx, saveDueTime); err != nil {
		return s.kept(doing, explain(doing, err))
	}
	return s.inTx(ctx, doing, func(tx *sql.Tx) error {
		quick := s.quick(tx)
		for name, when := range due {
			if _, err := quick.ExecContext(ctx, saveDueTime, text(name), millis(when)); err != nil {
				return err
			}
		}
		return nil
	})
}
