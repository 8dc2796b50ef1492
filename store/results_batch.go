package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"sparky/partners"
)

// kept is what is remembered of a probe, and the results that are to be.
type kept struct {
	heldProbe
	run  []partners.ProbeResult
	bare []*partners.ProbeResult // of them those that tell something, each moment once
}

// saveRuns keeps the results of several probes, whose rows are held from the beginning: others wait with theirs.
func (s *Store) saveRuns(ctx context.Context, tx quickTx, runs [][]partners.ProbeResult) error {
	texts := s.textsFor(len(runs))
	all, err := s.holdProbes(ctx, tx, texts.hold, runs)
	if err != nil {
		return err
	}
	fresh, err := s.saveRaws(ctx, tx, all)
	if err != nil {
		return err
	}
	if err := s.saveHours(ctx, tx, fresh); err != nil {
		return err
	}
	args := make([]any, 0, 6*len(all))
	for i := range all {
		p := &all[i]
		for _, result := range p.run {
			if err := p.take(result); err != nil {
				return fmt.Errorf("probe %s of %s: %w", result.Probe, result.Partner, err)
			}
		}
		args = append(args, p.id, p.last, p.pass, p.fail, p.failing, p.newest)
		s.recent.keepRow(probeName{p.run[0].Partner, p.run[0].Probe}, p.heldProbe)
	}
	_, err = tx.ExecContext(ctx, texts.saveProbes, args...)
	return err
}

// holdProbes are the rows of the probes, kept from others until the transaction ends. What is not there is made.
func (s *Store) holdProbes(ctx context.Context, tx quickTx, query string, runs [][]partners.ProbeResult) ([]kept, error) {
	names := make([]probeName, len(runs))
	for i, run := range runs {
		names[i] = probeName{run[0].Partner, run[0].Probe}
	}
	held, known := s.recent.heldRows(names)
	if !known {
		var err error
		if held, err = s.readOrAddProbes(ctx, tx, query, names); err != nil {
			return nil, err
		}
	}
	all := make([]kept, len(runs))
	for i, run := range runs {
		all[i] = kept{heldProbe: held[names[i]], run: run, bare: telling(run)}
	}
	return all, nil
}

// readOrAddProbes are the rows of the probes, in the end of all.
func (s *Store) readOrAddProbes(ctx context.Context, tx quickTx, query string, names []probeName) (map[probeName]heldProbe, error) {
	for {
		held, err := readProbes(ctx, tx, query, names)
		if err != nil || len(held) == len(names) {
			return held, err
		}
		missing := slices.DeleteFunc(slices.Clone(names), func(n probeName) bool { _, there := held[n]; return there })
		for _, part := range inParts(s, missing) {
			if _, err := tx.ExecContext(ctx, s.textsFor(len(part)).addProbes, named(part)...); err != nil {
				return nil, err
			}
		}
	}
}

// readProbes are the rows of the probes that are there.
func readProbes(ctx context.Context, tx quickTx, query string, names []probeName) (map[probeName]heldProbe, error) {
	held := make(map[probeName]heldProbe, len(names))
	_, err := each(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var n probeName
		var p heldProbe
		err := row.Scan(&p.id, &n.partner, &n.probe, &p.last, &p.pass, &p.fail, &p.failing)
		held[n] = p
		return struct{}{}, err
	}, query, named(names)...)
	return held, err
}

// telling are the results that tell something, of each moment the first.
func telling(run []partners.ProbeResult) []*partners.ProbeResult {
	var found []*partners.ProbeResult
	for i := range run {
		r := &run[i] // in the order of time
		if r.Tells() && (len(found) == 0 || found[len(found)-1].At.UnixMilli() != r.At.UnixMilli()) {
			found = append(found, r)
		}
	}
	return found
}

// freshResult is one that was not there yet.
type freshResult struct {
	probe  int64
	result *partners.ProbeResult
}

// saveRaws keeps the results themselves, and is those of them that were not there yet.
func (s *Store) saveRaws(ctx context.Context, tx quickTx, all []kept) ([]freshResult, error) {
	type moment struct{ probe, at int64 }
	rows := make([]freshResult, 0, len(all))
	byMoment := make(map[moment]*partners.ProbeResult, len(all))
	for _, p := range all {
		for _, r := range p.bare {
			rows = append(rows, freshResult{p.id, r})
			byMoment[moment{p.id, r.At.UnixMilli()}] = r
		}
	}
	var fresh []freshResult
	for _, part := range inParts(s, rows) {
		args := make([]any, 0, 4*len(part))
		for _, row := range part {
			args = append(args, row.probe, row.result.At.UnixMilli(), micros(row.result.Took), string(row.result.Class))
		}
		added, err := each(ctx, tx, func(row *sql.Rows) (m moment, err error) {
			return m, row.Scan(&m.probe, &m.at)
		}, s.textsFor(len(part)).raw, args...)
		if err != nil {
			return nil, err
		}
		for _, m := range added {
			fresh = append(fresh, freshResult{m.probe, byMoment[m]})
		}
	}
	return fresh, nil
}

// probeHour names an hour of a probe.
type probeHour struct{ probe, hour int64 }

// saveHours adds results to their hours.
func (s *Store) saveHours(ctx context.Context, tx quickTx, fresh []freshResult) error {
	added := make(map[probeHour][]*partners.ProbeResult, len(fresh))
	var hours []probeHour
	for _, f := range fresh {
		at := probeHour{f.probe, hourOf(f.result)}
		if added[at] == nil {
			hours = append(hours, at)
		}
		added[at] = append(added[at], f.result)
	}
	slices.SortFunc(hours, func(a, b probeHour) int { return slices.Compare([]int64{a.probe, a.hour}, []int64{b.probe, b.hour}) })
	for _, part := range inParts(s, hours) {
		texts := s.textsFor(len(part))
		sums, known := s.recent.heldHours(part)
		if !known {
			var err error
			if sums, err = readHours(ctx, tx, texts.hours, part); err != nil {
				return err
			}
		}
		args := make([]any, 0, 5*len(part))
		for _, at := range part {
			sum := sums[at].with(added[at])
			s.recent.keepHour(at, sum)
			args = append(args, at.probe, at.hour, sum.runs, sum.passed, sum.spread)
		}
		if _, err := tx.ExecContext(ctx, texts.saveHours, args...); err != nil {
			return err
		}
	}
	return nil
}

// with is the tally with some more results.
func (p packedTally) with(more []*partners.ProbeResult) packedTally {
	sum := tally{runs: p.runs, passed: p.passed}
	if sum.took.merge(p.spread) != nil {
		sum.took = nil // one hour's durations are damaged; results must go on being kept
	}
	for _, r := range more {
		sum.runs++
		if r.Passed() {
			sum.passed++
			sum.took.add(r.Took)
		}
	}
	return packedTally{sum.runs, sum.passed, sum.took.encode()}
}

// readHours are hours as they are remembered; those that are not there are empty.
func readHours(ctx context.Context, tx quickTx, query string, hours []probeHour) (map[probeHour]packedTally, error) {
	args := make([]any, 0, 2*len(hours))
	for _, at := range hours {
		args = append(args, at.probe, at.hour)
	}
	sums := make(map[probeHour]packedTally, len(hours))
	_, err := each(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var at probeHour
		var sum packedTally
		err := row.Scan(&at.probe, &at.hour, &sum.runs, &sum.passed, &sum.spread)
		sums[at] = sum
		return struct{}{}, err
	}, query, args...)
	return sums, err
}
