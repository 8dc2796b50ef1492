package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/scheduler"
)

// keepPass keeps a pass as the first of its group, and tells whether it was kept.
func keepPass(t testing.TB, b bench, r partners.ProbeResult) bool {
	t.Helper()
	return value[bool](t)(b.Grouped(0).KeepPass(t.Context(), r))
}

func TestAPassIsKeptWithHowItsProbeStands(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for n := range 3 {
			if !keepPass(t, b, pass("api", day.Add(minutes(n)), time.Second)) {
				t.Fatalf("pass %d was not kept", n)
			}
		}
		b = b.reopened(t)
		wantRuns(t, stats(t, b.Store, "api", day, day.Add(time.Hour)), 3, 3)
		want := map[string]incidents.ProbeState{"acme/api": {Partner: "acme", Probe: "api", Passes: 3, Since: day,
			LastRun: day.Add(minutes(2)).Add(time.Second), EverPassed: true}}
		if diff := cmp.Diff(want, ledger(t, b.Store, "acme").Probes); diff != "" {
			t.Error(diff)
		}
	})
}

// What a pass may concern is decided on in the ledger, and the short way keeps nothing of it.
func TestWhatAPassMayConcernIsNotKept(t *testing.T) {
	storm := network("s1", day)
	storm.Kind, storm.Storm = incidents.KindStorm, &incidents.Storm{}
	compat := incident("c1", "acme", day)
	compat.Kind = incidents.KindCompat
	state := func(change func(s *incidents.ProbeState)) decision {
		return func(l *incidents.Ledger) ([]incidents.Effect, error) {
			s := incidents.ProbeState{Partner: "acme", Probe: "api", Passes: 1, Since: day, LastRun: day}
			change(&s)
			l.Probes["acme/api"] = s
			return nil, nil
		}
	}
	for name, c := range map[string]struct {
		of     string
		before decision
		kept   bool
	}{
		"an incident of the partner":      {"acme", adding(incident("i1", "acme", day)), false},
		"an incident of another":          {"other", adding(incident("i2", "other", day)), true},
		"an incident that is over":        {"acme", adding(ended(incident("i3", "acme", day), day)), true},
		"our network's":                   {"", adding(network("n1", day)), false},
		"a storm":                         {"", adding(storm), false},
		"one about a version":             {"acme", adding(compat), true},
		"a probe that failed":             {"acme", state(func(s *incidents.ProbeState) { s.Fails, s.Passes = 1, 0 }), false},
		"a probe that was warned of":      {"acme", state(func(s *incidents.ProbeState) { s.Warned = "2026-12-01" }), false},
		"a probe that passed":             {"acme", state(func(*incidents.ProbeState) {}), true},
		"another probe of it that failed": {"acme", state(func(s *incidents.ProbeState) { s.Probe, s.Fails = "api", 0 }), true},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b bench) {
				decide(t, b.Store, c.of, c.before)
				before := ledger(t, b.Store, "acme")
				if kept := keepPass(t, b, pass("api", day.Add(minutes(1)), time.Second)); kept != c.kept {
					t.Errorf("kept: %v", kept)
				}
				runs := 0
				if c.kept {
					runs = 1
				} else if diff := cmp.Diff(before, ledger(t, b.Store, "acme")); diff != "" {
					t.Error(diff)
				}
				wantRuns(t, stats(t, b.Store, "api", day, day.Add(time.Hour)), runs, runs)
			})
		})
	}
}

// A state that a newer Sparky wrote keeps what this one has no field for.
func TestAPassForgetsNothingOfANewerSparky(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		keepPass(t, b, pass("api", day, time.Second))
		must(t, b.change(t.Context(), "", `update probe_states set body = replace(body, '{"partner"', '{"mood":"good","partner"')`))
		for n := range 2 {
			if !keepPass(t, b, pass("api", day.Add(minutes(1+n)), time.Second)) {
				t.Fatal("it was not kept")
			}
			var body string
			must(t, b.read.QueryRowContext(t.Context(), `select body from probe_states`).Scan(&body))
			if got := decodedAny(t, body); got["mood"] != "good" || got["passes"] != float64(2+n) {
				t.Errorf("it says %s", body)
			}
		}
	})
}

func TestAPassUnderAnOldLeaseIsNotKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if !b.shared {
			t.Skip("a SQLite file has one process")
		}
		old := scheduler.Fence{Name: "jobs", Owner: "gone", Epoch: 1}.Under(t.Context())
		if kept, err := b.Grouped(0).KeepPass(old, pass("api", day, 1)); kept || !errors.Is(err, scheduler.ErrFenced) {
			t.Errorf("%v, %v", kept, err)
		}
		if got := ledger(t, b.Store, "acme").Probes; len(got) != 0 {
			t.Errorf("kept %v", got)
		}
	})
}

