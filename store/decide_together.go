package store

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sparky/incidents"
	"sparky/scheduler"
)

// ask is what one caller decides, and how it went.
type ask struct {
	decide func(*incidents.Ledger) ([]incidents.Effect, error)

	done  chan struct{} // closed when what follows is known
	err   error
	alone bool // it is to be made in a transaction of its own after all
}

// askKey says which decisions may be made together: those on one partner, under the same lease. What one decides under a
// lease that it has lost must not be kept by the right of another.
type askKey struct {
	partner string
	fence   scheduler.Fence
}

// asks are those that wait for their turn. Who comes first makes all that wait when the turn comes, one
// after the other in one transaction: of two hundred probes that fail together each would otherwise read and write what
// the one before left.
type asks struct {
	mu      sync.Mutex
	waiting map[askKey][]*ask
}

// join adds a decision, and tells whether its caller makes those that wait.
func (d *asks) join(key askKey, own *ask) (first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting == nil {
		d.waiting = map[askKey][]*ask{}
	}
	d.waiting[key] = append(d.waiting[key], own)
	return len(d.waiting[key]) == 1
}

// take is all that wait.
func (d *asks) take(key askKey) []*ask {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := d.waiting[key]
	delete(d.waiting, key)
	return all
}

// await waits until the decision is made by somebody else. It is withdrawn when ctx is done, unless its turn has come:
// then it is waited for, because what it decides on is its caller's.
func (d *asks) await(ctx context.Context, key askKey, own *ask) error {
	select {
	case <-own.done:
		return nil
	case <-ctx.Done():
	}
	d.mu.Lock()
	at := slices.Index(d.waiting[key], own)
	if at > 0 { // the first is who makes them
		d.waiting[key] = slices.Delete(d.waiting[key], at, at+1)
	}
	d.mu.Unlock()
	if at > 0 {
		return ctx.Err()
	}
	<-own.done
	return nil
}

// Decide has one decision made on what is remembered of a partner's failures, or of all partners' where partner is
// empty, and keeps what it changed in the ledger together with the effects that it calls for: all of it or nothing. No
// two decisions see the same ledger, on any replica.
//
// decide may change, add and remove incidents, mutes and probe states of the partner, and incidents of our network. It
// must be quick, must not call the store, and must be ready to be asked again with a new ledger, when the database
// undid the first attempt. Where it returns an error nothing is kept, and the error is returned as it is.
func (s *Store) Decide(ctx context.Context, partner string, decide func(*incidents.Ledger) ([]incidents.Effect, error)) error {
	own, key := &ask{decide: decide, done: make(chan struct{})}, askKey{partner: partner}
	key.fence, _ = s.fence(ctx)
	if s.asks.join(key, own) {
		s.decideTogether(ctx, key, own)
	} else if err := s.asks.await(ctx, key, own); err != nil {
		return explain(deciding(partner), err)
	}
	if own.alone {
		return s.decideAll(ctx, partner, func() []*ask { return []*ask{own} })
	}
	return own.err
}

// errStopped is what was done for several and panicked. Done for each alone, it does so where it belongs.
var errStopped = errors.New("what was done for several stopped")

// decideTogether makes the decisions that wait when the turn comes, own first. Where one of several cannot be kept, each is
// to be made alone.
func (s *Store) decideTogether(ctx context.Context, key askKey, own *ask) {
	var all []*ask
	err := errStopped // where own panics, which the others must not wait for
	defer func() {
		if all == nil { // own had no turn
			all = s.asks.take(key)
		}
		for _, d := range all {
			d.err, d.alone = err, err != nil && (len(all) > 1 || d != own)
			close(d.done)
		}
	}()
	err = s.decideAll(ctx, key.partner, func() []*ask {
		if all == nil {
			all = s.asks.take(key)
		}
		return all
	})
}
