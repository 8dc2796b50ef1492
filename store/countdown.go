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

var _ changes.CountdownMemory = (*Store)(nil)

// Entries with who handled them; handledEntries is to be read by scanHandled.
const (
	handledColumns = entryColumns + `, coalesce(handler, ''), coalesce(handled_ms, 0)`
	handledEntries = `entries left join handled using (partner, source, key)`
)

// beyond is a scanner that reads further columns of a row beside the ones that are asked for.
type beyond struct {
	row  *sql.Rows
	more []any
}

// Scan reads the row.
func (b beyond) Scan(into ...any) error { return b.row.Scan(append(into, b.more...)...) }

// scanHandled reads an entry, who handled it, and what else the row has.
func scanHandled(row *sql.Rows, more ...any) (changes.Entry, error) {
	var deed incidents.Deed
	var at int64
	e, err := scanEntryOf(beyond{row, append([]any{&deed.By, &at}, more...)})
	deed.At = moment(at)
	e.Handled = deed
	return e, err
}

func scanHandledEntry(row *sql.Rows) (changes.Entry, error) { return scanHandled(row) }

// Remind implements changes.CountdownMemory.
func (s *Store) Remind(ctx context.Context, from, until changes.Date, decide func([]changes.Coming) ([]changes.Coming, []incidents.Effect)) error {
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	recorded := 0
	err = s.inTxAgain(ctx, "remind of announced dates", func(tx *sql.Tx) error {
		recorded = 0
		if err := s.takeTurn(ctx, tx); err != nil {
			return err
		}
		coming, err := each(ctx, tx, scanComing, `select `+handledColumns+`, known_ms, reminded from `+handledEntries+`
			join countdowns using (partner, source, key, effective) where effective >= $1 and effective <= $2 and effective <> ''
			order by effective, at_ms desc, partner, source, key`, string(from), string(until))
		if err != nil {
			return err
		}
		reminded, effects := decide(coming)
		recorded = len(effects)
		for _, c := range reminded {
			_, err := tx.ExecContext(ctx, `update countdowns set reminded = $5 where partner = $1 and source = $2 and key = $3 and effective = $4`,
				c.Partner, c.Source, c.Key, string(c.Effective), c.Reminded)
			if err != nil {
				return fmt.Errorf("entry %s: %w", c.Key, err)
			}
		}
		return saveEffects(ctx, tx, effects, now, nil)
	})
	if err == nil && recorded > 0 {
		s.wake()
	}
	return err
}

func scanComing(row *sql.Rows) (changes.Coming, error) {
	var known int64
	var c changes.Coming
	var err error
	c.Entry, err = scanHandled(row, &known, &c.Reminded)
	c.Known = moment(known)
	return c, err
}

// keepDate notes since when an entry has its date: only what comes after that can be reminded of. It comes before the
// entry itself is kept. A date that comes back after another one is known anew; what was reminded of it stays.
func keepDate(ctx context.Context, tx *sql.Tx, e changes.Entry, now time.Time) error {
	if e.Effective == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `insert into countdowns (partner, source, key, effective, known_ms, reminded) values ($1, $2, $3, $4, $5, 0)
		on conflict (partner, source, key, effective) do update set known_ms = excluded.known_ms
		where not exists (select 1 from entries where partner = $1 and source = $2 and key = $3 and effective = $4)`,
		text(e.Partner), text(e.Source), text(e.Key), text(string(e.Effective)), now.UnixMilli())
	return err
}

