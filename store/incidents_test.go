package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
)

func listed(t testing.TB) func([]incidents.Incident, error) []incidents.Incident {
	return value[[]incidents.Incident](t)
}

func TestAnIncidentIsFoundByIDAndByTicket(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		older, newer := incident("sparky-acme-1", "acme", day), incident("sparky-acme-2", "acme", day.Add(time.Hour))
		older.Ticket.Key, newer.Ticket.Key = "OPS-7", "OPS-7"
		odd := incident("ops-9", "acme", day)
		odd.Ticket.Key = "sparky-acme-1" // no real key: the id comes first
		decide(t, b.Store, "acme", adding(newer, older, odd, incident("Sparky-Mixed", "acme", day)))
		for asked, want := range map[string]incidents.Incident{
			"sparky-acme-1": older, " SPARKY-ACME-2 ": newer, "OPS-7": newer, "ops-7": newer, "ops-9": odd,
			"Sparky-Mixed": incident("Sparky-Mixed", "acme", day),
		} {
			got := value[incidents.Incident](t)(b.Incident(t.Context(), asked))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q: %s", asked, diff)
			}
		}
		for _, asked := range []string{"", " ", "OPS-70", "ops", "%", "'; --", "a\x00"} {
			got, err := b.Incident(t.Context(), asked)
			if !errors.Is(err, incidents.ErrNoIncident) || got.ID != "" {
				t.Errorf("%q: %+v, %v", asked, got, err)
			}
		}
	})
}

func TestIncidentsAreListedNewestFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ago := func(h int) time.Time { return day.Add(-time.Duration(h) * time.Hour) }
		closed := incident("closed", "acme", ago(99))
		closed.State = incidents.StateClosed
		decide(t, b.Store, "", adding(
			incident("new", "acme", ago(1)), closed, network("net", ago(5)),
			ended(incident("over", "other", ago(30)), ago(20)), ended(incident("old", "other", ago(60)), ago(50)),
		))
		wantIDs(t, "live", listed(t)(b.Incidents(t.Context(), true, ago(10))), "new net closed")
		wantIDs(t, "of the last day", listed(t)(b.Incidents(t.Context(), false, ago(24))), "new net over closed")
		wantIDs(t, "all", listed(t)(b.Incidents(t.Context(), false, time.Time{})), "new net over old closed")
	})
}

func TestOurPageSaysWhatIsPublishedAndWhatWas(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		post := func(id string, state incidents.PostState, opened time.Time) incidents.Incident {
			i := incident(id, "acme", opened)
			i.Post = incidents.Post{State: state, Updates: []incidents.PostUpdate{{At: opened, Phase: "identified", Title: "Trouble"}}}
			return i
		}
		old := day.Add(-90 * 24 * time.Hour)
		decide(t, b.Store, "acme", adding(
			post("stands", incidents.PostPublished, old), post("proposed", incidents.PostProposed, day),
			post("declined", incidents.PostDeclined, day), incident("none", "acme", day),
			ended(post("resolved", incidents.PostResolved, day.Add(-time.Hour)), day),
			ended(post("resolved-long-ago", incidents.PostResolved, old), old.Add(time.Hour)),
			post("resolved-but-live", incidents.PostResolved, old.Add(-time.Hour)),
		))
		wantIDs(t, "of the last week", listed(t)(b.Posts(t.Context(), day.Add(-7*24*time.Hour))), "declined proposed resolved stands resolved-but-live")
		wantIDs(t, "ever", listed(t)(b.Posts(t.Context(), time.Time{})), "declined proposed resolved resolved-long-ago stands resolved-but-live")
	})
}

func TestAnIncidentWithImpossibleTimesIsKeptWithoutThem(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		impossible := time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
		i := incident("a", "acme", day)
		i.Verdict.Announced = &incidents.Announced{ID: "x", Until: impossible, Began: day}
		i.Probes[0].Last.Expires, i.MutedUntil = impossible, impossible
		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			l.Probes["acme/api"] = incidents.ProbeState{Partner: "acme", Probe: "api", Last: i.Probes[0].Last}
			l.Mutes = []incidents.Mute{{Partner: "acme", Until: day.Add(time.Hour), At: impossible}}
			return adding(i)(l)
		})
		got := value[incidents.Incident](t)(b.Incident(t.Context(), "a"))
		if !got.Verdict.Announced.Until.IsZero() || !got.Verdict.Announced.Began.Equal(day) || !got.Probes[0].Last.Expires.IsZero() {
			t.Errorf("%+v", got)
		}
		if !i.Verdict.Announced.Until.Equal(impossible) || !i.Probes[0].Last.Expires.Equal(impossible) {
			t.Error("the caller's incident was changed")
		}
	})
}

// What other partners have open costs a decision nothing: neither database looks through all incidents for it.
func TestADecisionReadsByIndex(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		decide(t, b.Store, "", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			for p := range 300 {
				partner := fmt.Sprintf("p%d", p)
				l.Incidents = append(l.Incidents, incident("i-"+partner, partner, day))
				l.Incidents = append(l.Incidents, ended(incident("o-"+partner, partner, day), day))
			}
			return nil, nil
		})
		explain := "explain query plan "
		if b.shared {
			explain = "explain "
			if _, err := b.write.ExecContext(t.Context(), "analyze"); err != nil {
				t.Fatal(err)
			}
		}
		plan, err := b.read.QueryContext(t.Context(), explain+ledgerOfPartner, day.UnixMilli(), "p7")
		must(t, err)
		defer plan.Close()
		columns, err := plan.Columns()
		must(t, err)
		var text strings.Builder
		for plan.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(any)
			}
			must(t, plan.Scan(cells...))
			fmt.Fprintln(&text, *cells[len(cells)-1].(*any))
		}
		must(t, plan.Err())
		if !strings.Contains(text.String(), "incidents_live") || !strings.Contains(text.String(), "incidents_over") ||
			strings.Contains(text.String(), "Seq Scan on incidents") || strings.Contains(text.String(), "SCAN incidents") {
			t.Error(text.String())
		}
	})
}
