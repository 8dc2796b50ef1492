package statuspage_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/statuspage"
)

// TestAHostilePageLeadsNowhereInside has a page point at a server of our own network in every way in which a page can name
// its document, and holds that nobody goes there, with or without our credential.
func TestAHostilePageLeadsNowhereInside(t *testing.T) {
	var asked []string
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.Header.Get("Authorization"))
		_, _ = w.Write([]byte(`{"page":{"name":"Inside"},"status":{"indicator":"none","description":"All Systems Operational"},"components":[]}`))
	}))
	defer inside.Close()
	for name, page := range map[string]string{
		"a refresh":      `<meta http-equiv="refresh" content="0; url=INSIDE/admin">`,
		"a document":     `<title>Inside</title><a href="INSIDE/api/v2/summary.json">API</a>`,
		"another":        `<link href="INSIDE/api/v1/summary"><link href="INSIDE/status/summary.json">`,
		"a feed":         `<link rel="alternate" type="application/rss+xml" href="INSIDE/feed.rss">`,
		"a base":         `<base href="INSIDE/"><a href="/api/v2/summary.json">API</a>`,
		"without scheme": `<a href="//BARE/api/v2/summary.json">API</a>`,
	} {
		page = strings.NewReplacer("INSIDE", inside.URL, "BARE", strings.TrimPrefix(inside.URL, "http://")).Replace(page)
		outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html><head>" + page + "</head><body>Please wait.</body></html>"))
		}))
		client := httpcall.New(httpcall.Options{PublicOnly: true, Retries: -1}).With("status", httpcall.Auth{Bearer: setting.NewSecret("canary")})
		got := statuspage.NewReader(client).Read(t.Context(), partners.StatusSource{URL: outside.URL + "/"})
		outside.Close()
		if len(asked) > 0 || got.Level == partners.Operational {
			t.Errorf("%s: it says %s, and inside was asked for %q", name, got.Level, asked)
		}
		asked = nil
	}
}
