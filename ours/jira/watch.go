package jira

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
)

// Seen is an issue as people see it in Jira now.
type Seen struct {
	Key        string
	Gone       bool   // it was deleted; the rest is empty
	Status     string // its name
	Done       bool   // the status is an end
	Begun      bool   // the status is between the beginning and the end, and no automation moved it there
	Assignee   string // by the name that Jira shows; empty for nobody
	AssigneeID string // the account's
	Priority   string // our P1 to P4; empty where it is none of those that are configured
	Resolution string // empty where there is none
	Updated    time.Time
	// MovedBy is who moved it last, by the name that Jira shows, and MovedAt when; empty where nobody did since it was made.
	// ByUs tells that it was the account of the token.
	MovedBy string
	MovedAt time.Time
	ByUs    bool
}

// batch is how many issues one call reads: Jira's limit for its bulk fetch.
const batch = 100

// Watch tells how tickets stand in Jira, in their order, a hundred a call. Tickets without a key are left out. It does not
// search, because a search lags behind and fails as a whole for one issue that was deleted.
func (c *Client) Watch(ctx context.Context, tickets []incidents.Ticket) ([]Seen, error) {
	var keys []string
	for _, t := range tickets {
		if issueKey.MatchString(t.Key) && !slices.Contains(keys, t.Key) {
			keys = append(keys, t.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	me, err := c.whoami(ctx)
	if err != nil {
		return nil, err
	}
	var all []Seen
	for chunk := range slices.Chunk(keys, batch) {
		found, err := c.fetch(ctx, chunk)
		if err != nil {
			return nil, err
		}
		byKey := map[string]issue{}
		for _, i := range found {
			byKey[strings.ToUpper(i.Key)] = i
		}
		for _, key := range chunk {
			one, err := c.oneOf(ctx, byKey, key, me)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// oneOf is the ticket of that key. One that is not among the issues was deleted, or is in another project now, under
// another key: asked for by itself, Jira tells.
func (c *Client) oneOf(ctx context.Context, byKey map[string]issue, key string, me person) (Seen, error) {
	i, ok := byKey[strings.ToUpper(key)]
	if ok {
		return c.seen(key, i, me), nil
	}
	i, err := c.look(ctx, key)
	if err != nil && c.gone(ctx, err) {
		return Seen{Key: key, Gone: true}, nil
	}
	if err != nil {
		return Seen{}, err
	}
	return c.seen(key, i, me), nil
}

// fetch reads issues as they are now. Those that there are not are missing from the answer.
func (c *Client) fetch(ctx context.Context, keys []string) ([]issue, error) {
	const doing = "looking how our issues stand"
	var found struct {
		Issues []issue `json:"issues"`
	}
	fields := strings.Split("status,assignee,priority,resolution,updated", ",")
	if c.cloud() {
		err := c.do(ctx, request{doing: doing, method: http.MethodPost, path: "issue/bulkfetch", body: map[string]any{
			"issueIdsOrKeys": keys, "fields": fields, "expand": []string{"changelog"}}}, &found)
		return found.Issues, err
	}
	quotedKeys := make([]string, len(keys))
	for n, key := range keys {
		quotedKeys[n] = quote(key)
	}
	err := c.do(ctx, request{doing: doing, method: http.MethodGet, path: "search", query: url.Values{
		"jql": {"key in (" + strings.Join(quotedKeys, ", ") + ")"}, "fields": {strings.Join(fields, ",")}, "expand": {"changelog"},
		"maxResults": {"100"}, "validateQuery": {"false"}}}, &found)
	return found.Issues, err
}

func (c *Client) seen(key string, i issue, me person) Seen {
	s := Seen{Key: key, Status: i.Fields.Status.Name, Done: i.Fields.Status.done(), Begun: i.Fields.Status.Category.Key == "indeterminate", Assignee: i.assignee(), Updated: moment(i.Fields.Updated)}
	if i.Fields.Assignee != nil {
		s.AssigneeID = i.Fields.Assignee.account()
	}
	if i.Fields.Resolution != nil {
		s.Resolution = i.Fields.Resolution.Name
	}
	if i.Fields.Priority != nil {
		s.Priority = c.ours(i.Fields.Priority.Name)
	}
	if who, when, moved := i.lastChange("status"); moved {
		s.MovedBy, s.MovedAt, s.ByUs = who.shown(), when, who.account() == me.account()
		// A rule that begins every new issue has not woken up and taken it.
		s.Begun = s.Begun && who.Type != "app"
	}
	return s
}

// ours is our name of one of Jira's priorities; the lowest of ours where several are the same to Jira.
func (c *Client) ours(priority string) string {
	for _, p := range slices.Backward(slices.Sorted(maps.Keys(c.config.Priorities))) {
		if strings.EqualFold(c.config.Priorities[p], priority) {
			return p
		}
	}
	return ""
}
