package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/partners"
)

// dump is what the queries give, each row as one text.
func dump(t testing.TB, s *Store, queries ...string) []string {
	t.Helper()
	var all []string
	for _, query := range queries {
		all = append(all, value[[]string](t)(each(t.Context(), s.read, func(row *sql.Rows) (string, error) {
			names, err := row.Columns()
			must(t, err)
			columns, into := make([]string, len(names)), make([]any, len(names))
			for i := range columns {
				into[i] = &columns[i]
			}
			err = row.Scan(into...)
			return strings.Join(columns, " | "), err
		}, query))...)
	}
	return all
}

// history of probes, as it is kept.
func historyOf(t testing.TB, s *Store) []string {
	t.Helper()
	return dump(t, s,
		`select partner, probe, last_ms, pass_ms, fail_ms, failing_ms, last from probes order by partner, probe`,
		`select p.probe, r.at_ms, r.took_us, r.class from results r join probes p on p.id = r.probe order by 1, 2`,
		`select p.probe, h.hour, h.runs, h.passed, hex(h.spread) from hours h join probes p on p.id = h.probe order by 1, 2`,
		`select p.probe, d.day, d.runs, d.passed, hex(d.spread) from days d join probes p on p.id = d.probe order by 1, 2`)
}

// somewhen is a result of one of a few probes, mostly newer than those before, sometimes older or the same once more.
func somewhen(chance *rand.Rand, now time.Time) partners.ProbeResult {
	at := now.Add(-time.Duration(chance.IntN(120)) * time.Second)
	if chance.IntN(10) == 0 {
		at = now.Add(-time.Duration(chance.IntN(72)) * time.Hour).Truncate(time.Hour)
	}
	r := pass(fmt.Sprint("a", chance.IntN(5)), at, time.Duration(chance.IntN(3000))*time.Millisecond)
	switch chance.IntN(6) {
	case 0:
		r.Class, r.Problem = partners.FailServer, "it answered 503"
	case 1:
		r.Class = partners.FailNotTried
	}
	return r
}

// TestWhatIsRememberedOfRowsIsWhatTheyHold keeps the same results with and without what is remembered of the rows, with
// failures, the cleaning up, and restarts in between.
func TestWhatIsRememberedOfRowsIsWhatTheyHold(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 7))
	clock := &watch{now: day}
	quick := mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "quick.db"), clock)
	plain := mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "plain.db"), clock)
	plain.recent = nil
	used := 0
	for _, s := range []*Store{quick, plain} {
		must(t, s.change(t.Context(), "", `pragma synchronous = off`))
	}
	for step := range 160 {
		clock.forward(time.Duration(chance.IntN(30)) * time.Minute)
		var some []partners.ProbeResult
		for range 1 + chance.IntN(4) {
			some = append(some, somewhen(chance, clock.Now()))
		}
		if len(quick.recent.rows) > 0 {
			used++
		}
		for _, s := range []*Store{quick, plain} {
			save(t, s, some...)
			if step%40 == 20 {
				undone(t, s, some)
			}
			if step%60 == 40 {
				must(t, s.Expire(t.Context(), clock.Now().Add(time.Duration(step)*daily)))
			}
		}
	}
	if diff := cmp.Diff(historyOf(t, plain), historyOf(t, quick)); diff != "" {
		t.Error(diff)
	}
	if used < 100 {
		t.Errorf("something was remembered in %d steps", used)
	}
}

// undone keeps results in a transaction that is undone in the end.
func undone(t *testing.T, s *Store, some []partners.ProbeResult) {
	t.Helper()
	full := errors.New("the disk is full")
	err := s.apart(t.Context(), "", true, func(tx *sql.Tx) error {
		for _, part := range inParts(s, byProbe(some, day)) {
			must(t, s.saveRuns(t.Context(), s.quick(tx), part))
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Fatal(err)
	}
}

func TestWhoeverKeepsResultsWaitsItsTurn(t *testing.T) {
	r := newRecent()
	must(t, r.hold(t.Context()))
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := r.hold(stopped); !errors.Is(err, context.Canceled) {
		t.Errorf("beside another: %v", err)
	}
	r.keepRow(probeName{"acme", "api"}, heldProbe{id: 1, newest: "{}"})
	r.keepHour(probeHour{1, 5}, packedTally{runs: 2})
	r.release(true)
	must(t, r.hold(t.Context()))
	rows, known := r.heldRows([]probeName{{"acme", "api"}})
	if !known || rows[probeName{"acme", "api"}].id != 1 || rows[probeName{"acme", "api"}].newest != "" {
		t.Errorf("%v, %v", rows, known)
	}
	if hours, known := r.heldHours([]probeHour{{1, 5}}); !known || hours[probeHour{1, 5}].runs != 2 {
		t.Errorf("%v, %v", hours, known)
	}
	for _, unknown := range []probeHour{{1, 6}, {2, 5}} {
		if _, known := r.heldHours([]probeHour{{1, 5}, unknown}); known {
			t.Errorf("%v is known", unknown)
		}
	}
	if _, known := r.heldRows([]probeName{{"acme", "api"}, {"acme", "other"}}); known {
		t.Error("another probe is known")
	}
	r.release(false)
	if _, known := r.heldRows([]probeName{{"acme", "api"}}); known {
		t.Error("what was not kept is remembered")
	}
	for i := range mostRecent + 1 {
		must(t, r.hold(t.Context()))
		r.keepRow(probeName{"acme", fmt.Sprint(i)}, heldProbe{})
		r.release(true)
	}
	if len(r.rows) != 0 {
		t.Errorf("%d rows are remembered", len(r.rows))
	}
	var none *recent
	must(t, none.hold(t.Context()))
	none.keepRow(probeName{}, heldProbe{})
	none.keepHour(probeHour{}, packedTally{})
	none.release(true)
}
