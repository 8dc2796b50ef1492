package githubactions

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"sparky/internal/httpcall"
)

// failed is what an error of the library means.
func (c *Client) failed(r request, resp *github.Response, err error) error {
	var primary *github.RateLimitError
	var secondary *github.AbuseRateLimitError
	switch {
	case errors.As(err, &primary):
		return limited(r, http.StatusForbidden, untilReset(primary.Rate.Reset.Time, c.now()))
	case errors.As(err, &secondary) && secondary.RetryAfter != nil && *secondary.RetryAfter > 0:
		return limited(r, http.StatusForbidden, *secondary.RetryAfter)
	case errors.As(err, &secondary):
		return limited(r, http.StatusForbidden, usualWait)
	case resp == nil:
		return c.unanswered(r, err)
	case resp.StatusCode < http.StatusMultipleChoices || resp.StatusCode == http.StatusNotModified:
		// 202 is an error for the library; for what we ask it is no answer of GitHub's. Neither is an unasked 304.
		return c.unreadable(r, resp.StatusCode, resp.Header)
	default:
		return c.refusal(r, resp.StatusCode, resp.Header, bodyOf(resp))
	}
}

// unanswered is a call without an answer. Where no access token could be had, nothing was done: it is asked for before
// the call, or after the call was refused for want of a good one.
func (c *Client) unanswered(r request, err error) error {
	err = c.http.Clean(err)
	f := &httpcall.Failure{Doing: r.doing, Problem: c.shown(err.Error(), longest), Undone: !r.writes, Cause: err}
	var fault *httpcall.Error
	if errors.As(err, &fault) {
		f.Unsent = fault.NotSent()
		f.Undone = f.Undone || fault.Class == httpcall.ClassAuth
		f.Lasts = fault.Class == httpcall.ClassAuth && !fault.Temporary()
	}
	return f
}

// unreadable is an answer that says it is good and is not GitHub's.
func (c *Client) unreadable(r request, status int, header http.Header) error {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	return &httpcall.Failure{Doing: r.doing, Status: status, Undone: !r.writes, Problem: fmt.Sprintf("the answer is not GitHub's (%d %s); "+
		"is github.api_url the address of its API, and does no login page or proxy stand before it?", status, c.shown(kind, 60))}
}

// refusal is an answer other than 2xx, with what it means and the mend (docs.github.com, "Troubleshooting the REST API").
func (c *Client) refusal(r request, status int, header http.Header, body []byte) error {
	said := c.said(body)
	if after, ok := limit(status, header, said, c.now()); ok {
		return limited(r, status, after)
	}
	f := &httpcall.Failure{Doing: r.doing, Status: status, Lasts: true}
	switch {
	case status == http.StatusUnauthorized:
		f.Problem = c.badCredential(said)
	case status == http.StatusForbidden:
		f.Problem = c.forbidden(r, header, said)
	case status == http.StatusNotFound:
		f.Problem = fmt.Sprintf("GitHub knows no %s (404), or %s may not see it; check %s%s", r.about, c.holder(), r.check, c.seeing())
	case status == http.StatusGone:
		f.Problem = "it is no longer there (410)" + quoted(said)
	case status == http.StatusUnprocessableEntity && r.writes:
		f.Problem = dispatchMend(r, said)
	case status >= 300 && status < 400:
		f.Problem = fmt.Sprintf("the repository %s has another name now (%d); write that in compat.repo", r.repo, status)
	case status >= http.StatusInternalServerError || status == http.StatusRequestTimeout:
		f.Lasts, f.Undone = false, !r.writes
		f.Problem = fmt.Sprintf("GitHub has trouble (%d)%s", status, quoted(said))
	default:
		f.Problem = fmt.Sprintf("GitHub refuses it (%d)%s; check github.api_url", status, quoted(said))
	}
	return f
}

// bodyOf is what came with an error, as far as it can be read; the library has it in memory.
func bodyOf(resp *github.Response) []byte {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil
	}
	return body
}

func quoted(said string) string {
	if said == "" {
		return ""
	}
	return ": " + said
}

// holder is whose rights a call has.
func (c *Client) holder() string {
	if c.app {
		return "the App's installation"
	}
	return "the token"
}

func (c *Client) seeing() string {
	if c.app {
		return ", and that the App is installed on that repository"
	}
	return ", and that the token is for that repository"
}

func (c *Client) badCredential(said string) string {
	if c.app {
		return "GitHub does not take the App's access token (401)" + quoted(said) + "; check that the App in github.app is still installed, and not suspended"
	}
	return "GitHub does not take the token (401)" + quoted(said) + "; make a new one, and put it where github.token comes from"
}

