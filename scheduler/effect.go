// Package scheduler is WHEN things happen: jobs that come round, the lease that says which replica runs them, and the
// dispatcher that carries out recorded effects, each exactly once. It knows nothing of what the jobs and effects are.
package scheduler

import (
	"context"
	"errors"
	"time"
)

// Effect is something recorded that is to be done to the outside, as the dispatcher holds it after claiming it.
type Effect struct {
	Key     string
	Kind    string
	Payload []byte
	// Picture is drawn again whenever it is recorded again; an effect that is not a picture is done once, ever.
	Picture bool
	// Previous is what the last attempt that succeeded returned, nil before the first one.
	Previous []byte
	// Attempts counts how often it was tried since it last succeeded, this claim included where it is an attempt.
	Attempts int
	// Unsettled tells that an earlier attempt may or may not have happened: this claim is for finding out. Age is how
	// long ago that attempt began, by the queue's clock.
	Unsettled bool
	Age       time.Duration
	// FailingSince is when it first failed after it last succeeded, zero where it has not.
	FailingSince time.Time
	// FailingFor is how long ago that was, by the queue's clock.
	FailingFor time.Duration
	// Troubled tells that a person has been told about it.
	Troubled bool
	// Claim tells this claim from every other one of the same effect.
	Claim int64
	// Revision is how often a picture had been recorded when it was claimed.
	Revision int64
}

// Outcome is how a claim ended. The zero Outcome gives the effect back: known not to have happened, due at once.
type Outcome struct {
	// Done tells that nothing is left to do. A picture that was recorded again meanwhile is due again all the same.
	Done bool
	// Result replaces Effect.Previous, where not nil.
	Result []byte
	// Unsettled tells that the attempt may or may not have happened.
	Unsettled bool
	// Delay is how long from now the effect rests. Ignored where Done.
	Delay time.Duration
	// Problem is why it is not done, in words, empty where nothing failed.
	Problem string
	// Troubled tells that a person has been told; the queue holds that until the effect is done.
	Troubled bool
}

// ErrClaimLost is what Queue.Finish returns when the claim is not held any more: it ran out and another replica has
// taken the effect. Nothing was changed.
var ErrClaimLost = errors.New("the claim ran out and another replica has taken the effect")

// Queue remembers effects. A claim that is not finished before it runs out counts as an attempt of unknown outcome.
type Queue interface {
	// Due are the kinds that have effects left to do, each with how long it is until the first of them is due, by the
	// queue's own clock; zero or less is now.
	Due(ctx context.Context) (map[string]time.Duration, error)
	// Claim takes at most limit due effects of a kind, the longest due first, and durably notes the start of the
	// attempt. The claim runs out after hold.
	Claim(ctx context.Context, kind string, limit int, hold time.Duration) ([]Effect, error)
	// Finish ends a claim. It returns ErrClaimLost where the claim is not held any more.
	Finish(ctx context.Context, effect Effect, outcome Outcome) error
}

// Performer carries out effects of one kind in one system. An error may say what is known about the failed attempt, by
// methods that errors.As finds anywhere in its chain:
//
//	Permanent() bool            it will never succeed until a person mends something
//	RetryAfter() time.Duration  it was turned away and may be tried again after so long, where greater than zero
//	NotSent() bool              nothing left this machine
//	Refused() bool              the other side said no, and did nothing
//
// Any other error leaves it unknown whether the effect happened.
type Performer interface {
	// Do carries out the effect. previous is the result of the last Do or Find that succeeded, for pictures that are
	// changed in place. It must return soon after ctx is done.
	Do(ctx context.Context, key string, payload, previous []byte) (result []byte, err error)
	// Find looks in the other system whether the effect happened there, by its key.
	Find(ctx context.Context, key string, payload []byte) (result []byte, found bool, err error)
}

// Route says who carries out a kind of effects, and within which bounds.
type Route struct {
	Performer Performer
	// Timeout bounds one attempt and one look-up; 0 is 30 seconds.
	Timeout time.Duration
	// Settle is how long after the start of an attempt of unknown outcome the other side is certain to show whether it
	// happened: Timeout plus the lag of its search. It is raised to Timeout where it is less.
	Settle time.Duration
	// Patience is how long one is tried without success before people are told of it all the same; 0 is a day.
	Patience time.Duration
	// Concurrency is how many effects of the kind are carried out at the same time; 0 is 4.
	Concurrency int
	// Urgent effects are claimed before others that are due at the same time.
	Urgent bool
}

const (
	defaultTimeout     = 30 * time.Second
	defaultPatience    = 24 * time.Hour
	defaultConcurrency = 4
)

func (r Route) withDefaults() Route {
	if r.Timeout <= 0 {
		r.Timeout = defaultTimeout
	}
	if r.Patience <= 0 {
		r.Patience = defaultPatience
	}
	if r.Concurrency <= 0 {
		r.Concurrency = defaultConcurrency
	}
	r.Settle = max(r.Settle, r.Timeout)
	return r
}
