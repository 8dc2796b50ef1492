package githubactions

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"sparky/internal/httpcall"
)

// The states of a run that matter to us. GitHub has more before in_progress: queued, requested, waiting, pending.
const (
	StatusInProgress = "in_progress"
	StatusCompleted  = "completed"
)

// Seen is what a look saw, for the next one. It is GitHub's own and says nothing to anybody else.
type Seen struct {
	ETag string `json:"etag,omitempty"`
}

// Progress is how a run stands.
type Progress struct {
	Unchanged  bool   // nothing has changed since the look that gave Seen, and the rest is empty
	Status     string // GitHub's word: queued, in_progress, completed, waiting, …
	Conclusion string // of a completed run: success, failure, cancelled, timed_out, startup_failure, …
	URL        string // of its page, for people
	StartedAt  time.Time
	UpdatedAt  time.Time
	RunAttempt int // more than 1 where somebody had it run again

	// Of a run in progress, among its first 100 jobs:
	Current     string // the job and the step that run now
	Done, Total int    // steps; those of jobs that have not begun are not known yet
}

// Look is how a run stands now. What has not changed since seen costs nothing of GitHub's limit.
func (c *Client) Look(ctx context.Context, repo string, runID int64, seen Seen) (Progress, Seen, error) {
	runTag, jobsTag, running := strings.Cut(seen.ETag, " ")
	run, runTag, err := c.run(ctx, repo, runID, runTag)
	if err != nil {
		return Progress{}, Seen{}, err
	}
	var jobs *github.Jobs
	if run == nil {
		if !running {
			return Progress{Unchanged: true}, seen, nil
		}
		// Steps begin and end without a change of the run itself.
		if jobs, jobsTag, err = c.firstJobs(ctx, repo, runID, jobsTag); err != nil {
			return Progress{}, Seen{}, err
		}
		if jobs == nil {
			return Progress{Unchanged: true}, seen, nil
		}
		if run, runTag, err = c.run(ctx, repo, runID, ""); err != nil {
			return Progress{}, Seen{}, err
		}
	}
	progress := c.progress(run)
	if progress.Status != StatusInProgress {
		return progress, Seen{runTag}, nil
	}
	if jobs == nil {
		if jobs, jobsTag, err = c.firstJobs(ctx, repo, runID, ""); err != nil {
			return Progress{}, Seen{}, err
		}
	}
	progress.Current, progress.Done, progress.Total = c.steps(jobs.Jobs)
	return progress, Seen{runTag + " " + jobsTag}, nil
}

// run is a run, nil where it is as it was at the tag.
func (c *Client) run(ctx context.Context, repo string, runID int64, tag string) (*github.WorkflowRun, string, error) {
	r, err := c.ofRun("looking at", repo, runID, "")
	if err != nil {
		return nil, "", err
	}
	r.query, r.etag = url.Values{"exclude_pull_requests": {"true"}}, tag
	var run github.WorkflowRun
	got, err := c.do(ctx, r, &run)
	if err != nil || got.unchanged {
		return nil, tag, err
	}
	if run.GetID() != runID {
		return nil, "", &httpcall.Failure{Doing: r.doing, Undone: true, Problem: "the answer is about something else; check github.api_url"}
	}
	return &run, got.etag, nil
}

// firstJobs are the jobs of a run's last attempt, its first 100; nil where they are as they were at the tag.
func (c *Client) firstJobs(ctx context.Context, repo string, runID int64, tag string) (*github.Jobs, string, error) {
	r, err := c.ofRun("reading the jobs of", repo, runID, "/jobs")
	if err != nil {
		return nil, "", err
	}
	r.query, r.etag = url.Values{"filter": {"latest"}, "per_page": {strconv.Itoa(pageSize)}}, tag
	var jobs github.Jobs
	got, err := c.do(ctx, r, &jobs)
	if err != nil || got.unchanged {
		return nil, tag, err
	}
	return &jobs, got.etag, nil
}

// ofRun is a request about a run.
func (c *Client) ofRun(doing, repo string, runID int64, below string) (request, error) {
	about := fmt.Sprintf("run %d of %s", runID, repo)
	doing += " " + about
	at, err := repoPath(doing, repo)
	if err != nil {
		return request{}, err
	}
	return request{doing: doing, path: at + "runs/" + strconv.FormatInt(runID, 10) + below, about: about, repo: repo,
		check: "compat.repo, whether somebody deleted the run", needs: "actions: read"}, nil
}

func (c *Client) progress(run *github.WorkflowRun) Progress {
	started := run.GetRunStartedAt().Time
	if started.IsZero() {
		started = run.GetCreatedAt().Time
	}
	return Progress{
		Status: c.shown(run.GetStatus(), longest), Conclusion: c.shown(run.GetConclusion(), longest), URL: link(run.GetHTMLURL()),
		StartedAt: started, UpdatedAt: run.GetUpdatedAt().Time, RunAttempt: run.GetRunAttempt(),
	}
}

// steps are what runs now, and how many steps are over of how many that are known.
func (c *Client) steps(jobs []*github.WorkflowJob) (current string, done, total int) {
	more := 0
	for _, job := range jobs {
		if job == nil {
			continue
		}
		step := ""
		for _, one := range job.Steps {
			total++
			switch one.GetStatus() {
			case StatusCompleted:
				done++
			case StatusInProgress:
				step = one.GetName()
			}
		}
		if job.GetStatus() != StatusInProgress {
			continue
		}
		if current != "" {
			more++
			continue
		}
		current = c.shown(job.GetName(), longest/3)
		if step != "" {
			current += ": " + c.shown(step, longest/3)
		}
	}
	if more > 0 {
		current += fmt.Sprintf(" and %d more", more)
	}
	return current, done, total
}
