package bot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// refusal is a call to Slack that is known not to have done anything.
type refusal struct {
	doing     string
	code      string // Slack's own word for it, empty where it was not Slack that refused
	mend      string // what a person can do about it
	permanent bool
	after     time.Duration
	err       error
}

// Error says what was tried, what came instead and, where a person can mend it, how.
func (r *refusal) Error() string {
	return r.doing + ": " + r.Reason()
}

// Reason is the same without what was tried.
func (r *refusal) Reason() string {
	if r.mend == "" {
		return r.err.Error()
	}
	return r.err.Error() + ": " + r.mend
}

// Unwrap is what Slack, or the network, said.
func (r *refusal) Unwrap() error { return r.err }

// RetryAfter is how long to leave it alone; zero where Slack did not say.
func (r *refusal) RetryAfter() time.Duration { return r.after }

// Permanent tells that repeating is no use before a person has mended something.
func (r *refusal) Permanent() bool { return r.permanent }

// NotSent tells that nothing happened at Slack, so that repeating needs no look first.
func (r *refusal) NotSent() bool { return true }

// harmless is an outcome that is unknown and need not be looked up, because doing it again gives the same message.
type harmless struct{ error }

// Unwrap is what happened.
func (h harmless) Unwrap() error { return h.error }

// NotSent tells that it may be repeated without a look.
func (h harmless) NotSent() bool { return true }

// unlooked is a look that failed. However it failed, the message that was looked for may be there.
type unlooked struct{ error }

func unseen(err error) error {
	if err == nil {
		return nil
	}
	return unlooked{err}
}

// Unwrap is why nobody could look.
func (u unlooked) Unwrap() error { return u.error }

// NotSent is false: that the look did not happen says nothing of the message.
func (u unlooked) NotSent() bool { return false }

// mends says for each error code that only a person can end what that person can do
// (codes: docs.slack.dev, methods chat.postMessage, chat.update, conversations.history, usergroups.users.list and
// apps.connections.open).
func mends() map[string]string {
	const token = "give Sparky a valid token in sparky.yaml (slack.bot_token, slack.app_token) and restart it"
	const reinstall = "install Sparky in the workspace again and put the new tokens into sparky.yaml"
	return map[string]string{
		"channel_not_found":                   "create the channel or correct slack.channels in sparky.yaml; a private one must have Sparky as a member",
		"is_archived":                         "unarchive the channel or name another one in sparky.yaml",
		"restricted_action":                   "let Sparky post there: a workspace setting says who may",
		"restricted_action_read_only_channel": "let Sparky post there: the channel is read-only for it",
		"invalid_auth":                        token,
		"not_authed":                          token,
		"token_expired":                       token,
		"token_revoked":                       reinstall,
		"account_inactive":                    reinstall,
		"user_removed_from_team":              reinstall,
		"team_disabled":                       "the workspace is disabled; ask its owner",
		"org_login_required":                  "the workspace is moving to another organisation; wait for its administrators",
		"ekm_access_denied":                   "the workspace's keys keep Sparky out; ask its administrators",
		"missing_scope":                       "add the scope to the app (sparky manifest prints them all) and install it again",
		"not_allowed_token_type":              "the two tokens are mixed up: slack.app_token is the one that begins with xapp-, slack.bot_token the one with xoxb-",
		"no_permission":                       "the token may not do this; install the app again with the scopes that sparky manifest prints",
		"access_denied":                       "the workspace does not let Sparky do this; ask its administrators",
		"forbidden_team":                      "this workspace does not allow the app; ask its administrators",
		"team_access_not_granted":             "the organisation has not given Sparky this workspace; ask its administrators",
		"two_factor_setup_required":           "the workspace asks for two-factor authentication; its administrators must set it up",
		"invalid_blocks":                      "this is a mistake in Sparky, please report it with the log",
		"invalid_blocks_format":               "this is a mistake in Sparky, please report it with the log",
		"msg_blocks_too_long":                 "this is a mistake in Sparky, please report it with the log",
		"msg_too_long":                        "this is a mistake in Sparky, please report it with the log",
		"no_text":                             "this is a mistake in Sparky, please report it with the log",
		"metadata_too_large":                  "this is a mistake in Sparky, please report it with the log",
		"no_such_subteam":                     "correct the user group in slack.roles of sparky.yaml; the group's menu in Slack copies its id",
		"file_uploads_disabled":               "file uploads are switched off in this workspace; its administrators can allow them",
		"file_uploads_except_images_disabled": "this is a mistake in Sparky, please report it with the log",
		"messages_tab_disabled":               "switch on the Messages tab of the app's home (sparky manifest has it)",
	}
}

