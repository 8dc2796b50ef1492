package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Leases says which of several replicas does what only one may do.
type Leases interface {
	// Acquire takes the named lease for ttl from now, by the keeper's own clock, if it is free, has run out, or is the
	// owner's already. The epoch grows by one each time that the lease changes hands, so that what an earlier holder
	// still has under way can be told from what is done now.
	Acquire(ctx context.Context, name, owner string, ttl time.Duration) (epoch int64, held bool, err error)
	// Release gives the lease up, if it is the owner's.
	Release(ctx context.Context, name, owner string) error
}

// Lease is one replica's part in who leads.
type Lease struct {
	Leases Leases
	Name   string
	Owner  string // unique among replicas, and among runs of one replica
	// TTL is how long a dead leader is waited for. It is renewed every sixth of it, and given up by its holder at two
	// thirds without a renewal at the latest, which leaves the last third for ending the work. 0 is fifteen seconds.
	TTL time.Duration
	// Adrift runs after the lease was lost because its keeper could not be asked, until the keeper answers again; then
	// its context ends, and what the keeper says waits until it has returned. nil is nothing.
	Adrift func(ctx context.Context)
	Log    *slog.Logger // nil discards
}

// Hold runs lead while the lease is held, each time anew with the epoch of that time, until ctx is done. The context
// that lead is given is under the lease's Fence, and ends when the lease is lost, with ErrFenced for its cause where another
// one has it; the next attempt to take it waits until lead has returned. An error of lead, which did not come of being ended, is returned at once.
func (l Lease) Hold(ctx context.Context, lead func(ctx context.Context, epoch int64) error) error {
	if l.TTL <= 0 {
		l.TTL = 15 * time.Second
	}
	if l.Log == nil {
		l.Log = slog.New(slog.DiscardHandler)
	}
	ashore := func() {}
	defer func() { ashore() }()
	for cut := false; ctx.Err() == nil; {
		began := time.Now()
		epoch, held, err := l.acquire(ctx)
		if err == nil {
			ashore()
			cut, ashore = false, func() {}
		}
		switch {
		case err != nil && ctx.Err() == nil:
			l.Log.Error("the lease could not be asked for; it is tried again", "lease", l.Name, "error", err)
		case held:
			if cut, err = l.hold(ctx, epoch, began, lead); err != nil {
				return err
			}
			if cut {
				ashore = l.drift(ctx)
			}
			continue
		}
		wait := l.TTL / 6
		if err != nil && !cut {
			wait = l.TTL / 2 // who led until its keeper went away has more to tell, and asks first
		}
		pause(ctx, wait)
	}
	return nil
}

// drift runs Adrift until it is told to end.
func (l Lease) drift(ctx context.Context) (end func()) {
	if l.Adrift == nil {
		return func() {}
	}
	drifting, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Adrift(drifting)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// hold runs lead and renews the lease beside it until either ends. cut tells that the lease was lost because its keeper
// could not be asked.
func (l Lease) hold(ctx context.Context, epoch int64, renewed time.Time, lead func(context.Context, int64) error) (cut bool, err error) {
	leading, stop := context.WithCancelCause(Fence{l.Name, l.Owner, epoch}.Under(ctx))
	defer stop(nil)
	ended := make(chan error, 1)
	go func() { ended <- lead(leading, epoch) }()
	tick := time.NewTicker(l.TTL / 6)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			l.release(ctx)
			if err != nil && ctx.Err() == nil {
				return false, fmt.Errorf("lease %s: %w", l.Name, err)
			}
			if ctx.Err() == nil {
				pause(ctx, l.TTL/6) // lead came to its end by itself; others may have a turn
			}
			return false, nil
		case <-ctx.Done():
			stop(nil)
			<-ended //nolint:errcheck // it was told to end; how it ended says nothing now
			l.release(ctx)
			return false, nil
		case <-tick.C:
		}
		began := time.Now()
		now, held, err := l.acquire(ctx)
		if err == nil && held && now == epoch {
			renewed = began
			continue
		}
		if err == nil || time.Since(renewed) >= l.TTL/2 {
			l.Log.Warn("the lease is lost; what it stands for is ended here", "lease", l.Name, "epoch", epoch, "error", err)
			if err == nil {
				stop(ErrFenced) // another one has it
			}
			stop(err)
			<-ended //nolint:errcheck // as above
			return err != nil, nil
		}
	}
}

// acquire asks for the lease. The bound keeps a holder that gets no answer from holding on for too long.
func (l Lease) acquire(ctx context.Context) (int64, bool, error) {
	ask, cancel := context.WithTimeout(ctx, l.TTL/6)
	defer cancel()
	return l.Leases.Acquire(ask, l.Name, l.Owner, l.TTL)
}

// release lets the next one start at once; where it fails the lease runs out by itself.
func (l Lease) release(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	if err := l.Leases.Release(last, l.Name, l.Owner); err != nil {
		l.Log.Warn("the lease could not be given back; it runs out by itself", "lease", l.Name, "error", err)
	}
}

// pause waits, or returns early when ctx is done.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
