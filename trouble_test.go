package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/bot"
	"sparky/changes"
	"sparky/incidents"
	"sparky/scheduler"
	"sparky/store"
)

// Fifty digests wait for the same invitation: people are told of it once, and again when it is another matter.
func TestAProblemIsToldOnceHoweverMuchItHoldsUp(t *testing.T) {
	memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := memory.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := range 50 {
		if err := memory.Record(t.Context(), incidents.NewEffect(changes.EffectDigest, fmt.Sprintf("digest/%d", i), i)); err != nil {
			t.Fatal(err)
		}
	}
	digests, err := memory.Claim(t.Context(), changes.EffectDigest, 50, time.Hour)
	if err != nil || len(digests) != 50 {
		t.Fatalf("%d digests, %v", len(digests), err)
	}
	fail := func(teller *troubleTeller, problem string, effects []scheduler.Effect) {
		var all sync.WaitGroup
		for _, effect := range effects {
			all.Go(func() {
				if err := teller.tell(t.Context(), effect, scheduler.Trouble{Problem: problem, Cause: problem}); err != nil {
					t.Error(err)
				}
				if err := memory.Finish(t.Context(), effect, scheduler.Outcome{Problem: problem, Troubled: true, Delay: time.Hour}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	teller := &troubleTeller{memory: memory, log: slog.New(slog.DiscardHandler)}
	fail(teller, "invite Sparky", digests[:20])
	fail(&troubleTeller{memory: memory, log: teller.log}, "invite Sparky", digests[20:40]) // after a restart
	fail(teller, "the token was revoked", digests[40:])
	told, err := memory.Claim(t.Context(), bot.EffectTrouble, 50, time.Hour)
	if err != nil || len(told) != 2 {
		t.Errorf("told %d times, want once of each problem: %v", len(told), err)
	}
}

// TestWhatAMessageCovers holds that neither what was being done, nor whose effect it is, nor how long a breaker still holds
// back makes a problem another one; another system does.
func TestWhatAMessageCovers(t *testing.T) {
	const refused = "Jira does not take the token (401); make a new one"
	const held = "GET jira/search: not tried, because too many calls to it failed just now (the last: " + refused + "); the next try is in 29s"
	for _, c := range []struct {
		name       string
		cause      string
		kind, said string
		same       bool
	}{
		{"of another incident", refused, "jira.ticket", "opening an issue for sparky-snow-2: " + refused, true},
		{"while something else was done", refused, "jira.comment", "looking whether it is already there: looking for the issue: " + refused, true},
		{"held back since", refused, "jira.ticket", "opening an issue: " + strings.Replace(held, "29", "7", 1), true},
		{"held back from the beginning", cause(held), "jira.ticket", "opening an issue: " + refused, true},
		{"another problem", refused, "jira.ticket", "Jira answered 404", false},
		{"another system", refused, "github.dispatch", refused, false},
		{"a message that knows no cause", "", "jira.ticket", refused, false},
	} {
		m := told{Trouble: bot.Trouble{System: "jira", Cause: c.cause, Effect: "sparky-okta-1/ticket"}}
		if m.covers(incidents.Trouble{Key: "sparky-snow-2/ticket", Kind: c.kind, Problem: c.said}) != c.same {
			t.Errorf("%s: %q covers %q: %v", c.name, c.cause, c.said, !c.same)
		}
	}
}
