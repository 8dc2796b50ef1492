package feed

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// fakeCaller answers from memory and keeps what was asked.
type fakeCaller struct {
	answer func(httpcall.Request) (httpcall.Response, error)
	mu     sync.Mutex
	asked  []httpcall.Request
}

func (f *fakeCaller) Do(ctx context.Context, req httpcall.Request) (httpcall.Response, error) {
	if err := ctx.Err(); err != nil {
		return httpcall.Response{}, err
	}
	f.mu.Lock()
	f.asked = append(f.asked, req)
	f.mu.Unlock()
	resp, err := f.answer(req)
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	return resp, err
}

func (f *fakeCaller) urls() []string {
	var urls []string
	for _, req := range f.asked {
		urls = append(urls, req.URL)
	}
	return urls
}

func answers(status int, body string, header ...string) *fakeCaller {
	return &fakeCaller{answer: func(httpcall.Request) (httpcall.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return httpcall.Response{Status: status, Body: []byte(body), Header: h}, nil
	}}
}

const oneItem = `<rss version="2.0"><channel><title>T</title><item><title>New</title><link>/new</link><guid>1</guid></item></channel></rss>`

var feedSource = partners.Source{Kind: partners.SourceFeed, URL: "https://a.example/feed.xml"}

func TestReadConditionally(t *testing.T) {
	caller := answers(200, oneItem, "ETag", `"v1"`, "Last-Modified", "Mon, 02 Nov 2026 12:00:00 GMT")
	reader := NewReader(caller, Addresses{})
	first, err := reader.Read(t.Context(), feedSource, partners.Validators{})
	if err != nil {
		t.Fatal(err)
	}
	if req := caller.asked[0]; req.Header.Get("If-None-Match") != "" || req.MaxBody != maxDocument || req.Header.Get("Accept") == "" {
		t.Errorf("the first request is %+v", req)
	}
	if v := first.Validators; v.ETag != `"v1"` || v.LastModified == "" || len(v.BodyHash) != 64 {
		t.Errorf("the validators are %+v", v)
	}
	if len(first.Changes) != 1 || first.Changes[0].Link != "https://a.example/new" || first.Changes[0].Source != feedSource.Name() {
		t.Errorf("the changes are %+v", first.Changes)
	}

	caller.answer = answers(304, "").answer
	second, err := reader.Read(t.Context(), feedSource, first.Validators)
	if err != nil || !second.NotModified || len(second.Changes) != 0 || second.Validators != first.Validators {
		t.Errorf("the second reading is %+v, %v", second, err)
	}
	if req := caller.asked[1]; req.Header.Get("If-None-Match") != `"v1"` || req.Header.Get("If-Modified-Since") == "" {
		t.Errorf("the second request is %+v", req.Header)
	}
}

// TestReadSameBody holds that a server which knows no conditional requests costs a hash, and that new validators are
// kept all the same.
func TestReadSameBody(t *testing.T) {
	caller := answers(200, oneItem)
	reader := NewReader(caller, Addresses{})
	first, err := reader.Read(t.Context(), feedSource, partners.Validators{})
	if err != nil {
		t.Fatal(err)
	}
	caller.answer = answers(200, oneItem, "ETag", `"late"`).answer
	second, err := reader.Read(t.Context(), feedSource, first.Validators)
	if err != nil || !second.NotModified || second.Validators.ETag != `"late"` || second.Validators.BodyHash != first.Validators.BodyHash {
		t.Errorf("the second reading is %+v, %v", second, err)
	}
	caller.answer = answers(200, strings.Replace(oneItem, "New", "Newer", 1)).answer
	third, err := reader.Read(t.Context(), feedSource, second.Validators)
	if err != nil || third.NotModified || third.Changes[0].Title != "Newer" || third.Validators.ETag != "" {
		t.Errorf("the third reading is %+v, %v", third, err)
	}
}

