package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sparky/incidents"
)

// saveEffect records one effect. Where $11 is 1 and it is new, it is under the claim $10 of $9 until $8. For a day after a
// backup was put in place, what is asked for may have been done by the Sparky that went on after the backup was made: it is
// under nobody's claim, as if it had been begun when the backup came, and is looked for first.
const saveEffect = `insert into effects (key, kind, payload, picture, state, revision, recorded_ms,
		after_ms, due_ms, owner, claim, attempts, started_ms, unsettled, failing_ms, troubled, problem, done_ms)
	select $1, $2, $3, $4, case when own = 1 then 'running' else 'waiting' end, 1, $5, $6,
		case when own = 1 then cast($8 as bigint) else cast($7 as bigint) end, case when own = 1 then $9 else '' end,
		case when own = 1 then cast($10 as bigint) else 0 end, own, case when own = 1 then cast($5 as bigint) else restored end, 0, 0, 0, '', 0
	from (select restored, case when restored = 0 then cast($11 as integer) else 0 end as own
		from (select coalesce((select max(at_ms) from restores where at_ms > cast($5 as bigint) - 86400000), 0) as restored) as r) as f
	where true
	on conflict (key) do update set payload = excluded.payload, kind = excluded.kind,
		revision = effects.revision + 1, recorded_ms = excluded.recorded_ms, after_ms = excluded.after_ms,
		due_ms = case
			when effects.state = 'done' then cast($7 as bigint)
			when effects.state = 'waiting' and effects.attempts = 0 and effects.due_ms > cast($7 as bigint) then cast($7 as bigint)
			else effects.due_ms end,
		state = case when effects.state = 'done' then 'waiting' else effects.state end
	where effects.picture = 1 and excluded.picture = 1
	returning revision, case when state = 'running' and owner = $9 and claim = cast($10 as bigint) then 1 else 0 end`

// recording is how an effect stands after it was to be recorded; the zero recording is one that was known already.
type recording struct {
	revision int64
	ours     bool // it is under the claim that was asked for
}

// saveEffects records effects within the transaction of the change that called for them. A deed's key is taken for
// ever. A picture that waits takes the newer payload, one that is being drawn is drawn again afterwards, and one that
// was drawn waits again; a picture that rests after a failure goes on resting. What the hand has room for is recorded as begun;
// nil has none.
func saveEffects(ctx context.Context, tx asker, effects []incidents.Effect, now time.Time, by *hand) error {
	for _, effect := range effects {
		after, own := millis(effect.After), by.takeUp(effect, now)
		saved, err := each(ctx, tx, func(row *sql.Rows) (r recording, err error) { return r, row.Scan(&r.revision, &r.ours) }, saveEffect,
			text(effect.Key), text(effect.Kind), text(string(effect.Payload)), flag(effect.Picture), now.UnixMilli(), after,
			max(after, now.UnixMilli()), own.until, own.owner, own.claim, flag(own.claim > 0))
		switch {
		case err != nil:
		case len(saved) == 0:
			by.recorded(effect, recording{})
		default:
			by.recorded(effect, saved[0])
			err = saveTelling(ctx, tx, effect, now)
		}
		if err != nil {
			return fmt.Errorf("effect %s: %w", effect.Key, err)
		}
	}
	return nil
}

// Troubles are the effects that people have been told of and that are not done yet, the longest failing first.
func (s *Store) Troubles(ctx context.Context) ([]incidents.Trouble, error) {
	return rows(ctx, s.read, "read the effects in trouble", func(row *sql.Rows) (incidents.Trouble, error) {
		var trouble incidents.Trouble
		var since int64
		err := row.Scan(&trouble.Key, &trouble.Kind, &trouble.Problem, &trouble.Attempts, &since)
		trouble.Since = moment(since)
		return trouble, err
	}, `select key, kind, problem, attempts, failing_ms from effects where state <> 'done' and troubled = 1 order by failing_ms, key`)
}

// Backlog is what is recorded and not done yet: what nobody has begun, what failed so far, and what waits for a person.
type Backlog struct {
	At     time.Time // the time of all of these, by the database's clock
	Due    int       // whose time has come and which nobody has begun
	Oldest time.Time // since when the first of them has been due; zero where none is

	Failing      int       // that failed and are tried again by themselves
	FailingSince time.Time // since when the first of them has been failing; zero where none is
	FailingWhy   string    // what was last said of that one
	Refused      int       // that wait until a person mends something, as Troubles tells them
	RefusedLast  time.Time // since when the last of them has been failing; zero where none waits
}

// Backlog tells how far behind the carrying out of effects is, those of one kind left out: word that something is stuck
// is not stuck itself.
func (s *Store) Backlog(ctx context.Context, but string) (Backlog, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return Backlog{}, err
	}
	var backlog Backlog
	var oldest, failing, refused int64
	_, err = rows(ctx, &s.reading, "count the effects that are due", func(row *sql.Rows) (struct{}, error) {
		return struct{}{}, row.Scan(&backlog.Due, &oldest, &backlog.Failing, &failing, &backlog.Refused, &refused)
	}, `select
			count(*) filter (where state = 'waiting' and due_ms <= $1),
			coalesce(min(due_ms) filter (where state = 'waiting' and due_ms <= $1), 0),
			count(*) filter (where failing_ms > 0 and troubled = 0),
			coalesce(min(failing_ms) filter (where failing_ms > 0 and troubled = 0), 0),
			count(*) filter (where troubled = 1),
			coalesce(max(failing_ms) filter (where troubled = 1), 0)
		from effects where state <> 'done' and kind <> $2`, now.UnixMilli(), text(but))
	if err != nil {
		return Backlog{}, err
	}
	backlog.At, backlog.Oldest, backlog.FailingSince, backlog.RefusedLast = now, moment(oldest), moment(failing), moment(refused)
	if backlog.Failing == 0 {
		return backlog, nil
	}
	why, err := rows(ctx, s.read, "read why effects fail", func(row *sql.Rows) (string, error) {
		var problem string
		return problem, row.Scan(&problem)
	}, `select problem from effects where state <> 'done' and troubled = 0 and failing_ms = $1 and kind <> $2 order by key limit 1`,
		failing, text(but))
	if len(why) > 0 {
		backlog.FailingWhy = why[0]
	}
	return backlog, err
}
