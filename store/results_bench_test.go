package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// BenchmarkSaveResult is one result a transaction, as a probe that ran saves it.
func BenchmarkSaveResult(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		for i := 0; b.Loop(); i++ {
			save(b, s, pass(fmt.Sprint("api", i%20), day.Add(time.Duration(i)*time.Second), time.Second))
		}
	})
}

// BenchmarkDecide is a decision of a partner without incidents, while a hundred of other partners are open.
func BenchmarkDecide(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		decide(b, s, "", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			for i := range 100 {
				partner := fmt.Sprint("p", i)
				l.Incidents = append(l.Incidents, incident("of "+partner, partner, day))
			}
			return nil, nil
		})
		for i := 0; b.Loop(); i++ {
			decide(b, s, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
				l.Probes["acme/api"] = incidents.ProbeState{Partner: "acme", Probe: "api", Passes: i, Since: day, Last: pass("api", day, 1)}
				return nil, nil
			})
		}
	})
}

// BenchmarkNinetyDays saves the results of probes that run every five minutes for ninety days, and tells how large they
// are on disk when those that are to be forgotten are.
func BenchmarkNinetyDays(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		const probes = 4
		before := diskSize(b, s)
		results := 0
		for b.Loop() {
			chance := rand.New(rand.NewPCG(1, 2))
			end := time.Now()
			for range probes {
				probe := fmt.Sprint("the one from ", results)
				for at := end.Add(-keepHours); at.Before(end); {
					var batch []partners.ProbeResult
					for range 288 {
						took := time.Duration(float64(250*time.Millisecond) * math.Exp(chance.NormFloat64()/3))
						batch = append(batch, pass(probe, at, took))
						at = at.Add(5 * time.Minute)
					}
					save(b, s, batch...)
					results += len(batch)
				}
			}
			must(b, s.Expire(b.Context(), end))
		}
		b.ReportMetric(float64(results)/b.Elapsed().Seconds(), "results/s")
		b.ReportMetric(float64(diskSize(b, s)-before)/float64(results), "bytes/result")
	})
}

// diskSize is how much the tables and indexes of probes' results take.
func diskSize(b *testing.B, s *Store) int64 {
	b.Helper()
	query := `select sum(pgsize) from dbstat where name in ('results', 'hours', 'probes')`
	if s.dialect.shared {
		for _, table := range []string{"results", "hours", "probes"} {
			if _, err := s.write.ExecContext(b.Context(), "vacuum full "+table); err != nil {
				b.Fatal(err)
			}
		}
		query = `select pg_total_relation_size('results') + pg_total_relation_size('hours') + pg_total_relation_size('probes')`
	}
	var bytes int64
	must(b, s.read.QueryRowContext(b.Context(), query).Scan(&bytes))
	return bytes
}

// BenchmarkMonth asks how a probe did in 30 days, of a year of 143 probes that run every five minutes: 15 million
// results, and the single ones of the last week beside them.
func BenchmarkMonth(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		now := time.Now()
		loadYear(b, s, now)
		from := now.Add(-30 * daily)
		b.Run("stats", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if got := stats(b, s, fmt.Sprint("api", i%143+1), from, now); got.Runs < 8600 || got.P95 == 0 {
					b.Fatalf("%+v", got)
				}
			}
		})
		b.Run("history", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				history := value[incidents.History](b)(s.ProbeHistory(b.Context(), "acme", fmt.Sprint("api", i%143+1)))
				if history.Runs < 100_000 || history.UsualP95 == 0 {
					b.Fatalf("%+v", history)
				}
			}
		})
		b.Run("expire", func(b *testing.B) {
			for b.Loop() {
				must(b, s.Expire(b.Context(), now.Add(-280*daily)))
			}
		})
	})
}

// loadYear writes a year of hours as SaveResults would leave them, and the single results of a week.
func loadYear(b *testing.B, s *Store, now time.Time) {
	b.Helper()
	chance := rand.New(rand.NewPCG(1, 2))
	hour := func() []byte {
		var took spread
		for range 12 {
			took.add(time.Duration(float64(250*time.Millisecond) * math.Exp(chance.NormFloat64()/3)))
		}
		return took.encode()
	}
	last := floorHour(now.UnixMilli())
	for _, load := range []struct {
		statement string
		args      []any
	}{
		{`with recursive n(i) as (select 1 union all select i + 1 from n where i < 143)
			insert into probes (partner, probe, last_ms, pass_ms, fail_ms, failing_ms, last, pass, fail)
			select 'acme', 'api' || i, cast($1 as bigint), cast($1 as bigint), 0, 0, '', '', '' from n`, []any{now.UnixMilli()}},
		{`with recursive n(i) as (select cast($1 as integer) union all select i + 1 from n where i < cast($2 as integer))
			insert into hours (probe, hour, runs, passed, spread)
			select id, i, 12, 12, case i % 3 when 0 then cast($3 as bytea) when 1 then cast($4 as bytea) else cast($5 as bytea) end from n, probes`,
			[]any{last - 8759, last, hour(), hour(), hour()}},
		{`with recursive n(i) as (select 0 union all select i + 1 from n where i < 2015)
			insert into results (probe, at_ms, took_us, class)
			select id, cast($1 as bigint) + i * 300000, 250000, '' from n, probes`, []any{(last-167)*hourMS + 1}},
	} {
		if _, err := s.write.ExecContext(b.Context(), s.dialect.ddl.Replace(load.statement), load.args...); err != nil {
			b.Fatal(err)
		}
	}
	if s.dialect.shared {
		if _, err := s.write.ExecContext(b.Context(), "analyze"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAYearOfSeries is what a chart asks of a partner with three probes that have run every five minutes for a year.
func BenchmarkAYearOfSeries(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		chance := rand.New(rand.NewPCG(1, 2))
		end := time.Now()
		probes := []string{"a", "b", "c"}
		for _, probe := range probes {
			for at := end.Add(-365 * 24 * time.Hour); at.Before(end); {
				var batch []partners.ProbeResult
				for range 24 * 288 {
					batch = append(batch, pass(probe, at, time.Duration(float64(250*time.Millisecond)*math.Exp(chance.NormFloat64()/3))))
					at = at.Add(5 * time.Minute)
				}
				save(b, s, batch...)
			}
		}
		for b.Loop() {
			for _, window := range []struct{ long, step time.Duration }{{24 * time.Hour, time.Hour}, {30 * 24 * time.Hour, 6 * time.Hour}} {
				if _, _, err := s.ProbeSeries(b.Context(), "acme", probes, end.Add(-window.long), end, window.step); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