func TestReadRefusals(t *testing.T) {
	cases := []struct {
		name string
		from *fakeCaller
		want []string
	}{
		{"401", answers(401, ""), []string{"refused us (401)", "credentials"}},
		{"403", answers(403, ""), []string{"refused us (403)"}},
		{"403 of a rate limit", answers(403, "", "X-RateLimit-Remaining", "0", "Retry-After", "60"), []string{"too often (403)", "60 seconds"}},
		{"404", answers(404, ""), []string{"moved or gone (404)", "new address"}},
		{"410", answers(410, ""), []string{"moved or gone (410)"}},
		{"429", answers(429, "", "Retry-After", "120"), []string{"less often (429)", "120 seconds"}},
		{"429 until", answers(429, "", "Retry-After", "Mon, 02 Nov 2026 12:00:00 GMT"), []string{"until Mon, 02 Nov"}},
		{"429 without a wait", answers(429, ""), []string{"next turn"}},
		{"500", answers(500, "x"), []string{"server failed (500)"}},
		{"503", answers(503, ""), []string{"server failed (503)"}},
		{"400", answers(400, `{"message":"filter is wrong"}`), []string{"refused the request (400)", "filter is wrong"}},
		{"302", answers(302, "", "Location", "https://b.example/login?token=hush"), []string{"redirects (302)", "https://b.example/login"}},
		{"204", answers(204, ""), []string{"status 204"}},
		{"304 at first", answers(304, ""), []string{"this is the first"}},
		{"an empty document", answers(200, " \n"), []string{"empty document"}},
		{"a sign-in page", answers(200, `<!doctype html><html><title>Sign in</title><input type=password>`), []string{`an HTML page titled "Sign in"`, "asks to sign in"}},
		{"gzip", answers(200, "\x1f\x8b\x08xxxx"), []string{"a gzip file"}},
		{"no answer", &fakeCaller{answer: func(httpcall.Request) (httpcall.Response, error) {
			return httpcall.Response{}, errors.New("connection refused")
		}}, []string{"connection refused"}},
	}
	src := partners.Source{URL: "https://user:hush@a.example/feed.xml?token=hush"}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			reading, err := NewReader(c.from, Addresses{}).Read(t.Context(), src, partners.Validators{})
			if err == nil {
				t.Fatalf("read %+v", reading)
			}
			for _, part := range append(c.want, "reading https://a.example/feed.xml?") {
				if !strings.Contains(err.Error(), part) && c.name != "304 at first" {
					t.Errorf("the error is %q, without %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error tells a secret: %v", err)
			}
			if reading.Changes != nil || reading.Validators != (partners.Validators{}) {
				t.Errorf("an error with the reading %+v", reading)
			}
		})
	}
}

func TestReadMoved(t *testing.T) {
	caller := &fakeCaller{answer: func(httpcall.Request) (httpcall.Response, error) {
		return httpcall.Response{Status: 200, Body: []byte(oneItem), URL: "https://new.example/notes/feed", Moved: "https://new.example/notes/feed"}, nil
	}}
	reading, err := NewReader(caller, Addresses{}).Read(t.Context(), feedSource, partners.Validators{})
	if err != nil || reading.Moved != "https://new.example/notes/feed" {
		t.Fatalf("moved to %q, %v", reading.Moved, err)
	}
	if c := reading.Changes[0]; c.Link != "https://new.example/new" || c.Source != feedSource.URL {
		t.Errorf("the link is %q of the source %q", c.Link, c.Source)
	}
}

func TestADescriptionIsFetchedAsItIs(t *testing.T) {
	const description = "openapi: 3.0.0"
	source := partners.Source{Kind: partners.SourceOpenAPI, URL: "https://a.example/openapi.yaml"}
	reader := NewReader(answers(200, description), Addresses{})
	reading, err := reader.Read(t.Context(), source, partners.Validators{})
	if err != nil || string(reading.Document) != description || len(reading.Changes) != 0 || reading.NotModified {
		t.Fatalf("it is read as %+v, %v", reading, err)
	}
	again, err := reader.Read(t.Context(), source, reading.Validators)
	if err != nil || !again.NotModified || again.Document != nil {
		t.Errorf("the same again is read as %+v, %v", again, err)
	}
	if _, err := NewReader(answers(404, ""), Addresses{}).Read(t.Context(), source, partners.Validators{}); err == nil || !strings.Contains(err.Error(), "moved or gone") {
		t.Errorf("one that is gone: %v", err)
	}
}

