package store

import (
	"context"
	"database/sql"
	"time"

	"sparky/scheduler"
)

var _ scheduler.Queue = (*Store)(nil)

// Due implements scheduler.Queue. A running effect is due when its claim runs out.
func (s *Store) Due(ctx context.Context) (map[string]time.Duration, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return nil, err
	}
	due := map[string]time.Duration{}
	_, err = rows(ctx, &s.reading, "ask which effects are due", func(row *sql.Rows) (struct{}, error) {
		var kind string
		var ms int64
		err := row.Scan(&kind, &ms)
		due[kind] = time.Duration(ms-now.UnixMilli()) * time.Millisecond
		return struct{}{}, err
	}, `select kind, min(due_ms) from effects where state <> 'done' group by kind`)
	return due, err
}

// Claim implements scheduler.Queue. An effect that has a start noted already is not started by this claim: it is
// unsettled, and the time of the attempt that left it so stays.
func (s *Store) Claim(ctx context.Context, kind string, limit int, hold time.Duration) ([]scheduler.Effect, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return nil, err
	}
	claimed, err := each(ctx, quickWrites{s}, func(row *sql.Rows) (scheduler.Effect, error) {
		return scanClaim(row, now)
	}, `with picked as materialized (
			select key from effects where state <> 'done' and kind = $1 and due_ms <= $2
			order by due_ms, key limit $3`+s.dialect.skip+`)
		update effects set state = 'running', owner = $4, claim = claim + 1, due_ms = $5,
			unsettled = case when started_ms = 0 then 0 else 1 end,
			attempts = case when started_ms = 0 then attempts + 1 else attempts end,
			started_ms = case when started_ms = 0 then $2 else started_ms end
		where key in (select key from picked)
		returning key, kind, payload, picture, result, attempts, unsettled, started_ms, failing_ms, troubled, claim, revision`,
		text(kind), now.UnixMilli(), limit, s.owner, now.Add(hold).UnixMilli())
	return claimed, s.kept("claim", explain("claim effects of kind "+kind, err))
}

func scanClaim(row *sql.Rows, now time.Time) (scheduler.Effect, error) {
	var e scheduler.Effect
	var payload string
	var picture, unsettled, troubled int
	var started, failing int64
	err := row.Scan(&e.Key, &e.Kind, &payload, &picture, &e.Previous, &e.Attempts, &unsettled, &started, &failing, &troubled,
		&e.Claim, &e.Revision)
	e.Payload = []byte(payload)
	e.Picture, e.Unsettled, e.Troubled = picture == 1, unsettled == 1, troubled == 1
	if e.Unsettled {
		e.Age = now.Sub(moment(started))
	}
	if failing != 0 {
		e.FailingSince = moment(failing)
		e.FailingFor = now.Sub(e.FailingSince)
	}
	return e, err
}

// Finish implements scheduler.Queue.
func (s *Store) Finish(ctx context.Context, effect scheduler.Effect, outcome scheduler.Outcome) error {
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	doing := "keep how " + effect.Key + " ended"
	var result any // a nil []byte is not NULL to every driver
	if outcome.Result != nil {
		result = outcome.Result
	}
	changed, err := quickWrites{s}.ExecContext(ctx, `update effects set owner = '', unsettled = 0,
			state = case when $1 = 1 and revision = $2 then 'done' else 'waiting' end,
			due_ms = case when $1 = 0 then $3 when after_ms > $4 then after_ms else $4 end,
			done_ms = case when $1 = 1 then $4 else done_ms end,
			attempts = case when $1 = 1 then 0 else attempts end,
			started_ms = case when $5 = 1 then started_ms else 0 end,
			failing_ms = case when $1 = 1 then 0 when failing_ms = 0 and $6 <> '' then $4 else failing_ms end,
			troubled = case when $1 = 1 then 0 when $7 = 1 then 1 else troubled end,
			problem = case when $1 = 1 then '' when $6 <> '' then $6 else problem end,
			result = coalesce($8, result)
		where key = $9 and claim = $10 and state = 'running'`,
		flag(outcome.Done), effect.Revision, now.Add(outcome.Delay).UnixMilli(), now.UnixMilli(),
		flag(outcome.Unsettled && !outcome.Done), text(outcome.Problem), flag(outcome.Troubled), result, text(effect.Key), effect.Claim)
	if err = s.kept("finish", explain(doing, err)); err != nil {
		return err
	}
	count, err := changed.RowsAffected()
	if err != nil {
		return explain(doing, err)
	}
	if count == 0 {
		return scheduler.ErrClaimLost
	}
	return nil
}
