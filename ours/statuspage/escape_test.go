package statuspage

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sparky/incidents"
	"sparky/partners"
)

type ctx = context.Context

// hostile is a site on which everything that comes from outside is the given text.
func hostile(t *testing.T, text string) *site {
	t.Helper()
	s := newSite(t)
	s.memory.all = []incidents.Incident{{ID: text, Name: text, Outage: 1, Affects: []string{text}, Post: incidents.Post{State: incidents.PostPublished,
		Updates: []incidents.PostUpdate{{At: morning, Phase: text, Level: partners.Level(text), Title: text, Text: text}}}}}
	s.handler = Builtin(s.memory, Served{Name: text, Features: []string{text, "Sign-in"}, Address: "https://status.acme.example/status", Now: s.clock.Now})
	return s
}

// checkHTML holds that nothing of a text became part of the page's own structure.
func checkHTML(t *testing.T, s *site, path string) {
	t.Helper()
	r := s.get(path)
	if r.Code != http.StatusOK && r.Code != http.StatusNotFound {
		t.Fatalf("%s: %d", path, r.Code)
	}
	doc, err := goquery.NewDocumentFromReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Find("script, img, iframe, form, svg, object, base, meta[http-equiv]").Length() != 0 || doc.Find("style").Length() != 1 || doc.Find("main").Length() != 1 {
		t.Errorf("%s: a text became markup: %s", path, words1(doc.Find("body")))
	}
	for _, element := range doc.Find("*").EachIter() {
		for _, attribute := range element.Nodes[0].Attr {
			if strings.HasPrefix(attribute.Key, "on") || attribute.Key == "style" {
				t.Errorf("%s: attribute %s=%q", path, attribute.Key, attribute.Val)
			}
			if attribute.Key == "href" && strings.Contains(attribute.Val, ":") && !strings.HasPrefix(attribute.Val, "https://") {
				t.Errorf("%s: leads to %q", path, attribute.Val)
			}
		}
	}
}

func nasty() []string {
	return []string{"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</style><script>", "javascript:alert(1)",
		"https://a.example/\" onmouseover=\"x", "{{.}}", "</title></head><body onload=x>", "\x00\xff\xfe", strings.Repeat("W", 5000),
		"../../etc/passwd", "a/b?c#d", "'';!--\"<XSS>=&{()}", "https://", "https://.", "\u202egnp.exe", ""}
}

func TestTextStaysText(t *testing.T) {
	for _, text := range nasty() {
		s := hostile(t, text)
		checkHTML(t, s, "/status/")
		checkHTML(t, s, "/status/incidents/"+escapePath(text+"x"))
		checkDocuments(t, s)
	}
}

// TestTheTextIsThere holds that escaping shows the text instead of losing it.
func TestTheTextIsThere(t *testing.T) {
	const text = `<b>"Tom & Jerry's"</b>`
	doc := hostile(t, text).document("/status/")
	for _, place := range []string{"h1", "h3", ".updates p", ".features span"} {
		if !strings.Contains(words1(doc.Find(place).First()), text) {
			t.Errorf("%s shows %q", place, words1(doc.Find(place).First()))
		}
	}
}

// checkDocuments holds that the documents for programs are whole.
func checkDocuments(t *testing.T, s *site) {
	t.Helper()
	for name := range documents() {
		if r := s.get("/status/api/v2/" + name); r.Code != http.StatusOK || !json.Valid(r.Body.Bytes()) {
			t.Errorf("%s: %d %s", name, r.Code, r.Body)
		}
	}
	if r := s.get("/status/feed.atom"); r.Code != http.StatusOK {
		t.Errorf("the feed: %d", r.Code)
	}
}

// FuzzPage holds the same for whatever the fuzzer comes upon.
func FuzzPage(f *testing.F) {
	for _, text := range nasty() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := hostile(t, text)
		checkHTML(t, s, "/status/")
		checkDocuments(t, s)
	})
}

// FuzzPieces holds that finding addresses loses nothing of a text, and finds nothing but addresses.
func FuzzPieces(f *testing.F) {
	f.Add("See https://a.example/x, or https://b.example.")
	f.Add("https://https://...")
	f.Fuzz(func(t *testing.T, text string) {
		var whole strings.Builder
		for _, p := range pieces(text) {
			whole.WriteString(p.Text)
			if p.Link != "" && (!strings.HasPrefix(p.Link, "https://") || p.Link == "https://" || strings.ContainsAny(p.Link, " \t\n<>\"'")) {
				t.Errorf("a link to %q", p.Link)
			}
			if p.Text == "" {
				t.Error("an empty piece")
			}
		}
		if whole.String() != text {
			t.Errorf("%q became %q", text, whole.String())
		}
	})
}

func TestPieces(t *testing.T) {
	for text, want := range map[string]string{
		"See https://a.example/x.":          "https://a.example/x",
		"(https://a.example/x?y=1&z=(2))":   "https://a.example/x?y=1&z=(2",
		"http://a.example":                  "",
		"https:// is no address":            "",
		"https://a.example–dash":            "https://a.example",
		"xhttps://a.example/é":              "https://a.example/",
		"https://a.example\nhttps://b.test": "https://a.example https://b.test",
	} {
		var links []string
		for _, p := range pieces(text) {
			if p.Link != "" {
				links = append(links, p.Link)
			}
		}
		if got := strings.Join(links, " "); got != want {
			t.Errorf("%q leads to %q, want %q", text, got, want)
		}
	}
}

// TestThePolicyAllowsThePagesOwnStyleAlone holds the hash in the policy against the style as it is served.
func TestThePolicyAllowsThePagesOwnStyleAlone(t *testing.T) {
	s := newSite(t)
	r := s.get("/status/")
	_, after, _ := strings.Cut(r.Body.String(), "<style>")
	css, _, _ := strings.Cut(after, "</style>")
	sum := sha256.Sum256([]byte(css))
	policy := r.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Error(policy)
	}
	if r.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Error("the content type may be guessed")
	}
}

func TestSpans(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "less than a minute", 59 * time.Second: "less than a minute", time.Minute: "1 min",
		time.Hour: "1 h", 61 * time.Minute: "1 h 1 min", 47*time.Hour + 59*time.Minute: "47 h 59 min", 50 * time.Hour: "2 days", 10 * time.Hour: "10 h"} {
		if got := span(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	down := feature{name: "Ticket sync", level: partners.MajorOutage}
	slow := feature{name: "Sign-in", level: partners.Degraded}
	well := feature{name: "Meetings", level: partners.Operational}
	for want, f := range map[string]facts{
		"No incidents are open":          {features: []feature{well}},
		"There is an open incident":      {features: []feature{well}, open: []happening{{}}},
		"Ticket sync: down":              {features: []feature{down, well}},
		"2 of 3 features are affected":   {features: []feature{down, slow, well}},
		"All features are affected":      {features: []feature{down, slow}},
		"Meetings: under maintenance":    {features: []feature{{name: "Meetings", level: partners.Maintenance}}},
		"Ticket sync: under maintenance": {features: []feature{{name: "Ticket sync", level: partners.Maintenance}, well}},
	} {
		if got := f.sentence(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
