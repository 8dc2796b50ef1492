package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sparky/partners"
)

const hourMS = int64(time.Hour / time.Millisecond)

// SaveResults remembers how probes ended, all of them or none. A result that is remembered already, or that tells
// nothing of the partner, is not counted again. Replicas may save side by side.
func (s *Store) SaveResults(ctx context.Context, results []partners.ProbeResult) error {
	if len(results) == 0 {
		return nil
	}
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	runs := byProbe(results, now)
	return s.inTxAgain(ctx, "keep the results of probes", func(tx *sql.Tx) error {
		for _, run := range runs {
			if err := s.saveRun(ctx, tx, run); err != nil {
				return fmt.Errorf("probe %s of %s: %w", run[0].Probe, run[0].Partner, err)
			}
		}
		return nil
	})
}

// byProbe is the results of each probe, oldest first. The probes are in order, so that replicas that wait for each
// other's rows do so one way round.
func byProbe(results []partners.ProbeResult, now time.Time) [][]partners.ProbeResult {
	sorted := slices.Clone(results)
	for i := range sorted {
		r := &sorted[i]
		r.Partner, r.Probe, r.Class = text(r.Partner), text(r.Probe), partners.FailureClass(text(string(r.Class)))
		bound(&r.At, &r.Expires)
		if r.At.IsZero() {
			r.At = now
		}
	}
	slices.SortStableFunc(sorted, func(a, b partners.ProbeResult) int {
		return cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Probe, b.Probe), a.At.Compare(b.At))
	})
	var runs [][]partners.ProbeResult
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[to].Partner == sorted[from].Partner && sorted[to].Probe == sorted[from].Probe {
			to++
		}
		runs = append(runs, sorted[from:to])
		from = to
	}
	return runs
}

// saveRun keeps results of one probe, whose row is held from the beginning: others wait with theirs.
func (s *Store) saveRun(ctx context.Context, tx *sql.Tx, run []partners.ProbeResult) error {
	known, err := s.holdProbe(ctx, tx, run[0].Partner, run[0].Probe)
	if err != nil {
		return err
	}
	fresh, err := saveRaw(ctx, tx, known.id, run)
	if err != nil {
		return err
	}
	for _, hour := range byHour(fresh) {
		if err := saveHour(ctx, tx, known.id, hour); err != nil {
			return err
		}
	}
	for _, result := range run {
		if err := known.take(result); err != nil {
			return err
		}
	}
	return known.save(ctx, tx)
}

// saveRaw keeps the results that tell something, and is those of them that were not there yet.
func saveRaw(ctx context.Context, tx *sql.Tx, id int64, run []partners.ProbeResult) ([]partners.ProbeResult, error) {
	telling := slices.DeleteFunc(slices.Clone(run), func(r partners.ProbeResult) bool { return !r.Tells() })
	var fresh []partners.ProbeResult
	for batch := range slices.Chunk(telling, askedAtOnce/4) {
		byTime := map[int64]partners.ProbeResult{}
		args := []any{id}
		var places []string
		for _, r := range batch {
			if _, twice := byTime[r.At.UnixMilli()]; twice {
				continue
			}
			byTime[r.At.UnixMilli()] = r
			n := len(args)
			places = append(places, fmt.Sprintf("($1, $%d, $%d, $%d)", n+1, n+2, n+3))
			args = append(args, r.At.UnixMilli(), micros(r.Took), string(r.Class))
		}
		added, err := each(ctx, tx, func(row *sql.Rows) (int64, error) {
			var at int64
			return at, row.Scan(&at)
		}, `insert into results (probe, at_ms, took_us, class) values `+strings.Join(places, ", ")+`
			on conflict do nothing returning at_ms`, args...)
		if err != nil {
			return nil, err
		}
		for _, at := range added {
			fresh = append(fresh, byTime[at])
		}
	}
	return fresh, nil
}

// micros is a duration as it is stored.
func micros(d time.Duration) int64 { return min(max(d.Microseconds(), 0), math.MaxInt32) }

