package probe

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// maxNotices bounds how many endpoints are noted in one run.
const maxNotices = 8

// notices collects what the answers of one run say of their endpoints.
type notices struct {
	hostOnly bool // the address is a secret
	goneIsOK bool // 410 is what the probe asks for

	mu    sync.Mutex
	found []partners.Notice
}

// noticesOf prepares to collect them for a probe.
func noticesOf(config partners.ProbeConfig) *notices {
	expects := func(s partners.HTTPStep) bool { return slices.Contains(s.Expect.Status, http.StatusGone) }
	return &notices{
		hostOnly: config.Kind == partners.KindTeamsCard,
		goneIsOK: expects(config.HTTPStep) || slices.ContainsFunc(config.Steps, expects),
	}
}

// see notes an answer, the first of each endpoint.
func (n *notices) see(answer httpcall.Seen) {
	notice, says := Notice(answer)
	if !says || notice.Gone && n.goneIsOK {
		return
	}
	if n.hostOnly {
		notice.Endpoint = answer.URL.Host
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	same := func(known partners.Notice) bool {
		return known.Method == notice.Method && known.Endpoint == notice.Endpoint && known.Gone == notice.Gone
	}
	if len(n.found) < maxNotices && !slices.ContainsFunc(n.found, same) {
		n.found = append(n.found, notice)
	}
}

func (n *notices) all() []partners.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.found)
}

// Notice is what an answer says of its endpoint, by its status and the headers Deprecation (RFC 9745, and its drafts),
// Sunset (RFC 8594) and Link; says is false where that is nothing. A header that cannot be read says nothing.
func Notice(answer httpcall.Seen) (notice partners.Notice, says bool) {
	notice = partners.Notice{Method: answer.Method, Endpoint: Endpoint(answer.URL)}
	if answer.Status == http.StatusGone {
		notice.Gone, says = true, true
	}
	for _, value := range answer.Header.Values("Deprecation") {
		if since, is := deprecation(value); is {
			notice.Deprecated, notice.Since, says = true, since, true
			break
		}
	}
	for _, value := range answer.Header.Values("Sunset") {
		if day, ok := moment(value); ok && (notice.Sunset.IsZero() || day.Before(notice.Sunset)) {
			notice.Sunset, says = day, true
		}
	}
	if says {
		links := linked(answer.Header.Values("Link"), answer.URL)
		notice.Successor = links["successor-version"]
		if notice.More = links["deprecation"]; notice.More == "" {
			notice.More = links["sunset"]
		}
	}
	return notice, says
}

// deprecation reads the value of a Deprecation header: @ and seconds since 1970, as a structured field; in the drafts
// also true, or a date.
func deprecation(value string) (since time.Time, is bool) {
	value, _, _ = strings.Cut(value, ";") // parameters
	value = strings.TrimSpace(value)
	if seconds, ok := strings.CutPrefix(value, "@"); ok {
		n, err := strconv.ParseInt(seconds, 10, 64)
		at := time.Unix(n, 0).UTC()
		return at, err == nil && plausible(at)
	}
	if strings.EqualFold(value, "true") || value == "?1" {
		return time.Time{}, true
	}
	return moment(value)
}

// moment reads a date of HTTP, or one of ISO 8601, which some servers send instead.
func moment(value string) (time.Time, bool) {
	value = strings.Trim(strings.TrimSpace(value), `"`)
	at, err := http.ParseTime(value)
	for _, form := range []string{time.RFC1123Z, time.RFC3339, time.DateOnly} {
		if err == nil {
			break
		}
		at, err = time.Parse(form, value)
	}
	if err != nil || !plausible(at) {
		return time.Time{}, false
	}
	return at.UTC(), true
}

// plausible leaves out the dates by which servers mean never.
func plausible(at time.Time) bool { return at.Year() >= 2000 && at.Year() < 2100 }

// Bounds of Link headers.
const (
	maxLinks   = 50
	maxAddress = 500
)

var (
	linkValue = regexp.MustCompile(`<([^<>]*)>((?:\s*;\s*[A-Za-z0-9_*-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]*))?)*)`)
	linkRel   = regexp.MustCompile(`(?i);\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))`)
)

// linked are the addresses of Link headers (RFC 8288) by relation, the first of each. Only addresses of the web count, and
// what a person would not open is left out.
func linked(values []string, from *url.URL) map[string]string {
	found := map[string]string{}
	for _, m := range linkValue.FindAllStringSubmatch(strings.Join(values, ", "), maxLinks) {
		address := strings.TrimSpace(m[1])
		if !strings.HasPrefix(address, "/") && !strings.Contains(address, "://") {
			continue // relative to an address with a query, which may be a secret
		}
		to, err := from.Parse(address)
		if err != nil || to.Scheme != "https" && to.Scheme != "http" || to.Host == "" || to.User != nil || len(to.String()) > maxAddress {
			continue
		}
		rel := linkRel.FindStringSubmatch(m[2])
		if rel == nil {
			continue
		}
		for _, name := range strings.Fields(strings.ToLower(rel[1] + rel[2])) {
			if found[name] == "" {
				found[name] = to.String()
			}
		}
	}
	return found
}

// single is a part of a path that names one thing among many, so that the next call has another one: a number, a UUID, or
// a long word with digits in it.
var single = regexp.MustCompile(`^(?:[0-9]+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9A-Za-z_-]{20,}|[0-9a-fA-F]{16,})$`)

// Endpoint is an address as the endpoint behind it is called: host and path, {id} for what names a single thing. It has no
// query and no user, which may be secrets.
func Endpoint(address *url.URL) string {
	parts := strings.Split(address.Path, "/")
	for i, part := range parts {
		if single.MatchString(part) && strings.ContainsAny(part, "0123456789") || len(part) > 60 {
			parts[i] = "{id}"
		}
	}
	return plaintext.Line(address.Host+strings.Join(parts, "/"), 200)
}
