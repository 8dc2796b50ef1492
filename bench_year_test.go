package main

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sparky/partners"
	"sparky/store"
)

// The year that is asked for: 50 partners with three probes each, every five minutes.
const (
	yearPartners = 50
	yearProbes   = 3
	yearResults  = yearPartners * yearProbes * 365 * 288
)

// fillYear keeps a year of results until now in an empty database: of one probe as they come, day by day and rolled up each
// month, and copied from it for all others. The partners are p0 to p49, their probes a0 to a2.
func fillYear(tb testing.TB, url string, now time.Time) {
	tb.Helper()
	memory, err := store.Open(tb.Context(), url, store.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for at := now.Add(-365 * 24 * time.Hour); at.Before(now); {
		var batch []partners.ProbeResult
		for ; len(batch) < 30*288 && at.Before(now); at = at.Add(5 * time.Minute) {
			r := partners.ProbeResult{Partner: "p0", Probe: "a0", At: at, Took: time.Duration(float64(250*time.Millisecond) * math.Exp(chance.NormFloat64()/3))}
			if chance.IntN(1000) == 0 {
				r.Class = partners.FailServer
			}
			batch = append(batch, r)
		}
		if err := memory.SaveResults(tb.Context(), batch); err != nil {
			tb.Fatal(err)
		}
		if err := memory.Expire(tb.Context(), at); err != nil {
			tb.Fatal(err)
		}
	}
	if err := memory.Close(); err != nil {
		tb.Fatal(err)
	}
	copyYear(tb, url)
}

// yearSize is how many bytes the results take on disk, with their indexes.
func yearSize(tb testing.TB, url string) (bytes int64) {
	tb.Helper()
	db := yearDB(tb, url)
	defer db.Close()
	query := `select sum(pgsize) from dbstat where name in ('results', 'hours', 'days')`
	if !strings.HasPrefix(url, "sqlite:") {
		query = `select pg_total_relation_size('results') + pg_total_relation_size('hours') + pg_total_relation_size('days')`
	}
	if err := db.QueryRowContext(tb.Context(), query).Scan(&bytes); err != nil {
		tb.Fatal(err)
	}
	return bytes
}

func yearDB(tb testing.TB, url string) *sql.DB {
	tb.Helper()
	driver, name := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, name = "sqlite", path
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

func copyYear(tb testing.TB, url string) {
	tb.Helper()
	db := yearDB(tb, url)
	defer db.Close()
	for _, statement := range []string{
		fmt.Sprintf(`with recursive p(i) as (select 0 union all select i + 1 from p where i < %d), n(i) as (select 0 union all select i + 1 from n where i < %d)
			insert into probes (partner, probe, last_ms, pass_ms, fail_ms, failing_ms, last)
			select 'p' || p.i, 'a' || n.i, last_ms, pass_ms, fail_ms, failing_ms, replace(last, '"p0"', '"p' || p.i || '"') from p, n, probes where p.i + n.i > 0`, yearPartners-1, yearProbes-1),
		`insert into hours select p.id, hour, runs, passed, spread from probes p, hours h where p.id <> h.probe`,
		`insert into days select p.id, day, runs, passed, spread from probes p, days d where p.id <> d.probe`,
		`insert into results (probe, at_ms, took_us, class) select p.id, at_ms, took_us, class from probes p, results r where p.id <> r.probe`,
		`analyze`,
	} {
		if _, err := db.ExecContext(tb.Context(), statement); err != nil {
			tb.Fatal(err)
		}
	}
}
