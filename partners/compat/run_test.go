package compat

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
)

func TestWhatChangedIsTold(t *testing.T) {
	const get = "GET /v2/parcels"
	for name, test := range map[string]struct {
		answer func(*http.Request) *http.Response
		want   []string
	}{
		"nothing":        {always(200, `{"parcels":[{"id":"1","more":[]},{"id":"2"}],"new":{}}`), nil},
		"a renamed list": {always(200, `{"shipments":[{"id":"1"}]}`), []string{"field `parcels` is missing from " + get + "; what is there: shipments"}},
		"a renamed field": {always(200, `{"parcels":[{"id":"1"},{"key":"2","at":"x"}]}`),
			[]string{"field `parcels[].id` is missing from " + get + "; what is there: at, key"}},
		"another type":     {always(200, `{"parcels":[{"id":7}]}`), []string{"field `parcels[].id` of " + get + " is a number, and must be text"}},
		"null":             {always(200, `{"parcels":[{"id":null}]}`), []string{"field `parcels[].id` of " + get + " is null, and must be text"}},
		"an empty id":      {always(200, `{"parcels":[{"id":" "}]}`), []string{"field `parcels[].id` of " + get + " is empty"}},
		"an object":        {always(200, `{"parcels":{"items":[]}}`), []string{"field `parcels` of " + get + " is an object, and must be a list"}},
		"a bare list":      {always(200, `[{"id":"1"}]`), []string{"field `parcels` is missing from " + get}},
		"an entry of text": {always(200, `{"parcels":["1"]}`), []string{"field `parcels[].id` is missing from " + get}},
		"an empty list": {always(200, `{"parcels":[]}`),
			[]string{"`parcels` of " + get + " lists nothing, so that field `parcels[].id` cannot be looked at; give the account something that it can see"}},
		"gone":       {always(410, `{"message":"bye"}`), []string{get + " answers 410: the version is gone"}},
		"a mistake":  {always(400, `{"message":"no   such\nversion"}`), []string{get + " answers 400, and must answer 200; it says: “no such version”"}},
		"no content": {always(204, ``), []string{get + " answers 204, and must answer 200"}},
		"a page": {always(200, `<html><title>Welcome</title></html>`, "Content-Type", "text/html"),
			[]string{get + ": parcels.example answered 200 OK with a web page in the place of JSON, titled “Welcome”"}},
	} {
		t.Run(name, func(t *testing.T) {
			report, _ := tried(t, parcels(nil), test.answer)
			differs(t, report, test.want...)
		})
	}
}

// TestFieldsOfHostileNames: a name that is shown comes from outside.
func TestFieldsOfHostileNames(t *testing.T) {
	report, _ := tried(t, parcels(nil), always(200, `{"<!channel>":1,"a b":2,"`+strings.Repeat("x", 200)+`":3,"ok":4}`))
	differs(t, report, "field `parcels` is missing from GET /v2/parcels; what is there: ok")
	many, _ := tried(t, parcels(nil), always(200, `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}`))
	differs(t, many, "field `parcels` is missing from GET /v2/parcels; what is there: a, b, c, d, e, f, g, h…")
}

func TestHeadersAndErrors(t *testing.T) {
	contract := parcels(func(c *partners.Contract) {
		c.Operations[0].Fields = nil
		c.Operations[0].Headers = []partners.Field{{Path: "X-Left", Type: partners.FieldNumber}, {Path: "X-Total", Type: partners.FieldNumber, Optional: true}}
		c.Operations = append(c.Operations,
			partners.Operation{Name: "ask for none", Path: "/{version}/parcels/{mark}", Status: 404, Fields: []partners.Field{{Path: "error.code", Type: partners.FieldWord}}},
			partners.Operation{Name: "call without a credential", Path: "/{version}/parcels", Anonymous: true, Status: 401},
			partners.Operation{Name: "call it once more", Path: "/{version}/parcels", Anonymous: true},
		)
	})
	good := func(req *http.Request) *http.Response {
		switch {
		case req.Header.Get("Authorization") == "":
			return reply(401, ``)
		case req.URL.Path != "/v2/parcels":
			return reply(404, `{"error":{"code":"NONE"}}`)
		}
		return reply(200, ``, "X-Left", "17")
	}
	report, n := tried(t, contract, good)
	differs(t, report)
	if len(n.asked) != 4 || n.heard[0].Header.Get("Authorization") != "Bearer our-token-of-the-sandbox" {
		t.Errorf("asked %v", n.asked)
	}
	report, _ = tried(t, contract, func(req *http.Request) *http.Response {
		if req.URL.Path != "/v2/parcels" {
			return reply(404, `{"title":"Not Found"}`)
		}
		return reply(200, ``, "X-Total", "many")
	})
	differs(t, report,
		"header `X-Left` is missing from GET /v2/parcels", "header `X-Total` of GET /v2/parcels is text, and must be a number",
		"field `error.code` is missing from the 404 of GET /v2/parcels/{id}; what is there: title",
		"GET /v2/parcels without a credential answers 200, and must refuse it with 401",
		"GET /v2/parcels without a credential answers 200, and must refuse it with 401 or 403")
	if !strings.Contains(report.outcomes(), "list parcels: headers (2): failed") {
		t.Errorf("two differences of one name:\n%s", report.outcomes())
	}
	// Who may not be let in is refused, and with what a vendor that documents neither does not matter.
	report, _ = tried(t, contract, func(req *http.Request) *http.Response {
		if req.Header.Get("Authorization") == "" {
			return reply(403, ``)
		}
		return good(req)
	})
	differs(t, report, "GET /v2/parcels without a credential answers 403, and must answer 401")
}

