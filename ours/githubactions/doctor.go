package githubactions

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// Doctor looks at what the configuration says of GitHub. It asks only what changes nothing.
type Doctor struct {
	client *Client

	mu    sync.Mutex
	files map[string]func(context.Context) (seenWorkflow, error) // by repository, workflow and ref
}

// NewDoctor is a doctor that asks by the client.
func NewDoctor(client *Client) *Doctor {
	return &Doctor{client: client, files: map[string]func(context.Context) (seenWorkflow, error){}}
}

const (
	credentialSetting = "github.token"
	appSetting        = "github.app"
	lookInGitHub      = "see that this machine reaches the address in github.api_url, and that it is that of GitHub's API"
)

// credential is the setting that says who we are.
func (d *Doctor) credential() string {
	if d.client.app {
		return appSetting
	}
	return credentialSetting
}

// Looks are the looks at the github block.
func (d *Doctor) Looks() []setting.Look {
	return []setting.Look{{What: d.credential(), Try: func(ctx context.Context) setting.Finding {
		const tried = "GET rate_limit"
		var limit struct {
			Resources struct {
				Core struct {
					Limit     int `json:"limit"`
					Remaining int `json:"remaining"`
				} `json:"core"`
			} `json:"resources"`
		}
		if _, err := d.client.do(ctx, request{doing: "asking for the limit", path: "rate_limit", about: "limit", check: "github.api_url"}, &limit); err != nil {
			return unwell(tried, err)
		}
		core := limit.Resources.Core
		return setting.Well("%s: GitHub takes it; %d of %d calls are left this hour", tried, core.Remaining, core.Limit)
	}}}
}

// Workflow is the look at the workflow that tries betas, which a setting names.
func (d *Doctor) Workflow(what string, c partners.Compat) setting.Look {
	return setting.Look{What: what, Needs: d.credential(), Try: func(ctx context.Context) setting.Finding { return d.workflow(ctx, what, c) }}
}

func (d *Doctor) workflow(ctx context.Context, what string, c partners.Compat) setting.Finding {
	tried := fmt.Sprintf("GET %s in %s, and the file at %s", c.Workflow, c.Repo, c.Ref)
	seen, err := d.look(c)(ctx)
	switch {
	case err != nil:
		return unwell(tried, err)
	case seen.state != "active":
		return setting.Wrong(tried, "the workflow is not active ("+d.client.shown(seen.state, longest)+")", "enable it on the Actions page of "+c.Repo)
	case seen.hidden:
		return setting.Open(fmt.Sprintf("GET %s in %s: it is there and active, and %s may not read its file (contents: read)", c.Workflow, c.Repo, d.client.holder()),
			"see that it has workflow_dispatch with the inputs partner, api_version and request_id, and request_id in its run-name; /sparky compat tries it")
	case seen.missing:
		return setting.Wrong(tried, fmt.Sprintf("there is no %s at %s that %s may see", c.Workflow, c.Ref, d.client.holder()), "put it there, or correct "+what+".ref")
	}
	file, err := readWorkflow(seen.file)
	if err != nil {
		return setting.Wrong(tried, err.Error(), "mend the file")
	}
	if problem, mend := file.lacks(slices.Sorted(maps.Keys(c.Inputs))); problem != "" {
		return setting.Wrong(tried, problem, mend)
	}
	return setting.Well("%s: workflow_dispatch has our inputs, and its runs are named by request_id; that it may be started shows with the first run", tried)
}

// seenWorkflow is a workflow as far as it may be seen.
type seenWorkflow struct {
	state   string
	file    []byte
	hidden  bool // the file may not be read
	missing bool // there is no such file at the ref
}

// look is how a workflow stands, asked for once however many partners have it.
func (d *Doctor) look(c partners.Compat) func(context.Context) (seenWorkflow, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := c.Repo + " " + c.Workflow + " " + c.Ref
	if d.files[key] == nil {
		d.files[key] = setting.Shared(func(ctx context.Context) (seenWorkflow, error) { return d.client.see(ctx, c) })
	}
	return d.files[key]
}

// see reads a workflow and its file.
func (c *Client) see(ctx context.Context, of partners.Compat) (seenWorkflow, error) {
	doing := fmt.Sprintf("looking at %s in %s", of.Workflow, of.Repo)
	at, err := workflowPath(doing, of.Repo, of.Workflow)
	if err != nil {
		return seenWorkflow{}, err
	}
	about := fmt.Sprintf("workflow %s in %s", of.Workflow, of.Repo)
	var workflow struct {
		State string `json:"state"`
	}
	if _, err = c.do(ctx, request{doing: doing, path: strings.TrimSuffix(at, "/"), about: about, repo: of.Repo,
		check: "compat.repo and compat.workflow", needs: "actions: read"}, &workflow); err != nil {
		return seenWorkflow{}, err
	}
	seen := seenWorkflow{state: workflow.State}
	var file struct {
		Encoding string `json:"encoding"`
		Content  string `json:"content"`
	}
	_, err = c.do(ctx, request{doing: doing, path: "repos/" + of.Repo + "/contents/.github/workflows/" + url.PathEscape(path.Base(of.Workflow)),
		query: url.Values{"ref": {of.Ref}}, about: about, repo: of.Repo, check: "compat.ref", needs: "contents: read"}, &file)
	var f *httpcall.Failure
	switch {
	case errors.As(err, &f) && f.Status == http.StatusForbidden && !f.Undone:
		seen.hidden = true
		return seen, nil
	case errors.As(err, &f) && f.Status == http.StatusNotFound:
		seen.missing = true
		return seen, nil
	case err != nil:
		return seen, err
	case file.Encoding != "base64":
		return seen, &httpcall.Failure{Doing: doing, Problem: "GitHub gives the file in a form that Sparky does not know (" + c.shown(file.Encoding, 40) + ")"}
	}
	if seen.file, err = base64.StdEncoding.DecodeString(strings.Map(withoutBreaks, file.Content)); err != nil {
		return seen, &httpcall.Failure{Doing: doing, Problem: "GitHub's answer holds no file that can be read"}
	}
	return seen, nil
}

// withoutBreaks takes line breaks out, which GitHub puts into base64.
func withoutBreaks(r rune) rune {
	if r == '\n' || r == '\r' {
		return -1
	}
	return r
}

// unwell is the finding that a call failed.
func unwell(tried string, err error) setting.Finding {
	var f *httpcall.Failure
	if errors.As(err, &f) {
		return setting.Failed(tried, errors.New(f.Problem), lookInGitHub)
	}
	return setting.Failed(tried, err, lookInGitHub)
}
