package probe

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// Judge is the failure that an answer's status means, nil where it is one of want; without any, every 2xx will do. Doing
// is what was asked, as the beginning of a sentence: "creating an incident".
func Judge(doing string, answer httpcall.Response, want ...int) *partners.Failure {
	if slices.Contains(want, answer.Status) || len(want) == 0 && answer.Status >= 200 && answer.Status < 300 {
		return nil
	}
	failure := Fail(partners.FailContent, doing, answer, "")
	failure.Excerpt = Excerpt(answer)
	class, words := statusClass(answer)
	if class == partners.FailContent && len(want) > 0 {
		words = " and must answer " + list(want) + words
	}
	failure.Class = class
	from := ""
	if failure.Edge != "" && (answer.Status == http.StatusForbidden || answer.Status >= 500) {
		from = " (from the edge: " + failure.Edge + ")"
	}
	failure.Problem = fmt.Sprintf("%s: %s answered %s%s%s", doing, failure.Host, statusWords(answer.Status), from, words)
	return failure
}

// Fail is a failure of an answer that came, in words that go on after who was asked. It has no excerpt: of an answer
// with the right status the body may be anybody's data.
func Fail(class partners.FailureClass, doing string, answer httpcall.Response, words string) *partners.Failure {
	host := cmp.Or(partners.HostOf(answer.URL), "the host")
	return &partners.Failure{
		Class: class, Problem: doing + ": " + host + " " + words,
		Status: answer.Status, Host: host, Connected: true, Edge: edgeOf(answer.Header),
	}
}

// statusClass is the class of a status that is not the right one, and what to do about it.
func statusClass(answer httpcall.Response) (class partners.FailureClass, mend string) {
	switch status := answer.Status; {
	case status == http.StatusUnauthorized:
		return partners.FailAuth, ": our credentials were not accepted; check that they are right and have not expired"
	case status == http.StatusForbidden:
		return partners.FailRights, ": we may not do that; check the rights of our account, and whether our address is let in"
	case status == http.StatusNotFound:
		return partners.FailNotFound, ": nothing is there, or our account may not see it; check the address"
	case status == http.StatusGone:
		return partners.FailGone, ": it was removed for good; look for its successor in their changelog"
	case status == http.StatusTooManyRequests:
		return partners.FailThrottled, ": we ask too often" + patience(answer.Header)
	case status == http.StatusProxyAuthRequired:
		// A partner's own server has no use for 407.
		return partners.FailProxy, ": our own proxy wants credentials; check the proxy's settings"
	case status >= 400 && status < 500:
		return partners.FailRequest, ": it finds fault with what we sent"
	case status >= 500:
		return partners.FailServer, ""
	case status >= 300 && status < 400:
		return partners.FailContent, leads(answer)
	}
	return partners.FailContent, ""
}

// patience says how long the partner asks us to wait. Some send fractions of seconds, some a date.
func patience(header http.Header) string {
	after := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(after, 64); err == nil && seconds >= 0 && seconds < 1e9 {
		return "; it asks us to wait for " + length(seconds)
	}
	if at, err := http.ParseTime(after); err == nil {
		return "; it asks us to wait until " + at.UTC().Format("2 January 15:04 MST")
	}
	return "; it does not say for how long to wait"
}

func length(seconds float64) string {
	switch {
	case seconds == 1:
		return "1 second"
	case seconds < 120:
		return strconv.FormatFloat(seconds, 'f', -1, 64) + " seconds"
	case seconds < 7200:
		return fmt.Sprintf("%.0f minutes", seconds/60)
	}
	return fmt.Sprintf("%.0f hours", seconds/3600)
}

// leads says where a redirect goes that was not followed.
func leads(answer httpcall.Response) string {
	to := leadsTo(answer)
	if to == nil {
		return ", and does not say where to go"
	}
	if signInAddress(to) {
		return ": it sends us to a sign-in page at " + to.Host
	}
	return ": it sends us on to " + to.Host + "; if it moved for good, change the address"
}

func leadsTo(answer httpcall.Response) *url.URL {
	location := answer.Header.Get("Location")
	base, err := url.Parse(answer.URL)
	if err != nil || location == "" {
		return nil
	}
	to, err := base.Parse(location)
	if err != nil || to.Host == "" {
		return nil
	}
	return to
}

// edgeOf names the provider at whose edge an answer was made, by its headers; empty where they do not tell.
func edgeOf(header http.Header) string {
	server := strings.ToLower(header.Get("Server"))
	switch {
	case header.Get("Cf-Ray") != "" || server == "cloudflare":
		return "cloudflare"
	case header.Get("X-Azure-Ref") != "":
		return "azure front door"
	case header.Get("X-Amz-Cf-Id") != "" || server == "cloudfront":
		return "amazon cloudfront"
	case strings.HasPrefix(header.Get("X-Served-By"), "cache-") || header.Get("X-Fastly-Request-Id") != "":
		return "fastly"
	case strings.HasPrefix(server, "akamai") || header.Get("X-Akamai-Request-Id") != "" || header.Get("Akamai-Grn") != "":
		return "akamai"
	}
	return ""
}

func statusWords(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

func list(statuses []int) string {
	words := make([]string, len(statuses))
	for i, status := range statuses {
		words[i] = strconv.Itoa(status)
	}
	return strings.Join(words, " or ")
}

// milliseconds is a duration as people say it.
func milliseconds(d time.Duration) string {
	if d >= time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}
