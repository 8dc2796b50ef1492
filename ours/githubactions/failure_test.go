package githubactions

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// TestStartingThatFails tells, for each way in which GitHub may fail, what the dispatcher is to make of it.
func TestStartingThatFails(t *testing.T) {
	reset := fmt.Sprint(noon.Add(17 * time.Minute).Unix())
	for name, test := range map[string]struct {
		status int
		body   string
		header []string
		want   string
		says   []string
	}{
		"no good token": {401, `{"message":"Bad credentials"}`, nil, "permanent", []string{"(401): Bad credentials", "github.token"}},
		"a code is wanted": {401, `{"message":"Must specify two-factor authentication OTP code."}`, []string{"X-GitHub-OTP", "required; app"},
			"permanent", []string{"(401): Must specify"}},
		"no right": {403, `{"message":"Resource not accessible by personal access token"}`, nil, "permanent",
			[]string{"`actions: write` for acme/integrations", "the scope `repo`", "Resource not accessible"}},
		"single sign-on": {403, `{"message":"Resource protected by organization SAML enforcement."}`,
			[]string{"X-GitHub-SSO", "required; url=https://github.example/orgs/acme/sso?authorization_request=canary"}, "permanent", []string{"authorize it"}},
		"an archive":    {403, `{"message":"Repository was archived so is read-only."}`, nil, "permanent", []string{"not archived"}},
		"nothing there": {404, `{"message":"Not Found"}`, nil, "permanent", []string{"compat.yml in acme/integrations", "tag main", "the token may not see it"}},
		"unexpected inputs": {422, `{"message":"Unexpected inputs provided: [\"request_id\", \"suite\"]"}`, nil, "permanent",
			[]string{"add request_id, suite to the workflow under on: workflow_dispatch: inputs:", "compat.inputs"}},
		"an input is missing": {422, `{"message":"Required input 'region' not provided"}`, nil, "permanent", []string{"give region in compat.inputs"}},
		"no such branch":      {422, `{"message":"No ref found for: main"}`, nil, "permanent", []string{"compat.ref must be a branch or a tag"}},
		"not to be started":   {422, `{"message":"Workflow does not have 'workflow_dispatch' trigger"}`, nil, "permanent", []string{"add on: workflow_dispatch:"}},
		"disabled": {422, `{"message":"Cannot trigger a 'workflow_dispatch' on a disabled workflow"}`, nil, "permanent",
			[]string{"enable the workflow"}},
		"another fault": {422, `{"message":"Validation Failed","errors":[{"field":"ref","code":"missing_field"},"and more"]}`, nil, "permanent",
			[]string{"Validation Failed; ref missing_field; and more; check"}},
		"faults in a word": {422, `{"message":"Invalid","errors":"no"}`, nil, "permanent", []string{": Invalid; check"}},
		"moved":            {307, `{"message":"Moved Permanently","url":"https://x"}`, []string{"Location", "/elsewhere"}, "permanent", []string{"another name"}},
		"primary limit": {403, `{"message":"API rate limit exceeded"}`, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Limit", "5000", "X-RateLimit-Reset", reset},
			"after 17m1s", []string{"fewer calls (403)", "17m1s"}},
		"primary limit, 429": {429, `{"message":"API rate limit exceeded"}`, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset}, "after 17m1s", nil},
		"secondary limit": {403, `{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`,
			[]string{"Retry-After", "90"}, "after 1m30s", nil},
		"secondary limit, no time": {403, `{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`,
			nil, "after 1m0s", nil},
		"secondary limit, without a link": {403, `{"message":"You have exceeded a secondary rate limit"}`, nil, "after 1m0s", nil},
		"secondary limit, 429":            {429, `{"message":"slow down"}`, []string{"Retry-After", "120"}, "after 2m0s", []string{"(429)"}},
		"limit without an end":            {429, "", nil, "after 1m0s", nil},
		"limit for ages":                  {429, "", []string{"Retry-After", "99999999"}, "after 1h0m0s", nil},
		"trouble":                         {500, `{"message":"Server Error"}`, nil, "unknown", []string{"has trouble (500): Server Error"}},
		"unavailable":                     {503, "<html>Unicorn</html>", []string{"Retry-After", "7"}, "unknown", []string{"(503)"}},
		"too late":                        {408, "", nil, "unknown", []string{"(408)"}},
		"a login page":                    {200, "<html>Sign in</html>", []string{"Content-Type", "text/html"}, "unknown", []string{"not GitHub's (200 text/html)", "github.api_url"}},
		"accepted":                        {202, "{}", nil, "unknown", []string{"not GitHub's (202"}},
		"a teapot":                        {418, "", nil, "permanent", []string{"refuses it (418)"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub(t)
			h.says(dispatches, test.status, test.body, test.header...)
			_, err := h.client.Start(t.Context(), sample())
			wantFailure(t, err, test.want, append(test.says, "starting compat.yml in acme/integrations: ")...)
			if calls := h.asked(); len(calls) != 1 {
				t.Errorf("asked %d times", len(calls))
			}
		})
	}
}

