package changes

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// RunDesk is where compatibility runs are started, followed and come to their verdict. All fields must be given, but for
// Workflows, which is nil where no GitHub is configured: runs that were started while there was one are ended then.
type RunDesk struct {
	Memory    RunMemory
	Workflows Workflows
	Partners  []partners.Partner // as they are configured now
	Now       func() time.Time

	mu    sync.Mutex
	looks map[string]runLook // by run
	quiet time.Time          // GitHub asked for no calls until then
}

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
		if r.State == RunAsked {
			r.State, r.Begun, r.Reason = RunQueued, d.Now(), ""
		}
		r.take(s)
	})
}

// Renew gives a run that GitHub does not have yet the workflow that is configured now: it is what a person mends where the
// one that was configured cannot be started.
func (d *RunDesk) Renew(ctx context.Context, id string) error {
	return d.change(ctx, id, func(r *Run) {
		p := d.configured(r.Partner)
		if r.State != RunAsked || p.Compat == nil {
			return
		}
		*r = r.by(*p.Compat)
	})
}

// configured is the partner as it is configured now; the zero Partner where it is not.
func (d *RunDesk) configured(id string) partners.Partner {
	for _, p := range d.Partners {
		if p.ID == id {
			return p
		}
	}
	return partners.Partner{}
}

func (r *Run) take(s RunStarted) {
	if s.GitHubID != 0 {
		r.GitHubID = s.GitHubID
	}
	if s.URL != "" {
		r.URL = s.URL
	}
}

// change changes one live run, and has its message drawn anew where that changed anything.
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
		if !r.State.Live() {
			return nil, nil, nil // what came late changes nothing any more
		}
		if change(&r); reflect.DeepEqual(r, runs[i]) {
			return nil, nil, nil
		}
		return []Run{r}, []incidents.Effect{r.message()}, nil
	})
}
