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

// failure is a call that Jira did not carry out, or may not have. Its text is for a person; its methods tell the
// dispatcher how to go on. A failure without any of them is one of unknown outcome.
type failure struct {
	doing   string
	problem string // what happened, and the mend
	status  int    // of the answer; 0 where there was none
	// fields are what Jira found fault with, by the field's name.
	fields map[string]string

	permanent  bool
	notSent    bool
	refused    bool
	retryAfter time.Duration
	cause      error
}

// Error is what was being done, what happened, and what to do.
func (f *failure) Error() string { return f.doing + ": " + f.problem }

// Permanent tells that a person must mend something first.
func (f *failure) Permanent() bool { return f.permanent }

// NotSent tells that nothing left this machine.
func (f *failure) NotSent() bool { return f.notSent }

// Refused tells that nothing was done.
func (f *failure) Refused() bool { return f.refused }

// RetryAfter is how long Jira asks to be left alone, 0 where it does not.
func (f *failure) RetryAfter() time.Duration { return f.retryAfter }

// Unwrap is the cause.
func (f *failure) Unwrap() error { return f.cause }

// opaque is a failure after something was done already: it hides how the last call ended, because all of it together
// must be looked up before it is repeated.
type opaque struct{ text string }

func (o opaque) Error() string { return o.text }

// statusOf is the status of the answer that ended a call, 0 where an answer did not.
func statusOf(err error) int {
	var f *failure
	if errors.As(err, &f) {
		return f.status
	}
	return 0
}

// unanswered is a call without an answer.
func (c *Client) unanswered(r request, err error) error {
	err = c.http.Clean(err)
	f := &failure{doing: r.doing, problem: c.shown(err.Error()), refused: !r.writes, cause: err}
	var fault *httpcall.Error
	if errors.As(err, &fault) {
		f.notSent = fault.NotSent()
	}
	return f
}

// unreadable is an answer that says it is good and is not Jira's.
func (c *Client) unreadable(r request, resp *http.Response) error {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return &failure{doing: r.doing, status: resp.StatusCode, refused: !r.writes, problem: "the answer is not Jira's (" + c.shown(kind) +
		"); is jira.url the address of the site, and does no login page or proxy stand before it?"}
}

// refusal is an answer other than 2xx, with what it means and the mend.
func (c *Client) refusal(r request, resp *http.Response, body []byte) error {
	f := &failure{doing: r.doing, status: resp.StatusCode}
	said, fields := c.said(resp, body)
	f.fields = fields
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		f.permanent, f.problem = true, c.badToken(resp)
	case status == http.StatusForbidden:
		f.permanent, f.problem = true, c.forbidden(r, resp, said)
	case status == http.StatusNotFound:
		f.permanent = true
		f.problem = "Jira knows nothing there (404)" + quoted(said) + "; check jira.url and jira.project, and that " + c.account() + " may browse the project"
	case status == http.StatusGone:
		f.permanent = true
		f.problem = "Jira has retired this part of its API (410)" + quoted(said) + "; a newer Sparky is needed"
	case status == http.StatusTooManyRequests:
		f.refused, f.retryAfter = true, wait(resp.Header, time.Now())
		f.problem = "Jira asks for fewer calls (429)"
	case status == http.StatusConflict || status == http.StatusLocked:
		f.refused, f.problem = true, "the issue is being changed by somebody else just now"+quoted(said)
	case status >= http.StatusInternalServerError:
		f.refused = !r.writes
		f.problem = "Jira has trouble (" + strconv.Itoa(status) + ")" + quoted(said)
		if f.refused && resp.Header.Get("Retry-After") != "" {
			f.retryAfter = wait(resp.Header, time.Now())
		}
	default:
		f.permanent = true
		f.problem = "Jira refuses it (" + strconv.Itoa(status) + ")" + quoted(said)
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
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(told.Errors)) {
		text, _ := told.Errors[name].(string)
		fields[name] = c.shown(text)
		parts = append(parts, name+": "+text)
	}
	if len(parts) == 0 && told.Message != "" {
		parts = []string{told.Message}
	}
	return strings.TrimSuffix(c.shown(strings.Join(parts, "; ")), "."), fields
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