// TestLookingThatFails holds that a failed look is never taken for something that may have been done.
func TestLookingThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		want   string
		says   string
	}{
		"trouble":      {500, "refused", "has trouble"},
		"unavailable":  {503, "refused", "(503)"},
		"a login page": {200, "refused", "not GitHub's"},
		"not modified": {304, "refused", "not GitHub's (304"},
		"nothing":      {404, "permanent", "GitHub knows no run 7 of acme/integrations"},
		"no right":     {403, "permanent", "`actions: read`"},
		"retired":      {410, "permanent", "no longer there (410)"},
	} {
		h := newHub(t)
		h.says("GET /repos/acme/integrations/actions/runs/7", test.status, "x")
		_, _, err := h.client.Look(t.Context(), repo, 7, Seen{})
		if wantFailure(t, err, test.want, test.says); t.Failed() {
			t.Fatal(name)
		}
	}
}

// TestALimitIsKeptTo holds that while a limit is reached nothing more is asked, and that who asks is told how long.
func TestALimitIsKeptTo(t *testing.T) {
	h := newHub(t)
	reset := time.Now().Add(10 * time.Minute)
	h.client.now = time.Now
	h.says(dispatches, 403, `{"message":"API rate limit exceeded"}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", fmt.Sprint(reset.Unix()))
	for range 3 {
		_, err := h.client.Start(t.Context(), sample())
		if f := fate(err); !strings.HasPrefix(f, "after 9m") && !strings.HasPrefix(f, "after 10m") {
			t.Errorf("%v is %s", err, f)
		}
	}
	_, _, err := h.client.Look(t.Context(), repo, 7, Seen{})
	if !strings.HasPrefix(fate(err), "after ") {
		t.Errorf("a look is %v", err)
	}
	if calls := h.asked(); len(calls) != 1 {
		t.Errorf("asked %d times", len(calls))
	}
}

// TestAnswersThatGetLost holds that a dispatch that was sent is never called undone, and never sent again.
func TestAnswersThatGetLost(t *testing.T) {
	h := newHub(t)
	h.on(dispatches, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})
	patient := httpcall.New(httpcall.Options{Retries: 3, MinWait: time.Millisecond, MaxWait: time.Millisecond})
	client := New(Config{APIURL: h.server.URL + "/api/v3"}, patient, time.Now)
	_, err := client.Start(t.Context(), sample())
	wantFailure(t, err, "unknown", "cut before the answer ended")
	if calls := h.asked(); len(calls) != 1 {
		t.Errorf("sent %d times", len(calls))
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	away := New(Config{APIURL: "http://" + address + "/", Token: setting.NewSecret(canary)}, quickClient(), time.Now)
	_, err = away.Start(t.Context(), sample())
	wantFailure(t, err, "not sent", "the connection was refused")
	bad := New(Config{APIURL: "a b"}, quickClient(), time.Now)
	_, err = bad.Start(t.Context(), sample())
	wantFailure(t, err, "permanent", "github.api_url")
	_, err = bad.download(t.Context(), request{doing: "reading"}, 1)
	wantFailure(t, err, "permanent", "github.api_url")
}

// TestTheAddressOfAServer holds that an Enterprise Server's path stays, with or without a slash at its end.
func TestTheAddressOfAServer(t *testing.T) {
	var path string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	for _, end := range []string{"", "/", "/api/v3", "/api/v3/"} {
		client := New(Config{APIURL: server.URL + end}, quickClient(), time.Now)
		if _, err := client.Start(t.Context(), sample()); err != nil {
			t.Fatal(err)
		}
		if want := strings.TrimSuffix(end, "/") + "/repos/acme/integrations/actions/workflows/compat.yml/dispatches"; path != want {
			t.Errorf("%q: asked for %s", end, path)
		}
	}
}

// TestWhatGitHubSaysIsShownAsText holds that its words bring no secret, no control character and no second line along.
func TestWhatGitHubSaysIsShownAsText(t *testing.T) {
	h := newHub(t)
	h.says(dispatches, 422, encode(t, map[string]string{"message": "no\n\x1b[31m to " + canary + " ghs_0123456789abcdef0123.x-y\u202e " + strings.Repeat("é", 500)}))
	_, err := h.client.Start(t.Context(), sample())
	wantFailure(t, err, "permanent", "no to [secret] [secret] é")
	if text := err.Error(); strings.ContainsAny(text, "\n\x1b\u202e") || len([]rune(text)) > 600 {
		t.Errorf("shows %q", text)
	}
}
