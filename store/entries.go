package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sparky/changes"
)

const entryColumns = `partner, source, key, hash, title, body, link, published_ms, tags, deadline, kinds, beta_version,
	effective, summary, first_seen_ms`

// notNew orders what has no date and was there when its source was first read behind all else: when it was first seen says
// nothing of its age.
const notNew = `case when published_ms <> 0 then 0
	when first_seen_ms <= (select max(s.baseline_ms) from sources s where s.partner = entries.partner and s.source = entries.source) then 1
	else 0 end`

// Entries are the remembered entries that the query asks for, newest first by the day of publishing, or of first being
// seen where the source gives none; last those without a date that were there before the source was first read. Entries
// older than the retention have no body any more.
func (s *Store) Entries(ctx context.Context, query changes.Query) ([]changes.Entry, error) {
	where, args := "at_ms >= $1", []any{int64(-1 << 62)}
	if !query.Since.IsZero() {
		args[0] = query.Since.UnixMilli()
	}
	if query.Partner != "" {
		args = append(args, text(query.Partner))
		where += " and partner = $2"
	}
	limit := ""
	if query.Limit > 0 {
		limit = fmt.Sprintf(" limit %d", query.Limit)
	}
	return rows(ctx, s.read, "read the entries", scanEntry,
		`select `+entryColumns+` from entries where `+where+` order by `+notNew+`, at_ms desc, partner, source, key`+limit, args...)
}

// isComing tells of an entry, $1 being a day and $2 the beginning of the ninety days before it, that it is one of Upcoming.
const isComing = `(effective >= $1 and effective <> '' or effective = '' and at_ms >= $2
	and (kinds like '%"beta"%' or kinds like '%"breaking"%' or kinds like '%"deprecation"%'))`

// Upcoming are the entries that take effect on the given day or later, soonest first, and after them the breaking changes,
// deprecations and betas without a date that were announced in the ninety days before it, newest first. An empty partner
// is every partner. Each says who handled it.
func (s *Store) Upcoming(ctx context.Context, partner string, from changes.Date) ([]changes.Entry, error) {
	where, args := "", []any{string(from), from.Time().Add(-changes.UndatedFor).UnixMilli()}
	if partner != "" {
		args = append(args, text(partner))
		where = " and partner = $3"
	}
	return rows(ctx, s.read, "read what is coming", scanHandledEntry,
		`select `+handledColumns+` from `+handledEntries+`
		where `+isComing+where+`
		order by case when effective = '' then 1 else 0 end, effective, `+notNew+`, at_ms desc, partner, source, key`, args...)
}

func scanEntry(row *sql.Rows) (changes.Entry, error) { return scanEntryOf(row) }

func scanEntryOf(row interface{ Scan(into ...any) error }) (changes.Entry, error) {
	var e changes.Entry
	var published, seen int64
	var tags, kinds string
	err := row.Scan(&e.Partner, &e.Source, &e.Key, &e.Hash, &e.Title, &e.Body, &e.Link, &published, &tags, &e.Deadline,
		&kinds, &e.BetaVersion, &e.Effective, &e.Summary, &seen)
	e.Published, e.FirstSeen = moment(published), moment(seen)
	e.Tags, e.Kinds = unlist[string](tags), unlist[changes.Kind](kinds)
	return e, err
}

// saveEntry keeps a new entry, or the newer text of a known one. When it was first seen never changes.
func saveEntry(ctx context.Context, tx *sql.Tx, e changes.Entry, now time.Time) error {
	if e.FirstSeen.IsZero() {
		e.FirstSeen = now
	}
	at := e.Published
	if at.IsZero() {
		at = e.FirstSeen
	}
	if err := keepDate(ctx, tx, e, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `insert into entries (`+entryColumns+`, at_ms)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		on conflict (partner, source, key) do update set hash = excluded.hash, title = excluded.title, body = excluded.body,
			link = excluded.link, published_ms = excluded.published_ms, tags = excluded.tags, deadline = excluded.deadline,
			kinds = excluded.kinds, beta_version = excluded.beta_version, effective = excluded.effective,
			summary = excluded.summary,
			at_ms = case when excluded.published_ms = 0 then entries.first_seen_ms else excluded.at_ms end`,
		text(e.Partner), text(e.Source), text(e.Key), text(e.Hash), text(e.Title), text(e.Body), text(e.Link),
		millis(e.Published), list(e.Tags), text(e.Deadline), list(e.Kinds), text(e.BetaVersion), text(string(e.Effective)),
		text(e.Summary), millis(e.FirstSeen), millis(at))
	return err
}
