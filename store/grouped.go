package store

import (
	"context"
	"sync"
	"time"

	"sparky/partners"
	"sparky/scheduler"
)

// Grouped keeps results of probes that end at about the same time in one transaction. It is safe for concurrent use, and
// has no goroutine of its own: the first of a group waits for the others and keeps the results of all.
type Grouped struct {
	store  saver
	within time.Duration
	turn   chan struct{} // held by the group that is being kept

	mu      sync.Mutex
	waiting map[scheduler.Fence]*group // that others may still join, by the lease under which they are kept
}

// saver keeps results, all of them or none, and with them those of the passes from which nothing follows.
type saver interface {
	saveGroup(ctx context.Context, results []partners.ProbeResult, passes []*calmPass) error
}

// mostGrouped is how many results make a group that waits no more. More may come to it until its turn has come.
const mostGrouped = 256

// fullGroup is how many results a group takes: more could take longer than keepTimeout.
const fullGroup = 4 * mostGrouped

// keepTimeout is how long the results of a group may take to be kept, whoever of it is told to stop meanwhile.
const keepTimeout = 10 * time.Second

// group are results that are kept together.
type group struct {
	results []partners.ProbeResult
	passes  []*calmPass
	callers int
	hurry   chan struct{} // closed when nobody else is to be waited for
	hurried bool
	done    chan struct{} // closed when err says how it went
	err     error
}

// Grouped keeps results in groups, for which a passing one waits for that long.
func (s *Store) Grouped(within time.Duration) *Grouped { return newGrouped(s, within) }

func newGrouped(store saver, within time.Duration) *Grouped {
	return &Grouped{store: store, within: within, turn: make(chan struct{}, 1), waiting: map[scheduler.Fence]*group{}}
}

// SaveResults is the Store's SaveResults: when it returns without an error the results are kept. A failure waits for
// nobody, and neither does the group that it finds.
func (g *Grouped) SaveResults(ctx context.Context, results []partners.ProbeResult) error {
	if len(results) == 0 {
		return nil
	}
	return g.save(ctx, results, nil)
}

// KeepPass implements incidents.Passes: a pass from which nothing follows waits for others as a result does.
func (g *Grouped) KeepPass(ctx context.Context, r partners.ProbeResult) (kept bool, err error) {
	own := &calmPass{result: r}
	err = g.save(ctx, nil, own)
	return err == nil && own.kept, err
}

// save keeps results, or a pass, with those of others.
func (g *Grouped) save(ctx context.Context, results []partners.ProbeResult, own *calmPass) error {
	fence, _ := scheduler.FenceOf(ctx)
	mine, first := g.join(fence, results, own)
	if first {
		g.lead(ctx, fence, mine)
	} else {
		select {
		case <-mine.done:
		case <-ctx.Done():
			return explain("keep the results of probes", ctx.Err())
		}
	}
	if mine.err != nil && mine.callers > 1 {
		// What was wrong may be another's.
		return g.store.saveGroup(ctx, results, alone(own))
	}
	return mine.err
}

// join adds results to the group that waits, or to a new one, of which the caller is the first.
func (g *Grouped) join(fence scheduler.Fence, results []partners.ProbeResult, own *calmPass) (_ *group, first bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	mine := g.waiting[fence]
	if first = mine == nil || len(mine.results)+len(mine.passes) >= fullGroup; first {
		mine = &group{hurry: make(chan struct{}), done: make(chan struct{})}
		g.waiting[fence] = mine
	}
	mine.callers++
	mine.results, mine.passes = append(mine.results, results...), append(mine.passes, alone(own)...)
	if !mine.hurried && (len(mine.results)+len(mine.passes) >= mostGrouped || anyFailed(results)) {
		mine.hurried = true
		close(mine.hurry)
	}
	return mine, first
}

func alone(own *calmPass) []*calmPass {
	if own == nil {
		return nil
	}
	return []*calmPass{own}
}

func anyFailed(results []partners.ProbeResult) bool {
	for _, r := range results {
		if !r.Passed() {
			return true
		}
	}
	return false
}

// lead waits for others, and then keeps the results of the group. Others may join it until the group before it is kept:
// while the disk is slow, groups grow instead of waiting in a row.
func (g *Grouped) lead(ctx context.Context, fence scheduler.Fence, mine *group) {
	timer := time.NewTimer(g.within)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-mine.hurry:
	case <-ctx.Done(): // the others' results are kept all the same
	}
	g.turn <- struct{}{}
	defer func() { <-g.turn }()
	g.mu.Lock()
	if g.waiting[fence] == mine {
		delete(g.waiting, fence)
	}
	g.mu.Unlock()
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	mine.err = errStopped // where keeping panics, which the others must not wait for
	defer close(mine.done)
	mine.err = g.store.saveGroup(keep, mine.results, mine.passes)
}
