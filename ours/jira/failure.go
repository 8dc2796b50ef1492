package jira

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sparky/internal/httpcall"
)

// faults are what Jira found fault with, by the field's name: the cause of a failure that names fields.
type faults map[string]string

func (f faults) Error() string { return strings.Join(slices.Sorted(maps.Keys(f)), ", ") }

// faultsOf is what a refusal finds fault with; nil where it is of another kind or names no field.
func faultsOf(err error) faults {
	var named faults
	var f *httpcall.Failure
	if !errors.As(err, &f) || f.Status != http.StatusBadRequest || !errors.As(err, &named) {
		return nil
	}
	return named
}

// opaque is a failure after something was done already: it hides how the last call ended, because all of it together
// must be looked up before it is repeated.
type opaque struct{ text string }

func (o opaque) Error() string { return o.text }

// statusOf is the status of the answer that ended a call, 0 where an answer did not.
func statusOf(err error) int {
	var f *httpcall.Failure
	if errors.As(err, &f) {
		return f.Status
	}
	return 0
}

// unanswered is a call without an answer.
func (c *Client) unanswered(r request, err error) error {
	err = c.http.Clean(err)
	f := &httpcall.Failure{Doing: r.doing, Problem: c.shown(err.Error()), Undone: !r.writes, Cause: err}
	var fault *httpcall.Error
	if errors.As(err, &fault) {
		f.Unsent = fault.NotSent()
	}
	return f
}

// unreadable is an answer that says it is good and is not Jira's.
func (c *Client) unreadable(r request, resp *http.Response) error {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return &httpcall.Failure{Doing: r.doing, Status: resp.StatusCode, Undone: !r.writes, Problem: "the answer is not Jira's (" + c.shown(kind) +
		"); is jira.url the address of the site, and does no login page or proxy stand before it?"}
}

// refusal is an answer other than 2xx, with what it means and the mend.
func (c *Client) refusal(r request, resp *http.Response, body []byte) error {
	said, named := c.said(resp, body)
	f := &httpcall.Failure{Doing: r.doing, Status: resp.StatusCode}
	if len(named) > 0 {
		f.Cause = faults(named)
	}
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		f.Lasts, f.Problem = true, c.badToken(resp)
	case status == http.StatusForbidden:
		f.Lasts, f.Problem = true, c.forbidden(r, resp, said)
	case status == http.StatusNotFound:
		f.Lasts = true
		f.Problem = "Jira knows nothing there (404)" + quoted(said) + "; check jira.url and jira.project, and that " + c.account() + " may browse the project"
	case status == http.StatusGone:
		f.Lasts = true
		f.Problem = "Jira has retired this part of its API (410)" + quoted(said) + "; a newer Sparky is needed"
	case status == http.StatusTooManyRequests:
		f.Undone, f.Wait = true, wait(resp.Header, time.Now())
		f.Problem = "Jira asks for fewer calls (429)"
	case status == http.StatusConflict || status == http.StatusLocked:
		f.Undone, f.Problem = true, "the issue is being changed by somebody else just now"+quoted(said)
	case status >= http.StatusInternalServerError:
		f.Undone = !r.writes
		f.Problem = "Jira has trouble (" + strconv.Itoa(status) + ")" + quoted(said)
		if f.Undone && resp.Header.Get("Retry-After") != "" {
			f.Wait = wait(resp.Header, time.Now())
		}
	default:
		f.Lasts = true
		f.Problem = "Jira refuses it (" + strconv.Itoa(status) + ")" + quoted(said)
	}
	return f
}

func quoted(said string) string {
	if said == "" {
		return ""
	}
	return ": " + said
}

func (c *Client) account() string {
	if c.cloud() {
		return c.config.User
	}
	return "the token's account"
}

func (c *Client) badToken(resp *http.Response) string {
	if mend := captcha(resp); mend != "" {
		return mend
	}
	if c.cloud() {
		return "Jira does not take the token (401); make a new API token for " + c.config.User +
			" at id.atlassian.com and put it where jira.token comes from"
	}
	return "Jira does not take the token (401); make a new personal access token and put it where jira.token comes from"
}

// captcha is what to do where Jira locks an account after too many wrong logins, as its header tells.
func captcha(resp *http.Response) string {
	if !strings.Contains(resp.Header.Get("X-Seraph-LoginReason"), "AUTHENTICATION_DENIED") {
		return ""
	}
	return "Jira wants the account to prove that it is a person (a captcha, after too many wrong logins); log in as it in a browser once"
}

func (c *Client) forbidden(r request, resp *http.Response, said string) string {
	if mend := captcha(resp); mend != "" {
		return mend
	}
	needs := r.needs
	if needs == "" {
		needs = "Browse Projects"
	}
	return c.account() + " may not do that (403)" + quoted(said) + "; give it the permission “" + needs + "” in project " + c.config.Project
}

// said is what a refusal says in words, and of which fields. Pages of HTML say nothing.
func (c *Client) said(resp *http.Response, body []byte) (string, map[string]string) {
	if !strings.Contains(resp.Header.Get("Content-Type"), "json") {
		return "", nil
	}
	var told struct {
		ErrorMessages []string       `json:"errorMessages"`
		Errors        map[string]any `json:"errors"`
		Message       string         `json:"message"`
	}
	if json.Unmarshal(body, &told) != nil {
		return "", nil
	}
	parts := told.ErrorMessages
	named := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(told.Errors)) {
		text, _ := told.Errors[name].(string)
		named[name] = c.shown(text)
		parts = append(parts, name+": "+text)
	}
	if len(parts) == 0 && told.Message != "" {
		parts = []string{told.Message}
	}
	return strings.TrimSuffix(c.shown(strings.Join(parts, "; ")), "."), named
}

// wait is how long Jira asks to be left alone: Retry-After in seconds, or the time at which the limit is reset
// (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/); half a minute where it does not say.
func wait(header http.Header, now time.Time) time.Duration {
	if wait, ok := httpcall.RetryAfter(header, now); ok {
		return wait
	}
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339} {
		if at, err := time.Parse(layout, header.Get("X-RateLimit-Reset")); err == nil && at.After(now) {
			return min(at.Sub(now), time.Hour)
		}
	}
	return httpcall.UsualWait
}
