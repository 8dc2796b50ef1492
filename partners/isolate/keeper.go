package isolate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sparky/partners"
)

// errClosed is a probe after the end.
var errClosed = errors.New("sparky is ending; no worker is started any more")

// keeper keeps the worker of one partner: starts it, and starts it again after it failed, each time a little later.
type keeper struct {
	options Options
	partner partners.Partner
	places  chan struct{} // of the probes that run

	mu      sync.Mutex
	current *worker
	began   time.Time // the current worker
	failed  int       // workers in a row that failed
	until   time.Time // no new one before
	why     string    // the last one failed
	closed  bool
}

// worker is the one that runs, or a new one. Rest says in words why there is none now.
func (k *keeper) worker(ctx context.Context) (w *worker, rest string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, "", errClosed
	}
	if k.current != nil && k.current.alive() {
		return k.current, "", nil
	}
	now := k.options.Now()
	k.bury(now)
	if wait := k.until.Sub(now); wait > 0 {
		return nil, fmt.Sprintf("%s failed %s (the last: %s); it is started again in %s", calledOf(k.partner), times(k.failed), k.why,
			wait.Round(time.Second)), nil
	}
	if w, err = hire(ctx, k.options, k.partner); err != nil {
		if ctx.Err() == nil {
			k.pause(now, err.Error())
		}
		return nil, "", err
	}
	k.current, k.began = w, now
	return w, "", nil
}

// bury notes how the last worker ended, once, and until when there is no other.
func (k *keeper) bury(now time.Time) {
	if k.current == nil {
		return
	}
	if now.Sub(k.began) > k.options.Limits.Longest {
		k.failed = 0
	}
	k.pause(now, k.current.cause().words)
	k.current = nil
}

// pause notes why there is no worker, and until when none is started.
func (k *keeper) pause(now time.Time, why string) {
	limits := k.options.Limits
	rest := limits.Longest
	if k.failed < 20 { // beyond which a doubled rest would be no number any more
		rest = min(limits.Rest<<k.failed, limits.Longest)
	}
	k.failed++
	k.why, k.until = why, now.Add(rest)
}

func times(n int) string {
	if n == 1 {
		return "a moment ago"
	}
	return fmt.Sprintf("%d times in a row", n)
}

// close ends the worker for good.
func (k *keeper) close() {
	k.mu.Lock()
	k.closed = true
	w := k.current
	k.mu.Unlock()
	if w != nil {
		w.dismiss()
	}
}

// calledOf is what a partner's worker is called.
func calledOf(p partners.Partner) string {
	name := p.Name
	if name == "" {
		name = p.ID
	}
	return "the " + name + " worker"
}
