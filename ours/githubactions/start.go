package githubactions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"

	"sparky/internal/httpcall"
)

// Dispatch is what a workflow is started with.
type Dispatch struct {
	Repo      string // owner/name
	Workflow  string // the name of its file in .github/workflows
	Ref       string // a branch or a tag
	RequestID string // what the run is found by; it is sent as the input request_id, and must be in the run's name
	Inputs    map[string]string
}

// Started is a run that was started.
type Started struct {
	RunID int64  // 0: the server does not tell, and FindRun does
	URL   string // of its page, for people; empty where it is not known
}

// dispatchRequest is the body of a dispatch, with the field that go-github has no place for before v82
// (github.blog/changelog/2026-02-19).
type dispatchRequest struct {
	github.CreateWorkflowDispatchEventRequest
	Details bool `json:"return_run_details,omitempty"`
}

// Start starts a workflow. An error that is neither Refused nor NotSent nor Permanent leaves it unknown whether the run
// was started: look with FindRun before starting it again. A server that does not know return_run_details is asked once
// more without it, and from then on at once; it refused the first, so that this starts nothing twice. Otherwise a dispatch
// is repeated only where the limits, or a connection that did not come about, kept it from GitHub.
func (c *Client) Start(ctx context.Context, d Dispatch) (Started, error) {
	details := !c.older.Load()
	started, err := c.dispatch(ctx, d, details)
	if !details || !unknownField(err) {
		return started, err
	}
	c.older.Store(true)
	return c.dispatch(ctx, d, false)
}

// unknownField tells that a server refuses the dispatch because of return_run_details.
func unknownField(err error) bool {
	var f *httpcall.Failure
	return errors.As(err, &f) && (f.Status == http.StatusBadRequest || f.Status == http.StatusUnprocessableEntity) &&
		strings.Contains(f.Problem, "return_run_details")
}

func (c *Client) dispatch(ctx context.Context, d Dispatch, details bool) (Started, error) {
	doing := fmt.Sprintf("starting %s in %s", d.Workflow, d.Repo)
	at, err := workflowPath(doing, d.Repo, d.Workflow)
	if err != nil {
		return Started{}, err
	}
	inputs := map[string]any{}
	for name, value := range d.Inputs {
		inputs[name] = value
	}
	maps.Copy(inputs, map[string]any{"request_id": d.RequestID})
	var run struct {
		ID   int64  `json:"workflow_run_id"`
		HTML string `json:"html_url"`
	}
	_, err = c.do(ctx, request{
		doing: doing, method: http.MethodPost, path: at + "dispatches",
		body:  dispatchRequest{github.CreateWorkflowDispatchEventRequest{Ref: d.Ref, Inputs: inputs}, details},
		about: fmt.Sprintf("workflow %s in %s, or no branch or tag %s with it", d.Workflow, d.Repo, d.Ref),
		repo:  d.Repo, check: "compat.repo, compat.workflow and compat.ref", needs: "actions: write", writes: true,
	}, &run)
	if err != nil {
		return Started{}, err
	}
	return Started{RunID: run.ID, URL: link(run.HTML)}, nil
}

// mostPages bounds how many pages of a list are read. GitHub gives no more than 1000 runs of a search.
const (
	pageSize  = 100
	mostPages = 10
)

// clockSlack is how far the clocks of GitHub and this machine may differ.
const clockSlack = time.Minute

// FindRun looks for the run of a request among those that were dispatched since then, by the request's ID in the run's
// name, where nothing may be joined to its end. A run shows some seconds after its dispatch. Of several, which only a
// person can have made, it is the first.
func (c *Client) FindRun(ctx context.Context, repo, workflow, requestID string, since time.Time) (Started, bool, error) {
	doing := fmt.Sprintf("looking for the run of %s in %s", workflow, repo)
	at, err := workflowPath(doing, repo, workflow)
	if err != nil {
		return Started{}, false, err
	}
	if requestID == "" {
		return Started{}, false, &httpcall.Failure{Doing: doing, Lasts: true, Unsent: true, Problem: "there is no request to look for"}
	}
	query := url.Values{
		"event": {"workflow_dispatch"}, "created": {">=" + since.Add(-clockSlack).UTC().Format(time.RFC3339)},
		"exclude_pull_requests": {"true"}, "per_page": {strconv.Itoa(pageSize)},
	}
	var first *github.WorkflowRun
	for page := 1; page > 0 && page <= mostPages; {
		query.Set("page", strconv.Itoa(page))
		var read github.WorkflowRuns
		got, err := c.do(ctx, request{doing: doing, path: at + "runs", query: query, about: fmt.Sprintf("workflow %s in %s", workflow, repo),
			repo: repo, check: "compat.repo and compat.workflow", needs: "actions: read"}, &read)
		if err != nil {
			return Started{}, false, err
		}
		for _, run := range read.WorkflowRuns {
			if !names(run.GetDisplayTitle(), requestID) && !names(run.GetName(), requestID) {
				continue
			}
			if first == nil || run.GetID() < first.GetID() {
				first = run
			}
		}
		page = got.next
	}
	if first.GetID() == 0 {
		return Started{}, false, nil
	}
	return Started{RunID: first.GetID(), URL: link(first.GetHTMLURL())}, true, nil
}

// names tells that a title holds an ID that is not the beginning or the end of a longer word.
func names(title, id string) bool {
	for from := 0; ; {
		at := strings.Index(title[from:], id)
		if at < 0 {
			return false
		}
		begin, end := from+at, from+at+len(id)
		before, _ := utf8.DecodeLastRuneInString(title[:begin])
		if !wordly(before) && !goesOn(title[end:]) {
			return true
		}
		from = begin + 1
	}
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// goesOn tells that what follows an ID makes it a longer one: "-2" after "okta-v3", but not "]" or "." at a sentence's end.
func goesOn(rest string) bool {
	rest = strings.TrimLeft(rest, "-_.")
	next, _ := utf8.DecodeRuneInString(rest)
	return wordly(next)
}
