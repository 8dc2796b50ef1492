package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/partners"
)

func incident(id, partner string, opened time.Time) incidents.Incident {
	return incidents.Incident{
		ID: id, Kind: incidents.KindProbe, Partner: partner, Name: strings.ToUpper(partner), Priority: "P4",
		State: incidents.StateOpen, Outage: 1, Opened: opened, Since: opened,
		Probes: []incidents.Failing{{Partner: partner, Probe: "api", Since: opened, Last: fail("api", opened, partners.FailServer), Fails: 1}},
	}
}

func network(id string, opened time.Time) incidents.Incident {
	i := incident(id, "", opened)
	i.Kind, i.Name, i.Probes = incidents.KindNetwork, "Our network", nil
	return i
}

// ended is the incident after it was over.
func ended(i incidents.Incident, at time.Time) incidents.Incident {
	i.State, i.Ended = incidents.StateRecovered, at
	return i
}

type decision = func(*incidents.Ledger) ([]incidents.Effect, error)

// adding is the decision that incidents are there too, with an effect for each.
func adding(all ...incidents.Incident) decision {
	return func(l *incidents.Ledger) ([]incidents.Effect, error) {
		l.Incidents = append(l.Incidents, all...)
		var effects []incidents.Effect
		for _, i := range all {
			effects = append(effects, deed("card of "+i.ID))
		}
		return effects, nil
	}
}

func decide(t testing.TB, s *Store, partner string, d decision) {
	t.Helper()
	must(t, s.Decide(t.Context(), partner, d))
}

// ledger is what a decision sees.
func ledger(t testing.TB, s *Store, partner string) incidents.Ledger {
	t.Helper()
	var seen incidents.Ledger
	decide(t, s, partner, func(l *incidents.Ledger) ([]incidents.Effect, error) {
		seen = *l
		return nil, nil
	})
	return seen
}

func ids(all []incidents.Incident) string {
	var list []string
	for _, i := range all {
		list = append(list, i.ID)
	}
	return strings.Join(list, " ")
}

func wantIDs(t *testing.T, what string, got []incidents.Incident, want string) {
	t.Helper()
	if ids(got) != want {
		t.Errorf("%s: %q, want %q", what, ids(got), want)
	}
}

func TestADecisionIsKeptWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		whole := incident("sparky-acme-1", "acme", day)
		whole.Verdict = incidents.Verdict{Word: incidents.External, Announced: &incidents.Announced{ID: "x", Began: day}, At: day}
		whole.Acknowledged = &incidents.Deed{By: "U1", At: day}
		whole.Ticket = incidents.Ticket{Key: "OPS-1", URL: "https://jira.example/browse/OPS-1"}
		whole.Events = []incidents.Event{{At: day, Kind: incidents.EventOpened, Text: "It “fails”\x00"}}
		state := incidents.ProbeState{Partner: "acme", Probe: "api", Fails: 2, Since: day, Last: fail("api", day, partners.FailDNS), Warned: "soon"}
		mute := incidents.Mute{Partner: "acme", Probe: "api", Until: day.Add(time.Hour), By: "U1", At: day, Reason: "works"}
		want := incidents.Ledger{
			Incidents: []incidents.Incident{whole},
			Probes:    map[string]incidents.ProbeState{"acme/api": state},
			Mutes:     []incidents.Mute{mute},
		}
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			if diff := cmp.Diff(incidents.Ledger{Probes: map[string]incidents.ProbeState{}}, *l); diff != "" {
				t.Error(diff)
			}
			*l = want
			return []incidents.Effect{deed("card")}, nil
		})
		<-b.Recorded()
		b = b.reopened(t)
		if diff := cmp.Diff(want, ledger(t, b.Store, "acme")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, ledger(t, b.Store, "")); diff != "" {
			t.Error(diff)
		}
		claimOne(t, b.Store, "deed")
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			*l = incidents.Ledger{}
			return nil, nil
		})
		if diff := cmp.Diff(incidents.Ledger{Probes: map[string]incidents.ProbeState{}}, ledger(t, b.Store, "")); diff != "" {
			t.Errorf("what was removed is there: %s", diff)
		}
	})
}

func TestALedgerIsOfThePartnerAndOurNetwork(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ago := func(h int) time.Time { return day.Add(-time.Duration(h) * time.Hour) }
		closed := incident("closed", "acme", ago(99))
		closed.State, closed.Ended = incidents.StateClosed, ago(98) // by a person, while the failure lasts
		folded := incident("folded", "acme", ago(1))
		folded.State = incidents.StateFolded
		decide(t, b.Store, "", adding(
			incident("live", "acme", ago(50)), closed, folded,
			ended(incident("over", "acme", ago(30)), ago(23)), ended(incident("long-over", "acme", ago(30)), ago(25)),
			incident("theirs", "other", ago(2)), network("net", ago(3)), ended(network("old-net", ago(60)), ago(59)),
		))
		decide(t, b.Store, "other", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			l.Probes["other/api"] = incidents.ProbeState{Partner: "other", Probe: "api", Fails: 1}
			l.Mutes = append(l.Mutes, incidents.Mute{Partner: "other", Until: day.Add(time.Hour)})
			return nil, nil
		})
		wantIDs(t, "acme", ledger(t, b.Store, "acme").Incidents, "closed live over net folded")
		other := ledger(t, b.Store, "other")
		wantIDs(t, "other", other.Incidents, "net theirs")
		if acme := ledger(t, b.Store, "acme"); len(acme.Probes)+len(acme.Mutes) != 0 || len(other.Probes) != 1 || len(other.Mutes) != 1 {
			t.Errorf("acme has %+v, other has %+v", acme, other)
		}
		all := ledger(t, b.Store, "")
		wantIDs(t, "all", all.Incidents, "closed live over net theirs folded")
		if len(all.Probes) != 1 || len(all.Mutes) != 1 {
			t.Errorf("of all: %+v", all)
		}
		b.clock.forward(23*time.Hour + minutes(30)) // since the folded one, which does not say when it ended
		wantIDs(t, "acme, later", ledger(t, b.Store, "acme").Incidents, "closed live net folded")
		b.clock.forward(time.Hour)
		wantIDs(t, "acme, a day later", ledger(t, b.Store, "acme").Incidents, "closed live net")
	})
}

func TestAMuteHoldsUntilItsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		mute := func(partner, probe string, hours int) incidents.Mute {
			return incidents.Mute{Partner: partner, Probe: probe, Until: day.Add(time.Duration(hours) * time.Hour), By: "U1", At: day}
		}
		decide(t, b.Store, "", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			l.Mutes = []incidents.Mute{mute("other", "", 1), mute("acme", "api", 2), mute("acme", "", 1)}
			return nil, nil
		})
		for _, want := range []int{3, 1, 0} {
			if got := value[[]incidents.Mute](t)(b.Mutes(t.Context())); len(got) != want {
				t.Errorf("%d mutes hold, want %d: %+v", len(got), want, got)
			}
			if got := ledger(t, b.Store, "").Mutes; len(got) != want {
				t.Errorf("%d mutes in the ledger, want %d: %+v", len(got), want, got)
			}
			b.clock.forward(time.Hour)
		}
	})
}

func TestARefusalKeepsNothingAndIsReturnedAsItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		refusal := errors.New("not now")
		err := b.Decide(t.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			effects, _ := adding(incident("a", "acme", day))(l)
			return effects, refusal
		})
		if err != refusal {
			t.Errorf("got %v", err)
		}
		wantIDs(t, "kept", ledger(t, b.Store, "").Incidents, "")
		claimNone(t, b.Store, "deed")
		if words, _ := b.Problem(); words != "" {
			t.Errorf("the store takes it for a problem of its own: %s", words)
		}
	})
}

func TestAPanicLetsOthersDecide(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_ = b.Decide(t.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) { panic("a mistake") })
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		must(t, b.Decide(ctx, "acme", adding(incident("a", "acme", day))))
	})
}

func TestMistakesInALedgerAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "acme", adding(ended(incident("old", "acme", day.Add(-72*time.Hour)), day.Add(-48*time.Hour))))
		claimOne(t, b.Store, "deed")
		for name, mistake := range map[string]decision{
			"no id":     adding(incident("", "acme", day)),
			"twice":     adding(incident("a", "acme", day), incident("a", "acme", day)),
			"is of":     adding(incident("a", "other", day)),
			"older inc": adding(incident("old", "acme", day)),
			"probe sta": func(l *incidents.Ledger) ([]incidents.Effect, error) {
				l.Probes["acme/api"] = incidents.ProbeState{Partner: "acme", Probe: "other"}
				return []incidents.Effect{deed("x")}, nil
			},
			"mute": func(l *incidents.Ledger) ([]incidents.Effect, error) {
				l.Mutes = append(l.Mutes, incidents.Mute{Partner: "other", Until: day.Add(time.Hour)})
				return []incidents.Effect{deed("x")}, nil
			},
		} {
			if err := b.Decide(t.Context(), "acme", mistake); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantIDs(t, "kept", ledger(t, b.Store, "").Incidents, "")
		claimNone(t, b.Store, "deed")
	})
}

// Each decision counts in the same incident, and in one of its partner, and calls for a deed of its own.
func TestNoTwoDecisionsSeeTheSame(t *testing.T) {
	const deciders, each = 8, 12
	run := func(t *testing.T, stores []*Store) {
		var group sync.WaitGroup
		for d := range deciders {
			group.Go(func() {
				partner := fmt.Sprintf("p%d", d/2)
				for i := range each {
					err := stores[d%len(stores)].Decide(context.WithoutCancel(t.Context()), partner, func(l *incidents.Ledger) ([]incidents.Effect, error) {
						count(l, network("net", day))
						count(l, incident("of-"+partner, partner, day))
						return []incidents.Effect{deed(fmt.Sprint(d, " ", i)), picture("card", fmt.Sprint(d, i))}, nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		all := ledger(t, stores[0], "").Incidents
		if len(all) != 1+deciders/2 {
			t.Fatalf("incidents %s", ids(all))
		}
		for _, i := range all {
			want := 2 * each
			if i.ID == "net" {
				want = deciders * each
			}
			if len(i.Events) != want {
				t.Errorf("%s counts %d decisions, want %d", i.ID, len(i.Events), want)
			}
		}
		if n := len(claim(t, stores[0], "deed", 1000)); n != deciders*each {
			t.Errorf("%d deeds, want %d", n, deciders*each)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		run(t, []*Store{mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), &watch{now: day})})
	})
	t.Run("postgres", func(t *testing.T) {
		url, clock := postgresURL(t), &watch{now: day}
		run(t, []*Store{mustOpen(t, url, clock), mustOpen(t, url, clock)})
	})
}

// count adds an event to the incident of that id, and the incident where it is missing.
func count(l *incidents.Ledger, fresh incidents.Incident) {
	for i := range l.Incidents {
		if l.Incidents[i].ID == fresh.ID {
			l.Incidents[i].Events = append(l.Incidents[i].Events, incidents.Event{At: day, Kind: incidents.EventJoined})
			return
		}
	}
	fresh.Events = []incidents.Event{{At: day, Kind: incidents.EventOpened}}
	l.Incidents = append(l.Incidents, fresh)
}