// byHour is results by the hour, counted from 1970, that they began in, in order.
func byHour(results []partners.ProbeResult) [][]partners.ProbeResult {
	slices.SortFunc(results, func(a, b partners.ProbeResult) int { return a.At.Compare(b.At) })
	var hours [][]partners.ProbeResult
	for from := 0; from < len(results); {
		to := from + 1
		for to < len(results) && hourOf(results[to]) == hourOf(results[from]) {
			to++
		}
		hours = append(hours, results[from:to])
		from = to
	}
	return hours
}

func hourOf(r partners.ProbeResult) int64 { return floorHour(r.At.UnixMilli()) }

// floorHour is the hour, counted from 1970, that a moment lies in.
func floorHour(ms int64) int64 {
	if ms < 0 {
		return -((-ms + hourMS - 1) / hourMS)
	}
	return ms / hourMS
}

// saveHour adds results to their hour.
func saveHour(ctx context.Context, tx *sql.Tx, id int64, results []partners.ProbeResult) error {
	hour := hourOf(results[0])
	var runs, passed int
	var before []byte
	err := tx.QueryRowContext(ctx, `select runs, passed, spread from hours where probe = $1 and hour = $2`, id, hour).
		Scan(&runs, &passed, &before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var took spread
	if took.merge(before) != nil {
		took = nil // one hour's durations are damaged; results must go on being kept
	}
	for _, r := range results {
		runs++
		if r.Passed() {
			passed++
			took.add(r.Took)
		}
	}
	_, err = tx.ExecContext(ctx, `insert into hours (probe, hour, runs, passed, spread) values ($1, $2, $3, $4, $5)
		on conflict (probe, hour) do update set runs = excluded.runs, passed = excluded.passed, spread = excluded.spread`,
		id, hour, runs, passed, took.encode())
	return err
}

// heldProbe is the row of a probe.
type heldProbe struct {
	id                        int64
	last, pass, fail, failing int64  // when; failing is the first failure after the last pass
	newest                    string // the newest result, encoded
}

// holdProbe is the row of a probe, kept from others until the transaction ends. It is made where it is not there.
func (s *Store) holdProbe(ctx context.Context, tx *sql.Tx, partner, probe string) (heldProbe, error) {
	for {
		var p heldProbe
		err := tx.QueryRowContext(ctx, `select id, last_ms, pass_ms, fail_ms, failing_ms, last
			from probes where partner = $1 and probe = $2`+s.dialect.hold, partner, probe).
			Scan(&p.id, &p.last, &p.pass, &p.fail, &p.failing, &p.newest)
		if !errors.Is(err, sql.ErrNoRows) {
			return p, err
		}
		_, err = tx.ExecContext(ctx, `insert into probes (partner, probe, last_ms, pass_ms, fail_ms, failing_ms, last)
			values ($1, $2, 0, 0, 0, 0, '') on conflict do nothing`, partner, probe)
		if err != nil {
			return p, err
		}
	}
}

// take makes a result the newest of its sort, where it is.
func (p *heldProbe) take(r partners.ProbeResult) error {
	encoded, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode its result: %w", err)
	}
	at := r.At.UnixMilli()
	if at >= p.last {
		p.last, p.newest = at, string(encoded)
	}
	switch {
	case !r.Tells():
	case r.Passed():
		p.pass = max(p.pass, at)
		if at >= p.failing { // a failure after this pass may be known already, where results come out of order
			p.failing = p.fail
		}
		if p.failing <= p.pass {
			p.failing = 0
		}
	default:
		p.fail = max(p.fail, at)
		if at > p.pass && (p.failing == 0 || at < p.failing) {
			p.failing = at
		}
	}
	return nil
}

func (p *heldProbe) save(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `update probes set last_ms = $2, pass_ms = $3, fail_ms = $4, failing_ms = $5, last = $6
		where id = $1`, p.id, p.last, p.pass, p.fail, p.failing, p.newest)
	return err
}
