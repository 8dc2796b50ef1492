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
	if theirs, err := http.ParseTime(header.Get("Date")); err == nil {
		now = theirs
	}
	return max(at.Sub(now), 0), true
}
