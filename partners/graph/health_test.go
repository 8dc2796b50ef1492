package graph

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

const (
	secret   = "c4n4ry~client~secret"
	token    = "eyJc4n4rytokenofgraph"
	granted  = `{"token_type":"Bearer","expires_in":3599,"access_token":"` + token + `"}`
	services = `{"value":[{"id":"microsoftteams","service":"Microsoft Teams","status":"serviceInterruption"},{"id":"x","service":"New thing","status":"aWordOfNextYear"}]}`
)

// network is Entra and Graph.
type network struct {
	entra, graph       int // statuses; 200 where 0
	signIn, body       string
	header             []string
	err                error
	forms, asked, auth []string
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == "login.example" {
		form, err := io.ReadAll(req.Body)
		n.forms = append(n.forms, string(form))
		return canned.Answer(n.entra, n.signIn), err
	}
	n.asked = append(n.asked, req.Method+" "+req.URL.String())
	n.auth = append(n.auth, req.Header.Get("Authorization"))
	return canned.Answer(n.graph, n.body, n.header...), n.err
}

func run(t testing.TB, n *network) partners.ProbeResult {
	t.Helper()
	if n.signIn == "" {
		n.signIn = granted
	}
	client := httpcall.New(httpcall.Options{Transport: n, Retries: -1}).With("graph", httpcall.Auth{OAuth2: &httpcall.OAuth2{
		TokenURL: "https://login.example/t/oauth2/v2.0/token", ClientID: "app", ClientSecret: setting.NewSecret(secret), Scopes: []string{"https://graph.microsoft.com/.default"}}})
	config := partners.ProbeConfig{ID: "health", Kind: partners.KindGraphHealth, BaseURL: "https://graph.example/", Timeout: setting.Duration(10 * time.Second)}
	made, err := New(config, client)
	if err != nil {
		t.Fatal(err)
	}
	got := probe.Run(t.Context(), "microsoft", config, made, time.Now)
	if text := fmt.Sprint(got); strings.Contains(text, "c4n4ry") {
		t.Errorf("%s tells a secret", text)
	}
	return got
}

func graphError(code, message string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":%q,"innerError":{"request-id":"1"}}}`, code, message)
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		network
		class partners.FailureClass
		words []string
	}{
		"services, one down and one new": {network{body: services}, "", nil},
		"no service":                     {network{body: `{"value":[]}`}, partners.FailRights, []string{"lists no service at all", "ServiceHealth.Read.All"}},
		"no list":                        {network{body: `{"value":{}}`}, partners.FailContent, []string{"without a list", "base_url"}},
		"no status":                      {network{body: `{"value":[{"service":"Teams"}]}`}, partners.FailContent, []string{"without their name or status"}},
		"no objects":                     {network{body: `{"value":[1,"x",null]}`}, partners.FailContent, []string{"without their name or status"}},
		"a sign-in page":                 {network{body: `<html><title>Sign in to your account</title>`, header: []string{"Content-Type", "text/html"}}, partners.FailContent, []string{"sign-in page"}},
		"nothing":                        {network{}, partners.FailContent, []string{"nothing in it"}},
		"wrong audience":                 {network{graph: 401, body: graphError("InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")}, partners.FailAuth, []string{"not one for Graph", "/.default"}},
		"no permission":                  {network{graph: 403, body: graphError("Authorization_RequestDenied", "Insufficient privileges")}, partners.FailRights, []string{"ServiceHealth.Read.All", "administrator consent"}},
		"kept out at the edge":           {network{graph: 403, body: "<h1>Forbidden", header: []string{"X-Azure-Ref", "1"}}, partners.FailRights, []string{"azure front door"}},
		"too often":                      {network{graph: 429, body: graphError("TooManyRequests", "x"), header: []string{"Retry-After", "2.128"}}, partners.FailThrottled, []string{"wait for 2.128 seconds", "count together"}},
		"too often, no patience":         {network{graph: 429, body: graphError("TooManyRequests", "x")}, partners.FailThrottled, []string{"does not say for how long"}},
		"retired":                        {network{graph: 404, body: graphError("ResourceNotFound", "x")}, partners.FailNotFound, []string{"check the address"}},
		"their error":                    {network{graph: 500, body: graphError("InternalServerError", "x")}, partners.FailServer, []string{"answered 500"}},
		"secret expired":                 {network{entra: 401, signIn: `{"error":"invalid_client","error_codes":[7000222]}`}, partners.FailAuth, []string{"Microsoft's sign-in at login.example", "has expired; make a new one"}},
		"sign-in down":                   {network{entra: 503, signIn: `<h1>Down`}, partners.FailServer, []string{"reading Microsoft 365's service health", "503"}},
		"no name":                        {network{err: &net.DNSError{IsNotFound: true}}, partners.FailDNS, []string{"no such host"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, &test.network)
			if got.Class != test.class {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words...)
			if name == "kept out at the edge" && strings.Contains(got.Problem, "ServiceHealth") {
				t.Errorf("%q takes the edge's word for Graph's", got.Problem)
			}
		})
	}
}

func TestWhatIsAsked(t *testing.T) {
	n := &network{body: services}
	if got := run(t, n); !got.Passed() || got.Warning != "" {
		t.Fatalf("got %+v", got)
	}
	if len(n.asked) != 1 || n.asked[0] != "GET https://graph.example/v1.0/admin/serviceAnnouncement/healthOverviews" || n.auth[0] != "Bearer "+token {
		t.Errorf("asked %q with %q", n.asked, n.auth)
	}
	if len(n.forms) != 1 || n.forms[0] != "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default" {
		t.Errorf("signed in with %q", n.forms)
	}
}

func TestNew(t *testing.T) {
	for _, config := range []partners.ProbeConfig{
		{ID: "health", Kind: partners.KindGraphHealth}, {ID: "health", Kind: partners.KindHTTP, BaseURL: "https://graph.example"},
	} {
		if _, err := New(config, nil); err == nil || !strings.Contains(err.Error(), "probe health") {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, services)
	f.Add(200, `{"value":[[]]}`)
	f.Add(403, graphError("x", "y"))
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 || status >= 300 && status < 400 {
			return
		}
		got := run(t, &network{graph: status, body: body})
		if got.Class == partners.FailPanic || !got.Passed() && got.Problem == "" || got.Passed() && status != 200 {
			t.Errorf("got %+v", got)
		}
	})
}
