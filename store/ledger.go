package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
)

// save keeps what was changed in the ledger since it was opened.
func (p *ledgerPage) save(ctx context.Context, tx quickTx) error {
	if err := p.saveIncidents(ctx, tx); err != nil {
		return err
	}
	if err := p.saveProbes(ctx, tx); err != nil {
		return err
	}
	return p.saveMutes(ctx, tx)
}

// mine refuses what another partner's decision may be changing.
func (p *ledgerPage) mine(what, partner string) error {
	if p.partner != "" && partner != p.partner {
		return fmt.Errorf("%s is of %q, and the decision of %q alone", what, partner, p.partner)
	}
	return nil
}

var errTaken = errors.New("an older incident has that id already")

func (p *ledgerPage) saveIncidents(ctx context.Context, tx execer) error {
	kept := make(map[string]bool, len(p.ledger.Incidents))
	for i := range p.ledger.Incidents {
		incident := &p.ledger.Incidents[i]
		id := text(incident.ID)
		if id == "" || kept[id] {
			return fmt.Errorf("incident %q has no id, or stands in the ledger twice", id)
		}
		kept[id] = true
		before, known := p.incidents[id]
		if known && reflect.DeepEqual(before.as, incident) {
			continue
		}
		body, err := encodeIncident(*incident)
		if err != nil {
			return fmt.Errorf("incident %s: %w", id, err)
		}
		body = beside(before.body, body, reflect.TypeFor[incidents.Incident]())
		if body == before.body {
			continue
		}
		if incident.Partner != "" {
			if err := p.mine("incident "+id, incident.Partner); err != nil {
				return err
			}
		}
		if err := saveIncident(ctx, tx, *incident, body, endOf(*incident, before, p.now), known); err != nil {
			return fmt.Errorf("incident %s: %w", id, err)
		}
	}
	for id := range p.incidents {
		if kept[id] {
			continue
		}
		if _, err := tx.ExecContext(ctx, `delete from incidents where id = $1`, id); err != nil {
			return fmt.Errorf("remove incident %s: %w", id, err)
		}
	}
	return nil
}

// endOf is when an incident ended, 0 while it is live. One that does not say ended when that was first kept.
func endOf(incident incidents.Incident, before storedIncident, now time.Time) int64 {
	switch {
	case incident.State.Live():
		return 0
	case !incident.Ended.IsZero():
		return incident.Ended.UnixMilli()
	case !before.live && before.ended != 0:
		return before.ended
	default:
		return now.UnixMilli()
	}
}

// keepIncident writes an incident; where $11 is 0 only one whose id is new.
const keepIncident = `insert into incidents (id, partner, kind, state, live, opened_ms, ended_ms, ticket, post, body)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
	on conflict (id) do update set partner = excluded.partner, kind = excluded.kind, state = excluded.state,
		live = excluded.live, opened_ms = excluded.opened_ms, ended_ms = excluded.ended_ms, ticket = excluded.ticket,
		post = excluded.post, body = excluded.body
	where $11 = 1`

// saveIncident keeps an incident, and refuses a new one under the id of another that was not in the ledger.
func saveIncident(ctx context.Context, tx execer, i incidents.Incident, body string, ended int64, known bool) error {
	saved, err := tx.ExecContext(ctx, keepIncident,
		text(i.ID), text(i.Partner), text(string(i.Kind)), text(string(i.State)), flag(i.State.Live()), millis(i.Opened), ended,
		ticketKey(i.Ticket.Key), text(string(i.Post.State)), body, flag(known))
	if err != nil {
		return err
	}
	if count, err := saved.RowsAffected(); err != nil || count == 0 {
		return cmp.Or(err, errTaken)
	}
	return nil
}

// ticketKey is the key of a Jira issue as it is looked for: as Jira writes it, however a person did.
func ticketKey(key string) string { return strings.ToUpper(text(strings.TrimSpace(key))) }

// saveState keeps how a probe stands. After a start that is done for each probe that there is.
const saveState = `insert into probe_states (partner, probe, saved_ms, body) values ($1, $2, $3, $4)
	on conflict (partner, probe) do update set saved_ms = excluded.saved_ms, body = excluded.body`

// changedProbes are the states that are not as they were, in the order of probeName.compare.
func (p *ledgerPage) changedProbes() []incidents.ProbeState {
	var changed []incidents.ProbeState
	for key, state := range p.ledger.Probes {
		if before := p.probes[key]; before.body == "" || !reflect.DeepEqual(state, before.state) {
			changed = append(changed, state)
		}
	}
	slices.SortFunc(changed, func(a, b incidents.ProbeState) int {
		return probeName{a.Partner, a.Probe}.compare(probeName{b.Partner, b.Probe})
	})
	return changed
}

