package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// fate is what an error says about the attempt that it ended.
type fate int

const (
	fateUnknown   fate = iota // it may have happened
	fateNot                   // it did not happen, and may be tried again
	fatePermanent             // it did not happen, and will not until a person mends something
)

// judge reads an error. The delay is what the other side asked for, 0 where it asked for none.
func judge(err error) (fate, time.Duration) {
	var permanent interface{ Permanent() bool }
	if errors.As(err, &permanent) && permanent.Permanent() {
		return fatePermanent, 0
	}
	var later interface{ RetryAfter() time.Duration }
	if errors.As(err, &later) && later.RetryAfter() > 0 {
		return fateNot, min(later.RetryAfter(), longestTold)
	}
	var unsent interface{ NotSent() bool }
	if errors.As(err, &unsent) && unsent.NotSent() {
		return fateNot, 0
	}
	var refused interface{ Refused() bool }
	if errors.As(err, &refused) && refused.Refused() {
		return fateNot, 0
	}
	return fateUnknown, 0
}

// panicked is a performer's panic as an error. It says nothing about whether the effect happened.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("a mistake in Sparky stopped it: %v", p.value) }

// unrouted is the error of an effect of a kind that nobody carries out, as an older version may find in the database.
type unrouted struct{ kind string }

func (u unrouted) Error() string {
	return fmt.Sprintf("this version of Sparky, as it is configured, has nobody for effects of kind %s", u.kind)
}

// Permanent makes it known to people instead of being retried in silence.
func (unrouted) Permanent() bool { return true }

// nobody is the performer of kinds without a route.
type nobody struct{ kind string }

func (n nobody) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	return nil, unrouted(n)
}

func (n nobody) Find(context.Context, string, []byte) ([]byte, bool, error) {
	return nil, false, unrouted(n)
}
