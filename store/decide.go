package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sparky/incidents"
)

// recentlyOver is for how long an incident that ended is part of the ledger.
const recentlyOver = incidents.LongestReopen

// deciding is what is done, in words.
func deciding(partner string) string {
	if partner == "" {
		return "decide on failures"
	}
	return "decide on the failures of " + partner
}

// decideAll makes decisions one after the other in one transaction. They are asked for when its turn has come.
func (s *Store) decideAll(ctx context.Context, partner string, asked func() []*ask) error {
	by := s.newHand()
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	if err := s.readyToDecide(ctx); err != nil {
		return s.kept("decide", explain(deciding(partner), err))
	}
	var refusal error // of a decision
	recorded := 0
	defer by.drop() // of a decision that panicked
	err = s.tryTxAgain(ctx, deciding(partner), func(tx *sql.Tx) error {
		by.drop()
		refusal, recorded = nil, 0
		if err := s.takeTurn(ctx, tx); err != nil {
			return err
		}
		quick := s.quick(tx)
		page, err := s.openLedger(ctx, quick, partner, now)
		if err != nil {
			return err
		}
		var effects []incidents.Effect
		var acts []incidents.Act
		all := asked()
		for _, one := range all {
			page.ledger.Acts = nil
			due, err := one.on(&page.ledger, len(all) > 1)
			if err != nil {
				refusal = err
				return err
			}
			effects, acts = append(effects, due...), append(acts, page.ledger.Acts...)
		}
		recorded = len(effects)
		if err := page.save(ctx, quick); err != nil {
			return err
		}
		if err := saveActs(ctx, quick, acts...); err != nil {
			return err
		}
		if effects, err = s.untilMorning(ctx, tx, effects, now); err != nil {
			return err
		}
		return saveEffects(ctx, quick, effects, now, by)
	})
	by.settle(err)
	if refusal != nil {
		return refusal
	}
	if err == nil && recorded > by.handed() {
		s.wake()
	}
	return s.kept("decide", err)
}

// on makes the decision. Among others its panic is an error, so that they do not go with it.
func (d *ask) on(ledger *incidents.Ledger, among bool) (effects []incidents.Effect, err error) {
	if among {
		defer func() {
			if recover() != nil {
				err = errStopped
			}
		}()
	}
	return d.decide(ledger)
}

// ledgerPage is a ledger, and what of it was remembered when it was opened.
type ledgerPage struct {
	partner   string
	now       time.Time
	ledger    incidents.Ledger
	incidents map[string]storedIncident // by id
	probes    map[string]readState      // by key
	mutes     map[string]string         // bodies by partner
}

type storedIncident struct {
	body  string
	as    *incidents.Incident // what it says
	live  bool
	ended int64
}

func (s *Store) openLedger(ctx context.Context, tx querier, partner string, now time.Time) (*ledgerPage, error) {
	page := &ledgerPage{
		partner: partner, now: now, incidents: map[string]storedIncident{}, probes: map[string]readState{}, mutes: map[string]string{},
	}
	page.ledger.Probes = map[string]incidents.ProbeState{}
	if err := page.openIncidents(ctx, tx, &s.known); err != nil {
		return nil, err
	}
	if err := page.openProbes(ctx, tx, &s.states); err != nil {
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

// How probes stand, and what is muted.
const (
	statesOfAll     = `select partner, probe, body from probe_states`
	statesOfPartner = statesOfAll + ` where partner = $1`
	mutesOfAll      = `select partner, body from mutes order by partner`
	mutesOfPartner  = `select partner, body from mutes where partner = $1`
)

// readyToDecide compiles the statements that a decision is asked and written by.
func (s *Store) readyToDecide(ctx context.Context) error {
	return s.ready(ctx, statesOfAll, statesOfPartner, mutesOfAll, mutesOfPartner, ledgerOfAll, ledgerOfPartner,
		saveState, keepIncident, saveAct, saveEffect)
}

// of is the query for what the page is of.
func (p *ledgerPage) of(all, partner string) (query string, args []any) {
	if p.partner == "" {
		return all, nil
	}
	return partner, []any{text(p.partner)}
}

func (p *ledgerPage) openIncidents(ctx context.Context, tx querier, known *knownIncidents) error {
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
		var err error
		if stored.as, err = known.read(id, stored.body); err != nil {
			return incidents.Incident{}, err
		}
		p.incidents[id] = stored
		return stored.as.Clone(), nil
	}, query, args...)
	p.ledger.Incidents = found
	return err
}

func (p *ledgerPage) openProbes(ctx context.Context, tx querier, known *states) error {
	query, args := p.of(statesOfAll, statesOfPartner)
	_, err := each(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var body sql.RawBytes
		var partner, probe string
		if err := row.Scan(&partner, &probe, &body); err != nil {
			return struct{}{}, err
		}
		read, err := known.read(incidents.ProbeKey(partner, probe), body)
		if err != nil {
			return struct{}{}, err
		}
		key := incidents.ProbeKey(read.state.Partner, read.state.Probe)
		p.ledger.Probes[key], p.probes[key] = read.state, read
		return struct{}{}, nil
	}, query, args...)
	return err
}

func (p *ledgerPage) openMutes(ctx context.Context, tx querier) error {
	query, args := p.of(mutesOfAll, mutesOfPartner)
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
	}, query, args...)
	return err
}
