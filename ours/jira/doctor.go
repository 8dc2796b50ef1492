package jira

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// Doctor looks at what the configuration says of Jira. It asks only what changes nothing.
type Doctor struct {
	client     *Client
	project    func(context.Context) (projectFacts, error)
	priorities func(context.Context) ([]named, error)
	statuses   func(context.Context) ([]typeStatuses, error)
	offered    func(context.Context) ([]transition, error)
}

// projectFacts are what Jira says of the project.
type projectFacts struct {
	Key        string  `json:"key"`
	Name       string  `json:"name"`
	Archived   bool    `json:"archived"`
	Types      []named `json:"issueTypes"`
	Components []named `json:"components"`
}

// typeStatuses are the statuses that issues of a type have in the project.
type typeStatuses struct {
	Name     string   `json:"name"`
	Statuses []status `json:"statuses"`
}

// NewDoctor is a doctor that asks by the client.
func NewDoctor(client *Client) *Doctor {
	d := &Doctor{client: client}
	path := "project/" + url.PathEscape(client.config.Project)
	d.project = setting.Shared(func(ctx context.Context) (found projectFacts, err error) {
		return found, client.do(ctx, request{doing: "looking at the project", method: http.MethodGet, path: path}, &found)
	})
	d.priorities = setting.Shared(func(ctx context.Context) (all []named, err error) {
		return all, client.do(ctx, request{doing: "reading the priorities", method: http.MethodGet, path: "priority"}, &all)
	})
	d.statuses = setting.Shared(func(ctx context.Context) (all []typeStatuses, err error) {
		return all, client.do(ctx, request{doing: "reading the statuses", method: http.MethodGet, path: path + "/statuses"}, &all)
	})
	d.offered = setting.Shared(d.lately)
	return d
}

// The settings that others need.
const (
	tokenSetting   = "jira.token"
	projectSetting = "jira.project"
	typeSetting    = "jira.issue_type"
	lookInJira     = "see that this machine reaches the address in jira.url, and that it is that of the site"
)

// Looks are the looks at the jira block, in its order.
func (d *Doctor) Looks() []setting.Look {
	looks := []setting.Look{
		{What: tokenSetting, Try: d.token},
		{What: projectSetting, Needs: tokenSetting, Try: d.lookAtProject},
		{What: projectSetting + " permissions", Needs: projectSetting, Try: d.permissions},
		{What: typeSetting, Needs: projectSetting, Try: d.issueType},
	}
	for _, ours := range partners.Priorities() {
		looks = append(looks, setting.Look{What: "jira.priorities." + ours, Needs: tokenSetting,
			Try: func(ctx context.Context) setting.Finding { return d.priority(ctx, d.client.config.Priorities[ours]) }})
	}
	for _, move := range []struct{ what, to string }{
		{"jira.transitions.acknowledge", d.client.config.Transitions.Acknowledge}, {"jira.transitions.resolve", d.client.config.Transitions.Resolve},
	} {
		looks = append(looks, setting.Look{What: move.what, Needs: typeSetting,
			Try: func(ctx context.Context) setting.Finding { return d.transition(ctx, move.what, move.to) }})
	}
	return looks
}

// Component is the look at a component of the project that a setting names.
func (d *Doctor) Component(what, name string) setting.Look {
	return setting.Look{What: what, Needs: projectSetting, Try: func(ctx context.Context) setting.Finding {
		tried := "GET project/" + d.client.config.Project
		project, err := d.project(ctx)
		switch {
		case err != nil:
			return unwell(tried, err)
		case !has(project.Components, name):
			return setting.Wrong(tried, fmt.Sprintf("the project has no component “%s”, but %s", name, d.client.list(project.Components)),
				"name one of them, or make it; tickets are opened without it")
		}
		return setting.Well("%s: it has the component “%s”", tried, name)
	}}
}

func (d *Doctor) token(ctx context.Context) setting.Finding {
	const tried = "GET myself"
	me, err := d.client.whoami(ctx)
	if err != nil {
		return unwell(tried, err)
	}
	return setting.Well("%s: it is %s", tried, d.client.shown(cmp.Or(me.DisplayName, me.account())))
}

func (d *Doctor) lookAtProject(ctx context.Context) setting.Finding {
	tried := "GET project/" + d.client.config.Project
	project, err := d.project(ctx)
	switch {
	case statusOf(err) == http.StatusNotFound:
		return setting.Wrong(tried, fmt.Sprintf("Jira has no project %s, or %s may not browse it", d.client.config.Project, d.client.account()),
			"correct jira.project, or give the account the permission “Browse Projects”")
	case err != nil:
		return unwell(tried, err)
	case project.Archived:
		return setting.Wrong(tried, "the project is archived", "restore it, or name another one in jira.project")
	}
	return setting.Well("%s: “%s”", tried, d.client.shown(project.Name))
}

// needed are the permissions by which Sparky works, with the names that administrators see
// (developer.atlassian.com, "Permissions").
func needed() []struct{ key, name string } {
	return []struct{ key, name string }{
		{"BROWSE_PROJECTS", "Browse Projects"}, {"CREATE_ISSUES", "Create Issues"}, {"EDIT_ISSUES", "Edit Issues"},
		{"TRANSITION_ISSUES", "Transition Issues"}, {"ADD_COMMENTS", "Add Comments"},
	}
}

