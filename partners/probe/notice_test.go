package probe

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

func seen(t *testing.T, address string, status int, header ...string) httpcall.Seen {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	s := httpcall.Seen{Method: http.MethodGet, URL: u, Status: status, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		s.Header.Add(header[i], header[i+1])
	}
	return s
}

func TestDeprecationAndSunset(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateTime, text)
		if err != nil && text != "" {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		deprecation, sunset string
		says, deprecated    bool
		since, ends         string
	}{
		{"", "", false, false, "", ""},
		{"@1688169599", "", true, true, "2023-06-30 23:59:59", ""},
		{"@1688169599;a=b", "", true, true, "2023-06-30 23:59:59", ""},
		{"true", "", true, true, "", ""},
		{"?1", "", true, true, "", ""},
		{"Sun, 11 Nov 2018 23:59:59 GMT", "", true, true, "2018-11-11 23:59:59", ""},
		{"2027-01-02", "", true, true, "2027-01-02 00:00:00", ""},
		{"false", "", false, false, "", ""},
		{"?0", "", false, false, "", ""},
		{"@0", "", false, false, "", ""},
		{"@99999999999999999999", "", false, false, "", ""},
		{"@", "soon", false, false, "", ""},
		{"", "Sat, 31 Dec 2027 23:59:59 GMT", true, false, "", "2027-12-31 23:59:59"},
		{"", "Saturday, 31-Dec-27 23:59:59 GMT", true, false, "", "2027-12-31 23:59:59"},
		{"", "2027-12-31T23:59:59+01:00", true, false, "", "2027-12-31 22:59:59"},
		{"", "Fri, 31 Dec 9999 23:59:59 GMT", false, false, "", ""},
		{"", "Thu, 01 Jan 1970 00:00:00 GMT", false, false, "", ""},
	} {
		var header []string
		if c.deprecation != "" {
			header = append(header, "Deprecation", c.deprecation)
		}
		if c.sunset != "" {
			header = append(header, "Sunset", c.sunset)
		}
		n, says := Notice(seen(t, "https://api.acme.example/v1", 200, header...))
		if says != c.says || n.Deprecated != c.deprecated || !n.Since.Equal(day(c.since)) || !n.Sunset.Equal(day(c.ends)) {
			t.Errorf("%q, %q: %v %+v", c.deprecation, c.sunset, says, n)
		}
	}
	n, _ := Notice(seen(t, "https://api.acme.example/v1", 200, "Sunset", "Sat, 31 Dec 2027 23:59:59 GMT", "Sunset", "Fri, 01 Jan 2027 00:00:00 GMT"))
	if n.Sunset.Year() != 2027 || n.Sunset.Month() != time.January {
		t.Errorf("of two days it takes %v", n.Sunset)
	}
}

func TestLinksOfANotice(t *testing.T) {
	for link, want := range map[string][2]string{
		`<https://acme.example/v2>; rel="successor-version"`:                                               {"https://acme.example/v2", ""},
		`</v2>; rel=successor-version, <https://acme.example/end>; rel="deprecation sunset"`:               {"https://api.acme.example/v2", "https://acme.example/end"},
		`<https://acme.example/a,b>; type="text/html"; rel="sunset"`:                                       {"", "https://acme.example/a,b"},
		`<javascript:alert(1)>; rel="sunset"`:                                                              {"", ""},
		`<https://user:secret@acme.example/>; rel="sunset"`:                                                {"", ""},
		`<>; rel="successor-version"`:                                                                      {"", ""},
		`<#end>; rel="sunset"`:                                                                             {"", ""},
		`<?x=1>; rel="sunset"`:                                                                             {"", ""},
		`<https://acme.example/` + strings.Repeat("x", 600) + `>; rel="sunset"`:                            {"", ""},
		`<https://acme.example/next>; rel="next"`:                                                          {"", ""},
		`<https://acme.example/open; rel="sunset"`:                                                         {"", ""},
		`<https://acme.example/1>; rel="sunset", <https://acme.example/2>; rel="deprecation"`:              {"", "https://acme.example/2"},
		`<https://acme.example/1>; rel="successor-version", <https://b.example/>; rel="successor-version"`: {"https://acme.example/1", ""},
	} {
		n, _ := Notice(seen(t, "https://api.acme.example/v1?sig=s3cret", 200, "Deprecation", "true", "Link", link))
		if n.Successor != want[0] || n.More != want[1] {
			t.Errorf("%.60s: %q, %q", link, n.Successor, n.More)
		}
	}
}

