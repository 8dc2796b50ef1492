package statuspage_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/statuspage"
)

// web is an outside in memory: addresses and what they answer. What is not in it is 404.
type web struct {
	mu    sync.Mutex
	pages map[string]httpcall.Response
	any   *httpcall.Response // what every other path answers
	asked []string
	err   error
}

func (w *web) Do(ctx context.Context, r httpcall.Request) (httpcall.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, r.URL)
	if w.err != nil {
		return httpcall.Response{}, w.err
	}
	if r.MaxBody != statuspage.MaxDocument || r.Method != http.MethodGet {
		return httpcall.Response{}, errors.New("a request without limits")
	}
	answer, ok := w.pages[r.URL]
	if !ok && w.any != nil {
		answer, ok = *w.any, true
	}
	if !ok {
		answer = httpcall.Response{Status: 404, Body: []byte("<html><title>Not found</title></html>")}
	}
	if answer.Status == 0 {
		answer.Status = 200
	}
	if answer.URL == "" {
		answer.URL = r.URL
	}
	return answer, nil
}

func (w *web) requests() int {
	n := len(w.asked)
	w.asked = nil
	return n
}

func body(t testing.TB, file string) httpcall.Response {
	return httpcall.Response{Body: fixture(t, file), Header: http.Header{"Content-Type": {"text/html"}}}
}

func html(text string) httpcall.Response {
	return httpcall.Response{Body: []byte("<!DOCTYPE html><html>" + text + "</html>"), Header: http.Header{"Content-Type": {"text/html"}}}
}

func read(w *web, page, kind string) partners.Status {
	return reader(w).Read(context.Background(), partners.StatusSource{URL: page, Kind: kind})
}

func reader(w *web) *statuspage.Reader { return statuspage.NewReader(w, statuspage.WithClock(morning)) }

