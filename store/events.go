package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// ClaimEvent takes on what Slack has brought, by its id, for so long; false where another one has it, or has done it. Whose
// claim ran out, because its process died, is taken over.
func (s *Store) ClaimEvent(ctx context.Context, id, owner string, hold time.Duration) (mine bool, err error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return false, err
	}
	err = s.write.QueryRowContext(ctx, `insert into events (id, owner, until_ms) values ($1, $2, $3)
		on conflict (id) do update set owner = excluded.owner, until_ms = excluded.until_ms
		where events.until_ms <= $4 returning 1`, text(id), text(owner), now.Add(hold).UnixMilli(), now.UnixMilli()).Scan(new(int))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, explain("take on what Slack has brought", err)
}

// EventDone remembers for so long that what was claimed is done. It changes nothing where another owner has taken it over.
func (s *Store) EventDone(ctx context.Context, id, owner string, keep time.Duration) error {
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, "remember what Slack has brought", `update events set until_ms = $1 where id = $2 and owner = $3`,
		now.Add(keep).UnixMilli(), text(id), text(owner))
}
