package store

import (
	"context"
	"errors"

	"sparky/incidents"
	"sparky/scheduler"
)

// ask is what one caller decides.
type ask struct {
	decide func(*incidents.Ledger) ([]incidents.Effect, error)
}

// askKey says which decisions may be made together: those on one partner, under the same lease. What one decides under a
// lease that it has lost must not be kept by the right of another.
type askKey struct {
	partner string
	fence   scheduler.Fence
}

// asks are decisions that wait for their turn. Who comes first makes all that wait when the turn comes, one
// after the other in one transaction: of two hundred probes that fail together each would otherwise read and write what
// the one before left.
type asks = together[askKey, *ask]

// errStopped is a decision among others that panicked. Made alone, it does so where it belongs.
var errStopped = errors.New("a decision among others stopped")

// Decide has one decision made on what is remembered of a partner's failures, or of all partners' where partner is
// empty, and keeps what it changed in the ledger together with the effects that it calls for: all of it or nothing. No
// two decisions see the same ledger, on any replica.
//
// decide may change, add and remove incidents, mutes and probe states of the partner, and incidents of our network. It
// must be quick, must not call the store, and must be ready to be asked again with a new ledger, when the database
// undid the first attempt. Where it returns an error nothing is kept, and the error is returned as it is.
func (s *Store) Decide(ctx context.Context, partner string, decide func(*incidents.Ledger) ([]incidents.Effect, error)) error {
	own, key := &ask{decide: decide}, askKey{partner: partner}
	key.fence, _ = s.fence(ctx)
	all, before := s.asks.join(key, own)
	var err error
	if before == 0 {
		err = s.asks.lead(key, all, func(take func() []*ask) error { return s.decideAll(ctx, partner, take) })
	} else {
		err = s.awaitDecision(ctx, key, all, own)
	}
	if errors.Is(err, errAlone) {
		return s.decideAll(ctx, partner, func() []*ask { return []*ask{own} })
	}
	return err
}

// awaitDecision waits until the decision is made by somebody else. It is withdrawn when ctx is done, unless its turn has come:
// then it is waited for, because what it decides on is its caller's.
func (s *Store) awaitDecision(ctx context.Context, key askKey, all *party[*ask], own *ask) error {
	err := all.await(ctx)
	switch {
	case err == nil || errors.Is(err, errAlone):
		return err
	case s.asks.leave(key, all, func(one *ask) bool { return one == own }):
		return explain(deciding(key.partner), err)
	}
	return all.await(context.WithoutCancel(ctx))
}