func TestTheDocumentBesideThePage(t *testing.T) {
	const larkspur, bramble, quillon = "https://status.larkspur.example", "https://status.bramble.example", "https://status.quillon.example"
	front := html("<title>Status</title><div id=app></div>")
	for name, c := range map[string]struct {
		page, kind string
		pages      map[string]httpcall.Response
		want       string
		level      partners.Level
	}{
		"Statuspage":                   {larkspur, "auto", map[string]httpcall.Response{larkspur: body(t, "statuspage.html"), larkspur + "/api/v2/summary.json": body(t, "statuspage-well.json")}, "statuspage", partners.Operational},
		"Statuspage by kind":           {larkspur, "statuspage", map[string]httpcall.Response{larkspur: front, larkspur + "/api/v2/summary.json": body(t, "statuspage-outage.json")}, "statuspage", partners.MajorOutage},
		"a page that refuses programs": {larkspur, "", map[string]httpcall.Response{larkspur: {Status: 403}, larkspur + "/api/v2/summary.json": body(t, "statuspage-well.json")}, "statuspage", partners.Operational},
		"incident.io's widget":         {bramble, "", map[string]httpcall.Response{bramble: front, bramble + "/api/v1/summary": body(t, "incidentio-widget.json")}, "incidentio", partners.MajorOutage},
		"incident.io's own":            {bramble, "", map[string]httpcall.Response{bramble: front, bramble + "/proxy/status.bramble.example": body(t, "incidentio-proxy.json")}, "incidentio", partners.PartialOutage},
		"Instatus":                     {quillon, "", map[string]httpcall.Response{quillon: front, quillon + "/summary.json": body(t, "instatus-well.json")}, "instatus", partners.Operational},
		"Better Stack":                 {"https://status.tamarisk.example", "", map[string]httpcall.Response{"https://status.tamarisk.example": front, "https://status.tamarisk.example/index.json": body(t, "betterstack-degraded.json")}, "betterstack", partners.Degraded},
		"Slack by kind":                {"https://slack-status.com", "slack", map[string]httpcall.Response{"https://slack-status.com": front, "https://slack-status.com/api/v2.0.0/current": body(t, "slack-ok.json")}, "slack", partners.Operational},
		"Google by kind":               {"https://www.google.com/appsstatus/dashboard/", "google", map[string]httpcall.Response{"https://www.google.com/appsstatus/dashboard/": front, "https://www.google.com/appsstatus/dashboard/incidents.json": body(t, "google-well.json")}, "google", partners.Operational},
		"AWS by kind":                  {"https://health.aws.amazon.com/health/status", "aws", map[string]httpcall.Response{"https://health.aws.amazon.com/health/status": front, "https://health.aws.amazon.com/public/currentevents": body(t, "aws-well.utf16be.json")}, "aws", partners.Operational},
		"Status.io that the page points at": {"https://status.git.example", "", map[string]httpcall.Response{
			"https://status.git.example": html(`<a href="https://api.status.io/1.0/status/5b36dc6502d06804c08349f7">API</a>`), "https://api.status.io/1.0/status/5b36dc6502d06804c08349f7": body(t, "statusio-disruption.json")}, "statusio", partners.MajorOutage},
		"Azure's feed that the page points at": {"https://azure.status.microsoft", "", map[string]httpcall.Response{
			"https://azure.status.microsoft": html(`<a href="https://rssfeed.azure.status.microsoft/en-us/status/feed/">RSS</a>`), "https://rssfeed.azure.status.microsoft/en-us/status/feed/": body(t, "azure-well.xml")}, "azure", partners.Operational},
		"a feed as the last resort": {larkspur, "", map[string]httpcall.Response{larkspur: front, larkspur + "/history.rss": body(t, "feed-open.xml")}, "rss", partners.Degraded},
		"a page that sends browsers on": {"https://larkspur.example/status", "", map[string]httpcall.Response{
			"https://larkspur.example/status": html(`<meta http-equiv="Refresh" content="0; url=` + larkspur + `">`), larkspur: body(t, "statuspage.html"), larkspur + "/api/v2/summary.json": body(t, "statuspage-well.json")}, "statuspage", partners.Operational},
		"only the page itself": {larkspur, "", map[string]httpcall.Response{larkspur: body(t, "statuspage.html")}, "html", partners.MajorOutage},
		"Okta":                 {"https://status.okta.example", "html", map[string]httpcall.Response{"https://status.okta.example": body(t, "okta.html")}, "html", partners.PartialOutage},
		"the exact document":   {larkspur + "/api/v2/summary.json", "", map[string]httpcall.Response{larkspur + "/api/v2/summary.json": body(t, "statuspage-well.json")}, "statuspage", partners.Operational},
		"a document elsewhere that bears the name": {"https://quillonstatus.example", "", map[string]httpcall.Response{"https://quillonstatus.example": front, "https://quillonstatus.example/summary.json": body(t, "instatus-well.json")}, "instatus", partners.Operational},
	} {
		t.Run(name, func(t *testing.T) {
			w := &web{pages: c.pages}
			r := reader(w)
			s := r.Read(t.Context(), partners.StatusSource{URL: c.page, Kind: c.kind})
			if s.Kind != c.want || s.Level != c.level {
				t.Fatalf("%s, %s (%s)\nasked %s", s.Kind, s.Level, s.Problem, strings.Join(w.asked, "\n      "))
			}
			if n := w.requests(); n > statuspage.MaxRequests {
				t.Errorf("%d requests", n)
			}
			again := r.Read(t.Context(), partners.StatusSource{URL: c.page, Kind: c.kind})
			if n := w.requests(); n != 1 || again.Level != s.Level || again.Kind != s.Kind || again.Page != s.Page {
				t.Errorf("read again: %d requests, %+v", n, again)
			}
		})
	}
}

