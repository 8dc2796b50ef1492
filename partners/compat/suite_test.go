package compat

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"sparky/internal/setting"
	"sparky/partners"
)

func TestMistakesInTheCall(t *testing.T) {
	for name, test := range map[string]struct {
		partner       partners.Partner
		version, base string
		words         string
	}{
		"no version":       {partner(), "", "", `"" cannot be a version`},
		"a path":           {partner(), "../v1", "", "cannot be a version"},
		"a header":         {partner(), "v1\r\nX: y", "", "cannot be a version"},
		"a long one":       {partner(), strings.Repeat("1", 65), "", "cannot be a version"},
		"a release":        {partner(), "spring-26", "", "spring-26 is no version that a call to Parcels API (like v2) can name; to try a release"},
		"no contract":      {partner(partners.ProbeConfig{ID: "tcp", Kind: partners.KindTCP}), "v2", "", "has no probe of a module with a contract; give it one of: "},
		"no probe":         {partners.Partner{Name: "Parcels"}, "v2", "https://s.example", "has no probe of a module with a contract"},
		"a path below":     {partner(), "v2", "https://s.example/api", "scheme and host alone"},
		"a query":          {partner(), "v2", "https://s.example?x=1", "scheme and host alone"},
		"a credential":     {partner(), "v2", "https://u:p@s.example", "scheme and host alone"},
		"no scheme":        {partner(), "v2", "s.example", "scheme and host alone"},
		"another scheme":   {partner(), "v2", "file:///etc/passwd", "scheme and host alone"},
		"nothing to parse": {partner(), "v2", "https://%zz", "scheme and host alone"},
	} {
		t.Run(name, func(t *testing.T) {
			n := &network{answer: always(200, `{}`)}
			_, err := suiteOf(parcels(nil)).Run(t.Context(), test.partner, test.version, test.base, over(n))
			if err == nil || !strings.Contains(err.Error(), test.words) || len(n.asked) != 0 {
				t.Errorf("got %v after %v", err, n.asked)
			}
		})
	}
}

func TestWhereItIsTried(t *testing.T) {
	n := &network{answer: always(200, `{"parcels":[{"id":"1"}]}`)}
	two := partner(
		partners.ProbeConfig{ID: "eu", Kind: kind, BaseURL: "https://eu.example"}, partners.ProbeConfig{ID: "us", Kind: kind, BaseURL: "https://us.example"},
		partners.ProbeConfig{ID: "eu-often", Kind: kind, BaseURL: "https://eu.example/"},
	)
	report, err := suiteOf(parcels(nil)).Run(t.Context(), two, "v2", "", over(n))
	if err != nil || report.BaseURL != "https://eu.example https://us.example" || len(n.asked) != 2 || report.Partner != "parcels" || report.Version != "v2" {
		t.Errorf("%v: %+v", err, report)
	}
	// At one sandbox all of them are one, and a release is asked for as the integration does today.
	n.asked = nil
	report, err = suiteOf(parcels(nil)).Run(t.Context(), two, "spring-26", "http://s.example/", over(n))
	if err != nil || report.BaseURL != "http://s.example" || !slices.Equal(n.asked, []string{"GET /v1/parcels"}) || !report.Passed() {
		t.Errorf("%v: asked %v, %+v", err, n.asked, report)
	}
}

// TestOfSeveralAPIs: a version is of those whose versions look like it.
func TestOfSeveralAPIs(t *testing.T) {
	suite := suiteOf(parcels(nil))
	suite.Contracts["labels.read"] = partners.Contract{API: "Labels API", Versions: "beta", Example: "beta", Present: "v1",
		Operations: []partners.Operation{{Name: "list labels", Path: "/{version}/labels", Status: 200}}}
	both := partner(partners.ProbeConfig{ID: "a", Kind: kind, BaseURL: "https://a.example"}, partners.ProbeConfig{ID: "b", Kind: "labels.read", BaseURL: "https://a.example"})
	n := &network{answer: always(200, `{"parcels":[{"id":"1"}]}`)}
	for version, want := range map[string][]string{"v7": {"GET /v7/parcels"}, "beta": {"GET /beta/labels"}} {
		n.asked = nil
		if _, err := suite.Run(t.Context(), both, version, "", over(n)); err != nil || !slices.Equal(n.asked, want) {
			t.Errorf("%s: %v, asked %v", version, err, n.asked)
		}
	}
	if _, err := suite.Run(t.Context(), both, "x", "", over(n)); err == nil || !strings.Contains(err.Error(), "Parcels API (like v2) or Labels API (like beta)") {
		t.Errorf("got %v", err)
	}
}

