package changes

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sparky/incidents"
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
		if r.State == RunAsked || d.Now().Before(d.lookOf(r.ID).next) || d.Now().Before(d.resting()) {
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
	err := d.lookAt(ctx, r)
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
		d.looks[r.ID] = runLook{next: now.Add(min(max(now.Sub(r.Begun)/10, soonestLook), latestLook))}
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

func (d *RunDesk) lookAt(ctx context.Context, r Run) error {
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
	p, changed, err := d.Workflows.Look(ctx, r)
	switch {
	case err != nil:
		return d.unseen(ctx, r, err)
	case p.Ended:
		return d.end(ctx, r, p)
	}
	if changed {
		if err := d.progressed(ctx, r, p); err != nil {
			return err
		}
	}
	return d.overdue(ctx, r, r.Timeout, tooLong(r))
}

func tooLong(r Run) string {
	return fmt.Sprintf("It did not end within %.0f minutes.", r.Timeout.Minutes())
}

// unseen is a look that failed. It ends a run whose time is over, unless GitHub only asked to be asked later.
func (d *RunDesk) unseen(ctx context.Context, r Run, err error) error {
	if asksForTime(err) > 0 {
		return err
	}
	return errors.Join(err, d.overdue(ctx, r, r.Timeout, fmt.Sprintf("What came of it could not be read: %v.", err)))
}

// overdue ends a run that takes longer than that.
func (d *RunDesk) overdue(ctx context.Context, r Run, most time.Duration, reason string) error {
	if most <= 0 || d.Now().Sub(r.Begun) < most {
		return nil
	}
	return d.noVerdict(ctx, r, reason)
}

func (d *RunDesk) progressed(ctx context.Context, seen Run, p RunProgress) error {
	return d.change(ctx, seen.ID, func(r *Run) {
		if !r.State.Live() {
			return
		}
		r.take(RunStarted{seen.GitHubID, seen.URL})
		r.take(RunStarted{URL: p.URL})
		if p.Running {
			r.State = RunRunning
		}
		r.Doing, r.Done, r.Total = p.Doing, p.Done, p.Total
	})
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
	return d.decide(ctx, seen, func(r *Run) []incidents.Effect {
		r.State, r.Reason = RunNoVerdict, reason
		if r.Attempt == 1 {
			r.Again = r.second(d.Now()).ID
		}
		return nil
	})
}