// unclear are the codes after which something may have happened all the same
// (docs.slack.dev, chat.postMessage: "some aspect of the operation succeeded").
func unclear(code string) bool {
	return code == "fatal_error" || code == "internal_error" || code == ""
}

// understood turns an error of slack-go into one that says whether anything was done, whether and when to repeat it,
// and what a person can do. The place is how people know the channel; empty where there is none.
func understood(doing, place string, err error) error {
	if err == nil {
		return nil
	}
	err = inWords(err)
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return &refusal{doing: doing, code: "ratelimited", after: max(limited.RetryAfter, time.Second), err: errors.New("asked to slow down by Slack")}
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return saidNo(doing, place, answer)
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return refusedStatus(doing, status, err)
	}
	if neverSent(err) {
		return &refusal{doing: doing, after: askedToWait(err), err: err}
	}
	return fmt.Errorf("%s: the outcome is unknown: %w", doing, err)
}

// saidNo is for an answer in Slack's own words.
func saidNo(doing, place string, answer slack.SlackErrorResponse) error {
	if unclear(answer.Err) {
		return fmt.Errorf("%s: the outcome is unknown: %w", doing, answer)
	}
	r := &refusal{doing: doing, code: answer.Err, err: answer}
	switch answer.Err {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		r.after = 30 * time.Second
	case "not_in_channel":
		r.permanent = true
		r.mend = "Sparky is not in the channel; invite it there with /invite @Sparky"
		if strings.HasPrefix(place, "#") {
			r.mend = "Sparky is not in " + place + "; invite it with /invite @Sparky in " + place
		}
	default:
		r.mend, r.permanent = mends()[answer.Err]
	}
	if answer.Needed != "" {
		r.mend = "scope " + answer.Needed + ": " + r.mend
	}
	if hints := answer.ResponseMetadata.Messages; len(hints) > 0 {
		r.err = fmt.Errorf("%w (%s)", answer, strings.Join(hints, "; "))
	}
	return r
}

func refusedStatus(doing string, status slack.StatusCodeError, err error) error {
	switch {
	case status.Code == http.StatusTooManyRequests:
		return &refusal{doing: doing, after: 30 * time.Second, err: err}
	case status.Code == http.StatusNotFound || status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden:
		return &refusal{doing: doing, permanent: true, err: err, mend: "slack.api_url is wrong, a proxy stands in between, or the token is bad"}
	case status.Code < http.StatusInternalServerError && status.Code >= http.StatusMultipleChoices:
		return &refusal{doing: doing, err: err}
	}
	return fmt.Errorf("%s: the outcome is unknown: %w", doing, err)
}

// neverSent tells that the request did not leave: no connection came about.
func neverSent(err error) bool {
	if own, ok := errors.AsType[interface {
		error
		NotSent() bool
	}](err); ok {
		return own.NotSent()
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return untrusted
}

// askedToWait is how long the HTTP client says to leave the host alone, zero where it does not.
func askedToWait(err error) time.Duration {
	if own, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		return own.RetryAfter()
	}
	return 0
}

// permanent tells that repeating is no use before a person has mended something.
func permanent(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.permanent
}

// reworded is an error in our words. What it is can still be asked.
type reworded struct {
	text string
	err  error
}

// Error is the words.
func (p reworded) Error() string { return p.text }

// Unwrap is what it says in other words.
func (p reworded) Unwrap() error { return p.err }

// inWords takes out of an error of the HTTP client the address, for a response_url is as good as a key, and puts our words
// in the place of slack-go's.
func inWords(err error) error {
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return reworded{strings.TrimSpace(fmt.Sprintf("Slack answers %d %s", status.Code, http.StatusText(status.Code))), err}
	}
	if call, ok := errors.AsType[interface {
		error
		Reason() string
	}](err); ok {
		return reworded{call.Reason(), err}
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return reworded{outer.Err.Error(), outer.Err}
	}
	return err
}

// slackCode is Slack's own word for what went wrong, empty where it did not say one.
func slackCode(err error) string {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return answer.Err
	}
	return ""
}

// notYet is a call that was not made because it would have had to wait longer than the caller can.
func notYet(doing string, after time.Duration) error {
	return &refusal{doing: doing, after: after, err: errors.New("too many messages at once")}
}

// given is a caller who gave up before the call was made.
func given(ctx context.Context, doing string) error {
	return &refusal{doing: doing, err: context.Cause(ctx)}
}
