package workday

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
	secret  = "c4n4ryclientsecret"
	refresh = "c4n4ryrefreshtoken"
	token   = "c4n4ryaccesstoken"
	worker  = `{"total":412,"data":[{"id":"a1","descriptor":"Ines Morel","href":"https://x/workers/a1"}]}`
	noName  = `<!DOCTYPE html><html><title>Service Unavailable</title><p>Invalid Tenant Name</p></html>`
	away    = `<html><title>Workday is currently unavailable</title>`
)

// answer is one of Workday's.
type answer struct {
	status int // 200 where 0
	body   string
	header []string
}

// tenant is Workday: its token endpoint and its API.
type tenant struct {
	token, api answer
	err        error
	asked      []string
}

func (d *tenant) RoundTrip(req *http.Request) (*http.Response, error) {
	said := d.api
	if strings.Contains(req.URL.Path, "oauth2") {
		form, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		d.asked = append(d.asked, req.Method+" "+req.URL.String()+" "+string(form))
		if said = d.token; said.status == 0 && said.body == "" {
			said.body = `{"access_token":"` + token + `","token_type":"Bearer","expires_in":-1}`
		}
	} else {
		d.asked = append(d.asked, req.Method+" "+req.URL.String()+" "+req.Header.Get("Authorization"))
		if d.err != nil {
			return nil, d.err
		}
	}
	return canned.Answer(said.status, said.body, said.header...), nil
}

// ready is the probe, as a function that runs it once.
func ready(t testing.TB, d *tenant, host string) func() partners.ProbeResult {
	t.Helper()
	client := httpcall.New(httpcall.Options{Transport: d, Retries: -1}).With("workday", httpcall.Auth{OAuth2: &httpcall.OAuth2{
		TokenURL: host + "/ccx/oauth2/acme_prod/token", ClientID: "client", ClientSecret: setting.NewSecret(secret), RefreshToken: setting.NewSecret(refresh)}})
	config := partners.ProbeConfig{ID: "workers", Kind: partners.KindWorkdayWorkers, BaseURL: host + "/", Tenant: "acme_prod", Timeout: setting.Duration(10 * time.Second)}
	made, err := New(config, client)
	if err != nil {
		t.Fatal(err)
	}
	return func() partners.ProbeResult {
		got := probe.Run(t.Context(), "workday", config, made, time.Now)
		if text := fmt.Sprint(got); strings.Contains(text, "c4n4ry") || strings.Contains(text, "Morel") {
			t.Errorf("%s tells what it must not", text)
		}
		return got
	}
}

const production = "https://services1.myworkday.example"

func TestAnswers(t *testing.T) {
	page := []string{"Content-Type", "text/html"}
	for name, test := range map[string]struct {
		tenant
		class partners.FailureClass
		words []string
	}{
		"a worker":             {tenant{api: answer{body: worker}}, "", nil},
		"never activated":      {tenant{api: answer{body: `{"total":0,"data":[]}`}}, partners.FailRights, []string{"not one worker", "Activate Pending Security Policy Changes", "Worker Data"}},
		"counted, not listed":  {tenant{api: answer{body: `{"total":412,"data":[]}`}}, partners.FailContent, []string{"counts 412 workers and lists none"}},
		"without ids":          {tenant{api: answer{body: `{"total":1,"data":[{"descriptor":"Ines Morel"}]}`}}, partners.FailContent, []string{"without their id"}},
		"no list":              {tenant{api: answer{body: `{"total":"many"}`}}, partners.FailContent, []string{"without a list of workers"}},
		"a sign-in page":       {tenant{api: answer{body: `<html><title>Workday Sign In</title>`, header: page}}, partners.FailContent, []string{"sign-in page"}},
		"token refused":        {tenant{api: answer{status: 401, body: `{"error":"invalid_token"}`}}, partners.FailAuth, []string{"Enforce 60 Minutes Access Token Expiry"}},
		"no rights":            {tenant{api: answer{status: 403, body: `{"error":"permission denied"}`}}, partners.FailRights, []string{"Worker Data", "scope Staffing"}},
		"wrong host":           {tenant{api: answer{status: 404, body: `{"error":"invalid","code":"S21"}`}}, partners.FailNotFound, []string{"data centre, without a path"}},
		"too often":            {tenant{api: answer{status: 429}}, partners.FailThrottled, []string{"does not say for how long"}},
		"tenant misspelt":      {tenant{api: answer{status: 503, body: noName, header: page}}, partners.FailNotFound, []string{"knows no tenant acme_prod", "check tenant and token_url"}},
		"an outage":            {tenant{api: answer{status: 503, body: away, header: page}}, partners.FailServer, []string{"answered 503", "misspelt tenant too"}},
		"their error":          {tenant{api: answer{status: 500, body: `{"error":"internal error","code":"S0"}`}}, partners.FailServer, []string{"answered 500"}},
		"no token address":     {tenant{token: answer{status: 404, body: "<h1>404"}}, partners.FailNotFound, []string{"no token endpoint", "View API Clients"}},
		"token of no tenant":   {tenant{token: answer{status: 503, body: noName}}, partners.FailNotFound, []string{"knows no tenant acme_prod"}},
		"no token, an outage":  {tenant{token: answer{status: 503, body: away}}, partners.FailServer, []string{"503 Service Unavailable when asked for a token", "misspelt"}},
		"refresh token dead":   {tenant{token: answer{status: 401, body: `{"error":"invalid_grant"}`}}, partners.FailAuth, []string{"401 invalid_grant", "check client_id, client_secret and refresh_token"}},
		"token, too often":     {tenant{token: answer{status: 429}}, partners.FailServer, []string{"429"}},
		"no name":              {tenant{err: &net.DNSError{IsNotFound: true}}, partners.FailDNS, []string{"reading a worker from Workday", "no such host"}},
		"cut before it ended":  {tenant{err: io.ErrUnexpectedEOF}, partners.FailReset, []string{"cut"}},
		"a list of no objects": {tenant{api: answer{body: `{"total":1,"data":[null]}`}}, partners.FailContent, []string{"without their id"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ready(t, &test.tenant, production)()
			if got.Class != test.class {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words...)
			if strings.Contains(got.Problem, "Friday") {
				t.Errorf("%q takes production for a sandbox", got.Problem)
			}
		})
	}
}

