package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sparky/incidents"
)

// recentlyOver is for how long an incident that ended is part of the ledger.
const recentlyOver = 24 * time.Hour

// Decide has one decision made on what is remembered of a partner's failures, or of all partners' where partner is
// empty, and keeps what it changed in the ledger together with the effects that it calls for: all of it or nothing. No
// two decisions see the same ledger, on any replica.
//
// decide may change, add and remove incidents, mutes and probe states of the partner, and incidents of our network. It
// must be quick, must not call the store, and must be ready to be asked again with a new ledger, when the database
// undid the first attempt. Where it returns an error nothing is kept, and the error is returned as it is.
func (s *Store) Decide(ctx context.Context, partner string, decide func(*incidents.Ledger) ([]incidents.Effect, error)) error {
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	doing := "decide on the failures of " + partner
	if partner == "" {
		doing = "decide on failures"
	}
	var refusal error // of decide
	recorded := 0
	err = s.tryTxAgain(ctx, doing, func(tx *sql.Tx) error {
		refusal, recorded = nil, 0
		if err := s.takeTurn(ctx, tx); err != nil {
			return err
		}
		page, err := s.openLedger(ctx, tx, partner, now)
		if err != nil {
			return err
		}
		effects, err := decide(&page.ledger)
		if err != nil {
			refusal = err
			return err
		}
		recorded = len(effects)
		if err := page.save(ctx, tx); err != nil {
			return err
		}
		if err := saveActs(ctx, tx, page.ledger.Acts...); err != nil {
			return err
		}
		if effects, err = s.untilMorning(ctx, tx, effects, now); err != nil {
			return err
		}
		return saveEffects(ctx, tx, effects, now)
	})
	if refusal != nil {
		return refusal
	}
	if err == nil && recorded > 0 {
		s.wake()
	}
	return s.kept("decide", err)
}

// ledgerPage is a ledger, and what of it was remembered when it was opened.
type ledgerPage struct {
	partner   string
	now       time.Time
	ledger    incidents.Ledger
	incidents map[string]storedIncident // by id
	probes    map[string]string         // bodies by key
	mutes     map[string]string         // bodies by partner
}

type storedIncident struct {
	body  string
	live  bool
	ended int64
}

func (s *Store) openLedger(ctx context.Context, tx *sql.Tx, partner string, now time.Time) (*ledgerPage, error) {
	page := &ledgerPage{
		partner: partner, now: now, incidents: map[string]storedIncident{}, probes: map[string]string{}, mutes: map[string]string{},
	}
	page.ledger.Probes = map[string]incidents.ProbeState{}
	if err := page.openIncidents(ctx, tx); err != nil {
		return nil, err
	}
	if err := page.openProbes(ctx, tx); err != nil {
		return nil, err
	}
	return page, page.openMutes(ctx, tx)
}

// The incidents of a ledger: each half is one that an index has.
const (
	ledgerColumns = `id, live, opened_ms, ended_ms, body`
	ledgerOfAll   = `select ` + ledgerColumns + ` from incidents where live = 1
		union all select ` + ledgerColumns + ` from incidents where live = 0 and ended_ms >= $1 order by opened_ms, id`
	ledgerOfPartner = `select ` + ledgerColumns + ` from incidents where live = 1 and partner in ($2, '')
		union all select ` + ledgerColumns + ` from incidents where live = 0 and partner in ($2, '')
			and (ended_ms >= $1 or kind = 'compat')
		order by opened_ms, id`
)

func (p *ledgerPage) openIncidents(ctx context.Context, tx *sql.Tx) error {
	query, args := ledgerOfAll, []any{p.now.Add(-recentlyOver).UnixMilli()}
	if p.partner != "" {
		query = ledgerOfPartner
		args = append(args, text(p.partner))
	}
	found, err := each(ctx, tx, func(row *sql.Rows) (incidents.Incident, error) {
		var id string
		var live int
		var opened int64
		var stored storedIncident
		if err := row.Scan(&id, &live, &opened, &stored.ended, &stored.body); err != nil {
			return incidents.Incident{}, err
		}
		stored.live = live == 1
		p.incidents[id] = stored
		return decodeIncident(id, stored.body)
	}, query, args...)
	p.ledger.Incidents = found
	return err
}

func (p *ledgerPage) openProbes(ctx context.Context, tx *sql.Tx) error {
	of, args := "", []any{}
	if p.partner != "" {
		of, args = ` where partner = $1`, []any{text(p.partner)}
	}
	_, err := each(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var body string
		var state incidents.ProbeState
		if err := row.Scan(&body); err != nil {
			return struct{}{}, err
		}
		if err := decode(body, &state); err != nil {
			return struct{}{}, err
		}
		key := incidents.ProbeKey(state.Partner, state.Probe)
		p.ledger.Probes[key], p.probes[key] = state, body
		return struct{}{}, nil
	}, `select body from probe_states`+of, args...)
	return err
}

func (p *ledgerPage) openMutes(ctx context.Context, tx *sql.Tx) error {
	of, args := "", []any{}
	if p.partner != "" {
		of, args = ` where partner = $1`, []any{text(p.partner)}
	}
	_, err := each(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var partner, body string
		if err := row.Scan(&partner, &body); err != nil {
			return struct{}{}, err
		}
		held, err := mutesHolding(body, p.now)
		if err != nil {
			return struct{}{}, fmt.Errorf("mutes of %s: %w", partner, err)
		}
		p.mutes[partner] = body
		p.ledger.Mutes = append(p.ledger.Mutes, held...)
		return struct{}{}, nil
	}, `select partner, body from mutes`+of+` order by partner`, args...)
	return err
}