// chain is a contract whose operations need what the one before gave.
func chain(c *partners.Contract) {
	word := func(path string) []partners.Field { return []partners.Field{{Path: path, Type: partners.FieldWord}} }
	c.Operations = []partners.Operation{
		{Name: "make", Method: http.MethodPost, Path: "/{version}/parcels", Body: `{"note":"{mark}"}`, Status: 201, Fields: word("id"), Save: map[string]string{"parcel": "id"}},
		{Name: "read", Path: "/{version}/parcels/{parcel}", Query: map[string]string{"of": "{mark}", "none": ""}, Status: 200,
			Fields: []partners.Field{{Path: "note", Type: partners.FieldText, Is: "{mark}"}}},
	}
}

func TestOneCallNeedsAnother(t *testing.T) {
	note := ""
	report, n := tried(t, parcels(chain), func(req *http.Request) *http.Response {
		if req.Method == http.MethodPost {
			body := make([]byte, req.ContentLength)
			_, _ = req.Body.Read(body)
			note = strings.TrimSuffix(strings.TrimPrefix(string(body), `{"note":"`), `"}`)
			return reply(201, `{"id":"a/b?c"}`)
		}
		return reply(200, `{"note":"`+note+`"}`)
	})
	differs(t, report)
	if !strings.HasPrefix(note, "sparky-probe-compat-") || n.asked[1] != "GET /v2/parcels/a%2Fb%3Fc?of="+note || n.heard[0].Header.Get("Content-Type") != "application/json" {
		t.Errorf("it asked %v with the mark %q", n.asked, note)
	}
	report, _ = tried(t, parcels(chain), func(req *http.Request) *http.Response {
		if req.Method == http.MethodPost {
			return reply(201, `{"key":"1"}`)
		}
		return reply(200, `{}`)
	})
	differs(t, report, "field `id` is missing from POST /v2/parcels; what is there: key")
	if got := report.outcomes(); !strings.Contains(got, "read: skipped\n  not tried: no call before it gave the parcel that it needs") {
		t.Errorf("got\n%s", got)
	}
	report, _ = tried(t, parcels(chain), func(req *http.Request) *http.Response {
		if req.Method == http.MethodPost {
			return reply(201, `{"id":"1"}`)
		}
		return reply(200, `{"note":"another"}`)
	})
	differs(t, report, "field `note` of GET /v2/parcels/{parcel} is not what was written")
}

func TestNobodyAnswers(t *testing.T) {
	contract := parcels(func(c *partners.Contract) { c.Operations = append(c.Operations, c.Operations[0], c.Operations[0]) })
	report, n := tried(t, contract, func(*http.Request) *http.Response { return nil })
	if len(n.asked) != 1 || report.Count(Unknown) != 1 || report.Count(Failed) != 0 || report.Count(Skipped) != 2 || report.Passed() {
		t.Errorf("%d calls:\n%s", len(n.asked), report.outcomes())
	}
	if got := report.Unknowns()[0]; !strings.HasPrefix(got, "GET /v2/parcels at parcels.example got no answer: ") {
		t.Errorf("told %q", got)
	}
}

