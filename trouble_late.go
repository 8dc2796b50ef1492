package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"sparky/bot"
	"sparky/scheduler"
)

// belated posts messages about troubles. One that could not be posted when it was to be, because Slack itself was away or
// refused the token, may say what is mended by then: what mended the one mended the other. It waits, from when Slack takes
// messages again, until all that is in trouble has been tried once more.
type belated struct {
	scheduler.Performer // posts bot.Trouble payloads

	mu      sync.Mutex
	reached map[string]time.Time // key: since when its channel can be read again
}

// secondChance is how long a belated message waits: everything in trouble is tried within troubleEvery, and then it is
// looked what is mended.
const secondChance = troubleEvery + 2*mendedEvery

// Do posts the message, or edits it.
func (b *belated) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	var t bot.Trouble
	if err := json.Unmarshal(payload, &t); err == nil && len(previous) == 0 && t.Over.IsZero() && !t.Told.IsZero() && time.Since(t.Told) > untilKept {
		if err := b.wait(ctx, key, payload); err != nil {
			return nil, err
		}
	}
	result, err := b.Performer.Do(ctx, key, payload, previous)
	b.note(key, false)
	return result, err
}

// wait is an error for as long as the message has to.
func (b *belated) wait(ctx context.Context, key string, payload []byte) error {
	if _, _, err := b.Find(ctx, key, payload); err != nil {
		b.note(key, false)
		return err
	}
	if rest := secondChance - time.Since(b.note(key, true)); rest > 0 {
		return secondLook{rest}
	}
	return nil
}

// note keeps since when a channel can be read again, or forgets it.
func (b *belated) note(key string, readable bool) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !readable {
		delete(b.reached, key)
		return time.Time{}
	}
	if b.reached == nil {
		b.reached = map[string]time.Time{}
	}
	if b.reached[key].IsZero() {
		b.reached[key] = time.Now()
	}
	return b.reached[key]
}

// secondLook is that a message about a trouble waits.
type secondLook struct{ rest time.Duration }

func (secondLook) Error() string {
	return "Slack can be reached again; whether this is still to be said shows once what waits has been tried"
}

// RetryAfter is how long it waits.
func (w secondLook) RetryAfter() time.Duration { return w.rest }

// NotSent tells that nothing was posted.
func (secondLook) NotSent() bool { return true }