// Many passes at once are one group, in which each is told what came of its own.
func TestPassesInAGroup(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "other", adding(incident("i1", "other", day)))
		g := b.Grouped(20 * time.Millisecond)
		var all sync.WaitGroup
		for i := range 45 {
			all.Go(func() {
				r := pass(fmt.Sprint("p", i), day, time.Second)
				if i%3 == 0 {
					r.Partner = "other"
				}
				if i%3 == 1 {
					must(t, g.SaveResults(t.Context(), []partners.ProbeResult{r}))
				} else if kept, err := g.KeepPass(t.Context(), r); err != nil || kept != (i%3 == 2) {
					t.Errorf("%s: %v, %v", r.Probe, kept, err)
				}
			})
		}
		all.Wait()
		if got := ledger(t, b.Store, "").Probes; len(got) != 15 {
			t.Errorf("%d states", len(got))
		}
		if last := value[map[string]map[string]partners.ProbeResult](t)(b.LastResults(t.Context())); len(last["acme"]) != 30 || len(last["other"]) != 0 {
			t.Errorf("%d and %d results", len(last["acme"]), len(last["other"]))
		}
	})
}

// office is a desk at a store of its own.
type office struct {
	bench
	desk *incidents.Desk
}

func newOffice(t *testing.T, b bench, all []partners.Partner, short bool) office {
	must(t, b.change(t.Context(), "", `pragma synchronous = off`)) // nothing of it has to outlive a power loss
	o := office{bench: b}
	verdict := incidents.Verdict{Word: incidents.Internal, Reason: incidents.ReasonNotAnnounced}
	options := incidents.Options{Memory: b, Witness: o, Partners: all, Now: b.clock.Now,
		Judge: func(incidents.Evidence) incidents.Verdict { return verdict },
		Rules: incidents.Rules{RecoverAfter: 2, ReopenWithin: 30 * time.Minute, Offices: incidents.Offices{Tickets: true, Pager: true},
			Storm: incidents.StormRules{Above: 2, Within: 5 * time.Minute}}}
	if short {
		options.Passes = b.Grouped(0)
	}
	o.desk = incidents.NewDesk(options)
	return o
}

// Gather implements incidents.Witness.
func (office) Gather(_ context.Context, in incidents.Incident) incidents.Evidence {
	return incidents.Evidence{Incident: in}
}

// run takes a result to the desk as who runs probes does, and tells whether it went the short way.
func (o office) run(t *testing.T, r partners.ProbeResult) (kept bool) {
	t.Helper()
	reaction := value[incidents.Reaction](t)(o.desk.Probed(t.Context(), r, incidents.ReachUnknown))
	if !reaction.Kept {
		save(t, o.Store, r)
	}
	if reaction.Triage {
		must(t, o.desk.Triage(t.Context(), reaction.Incident))
	}
	return reaction.Kept
}

// rows is all that a store remembers of failures, results and effects.
func (o office) rows(t *testing.T) []string {
	t.Helper()
	return append(dump(t, o.Store,
		`select partner, probe, saved_ms, body from probe_states order by partner, probe`,
		`select id, live, ended_ms, body from incidents order by id`,
		`select key, kind, payload, revision from effects order by key`), historyOf(t, o.Store)...)
}

// TestTheShortWayLeavesWhatTheLedgerLeaves takes the same results to two desks, one of which goes the short way where it can:
// in the end both stores hold the same, to the letter.
func TestTheShortWayLeavesWhatTheLedgerLeaves(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			chance := rand.New(rand.NewPCG(seed, 1))
			var all []partners.Partner
			for i := range 4 {
				p := partners.Partner{ID: fmt.Sprint("p", i), Name: fmt.Sprint("P", i)}
				for n := range 3 {
					p.Probes = append(p.Probes, partners.ProbeConfig{ID: fmt.Sprint("a", n), Priority: "P4", Every: setting.Duration(time.Minute)})
				}
				all = append(all, p)
			}
			long := newOffice(t, newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "long.db")), all, false)
			short := newOffice(t, newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "short.db")), all, true)
			failing, kept := map[string]bool{}, 0
			for range 150 {
				p := all[chance.IntN(len(all))]
				r := partners.ProbeResult{Partner: p.ID, Probe: p.Probes[chance.IntN(3)].ID, At: long.clock.Now(), Took: time.Second}
				key := incidents.ProbeKey(r.Partner, r.Probe)
				if chance.IntN(12) == 0 {
					failing[key] = !failing[key]
				}
				if failing[key] {
					r.Class = []partners.FailureClass{partners.FailServer, partners.FailConnect, partners.FailAuth}[chance.IntN(3)]
					r.Problem = "it is " + string(r.Class)
				} else if chance.IntN(10) == 0 {
					r.Warning, r.Expires = "it ends soon", day.Add(48*time.Hour)
				}
				sweep := chance.IntN(20) == 0
				for _, o := range []office{long, short} {
					if o.run(t, r) {
						kept++
					}
					if sweep {
						must(t, o.desk.Sweep(t.Context()))
					}
					o.clock.forward(20 * time.Second)
				}
			}
			if diff := cmp.Diff(long.rows(t), short.rows(t)); diff != "" {
				t.Error(diff)
			}
			if kept < 10 {
				t.Errorf("%d went the short way", kept)
			}
		})
	}
}
