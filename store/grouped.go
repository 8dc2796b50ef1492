package store

import (
	"context"
	"errors"
	"time"

	"sparky/partners"
	"sparky/scheduler"
)

// Grouped keeps results of probes that end at about the same time in one transaction. It is safe for concurrent use, and
// has no goroutine of its own: the first of a group waits for the others and keeps the results of all.
type Grouped struct {
	store  saver
	within time.Duration
	turn   chan struct{}                    // held by the group that is being kept
	groups together[scheduler.Fence, found] // by the lease under which they are kept
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

// found is what a run of a probe gives to a group: its result, or a pass from which nothing follows.
type found struct {
	result partners.ProbeResult
	pass   *calmPass // nil where it is a result
}

// Grouped keeps results in groups, for which a passing one waits for that long.
func (s *Store) Grouped(within time.Duration) *Grouped { return newGrouped(s, within) }

func newGrouped(store saver, within time.Duration) *Grouped {
	return &Grouped{store: store, within: within, turn: make(chan struct{}, 1), groups: together[scheduler.Fence, found]{most: fullGroup}}
}

// SaveResults is the Store's SaveResults: when it returns without an error the results are kept. A failure waits for
// nobody, and neither does the group that it finds.
func (g *Grouped) SaveResults(ctx context.Context, results []partners.ProbeResult) error {
	if len(results) == 0 {
		return nil
	}
	all := make([]found, len(results))
	for i, r := range results {
		all[i].result = r
	}
	return g.save(ctx, anyFailed(results), all...)
}

// KeepPass implements incidents.Passes: a pass from which nothing follows waits for others as a result does.
func (g *Grouped) KeepPass(ctx context.Context, r partners.ProbeResult) (kept bool, err error) {
	own := &calmPass{result: r}
	err = g.save(ctx, false, found{pass: own})
	return err == nil && own.kept, err
}

// save keeps what was found with what others found, and at once where that hurries.
func (g *Grouped) save(ctx context.Context, hurries bool, all ...found) error {
	fence, _ := scheduler.FenceOf(ctx)
	mine, before := g.groups.join(fence, all...)
	if hurries || before+len(all) >= mostGrouped {
		g.groups.rush(mine)
	}
	var err error
	if before == 0 {
		err = g.lead(ctx, fence, mine)
	} else {
		err = mine.await(ctx)
	}
	switch {
	case errors.Is(err, errAlone):
		return g.keep(ctx, all)
	case before > 0 && err != nil: // told to stop; what it gave is kept all the same
		return explain("keep the results of probes", err)
	}
	return err
}

func (g *Grouped) keep(ctx context.Context, all []found) error {
	var results []partners.ProbeResult
	var passes []*calmPass
	for _, f := range all {
		if f.pass != nil {
			passes = append(passes, f.pass)
		} else {
			results = append(results, f.result)
		}
	}
	return g.store.saveGroup(ctx, results, passes)
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
func (g *Grouped) lead(ctx context.Context, fence scheduler.Fence, mine *party[found]) error {
	timer := time.NewTimer(g.within)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-mine.hurry:
	case <-ctx.Done(): // the others' results are kept all the same
	}
	return g.groups.lead(fence, mine, func(take func() []found) error {
		g.turn <- struct{}{}
		defer func() { <-g.turn }()
		kept, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
		defer cancel()
		return g.keep(kept, take())
	})
}
