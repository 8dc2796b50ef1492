package store

import (
	"context"
	"math/bits"
	"strconv"
	"strings"
)

// mostAtOnce is how many probes one statement is about.
const mostAtOnce = 32

// inParts cuts a list into parts of which there is a statement each, the longest first. For SQLite, where compiling takes long,
// there are statements for powers of two; for PostgreSQL, where each is a question to the server, for every number.
func inParts[T any](s *Store, all []T) [][]T {
	var parts [][]T
	for len(all) > 0 {
		size := min(len(all), mostAtOnce)
		if !s.dialect.shared {
			size = 1 << (bits.Len(uint(size)) - 1)
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

// allResultTexts are the statements for every number of rows that a part may have.
func allResultTexts(d dialect) []resultTexts {
	var all []resultTexts
	for n := 1; n <= mostAtOnce; {
		all = append(all, newResultTexts(d, n))
		if d.shared {
			n++
		} else {
			n *= 2
		}
	}
	return all
}

// textsFor are the statements for n rows, as many as inParts makes them.
func (s *Store) textsFor(n int) resultTexts {
	if s.dialect.shared {
		return s.texts[n-1]
	}
	return s.texts[bits.Len(uint(n))-1] //nolint:gosec // a length
}

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
