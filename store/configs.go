package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sparky/incidents"
)

// ConfigSeen remembers with which configuration Sparky runs for a partner: its fingerprint, and the hash of each of its
// parts by the name of the part, in words. It returns when Sparky first ran with this configuration and which parts
// differ from the one before; the zero OurChange where it knows of no other one.
func (s *Store) ConfigSeen(ctx context.Context, partner, fingerprint string, parts map[string]string) (incidents.OurChange, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return incidents.OurChange{}, err
	}
	encoded, err := json.Marshal(parts)
	if err != nil {
		return incidents.OurChange{}, fmt.Errorf("store: keep the configuration of %s: %w", partner, err)
	}
	var seen incidents.OurChange
	err = s.inTxAgain(ctx, "keep the configuration of "+partner, func(tx *sql.Tx) error {
		seen = incidents.OurChange{}
		if err := s.takeTurn(ctx, tx); err != nil {
			return err
		}
		var since int64
		var before, known string
		err := tx.QueryRowContext(ctx, `select fingerprint, parts, since_ms, changed from configs where partner = $1`, text(partner)).
			Scan(&before, &known, &since, &seen.What)
		switch {
		case err == nil && before == text(fingerprint):
			if seen.What != "" {
				seen.At = moment(since)
			}
			return nil
		case err == nil:
			seen = incidents.OurChange{At: moment(now.UnixMilli()), What: differing(known, parts)}
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into configs (partner, fingerprint, parts, since_ms, changed) values ($1, $2, $3, $4, $5)
			on conflict (partner) do update set fingerprint = excluded.fingerprint, parts = excluded.parts,
				since_ms = excluded.since_ms, changed = excluded.changed`,
			text(partner), text(fingerprint), string(encoded), now.UnixMilli(), text(seen.What))
		return err
	})
	if err != nil {
		return incidents.OurChange{}, err
	}
	return seen, nil
}

// differing says which parts differ from those that were encoded.
func differing(encoded string, parts map[string]string) string {
	var before map[string]string
	if decode(encoded, &before) != nil {
		before = nil // then every part is new, which is true as far as anybody knows
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		was, known := before[name]
		switch {
		case !known:
			words = append(words, name+" (new)")
		case was != parts[name]:
			words = append(words, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, kept := parts[name]; !kept {
			words = append(words, name+" (removed)")
		}
	}
	switch len(words) {
	case 0:
		return "its configuration"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
	}
}