func TestReadKinds(t *testing.T) {
	caller := answers(200, oneItem)
	reader := NewReader(caller, Addresses{})
	_, err := reader.Read(t.Context(), partners.Source{Kind: "telepathy", URL: "https://a.example/x"}, partners.Validators{})
	if err == nil || !strings.Contains(err.Error(), "telepathy") {
		t.Errorf("kind telepathy: %v", err)
	}
	for _, kind := range []partners.SourceKind{partners.SourceOpenAPI, "telepathy"} {
		if _, err := Parse([]byte(oneItem), "", partners.Source{Kind: kind}); err == nil || !strings.Contains(err.Error(), string(kind)) {
			t.Errorf("kind %s: %v", kind, err)
		}
	}
	if _, err := reader.Read(t.Context(), partners.Source{}, partners.Validators{}); err == nil || !strings.Contains(err.Error(), "no url") {
		t.Errorf("without an address: %v", err)
	}
	for _, item := range []string{"", "p[", "p:nosuch("} {
		_, err := reader.Read(t.Context(), partners.Source{Kind: partners.SourceHTML, URL: "https://a.example/x", Item: item}, partners.Validators{})
		if err == nil || !strings.Contains(err.Error(), "item") || !strings.Contains(err.Error(), item) {
			t.Errorf("selector %q: %v", item, err)
		}
	}
	if len(caller.asked) != 0 {
		t.Errorf("asked %v for sources that cannot be read", caller.urls())
	}
	reading, err := reader.Read(t.Context(), partners.Source{URL: "https://a.example/feed"}, partners.Validators{})
	if err != nil || reading.Format != "rss" {
		t.Errorf("without a kind: %+v, %v", reading, err)
	}
}

func TestReadGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := NewReader(answers(200, oneItem), Addresses{}).Read(ctx, feedSource, partners.Validators{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// TestReadsSideBySide holds that one reader serves many goroutines; the race detector watches.
func TestReadsSideBySide(t *testing.T) {
	reader := NewReader(answers(200, string(fixture(t, "rss2.xml"))), Addresses{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if reading, err := reader.Read(t.Context(), feedSource, partners.Validators{}); err != nil || len(reading.Changes) != 3 {
				t.Errorf("%d entries, %v", len(reading.Changes), err)
			}
		})
	}
	all.Wait()
}

// TestCharsets reads one document in the encodings that servers declare, and in those that they forget to.
func TestCharsets(t *testing.T) {
	document := func(declaration string) string {
		return declaration + `<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>Überholt: café</title></item></channel></rss>`
	}
	latin1 := func(s string) []byte {
		var b []byte
		for _, r := range s {
			b = append(b, byte(r))
		}
		return b
	}
	cases := []struct {
		name, contentType string
		document          []byte
		guessed           bool
	}{
		{"plain", "", []byte(document("")), false},
		{"byte order mark", "", []byte("\ufeff" + document("")), false},
		{"declared in the document", "", latin1(document(`<?xml version="1.0" encoding="ISO-8859-1"?>`)), false},
		{"declared by the server", "application/rss+xml; charset=iso-8859-1", latin1(document("")), false},
		{"declared in quotes", `text/xml; charset="windows-1252"; x=y`, latin1(document("")), false},
		{"declared by nobody", "", latin1(document("")), true},
		{"declared wrongly", "text/xml; charset=utf-8", latin1(document(`<?xml version="1.0" encoding="UTF-8"?>`)), true},
		{"declared as what it is not", "", []byte(document(`<?xml version="1.0" encoding="ISO-8859-1"?>`)), false},
		{"declared as nonsense", "text/xml; charset=klingon", latin1(document("")), true},
		{"version 1.1", "", []byte(document(`<?xml version="1.1" encoding="utf-8"?>`)), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			reading, err := Parse(c.document, c.contentType, partners.Source{})
			if err != nil {
				t.Fatal(err)
			}
			if got := reading.Changes[0].Title; got != "Überholt: café" {
				t.Errorf("read %q", got)
			}
			if guessed := strings.Contains(reading.Repaired, "windows-1252"); guessed != c.guessed {
				t.Errorf("repaired: %q", reading.Repaired)
			}
		})
	}
}
