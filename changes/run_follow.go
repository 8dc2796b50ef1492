package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sparky/incidents"
)

// runLook is when a run is looked at next, and how often in a row that has failed.
type runLook struct {
	next  time.Time
	fails int
	since time.Time // of the first of those failures
}

// How runs are followed. A look at one that stands as it did costs GitHub's rate limit nothing.
const (
	soonestLook = 5 * time.Second
	latestLook  = time.Minute
	slowestLook = 5 * time.Minute // after failures
	looksAtOnce = 8
	// barelyAfter is after how long a verdict is told without its details, which cannot be read.
	barelyAfter = 10 * time.Minute
)

// Follow looks at every live run whose turn it is. It is to be called every few seconds. One run that cannot be looked at
// keeps none of the others from it; what was wrong with any is returned.
func (d *RunDesk) Follow(ctx context.Context) error {
	if d.Now().Before(d.resting()) {
		return nil
	}
	runs, err := d.Memory.Runs(ctx, d.Now())
	if err != nil {
		return fmt.Errorf("listing the compatibility runs: %w", err)
	}
	live := map[string]bool{}
	places := make(chan struct{}, looksAtOnce)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var problems error
	for _, r := range runs {
		if !r.State.Live() {
			continue
		}
		live[r.ID] = true
		if d.Now().Before(d.lookOf(r.ID).next) || d.Now().Before(d.resting()) {
			continue
		}
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			if err := d.follow(ctx, r); err != nil {
				mu.Lock()
				defer mu.Unlock()
				problems = errors.Join(problems, err)
			}
		})
	}
	wg.Wait()
	d.forget(live)
	return problems
}

func (d *RunDesk) resting() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.quiet
}

func (d *RunDesk) lookOf(id string) runLook {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looks[id]
}

func (d *RunDesk) forget(live map[string]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.looks {
		if !live[id] {
			delete(d.looks, id)
		}
	}
}

// follow looks at one run and notes what it shows.
func (d *RunDesk) follow(ctx context.Context, r Run) error {
	err := d.guarded(ctx, r)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.looked(r, err)
	if err != nil {
		return fmt.Errorf("following compatibility run %s of %s %s: %w", r.ID, r.Partner, r.Version, err)
	}
	return nil
}

// looked sets when the run's turn is next: seldom for one that takes long, more and more seldom while looking fails.
func (d *RunDesk) looked(r Run, err error) {
	now := d.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.looks == nil {
		d.looks = map[string]runLook{}
	}
	if err == nil {
		age := now.Sub(r.Begun)
		if r.State == RunAsked {
			age = 0
		}
		d.looks[r.ID] = runLook{next: now.Add(min(max(age/10, soonestLook), latestLook))}
		return
	}
	l := d.looks[r.ID]
	if l.fails == 0 {
		l.since = now
	}
	l.fails++
	l.next = now.Add(min(soonestLook<<min(l.fails, 10), slowestLook))
	if wait := asksForTime(err); wait > 0 {
		d.quiet = now.Add(wait)
	}
	d.looks[r.ID] = l
}

// asksForTime is how long GitHub asks to be left alone by an error, 0 where it does not.
func asksForTime(err error) time.Duration {
	var asks interface{ RetryAfter() time.Duration }
	if !errors.As(err, &asks) {
		return 0
	}
	return asks.RetryAfter()
}

// guarded is lookAt where what a run left behind, a report or a log, finds a mistake of ours: it must not stop Sparky.
func (d *RunDesk) guarded(ctx context.Context, r Run) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = mistake(cause)
		}
	}()
	return d.lookAt(ctx, r)
}

// mistake is a panic as an error.
func mistake(cause any) error { return fmt.Errorf("a mistake in Sparky stopped it: %.200v", cause) }

