package statuspage

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"sparky/partners"

	"github.com/PuerkitoBio/goquery"
)

// search looks for the document that a page is drawn from, at the addresses that vendors are known to use, and
// remembers where it is.
func (s *session) search(page sight) partners.Status {
	if to := refreshTarget(page); to != "" {
		if next := s.look(to, s.kind); next.problem == "" && next.status.Kind != "html" {
			return s.believe(to, next)
		} else if next.doc != nil {
			page = next
		}
	}
	problem, complete := page, true
	for _, candidate := range s.candidates(page) {
		if s.left < 2 || s.ctx.Err() != nil { // one is kept for the check below
			break
		}
		seen := s.look(candidate, s.kind)
		complete = complete && !seen.refused
		if seen.refused && seen.code != 0 && seen.code < 500 {
			break // they ask us to slow down
		}
		if seen.problem != "" || !isMachineKind(seen.status.Kind) {
			if seen.status.Kind != "" && problem.status.Kind == "" && s.names(seen, page) {
				problem = seen // the right document, and why it says nothing
			}
			continue
		}
		if !s.names(seen, page) {
			continue
		}
		if why := s.answersAnything(seen); why != "" {
			return s.giveUp(page, why)
		}
		if !complete && seen.status.Kind == "rss" {
			return s.believeFor(searchAgain, candidate, seen) // what failed just now is better than a feed
		}
		return s.believe(candidate, seen)
	}
	if s.ctx.Err() != nil && page.problem != "" {
		return s.giveUp(problem, "the search for the document of this page did not end in time: they answer slowly; give the exact address of the document")
	}
	if page.problem == "" && !complete {
		return s.believeFor(searchAgain, page.final, page) // what was not reached now may be found then
	}
	if page.problem == "" {
		return s.believe(page.final, page)
	}
	return s.giveUp(problem, problem.problem)
}

func (s *session) believe(address string, seen sight) partners.Status {
	kind := s.kind
	if kind == KindAuto {
		kind = seen.status.Kind
	}
	s.document = address
	s.reader.remember(s.page, s.kind, place{address: address, kind: kind, at: s.reader.now()})
	return seen.status
}

// believeFor is believe for a second best, which is read for so long at most before the better is sought again.
func (s *session) believeFor(long time.Duration, address string, seen sight) partners.Status {
	status := s.believe(address, seen)
	found, _ := s.reader.place(s.page, s.kind)
	found.at = found.at.Add(long - searchBetter)
	s.reader.remember(s.page, s.kind, found)
	return status
}

func (s *session) giveUp(seen sight, why string) partners.Status {
	// A document that was failing is asked again meanwhile: nothing better was found. One that is gone is forgotten.
	found, _ := s.reader.place(s.page, s.kind)
	if failing := !found.failing.IsZero() && s.reader.askAgain(s.page, s.kind); !failing && s.ctx.Err() == nil {
		s.reader.remember(s.page, s.kind, place{why: why, html: seen.problem == "", at: s.reader.now()})
	}
	status := partners.UnknownStatus(s.page, why, s.reader.now())
	status.Kind, status.Note = seen.status.Kind, seen.status.Note
	return status
}

// answersAnything asks the same server for a path that does not exist. A server that answers it with a status document,
// too, would have answered anything, and what it said before means nothing.
func (s *session) answersAnything(seen sight) string {
	u, err := url.Parse(seen.final)
	if err != nil {
		return "the address of the document can not be understood"
	}
	hash := fnv.New64a()
	hash.Write([]byte(u.Host))
	u.Path, u.RawPath, u.RawQuery, u.Fragment = fmt.Sprintf("/no-such-document-%016x.json", hash.Sum64()), "", "", ""
	control := s.look(u.String(), KindAuto)
	switch {
	case control.code >= 500: // a failure is an answer to a path that does not exist
	case control.refused || s.ctx.Err() != nil:
		return "the page could not be told from a server that answers anything: " + control.problem
	case control.problem == "" && isMachineKind(control.status.Kind), len(control.body) > 0 && control.code < 300 && bytes.Equal(control.body, seen.body):
		return "the server answers every path with the same document, so none of them can be believed; give the exact address of the document and its kind"
	}
	return ""
}

// isMachineKind leaves out the kinds that anything could be: a page for people, and JSON of no vendor.
func isMachineKind(kind string) bool { return kind != "" && kind != "html" && kind != "json" }

