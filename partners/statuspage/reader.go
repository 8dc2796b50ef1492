package statuspage

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

const (
	// Timeout is the time that one Read may take in all.
	Timeout = 45 * time.Second
	// MaxRequests is the most requests that one Read makes: one where the document is known, these where it is searched.
	MaxRequests = 12
	// searchAgain is how long a search that found nothing is not repeated, and how long a document that was found may
	// fail before it is sought anew: meanwhile a Read is one request.
	searchAgain = 15 * time.Minute
	// searchBetter is how long a page for people or a feed is read before the document beside it is sought again.
	searchBetter = 6 * time.Hour
	// graphHealth is where Microsoft 365 tells its health, for a source of that kind without an address.
	graphHealth = "https://graph.microsoft.com/v1.0/admin/serviceAnnouncement/healthOverviews?$expand=issues"
)

// Caller makes one HTTP call within limits. Credentials of a source (Microsoft 365) are the caller's.
type Caller interface {
	Do(ctx context.Context, request httpcall.Request) (httpcall.Response, error)
}

// Reader reads status pages. It remembers in memory where it found the document of a page, so that a page read again is
// one request. It may be used by several goroutines at once.
type Reader struct {
	caller Caller
	now    func() time.Time

	mu    sync.Mutex
	known map[string]place
}

// place is what a search for a page's document came to.
type place struct {
	address string // of the document; empty where none was found
	kind    string
	why     string // none was found: why
	html    bool   // none was found, although the page itself could be read
	at      time.Time
	failing time.Time // since when it gives no status; zero while it does
}

// stands tells that the place need not be sought anew.
func (p place) stands(now time.Time) bool {
	if p.address == "" {
		return false
	}
	return (isMachineKind(p.kind) && p.kind != "rss" || now.Sub(p.at) < searchBetter) &&
		(p.failing.IsZero() || now.Sub(p.failing) < searchAgain)
}

// Option changes how a Reader works.
type Option func(*Reader)

// WithClock has the Reader ask this clock for the time instead of the system's.
func WithClock(now func() time.Time) Option { return func(r *Reader) { r.now = now } }

// NewReader reads status pages by that caller.
func NewReader(caller Caller, options ...Option) *Reader {
	r := &Reader{caller: caller, now: time.Now, known: map[string]place{}}
	for _, o := range options {
		o(r)
	}
	return r
}

// Read tells how the partner says it is doing. It never fails: what can not be read is Unknown with a Problem. Source
// names the page or the exact document; from a page Read finds the document beside it, and believes only one that
// parses as its kind, names the page, and is not what the server answers to any path. The caller applies
// Status.Concerning. It takes Timeout at most and ends with ctx.
func (r *Reader) Read(ctx context.Context, src partners.StatusSource) partners.Status {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	page := src.URL
	if page == "" && src.Kind == "m365" {
		page = graphHealth
	}
	if u, err := url.Parse(page); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return partners.UnknownStatus(page, "no address of a status page is configured; it begins with https://", r.now())
	}
	s := &session{reader: r, ctx: ctx, page: page, kind: src.Kind, signed: src.Auth != nil, left: MaxRequests}
	if s.kind == "" {
		s.kind = KindAuto
	}
	status := s.read()
	if status.Page == "" || status.Page == s.document && s.document != "" {
		status.Page = page
	}
	return status
}

func (r *Reader) place(page, kind string) (place, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.known[kind+" "+page]
	return p, ok
}

func (r *Reader) remember(page, kind string, p place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[kind+" "+page] = p
}

// noteFailing keeps since when the document that was found gives no status.
func (r *Reader) noteFailing(page, kind string, failing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.known[kind+" "+page]
	switch {
	case !failing:
		p.failing = time.Time{}
	case p.failing.IsZero():
		p.failing = r.now()
	}
	r.known[kind+" "+page] = p
}

// askAgain has the next Read ask the document that was found, although it was failing; false where none was.
func (r *Reader) askAgain(page, kind string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.known[kind+" "+page]
	if p.address == "" {
		return false
	}
	p.failing, p.at = r.now(), r.now()
	r.known[kind+" "+page] = p
	return true
}

