package probe

import (
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

func TestExcerpts(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"servicenow":      {`{"error":{"message":"User Not Authenticated","detail":"Required to provide Auth information"},"status":"failure"}`, "User Not Authenticated: Required to provide Auth information"},
		"microsoft":       {`{"error":{"code":"Forbidden","message":"Missing scope"}}`, "Missing scope"},
		"okta":            {`{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorCauses":[]}`, "Invalid token provided"},
		"oauth":           {`{"error":"invalid_client","error_description":"AADSTS7000222: expired"}`, "AADSTS7000222: expired"},
		"oauth, short":    {`{"error":"invalid_client"}`, "invalid_client"},
		"problem":         {`{"title":"Out of order","detail":"Try again","status":503}`, "Try again"},
		"atlassian":       {`{"errorMessages":["No such project"],"errors":{}}`, "No such project"},
		"json:api":        {`{"errors":[{"detail":"wrong id"}]}`, "wrong id"},
		"list of texts":   {`{"errors":["first","second"]}`, "first"},
		"salesforce":      {`[{"message":"Session expired","errorCode":"INVALID_SESSION_ID"}]`, "Session expired"},
		"github":          {`{"message":"Bad credentials","documentation_url":"x"}`, "Bad credentials"},
		"other json":      {`{"status":"down"}`, `{"status":"down"}`},
		"no message":      {`{"error":{"message":""},"message":7}`, `{"error":{"message":""},"message":7}`},
		"markup in json":  {`{"message":"<p>Not <b>here</b></p>"}`, "Not here"},
		"types in json":   {`{"message":"expected List<String>"}`, "expected List<String>"},
		"page":            {"<!doctype html><html><head><title>502 Bad Gateway</title><style>p{}</style><script>var a='<p>'</script></head><body><h1>Bad gateway</h1><p>Try&nbsp;again</p></body></html>", "502 Bad Gateway Bad gateway Try again"},
		"title twice":     {"<html><title>503 Service Unavailable</title><h1>503 Service Unavailable</h1><p>Later.", "503 Service Unavailable Later."},
		"title alone":     {"<html><title>Down</title>", "Down"},
		"soap":            {`<?xml version="1.0"?><soap:Fault><faultstring>Too many requests</faultstring></soap:Fault>`, "Too many requests"},
		"text":            {"  upstream connect error\r\n\tor disconnect ", "upstream connect error or disconnect"},
		"empty":           {"", ""},
		"binary":          {"\x89PNG\x00\x01", ""},
		"not utf-8":       {"caf\xe9 closed", "caf closed"},
		"what deceives":   {"a\u202eb\u200bc\x1b[31m", "abc[31m"},
		"unclosed script": {"<html><script>alert(1)", ""},
	} {
		if got := Excerpt(httpcall.Response{Body: []byte(test.body)}); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestExcerptsAreShort(t *testing.T) {
	got := Excerpt(httpcall.Response{Body: []byte(strings.Repeat("é ", 5000))})
	if n := utf8.RuneCountInString(got); n > 300 || n < 290 || !strings.HasSuffix(got, "…") {
		t.Errorf("got %d characters, ending in %q", n, got[len(got)-8:])
	}
	if exact := strings.Repeat("x", 300); Excerpt(httpcall.Response{Body: []byte(exact)}) != exact {
		t.Error("a text that fits was cut")
	}
	deep := strings.Repeat("[", 5<<20)
	if got := Excerpt(httpcall.Response{Body: []byte(deep)}); utf8.RuneCountInString(got) != 300 {
		t.Errorf("got %d characters of a document that is nested without end", utf8.RuneCountInString(got))
	}
}

func FuzzExcerpt(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"message":"a","detail":"b"}}`, "<html><title>x</title>", "<script>", "\xff\xfe", `[{"message":"<a>"}]`, "a\u202eb", "&lt;",
	} {
		f.Add([]byte(seed), "text/html")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		answer := response(200, string(body), "Content-Type", strings.Map(func(r rune) rune { return max(r, ' ') }, contentType))
		got := Excerpt(answer)
		if utf8.RuneCountInString(got) > longestExcerpt {
			t.Fatalf("%d characters", utf8.RuneCountInString(got))
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) }) || got != strings.TrimSpace(got) {
			t.Fatalf("%q cannot be shown on a line", got)
		}
		if _, failure := JSON("x", answer); failure != nil && failure.Problem == "" {
			t.Fatal("a failure without words")
		}
		signIn(answer)
		movedToSignIn("https://api.example/other", answer)
	})
}

// TestAnExcerptCutsNoSecret has an answer give back our credentials at every place where it may be cut.
func TestAnExcerptCutsNoSecret(t *testing.T) {
	const password, token = "pppp1234567890secret", "tttt1234567890token"
	for padding := range longestExcerpt {
		transport := network(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path == "/token" {
				return always(200, `{"access_token":"`+token+`"}`)(req)
			}
			return always(400, `{"message":"`+strings.Repeat("x", padding)+` `+password+` `+token+`"}`)(req)
		})
		client := httpcall.New(httpcall.Options{Transport: transport, Redactor: setting.NewRedactor(setting.NewSecret(password))})
		answer, err := client.With("acme", httpcall.Auth{OAuth2: &httpcall.OAuth2{TokenURL: "https://api.example/token"}}).Do(t.Context(), httpcall.Request{URL: "https://api.example/x"})
		if err != nil {
			t.Fatal(err)
		}
		if got := Excerpt(answer); strings.Contains(got, password[:4]) || strings.Contains(got, token[:4]) {
			t.Fatalf("after %d letters: %s", padding, got)
		}
	}
}

// TestNobodysDataIsAnExcerpt holds that of an answer of success only what was written for people is shown.
func TestNobodysDataIsAnExcerpt(t *testing.T) {
	for body, want := range map[string]string{
		`{"name":"Ada Osei"}`:            "",
		` [{"message":"Dear Ada Osei"}]`: "",
		`"Ada Osei"`:                     "",
		`<employee>Ada Osei</employee>`:  "",
		"We are back soon":               "We are back soon",
		"<html><p>We are back soon":      "We are back soon",
		"":                               "",
	} {
		if got := Excerpt(response(200, body)); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
	for name, data := range map[string]httpcall.Response{
		"JSON that calls itself a page": response(200, `{"name":"Ada Osei"}`, "Content-Type", "text/html"),
		"JSON behind much white space":  response(200, strings.Repeat(" ", 1<<11)+`{"name":"Ada Osei"}`),
	} {
		if got := Excerpt(data); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := Excerpt(response(500, `{"message":"Out of order"}`)); got != "Out of order" {
		t.Errorf("of an answer of error: %q", got)
	}
}
