package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
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
				if err := teller.tell(t.Context(), effect, problem); err != nil {
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

// TestAProblemOfManyIncidentsIsOne holds that neither whose effect it is nor how long a breaker still holds back makes a
// problem another one.
func TestAProblemOfManyIncidentsIsOne(t *testing.T) {
	const refused = "opening an issue for %s: Jira does not take the token (401); make a new one"
	held := "opening an issue for %s: GET jira/search: not tried, because too many calls to it failed just now (the last: Jira does not take the token (401); make a new one); the next try is in %ds"
	for _, c := range []struct {
		name         string
		key, problem string
		other, said  string
		same         bool
	}{
		{"of two incidents", "sparky-okta-1/ticket", fmt.Sprintf(refused, "sparky-okta-1"), "sparky-snow-2/ticket", fmt.Sprintf(refused, "sparky-snow-2"), true},
		{"held back since", "sparky-okta-1/ticket", fmt.Sprintf(held, "sparky-okta-1", 29), "sparky-snow-2/ticket", fmt.Sprintf(held, "sparky-snow-2", 7), true},
		{"held back for another reason", "a/ticket", "the connection was refused", "b/ticket", fmt.Sprintf(held, "b", 7), false},
		{"another problem", "a/ticket", "Jira does not take the token (401)", "b/ticket", "Jira answered 404", false},
		{"an effect of nothing", "", "the token was revoked", "", "the token was revoked", true},
	} {
		if got := cause(c.key, c.problem) == cause(c.other, c.said); got != c.same {
			t.Errorf("%s: %q and %q", c.name, cause(c.key, c.problem), cause(c.other, c.said))
		}
	}
}
