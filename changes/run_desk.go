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
