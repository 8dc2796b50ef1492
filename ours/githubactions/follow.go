package githubactions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"sparky/changes"
	"sparky/incidents"
	"sparky/internal/httpcall"
)

// Follower follows the workflow runs of compatibility runs. It is changes.Workflows, safe for use by several goroutines.
type Follower struct {
	client *Client

	mu   sync.Mutex
	seen map[int64]sight // by the workflow run's id
}

// sight is what the last look at a run saw.
type sight struct {
	seen     Seen
	progress changes.RunProgress
}

// NewFollower follows runs at that GitHub.
func NewFollower(client *Client) *Follower {
	return &Follower{client: client, seen: map[int64]sight{}}
}

// Find looks for the run's workflow run by its request id.
func (f *Follower) Find(ctx context.Context, run changes.Run) (changes.RunStarted, bool, error) {
	found, ok, err := f.client.FindRun(ctx, run.Repo, run.Workflow, run.ID, run.Asked)
	return changes.RunStarted{GitHubID: found.RunID, URL: found.URL}, ok, err
}

// Look is how the workflow run stands. What has not changed since the last look costs nothing of GitHub's limit.
func (f *Follower) Look(ctx context.Context, run changes.Run) (changes.RunProgress, error) {
	f.mu.Lock()
	last := f.seen[run.GitHubID]
	f.mu.Unlock()
	p, seen, err := f.client.Look(ctx, run.Repo, run.GitHubID, last.seen)
	if err != nil {
		return changes.RunProgress{}, err
	}
	if p.Unchanged {
		return last.progress, nil
	}
	now := sight{seen, progressOf(p)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.progress.Ended {
		delete(f.seen, run.GitHubID)
	} else {
		f.seen[run.GitHubID] = now
	}
	return now.progress, nil
}

func progressOf(p Progress) changes.RunProgress {
	so := changes.RunProgress{Running: p.Status == StatusInProgress, URL: p.URL, Doing: p.Current, Done: p.Done, Total: p.Total}
	if p.Status != StatusCompleted {
		return so
	}
	so.Ended, so.Passed, so.Failed = true, p.Conclusion == "success", p.Conclusion == "failure"
	if !so.Passed && !so.Failed {
		so.Reason = noVerdict(p.Conclusion)
	}
	return so
}

// noVerdict says why a workflow run that ended so shows nothing about our integration.
func noVerdict(conclusion string) string {
	switch conclusion {
	case "cancelled":
		return "It was cancelled at GitHub."
	case "startup_failure":
		return "GitHub could not start it; the workflow's file may be wrong."
	case "timed_out":
		return "It took longer than GitHub lets it."
	case "skipped":
		return "GitHub skipped all of its jobs."
	case "action_required":
		return "It waits at GitHub for somebody to approve it."
	}
	return fmt.Sprintf("It ended at GitHub as %q.", conclusion)
}

// Outcome reads what a workflow run that ended shows.
func (f *Follower) Outcome(ctx context.Context, run changes.Run) (changes.RunOutcome, error) {
	v, err := f.client.Verdict(ctx, run.Repo, run.GitHubID)
	if err != nil {
		return changes.RunOutcome{}, err
	}
	outcome := changes.RunOutcome{Notes: v.Notes}
	for _, j := range v.Failed {
		outcome.Failed = append(outcome.Failed, incidents.FailedJob{Name: j.Name, URL: j.URL, Steps: j.Steps, Log: j.Log})
	}
	if r := v.Report; r != nil {
		outcome.Report = &incidents.TestReport{Tests: r.Tests, Failures: r.Failures + r.Errors, Errors: r.Errors, Skipped: r.Skipped}
		for _, c := range r.Cases {
			outcome.Report.Cases = append(outcome.Report.Cases, incidents.FailedCase{Name: c.Name, Message: c.Message, Error: c.Error})
		}
		// A difference is what people are told first.
		slices.SortStableFunc(outcome.Report.Cases, func(a, b incidents.FailedCase) int {
			switch {
			case a.Error == b.Error:
				return 0
			case b.Error:
				return -1
			}
			return 1
		})
	}
	return outcome, nil
}

// KnownRuns gives compatibility runs by their id.
type KnownRuns interface {
	Run(ctx context.Context, id string) (changes.Run, error)
}

// Dispatches carries out changes.EffectDispatch: it starts the workflow of a compatibility run, unless GitHub has it or the
// run was given up.
type Dispatches struct {
	client *Client
	runs   KnownRuns
}

// NewDispatches starts workflows at that GitHub; where it is nil, none can be started.
func NewDispatches(client *Client, runs KnownRuns) Dispatches { return Dispatches{client, runs} }

// Do starts the workflow. Its result decodes as changes.RunStarted.
func (d Dispatches) Do(ctx context.Context, key string, payload, _ []byte) ([]byte, error) {
	run, err := d.run(ctx, key, payload)
	if err != nil {
		return nil, err
	}
	if run.State != changes.RunAsked {
		return encoded(Started{run.GitHubID, run.URL})
	}
	if d.client == nil {
		return nil, &httpcall.Refusal{Lasts: true, What: fmt.Sprintf("the compatibility run of %s %s cannot be started: no GitHub is configured", run.Name, run.Version),
			Mend: "give the block github in sparky.yaml; ten minutes after it was asked for, the run is given up"}
	}
	started, err := d.client.Start(ctx, Dispatch{Repo: run.Repo, Workflow: run.Workflow, Ref: run.Ref, RequestID: run.ID, Inputs: run.Inputs})
	if err != nil {
		// Its words name repository and workflow and not the run, so that what is wrong with them is told once, however many
		// runs wait for it.
		return nil, err
	}
	return encoded(started)
}

// Find looks for the workflow run that an attempt of unknown outcome may have started.
func (d Dispatches) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	run, err := d.run(ctx, key, payload)
	if err != nil {
		return nil, false, err
	}
	if run.State != changes.RunAsked || d.client == nil {
		result, err := encoded(Started{run.GitHubID, run.URL})
		return result, err == nil && run.State != changes.RunAsked, err
	}
	found, ok, err := d.client.FindRun(ctx, run.Repo, run.Workflow, run.ID, run.Asked)
	if err != nil || !ok {
		return nil, false, err
	}
	result, err := encoded(found)
	return result, err == nil, err
}

func encoded(s Started) ([]byte, error) {
	return json.Marshal(changes.RunStarted{GitHubID: s.RunID, URL: s.URL})
}

// run is the one that an effect is of. Nothing was sent yet when it fails.
func (d Dispatches) run(ctx context.Context, key string, payload []byte) (changes.Run, error) {
	var ref incidents.Ref
	if err := json.Unmarshal(payload, &ref); err != nil || ref.Run == "" {
		return changes.Run{}, &httpcall.Refusal{Lasts: true, What: "effect " + key + " names no compatibility run", Mend: "this is a mistake in Sparky, please report it"}
	}
	run, err := d.runs.Run(ctx, ref.Run)
	if err != nil {
		return run, &httpcall.Refusal{What: err.Error(), Lasts: errors.Is(err, changes.ErrNoRun), Cause: err}
	}
	return run, nil
}
