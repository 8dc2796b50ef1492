package statuspage_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/statuspage"
)

const (
	larkspur  = "https://status.larkspur.example"
	theirJSON = larkspur + "/api/v2/summary.json"
)

// steered is a Reader with a clock that the test moves.
func steered(w *web) (*statuspage.Reader, *time.Time) {
	now := morning()
	return statuspage.NewReader(w, statuspage.WithClock(func() time.Time { return now })), &now
}

func expect(t *testing.T, r *statuspage.Reader, w *web, kind string, level partners.Level, requests int) partners.Status {
	t.Helper()
	w.requests()
	s := r.Read(t.Context(), partners.StatusSource{URL: larkspur})
	if n := w.requests(); s.Kind != kind || s.Level != level || requests > 0 && n != requests || n > statuspage.MaxRequests {
		t.Errorf("%s, %s (%s) after %d requests; want %s, %s after %d", s.Kind, s.Level, s.Problem, n, kind, level, requests)
	}
	return s
}

func larkspurs(t *testing.T) *web {
	return &web{pages: map[string]httpcall.Response{larkspur: html("<title>Larkspur Status</title>"), theirJSON: body(t, "statuspage-well.json")}}
}

// TestADocumentThatFailsForLongIsSoughtAnew : a vendor's old host may be gone for good while the page points at a new one.
func TestADocumentThatFailsForLongIsSoughtAnew(t *testing.T) {
	w := larkspurs(t)
	r, now := steered(w)
	expect(t, r, w, "statuspage", well, 0)
	w.pages[theirJSON] = httpcall.Response{Status: 503}
	expect(t, r, w, "", dunno, 1)
	*now = now.Add(10 * time.Minute)
	expect(t, r, w, "", dunno, 1)
	w.pages[larkspur+"/index.json"] = httpcall.Response{Body: []byte(strings.ReplaceAll(string(body(t, "betterstack-degraded.json").Body), "tamarisk", "larkspur"))}
	*now = now.Add(6 * time.Minute)
	expect(t, r, w, "betterstack", slow, 0)
	expect(t, r, w, "betterstack", slow, 1)
}

// TestADocumentThatFailsIsNotForgotten where the search finds nothing else: when it is well again, so are we.
func TestADocumentThatFailsIsNotForgotten(t *testing.T) {
	w := larkspurs(t)
	r, now := steered(w)
	expect(t, r, w, "statuspage", well, 0)
	w.pages[theirJSON] = httpcall.Response{Status: 503}
	expect(t, r, w, "", dunno, 1)
	*now = now.Add(16 * time.Minute)
	expect(t, r, w, "", dunno, 0)
	w.pages[theirJSON] = body(t, "statuspage-outage.json")
	expect(t, r, w, "statuspage", out, 1)
}

// TestAPageThatFailsWithItsDocument is one request each time, and the document is asked again.
func TestAPageThatFailsWithItsDocument(t *testing.T) {
	w := larkspurs(t)
	r, now := steered(w)
	expect(t, r, w, "statuspage", well, 0)
	w.pages[larkspur], w.pages[theirJSON] = httpcall.Response{Status: 502}, httpcall.Response{Status: 502}
	expect(t, r, w, "", dunno, 1)
	*now = now.Add(16 * time.Minute)
	expect(t, r, w, "", dunno, 1)
	w.pages[theirJSON] = body(t, "statuspage-well.json")
	*now = now.Add(2 * time.Minute)
	expect(t, r, w, "statuspage", well, 1)
}

// TestAFailureThatEndsIsForgotten : the time is counted from the newest good reading.
func TestAFailureThatEndsIsForgotten(t *testing.T) {
	w := larkspurs(t)
	r, now := steered(w)
	expect(t, r, w, "statuspage", well, 0)
	for range 3 {
		w.pages[theirJSON] = httpcall.Response{Status: 503}
		expect(t, r, w, "", dunno, 1)
		*now = now.Add(14 * time.Minute)
		w.pages[theirJSON] = body(t, "statuspage-well.json")
		expect(t, r, w, "statuspage", well, 1)
		*now = now.Add(14 * time.Minute)
	}
}

// TestThePageForPeopleIsTheSecondBest : the document beside it is sought again, and not at each reading.
func TestThePageForPeopleIsTheSecondBest(t *testing.T) {
	w := &web{pages: map[string]httpcall.Response{larkspur: body(t, "statuspage.html")}}
	r, now := steered(w)
	expect(t, r, w, "html", out, 0)
	w.pages[theirJSON] = body(t, "statuspage-well.json")
	*now = now.Add(time.Hour)
	expect(t, r, w, "html", out, 1)
	*now = now.Add(6 * time.Hour)
	expect(t, r, w, "statuspage", well, 0)
	*now = now.Add(30 * 24 * time.Hour)
	w.pages[theirJSON] = body(t, "statuspage-well.json")
	expect(t, r, w, "statuspage", well, 1)
}

// TestASecondBestWhileTheBestFails is not kept for long, whether a page or a feed, and not sought at each reading.
func TestASecondBestWhileTheBestFails(t *testing.T) {
	for name, w := range map[string]*web{
		"html": {pages: map[string]httpcall.Response{larkspur: body(t, "statuspage.html")}},
		"rss":  {pages: map[string]httpcall.Response{larkspur: html("<title>Larkspur Status</title>"), larkspur + "/history.rss": body(t, "feed-open.xml")}},
	} {
		w.pages[theirJSON] = httpcall.Response{Status: 503}
		r, now := steered(w)
		if s := r.Read(t.Context(), partners.StatusSource{URL: larkspur}); s.Kind != name {
			t.Fatalf("%s, not %s (%s)", s.Kind, name, s.Problem)
		}
		w.pages[theirJSON] = body(t, "statuspage-well.json")
		if w.requests(); r.Read(t.Context(), partners.StatusSource{URL: larkspur}).Kind != name || w.requests() != 1 {
			t.Errorf("%s: searched at once", name)
		}
		*now = now.Add(16 * time.Minute)
		expect(t, r, w, "statuspage", well, 0)
	}
}

