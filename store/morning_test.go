package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// mornings is the rule under which everything that can waits until nine.
func mornings(b bench) bench {
	b.morning = changes.MorningRule{At: 9 * time.Hour, Zone: time.UTC}
	return b
}

func slow(partner string, n int) incidents.Effect {
	return incidents.NewEffect(incidents.EffectWarning, fmt.Sprintf("warning/%s/p95/%d", partner, n),
		incidents.Warning{Partner: partner, Name: partner, Probe: "p95", Text: "slow"})
}

// warns has a decision ask for effects.
func warns(t testing.TB, b bench, effects ...incidents.Effect) {
	t.Helper()
	must(t, b.Decide(context.Background(), "acme", func(*incidents.Ledger) ([]incidents.Effect, error) { return effects, nil }))
}

// claims are the effects of a kind that are due now, and their morning.
func claims(t testing.TB, b bench, kind string) (count int, m changes.Morning) {
	t.Helper()
	claimed, err := b.Claim(t.Context(), kind, 10, time.Minute)
	must(t, err)
	for _, e := range claimed {
		if kind == changes.EffectMorning {
			must(t, json.Unmarshal(e.Payload, &m))
		}
	}
	return len(claimed), m
}

func TestWhatCanWaitIsOneMessageOfTheMorning(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b = mornings(b)
		b.clock.now = time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)
		warns(t, b, slow("acme", 1), slow("acme", 2))
		warns(t, b, slow("acme", 1)) // a deed that was told is told no more
		notice := incidents.NewEffect(changes.EffectNotice, "source/acme/1", changes.SourceNotice{Partner: "acme", Problem: "gone"})
		notice.Picture = true
		must(t, b.RecordPoll(t.Context(), changes.Poll{Effects: []incidents.Effect{notice}}))
		b = mornings(b.reopened(t))
		notice = incidents.NewEffect(changes.EffectNotice, "source/acme/1", changes.SourceNotice{Partner: "acme"})
		notice.Picture = true
		must(t, b.RecordPoll(t.Context(), changes.Poll{Effects: []incidents.Effect{notice}}))

		for _, kind := range []string{incidents.EffectWarning, changes.EffectNotice, changes.EffectMorning} {
			if n, _ := claims(t, b, kind); n > 0 {
				t.Errorf("%d of %s are due in the night", n, kind)
			}
		}
		b.clock.now = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC) // Sparky was down at nine
		n, m := claims(t, b, changes.EffectMorning)
		if n != 1 || m.Day != "2026-11-23" || len(m.Items) != 3 {
			t.Fatalf("%d messages, %+v", n, m)
		}
		if got := acts(t, b, incidents.ActQuery{Partner: "acme"}); got == "" {
			t.Error("nobody can look up what was put off")
		}
		warns(t, b, slow("acme", 3))
		if n, _ := claims(t, b, changes.EffectMorning); n > 0 {
			t.Error("what comes after that is told the same day")
		}
		b.clock.now = b.clock.now.Add(24 * time.Hour)
		if n, m := claims(t, b, changes.EffectMorning); n < 1 || len(m.Items) < 1 {
			t.Errorf("the next morning has %d messages, %+v", n, m)
		}
	})
}

func TestNothingToTellIsNoMessage(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b = mornings(b)
		warns(t, b, incidents.NewEffect(incidents.EffectComment, "x/comment/1", incidents.Comment{}))
		b.clock.now = b.clock.now.Add(48 * time.Hour)
		if n, _ := claims(t, b, changes.EffectMorning); n > 0 {
			t.Errorf("%d messages", n)
		}
		if n, _ := claims(t, b, incidents.EffectComment); n != 1 {
			t.Errorf("%d of what cannot wait", n)
		}
	})
}

func TestWhatStandsAlreadyIsDrawnAnewAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		notice := incidents.NewEffect(changes.EffectNotice, "source/acme/1", changes.SourceNotice{Partner: "acme", Problem: "gone"})
		notice.Picture = true
		must(t, b.RecordPoll(t.Context(), changes.Poll{Effects: []incidents.Effect{notice}}))
		b = mornings(b)
		must(t, b.RecordPoll(t.Context(), changes.Poll{Effects: []incidents.Effect{notice}}))
		if n, _ := claims(t, b, changes.EffectNotice); n != 1 {
			t.Errorf("%d are due", n)
		}
	})
}

func TestAFailedDecisionPutsNothingOff(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b = mornings(b)
		refused := errors.New("no")
		err := b.Decide(t.Context(), "acme", func(*incidents.Ledger) ([]incidents.Effect, error) {
			return []incidents.Effect{slow("acme", 1)}, refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		b.clock.now = b.clock.now.Add(48 * time.Hour)
		if n, _ := claims(t, b, changes.EffectMorning); n > 0 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestManyAtOnceLoseNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b = mornings(b)
		var wg sync.WaitGroup
		for n := range 12 {
			wg.Go(func() {
				if n%2 == 0 {
					warns(t, b, slow("acme", n))
					return
				}
				if err := b.RecordPoll(context.Background(), changes.Poll{Effects: []incidents.Effect{slow("acme", n)}}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b.clock.now = b.clock.now.Add(48 * time.Hour)
		if n, m := claims(t, b, changes.EffectMorning); n != 1 || len(m.Items) != 12 {
			t.Errorf("%d messages, %d items", n, len(m.Items))
		}
	})
}