// TestBeingAskedToSlowDown: what says nothing about the version is no difference, wherever in the run it comes.
func TestBeingAskedToSlowDown(t *testing.T) {
	report, _ := tried(t, parcels(nil), always(429, `{}`))
	want := "GET /v2/parcels answers 429: it asks us to slow down, which says nothing about the version; run it again later"
	if got := report.Unknowns(); len(got) != 1 || got[0] != want || report.Count(Failed) != 0 || report.Passed() {
		t.Errorf("told %q:\n%s", got, report.outcomes())
	}
	twice := parcels(func(c *partners.Contract) { c.Operations = append(c.Operations, c.Operations[0]) })
	calls := 0
	report, _ = tried(t, twice, func(*http.Request) *http.Response {
		if calls++; calls > 1 {
			return reply(429, `{}`)
		}
		return reply(200, `{"parcels":[{"key":"1"}]}`)
	})
	if report.Count(Unknown) != 1 || len(report.Differences()) != 1 || !strings.Contains(report.Differences()[0], "`parcels[].id` is missing") {
		t.Errorf("a difference beside it is not told:\n%s", report.outcomes())
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(d time.Duration) func(*http.Request) *http.Response {
			return func(*http.Request) *http.Response {
				<-time.After(d)
				return reply(200, `{"parcels":[{"id":"1"}]}`)
			}
		}
		report, _ := tried(t, parcels(nil), slow(6*time.Second))
		differs(t, report, "GET /v2/parcels took 6s, and at most 5s is relied on")
		if report.Took != 6*time.Second || report.Checks[0].Took != 6*time.Second {
			t.Errorf("it took %s, and the call %s", report.Took, report.Checks[0].Took)
		}
		report, _ = tried(t, parcels(nil), slow(4*time.Second))
		differs(t, report)
		report, _ = tried(t, parcels(func(c *partners.Contract) { c.Latency = time.Second }), slow(1500*time.Millisecond))
		differs(t, report, "GET /v2/parcels took 1.5s, and at most 1s is relied on")
	})
}

func TestARunThatIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	contract := parcels(func(c *partners.Contract) { c.Operations = append(c.Operations, c.Operations[0]) })
	n := &network{}
	n.answer = func(*http.Request) *http.Response {
		cancel()
		return reply(200, `{"parcels":[{"id":"1"}]}`)
	}
	report, err := suiteOf(contract).Run(ctx, partner(), "v2", "", over(n))
	if !errors.Is(err, context.Canceled) || len(n.asked) != 1 || len(report.Checks) == 0 {
		t.Errorf("%v after %v, with %d checks", err, n.asked, len(report.Checks))
	}
}

func TestASecretIsNotTold(t *testing.T) {
	report, _ := tried(t, parcels(nil), always(400, `{"message":"who is our-token-of-the-sandbox?"}`))
	if text := report.outcomes(); strings.Contains(text, "our-token") || !strings.Contains(text, "who is") {
		t.Errorf("it tells\n%s", text)
	}
}

func TestVersionInAHeader(t *testing.T) {
	contract := parcels(func(c *partners.Contract) {
		c.Present, c.Headers, c.Operations[0].Path = "", map[string]string{"Accept": "application/json; v={version}"}, "/parcels"
	})
	n := &network{answer: always(200, `{"parcels":[{"id":"1"}]}`)}
	for version, accept := range map[string]string{"v2": "application/json; v=v2", "spring": "application/json"} {
		if _, err := suiteOf(contract).Run(t.Context(), partner(), version, "https://s.example", over(n)); err != nil {
			t.Fatal(err)
		}
		if got := n.heard[len(n.heard)-1]; got.Header.Get("Accept") != accept || got.URL.Host != "s.example" {
			t.Errorf("%s: asked %s for %s", version, got.URL, got.Header.Get("Accept"))
		}
	}
}

func TestATokenThatIsNotGiven(t *testing.T) {
	n := &network{answer: always(401, `{"error":"invalid_client"}`)}
	suite := suiteOf(parcels(nil))
	suite.Sign = func(*partners.Auth) httpcall.Auth {
		return httpcall.Auth{OAuth2: &httpcall.OAuth2{TokenURL: "https://parcels.example/token", ClientID: "us"}}
	}
	report, err := suite.Run(t.Context(), partner(), "v2", "", over(n))
	if err != nil || report.Count(Unknown) != 1 || !strings.Contains(report.Unknowns()[0], "got no answer: ") {
		t.Errorf("%v\n%s", err, report.outcomes())
	}
}

// TestACredentialThatIsRefused tells nothing about the version: the sandbox may have another one than the run was given.
func TestACredentialThatIsRefused(t *testing.T) {
	report, _ := tried(t, parcels(nil), always(401, `{}`))
	want := "GET /v2/parcels answers 401: our credential is not accepted there, which says nothing about the version; check the one that the run was given"
	if got := report.Unknowns(); len(got) != 1 || got[0] != want || report.Count(Failed) != 0 || report.Passed() {
		t.Errorf("%s", report.outcomes())
	}
}
