package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"sparky/incidents"
)

// Incident is the incident with the given id, or with a ticket of that key, in any case; of several with the ticket the
// one that opened last. The error is incidents.ErrNoIncident where there is none.
func (s *Store) Incident(ctx context.Context, id string) (incidents.Incident, error) {
	id = strings.TrimSpace(id)
	found, err := s.listIncidents(ctx, "read incident "+id,
		`where id in ($1, $2) or ticket = $3 and ticket <> ''
		order by case when id = $1 then 0 when id = $2 then 1 else 2 end, opened_ms desc limit 1`,
		text(id), strings.ToLower(text(id)), ticketKey(id))
	if err != nil {
		return incidents.Incident{}, err
	}
	if len(found) == 0 {
		return incidents.Incident{}, fmt.Errorf("%q: %w", id, incidents.ErrNoIncident)
	}
	return found[0], nil
}

// Incidents are those that opened or ended since the given time, and the live ones however old they are; only the live
// ones where live. The one that opened last comes first. Storms are none of them: what they are made of is.
func (s *Store) Incidents(ctx context.Context, live bool, since time.Time) ([]incidents.Incident, error) {
	if live {
		return s.listIncidents(ctx, "list the live incidents", `where live = 1 and kind <> 'storm' order by opened_ms desc, id`)
	}
	return s.listIncidents(ctx, "list the incidents", `where (live = 1 or live = 0 and ended_ms >= $1) and kind <> 'storm' order by opened_ms desc, id`, millis(since))
}

// Posts are the incidents with a post that stands on our public page, and those whose post was resolved and that ended
// since the given time, also where it waits now for a person to publish it again, or they said no. The one that opened last
// comes first.
func (s *Store) Posts(ctx context.Context, since time.Time) ([]incidents.Incident, error) {
	return s.listIncidents(ctx, "list what our public page says",
		`where post <> '' and (post = $1 or live = 1 or ended_ms >= $2) order by opened_ms desc, id`,
		string(incidents.PostPublished), millis(since))
}

func (s *Store) listIncidents(ctx context.Context, doing, where string, args ...any) ([]incidents.Incident, error) {
	return rows(ctx, &s.reading, doing, func(row *sql.Rows) (incidents.Incident, error) {
		var id, body string
		if err := row.Scan(&id, &body); err != nil {
			return incidents.Incident{}, err
		}
		found, err := s.known.read(id, body)
		if err != nil {
			return incidents.Incident{}, err
		}
		return found.Clone(), nil
	}, `select id, body from incidents `+where, args...)
}

// Mutes are the mutes that hold now, by partner.
func (s *Store) Mutes(ctx context.Context) ([]incidents.Mute, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return nil, err
	}
	var all []incidents.Mute
	_, err = rows(ctx, &s.reading, "read the mutes", func(row *sql.Rows) (struct{}, error) {
		var partner, body string
		if err := row.Scan(&partner, &body); err != nil {
			return struct{}{}, err
		}
		held, err := mutesHolding(body, now)
		if err != nil {
			return struct{}{}, fmt.Errorf("mutes of %s: %w", partner, err)
		}
		all = append(all, held...)
		return struct{}{}, nil
	}, `select partner, body from mutes where until_ms > $1 order by partner`, now.UnixMilli())
	return all, err
}