func (d *Doctor) permissions(ctx context.Context) setting.Finding {
	const tried = "GET mypermissions"
	var keys, lacking []string
	for _, p := range needed() {
		keys = append(keys, p.key)
	}
	var found struct {
		Permissions map[string]struct {
			Have bool `json:"havePermission"`
		} `json:"permissions"`
	}
	err := d.client.do(ctx, request{doing: "asking what the account may do", method: http.MethodGet, path: "mypermissions",
		query: url.Values{"projectKey": {d.client.config.Project}, "permissions": {strings.Join(keys, ",")}}}, &found)
	if err != nil {
		return unwell(tried, err)
	}
	for _, p := range needed() {
		if !found.Permissions[p.key].Have {
			lacking = append(lacking, "“"+p.name+"”")
		}
	}
	if len(lacking) > 0 {
		return setting.Wrong(tried, d.client.account()+" lacks "+strings.Join(lacking, ", "),
			"give it to the account in the permission scheme of "+d.client.config.Project)
	}
	return setting.Well("%s: it may open, edit, move and comment on issues", tried)
}

func (d *Doctor) issueType(ctx context.Context) setting.Finding {
	tried := "GET project/" + d.client.config.Project
	project, err := d.project(ctx)
	wanted := d.client.config.IssueType
	switch {
	case err != nil:
		return unwell(tried, err)
	case !has(project.Types, wanted):
		return setting.Wrong(tried, fmt.Sprintf("the project has no issue type “%s”, but %s", wanted, d.client.list(project.Types)),
			"name one of them in jira.issue_type")
	}
	return setting.Well("%s: it has the issue type “%s”", tried, wanted)
}

func (d *Doctor) priority(ctx context.Context, wanted string) setting.Finding {
	const tried = "GET priority"
	all, err := d.priorities(ctx)
	switch {
	case err != nil:
		return unwell(tried, err)
	case !has(all, wanted):
		return setting.Wrong(tried, fmt.Sprintf("Jira has no priority “%s”, but %s", wanted, d.client.list(all)),
			"name one of them; tickets are opened without a priority")
	}
	return setting.Well("%s: “%s” is there", tried, wanted)
}

// transition looks for a status of that name, which is told for the project, or else for a transition, which Jira tells of
// issues alone: of our newest ones.
func (d *Doctor) transition(ctx context.Context, what, name string) setting.Finding {
	tried := fmt.Sprintf("GET project/%s/statuses", d.client.config.Project)
	types, err := d.statuses(ctx)
	if err != nil {
		return unwell(tried, err)
	}
	var known []named
	for _, t := range types {
		if !strings.EqualFold(t.Name, d.client.config.IssueType) {
			continue
		}
		for _, s := range t.Statuses {
			known = append(known, named{Name: s.Name})
		}
	}
	if has(known, name) {
		return setting.Well("%s: “%s” is a status there", tried, name)
	}
	tried += " and the transitions of our newest issues"
	offered, err := d.offered(ctx)
	if err != nil {
		return unwell(tried, err)
	}
	if slices.ContainsFunc(offered, func(t transition) bool { return t.is(name) }) {
		return setting.Well("%s: “%s” is a transition there", tried, name)
	}
	if len(offered) == 0 {
		return setting.Open(fmt.Sprintf("%s: “%s” is none of the statuses (%s), and there is no issue of ours to see transitions of", tried, name, d.client.list(known)),
			"name one of the statuses in "+what+", or see with the first ticket that it is a transition")
	}
	return setting.Wrong(tried, fmt.Sprintf("“%s” is neither a status nor a transition there; the statuses are %s", name, d.client.list(known)),
		"name one of them in "+what)
}

// mostIssues is of how many issues the transitions are read.
const mostIssues = 3

// lately are the transitions that our newest issues offer, one issue a status.
func (d *Doctor) lately(ctx context.Context) ([]transition, error) {
	found, err := d.client.search(ctx, "looking for our newest issues", "project = "+quote(d.client.config.Project)+" AND labels = "+marker+" ORDER BY created DESC")
	if err != nil {
		return nil, err
	}
	var all []transition
	seen := map[string]bool{}
	for _, i := range found {
		if at := i.Fields.Status.ID; seen[at] || len(seen) == mostIssues {
			continue
		}
		seen[i.Fields.Status.ID] = true
		offered, err := d.client.transitions(ctx, i.Key)
		if err != nil {
			return nil, err
		}
		all = append(all, offered...)
	}
	return all, nil
}

func has(all []named, name string) bool {
	return slices.ContainsFunc(all, func(n named) bool { return strings.EqualFold(n.Name, name) })
}

// list are names in words.
func (c *Client) list(all []named) string {
	if len(all) == 0 {
		return "none at all"
	}
	names := make([]string, 0, len(all))
	for _, n := range all {
		names = append(names, n.Name)
	}
	return c.shown(strings.Join(names, ", "))
}

// unwell is the finding that a call failed.
func unwell(tried string, err error) setting.Finding {
	var f *httpcall.Failure
	if errors.As(err, &f) {
		return setting.Failed(tried, errors.New(f.Problem), lookInJira)
	}
	return setting.Failed(tried, err, lookInJira)
}
