package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"sparky/bot"
	"sparky/incidents"
	"sparky/scheduler"
	"sparky/store"
)

// troubleTeller tells people of effects that wait for them: once of each cause in each system, however many effects it holds
// up, and in the same message that it is over.
type troubleTeller struct {
	memory *store.Store
	log    *slog.Logger

	mu   sync.Mutex
	calm bool // nothing waited when it was last looked, and no message was open
}

const (
	// untilKept is how long it takes at most until the queue knows that an effect is in trouble.
	untilKept = time.Minute
	// mendedEvery is how often it is looked whether something is mended.
	mendedEvery = 10 * time.Second
)

// told is a message about a trouble.
type told struct {
	key string
	bot.Trouble
}

// tell is the dispatcher's OnTrouble. An effect that is itself such a message is only logged: where the alerts channel
// cannot be reached, there is nowhere to say so.
func (t *troubleTeller) tell(ctx context.Context, effect scheduler.Effect, trouble scheduler.Trouble) error {
	t.log.Error("an effect waits until a person has mended something", "kind", effect.Kind, "key", effect.Key, "problem", trouble.Problem)
	if effect.Kind == bot.EffectTrouble {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	next := bot.Trouble{Problem: trouble.Problem, Since: effect.FailingSince, Told: time.Now(), System: systemOf(effect.Kind),
		Cause: cause(trouble.Cause), Effect: effect.Key}
	if next.Since.IsZero() {
		next.Since = next.Told
	}
	all, err := t.all(ctx)
	if err != nil {
		return err
	}
	t.calm = false
	number := 1
	for _, m := range all {
		if m.Over.IsZero() && m.covers(incidents.Trouble{Key: effect.Key, Kind: effect.Kind, Problem: trouble.Problem}) {
			return nil
		}
		if n, same := m.numbered(next); same {
			number = max(number, n+1)
		}
	}
	// The number is of the message and not of the moment, so that of two replicas that tell it at once one does.
	return t.record(ctx, troubleStem(next)+strconv.Itoa(number), next)
}

// sweep says of each message that nothing waits for it any more, where that is so.
func (t *troubleTeller) sweep(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting, err := t.memory.Troubles(ctx)
	if err != nil || t.calm && len(waiting) == 0 {
		return err
	}
	all, err := t.all(ctx)
	if err != nil {
		return err
	}
	var open []told
	for _, m := range all {
		if m.Over.IsZero() {
			open = append(open, m)
		}
	}
	t.calm = len(open)+len(waiting) == 0
	needed := needed(open, waiting)
	for _, m := range open {
		if needed[m.key] || time.Since(m.Told) < untilKept {
			continue
		}
		m.Over = time.Now()
		if err := t.record(ctx, m.key, m.Trouble); err != nil {
			return err
		}
		t.log.Info("what waited for a person goes on", "problem", m.Problem)
	}
	return nil
}

// needed are the messages for which something still waits. What fails otherwise by now than when people were told is the
// newest's of its system.
func needed(open []told, waiting []incidents.Trouble) map[string]bool {
	needed := map[string]bool{}
	for _, w := range waiting {
		if w.Kind == bot.EffectTrouble {
			continue
		}
		newest, found := told{}, false
		for _, m := range open {
			if m.covers(w) {
				needed[m.key], found = true, true
			}
			if m.System == systemOf(w.Kind) && m.Told.After(newest.Told) {
				newest = m
			}
		}
		if !found && newest.key != "" {
			needed[newest.key] = true
		}
	}
	return needed
}

// covers tells whether an effect waits for what the message says.
func (m told) covers(w incidents.Trouble) bool {
	return m.System == systemOf(w.Kind) && (m.Effect == w.Key || m.Cause != "" && strings.Contains(w.Problem, m.Cause))
}

// numbered is which of the messages about the same it is.
func (m told) numbered(t bot.Trouble) (int, bool) {
	number, same := strings.CutPrefix(m.key, troubleStem(t))
	n, err := strconv.Atoi(number)
	return n, same && err == nil
}

// troubleStem is what the keys of messages about the same have in common.
func troubleStem(t bot.Trouble) string {
	sum := sha256.Sum256([]byte(t.Cause))
	return "trouble/" + t.System + "/" + hex.EncodeToString(sum[:8]) + "/"
}

func (t *troubleTeller) record(ctx context.Context, key string, trouble bot.Trouble) error {
	effect := incidents.NewEffect(bot.EffectTrouble, key, trouble)
	effect.Picture = true
	return t.memory.Record(ctx, effect)
}

// all are the messages about troubles, those that are over too.
func (t *troubleTeller) all(ctx context.Context) ([]told, error) {
	asked, err := t.memory.Asked(ctx, bot.EffectTrouble)
	if err != nil {
		return nil, err
	}
	var all []told
	for _, a := range asked {
		m := told{key: a.Key}
		if err := json.Unmarshal(a.Payload, &m.Trouble); err != nil {
			t.log.Warn("what people were told of a trouble cannot be read, and is left as it stands", "key", a.Key, "error", err)
			continue
		}
		all = append(all, m)
	}
	return all, nil
}

// systemOf is whose effects a kind is of: "jira" of "jira.ticket" and of "jira.comment".
func systemOf(kind string) string {
	system, _, _ := strings.Cut(kind, ".")
	return system
}

// cause is what is to be mended, without how long a breaker still holds calls back for it.
func cause(reason string) string {
	if _, held, ok := strings.Cut(reason, "not tried, because too many calls to it failed just now (the last: "); ok {
		last, _, _ := strings.Cut(held, "); the next try is in ")
		return last
	}
	return reason
}
