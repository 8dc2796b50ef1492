package statuspage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
)

const (
	// oldestCopy is how old an answer may be by a cache's own count: a status that is older than this decides nothing.
	oldestCopy = 15 * time.Minute
	// oldestDate is how old it may be by the server's clock, which need not agree with ours.
	oldestDate = time.Hour
)

// unreachable says in words why there was no answer.
func unreachable(err error) string {
	var failed *httpcall.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "the page did not answer in time; it is slow or away"
	case errors.Is(err, context.Canceled):
		return "the reading was called off before the page answered"
	case errors.As(err, &failed):
		return fmt.Sprintf("%s could not be read: %s", first(failed.Host, "the page"), plaintext.Line(failed.Reason(), 300))
	}
	return "the page could not be read: " + plaintext.Line(err.Error(), 200)
}

// refusal says in words what an answer that is no document means; empty for an answer that may be one. Signed tells that
// we sent credentials.
func refusal(r httpcall.Response, signed bool) string {
	code := r.Status
	switch {
	case code >= 200 && code < 300:
		return ""
	case signed && (code == http.StatusUnauthorized || code == http.StatusForbidden):
		return fmt.Sprintf("our credentials were refused (%d); look at auth of this status source, unless their sign-in fails for all", code)
	case code == http.StatusUnauthorized:
		return "the page asks us to sign in (401), so it can not be read; give the address of a public status document"
	case code == http.StatusForbidden:
		return "the page refuses us (403): it may block programs or our network; give the exact address of its document"
	case code == http.StatusNotFound:
		return "there is no page at this address (404): it may have moved; look for it and change the address"
	case code == http.StatusGone:
		return "the page is gone for good (410); look for where the partner tells of outages now"
	case code == 420 || code == http.StatusTooManyRequests:
		wait := ""
		if after := r.Header.Get("Retry-After"); after != "" {
			if seconds, err := strconv.Atoi(after); err == nil && seconds > 0 && seconds < 1e6 {
				wait = fmt.Sprintf(", not before %s from now", time.Duration(seconds)*time.Second)
			}
		}
		return fmt.Sprintf("the page asks us to read it less often (%d)%s", code, wait)
	case code >= 500:
		return fmt.Sprintf("the status page itself is failing (%d), so it says nothing of how they are", code)
	}
	return fmt.Sprintf("the page answered with status %d and no document; look at the address", code)
}

// mayBeElsewhere tells the refusals of one address that leave room for a document at another address of the same host.
func mayBeElsewhere(code int) bool {
	switch code {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed, http.StatusNotAcceptable:
		return true
	}
	return code >= 200 && code < 300
}

// signIn names the host that we were sent to for signing in, empty where we were not.
func signIn(asked string, r httpcall.Response) string {
	if r.URL == "" || r.URL == asked || !isSignInAddress(r.URL) || isSignInAddress(asked) {
		return ""
	}
	return host(r.URL)
}

// oldCopy says in words that the answer was made long ago; empty where it is new or does not say.
func oldCopy(header http.Header, now time.Time) string {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(header.Get("Age")), 10, 64); err == nil && seconds > 0 {
		if age := time.Duration(min(seconds, 1e9)) * time.Second; age > oldestCopy {
			return "the answer is a copy that a cache has kept for " + roughly(age)
		}
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		if age := now.Sub(date); age > oldestDate {
			return fmt.Sprintf("the answer is dated %s ago: it is an old copy, or their clock or ours is wrong", roughly(age))
		}
	}
	return ""
}

// roughly is a length of time as people say it.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()))
}

// movedTo is the new address where the old one says that it has moved for good, empty where the two are the same but for
// scheme, www and a slash at the end.
func movedTo(asked string, r httpcall.Response) string {
	if r.Moved == "" || bare(r.Moved) == bare(asked) {
		return ""
	}
	return r.Moved
}

func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return host(address) + strings.TrimSuffix(u.Path, "/") + "?" + u.RawQuery
}
