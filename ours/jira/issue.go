package jira

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// lookedAt are the fields that are asked for whenever an issue is looked at.
const lookedAt = "status,assignee,priority,resolution,updated,summary,description"

// person is an account: by accountId on Cloud, by name on Data Center.
type person struct {
	AccountID   string `json:"accountId"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	// Type is "app" for an account of no person, such as that of Jira's own automation rules; Data Center tells none.
	Type string `json:"accountType"`
}

// account is what tells one account from another.
func (p person) account() string {
	if p.AccountID != "" {
		return p.AccountID
	}
	return p.Name
}

// shown is the name for people.
func (p person) shown() string {
	if p.DisplayName != "" {
		return p.DisplayName
	}
	return p.Name
}

// status is where an issue stands in its workflow.
type status struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category struct {
		Key string `json:"key"` // new, indeterminate or done, in every language
	} `json:"statusCategory"`
}

func (s status) done() bool { return s.Category.Key == "done" }

type named struct {
	Name string `json:"name"`
}

// issue is one as Jira shows it.
type issue struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Fields struct {
		Status      status          `json:"status"`
		Assignee    *person         `json:"assignee"`
		Priority    *named          `json:"priority"`
		Resolution  *named          `json:"resolution"`
		Updated     string          `json:"updated"`
		Summary     string          `json:"summary"`
		Description json.RawMessage `json:"description"`
	} `json:"fields"`
	Changelog *struct {
		Histories []history `json:"histories"`
	} `json:"changelog"`
}

// history is what somebody changed at one time.
type history struct {
	Author  person `json:"author"`
	Created string `json:"created"`
	Items   []struct {
		Field string `json:"field"`
	} `json:"items"`
}

func (i issue) assignee() string {
	if i.Fields.Assignee == nil {
		return ""
	}
	return i.Fields.Assignee.shown()
}

// moment reads a time as Jira writes it, the zero time where it is none.
func moment(text string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05.000-0700", time.RFC3339Nano} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// lastChange is who last changed one of an issue's fields, and when; ok is false where nobody did since it was made.
func (i issue) lastChange(field string) (who person, when time.Time, ok bool) {
	if i.Changelog == nil {
		return person{}, time.Time{}, false
	}
	for _, h := range i.Changelog.Histories {
		at := moment(h.Created)
		for _, item := range h.Items {
			// Cloud lists the newest first and Data Center the oldest, so the times decide; of two at the same moment the
			// one that is further up is the newer on Cloud.
			if strings.EqualFold(item.Field, field) && (!ok || at.After(when)) {
				who, when, ok = h.Author, at, true
			}
		}
	}
	return who, when, ok
}

// look reads an issue as it stands, with its history.
func (c *Client) look(ctx context.Context, key string) (issue, error) {
	const doing = "looking at an issue"
	if err := checkKey(doing, key); err != nil {
		return issue{}, err
	}
	var found issue
	err := c.do(ctx, request{doing: doing + " (" + key + ")", method: http.MethodGet, path: "issue/" + key,
		query: url.Values{"fields": {lookedAt}, "expand": {"changelog"}}}, &found)
	return found, err
}

// gone tells whether the error is that an issue was deleted, and not that the project cannot be seen at all.
func (c *Client) gone(ctx context.Context, err error) bool {
	if statusOf(err) != http.StatusNotFound {
		return false
	}
	var project struct {
		Key string `json:"key"`
	}
	err = c.do(ctx, request{doing: "looking at project " + c.config.Project, method: http.MethodGet,
		path: "project/" + url.PathEscape(c.config.Project)}, &project)
	return err == nil && project.Key != ""
}

// search gives the issues that a query finds, in its order, at most a page of 50. On Cloud it knows of changes only
// after some seconds.
func (c *Client) search(ctx context.Context, doing, jql string) ([]issue, error) {
	path := "search"
	if c.cloud() {
		path = "search/jql" // the other one is gone since CHANGE-2046
	}
	var found struct {
		Issues []issue `json:"issues"`
	}
	err := c.do(ctx, request{doing: doing, method: http.MethodGet, path: path,
		query: url.Values{"jql": {jql}, "fields": {lookedAt}, "maxResults": {"50"}}}, &found)
	return found.Issues, err
}

// quote is a text as a value in JQL. Whatever it holds, it stays one value.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			if printable(r) < 0 || r == '\n' || r == '\t' {
				r = ' '
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