// Handle marks the announcement with that changes.Entry.ID as handled, unless it is so already: the entry's Handled says
// who was first. Its errors wrap changes.ErrNoEntry, and changes.ErrPassed where its date lies before the deed's day;
// with the latter the entry is there all the same.
func (s *Store) Handle(ctx context.Context, id string, deed incidents.Deed) (changes.Handling, error) {
	if deed.By == "" {
		return changes.Handling{}, fmt.Errorf("store: mark %q as handled: nobody is named who did", id)
	}
	return s.handling(ctx, id, deed.At, func(tx *sql.Tx, done *changes.Handling, same []changes.Entry) error {
		if done.Entry.IsHandled() {
			return nil
		}
		bound(&deed.At)
		done.Changed, done.Entry.Handled = true, incidents.Deed{By: text(deed.By), At: moment(millis(deed.At))}
		for _, e := range same {
			_, err := tx.ExecContext(ctx, `insert into handled (partner, source, key, handler, handled_ms) values ($1, $2, $3, $4, $5)
				on conflict do nothing`, e.Partner, e.Source, e.Key, text(deed.By), millis(deed.At))
			if err != nil {
				return err
			}
		}
		return saveActs(ctx, tx, handledAct(ctx, incidents.DidHandle, deed.By, deed.At, done.Entry))
	})
}

// handledAct is that somebody marked an announcement, or took it back.
func handledAct(ctx context.Context, did incidents.Did, by string, at time.Time, e changes.Entry) incidents.Act {
	return incidents.Act{At: at, Partner: e.Partner, Actor: by, Origin: incidents.DoerOf(ctx).Origin, Did: did, Target: e.ID(), Reason: e.Title}
}

// Unhandle takes it back that the announcement with that changes.Entry.ID is handled. Its countdown goes on with what
// comes after now: what passed meanwhile is not made up for. Errors are those of Handle.
func (s *Store) Unhandle(ctx context.Context, id string, now time.Time) (changes.Handling, error) {
	return s.handling(ctx, id, now, func(tx *sql.Tx, done *changes.Handling, same []changes.Entry) error {
		if !done.Entry.IsHandled() {
			return nil
		}
		done.Changed, done.Before, done.Entry.Handled = true, done.Entry.Handled, incidents.Deed{}
		for _, e := range same {
			if _, err := tx.ExecContext(ctx, `delete from handled where partner = $1 and source = $2 and key = $3`, e.Partner, e.Source, e.Key); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `update countdowns set known_ms = $5 where partner = $1 and source = $2 and key = $3 and effective = $4`,
				e.Partner, e.Source, e.Key, string(e.Effective), now.UnixMilli())
			if err != nil {
				return err
			}
		}
		return saveActs(ctx, tx, handledAct(ctx, incidents.DidUnhandle, incidents.DoerOf(ctx).Actor, now, done.Entry))
	})
}

// handling finds an announcement and has something done to all entries that make it. No two are at it at once.
func (s *Store) handling(ctx context.Context, id string, now time.Time, do func(*sql.Tx, *changes.Handling, []changes.Entry) error) (changes.Handling, error) {
	var done changes.Handling
	var refusal error
	err := s.inTxAgain(ctx, "keep what is handled", func(tx *sql.Tx) error {
		done, refusal = changes.Handling{}, nil
		if err := s.takeTurn(ctx, tx); err != nil {
			return err
		}
		all, err := each(ctx, tx, scanHandledEntry, `select `+handledColumns+` from `+handledEntries+`
			where effective <> '' and partner = $1 order by source, key`, text(partnerIn(id)))
		if err != nil {
			return err
		}
		same := sameAs(all, id)
		if len(same) == 0 {
			refusal = fmt.Errorf("%q: %w", id, changes.ErrNoEntry)
			return nil
		}
		done.Entry = changes.Once(same)[0]
		if done.Entry.Effective.DaysFrom(now) < 0 {
			refusal = fmt.Errorf("%q: %w", id, changes.ErrPassed)
			return nil
		}
		return do(tx, &done, same)
	})
	if err == nil {
		err = refusal
	}
	return done, err
}

// partnerIn is the partner's part of a changes.Entry.ID.
func partnerIn(id string) string { return id[:max(strings.LastIndex(id, "-"), 0)] }

// sameAs are the entries that make the announcement with that id, that one first.
func sameAs(all []changes.Entry, id string) []changes.Entry {
	var same []changes.Entry
	for _, e := range all {
		if e.ID() == id {
			same = append(same, e)
		}
	}
	if len(same) == 0 {
		return nil
	}
	for _, e := range all {
		if e.ID() != id && e.Same(same[0]) {
			same = append(same, e)
		}
	}
	return same
}
