package probe

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/tidwall/gjson"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

// reads is a probe of a list, on that network, with everything explained.
func reads(n network) Read {
	return Read{
		Client: over(n), URL: "https://api.example/list?top=1", Doing: "reading a list",
		Lost: func(err error, failure *partners.Failure) *partners.Failure {
			failure.Problem += "; lost: " + fmt.Sprint(errors.Is(err, io.ErrUnexpectedEOF))
			return failure
		},
		Refused: func(answer httpcall.Response, failure *partners.Failure) *partners.Failure {
			failure.Problem += "; refused: " + answer.Header.Get("X-Why")
			return failure
		},
		Check: func(answer httpcall.Response, document gjson.Result) *partners.Failure {
			if !document.Get("list").IsArray() {
				return Fail(partners.FailContent, "reading a list", answer, "has no list")
			}
			return nil
		},
		Warning: func(document gjson.Result) string { return document.Get("soon").String() },
	}
}

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		network
		class   partners.FailureClass
		problem string
		warning string
	}{
		"well":         {always(200, `{"list":[]}`), "", "", ""},
		"with an end":  {always(200, `{"list":[],"soon":"it ends"}`), "", "", "it ends"},
		"another list": {always(200, `{"soon":"it ends"}`), partners.FailContent, "reading a list: api.example has no list", ""},
		"no JSON":      {always(200, `list`), partners.FailContent, "reading a list: api.example", ""},
		"refused":      {always(403, `{}`, "X-Why", "no role"), partners.FailRights, "; refused: no role", ""},
		"made":         {always(201, `{"list":[]}`), partners.FailContent, "answered 201", ""},
		"cut":          {failing(io.ErrUnexpectedEOF), partners.FailReset, "; lost: true", ""},
	} {
		finding, err := reads(test.network).Run(t.Context())
		if test.class == "" {
			if err != nil || finding.Warning != test.warning {
				t.Errorf("%s: got %+v, %v", name, finding, err)
			}
			continue
		}
		failure := failureIn(t, err)
		if failure.Class != test.class || finding.Warning != "" {
			t.Errorf("%s: class %q, warning %q", name, failure.Class, finding.Warning)
		}
		canned.Says(t, failure.Problem, "reading a list", test.problem)
	}
}

func TestReadWithoutExplanations(t *testing.T) {
	for name, n := range map[string]network{"refused": always(500, ""), "cut": failing(io.ErrUnexpectedEOF), "well": always(200, `{"list":[],"soon":"x"}`)} {
		plain := reads(n)
		plain.Lost, plain.Refused, plain.Warning = nil, nil, nil
		if finding, err := plain.Run(t.Context()); (err == nil) != (name == "well") || finding.Warning != "" {
			t.Errorf("%s: %+v, %v", name, finding, err)
		}
	}
}

func TestReadAsksOnceForJSON(t *testing.T) {
	var asked []string
	_, err := reads(func(req *http.Request) (*http.Response, error) {
		asked = append(asked, req.Method+" "+req.URL.String()+" "+req.Header.Get("Accept"))
		return canned.Answer(200, `{"list":[]}`), nil
	}).Run(t.Context())
	if err != nil || len(asked) != 1 || asked[0] != "GET https://api.example/list?top=1 application/json" {
		t.Errorf("asked %q: %v", asked, err)
	}
}

func TestBase(t *testing.T) {
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindOktaOrg, BaseURL: "https://acme.example//"}
	if base, err := Base(config, partners.KindOktaOrg, "Okta", "it"); err != nil || base != "https://acme.example" {
		t.Errorf("got %q, %v", base, err)
	}
	for words, spoil := range map[string]func(*partners.ProbeConfig){
		`probe p: "http" is no kind of Okta probe`:                  func(c *partners.ProbeConfig) { c.Kind = partners.KindHTTP },
		"probe p: base_url is missing; write https://acme.okta.com": func(c *partners.ProbeConfig) { c.BaseURL = "/" },
	} {
		bad := config
		spoil(&bad)
		if _, err := Base(bad, partners.KindOktaOrg, "Okta", "https://acme.okta.com"); err == nil || err.Error() != words {
			t.Errorf("got %v, want %s", err, words)
		}
	}
}