// TestAPageThatBecomesAnother by turns: a sign-in page, a document, nothing.
func TestAPageThatBecomesAnother(t *testing.T) {
	w := &web{pages: map[string]httpcall.Response{larkspur: body(t, "statuspage-well.json")}}
	r, now := steered(w)
	expect(t, r, w, "statuspage", well, 1)
	w.pages[larkspur] = body(t, "instatus-well.json")
	expect(t, r, w, "instatus", well, 0)
	expect(t, r, w, "instatus", well, 1)
	w.pages[larkspur] = body(t, "sign-in.html")
	expect(t, r, w, "", dunno, 0)
	w.pages[larkspur] = httpcall.Response{Status: 404}
	*now = now.Add(20 * time.Minute)
	expect(t, r, w, "", dunno, 0)
	w.pages[larkspur] = body(t, "statuspage-outage.json")
	expect(t, r, w, "statuspage", out, 0)
}

// TestTheLightAloneIsNotBelieved : a page that points at status.json is read by the summary beside it.
func TestTheLightAloneIsNotBelieved(t *testing.T) {
	w := &web{pages: map[string]httpcall.Response{
		larkspur:                         html(`<title>Larkspur</title><a href="/api/v2/status.json">API</a>`),
		larkspur + "/api/v2/status.json": {Body: []byte(summary(none))}, theirJSON: body(t, "statuspage-green-but-open.json"),
	}}
	r, _ := steered(w)
	expect(t, r, w, "statuspage", slow, 0)
}

// TestAServerThatFailsOnUnknownPaths is none that answers anything.
func TestAServerThatFailsOnUnknownPaths(t *testing.T) {
	w := larkspurs(t)
	w.any = &httpcall.Response{Status: 500}
	r, _ := steered(w)
	expect(t, r, w, "statuspage", well, 0)
	w = larkspurs(t)
	w.any = &httpcall.Response{Status: 429}
	r, _ = steered(w)
	if s := expect(t, r, w, "", dunno, 0); !strings.Contains(s.Problem, "could not be told from") {
		t.Error(s.Problem)
	}
}

// sluggish answers after a while each time.
type sluggish struct {
	web  *web
	wait time.Duration
}

func (s sluggish) Do(ctx context.Context, r httpcall.Request) (httpcall.Response, error) {
	select {
	case <-time.After(s.wait):
		return s.web.Do(ctx, r)
	case <-ctx.Done():
		return httpcall.Response{}, ctx.Err()
	}
}

// TestAHostThatAnswersSlowly is read as far as the time allows, told for what it is, and given up for no longer.
func TestAHostThatAnswersSlowly(t *testing.T) {
	front := html("<title>Larkspur Status</title>")
	for name, c := range map[string]struct {
		wait  time.Duration
		level partners.Level
		why   string
	}{
		"a little": {3 * time.Second, well, ""},
		"very":     {30 * time.Second, dunno, "answer slowly"},
		"too much": {time.Minute, dunno, "did not answer in time"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &web{any: &httpcall.Response{Status: 404}, pages: map[string]httpcall.Response{larkspur: front, theirJSON: body(t, "statuspage-well.json")}}
			r := statuspage.NewReader(sluggish{w, c.wait}, statuspage.WithClock(morning))
			began := time.Now()
			s := r.Read(t.Context(), partners.StatusSource{URL: larkspur})
			if took := time.Since(began); s.Level != c.level || !strings.Contains(s.Problem, c.why) || took > statuspage.Timeout {
				t.Errorf("%s: %s (%s) after %s", name, s.Level, s.Problem, took)
			}
			quick := statuspage.NewReader(w, statuspage.WithClock(morning))
			if s := quick.Read(t.Context(), partners.StatusSource{URL: larkspur}); s.Level != well {
				t.Errorf("%s, then quickly: %s (%s)", name, s.Level, s.Problem)
			}
		})
	}
}

// TestReasonsOfHTTP are told in the words of the client, without its verbs.
func TestReasonsOfHTTP(t *testing.T) {
	client := httpcall.New(httpcall.Options{})
	s := statuspage.NewReader(client).Read(t.Context(), partners.StatusSource{URL: "http://127.0.0.1/"})
	if s.Level != dunno || strings.Contains(s.Problem, "GET ") || !strings.Contains(s.Problem, "could not be read: ") {
		t.Errorf("%q", s.Problem)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := &web{err: context.Canceled}
	if s := reader(called).Read(ctx, partners.StatusSource{URL: larkspur}); !strings.Contains(s.Problem, "called off") {
		t.Errorf("%q", s.Problem)
	}
	odd := &web{err: errors.New("odd\nwords")}
	if s := read(odd, larkspur, ""); strings.Contains(s.Problem, "\n") {
		t.Errorf("%q", s.Problem)
	}
}

// TestAMoveIsToldBesideAnotherNote.
func TestAMoveIsToldBesideAnotherNote(t *testing.T) {
	moved := httpcall.Response{Body: []byte(summary(none)), Moved: "https://new.example/status.json", Header: http.Header{}}
	s := read(&web{pages: map[string]httpcall.Response{larkspur: moved}}, larkspur, "")
	if !strings.Contains(s.Note, "lists no incidents") || !strings.Contains(s.Note, "https://new.example") {
		t.Errorf("note %q", s.Note)
	}
}