func TestNobodyIsFooled(t *testing.T) {
	const page = "https://status.larkspur.example"
	front := html("<title>Larkspur status</title>")
	well := body(t, "statuspage-well.json")
	other := httpcall.Response{Body: []byte(strings.ReplaceAll(string(well.Body), "arkspur", "upine"))}
	signIn := html(`<title>Sign in</title><input type=password>`)
	signIn.URL = "https://login.larkspur.example/authorize?x=1"
	for name, c := range map[string]struct {
		web  *web
		kind string
		says string
	}{
		"the same page at every path":     {&web{any: &front}, "", "an HTML page titled “Larkspur status”"},
		"the same page, by kind":          {&web{any: &front}, "statuspage", "expected a Statuspage document"},
		"the same document at every path": {&web{pages: map[string]httpcall.Response{page: front}, any: &well}, "", "every path with the same document"},
		"a document of another vendor":    {&web{pages: map[string]httpcall.Response{page: front, page + "/api/v2/summary.json": other}}, "", "an HTML page"},
		"a list of nobody knows whom":     {&web{pages: map[string]httpcall.Response{page: front, page + "/incidents.json": body(t, "google-well.json")}}, "google", "expected a Google incident list"},
		"a sign-in page":                  {&web{any: &signIn}, "", "sign in: it sent us to login.larkspur.example"},
		"a sign-in page in place":         {&web{any: ptr(body(t, "sign-in.html"))}, "", "asks us to sign in"},
		"JSON that is fine with all":      {&web{any: &httpcall.Response{Body: []byte(`{"status":"ok"}`)}}, "", "no status document that is known"},
		"401":                             {&web{any: &httpcall.Response{Status: 401}}, "", "asks us to sign in (401)"},
		"403":                             {&web{any: &httpcall.Response{Status: 403}}, "", "refuses us (403)"},
		"404":                             {&web{}, "", "no page at this address (404)"},
		"410":                             {&web{any: &httpcall.Response{Status: 410}}, "", "gone for good (410)"},
		"420":                             {&web{any: &httpcall.Response{Status: 420}}, "", "less often (420)"},
		"429":                             {&web{any: &httpcall.Response{Status: 429, Header: http.Header{"Retry-After": {"120"}}}}, "", "less often (429), not before 2m0s"},
		"500":                             {&web{any: &httpcall.Response{Status: 500}}, "", "itself is failing (500)"},
		"503":                             {&web{any: &httpcall.Response{Status: 503}}, "", "itself is failing (503)"},
		"418":                             {&web{any: &httpcall.Response{Status: 418}}, "", "with status 418"},
		"no answer":                       {&web{err: errors.New("status.larkspur.example: no such host")}, "", "could not be read: status.larkspur.example: no such host"},
		"no answer in time":               {&web{err: context.DeadlineExceeded}, "", "did not answer in time"},
		"an old copy":                     {&web{any: ptr(aged(well, "Age", "10800"))}, "", "a copy that a cache has kept for 3 hours"},
		"an old date":                     {&web{any: ptr(aged(well, "Date", "Sat, 12 Sep 2026 09:00:00 GMT"))}, "", "dated 2 days ago"},
	} {
		t.Run(name, func(t *testing.T) {
			r := reader(c.web)
			s := r.Read(t.Context(), partners.StatusSource{URL: page, Kind: c.kind})
			if s.Level != partners.Unknown || !strings.Contains(s.Problem, c.says) || s.Page != page {
				t.Errorf("%s, page %q: %q; want %q\nasked %v", s.Level, s.Page, s.Problem, c.says, c.web.asked)
			}
			if n := c.web.requests(); n > statuspage.MaxRequests {
				t.Errorf("%d requests", n)
			}
			again := r.Read(t.Context(), partners.StatusSource{URL: page, Kind: c.kind})
			if n := c.web.requests(); n != 1 || again.Problem != s.Problem {
				t.Errorf("read again soon: %d requests, %q", n, again.Problem)
			}
		})
	}
}

func ptr(r httpcall.Response) *httpcall.Response { return &r }

func aged(r httpcall.Response, header, value string) httpcall.Response {
	r.Header = http.Header{header: {value}}
	return r
}

func TestAFreshCopyIsFine(t *testing.T) {
	well := aged(body(t, "statuspage-well.json"), "Age", "600")
	well.Header.Set("Date", "Mon, 14 Sep 2026 09:50:00 GMT")
	if s := read(&web{any: &well}, "https://status.larkspur.example/api/v2/summary.json", "statuspage"); s.Level != partners.Operational {
		t.Errorf("%s (%s)", s.Level, s.Problem)
	}
}

func TestAMovedPageIsReadAndTold(t *testing.T) {
	moved := body(t, "statuspage-well.json")
	moved.URL, moved.Moved = "https://status.larkspur.example/api/v2/summary.json", "https://status.larkspur.example/api/v2/summary.json"
	s := read(&web{pages: map[string]httpcall.Response{"https://old.example/summary.json": moved}}, "https://old.example/summary.json", "")
	if s.Level != partners.Operational || !strings.Contains(s.Note, "moved for good to https://status.larkspur.example") {
		t.Errorf("%s, note %q", s.Level, s.Note)
	}
	moved.Moved = "https://www.old.example/summary.json/"
	s = read(&web{pages: map[string]httpcall.Response{"http://old.example/summary.json": moved}}, "http://old.example/summary.json", "")
	if s.Note != "" {
		t.Errorf("a slash at the end is told as a move: %q", s.Note)
	}
}