func TestChoose(t *testing.T) {
	p := partner(partners.ProbeConfig{ID: "org", Kind: "okta.org"}, partners.ProbeConfig{ID: "page", Kind: partners.KindHTTP}, partners.ProbeConfig{ID: "other", Kind: "okta.org"})
	for suite, want := range map[string]int{"": 3, "okta": 2, "OKTA.org": 2, "page": 1, "org": 1, "http": 1} {
		if got, err := Choose(p, suite); err != nil || len(got.Probes) != want || got.ID != "parcels" {
			t.Errorf("%q: %d probes, %v", suite, len(got.Probes), err)
		}
	}
	if got, err := Choose(p, "gopher"); err == nil || !strings.HasSuffix(err.Error(), "there are org, okta, page, http, other") || len(p.Probes) != 3 {
		t.Errorf("%d probes, %v", len(got.Probes), err)
	}
}

func TestHTTPProbes(t *testing.T) {
	page := func(id, url string) partners.ProbeConfig {
		c := partners.ProbeConfig{ID: id, Kind: partners.KindHTTP}
		c.URL, c.Expect = url, partners.Expect{Body: "welcome"}
		return c
	}
	steps := partners.ProbeConfig{ID: "steps", Kind: partners.KindHTTP, Steps: []partners.HTTPStep{
		{URL: "https://parcels.example/make", Save: map[string]string{"n": "parcels.0.id"}}, {URL: "https://parcels.example/p/{{n}}?q={{n}}"}}}
	p := partner(partners.ProbeConfig{ID: "read", Kind: kind, BaseURL: "https://parcels.example"},
		page("login", "https://PARCELS.example/login#top"), page("site", "https://www.example/"), steps, partners.ProbeConfig{ID: "port", Kind: partners.KindTCP})
	n := &network{answer: func(req *http.Request) *http.Response {
		if req.URL.Path == "/login" {
			return reply(200, "be our guest")
		}
		return reply(200, `{"parcels":[{"id":"1"}]}`)
	}}
	report, err := suiteOf(parcels(nil)).Run(t.Context(), p, "v2", "https://s.example", over(n))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /v2/parcels", "GET /login", "GET /make", "GET /p/1?q=1"}
	if !slices.Equal(n.asked, want) || n.heard[1].URL.Host != "s.example" {
		t.Errorf("asked %v", n.asked)
	}
	got := report.Differences()
	if len(got) != 1 || !strings.Contains(got[0], "without the text “welcome”") || !strings.Contains(report.outcomes(), "calls another host") {
		t.Errorf("told\n%s", report.outcomes())
	}
	n.asked = nil
	report, err = suiteOf(parcels(nil)).Run(t.Context(), p, "v2", "", over(n))
	if err != nil || len(n.asked) != 1 || report.Count(Skipped) != 3 || !strings.Contains(report.outcomes(), "its address names no version; it runs against a base URL") {
		t.Errorf("%v, asked %v\n%s", err, n.asked, report.outcomes())
	}
	if p.Probes[3].Steps[0].URL != "https://parcels.example/make" {
		t.Error("the configuration was changed")
	}
}

func TestAWebhookIsASecret(t *testing.T) {
	const hook = "https://flow.example/w/0123456789abcdef/run?api-version=1&sig=c2VjcmV0LXNpZ25hdHVyZQ"
	contract := parcels(func(c *partners.Contract) {
		c.Operations = []partners.Operation{
			{Name: "post", Method: http.MethodPost, Path: partners.WebhookPath, Query: map[string]string{"api-version": "{version}"}, Body: `{}`, Status: 202},
			{Name: "post without the signature", Method: http.MethodPost, Path: partners.WebhookPath, Query: map[string]string{"sig": ""}, Body: `{}`, Status: 401},
		}
	})
	for name, answer := range map[string]func(*http.Request) *http.Response{
		"accepted": func(req *http.Request) *http.Response {
			if req.URL.Query().Get("sig") == "" {
				return reply(401, `{}`)
			}
			return reply(202, ``)
		},
		"refused": always(400, `{"error":{"message":"bad /w/0123456789abcdef/run sig c2VjcmV0LXNpZ25hdHVyZQ"}}`), "cut": func(*http.Request) *http.Response { return nil },
	} {
		n := &network{answer: answer}
		p := partner(partners.ProbeConfig{ID: "card", Kind: kind, Webhook: setting.NewSecret(hook)})
		report, err := suiteOf(contract).Run(t.Context(), p, "v2", "http://s.example:8080", over(n))
		if err != nil {
			t.Fatal(err)
		}
		if report.Passed() != (name == "accepted") || n.heard[0].URL.Host != "s.example:8080" || n.heard[0].URL.Query().Get("api-version") != "v2" ||
			n.heard[0].URL.Path != "/w/0123456789abcdef/run" || n.heard[0].URL.Query().Get("sig") == "" {
			t.Errorf("%s: asked %v\n%s", name, n.asked, report.outcomes())
		}
		var told strings.Builder
		if err := report.JUnit(&told); err != nil {
			t.Fatal(err)
		}
		if text := told.String() + report.BaseURL; strings.Contains(text, "0123456789") || strings.Contains(text, "c2Vj") || !strings.Contains(text, "POST to the workflow&#39;s webhook") {
			t.Errorf("%s: it tells\n%s", name, text)
		}
	}
}
