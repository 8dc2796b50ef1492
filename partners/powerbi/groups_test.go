package powerbi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

const (
	secret     = "c4n4ry~client~secret"
	token      = "eyJc4n4rytokenofpowerbi"
	workspaces = `{"@odata.context":"https://x/$metadata#groups","@odata.count":1,"value":[{"id":"f0000001","name":"Payroll of the board","isReadOnly":false,"type":"Workspace"}]}`
)

// network is Entra, which knows the secret, and Power BI.
type network struct {
	codes  string // Entra's, in the place of a token
	status int    // Power BI's; 200 where 0
	body   string
	header []string
	err    error
	tokens int // given
	asked  []string
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	switch {
	case req.URL.Host == "login.example" && n.codes != "":
		return canned.Answer(401, `{"error":"invalid_client","error_codes":[`+n.codes+`]}`), nil
	case req.URL.Host == "login.example":
		n.tokens++
		return canned.Answer(200, `{"expires_in":3599,"access_token":"`+token+`"}`), nil
	case n.err != nil:
		return nil, n.err
	}
	n.asked = append(n.asked, req.Method+" "+req.URL.String()+" "+req.Header.Get("Authorization"))
	return canned.Answer(n.status, n.body, n.header...), nil
}

// run runs the probe so many times and gives the last result.
func run(t testing.TB, n *network, times int) partners.ProbeResult {
	t.Helper()
	client := httpcall.New(httpcall.Options{Transport: n, Retries: -1}).With("powerbi", httpcall.Auth{OAuth2: &httpcall.OAuth2{
		TokenURL: "https://login.example/t/oauth2/v2.0/token", ClientID: "app", ClientSecret: setting.NewSecret(secret)}})
	config := partners.ProbeConfig{ID: "groups", Kind: partners.KindPowerBIGroups, BaseURL: "https://api.powerbi.example", Timeout: setting.Duration(10 * time.Second)}
	made, err := New(config, client)
	if err != nil {
		t.Fatal(err)
	}
	var got partners.ProbeResult
	for range times {
		got = probe.Run(t.Context(), "microsoft", config, made, time.Now)
	}
	if text := fmt.Sprint(got); strings.Contains(text, "c4n4ry") || strings.Contains(text, "Payroll") {
		t.Errorf("%s tells what it must not", text)
	}
	return got
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		network
		class partners.FailureClass
		words []string
	}{
		"a workspace":          {network{body: workspaces}, "", nil},
		"an empty list":        {network{body: `{"@odata.count":0,"value":[]}`}, partners.FailRights, []string{"shows our app no workspace", "member of the workspace", "Service principals can use Fabric APIs"}},
		"no list":              {network{body: `{"Name":"Payroll"}`}, partners.FailContent, []string{"without a list of workspaces"}},
		"no id":                {network{body: `{"value":[{"name":"Payroll"}]}`}, partners.FailContent, []string{"without their id"}},
		"not JSON":             {network{body: `<html><title>Power BI</title>`, header: []string{"Content-Type", "text/html"}}, partners.FailContent, []string{"web page"}},
		"not let in":           {network{status: 401}, partners.FailAuth, []string{"answered 401", "tenant setting", "is the token one for Power BI"}},
		"setting off":          {network{status: 403, body: `{"error":{"code":"PowerBINotAuthorizedException"}}`}, partners.FailRights, []string{"For an app, the tenant setting"}},
		"kept out at the edge": {network{status: 403, body: "<h1>Forbidden", header: []string{"Content-Type", "text/html", "X-Azure-Ref", "1"}}, partners.FailRights, []string{"azure front door"}},
		"too often":            {network{status: 429, header: []string{"Retry-After", "30"}}, partners.FailThrottled, []string{"wait for 30 seconds", "own capacity is overloaded"}},
		"moved":                {network{status: 404, body: `{"error":{"code":"PowerBIEntityNotFound"}}`}, partners.FailNotFound, []string{"check the address"}},
		"their error":          {network{status: 503, body: "x"}, partners.FailServer, []string{"answered 503"}},
		"wrong secret":         {network{codes: "7000215"}, partners.FailAuth, []string{"login.example", "the secret's value, not its id"}},
		"refused":              {network{err: syscall.ECONNREFUSED}, partners.FailConnect, []string{"reading Power BI's workspaces", "refused"}},
		"cut":                  {network{err: io.ErrUnexpectedEOF}, partners.FailReset, []string{"cut"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, &test.network, 1)
			if got.Class != test.class {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words...)
			if name == "kept out at the edge" && strings.Contains(got.Problem, "tenant setting") {
				t.Errorf("%q takes the edge's word for Power BI's", got.Problem)
			}
		})
	}
}

// TestOneTokenServesManyRuns holds that a run does not sign in anew: Entra limits that.
func TestOneTokenServesManyRuns(t *testing.T) {
	n := &network{body: workspaces}
	got := run(t, n, 3)
	if !got.Passed() || n.tokens != 1 || len(n.asked) != 3 {
		t.Errorf("%d tokens for %d reads: %+v", n.tokens, len(n.asked), got)
	}
	if want := "GET https://api.powerbi.example/v1.0/myorg/groups?$top=1 Bearer " + token; n.asked[0] != want {
		t.Errorf("asked %q, want %q", n.asked[0], want)
	}
}

func TestNew(t *testing.T) {
	for _, config := range []partners.ProbeConfig{
		{ID: "groups", Kind: partners.KindPowerBIGroups}, {ID: "groups", Kind: partners.KindHTTP, BaseURL: "https://api.powerbi.example"},
	} {
		if _, err := New(config, nil); err == nil || !strings.Contains(err.Error(), "probe groups") {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, workspaces)
	f.Add(200, `{"value":[null]}`)
	f.Add(429, `{}`)
	f.Add(200, workspaces[:len(workspaces)-9])
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 || status >= 300 && status < 400 {
			return
		}
		// What is written for people may be shown, whatever it says; a document of workspaces may not.
		said := plaintext.OneLine(body)
		shown := status >= 400 || !strings.HasPrefix(strings.TrimSpace(body), "{")
		if shown && strings.Contains(said, "Payroll") || strings.Contains(said, "c4n4ry") {
			return
		}
		got := run(t, &network{status: status, body: body}, 1)
		if got.Class == partners.FailPanic || !got.Passed() && got.Problem == "" || got.Passed() && status != 200 {
			t.Errorf("got %+v", got)
		}
	})
}
