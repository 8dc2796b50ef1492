package statuspage_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/statuspage"
)

// TestHowManyRequests a search makes, by where each vendor keeps its document: the price of a page whose kind nobody gave.
func TestHowManyRequests(t *testing.T) {
	const (
		bramble  = "https://status.bramble.example"
		quillon  = "https://status.quillon.example"
		tamarisk = "https://status.tamarisk.example"
	)
	front := html("<title>Status</title>")
	for name, c := range map[string]struct {
		page, document, file, kind string
		requests                   int
	}{
		"Statuspage":                  {larkspur, "/api/v2/summary.json", "statuspage-well.json", "", 3},
		"Statuspage by its kind":      {larkspur, "/api/v2/summary.json", "statuspage-well.json", "statuspage", 3},
		"incident.io's widget":        {bramble, "/api/v1/summary", "incidentio-widget.json", "", 4},
		"incident.io's own":           {bramble, "/proxy/status.bramble.example", "incidentio-proxy.json", "", 5},
		"incident.io by its kind":     {bramble, "/api/v1/summary", "incidentio-widget.json", "incidentio", 4},
		"Instatus":                    {quillon, "/summary.json", "instatus-well.json", "", 6},
		"Instatus by its kind":        {quillon, "/summary.json", "instatus-well.json", "instatus", 3},
		"Better Stack":                {tamarisk, "/index.json", "betterstack-degraded.json", "", 7},
		"Better Stack by its kind":    {tamarisk, "/index.json", "betterstack-degraded.json", "betterstack", 3},
		"a feed":                      {larkspur, "/history.rss", "feed-well.xml", "", 8},
		"the third of the feeds":      {larkspur, "/feed", "feed-well.xml", "", 10},
		"a feed by its kind":          {larkspur, "/history.rss", "feed-well.xml", "rss", 3},
		"nothing":                     {larkspur, "/nowhere", "feed-well.xml", "", 9},
		"nothing of a kind":           {larkspur, "/nowhere", "feed-well.xml", "statuspage", 4},
		"nothing, and no place known": {larkspur, "/nowhere", "feed-well.xml", "salesforce", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := &web{pages: map[string]httpcall.Response{c.page: front, c.page + c.document: body(t, c.file)}}
			s := read(w, c.page, c.kind)
			if n := len(w.asked); n != c.requests || n > statuspage.MaxRequests {
				t.Errorf("%d requests, want %d (%s)\n%s", n, c.requests, s.Problem, strings.Join(w.asked, "\n"))
			}
			if found := c.document != "/nowhere"; found != (s.Level != dunno) {
				t.Errorf("%s (%s)", s.Level, s.Problem)
			}
			seen := map[string]bool{}
			for _, address := range w.asked {
				if seen[address] {
					t.Errorf("%s is asked for twice", address)
				}
				seen[address] = true
			}
		})
	}
}

// TestAHostThatIsAway costs one request each time, and is found when it is back.
func TestAHostThatIsAway(t *testing.T) {
	w := larkspurs(t)
	w.err = context.DeadlineExceeded
	r, _ := steered(w)
	expect(t, r, w, "", dunno, 1)
	expect(t, r, w, "", dunno, 1)
	w.err = nil
	expect(t, r, w, "statuspage", well, 3)
	w.err = context.DeadlineExceeded
	expect(t, r, w, "", dunno, 1)
	w.err = nil
	expect(t, r, w, "statuspage", well, 1)
}

// TestOverARealWire reads a page by the client that the program uses: a redirect, a document beside it, and an endless one.
func TestOverARealWire(t *testing.T) {
	var asked atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusMovedPermanently) })
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!doctype html><title>Larkspur Status</title>"))
	})
	mux.HandleFunc("/api/v2/summary.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(fixture(t, "statuspage-outage.json")) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for piece := []byte(strings.Repeat("[", 1<<16)); r.Context().Err() == nil; {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	client := httpcall.New(httpcall.Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}})
	read := func(path string) partners.Status {
		return statuspage.NewReader(client, statuspage.WithClock(morning)).Read(t.Context(), partners.StatusSource{URL: server.URL + path})
	}
	if s := read("/old"); s.Kind != "statuspage" || s.Level != out {
		t.Errorf("%s, %s (%s)", s.Kind, s.Level, s.Problem)
	}
	asked.Store(0)
	if s := read("/endless"); s.Level != dunno || !strings.Contains(s.Problem, "longer than") || asked.Load() != 1 {
		t.Errorf("%s (%s) after %d requests", s.Level, s.Problem, asked.Load())
	}
}
