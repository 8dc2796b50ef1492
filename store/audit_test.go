package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/incidents"
)

func act(n int, partner string) incidents.Act {
	return incidents.Act{At: day.Add(minutes(n)), Partner: partner, Actor: "U1", Origin: incidents.ByButton, Did: incidents.DidProbe,
		Target: partner + "/api", Reason: fmt.Sprint("number ", n)}
}

// acts are those that the query asks for, as reasons.
func acts(t testing.TB, b bench, q incidents.ActQuery) string {
	t.Helper()
	var reasons []string
	for _, a := range value[[]incidents.Act](t)(b.Acts(t.Context(), q)) {
		reasons = append(reasons, a.Reason)
	}
	return strings.Join(reasons, ", ")
}

func as(t testing.TB, actor string, origin incidents.Origin) context.Context {
	return incidents.WithDoer(t.Context(), incidents.Doer{Actor: actor, Origin: origin})
}

func TestActsAreKeptInTheirOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for n, partner := range []string{"snow", "okta", "snow", "", "snow"} {
			must(t, b.SaveAct(t.Context(), act(n, partner)))
		}
		all := value[[]incidents.Act](t)(b.Acts(t.Context(), incidents.ActQuery{Limit: 1}))
		want := act(4, "snow")
		want.ID = all[0].ID
		if diff := cmp.Diff([]incidents.Act{want}, all); diff != "" || want.ID == 0 {
			t.Errorf("the newest, %d: %s", want.ID, diff)
		}
		b = b.reopened(t)
		for _, c := range []struct {
			query incidents.ActQuery
			want  string
		}{
			{incidents.ActQuery{}, "number 4, number 3, number 2, number 1, number 0"},
			{incidents.ActQuery{Partner: "snow"}, "number 4, number 2, number 0"},
			{incidents.ActQuery{Partner: "snow", Limit: 2}, "number 4, number 2"},
			{incidents.ActQuery{Partner: "snow", Before: want.ID}, "number 2, number 0"},
			{incidents.ActQuery{Before: want.ID, Until: day.Add(minutes(2)), Limit: 1}, "number 1"},
			{incidents.ActQuery{Partner: "snow' or 1=1 --"}, ""},
		} {
			if got := acts(t, b, c.query); got != c.want {
				t.Errorf("%+v: %s", c.query, got)
			}
		}
	})
}

func TestAnActIsKeptWithItsChangeOrNotAtAll(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		acting := func(err error) decision {
			return func(l *incidents.Ledger) ([]incidents.Effect, error) {
				if len(l.Acts) > 0 {
					t.Errorf("a decision is shown acts: %+v", l.Acts)
				}
				l.Acts = append(l.Acts, act(1, "snow"))
				return nil, err
			}
		}
		refusal := errors.New("no")
		if err := b.Decide(t.Context(), "snow", acting(refusal)); !errors.Is(err, refusal) {
			t.Errorf("got %v", err)
		}
		if got := acts(t, b, incidents.ActQuery{}); got != "" {
			t.Errorf("kept of what was not done: %s", got)
		}
		var replicas sync.WaitGroup
		for range 4 {
			replicas.Go(func() {
				if err := b.Decide(t.Context(), "snow", acting(nil)); err != nil {
					t.Error(err)
				}
			})
		}
		replicas.Wait()
		if got := acts(t, b, incidents.ActQuery{}); got != "number 1, number 1, number 1, number 1" {
			t.Errorf("kept %s", got)
		}
	})
}

func TestAnActShowsTheTicketOfItsIncident(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.SaveAct(t.Context(), incidents.Act{At: day, Did: incidents.DidOpen, Target: "one"}))
		read := func() string {
			return value[[]incidents.Act](t)(b.Acts(t.Context(), incidents.ActQuery{}))[0].Ticket
		}
		if got := read(); got != "" {
			t.Errorf("before there is a ticket: %q", got)
		}
		one := incident("one", "snow", day)
		one.Ticket.Key = "ECO-1"
		decide(t, b.Store, "snow", adding(one))
		if got := read(); got != "ECO-1" {
			t.Errorf("got %q", got)
		}
	})
}

