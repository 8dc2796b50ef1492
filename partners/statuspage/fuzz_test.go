package statuspage_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// FuzzParse feeds any bytes to every reader, by kind and by content. Whatever comes: an answer that can be stored, with a
// reason wherever it is unknown, and never well by a document that says nothing.
func FuzzParse(f *testing.F) {
	seed(f, "*")
	f.Fuzz(func(t *testing.T, body []byte) {
		check(t, body, "")
		for _, kind := range statuspage.Kinds() {
			check(t, body, kind)
		}
	})
}

// The targets by format begin with that format's documents, so that mutations stay inside its reader.
func FuzzStatuspage(f *testing.F)  { fuzzKind(f, "statuspage") }
func FuzzIncidentIO(f *testing.F)  { fuzzKind(f, "incidentio") }
func FuzzInstatus(f *testing.F)    { fuzzKind(f, "instatus") }
func FuzzStatusIO(f *testing.F)    { fuzzKind(f, "statusio") }
func FuzzBetterStack(f *testing.F) { fuzzKind(f, "betterstack") }
func FuzzGoogle(f *testing.F)      { fuzzKind(f, "google") }
func FuzzAWS(f *testing.F)         { fuzzKind(f, "aws") }
func FuzzAzure(f *testing.F)       { fuzzKind(f, "azure") }
func FuzzSlack(f *testing.F)       { fuzzKind(f, "slack") }
func FuzzSalesforce(f *testing.F)  { fuzzKind(f, "salesforce") }
func FuzzM365(f *testing.F)        { fuzzKind(f, "m365") }
func FuzzRSS(f *testing.F)         { fuzzKind(f, "rss") }
func FuzzHTML(f *testing.F)        { fuzzKind(f, "html") }
func FuzzJSON(f *testing.F)        { fuzzKind(f, "json") }

func fuzzKind(f *testing.F, kind string) {
	f.Helper()
	prefix := map[string]string{"rss": "feed", "json": "generic", "html": "*.html"}[kind]
	if prefix == "" {
		prefix = kind
	}
	seed(f, prefix)
	f.Fuzz(func(t *testing.T, body []byte) { check(t, body, kind) })
}

func seed(f *testing.F, prefix string) {
	f.Helper()
	pattern := prefix
	if !strings.Contains(prefix, "*") {
		pattern += "*"
	}
	files, err := filepath.Glob(filepath.Join(documents, pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no documents match %s: %v", pattern, err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}

func check(t *testing.T, body []byte, kind string) {
	t.Helper()
	s := statuspage.Parse(body, "", "https://status.example/x", kind, morning())
	if (s.Level == partners.Unknown) != (s.Problem != "") {
		t.Fatalf("level %q with problem %q", s.Level, s.Problem)
	}
	if s.Level == partners.Operational && (s.Kind == "" || len(strings.TrimSpace(string(body))) < 2) {
		t.Fatalf("well by nothing: %q", body)
	}
	for _, i := range s.Incidents {
		if i.Open() && s.Level == partners.Operational {
			t.Fatalf("well with an open incident: %+v", i)
		}
		if i.Link != "" && !strings.HasPrefix(i.Link, "http") || strings.ContainsAny(i.Name, "\n\x00") || i.Name == "" {
			t.Fatalf("incident %+v", i)
		}
	}
	out, err := json.Marshal(s)
	if err != nil || !utf8.Valid(out) {
		t.Fatalf("the status can not be stored: %v", err)
	}
	for _, pattern := range []string{"*", "Invoices API", "EU*"} {
		if ours := s.Concerning([]string{pattern}); ours.Level == "" {
			t.Fatalf("concerning %q there is no level", pattern)
		}
	}
}
