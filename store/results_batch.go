package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"sparky/partners"
)

// mostAtOnce is how many probes one statement is about. Every number up to it is a power of two, so that there are few
// texts to compile.
const mostAtOnce = 32

// inPowers cuts a list into parts whose lengths are powers of two, the longest first.
func inPowers[T any](all []T) [][]T {
	var parts [][]T
	for size := mostAtOnce; len(all) > 0; {
		if size > len(all) {
			size /= 2
			continue
		}
		parts, all = append(parts, all[:size]), all[size:]
	}
	return parts
}

// The statements that keep results, for n of them.
type resultTexts struct{ hold, raw, hours, saveHours, saveProbes, addProbes, holdStates, saveStates string }

func newResultTexts(d dialect, n int) resultTexts {
	return resultTexts{
		hold: `select id, partner, probe, last_ms, pass_ms, fail_ms, failing_ms from probes
			where (partner, probe) in (values ` + tuples(n, "", "") + `) order by partner, probe` + d.hold,
		raw: `insert into results (probe, at_ms, took_us, class) values ` + tuples(n, "", "", "", "") + `
			on conflict do nothing returning probe, at_ms`,
		hours: `select probe, hour, runs, passed, spread from hours
			where (probe, hour) in (values ` + tuples(n, "integer", "integer") + `)`,
		saveHours: `insert into hours (probe, hour, runs, passed, spread) values ` + tuples(n, "", "", "", "", "") + `
			on conflict (probe, hour) do update set runs = excluded.runs, passed = excluded.passed, spread = excluded.spread`,
		saveProbes: `update probes set last_ms = v.column2, pass_ms = v.column3, fail_ms = v.column4, failing_ms = v.column5,
			last = case when v.column6 = '' then probes.last else v.column6 end
			from (values ` + tuples(n, "bigint", "bigint", "bigint", "bigint", "bigint", "text") + `) as v where id = v.column1`,
		addProbes: `insert into probes (partner, probe, last_ms, pass_ms, fail_ms, failing_ms, last)
			select column1, column2, 0, 0, 0, 0, '' from (values ` + tuples(n, "text", "text") + `) as v
			where true on conflict do nothing`,
		holdStates: `select partner, probe, body from probe_states
			where (partner, probe) in (values ` + tuples(n, "", "") + `) order by partner, probe` + d.hold,
		saveStates: `insert into probe_states (partner, probe, saved_ms, body) values ` + tuples(n, "", "", "", "") + `
			on conflict (partner, probe) do update set saved_ms = excluded.saved_ms, body = excluded.body`,
	}
}

// allResultTexts are the statements for 1, 2, 4 … rows.
func allResultTexts(d dialect) []resultTexts {
	var all []resultTexts
	for n := 1; n <= mostAtOnce; n *= 2 {
		all = append(all, newResultTexts(d, n))
	}
	return all
}

// textsFor are the statements for n rows, a power of two.
func (s *Store) textsFor(n int) resultTexts { return s.texts[bits.Len(uint(n))-1] } //nolint:gosec // a length

// readyForResults compiles the statements that keep results.
func (s *Store) readyForResults(ctx context.Context) error {
	for _, t := range s.texts {
		if err := s.ready(ctx, t.hold, t.raw, t.hours, t.saveHours, t.saveProbes, t.addProbes, t.holdStates, t.saveStates); err != nil {
			return err
		}
	}
	return s.ready(ctx, liveIncidents)
}

// tuples are the places of n rows of values, each cast to its type where the database could not tell it.
func tuples(n int, types ...string) string {
	var b strings.Builder
	place := 0
	for row := range n {
		if row > 0 {
			b.WriteString(", ")
		}
		for i, kind := range types {
			b.WriteString([...]string{"(", ", "}[min(i, 1)])
			place++
			if kind == "" {
				b.WriteString("$" + strconv.Itoa(place))
			} else {
				b.WriteString("cast($" + strconv.Itoa(place) + " as " + kind + ")")
			}
		}
		b.WriteString(")")
	}
	return b.String()
}

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
		for _, part := range inPowers(missing) {
			args := make([]any, 0, 2*len(part))
			for _, name := range part {
				args = append(args, name.partner, name.probe)
			}
			if _, err := tx.ExecContext(ctx, s.textsFor(len(part)).addProbes, args...); err != nil {
				return nil, err
			}
		}
	}
}

// readProbes are the rows of the probes that are there.
func readProbes(ctx context.Context, tx quickTx, query string, names []probeName) (map[probeName]heldProbe, error) {
	args := make([]any, 0, 2*len(names))
	for _, name := range names {
		args = append(args, name.partner, name.probe)
	}
	held := make(map[probeName]heldProbe, len(names))
	_, err := each(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var n probeName
		var p heldProbe
		err := row.Scan(&p.id, &n.partner, &n.probe, &p.last, &p.pass, &p.fail, &p.failing)
		held[n] = p
		return struct{}{}, err
	}, query, args...)
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
	for _, part := range inPowers(rows) {
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
	for _, part := range inPowers(hours) {
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