func TestWhatWorkedIsForgottenWhenItIsGone(t *testing.T) {
	const page = "https://status.larkspur.example"
	w := &web{pages: map[string]httpcall.Response{page: html("<title>Larkspur</title>"), page + "/api/v2/summary.json": body(t, "statuspage-well.json")}}
	r := reader(w)
	src := partners.StatusSource{URL: page}
	if s := r.Read(t.Context(), src); s.Level != partners.Operational {
		t.Fatal(s.Problem)
	}
	w.pages[page+"/api/v2/summary.json"] = httpcall.Response{Status: 503}
	w.requests()
	if s := r.Read(t.Context(), src); s.Level != partners.Unknown || w.requests() != 1 {
		t.Errorf("a document that fails for a while: %s, searched again", s.Level)
	}
	delete(w.pages, page+"/api/v2/summary.json")
	w.pages[page+"/summary.json"] = httpcall.Response{Body: []byte(`{"page":{"name":"Larkspur","url":"` + page + `","status":"HASISSUES"}}`)}
	if s := r.Read(t.Context(), src); s.Kind != "instatus" || s.Level != partners.Degraded {
		t.Errorf("a page that moved to another vendor: %s, %s (%s)", s.Kind, s.Level, s.Problem)
	}
}

func TestASearchThatFoundNothingIsRepeatedLater(t *testing.T) {
	const page = "https://status.larkspur.example"
	now := morning()
	w := &web{pages: map[string]httpcall.Response{page: html("<title>Larkspur</title>")}}
	r := statuspage.NewReader(w, statuspage.WithClock(func() time.Time { return now }))
	src := partners.StatusSource{URL: page}
	r.Read(t.Context(), src)
	w.pages[page+"/api/v2/summary.json"] = body(t, "statuspage-well.json")
	if s := r.Read(t.Context(), src); s.Level != partners.Unknown {
		t.Error("searched again at once")
	}
	now = now.Add(16 * time.Minute)
	if s := r.Read(t.Context(), src); s.Level != partners.Operational {
		t.Errorf("after a while: %s (%s)", s.Level, s.Problem)
	}
}

// TestAPageThatComesBackIsReadAtOnce is Okta's page, whose incidents stand in the page itself, after a soft 404.
func TestAPageThatComesBackIsReadAtOnce(t *testing.T) {
	const page = "https://status.okta.example"
	w := &web{pages: map[string]httpcall.Response{page: html("<title>Page not found</title>")}}
	r := reader(w)
	src := partners.StatusSource{URL: page}
	if s := r.Read(t.Context(), src); s.Level != partners.Unknown {
		t.Fatalf("a page that is not there is %s", s.Level)
	}
	w.pages[page] = body(t, "okta.html")
	if s := r.Read(t.Context(), src); s.Level != partners.PartialOutage {
		t.Errorf("it came back, and is %s (%s)", s.Level, s.Problem)
	}
}

func TestAnAddressIsNeeded(t *testing.T) {
	w := &web{}
	for _, address := range []string{"", "status.example", "ftp://status.example", "https://", "://"} {
		if s := read(w, address, ""); s.Level != partners.Unknown || !strings.Contains(s.Problem, "https://") {
			t.Errorf("%q: %s (%s)", address, s.Level, s.Problem)
		}
	}
	if n := w.requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
	w.any = &httpcall.Response{Status: 401}
	s := reader(w).Read(t.Context(), partners.StatusSource{Kind: "m365", Auth: &partners.Auth{}})
	if !strings.Contains(s.Problem, "our credentials were refused (401)") || !strings.Contains(w.asked[0], "graph.microsoft.com") {
		t.Errorf("Microsoft 365 without an address: %q, asked %v", s.Problem, w.asked)
	}
	w.pages = map[string]httpcall.Response{w.asked[0]: body(t, "m365-health.json")}
	if s := reader(w).Read(t.Context(), partners.StatusSource{Kind: "m365"}).Concerning([]string{"microsoftteams"}); s.Level != partners.Operational {
		t.Errorf("Teams is %s (%s)", s.Level, s.Problem)
	}
}

// endless answers nothing before its time is over.
type endless struct{}

func (endless) Do(ctx context.Context, r httpcall.Request) (httpcall.Response, error) {
	<-ctx.Done()
	return httpcall.Response{}, &url.Error{Op: "Get", URL: r.URL, Err: ctx.Err()}
}

func TestAReadEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := statuspage.NewReader(endless{}).Read(t.Context(), partners.StatusSource{URL: "https://status.example"})
		if took := time.Since(began); took != statuspage.Timeout || s.Level != partners.Unknown {
			t.Errorf("%s after %s", s.Level, took)
		}
	})
}

func TestReadersAreSharedByGoroutines(t *testing.T) {
	const page = "https://status.larkspur.example"
	w := &web{pages: map[string]httpcall.Response{page: html(""), page + "/api/v2/summary.json": body(t, "statuspage-well.json")}}
	r := reader(w)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if s := r.Read(t.Context(), partners.StatusSource{URL: page}); s.Level != partners.Operational {
				t.Error(s.Problem)
			}
		})
	}
	all.Wait()
}
