package httpcall

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// waitBefore is how long to wait before a retry, and whether to retry at all: not where the service wants more patience
// than MaxWait.
func (c *Client) waitBefore(retries int, resp *http.Response) (time.Duration, bool) {
	backoff := c.backoff(retries)
	if resp == nil {
		return backoff, true
	}
	asked, ok := retryAfter(resp.Header, time.Now())
	if !ok && resp.StatusCode == http.StatusTooManyRequests {
		asked, ok = limitReset(resp.Header, time.Now())
	}
	if !ok {
		return backoff, true
	}
	if asked > c.options.MaxWait {
		return 0, false
	}
	// Never before the time that was asked for, and not everybody in the same instant after it.
	return asked + time.Duration(c.options.Jitter()*float64(c.options.MinWait)), true
}

// backoff doubles from MinWait up to MaxWait; half of it is left to chance, so that callers who failed together do not
// return together.
func (c *Client) backoff(retries int) time.Duration {
	wait := math.Min(math.Ldexp(float64(c.options.MinWait), retries), float64(c.options.MaxWait))
	return time.Duration(wait/2 + c.options.Jitter()*wait/2)
}

// retryAfter reads the header of that name (RFC 9110, section 10.2.3): seconds, which Microsoft Graph also sends as a
// fraction, or a date, which is compared with the service's own clock where it gives that.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil || math.IsInf(seconds, 1) {
		switch {
		case math.IsNaN(seconds) || seconds < 0:
			return 0, false
		case seconds >= math.MaxInt64/float64(time.Second):
			return math.MaxInt64, true
		default:
			return time.Duration(seconds * float64(time.Second)), true
		}
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return fromNow(at, header, now), true
}

// anyEpoch is a number of seconds since 1970 that is not one of seconds to wait, as others put it into such headers.
const anyEpoch = 1_000_000_000

// limitReset reads when Okta counts anew, which it says instead of Retry-After (developer.okta.com/docs/reference/rl-best-practices).
func limitReset(header http.Header, now time.Time) (time.Duration, bool) {
	epoch, err := strconv.ParseInt(strings.TrimSpace(header.Get("X-Rate-Limit-Reset")), 10, 64)
	if err != nil || epoch < anyEpoch {
		return 0, false
	}
	return fromNow(time.Unix(epoch, 0), header, now), true
}

// fromNow is the time until a moment by the service's clock, where it gives that.
func fromNow(at time.Time, header http.Header, now time.Time) time.Duration {
	if theirs, err := http.ParseTime(header.Get("Date")); err == nil {
		now = theirs
	}
	return max(at.Sub(now), 0)
}
