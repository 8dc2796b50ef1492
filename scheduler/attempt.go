package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// finishTimeout bounds one question to the queue, and one try to tell it how a claim ended; finishEvery is the pause between two.
const (
	finishTimeout = 5 * time.Second
	finishEvery   = time.Second
)

// carryOut is what one claim is for: wait, look up, or do. began is a moment not later than the claim.
func (d *Dispatcher) carryOut(ctx context.Context, effect Effect, route Route, began time.Time) Outcome {
	if !effect.Unsettled {
		return d.do(ctx, effect, route, began)
	}
	if rest := route.Settle - effect.Age; rest > 0 {
		return Outcome{Unsettled: true, Delay: rest}
	}
	if effect.Picture && effect.Previous != nil {
		// Changing in place what is there twice does no harm, so nothing needs to be looked up.
		return Outcome{}
	}
	return d.lookUp(ctx, effect, route)
}

// do makes one attempt. Its time counts from the claim: whatever delays it until after that leaves it less, so that
// nothing of it can happen later than the settle time allows for.
func (d *Dispatcher) do(ctx context.Context, effect Effect, route Route, began time.Time) Outcome {
	attempt, cancel := context.WithDeadline(ctx, began.Add(route.Timeout))
	defer cancel()
	if since(began) >= route.Timeout {
		return Outcome{} // this process or its machine was held up since the claim, and another one may be looking it up by now
	}
	result, err := guarded(func() ([]byte, error) {
		return route.Performer.Do(attempt, effect.Key, effect.Payload, effect.Previous)
	})
	if err == nil {
		return Outcome{Done: true, Result: result}
	}
	fate, delay := judge(err)
	out := Outcome{Problem: inWords(err, route.Timeout), Delay: delay, Troubled: effect.Troubled}
	if delay == 0 {
		out.Delay = untilTold(backoff(effect.Attempts, d.opts.Chance()), effect, route)
	}
	if fate == fateUnknown {
		out.Unsettled = true
		out.Delay = max(out.Delay, route.Settle-time.Since(began))
	}
	return d.tell(ctx, effect, route, fate, out, causeOf(err, route.Timeout))
}

// untilTold is a wait that ends when people are to be told that the effect cannot be carried out, if not sooner: they are told
// of a failed attempt, and the waits between attempts grow.
func untilTold(wait time.Duration, effect Effect, route Route) time.Duration {
	if rest := route.Patience - effect.FailingFor; rest > 0 && !effect.Troubled {
		return min(wait, rest)
	}
	return wait
}

func since(moment time.Time) time.Duration { return Elapsed(moment, time.Now()) }

// Elapsed is the time from one moment to another by the clock that says more: the monotonic one stands still while the
// machine is suspended, and the wall clock may be set back.
func Elapsed(from, to time.Time) time.Duration {
	return max(to.Sub(from), to.Round(0).Sub(from.Round(0)))
}

// lookUp finds out whether an earlier attempt happened.
func (d *Dispatcher) lookUp(ctx context.Context, effect Effect, route Route) Outcome {
	attempt, cancel := context.WithTimeout(ctx, route.Timeout)
	defer cancel()
	var found bool
	result, err := guarded(func() (result []byte, err error) {
		result, found, err = route.Performer.Find(attempt, effect.Key, effect.Payload)
		return result, err
	})
	switch {
	case err != nil:
		fate, delay := judge(err)
		out := Outcome{Problem: "looking whether it is already there: " + inWords(err, route.Timeout), Delay: delay, Troubled: effect.Troubled}
		if delay == 0 {
			// Look-ups are not counted, so they wait in proportion to how long it has gone wrong already.
			out.Delay = untilTold(min(max(effect.FailingFor/2, firstDelay), longestStay), effect, route)
		}
		out = d.tell(ctx, effect, route, fate, out, causeOf(err, route.Timeout))
		out.Unsettled = true
		return out
	case !found:
		return Outcome{}
	case effect.Picture && len(result) > 0:
		// What was found may be an older drawing, so it is drawn once more, in place.
		return Outcome{Result: result}
	default:
		return Outcome{Done: true, Result: result}
	}
}

// guarded turns a panic into an error.
func guarded(do func() ([]byte, error)) (result []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			result, err = nil, panicked{value}
		}
	}()
	return do()
}

// tell makes an outcome known to people where it is for them to mend, once.
func (d *Dispatcher) tell(ctx context.Context, effect Effect, route Route, fate fate, out Outcome, cause string) Outcome {
	if fate != fatePermanent && effect.FailingFor < route.Patience {
		return out
	}
	if d.opts.OnTrouble != nil && !effect.Troubled {
		hook, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
		defer cancel()
		_, err := guarded(func() ([]byte, error) { return nil, d.opts.OnTrouble(hook, effect, Trouble{out.Problem, cause}) })
		if err != nil {
			d.opts.Log.Error("people could not be told of an effect that cannot be carried out; it is tried again with the effect",
				"key", effect.Key, "problem", out.Problem, "error", err)
			return out
		}
	}
	out.Troubled = true
	if fate == fatePermanent {
		out.Delay = d.opts.TroubleEvery // and no later, however long the mend took
	}
	return out
}

// finish tells the queue how a claim ended, again and again until it knows, the claim has run out or ctx is done. A
// queue that never learns of it takes the attempt for one of unknown outcome, which loses and doubles nothing.
func (d *Dispatcher) finish(ctx context.Context, effect Effect, outcome Outcome, until time.Time) {
	for {
		err := d.finishOnce(ctx, effect, outcome)
		if err == nil {
			return
		}
		if errors.Is(err, ErrClaimLost) || ctx.Err() != nil || !time.Now().Before(until) {
			d.opts.Log.Error("how an effect ended could not be kept; it will be looked up", "key", effect.Key, "error", err)
			return
		}
		d.opts.Log.Warn("how an effect ended could not be kept yet; it is tried again", "key", effect.Key, "error", err)
		pause(ctx, finishEvery)
	}
}

func (d *Dispatcher) finishOnce(ctx context.Context, effect Effect, outcome Outcome) error {
	// At shutdown ctx is done already, and what is known is worth keeping all the more.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	if err := d.queue.Finish(last, effect, outcome); err != nil {
		return fmt.Errorf("finish %s: %w", effect.Key, err)
	}
	return nil
}