func (d *RunDesk) lookAt(ctx context.Context, r Run) error {
	if reason := d.orphaned(r); reason != "" {
		return d.given(ctx, r, reason, false)
	}
	if r.State == RunAsked {
		return d.waits(ctx, r)
	}
	if d.Workflows == nil {
		return nil // it is given up in a moment
	}
	if r.GitHubID == 0 {
		found, ok, err := d.Workflows.Find(ctx, r)
		if err != nil {
			return d.unseen(ctx, r, err)
		}
		if !ok {
			return d.overdue(ctx, r, lostAfter, "GitHub took the request and shows no run for it. The workflow's run-name must hold its request_id.")
		}
		r.take(found)
	}
	p, err := d.Workflows.Look(ctx, r)
	switch {
	case err != nil:
		return d.unseen(ctx, r, err)
	case p.Ended:
		return d.end(ctx, r, p)
	}
	if err := d.progressed(ctx, r, p); err != nil {
		return err
	}
	return d.overdue(ctx, r, r.Timeout, tooLong(r))
}

// progressed notes how a run stands, where that is not known yet.
func (d *RunDesk) progressed(ctx context.Context, seen Run, p RunProgress) error {
	note := func(r *Run) {
		r.take(RunStarted{seen.GitHubID, seen.URL})
		r.take(RunStarted{URL: p.URL})
		if p.Running {
			r.State = RunRunning
		}
		r.Doing, r.Done, r.Total = p.Doing, p.Done, p.Total
	}
	known := seen
	if note(&known); seen.State == known.State && seen.Doing == known.Doing && seen.Done == known.Done && seen.Total == known.Total && seen.URL == known.URL {
		return nil
	}
	return d.change(ctx, seen.ID, note)
}

// end notes how a workflow run ended.
func (d *RunDesk) end(ctx context.Context, seen Run, p RunProgress) error {
	if p.URL != "" {
		seen.URL = p.URL
	}
	if !p.Passed && !p.Failed {
		return d.noVerdict(ctx, seen, p.Reason)
	}
	outcome, err := d.Workflows.Outcome(ctx, seen)
	if err != nil {
		if l := d.lookOf(seen.ID); l.fails == 0 || d.Now().Sub(l.since) < barelyAfter {
			return err
		}
		outcome = RunOutcome{Notes: []string{"Its jobs could not be read: " + err.Error()}}
	}
	return d.decide(ctx, seen, func(r *Run) []incidents.Effect {
		r.State, r.Outcome = RunPassed, &outcome
		if p.Failed {
			r.State = RunFailed
		}
		return []incidents.Effect{incidents.NewEffect(EffectTrial, r.ID+"/trial", r.Trial())}
	})
}

// noVerdict ends a run that shows nothing, and starts another one in its place if it was the first.
func (d *RunDesk) noVerdict(ctx context.Context, seen Run, reason string) error {
	return d.given(ctx, seen, reason, d.configured(seen.Partner).Compat != nil)
}

// given gives a run up; again: for another one, if it was the first.
func (d *RunDesk) given(ctx context.Context, seen Run, reason string, again bool) error {
	return d.decide(ctx, seen, func(r *Run) []incidents.Effect {
		r.State, r.Reason = RunNoVerdict, reason
		if again && r.Attempt == 1 {
			r.Again = r.second(d.Now()).ID
		}
		return nil
	})
}

// decide ends a run that is live, with what the memory knows of it by now, and keeps the run that goes on in its place.
func (d *RunDesk) decide(ctx context.Context, seen Run, end func(*Run) []incidents.Effect) error {
	return d.Memory.DecideRuns(ctx, seen.Partner, func(runs []Run) ([]Run, []incidents.Effect, error) {
		i := slices.IndexFunc(runs, func(r Run) bool { return r.ID == seen.ID })
		if i < 0 || !runs[i].State.Live() {
			return nil, nil, nil // another replica was first
		}
		r := runs[i]
		r.take(RunStarted{seen.GitHubID, seen.URL})
		r.Ended, r.Doing = d.Now(), ""
		effects := append(end(&r), r.message())
		kept := []Run{r}
		if r.Again != "" {
			again := r.second(d.Now())
			if c := d.configured(r.Partner).Compat; c != nil {
				again = again.by(*c)
			}
			kept, effects = append(kept, again), append(effects, again.Begins()...)
		}
		return kept, effects, nil
	})
}