// TestATenantThatAnsweredBefore holds that what has worked is not called a typing error when Workday is away.
func TestATenantThatAnsweredBefore(t *testing.T) {
	for _, test := range []struct {
		token, api answer
		says, not  string
	}{
		{api: answer{status: 503, body: noName}, says: "which answered before", not: "typing error"},
		{api: answer{status: 503, body: away}, says: "answered 503", not: "misspelt"},
	} {
		d := &tenant{api: answer{body: worker}}
		run := ready(t, d, production)
		if got := run(); !got.Passed() {
			t.Fatalf("got %s", got.Problem)
		}
		d.token, d.api = test.token, test.api
		got := run()
		if got.Class != partners.FailServer || strings.Contains(got.Problem, test.not) {
			t.Errorf("got %s: %s", got.Class, got.Problem)
		}
		canned.Says(t, got.Problem, test.says)
	}
}

func TestASandboxIsOverwritten(t *testing.T) {
	for _, d := range []*tenant{{token: answer{status: 401, body: `{"error":"invalid_client"}`}}, {api: answer{status: 401}}} {
		got := ready(t, d, "https://wd2-impl-services1.workday.example")()
		if got.Class != partners.FailAuth {
			t.Errorf("got %s", got.Class)
		}
		canned.Says(t, got.Problem, "overwritten from production every Friday evening")
	}
}

func TestWhatIsAsked(t *testing.T) {
	d := &tenant{api: answer{body: worker}}
	run := ready(t, d, production)
	run()
	if got := run(); !got.Passed() {
		t.Fatal(got.Problem)
	}
	read := "GET " + production + "/ccx/api/v1/acme_prod/workers?limit=1 Bearer " + token
	want := "POST " + production + "/ccx/oauth2/acme_prod/token grant_type=refresh_token&refresh_token=" + refresh + "; " + read + "; " + read
	if got := strings.Join(d.asked, "; "); got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

func TestNew(t *testing.T) {
	for _, config := range []partners.ProbeConfig{
		{ID: "workers", Kind: partners.KindWorkdayWorkers, Tenant: "acme"}, {ID: "workers", Kind: partners.KindWorkdayWorkers, BaseURL: production},
		{ID: "workers", Kind: partners.KindHTTP, BaseURL: production, Tenant: "acme"},
	} {
		if _, err := New(config, nil); err == nil || !strings.Contains(err.Error(), "probe workers") {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, worker, 200, "")
	f.Add(503, noName, 503, noName)
	f.Add(200, `{"total":1e99,"data":[{}]}`, 404, "x")
	f.Fuzz(func(t *testing.T, status int, body string, tokenStatus int, tokenBody string) {
		for _, s := range []int{status, tokenStatus} {
			if s < 200 || s > 599 || s >= 300 && s < 400 {
				return
			}
		}
		if strings.Contains(body+tokenBody, "c4n4ry") || strings.Contains(body+tokenBody, "Morel") {
			return
		}
		got := ready(t, &tenant{token: answer{status: tokenStatus, body: tokenBody}, api: answer{status: status, body: body}}, production)()
		if got.Class == partners.FailPanic || !got.Passed() && got.Problem == "" || got.Passed() && status != 200 {
			t.Errorf("got %+v", got)
		}
	})
}