func TestRunsTellWhoAskedForThem(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.RecordPoll(t.Context(), changes.Poll{Runs: []changes.Run{aRun("r1", "v3", day)}}))
		must(t, b.RecordPoll(t.Context(), changes.Poll{Runs: []changes.Run{aRun("r2", "v3", day)}}))
		start := func(run changes.Run) {
			t.Helper()
			must(t, b.DecideRuns(as(t, "U1", incidents.ByHome), "snow", func([]changes.Run) ([]changes.Run, []incidents.Effect, error) {
				return []changes.Run{run}, nil, nil
			}))
		}
		asked := aRun("r3", "v4", day)
		asked.By = "U1"
		start(asked)
		start(asked) // it changes nothing
		refusal := errors.New("no")
		err := b.DecideRuns(t.Context(), "snow", func([]changes.Run) ([]changes.Run, []incidents.Effect, error) {
			return []changes.Run{aRun("r4", "v5", day)}, nil, refusal
		})
		if !errors.Is(err, refusal) {
			t.Errorf("got %v", err)
		}
		var got []string
		for _, a := range value[[]incidents.Act](t)(b.Acts(t.Context(), incidents.ActQuery{})) {
			got = append(got, fmt.Sprintf("%s %s/%s %s %s", a.Target, a.Actor, a.Origin, a.Did, a.Reason))
		}
		if want := []string{"r3 U1/home compat v4", "r1 /schedule compat v3"}; !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}

func TestWhoHandlesAnAnnouncementIsKeptOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		e := dated("tls", "2026-12-01")
		keep(t, b, e)
		for range 2 {
			_, err := b.Handle(as(t, "U1", incidents.ByButton), e.ID(), incidents.Deed{By: "U1", At: day})
			must(t, err)
		}
		for range 2 {
			_, err := b.Unhandle(as(t, "U2", incidents.ByMessage), e.ID(), day.Add(time.Hour))
			must(t, err)
		}
		got := value[[]incidents.Act](t)(b.Acts(t.Context(), incidents.ActQuery{Partner: "acme"}))
		want := []incidents.Act{
			{At: day.Add(time.Hour), Partner: "acme", Actor: "U2", Origin: incidents.ByMessage, Did: incidents.DidUnhandle, Target: e.ID(), Reason: e.Title},
			{At: day, Partner: "acme", Actor: "U1", Origin: incidents.ByButton, Did: incidents.DidHandle, Target: e.ID(), Reason: e.Title},
		}
		for i := range got {
			got[i].ID = 0
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatPeopleAreToldOfIsKeptOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		digest := incidents.NewEffect(changes.EffectDigest, "digest/1", changes.Digest{Partner: "acme", Items: []changes.Item{{Title: "A beta"}}})
		for range 2 {
			must(t, b.RecordPoll(t.Context(), changes.Poll{Effects: []incidents.Effect{digest}}))
		}
		warning := incidents.NewEffect(incidents.EffectWarning, "warning/1", incidents.Warning{Partner: "acme", Probe: "api", Text: "It ends soon."})
		for range 2 {
			decide(t, b.Store, "acme", func(*incidents.Ledger) ([]incidents.Effect, error) {
				return []incidents.Effect{warning, deed("x")}, nil
			})
		}
		if got := acts(t, b, incidents.ActQuery{Partner: "acme"}); got != "api: It ends soon., “A beta”" {
			t.Errorf("kept %s", got)
		}
	})
}

func TestActsAreKeptFourHundredDays(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.SaveAct(t.Context(), act(0, "snow")))
		must(t, b.SaveAct(t.Context(), act(2*24*60, "snow")))
		must(t, b.Expire(t.Context(), day.Add(400*daily)))
		if got := acts(t, b, incidents.ActQuery{}); got != "number 2880, number 0" {
			t.Errorf("after 400 days: %s", got)
		}
		must(t, b.Expire(t.Context(), day.Add(401*daily)))
		if got := acts(t, b, incidents.ActQuery{}); got != "number 2880" {
			t.Errorf("after 401 days: %s", got)
		}
	})
}

func TestAnActOfAnyText(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		bad := "a\x00b\xff"
		must(t, b.SaveAct(t.Context(), incidents.Act{At: time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC), Partner: bad, Actor: bad, Target: bad, Reason: bad}))
		got := value[[]incidents.Act](t)(b.Acts(t.Context(), incidents.ActQuery{Partner: bad}))
		if len(got) != 1 || got[0].Reason != "a\uFFFDb\uFFFD" {
			t.Errorf("got %+v", got)
		}
		must(t, b.SaveAct(t.Context(), incidents.Act{At: day, Partner: "long", Reason: strings.Repeat("é\n\n", longestKept)}))
		if got := acts(t, b, incidents.ActQuery{Partner: "long"}); len([]rune(got)) != longestKept+1 || strings.Contains(got, "\n") {
			t.Errorf("%d characters are kept: %.40s", len([]rune(got)), got)
		}
	})
}
