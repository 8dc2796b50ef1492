package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// LastResults are the newest results of all probes, by partner and probe.
func (s *Store) LastResults(ctx context.Context) (map[string]map[string]partners.ProbeResult, error) {
	results := map[string]map[string]partners.ProbeResult{}
	_, err := rows(ctx, &s.reading, "read the newest results of all probes", func(row *sql.Rows) (struct{}, error) {
		var partner, probe, last string
		if err := row.Scan(&partner, &probe, &last); err != nil {
			return struct{}{}, err
		}
		var result partners.ProbeResult
		if err := json.Unmarshal([]byte(last), &result); err != nil {
			return struct{}{}, fmt.Errorf("probe %s of %s: %w", probe, partner, err)
		}
		if results[partner] == nil {
			results[partner] = map[string]partners.ProbeResult{}
		}
		results[partner][probe] = result
		return struct{}{}, nil
	}, `select partner, probe, last from probes where last <> ''`)
	return results, err
}

// decode reads JSON that may be missing.
func decode(encoded string, into any) error {
	if encoded == "" {
		return nil
	}
	return json.Unmarshal([]byte(encoded), into)
}

// ProbeHistory is how a probe has done until now. One that is not known has run never.
func (s *Store) ProbeHistory(ctx context.Context, partner, probe string) (incidents.History, error) {
	history := incidents.History{Partner: partner, Probe: probe}
	doing := "read the history of probe " + probe + " of " + partner
	now, err := s.clock.now(ctx)
	if err != nil {
		return history, err
	}
	var id, pass, failing int64
	err = s.read.QueryRowContext(ctx, `select id, pass_ms, failing_ms from probes where partner = $1 and probe = $2`,
		text(partner), text(probe)).Scan(&id, &pass, &failing)
	if errors.Is(err, sql.ErrNoRows) {
		return history, nil
	}
	if err != nil {
		return history, explain(doing, err)
	}
	history.LastPass, history.FirstFailure = moment(pass), moment(failing)
	err = s.read.QueryRowContext(ctx, `select coalesce(sum(runs), 0), coalesce(sum(passed), 0) from (
		select runs, passed from hours where probe = $1 union all select runs, passed from days where probe = $1) as kept`, id).
		Scan(&history.Runs, &history.Passed)
	if err != nil {
		return history, explain(doing, err)
	}
	err = s.read.QueryRowContext(ctx, `select count(*), count(*) filter (where class <> '') from results where probe = $1 and at_ms > $2`,
		id, now.Add(-time.Hour).UnixMilli()).Scan(&history.Recent, &history.RecentFailed)
	if err != nil {
		return history, explain(doing, err)
	}
	usual, err := s.ProbeStats(ctx, partner, probe, now.Add(-24*time.Hour), now)
	history.UsualP95 = usual.P95
	return history, err
}
