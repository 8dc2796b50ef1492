package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// askedAtOnce is how many values one query asks for: less than any database's limit on parameters.
const askedAtOnce = 500

// Known implements changes.Memory. Dates of publication are compared by their day in UTC, because one source of a
// partner gives the minute and another only the day.
func (s *Store) Known(ctx context.Context, partner, source string, listed []partners.Change) (changes.Known, error) {
	known := changes.Known{Entries: map[string]changes.Entry{}, Elsewhere: map[string]bool{}}
	stands := map[string]bool{}
	for _, change := range listed {
		stands[text(change.Key)] = true
	}
	beside := func(one printed) bool { return one.source == text(source) && stands[one.key] }
	for len(listed) > 0 {
		batch := listed[:min(len(listed), askedAtOnce)]
		listed = listed[len(batch):]
		if err := s.knownByKey(ctx, partner, source, batch, known.Entries); err != nil {
			return changes.Known{}, err
		}
		if err := s.knownByText(ctx, partner, batch, known, beside); err != nil {
			return changes.Known{}, err
		}
	}
	return known, nil
}

// knownByKey adds the entries that are remembered under the keys of the changes. Of those whose text is as it was, which are
// nearly all, nothing is read but that.
func (s *Store) knownByKey(ctx context.Context, partner, source string, batch []partners.Change, entries map[string]changes.Entry) error {
	asked := map[string][]partners.Change{} // by the stored key
	for _, change := range batch {
		asked[text(change.Key)] = append(asked[text(change.Key)], change)
	}
	doing := "look for known entries of " + source
	args := []any{text(partner), text(source)}
	hashes, err := rows(ctx, s.read, doing, func(row *sql.Rows) (e changes.Entry, err error) {
		return e, row.Scan(&e.Key, &e.Hash)
	}, `select key, hash from entries where partner = $1 and source = $2 and key in (`+places(&args, asked)+`)`, args...)
	if err != nil {
		return err
	}
	differ := map[string]bool{}
	for _, entry := range hashes {
		for _, change := range asked[entry.Key] {
			if change.Hash == "" || text(change.Hash) != entry.Hash {
				differ[entry.Key] = true
				continue
			}
			entries[change.Key] = changes.Entry{Change: partners.Change{Key: change.Key, Hash: change.Hash}}
		}
	}
	if len(differ) == 0 {
		return nil
	}
	args = []any{text(partner), text(source)}
	found, err := rows(ctx, s.read, doing, scanEntry,
		`select `+entryColumns+` from entries where partner = $1 and source = $2 and key in (`+places(&args, differ)+`)`, args...)
	if err != nil {
		return err
	}
	for _, entry := range found {
		for _, change := range asked[entry.Key] {
			entry.Key = change.Key
			entries[change.Key] = entry
		}
	}
	return nil
}

// printed is where and when a text that is remembered stood.
type printed struct {
	source, key, hash string
	at                time.Time
}

// knownByText marks the new ones among the changes whose text and day are remembered under another name. Without a day,
// the same words beside each other in one list are two entries: monthly releases may all say the same.
func (s *Store) knownByText(ctx context.Context, partner string, batch []partners.Change, known changes.Known, beside func(printed) bool) error {
	asked := map[string][]partners.Change{} // by hash
	for _, change := range batch {
		if _, seen := known.Entries[change.Key]; !seen && change.Hash != "" {
			asked[text(change.Hash)] = append(asked[text(change.Hash)], change)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	args := []any{text(partner)}
	found, err := rows(ctx, s.read, "look for entries of "+partner+" under another name", func(row *sql.Rows) (printed, error) {
		var one printed
		var ms int64
		err := row.Scan(&one.source, &one.key, &one.hash, &ms)
		one.at = moment(ms)
		return one, err
	}, `select source, key, hash, published_ms from entries where partner = $1 and hash in (`+places(&args, asked)+`)`, args...)
	if err != nil {
		return err
	}
	for _, one := range found {
		for _, change := range asked[one.hash] {
			if sameDay(change.Published, one.at) && !(one.at.IsZero() && beside(one)) {
				known.Elsewhere[change.Key] = true
			}
		}
	}
	return nil
}

// places appends the keys of values to args and is their placeholders.
func places[V any](args *[]any, values map[string]V) string {
	var list []string
	for value := range values {
		*args = append(*args, value)
		list = append(list, fmt.Sprintf("$%d", len(*args)))
	}
	return strings.Join(list, ", ")
}

func sameDay(a, b time.Time) bool {
	if a.IsZero() || b.IsZero() {
		return a.IsZero() && b.IsZero()
	}
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}
