package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// RunDesk is where compatibility runs are started, followed and come to their verdict. All fields must be given.
type RunDesk struct {
	Memory    RunMemory
	Workflows Workflows
	Now       func() time.Time

	mu    sync.Mutex
	looks map[string]runLook // by run
	quiet time.Time          // GitHub asked for no calls until then
}

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
	// lostAfter is after how long a workflow run that GitHub took and does not show is given up.
	lostAfter = 15 * time.Minute
	// barelyAfter is after how long a verdict is told without its details, which cannot be read.
	barelyAfter = 10 * time.Minute
)

// Start has a version tried because a person asked. A live run of that version is returned as it is, with started false.
// Its error is ErrNoWorkflow for a partner without a workflow.
func (d *RunDesk) Start(ctx context.Context, p partners.Partner, version, by string, entry *RunEntry) (run Run, started bool, err error) {
	if p.Compat == nil {
		return Run{}, false, fmt.Errorf("starting the compatibility run of %s: %w", p.ID, ErrNoWorkflow)
	}
	err = d.Memory.DecideRuns(ctx, p.ID, func(runs []Run) ([]Run, []incidents.Effect, error) {
		for _, r := range slices.Backward(runs) {
			if r.State.Live() && r.sameVersion(version) {
				run, started = r, false
				return nil, nil, nil
			}
		}
		run, started = newRun(p, version, entry, by, d.Now()), true
		return []Run{run}, run.Begins(), nil
	})
	if err != nil {
		return Run{}, false, fmt.Errorf("starting the compatibility run of %s %s: %w", p.ID, version, err)
	}
	return run, started, nil
}

// Dispatched notes that GitHub has taken a run.
func (d *RunDesk) Dispatched(ctx context.Context, id string, s RunStarted) error {
	return d.change(ctx, id, func(r *Run) {
		if !r.State.Live() {
			return
		}
		if r.State == RunAsked {
			r.State, r.Begun = RunQueued, d.Now()
		}
		r.take(s)
	})
}

func (r *Run) take(s RunStarted) {
	if s.GitHubID != 0 {
		r.GitHubID = s.GitHubID
	}
	if s.URL != "" {
		r.URL = s.URL
	}
}

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
		if r.State == RunAsked || d.Now().Before(d.lookOf(r.ID).next) {
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
	var asks interface{ RetryAfter() time.Duration }
	if errors.As(err, &asks) && asks.RetryAfter() > 0 {
		d.quiet = now.Add(asks.RetryAfter())
	}
	d.looks[r.ID] = l
}

func (d *RunDesk) lookAt(ctx context.Context, r Run) error {
	if r.GitHubID == 0 {
		found, ok, err := d.Workflows.Find(ctx, r)
		if err != nil {
			return err
		}
		if !ok {
			return d.overdue(ctx, r, lostAfter, "GitHub took the request and shows no run for it.")
		}
		r.take(found)
	}
	p, changed, err := d.Workflows.Look(ctx, r)
	switch {
	case err != nil:
		return errors.Join(err, d.overdue(ctx, r, r.Timeout, tooLong(r)))
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
		effects := append(end(&r), incidents.RunMessage(r.ID, ""))
		kept := []Run{r}
		if r.Again != "" {
			again := r.second(d.Now())
			kept, effects = append(kept, again), append(effects, again.Begins()...)
		}
		return kept, effects, nil
	})
}

// change changes one run, and has its message drawn anew.
func (d *RunDesk) change(ctx context.Context, id string, change func(*Run)) error {
	known, err := d.Memory.Run(ctx, id)
	if errors.Is(err, ErrNoRun) {
		return nil // it is remembered no more
	}
	if err != nil {
		return fmt.Errorf("noting how compatibility run %s goes on: %w", id, err)
	}
	return d.Memory.DecideRuns(ctx, known.Partner, func(runs []Run) ([]Run, []incidents.Effect, error) {
		i := slices.IndexFunc(runs, func(r Run) bool { return r.ID == id })
		if i < 0 {
			return nil, nil, nil
		}
		r := runs[i]
		change(&r)
		return []Run{r}, []incidents.Effect{incidents.RunMessage(id, "")}, nil
	})
}
