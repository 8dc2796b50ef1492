package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
)

// whole is an incident with something in every list that a decision may change.
func wholeIncident(id string) incidents.Incident {
	i := incident(id, "acme", day)
	i.Events = []incidents.Event{{At: day, Kind: incidents.EventOpened, Text: "It fails"}}
	i.Post.Updates = []incidents.PostUpdate{{At: day, Text: "We look into it"}}
	i.Tried = []string{"one"}
	i.Acknowledged = &incidents.Deed{By: "U1", At: day}
	return i
}

// What a decision did to what it was shown, and was refused, is not what the next one is shown.
func TestAnIncidentThatIsKnownIsNobodysToChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "acme", adding(wholeIncident("a")))
		want := ledger(t, b.Store, "acme").Incidents[0]
		refusal := fmt.Errorf("not now")
		err := b.Decide(t.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			in := &l.Incidents[0]
			in.Probes[0].Passes, in.Events[0].Text, in.Post.Updates[0].Text, in.Tried[0] = 7, "changed", "changed", "changed"
			in.Events = append(in.Events, incidents.Event{Text: "more"})
			return nil, refusal
		})
		if err != refusal {
			t.Fatal(err)
		}
		listed := value[[]incidents.Incident](t)(b.Incidents(t.Context(), true, time.Time{}))
		listed[0].Events[0].Text = "changed by a reader"
		if diff := cmp.Diff(want, ledger(t, b.Store, "acme").Incidents[0]); diff != "" {
			t.Error(diff)
		}
	})
}

// A change in any list is kept, although what it was made in is known.
func TestAChangeOfWhatIsKnownIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "acme", adding(wholeIncident("a")))
		for what, change := range map[string]func(*incidents.Incident){
			"a probe": func(i *incidents.Incident) { i.Probes[0].Passes++ },
			"an event": func(i *incidents.Incident) {
				i.Events = append(i.Events, incidents.Event{At: day, Kind: incidents.EventJoined, Text: "more"})
			},
			"a post":   func(i *incidents.Incident) { i.Post.Updates[0].Text += "." },
			"a ticket": func(i *incidents.Incident) { i.Ticket.Key = "OPS-1" },
			"a deed":   func(i *incidents.Incident) { i.Acknowledged = nil },
		} {
			var want incidents.Incident
			decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
				change(&l.Incidents[0])
				want = l.Incidents[0].Clone()
				return nil, nil
			})
			b = b.reopened(t)
			if diff := cmp.Diff(want, ledger(t, b.Store, "acme").Incidents[0]); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
	})
}

// What another process wrote since is read anew.
func TestIncidentsFollowTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "acme", adding(wholeIncident("a")))
		ledger(t, b.Store, "acme")
		_, err := b.write.ExecContext(t.Context(), `update incidents set body = replace(body, 'It fails', 'It went')`)
		must(t, err)
		if got := ledger(t, b.Store, "acme").Incidents[0].Events[0].Text; got != "It went" {
			t.Errorf("it says %q, and the database another thing", got)
		}
	})
}

func TestNotAllIncidentsEverAreKnown(t *testing.T) {
	var k knownIncidents
	for n := range 3 * mostKnown {
		if _, err := k.read(fmt.Sprint(n), `{"partner":"acme"}`); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.byID) > mostKnown {
		t.Errorf("%d are known", len(k.byID))
	}
	if _, err := k.read("a", "{"); err == nil {
		t.Error("what is no incident is one")
	}
}

// BenchmarkDecision is what a decision costs that changes nothing of a partner with a year of versions that were tried: each
// is an incident that every decision is shown.
func BenchmarkDecision(b *testing.B) {
	s, err := Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	must(b, s.Decide(b.Context(), "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
		for n := range 100 {
			i := wholeIncident(fmt.Sprint("sparky-compat-", n))
			i.Kind, i.State, i.Ended = incidents.KindCompat, incidents.StateRecovered, day
			l.Incidents = append(l.Incidents, i)
		}
		return nil, nil
	}))
	b.ReportAllocs()
	for b.Loop() {
		must(b, s.Decide(b.Context(), "acme", func(*incidents.Ledger) ([]incidents.Effect, error) { return nil, nil }))
	}
}

func TestWhoIsAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if b.Alone() == b.shared {
			t.Errorf("alone: %t, and the database is shared: %t", b.Alone(), b.shared)
		}
	})
}
