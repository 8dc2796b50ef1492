package bot

import (
	"context"
	"time"
)

// Claims remembers, for all replicas, which of the events that Slack may bring again are taken on, by their ids.
type Claims interface {
	// ClaimEvent takes one on for so long; false where another one has it, or has done it.
	ClaimEvent(ctx context.Context, id, owner string, hold time.Duration) (mine bool, err error)
	// EventDone remembers for so long that one is done, unless another owner has taken it over.
	EventDone(ctx context.Context, id, owner string, keep time.Duration) error
}

const (
	// claimFor is longer than any work takes: whoever holds a claim for longer has died. Slack brings an event again at once,
	// after a minute and after five, until it has an acknowledgement. What a dead one has left is taken on by whoever it came
	// to meanwhile, once this is over, or else by whoever Slack brings it to after that; otherwise the person asks again.
	claimFor = workWithin + answerWithin + 40*time.Second
	// claimWithin is how long who has asked waits for a memory that does not answer.
	claimWithin = 2 * time.Second
)

// claim tells whether this process is the one to do what was said. While nothing can be remembered it is: what it has seen
// itself it knows by its own memory.
func (b *Inbox) claim(ctx context.Context, a ask) bool {
	if b.options.Claims == nil || a.event == "" {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, claimWithin)
	defer cancel()
	mine, err := b.options.Claims.ClaimEvent(ctx, a.event, b.options.Owner, claimFor)
	switch {
	case err != nil && a.passed:
		b.options.Log.Warn("it cannot be told whether another replica has done an event, so it is left to that one", "event", a.event, "error", err)
		return false
	case err != nil:
		b.options.Log.Warn("it cannot be told whether another replica has an event already, so it is worked on", "event", a.event, "error", err)
		return true
	}
	return mine
}

// claimed remembers that what was said is done, also where all else is told to stop.
func (b *Inbox) claimed(ctx context.Context, a ask) {
	if b.options.Claims == nil || a.event == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimWithin)
	defer cancel()
	if err := b.options.Claims.EventDone(ctx, a.event, b.options.Owner, rememberFor); err != nil {
		b.options.Log.Warn("it could not be remembered that an event is done", "event", a.event, "error", err)
	}
}

// passOver leaves an ask to whoever has it, and comes back to it in case that one dies. A note that went out while it waited
// here stands as an answer, and says so.
func (b *Inbox) passOver(ctx context.Context, a ask) {
	if a.passed {
		return // it is done, or somebody has it again
	}
	defer b.later(ctx, a)
	b.count(func(s *Skipped) { s.Repeated++ })
	b.options.Log.Info("Slack brought an event that is taken on already", "event", a.event, "user", a.person.ID)
	at, sent := a.note.finish()
	if !sent || at.TS == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := b.become(ctx, at, Message{Channel: a.channel, Thread: a.thread, Text: "The answer is in another message here."}); err != nil {
		b.options.Log.Warn("a note could not be taken back", "user", a.person.ID, "error", err)
	}
}

// later takes an ask on once the claim that another one has on it has run out. Slack has our acknowledgement and brings it no
// more. It is let go of where Sparky stops before, and where as many wait as have room in the queue.
func (b *Inbox) later(ctx context.Context, a ask) {
	select {
	case b.passed <- struct{}{}:
	default:
		b.options.Log.Warn("an event that another replica has is left to it for good: too many wait already", "event", a.event, "user", a.person.ID)
		return
	}
	a.passed, a.note = true, nil
	b.workers.Go(func() {
		defer func() { <-b.passed }()
		over := time.NewTimer(claimFor)
		defer over.Stop()
		select {
		case <-over.C:
			b.busy(1)
			b.work(ctx, a)
			b.busy(-1)
		case <-b.ending:
		case <-ctx.Done():
		}
	})
}