func TestAnEndpointIsNamedWithoutWhatIsSecretOrSingle(t *testing.T) {
	for address, want := range map[string]string{
		"https://api.acme.example/api/now/v2/table/incident/46d44a5dc0a8010e0000c7b1fee1f9d5?sysparm=1": "api.acme.example/api/now/v2/table/incident/{id}",
		"https://api.acme.example/users/42/photos/1b4e28ba-2fa1-11d2-883f-0016d3cca427":                 "api.acme.example/users/{id}/photos/{id}",
		"https://user:s3cret@api.acme.example/v1.0/2027-01-01/healthOverviews":                          "api.acme.example/v1.0/2027-01-01/healthOverviews",
		"https://api.acme.example":                                      "api.acme.example",
		"https://api.acme.example/" + strings.Repeat("abcdefghij/", 40): "api.acme.example/" + strings.Repeat("abcdefghij/", 40)[:182] + "…",
		"https://api.acme.example/" + strings.Repeat("a", 100):          "api.acme.example/{id}",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := Endpoint(u); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func runWith(t *testing.T, config partners.ProbeConfig, n network) partners.ProbeResult {
	t.Helper()
	probe, err := New(config, over(n))
	if err != nil {
		t.Fatal(err)
	}
	return Run(t.Context(), "acme", config, probe, time.Now)
}

func TestARunBringsWhatItsAnswersSay(t *testing.T) {
	config := httpConfig(partners.HTTPStep{URL: "https://api.acme.example/v1/users?key=s3cret", Method: "GET"})
	r := runWith(t, config, always(200, "fine", "Sunset", "Sat, 31 Dec 2027 23:59:59 GMT"))
	if !r.Passed() || len(r.Notices) != 1 || r.Notices[0].Endpoint != "api.acme.example/v1/users" || r.Notices[0].Sunset.IsZero() {
		t.Errorf("it found %+v", r)
	}
	if r := runWith(t, config, always(200, "fine")); r.Notices != nil {
		t.Errorf("it noticed %+v", r.Notices)
	}
	if r := runWith(t, config, always(410, "gone")); r.Class != partners.FailGone || len(r.Notices) != 1 || !r.Notices[0].Gone {
		t.Errorf("it found %+v", r)
	}
	config.Expect.Status = []int{410}
	if r := runWith(t, config, always(410, "gone")); !r.Passed() || r.Notices != nil {
		t.Errorf("what is asked for is noticed: %+v", r)
	}
}

func TestNoticesOfOneRunAreFew(t *testing.T) {
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindHTTP, Timeout: seconds(10)}
	for i := range 30 {
		config.Steps = append(config.Steps, partners.HTTPStep{URL: "https://api.acme.example/a/" + string(rune('a'+i%20)), Method: "GET"})
	}
	if r := runWith(t, config, always(200, "fine", "Deprecation", "true")); len(r.Notices) != maxNotices {
		t.Errorf("it noticed %d", len(r.Notices))
	}
}

func TestASecretAddressIsNotNamed(t *testing.T) {
	n := noticesOf(partners.ProbeConfig{Kind: partners.KindTeamsCard, Webhook: setting.NewSecret("https://hooks.example/workflows/s3cret?sig=x")})
	n.see(seen(t, "https://hooks.example/workflows/s3cret?sig=x", 410))
	if all := n.all(); len(all) != 1 || all[0].Endpoint != "hooks.example" {
		t.Errorf("it noticed %+v", all)
	}
}

// FuzzNotice holds that no header makes more than a notice of bounded size.
func FuzzNotice(f *testing.F) {
	f.Add("@1688169599", "Sat, 31 Dec 2027 23:59:59 GMT", `<https://acme.example/v2>; rel="successor-version"`, "/v1/users/1")
	f.Add("true", "2027-12-31", `<a>;rel=sunset,<b>;rel="deprecation"`, "//x")
	f.Fuzz(func(t *testing.T, deprecation, sunset, link, path string) {
		n, says := Notice(httpcall.Seen{Method: "GET", URL: &url.URL{Scheme: "https", Host: "a.example", Path: path, RawQuery: "sig=s3cret"}, Status: 200,
			Header: http.Header{"Deprecation": {deprecation}, "Sunset": {sunset}, "Link": {link}}})
		if len([]rune(n.Endpoint)) > 200 || len(n.More) > maxAddress || len(n.Successor) > maxAddress || strings.Contains(n.Endpoint, "s3cret") && !strings.Contains(path, "s3cret") {
			t.Errorf("it gives %+v", n)
		}
		if says && !n.Deprecated && n.Sunset.IsZero() {
			t.Errorf("it says nothing: %+v", n)
		}
	})
}