// candidates are the addresses where the document of this page may be, the likelier first, without repetition.
func (s *session) candidates(page sight) []string {
	var paths []string
	add := func(kind string, addresses ...string) {
		if s.kind == KindAuto || s.kind == kind || sameShape(s.kind, kind) {
			paths = append(paths, addresses...)
		}
	}
	for _, link := range links(page) {
		add(link.kind, link.address)
	}
	add("statuspage", "/api/v2/summary.json")
	add("incidentio", "/api/v2/summary.json", "/api/v1/summary", "/proxy/"+host(page.final))
	add("instatus", "/summary.json")
	add("betterstack", "/index.json")
	if s.kind != KindAuto {
		add("slack", "/api/v2.0.0/current")
		add("google", "incidents.json")
		add("aws", "/public/currentevents")
	}
	if page.problem != "" { // a page that can be read is better than a feed
		for _, feed := range feedLinks(page) {
			add("rss", feed)
			add("azure", feed)
		}
		add("rss", "/history.rss", "/feed.rss", "/feed")
	}
	var out []string
	for _, p := range paths {
		if address := absolute(p, page.final); address != "" && address != s.page && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	return out
}

type link struct{ kind, address string }

// links are the machine documents that the page itself points at.
func links(page sight) []link {
	if page.doc == nil {
		return nil
	}
	marks := map[string]*regexp.Regexp{
		"statuspage": regexp.MustCompile(`/api/v2/(?:summary|status)\.json$`),
		"incidentio": regexp.MustCompile(`/api/v1/summary/?$`),
		"instatus":   regexp.MustCompile(`[^2]/summary\.json$`),
		"statusio":   regexp.MustCompile(`^https://api\.status\.io/1\.0/status/[0-9a-f]{24}$`),
		"google":     regexp.MustCompile(`/incidents\.json$`),
	}
	var out []link
	page.doc.page.Find("a[href], link[href]").EachWithBreak(func(_ int, e *goquery.Selection) bool {
		address := absolute(e.AttrOr("href", ""), page.final)
		for _, kind := range []string{"statuspage", "incidentio", "instatus", "statusio", "google"} {
			if address != "" && marks[kind].MatchString(address) {
				// status.json is the light alone, without the incidents that outrank it
				address = strings.TrimSuffix(address, "/status.json")
				if kind == "statuspage" && !strings.HasSuffix(address, ".json") {
					address += "/summary.json"
				}
				out = append(out, link{kind, address})
			}
		}
		return len(out) < 3
	})
	return out
}

// feedLinks are the feeds that the page offers, two at most.
func feedLinks(page sight) []string {
	if page.doc == nil {
		return nil
	}
	var out []string
	page.doc.page.Find(`link[rel="alternate"][type*="rss"], link[rel="alternate"][type*="atom"], a[href*="rss"], a[href*="/feed"]`).
		EachWithBreak(func(_ int, e *goquery.Selection) bool {
			if address := absolute(e.AttrOr("href", ""), page.final); address != "" && !slices.Contains(out, address) {
				out = append(out, address)
			}
			return len(out) < 2
		})
	return out
}

// refreshTarget is where the page sends a browser by a meta refresh, empty where it does not.
func refreshTarget(page sight) string {
	if page.doc == nil || page.problem == "" {
		return ""
	}
	content := ""
	page.doc.page.Find("meta[http-equiv]").Each(func(_ int, e *goquery.Selection) {
		if strings.EqualFold(e.AttrOr("http-equiv", ""), "refresh") {
			content = e.AttrOr("content", "")
		}
	})
	target := regexp.MustCompile(`(?i)url\s*=\s*['"]?([^'"]+)`).FindStringSubmatch(content)
	if target == nil {
		return ""
	}
	to := absolute(target[1], page.final)
	if bare(to) == bare(page.final) || isSignInAddress(to) {
		return ""
	}
	return to
}

// names tells that the document is about the page that was asked for: it gives the page's own address, or its name
// stands in the page's title or host. Vendors with a format of their own are known by their hosts.
func (s *session) names(seen, page sight) bool {
	hosts := []string{host(s.page), host(page.final)}
	switch seen.status.Kind {
	case "google":
		return strings.HasSuffix("."+host(seen.final), ".google.com")
	case "aws":
		return host(seen.final) == "health.aws.amazon.com"
	case "azure":
		return strings.HasSuffix(host(seen.final), "azure.status.microsoft") || strings.HasSuffix(host(seen.final), ".azure.com")
	case "slack":
		return host(seen.final) == "slack-status.com" || host(seen.final) == "status.slack.com"
	case "statusio":
		return slices.Contains(hosts, host(seen.final)) || host(seen.final) == "api.status.io"
	}
	if at := host(seen.named); at != "" && slices.Contains(hosts, at) {
		return true
	}
	title := letters(seen.title)
	if len(title) < 3 {
		return false
	}
	if page.doc != nil && strings.Contains(letters(page.doc.pageTitle()), title) {
		return true
	}
	return strings.Contains(letters(hosts[0]), title) || strings.Contains(letters(hosts[1]), title)
}

// letters are the letters and digits of a text, in lower case, for comparing names.
func letters(s string) string {
	return regexp.MustCompile(`[^\pL\pN]+`).ReplaceAllString(strings.ToLower(s), "")
}
