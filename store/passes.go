package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// calmPass is a pass that is kept where nothing follows from it.
type calmPass struct {
	result partners.ProbeResult
	kept   bool
}

// takePasses keeps how the probes of passes stand, those from which nothing follows, and says which those are: their results
// are to be kept in the same transaction. It takes no turn to decide. Every decision on the same probe is made for a result of
// its own, which is not there before this one is kept; and a decision on another probe of the partner, before or after, leaves
// this one as it is, since no incident has it and it does not fail.
func (s *Store) takePasses(ctx context.Context, tx quickTx, passes []*calmPass, now int64) ([]partners.ProbeResult, error) {
	concerned, err := each(ctx, tx, func(row *sql.Rows) (partner string, err error) {
		return partner, row.Scan(&partner)
	}, liveIncidents, string(incidents.KindCompat))
	if err != nil {
		return nil, err
	}
	asked := map[string]*calmPass{}
	var keys []probeName
	for _, p := range passes {
		p.kept = false
		name := probeName{text(p.result.Partner), text(p.result.Probe)}
		if key := incidents.ProbeKey(name.partner, name.probe); asked[key] == nil && !concerns(concerned, name.partner) {
			asked[key], keys = p, append(keys, name)
		}
	}
	slices.SortFunc(keys, probeName.compare)
	var results []partners.ProbeResult
	for _, part := range inParts(s, keys) {
		kept, err := s.takePassesOf(ctx, tx, part, asked, now)
		if err != nil {
			return nil, err
		}
		results = append(results, kept...)
	}
	return results, nil
}

// liveIncidents are the partners of live incidents that passes may concern: see incidents.Concerns.
const liveIncidents = `select distinct partner from incidents where live = 1 and kind <> $1`

func concerns(live []string, partner string) bool {
	for _, of := range live {
		if incidents.Concerns(incidents.KindProbe, of, partner) {
			return true
		}
	}
	return false
}

// probeName names a probe.
type probeName struct{ partner, probe string }

// compare is the order in which what is kept of probes is written, results and states, by passes and by decisions: replicas that
// wait for each other's rows do so one way round.
func (n probeName) compare(other probeName) int {
	return cmp.Or(cmp.Compare(n.partner, other.partner), cmp.Compare(n.probe, other.probe))
}

// named are the arguments that name probes.
func named(names []probeName) []any {
	args := make([]any, 0, 2*len(names))
	for _, name := range names {
		args = append(args, name.partner, name.probe)
	}
	return args
}

// takePassesOf takes the passes of some probes, as many as inParts makes them.
func (s *Store) takePassesOf(ctx context.Context, tx quickTx, names []probeName, asked map[string]*calmPass, now int64) ([]partners.ProbeResult, error) {
	before, err := s.holdStates(ctx, tx, names)
	if err != nil {
		return nil, err
	}
	var results []partners.ProbeResult
	var rows [][]any
	for _, name := range names {
		key := incidents.ProbeKey(name.partner, name.probe)
		old, p := before[key], asked[key]
		state, steady := old.state.Steady(p.result)
		if !steady {
			continue
		}
		fresh, err := s.states.encode(key, old, state)
		if err != nil {
			return nil, fmt.Errorf("probe state %s: %w", key, err)
		}
		p.kept, results = true, append(results, p.result)
		rows = append(rows, []any{name.partner, name.probe, now, fresh.body})
	}
	for _, part := range inParts(s, rows) {
		args := make([]any, 0, 4*len(part))
		for _, row := range part {
			args = append(args, row...)
		}
		if _, err := tx.ExecContext(ctx, s.textsFor(len(part)).saveStates, args...); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// holdStates are how probes stand, by their keys, kept from others until the transaction ends.
func (s *Store) holdStates(ctx context.Context, tx quickTx, names []probeName) (map[string]readState, error) {
	found := make(map[string]readState, len(names))
	_, err := each(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var name probeName
		var body sql.RawBytes
		if err := row.Scan(&name.partner, &name.probe, &body); err != nil {
			return struct{}{}, err
		}
		key := incidents.ProbeKey(name.partner, name.probe)
		read, err := s.states.read(key, body)
		found[key] = read
		return struct{}{}, err
	}, s.textsFor(len(names)).holdStates, named(names)...)
	return found, err
}

// encode is a state as it is kept over what was read before, and remembers it: it is what is read next.
func (s *states) encode(key string, before readState, state incidents.ProbeState) (readState, error) {
	bound(&state.Since, &state.LastRun, &state.Last.At, &state.Last.Expires)
	encoded, err := json.Marshal(state)
	if err != nil {
		return readState{}, err
	}
	fresh := readState{body: string(encoded), state: state, whole: true}
	if before.body != "" && !before.whole {
		if body := beside(before.body, fresh.body, reflect.TypeFor[incidents.ProbeState]()); body != fresh.body {
			fresh.body, fresh.whole = body, false
		}
	}
	for _, at := range [...]*time.Time{&fresh.state.Since, &fresh.state.LastRun, &fresh.state.Last.At, &fresh.state.Last.Expires} {
		*at = at.Round(0) // as it is read
	}
	s.put(key, fresh)
	return fresh, nil
}