func (p *ledgerPage) saveProbes(ctx context.Context, tx quickTx) error {
	for key, state := range p.ledger.Probes {
		if key != incidents.ProbeKey(state.Partner, state.Probe) {
			return fmt.Errorf("probe state %s is of probe %q of %q", key, state.Probe, state.Partner)
		}
	}
	for _, state := range p.changedProbes() {
		key := incidents.ProbeKey(state.Partner, state.Probe)
		before := p.probes[key]
		bound(&state.Since, &state.LastRun, &state.Last.At, &state.Last.Expires)
		encoded, err := json.Marshal(state)
		if err != nil {
			return fmt.Errorf("probe state %s: %w", key, err)
		}
		body := string(encoded)
		if !before.whole {
			body = beside(before.body, body, reflect.TypeFor[incidents.ProbeState]())
		}
		if body == before.body {
			continue
		}
		if err := p.mine("probe state "+key, state.Partner); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, saveState, text(state.Partner), text(state.Probe), p.now.UnixMilli(), body)
		if err != nil {
			return fmt.Errorf("probe state %s: %w", key, err)
		}
	}
	for key, before := range p.probes {
		if _, kept := p.ledger.Probes[key]; kept {
			continue
		}
		gone := before.state
		_, err := tx.ExecContext(ctx, `delete from probe_states where partner = $1 and probe = $2`, text(gone.Partner), text(gone.Probe))
		if err != nil {
			return fmt.Errorf("remove probe state %s: %w", key, err)
		}
	}
	return nil
}

// saveMutes keeps the mutes of each partner as one row.
func (p *ledgerPage) saveMutes(ctx context.Context, tx execer) error {
	byPartner := map[string][]incidents.Mute{}
	for partner := range p.mutes {
		byPartner[partner] = nil
	}
	for _, mute := range p.ledger.Mutes {
		if err := p.mine("a mute", mute.Partner); err != nil {
			return err
		}
		bound(&mute.Until, &mute.At)
		partner := text(mute.Partner)
		byPartner[partner] = append(byPartner[partner], mute)
	}
	for partner, mutes := range byPartner {
		if err := p.savePartnersMutes(ctx, tx, partner, mutes); err != nil {
			return fmt.Errorf("mutes of %s: %w", partner, err)
		}
	}
	return nil
}

func (p *ledgerPage) savePartnersMutes(ctx context.Context, tx execer, partner string, mutes []incidents.Mute) error {
	if len(mutes) == 0 {
		_, err := tx.ExecContext(ctx, `delete from mutes where partner = $1`, partner)
		return err
	}
	encoded, err := json.Marshal(mutes)
	if err != nil {
		return err
	}
	body := beside(p.mutes[partner], string(encoded), reflect.TypeFor[[]incidents.Mute]())
	if body == p.mutes[partner] {
		return nil
	}
	last := slices.MaxFunc(mutes, func(a, b incidents.Mute) int { return a.Until.Compare(b.Until) })
	_, err = tx.ExecContext(ctx, `insert into mutes (partner, until_ms, body) values ($1, $2, $3)
		on conflict (partner) do update set until_ms = excluded.until_ms, body = excluded.body`,
		partner, millis(last.Until), body)
	return err
}

// mutesHolding are those of encoded mutes that have not run out.
func mutesHolding(body string, now time.Time) ([]incidents.Mute, error) {
	var mutes []incidents.Mute
	err := decode(body, &mutes)
	return slices.DeleteFunc(mutes, func(m incidents.Mute) bool { return !now.Before(m.Until) }), err
}

// encodeIncident is the incident as JSON. Times from outside that JSON cannot hold are left out.
func encodeIncident(incident incidents.Incident) (string, error) {
	incident.Probes = slices.Clone(incident.Probes)
	for i := range incident.Probes {
		last := &incident.Probes[i].Last
		bound(&last.At, &last.Expires)
	}
	if said := incident.Verdict.Announced; said != nil {
		bounded := *said
		bound(&bounded.Began, &bounded.Until)
		incident.Verdict.Announced = &bounded
	}
	bound(&incident.MutedUntil)
	encoded, err := json.Marshal(incident)
	return string(encoded), err
}
