package okta

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

const token = "00cAnArYtOkEnOfOkTa1234567"

// network answers every call, and notes what was asked.
type network struct {
	status int
	body   string
	header []string
	err    error
	seen   []string
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.seen = append(n.seen, req.Method+" "+req.URL.String()+" "+req.Header.Get("Authorization"))
	if n.err != nil {
		return nil, n.err
	}
	return canned.Answer(n.status, n.body, append([]string{"Content-Type", "application/json"}, n.header...)...), nil
}

func run(t testing.TB, base string, n *network) partners.ProbeResult {
	t.Helper()
	client := httpcall.New(httpcall.Options{Transport: n, Retries: -1}).With("okta", httpcall.Auth{Header: &httpcall.Header{Name: "Authorization", Value: setting.NewSecret("SSWS " + token)}})
	config := partners.ProbeConfig{ID: "org", Kind: partners.KindOktaOrg, BaseURL: base, Timeout: setting.Duration(10 * time.Second)}
	made, err := New(config, client)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Run(t.Context(), "okta", config, made, time.Now)
}

func org1(subdomain, status, end string) string {
	return fmt.Sprintf(`{"id":"00o1","companyName":"Acme","status":%q,"subdomain":%q,"expiresAt":%s}`, status, subdomain, end)
}

func oktaError(code, summary string) string {
	return fmt.Sprintf(`{"errorCode":%q,"errorSummary":%q,"errorLink":%q,"errorId":"oae1","errorCauses":[]}`, code, summary, code)
}

func TestAnswers(t *testing.T) {
	soon := time.Now().Add(9 * 24 * time.Hour).UTC()
	for name, test := range map[string]struct {
		network
		class partners.FailureClass
		words []string
		warns string
	}{
		"active":              {network{status: 200, body: org1("acme", "ACTIVE", "null")}, "", nil, ""},
		"without a subdomain": {network{status: 200, body: `{"id":"00o1","status":"active"}`}, "", nil, ""},
		"on trial":            {network{status: 200, body: org1("Acme", "ACTIVE", `"`+soon.Format("2006-01-02T15:04:05.000Z")+`"`)}, "", nil, "ends on " + soon.Format("2 January 2006")},
		"ends next year":      {network{status: 200, body: org1("acme", "ACTIVE", `"`+soon.AddDate(1, 0, 0).Format(time.RFC3339)+`"`)}, "", nil, ""},
		"no end":              {network{status: 200, body: org1("acme", "ACTIVE", `"never"`)}, "", nil, ""},
		"ended":               {network{status: 200, body: org1("acme", "INACTIVE", "null")}, partners.FailContent, []string{`"INACTIVE" and not ACTIVE`, "subscription"}, ""},
		"another org":         {network{status: 200, body: org1("globex", "ACTIVE", "null")}, partners.FailContent, []string{`another org, "globex" and not acme`, "base_url"}, ""},
		"another API":         {network{status: 200, body: `{"result":[]}`}, partners.FailContent, []string{"no org"}, ""},
		"a list":              {network{status: 200, body: `[1]`}, partners.FailContent, []string{"no org"}, ""},
		"a sign-in page":      {network{status: 200, body: `<html><title>Acme - Sign In</title>`, header: []string{"Content-Type", "text/html"}}, partners.FailContent, []string{"sign-in page"}, ""},
		"dead token":          {network{status: 401, body: oktaError("E0000011", "Invalid token provided")}, partners.FailAuth, []string{"answered 401", "30 days without use", "(Okta's code E0000011)"}, ""},
		"no role":             {network{status: 403, body: oktaError("E0000006", "You do not have permission")}, partners.FailRights, []string{"answered 403", "admin role", "okta.orgs.read"}, ""},
		"no feature":          {network{status: 401, body: oktaError("E0000015", "You do not have permission to access the feature")}, partners.FailRights, []string{"answered 401. Reading the org needs"}, ""},
		"no scope":            {network{status: 403, header: []string{"WWW-Authenticate", `Bearer authorization_uri="http://x", error="insufficient_scope"`}}, partners.FailRights, []string{"lacks a scope", "grant okta.orgs.read"}, ""},
		"wants DPoP":          {network{status: 400, header: []string{"WWW-Authenticate", `DPoP error="invalid_dpop_proof"`}}, partners.FailAuth, []string{"demands DPoP"}, ""},
		"too often":           {network{status: 429, body: oktaError("E0000047", "API call exceeded rate limit"), header: []string{"X-Rate-Limit-Limit", "600", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "1793786460"}}, partners.FailThrottled, []string{"wait until 4 November 10:01 UTC", "count together (Okta's code E0000047)"}, ""},
		"too many at once":    {network{status: 429, body: oktaError("E0000047", "x"), header: []string{"X-Rate-Limit-Limit", "0", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "1793786460"}}, partners.FailThrottled, []string{"at the same time"}, ""},
		"no time to wait":     {network{status: 429, header: []string{"X-Rate-Limit-Reset", "soon"}}, partners.FailThrottled, []string{"does not say for how long"}, ""},
		"the edge's patience": {network{status: 429, header: []string{"Retry-After", "7", "X-Rate-Limit-Reset", "1793786460"}}, partners.FailThrottled, []string{"wait for 7 seconds"}, ""},
		"limit with 403":      {network{status: 403, body: oktaError("E0000047", "x")}, partners.FailThrottled, []string{"answered 403. Calls of all apps"}, ""},
		"not found":           {network{status: 404, body: oktaError("E0000007", "Not found: Resource not found")}, partners.FailNotFound, []string{"check the address"}, ""},
		"their error":         {network{status: 500, body: oktaError("E0000009", "Internal Server Error")}, partners.FailServer, []string{"answered 500 Internal Server Error (Okta's code"}, ""},
		"the edge":            {network{status: 503, body: "<html><h1>Down</h1>", header: []string{"Content-Type", "text/html", "X-Amz-Cf-Id", "1"}}, partners.FailServer, []string{"amazon cloudfront"}, ""},
		"an odd code":         {network{status: 400, body: oktaError("<!channel>", "x")}, partners.FailRequest, []string{"finds fault with what we sent"}, ""},
		"no name":             {network{err: &net.DNSError{IsNotFound: true}}, partners.FailDNS, []string{"reading the Okta org", "no such host"}, ""},
		"cut":                 {network{err: io.ErrUnexpectedEOF}, partners.FailReset, []string{"cut"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, "https://acme.okta.com/", &test.network)
			if got.Class != test.class {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words...)
			if (test.warns == "") != (got.Warning == "") || !strings.Contains(got.Warning, test.warns) {
				t.Errorf("warned %q, want %q", got.Warning, test.warns)
			}
			if len(test.seen) != 1 || test.seen[0] != "GET https://acme.okta.com/api/v1/org SSWS "+token {
				t.Errorf("asked %q", test.seen)
			}
			if text := fmt.Sprint(got); strings.Contains(text, token) || strings.Contains(got.Problem, "<!channel>") {
				t.Errorf("%s tells what it must not", text)
			}
		})
	}
}