func (c *Client) forbidden(r request, header http.Header, said string) string {
	text := c.holder() + " may not do that (403)" + quoted(said)
	switch {
	case strings.HasPrefix(header.Get("X-GitHub-SSO"), "required"):
		return text + "; the organization wants single sign-on: open the token's settings and authorize it for the organization"
	case strings.Contains(said, "archived"):
		return text + "; a workflow starts only in a repository that is not archived"
	case c.app:
		return text + "; give the App the permission `" + r.needs + "`, and have the change accepted where it is installed on " + r.repo
	default:
		return text + "; give the token the permission `" + r.needs + "` for " + r.repo + " (a classic token: the scope `repo`)"
	}
}

// said is what a refusal says in words. Pages of HTML say nothing.
func (c *Client) said(body []byte) string {
	var told struct {
		Message string          `json:"message"`
		Errors  json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &told) != nil {
		return ""
	}
	parts := []string{told.Message}
	var details []github.Error
	if json.Unmarshal(told.Errors, &details) == nil {
		for _, one := range details {
			parts = append(parts, strings.TrimSpace(one.Field+" "+one.Code+" "+one.Message))
		}
	}
	return strings.TrimRight(c.shown(strings.Join(parts, "; "), longest), ".; ")
}

// usualWait is how long GitHub wants to be left alone where it does not say (docs.github.com, "Best practices for using
// the REST API": at least one minute); longestWait is how long its limits take to be reset at most.
const usualWait, longestWait = time.Minute, time.Hour

// limited is a call that a limit keeps from GitHub; status is 0 where it was known before and nothing was sent.
func limited(r request, status int, after time.Duration) error {
	after = min(max(after, time.Second), longestWait)
	asks := "GitHub asks for fewer calls"
	if status != 0 {
		asks += fmt.Sprintf(" (%d)", status)
	}
	return &httpcall.Failure{Doing: r.doing, Status: status, Undone: true, Unsent: status == 0, Wait: after,
		Problem: fmt.Sprintf("%s; the next try is in %s", asks, after.Round(time.Second))}
}

// limit tells that a refusal is for too many calls, and how long to wait. Both of GitHub's limits answer 403 or 429.
func limit(status int, header http.Header, said string, now time.Time) (time.Duration, bool) {
	seconds, err := strconv.Atoi(strings.TrimSpace(header.Get("Retry-After")))
	told := err == nil && seconds > 0
	empty := header.Get("X-RateLimit-Remaining") == "0"
	if status != http.StatusTooManyRequests && (status != http.StatusForbidden || !told && !empty && !strings.Contains(said, "rate limit")) {
		return 0, false
	}
	if told {
		return time.Duration(min(seconds, 1<<20)) * time.Second, true
	}
	if reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64); err == nil && empty {
		return untilReset(time.Unix(reset, 0), now), true
	}
	return usualWait, true
}

// untilReset is the time to wait for a reset, and a second more for clocks that differ.
func untilReset(reset, now time.Time) time.Duration {
	if !reset.After(now) {
		return usualWait
	}
	return reset.Sub(now) + time.Second
}

var (
	unexpected = regexp.MustCompile(`(?i)unexpected inputs provided: \[([^\]]*)\]`)
	missing    = regexp.MustCompile(`(?i)required input '([^']*)' not provided`)
)

// dispatchMend is what to do about a dispatch that GitHub finds fault with (422).
func dispatchMend(r request, said string) string {
	text := "GitHub refuses it (422)" + quoted(said)
	low := strings.ToLower(said)
	if names := unexpected.FindStringSubmatch(said); names != nil {
		return text + "; add " + strings.ReplaceAll(names[1], `"`, "") + " to the workflow under on: workflow_dispatch: inputs:, " +
			"or take out of compat.inputs what it does not know (partner, api_version and request_id are always sent)"
	}
	if name := missing.FindStringSubmatch(said); name != nil {
		return text + "; give " + name[1] + " in compat.inputs"
	}
	switch {
	case strings.Contains(low, "no ref found"):
		return text + "; compat.ref must be a branch or a tag of " + r.repo
	case strings.Contains(low, "disabled"):
		return text + "; enable the workflow on the Actions page of " + r.repo
	case strings.Contains(low, "workflow_dispatch") && strings.Contains(low, "trigger"):
		return text + "; add on: workflow_dispatch: to the workflow"
	default:
		return text + "; check " + r.check + " and compat.inputs"
	}
}
