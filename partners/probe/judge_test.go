package probe

import (
	"net/http"
	"strings"
	"testing"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

func response(status int, body string, header ...string) httpcall.Response {
	answer := httpcall.Response{Status: status, Header: http.Header{}, Body: []byte(body), URL: "https://API.example/v1/things?key=k"}
	for i := 0; i+1 < len(header); i += 2 {
		answer.Header.Set(header[i], header[i+1])
	}
	return answer
}

func TestStatusToClass(t *testing.T) {
	for status, want := range map[int]partners.FailureClass{
		200: "", 201: "", 202: "", 204: "", 206: "",
		301: partners.FailContent, 302: partners.FailContent, 304: partners.FailContent, 307: partners.FailContent,
		400: partners.FailRequest, 401: partners.FailAuth, 402: partners.FailRequest, 403: partners.FailRights,
		404: partners.FailNotFound, 405: partners.FailRequest, 406: partners.FailRequest, 407: partners.FailProxy,
		408: partners.FailRequest, 409: partners.FailRequest, 410: partners.FailGone, 411: partners.FailRequest,
		412: partners.FailRequest, 413: partners.FailRequest, 415: partners.FailRequest, 418: partners.FailRequest,
		421: partners.FailRequest, 422: partners.FailRequest, 425: partners.FailRequest, 429: partners.FailThrottled,
		451: partners.FailRequest, 499: partners.FailRequest,
		500: partners.FailServer, 501: partners.FailServer, 502: partners.FailServer, 503: partners.FailServer,
		504: partners.FailServer, 520: partners.FailServer, 525: partners.FailServer, 599: partners.FailServer,
		600: partners.FailServer, 99: partners.FailContent,
	} {
		failure := Judge("reading things", response(status, ""))
		if want == "" {
			if failure != nil {
				t.Errorf("%d: got %v, want none", status, failure)
			}
			continue
		}
		if failure == nil || failure.Class != want || failure.Status != status || failure.Host != "api.example" || !failure.Connected {
			t.Errorf("%d: got %+v, want class %s", status, failure, want)
			continue
		}
		canned.Says(t, failure.Problem, "reading things: api.example answered ")
		if strings.Contains(failure.Problem, "key=k") {
			t.Errorf("%q tells the query", failure.Problem)
		}
	}
}

func TestWantedStatuses(t *testing.T) {
	if failure := Judge("x", response(401, ""), 401, 403); failure != nil {
		t.Errorf("got %v for the status that is wanted", failure)
	}
	failure := Judge("x", response(200, ""), 401, 403)
	if failure == nil || failure.Class != partners.FailContent {
		t.Fatalf("got %+v, want wrong content", failure)
	}
	canned.Says(t, failure.Problem, "answered 200 OK and must answer 401 or 403")
	if failure := Judge("x", response(500, ""), 200); failure.Class != partners.FailServer {
		t.Errorf("got %s, want server", failure.Class)
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	canned.Says(t, Judge("x", response(302, "", "Location", "https://login.example/start")).Problem, "a sign-in page at login.example")
	canned.Says(t, Judge("x", response(302, "", "Location", "/saml/start")).Problem, "a sign-in page")
	canned.Says(t, Judge("x", response(301, "", "Location", "https://new.example/")).Problem, "sends us on to new.example", "change the address")
	canned.Says(t, Judge("x", response(304, "")).Problem, "does not say where")
	canned.Says(t, Judge("x", response(302, "", "Location", "://")).Problem, "does not say where")
}

func TestRetryAfterInWords(t *testing.T) {
	for after, words := range map[string]string{
		"":                              "does not say for how long",
		"soon":                          "does not say for how long",
		"-4":                            "does not say for how long",
		"NaN":                           "does not say for how long",
		"1e300":                         "does not say for how long",
		"1":                             "wait for 1 second",
		"30":                            "wait for 30 seconds",
		"2.128":                         "wait for 2.128 seconds",
		"600":                           "wait for 10 minutes",
		"10800":                         "wait for 3 hours",
		"Sun, 22 Nov 2026 19:00:00 GMT": "wait until 22 November 19:00 UTC",
	} {
		failure := Judge("x", response(429, "", "Retry-After", after))
		canned.Says(t, failure.Problem, words)
		if failure.Class != partners.FailThrottled {
			t.Errorf("%q: got class %s", after, failure.Class)
		}
	}
}

func TestEdges(t *testing.T) {
	for _, test := range []struct{ name, value, edge string }{
		{"Server", "cloudflare", "cloudflare"},
		{"CF-RAY", "8f-AMS", "cloudflare"},
		{"X-Azure-Ref", "0abc", "azure front door"},
		{"X-Amz-Cf-Id", "abc", "amazon cloudfront"},
		{"Server", "CloudFront", "amazon cloudfront"},
		{"X-Served-By", "cache-ams21", "fastly"},
		{"X-Served-By", "web-1", ""},
		{"X-Fastly-Request-ID", "a", "fastly"},
		{"Server", "AkamaiGHost", "akamai"},
		{"Akamai-GRN", "0.1", "akamai"},
		{"Server", "nginx", ""},
	} {
		failure := Judge("x", response(503, "", test.name, test.value))
		if failure.Edge != test.edge {
			t.Errorf("%s: %s: got %q, want %q", test.name, test.value, failure.Edge, test.edge)
		}
		canned.Says(t, failure.Problem, test.edge)
	}
	if failure := Judge("x", response(401, "", "Server", "cloudflare")); strings.Contains(failure.Problem, "edge") {
		t.Errorf("%q blames the edge for a credential", failure.Problem)
	}
}

func TestTheHostOfAnAnswerWithoutAddress(t *testing.T) {
	for _, address := range []string{"", "://", "no host"} {
		answer := response(500, "")
		answer.URL = address
		canned.Says(t, Judge("x", answer).Problem, "the host answered 500")
	}
}
