package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sparky/bot"
	"sparky/incidents"
	"sparky/scheduler"
	"sparky/store"
)

// troubleTeller tells people of effects that wait for them: once of each problem, however many effects it holds up.
type troubleTeller struct {
	memory *store.Store
	log    *slog.Logger

	mu   sync.Mutex
	told map[string]time.Time // kind and problem: when it was told, for as long as the queue may not know of it yet
}

// untilKept is how long it takes at most until the queue knows that an effect is in trouble.
const untilKept = time.Minute

// tell is the dispatcher's OnTrouble. An effect that is itself such a message is only logged: where the alerts channel
// cannot be reached, there is nowhere to say so.
func (t *troubleTeller) tell(ctx context.Context, effect scheduler.Effect, problem string) error {
	t.log.Error("an effect waits until a person has mended something", "kind", effect.Kind, "key", effect.Key, "problem", problem)
	if effect.Kind == bot.EffectTrouble {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	known, err := t.known(ctx, effect, problem)
	if err != nil || known {
		return err
	}
	since := effect.FailingSince
	if since.IsZero() {
		since = time.Now()
	}
	// The key is the effect's and not the moment's, so that a crash in between tells it once all the same.
	key := fmt.Sprintf("trouble/%s/%d", effect.Key, effect.FailingSince.Unix())
	if err := t.memory.Record(ctx, incidents.NewEffect(bot.EffectTrouble, key, bot.Trouble{Problem: problem, Since: since})); err != nil {
		return err
	}
	t.told[effect.Kind+" "+cause(effect.Key, problem)] = time.Now()
	return nil
}

// known tells whether people were told of the same problem with another effect, and it is not mended yet.
func (t *troubleTeller) known(ctx context.Context, effect scheduler.Effect, problem string) (bool, error) {
	kept := map[string]time.Time{}
	for what, at := range t.told {
		if time.Since(at) < untilKept {
			kept[what] = at
		}
	}
	t.told = kept
	why := cause(effect.Key, problem)
	if _, told := t.told[effect.Kind+" "+why]; told {
		return true, nil
	}
	open, err := t.memory.Troubles(ctx)
	if err != nil {
		return false, err
	}
	for _, other := range open {
		if other.Key != effect.Key && other.Kind == effect.Kind && cause(other.Key, other.Problem) == why {
			return true, nil
		}
	}
	return false, nil
}

// cause is a problem without whose effect it holds up, and without how long a breaker still holds calls back: what fifty
// incidents wait for is one thing to mend.
func cause(key, problem string) string {
	if whose, _, _ := strings.Cut(key, "/"); whose != "" {
		problem = strings.ReplaceAll(problem, whose, "…")
	}
	if before, held, ok := strings.Cut(problem, "not tried, because too many calls to it failed just now (the last: "); ok {
		last, _, _ := strings.Cut(held, "); the next try is in ")
		problem = before + last
	}
	return problem
}