func TestAnErrorKeepsWhatOktaSaid(t *testing.T) {
	got := run(t, "https://acme.okta.com", &network{status: 401, body: oktaError("E0000011", "Invalid token provided")})
	if got.Status != 401 || got.Excerpt != "Invalid token provided" || got.Host != "acme.okta.com" {
		t.Errorf("got %+v", got)
	}
}

// TestWhichOrgAnswers holds that an org is compared by name only where its host tells the name.
func TestWhichOrgAnswers(t *testing.T) {
	for base, passes := range map[string]bool{
		"https://acme.okta.com": false, "https://ACME.OktaPreview.com": false, "https://globex.okta.com": true, "https://globex-admin.okta.com": true,
		"https://login.acme.example": true, "https://id.acme.okta.com": true, "http://127.0.0.1:8080": true, "https://acme.okta.com.example": true,
	} {
		if got := run(t, base, &network{status: 200, body: org1("globex", "ACTIVE", "null")}); got.Passed() != passes {
			t.Errorf("%s: got %s", base, got.Problem)
		}
	}
}

func TestNew(t *testing.T) {
	for _, config := range []partners.ProbeConfig{
		{ID: "org", Kind: partners.KindOktaOrg}, {ID: "org", Kind: partners.KindOktaOrg, BaseURL: "https://%zz"},
		{ID: "org", Kind: partners.KindHTTP, BaseURL: "https://acme.okta.com"},
	} {
		if _, err := New(config, nil); err == nil || !strings.Contains(err.Error(), "probe org") {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, org1("acme", "ACTIVE", `"2026-11-04T10:00:00Z"`), "1793786460", "")
	f.Add(429, oktaError("E0000047", "x"), "99999999999999999999", "DPoP")
	f.Add(403, `{"errorCode":{"a":1}}`, "-1", "Bearer insufficient_scope")
	f.Fuzz(func(t *testing.T, status int, body, reset, challenge string) {
		if status < 200 || status > 599 || status >= 300 && status < 400 || strings.ContainsAny(reset+challenge, "\r\n\x00") {
			return
		}
		got := run(t, "https://acme.okta.com", &network{status: status, body: body, header: []string{"X-Rate-Limit-Reset", reset, "WWW-Authenticate", challenge}})
		if got.Class == partners.FailPanic || !got.Passed() && got.Problem == "" || got.Passed() && status != 200 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestReset(t *testing.T) {
	for text, want := range map[string]int64{
		"1793786460": 1793786460, " 1793786460 ": 1793786460, "60": 0, "": 0, "-1": 0, "1e9": 0, "99999999999999": 0, "99999999999999999999": 0,
	} {
		got, ok := reset(http.Header{"X-Rate-Limit-Reset": {text}})
		if ok != (want != 0) || ok && got != want {
			t.Errorf("%q: got %d, %t", text, got, ok)
		}
	}
}

func TestCodesThatAreShown(t *testing.T) {
	for code, want := range map[string]bool{
		"E0000011": true, "E0000207": true, "": false, "E1": false, "0000011": false, "E000001x": false, "E00000110": false, "E+000011": false,
	} {
		if got := isCode(code); got != want {
			t.Errorf("%q: %t", code, got)
		}
	}
}

// TestOktasWordsStayShort holds that what Okta says of an org cannot fill a message or break its lines.
func TestOktasWordsStayShort(t *testing.T) {
	got := run(t, "https://acme.okta.com", &network{status: 200, body: org1("acme", strings.Repeat("über\n", 4000), "null")})
	if got.Class != partners.FailContent || len(got.Problem) > 500 || strings.ContainsAny(got.Problem, "\n\r") {
		t.Errorf("got %s: %d bytes", got.Class, len(got.Problem))
	}
}