// session is one Read: it counts requests and ends with its context.
type session struct {
	reader   *Reader
	ctx      context.Context
	page     string // the configured address
	kind     string // the configured kind
	signed   bool   // whether the source has credentials
	left     int    // requests that may still be made
	document string // the address of the document that was believed, where it is not the page
}

func (s *session) read() partners.Status {
	found, searched := s.reader.place(s.page, s.kind)
	if found.stands(s.reader.now()) {
		seen := s.look(found.address, found.kind)
		if seen.problem == "" || !seen.elsewhere {
			s.document = found.address
			s.reader.noteFailing(s.page, s.kind, seen.problem != "")
			return seen.status
		}
	}
	searched = searched && found.address == "" // else the document is no longer where it was
	first := s.look(s.page, s.kind)
	if first.problem == "" && !s.betterElsewhere(first) {
		return s.believe(s.page, first)
	}
	if first.problem != "" && !first.elsewhere {
		s.reader.askAgain(s.page, s.kind)
		return first.status
	}
	// A page that can be read now is another one than that beside which nothing was found.
	another := first.problem == "" && !found.html
	if searched && !another && s.reader.now().Sub(found.at) < searchAgain {
		return partners.UnknownStatus(s.page, found.why, s.reader.now())
	}
	return s.search(first)
}

// betterElsewhere tells a page that could be read, but beside which stands the document it is drawn from.
func (s *session) betterElsewhere(seen sight) bool {
	return s.kind == KindAuto && seen.status.Kind == "html"
}

// sight is what was seen at one address.
type sight struct {
	parsed
	problem   string // the status's own, or why there is none
	elsewhere bool   // with a problem: the document may be at another address of the host
	refused   bool   // they asked us to stop, or nobody answers
	body      []byte
	final     string // where the answer came from
	code      int
	doc       *document // the answer, where it is an HTML page
}

// look reads one address as one kind.
func (s *session) look(address, kind string) sight {
	now := s.reader.now
	unknown := func(why string, refused bool) sight {
		status := partners.UnknownStatus(s.page, why, now())
		return sight{parsed: parsed{status: status}, problem: why, refused: refused, final: address}
	}
	if s.left == 0 {
		return unknown("no document was found in the number of requests that is allowed", true)
	}
	s.left--
	answer, err := s.reader.caller.Do(s.ctx, httpcall.Request{
		Method: http.MethodGet, URL: address, MaxBody: MaxDocument, Behind: s.page,
		Header: http.Header{"Accept": {"application/json, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"}},
	})
	if err != nil {
		return unknown(unreachable(err), true)
	}
	if at := signIn(address, answer); at != "" {
		return unknown(fmt.Sprintf("the page asks us to sign in: it sent us to %s", at), true)
	}
	if why := refusal(answer, s.signed); why != "" {
		seen := unknown(why, answer.Status == 420 || answer.Status == 429 || answer.Status >= 500)
		seen.elsewhere, seen.code, seen.body = mayBeElsewhere(answer.Status), answer.Status, answer.Body
		return seen
	}
	if why := oldCopy(answer.Header, now()); why != "" {
		return unknown(why, false)
	}
	return s.judge(address, kind, answer)
}

// judge parses an answer that may be a document.
func (s *session) judge(address, kind string, answer httpcall.Response) sight {
	seen := sight{final: first(answer.URL, address), code: answer.Status, body: answer.Body}
	contentType := answer.Header.Get("Content-Type")
	seen.parsed = parse(answer.Body, contentType, seen.final, kind, s.reader.now())
	if seen.status.Level == partners.Unknown && len(seen.status.Components) == 0 {
		seen.problem = seen.status.Problem
		seen.elsewhere = seen.status.Kind == ""
	}
	if seen.parsed.doc.shape == shapeHTML {
		seen.doc = &seen.parsed.doc
		if asksToSignIn(seen.parsed.doc) {
			seen.elsewhere = false
		}
	}
	if to := movedTo(address, answer); to != "" {
		seen.status.Note = strings.TrimSpace(seen.status.Note + fmt.Sprintf(" The page has moved for good to %s; change the address in the configuration.", plaintext.Line(to, 200)))
	}
	return seen
}
