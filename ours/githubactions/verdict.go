package githubactions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/go-github/v60/github"

	"sparky/internal/httpcall"
)

// Verdict is how a run ended, and why.
type Verdict struct {
	Conclusion string      // GitHub's word: success, failure, cancelled, timed_out, startup_failure, …
	Failed     []FailedJob // of the last attempt, at most 20
	Report     *Report     // nil where the run left none that can be read
	Notes      []string    // what could not be read, or was left out, in sentences for people
}

// FailedJob is a job that failed.
type FailedJob struct {
	Name  string
	URL   string   // of its page, for people
	Steps []string // those that failed
	Log   []string // the last lines that say something, up to the last error; see Client.Verdict
}

// Bounds of what is read of a run. A job's log of more bytes is not read.
const (
	mostFailed = 20
	mostLogs   = 5
	maxLog     = 32 << 20
)

// Verdict is how a completed run ended: which jobs and steps failed, the end of the logs of the first five of them, at
// most 20 lines each, and the JUnit report among its artifacts, where there is one. What cannot be read of a log or an
// artifact is told in Notes and does not hold up the verdict, unless a limit keeps us from it, whose time is worth waiting for.
// A run that has not ended is an error that is Refused.
func (c *Client) Verdict(ctx context.Context, repo string, runID int64) (Verdict, error) {
	run, _, err := c.run(ctx, repo, runID, "")
	if err != nil {
		return Verdict{}, err
	}
	if run.GetStatus() != StatusCompleted {
		return Verdict{}, &httpcall.Failure{Doing: fmt.Sprintf("reading the verdict of run %d of %s", runID, repo), Undone: true,
			Problem: "it has not ended yet"}
	}
	verdict := Verdict{Conclusion: c.shown(run.GetConclusion(), longest)}
	jobs, err := c.failedJobs(ctx, repo, runID)
	if err != nil {
		return Verdict{}, err
	}
	for i, job := range jobs {
		if i == mostFailed {
			verdict.note("%d more jobs failed.", len(jobs)-i)
			break
		}
		verdict.Failed = append(verdict.Failed, c.failedJob(job))
	}
	if err := c.readLogs(ctx, repo, jobs, &verdict); err != nil {
		return Verdict{}, err
	}
	if err := c.readReports(ctx, repo, runID, &verdict); err != nil {
		return Verdict{}, err
	}
	return verdict, nil
}

func (v *Verdict) note(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

// failedJobs are the jobs of the run's last attempt that failed.
func (c *Client) failedJobs(ctx context.Context, repo string, runID int64) ([]*github.WorkflowJob, error) {
	r, err := c.ofRun("reading the jobs of", repo, runID, "/jobs")
	if err != nil {
		return nil, err
	}
	var failed []*github.WorkflowJob
	for page := 1; page > 0 && page <= mostPages; {
		r.query = url.Values{"filter": {"latest"}, "per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)}}
		var read github.Jobs
		got, err := c.do(ctx, r, &read)
		if err != nil {
			return nil, err
		}
		for _, job := range read.Jobs {
			if broke(job.GetConclusion()) {
				failed = append(failed, job)
			}
		}
		page = got.next
	}
	return failed, nil
}

// broke tells that a job or a step failed by itself: one that was cancelled because another failed did not.
func broke(conclusion string) bool {
	return conclusion == "failure" || conclusion == "timed_out" || conclusion == "startup_failure"
}

func (c *Client) failedJob(job *github.WorkflowJob) FailedJob {
	failed := FailedJob{Name: c.shown(job.GetName(), longest/3), URL: link(job.GetHTMLURL())}
	for _, step := range job.Steps {
		if step != nil && broke(step.GetConclusion()) {
			failed.Steps = append(failed.Steps, c.shown(step.GetName(), longest/3))
		}
	}
	return failed
}

// readLogs reads the ends of the logs of the first failed jobs.
func (c *Client) readLogs(ctx context.Context, repo string, jobs []*github.WorkflowJob, verdict *Verdict) error {
	for i := range verdict.Failed[:min(len(verdict.Failed), mostLogs)] {
		failed := &verdict.Failed[i]
		at, err := repoPath("reading a log", repo)
		if err != nil {
			return err
		}
		log, err := c.download(ctx, request{
			doing: "reading the log of " + failed.Name, path: at + "jobs/" + strconv.FormatInt(jobs[i].GetID(), 10) + "/logs",
			about: "log of " + failed.Name, repo: repo, check: "whether logs are kept", needs: "actions: read",
		}, maxLog)
		if err := ended(ctx, err); err != nil {
			return err
		}
		switch {
		case gone(err):
			verdict.note("The log of %s is not there any more.", failed.Name)
		case err != nil:
			verdict.note("The log could not be read: %s.", err)
		default:
			failed.Log = c.logEnd(log)
		}
	}
	if len(verdict.Failed) > mostLogs {
		verdict.note("Only the logs of the first %d failed jobs were read.", mostLogs)
	}
	return nil
}

// ended is the error of a call that says nothing of the run: its caller has no more time or called it off, or a limit of
// GitHub's keeps it for a while.
func ended(ctx context.Context, err error) error {
	var f *httpcall.Failure
	if err != nil && ctx.Err() != nil || errors.As(err, &f) && f.Wait > 0 {
		return err
	}
	return nil
}

// gone tells that what was asked for is not kept any more, or never was.
func gone(err error) bool {
	var f *httpcall.Failure
	return errors.As(err, &f) && (f.Status == http.StatusNotFound || f.Status == http.StatusGone)
}
