package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

// diskSize is how much the tables and indexes of probes' results take.
func diskSize(b *testing.B, s *Store) int64 {
	b.Helper()
	query := `select sum(pgsize) from dbstat where name in ('results', 'hours', 'days', 'probes')`
	if s.dialect.shared {
		for _, table := range []string{"results", "hours", "days", "probes"} {
			if _, err := s.write.ExecContext(b.Context(), "vacuum full "+table); err != nil {
				b.Fatal(err)
			}
		}
		query = `select pg_total_relation_size('results') + pg_total_relation_size('hours') + pg_total_relation_size('days') +
			pg_total_relation_size('probes')`
	}
	var bytes int64
	must(b, s.read.QueryRowContext(b.Context(), query).Scan(&bytes))
	return bytes
}

// How large the year is that is asked for: 50 partners with three probes each that run every five minutes.
const (
	yearPartners = 50
	yearProbes   = 3
	yearResults  = yearPartners * yearProbes * 365 * 288
)

// BenchmarkYear has a year of results, 15.8 million, as it is kept: a week of single ones, 90 days by the hour and the rest
// by the day. It tells how large that is on disk, and how long what people and the triage ask of it takes.
func BenchmarkYear(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		now := time.Now()
		bytes := loadYear(b, s, now)
		ask := func(name string, ask func(partner string)) {
			b.Run(name, func(b *testing.B) {
				took := make([]time.Duration, 0, 1000)
				for i := 0; b.Loop(); i++ {
					began := time.Now()
					ask(fmt.Sprint("partner", i%yearPartners))
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(nearest(took, 99).Microseconds())/1000, "p99-ms")
				b.ReportMetric(float64(bytes)/yearResults, "bytes/result")
			})
		}
		probes := []string{"api0", "api1", "api2"}
		ask("month", func(partner string) {
			month, steps, err := s.ProbeSeries(b.Context(), partner, probes, now.Add(-30*daily), now, 6*time.Hour)
			if must(b, err); month.Runs < 25_000 || month.P95 == 0 || len(steps) < 120 {
				b.Fatalf("%d steps, %+v", len(steps), month)
			}
		})
		ask("day", func(partner string) {
			for _, probe := range probes {
				got, _, err := s.ProbeSeries(b.Context(), partner, []string{probe}, now.Add(-daily), now, 3*time.Hour)
				if must(b, err); got.Runs < 280 {
					b.Fatalf("%+v", got)
				}
			}
		})
		ask("history", func(partner string) {
			history := value[incidents.History](b)(s.ProbeHistory(b.Context(), partner, "api1"))
			if history.Runs < 105_000 || history.UsualP95 == 0 {
				b.Fatalf("%+v", history)
			}
		})
		b.Run("expire a day", func(b *testing.B) {
			for i := 1; b.Loop(); i++ {
				must(b, s.Expire(b.Context(), now.Add(time.Duration(i)*daily)))
			}
		})
	})
}

// loadYear saves a year of one probe as it comes, day by day and rolled up each day, and copies what is left of it for all
// others. It is how many bytes they take on disk.
func loadYear(b *testing.B, s *Store, now time.Time) int64 {
	b.Helper()
	chance := rand.New(rand.NewPCG(1, 2))
	for at := now.Add(-365 * daily); at.Before(now); {
		var batch []partners.ProbeResult
		for range 288 {
			one := pass("api0", at, time.Duration(float64(250*time.Millisecond)*math.Exp(chance.NormFloat64()/3)))
			if chance.IntN(1000) == 0 {
				one.Class = partners.FailServer
			}
			one.Partner = "partner0"
			batch = append(batch, one)
			at = at.Add(5 * time.Minute)
		}
		save(b, s, batch...)
	}
	must(b, s.Expire(b.Context(), now))
	for _, statement := range []string{
		`with recursive p(i) as (select 0 union all select i + 1 from p where i < 49), n(i) as (select 0 union all select i + 1 from n where i < 2)
			insert into probes (partner, probe, last_ms, pass_ms, fail_ms, failing_ms, last)
			select 'partner' || p.i, 'api' || n.i, last_ms, pass_ms, fail_ms, failing_ms, last from p, n, probes where p.i + n.i > 0`,
		`insert into hours select p.id, hour, runs, passed, spread from probes p, hours h where p.id <> h.probe`,
		`insert into days select p.id, day, runs, passed, spread from probes p, days d where p.id <> d.probe`,
		`insert into results (probe, at_ms, took_us, class) select p.id, at_ms, took_us, class from probes p, results r where p.id <> r.probe`,
	} {
		if _, err := s.write.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	if s.dialect.shared {
		if _, err := s.write.ExecContext(b.Context(), "analyze"); err != nil {
			b.Fatal(err)
		}
	}
	return diskSize(b, s)
}

// BenchmarkDay is the last day of a probe that runs every five minutes, of which an overview asks one for each probe.
func BenchmarkDay(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		now := time.Now()
		var results []partners.ProbeResult
		for at := now.Add(-2 * daily); at.Before(now); at = at.Add(5 * time.Minute) {
			results = append(results, pass("api", at, time.Second))
		}
		must(b, s.SaveResults(b.Context(), results))
		b.ReportAllocs()
		for b.Loop() {
			day, _, err := s.ProbeSeries(b.Context(), "acme", []string{"api"}, now.Add(-daily), now, 2*time.Hour)
			if must(b, err); day.Runs < 280 {
				b.Fatalf("%+v", day)
			}
		}
	})
}
