package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"sparky/partners"
)

const hourMS = int64(time.Hour / time.Millisecond)

// SaveResults remembers how probes ended, all of them or none. A result that is remembered already, or that tells
// nothing of the partner, is not counted again. Replicas may save side by side.
func (s *Store) SaveResults(ctx context.Context, results []partners.ProbeResult) error {
	return s.saveGroup(ctx, results, nil)
}

// saveGroup is SaveResults, and keeps in the same transaction those of the passes from which nothing follows.
func (s *Store) saveGroup(ctx context.Context, results []partners.ProbeResult, passes []*calmPass) error {
	if len(results)+len(passes) == 0 {
		return nil
	}
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	const doing = "keep the results of probes"
	if err := s.readyForResults(ctx); err != nil {
		return s.kept(doing, explain(doing, err))
	}
	return s.apart(ctx, doing, true, func(tx *sql.Tx) error {
		all := results
		if len(passes) > 0 {
			taken, err := s.takePasses(ctx, s.quick(tx), passes, now.UnixMilli())
			if err != nil {
				return err
			}
			all = slices.Concat(results, taken)
		}
		for _, part := range inParts(s, byProbe(all, now)) {
			if err := s.saveRuns(ctx, s.quick(tx), part); err != nil {
				return err
			}
		}
		return nil
	})
}

// apart is inTxAgain for what changes how results are kept: while nobody else does. tracked tells that what is remembered
// of them is kept up by it.
func (s *Store) apart(ctx context.Context, doing string, tracked bool, do func(tx *sql.Tx) error) error {
	if err := s.recent.hold(ctx); err != nil {
		return explain(doing, err)
	}
	certain := false
	defer func() { s.recent.release(certain) }()
	err := s.inTxAgain(ctx, doing, do)
	certain = tracked && err == nil
	return err
}

// byProbe is the results of each probe, oldest first. The probes are in the order of probeName.compare.
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
		return cmp.Or(probeName{a.Partner, a.Probe}.compare(probeName{b.Partner, b.Probe}), a.At.Compare(b.At))
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

// micros is a duration as it is stored.
func micros(d time.Duration) int64 { return min(max(d.Microseconds(), 0), math.MaxInt32) }

func hourOf(r *partners.ProbeResult) int64 { return floorHour(r.At.UnixMilli()) }

// floorHour is the hour, counted from 1970, that a moment lies in.
func floorHour(ms int64) int64 {
	if ms < 0 {
		return -((-ms + hourMS - 1) / hourMS)
	}
	return ms / hourMS
}

// heldProbe is the row of a probe.
type heldProbe struct {
	id                        int64
	last, pass, fail, failing int64  // when; failing is the first failure after the last pass
	newest                    string // the newest result, encoded; empty where that has not changed
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
