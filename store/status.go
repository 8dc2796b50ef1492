package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sparky/partners"
)

// SaveStatus remembers the newest reading of a partner's page: as the newest good one too where it has a level, and
// since when the level has been what it is.
func (s *Store) SaveStatus(ctx context.Context, partner string, status partners.Status) error {
	at := status.ReadAt
	if at.IsZero() {
		now, err := s.clock.now(ctx)
		if err != nil {
			return err
		}
		at = now
	}
	encoded, err := encodeStatus(status)
	if err != nil {
		return fmt.Errorf("store: keep the status of %s: %w", partner, err)
	}
	good := ""
	if status.Level != partners.Unknown {
		good = encoded
	}
	err = s.changeOften(ctx, "keep the status of "+partner, `insert into statuses (partner, status, good, level, since_ms) values ($1, $2, $3, $4, $5)
		on conflict (partner) do update set status = excluded.status, level = excluded.level,
			good = case when excluded.good = '' then statuses.good else excluded.good end,
			since_ms = case when statuses.level = excluded.level then statuses.since_ms else excluded.since_ms end`,
		text(partner), encoded, good, text(string(status.Level)), millis(at))
	return s.kept("keep a status", err)
}

// Statuses are the remembered readings of all partners' pages, by partner.
func (s *Store) Statuses(ctx context.Context) (map[string]partners.StatusRecord, error) {
	type named struct {
		partner string
		record  partners.StatusRecord
	}
	all, err := rows(ctx, &s.reading, "read the statuses", func(row *sql.Rows) (named, error) {
		var one named
		var status, good string
		var since int64
		if err := row.Scan(&one.partner, &status, &good, &since); err != nil {
			return one, err
		}
		one.record.Since = moment(since)
		if err := json.Unmarshal([]byte(status), &one.record.Status); err != nil {
			return one, fmt.Errorf("status of %s: %w", one.partner, err)
		}
		if good == "" {
			return one, nil
		}
		if err := json.Unmarshal([]byte(good), &one.record.LastGood); err != nil {
			return one, fmt.Errorf("last good status of %s: %w", one.partner, err)
		}
		return one, nil
	}, `select partner, status, good, since_ms from statuses`)
	if err != nil {
		return nil, err
	}
	records := make(map[string]partners.StatusRecord, len(all))
	for _, one := range all {
		records[one.partner] = one.record
	}
	return records, nil
}

// encodeStatus is the status as JSON. Times that JSON cannot hold are left out: a page that claims the year 20000 must
// not keep the rest of its word from being remembered.
func encodeStatus(status partners.Status) (string, error) {
	status.Incidents = slices.Clone(status.Incidents)
	status.Windows = slices.Clone(status.Windows)
	bound(&status.UpdatedAt, &status.ReadAt)
	for i := range status.Incidents {
		incident := &status.Incidents[i]
		bound(&incident.Began, &incident.Posted, &incident.Updated, &incident.Ended)
	}
	for i := range status.Windows {
		bound(&status.Windows[i].From, &status.Windows[i].Until)
	}
	encoded, err := json.Marshal(status)
	return string(encoded), err
}

// bound makes zero of times that RFC 3339 has no notation for.
func bound(times ...*time.Time) {
	for _, t := range times {
		if _, err := t.MarshalText(); err != nil {
			*t = time.Time{}
		}
	}
}
