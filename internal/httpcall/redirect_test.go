package httpcall_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// web is a network in which each address answers with a redirect "301 address", or with itself.
func web(seen *[]*http.Request, pages map[string]string) network {
	return func(req *http.Request) (*http.Response, error) {
		*seen = append(*seen, req)
		status, to := 200, ""
		if page, ok := pages[req.URL.Scheme+"://"+req.URL.Host+req.URL.Path]; ok {
			fmt.Sscan(page, &status, &to)
		}
		return answer(status, "this is "+req.URL.String(), "Location", to), nil
	}
}

func TestRedirects(t *testing.T) {
	for name, test := range map[string]struct {
		pages      map[string]string
		url, moved string
	}{
		"none":              {nil, "https://a.example/0", ""},
		"for a while":       {map[string]string{"https://a.example/0": "302 /1"}, "https://a.example/1", ""},
		"for good":          {map[string]string{"https://a.example/0": "301 /1"}, "https://a.example/1", "https://a.example/1"},
		"308 to a host":     {map[string]string{"https://a.example/0": "308 https://b.example/x"}, "https://b.example/x", "https://b.example/x"},
		"for good, twice":   {map[string]string{"https://a.example/0": "301 /1", "https://a.example/1": "308 /2"}, "https://a.example/2", "https://a.example/2"},
		"first for good":    {map[string]string{"https://a.example/0": "301 /1", "https://a.example/1": "307 /2"}, "https://a.example/2", "https://a.example/1"},
		"first for a while": {map[string]string{"https://a.example/0": "302 /1", "https://a.example/1": "301 /2"}, "https://a.example/2", ""},
		"user info":         {map[string]string{"https://a.example/0": "301 https://u:p@b.example/1"}, "https://b.example/1", "https://b.example/1"},
		"without a place":   {map[string]string{"https://a.example/0": "302"}, "https://a.example/0", ""},
	} {
		var seen []*http.Request
		got, err := httpcall.New(httpcall.Options{Transport: web(&seen, test.pages)}).Do(t.Context(), httpcall.Request{URL: "https://a.example/0"})
		if err != nil || got.URL != test.url || got.Moved != test.moved {
			t.Errorf("%s: got %q, moved %q, %v", name, got.URL, got.Moved, err)
		}
		if last := seen[len(seen)-1]; last.URL.User != nil || last.Header.Get("Authorization") != "" {
			t.Errorf("%s: a redirect gave us its own credentials", name)
		}
	}
}

func TestRedirectsNotFollowed(t *testing.T) {
	for name, pages := range map[string]map[string]string{
		"without encryption": {"https://a.example/0": "301 http://b.example/"},
		"same host, without": {"https://a.example/0": "301 http://a.example/"},
		"a loop":             {"https://a.example/0": "302 /0"},
		"six":                {"https://a.example/0": "302 /1", "https://a.example/1": "302 /2", "https://a.example/2": "302 /3", "https://a.example/3": "302 /4", "https://a.example/4": "302 /5", "https://a.example/5": "302 /6"},
		"a file":             {"https://a.example/0": "302 file:///etc/passwd"},
		"no host":            {"https://a.example/0": "302 https:///x"},
		"unreadable":         {"https://a.example/0": "302 https://b.example/%zz?token=canary"},
	} {
		var seen []*http.Request
		_, err := httpcall.New(httpcall.Options{Transport: web(&seen, pages)}).Do(t.Context(), httpcall.Request{URL: "https://a.example/0"})
		fault := faultOf(t, err, httpcall.ClassRedirect)
		if fault.NotSent() || fault.Temporary() || len(seen) > 6 || !strings.HasPrefix(err.Error(), "GET a.example/") ||
			strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: after %d requests: %v", name, len(seen), err)
		}
		if last := seen[len(seen)-1].URL; last.Host != "a.example" || last.Scheme != "https" {
			t.Errorf("%s: asked %s", name, last)
		}
	}
}

func TestOnlyGetAndHeadFollow(t *testing.T) {
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 307, "PUT": 307, "DELETE": 307, "PATCH": 307} {
		var seen []*http.Request
		pages := map[string]string{"https://a.example/0": "307 /1"}
		got, err := httpcall.New(httpcall.Options{Transport: web(&seen, pages)}).Do(t.Context(),
			httpcall.Request{Method: method, URL: "https://a.example/0", Body: []byte("x")})
		if err != nil || got.Status != want || want == 307 && got.Header.Get("Location") != "/1" {
			t.Errorf("%s: got %d, %v", method, got.Status, err)
		}
	}
}

func TestCredentialsStayAtTheirHost(t *testing.T) {
	secret := setting.NewSecret("canary")
	for name, auth := range map[string]httpcall.Auth{
		"none":   {},
		"basic":  {Basic: &httpcall.Basic{User: "u", Password: secret}},
		"bearer": {Bearer: secret},
		"header": {Header: &httpcall.Header{Name: "X-Api-Key", Value: secret}},
	} {
		for to, kept := range map[string]bool{
			"https://a.example/1":         true,
			"https://A.EXAMPLE:443/1":     true,
			"https://b.example/1":         false,
			"https://a.example.evil.io/1": false,
			"https://sub.a.example/1":     false,
			"https://a.example:8443/1":    false,
			"https://b.example/back":      false, // and from there to a.example
		} {
			var seen []*http.Request
			client := httpcall.New(httpcall.Options{Transport: web(&seen, map[string]string{
				"https://a.example/0": "302 " + to, "https://b.example/back": "302 https://a.example/end",
			})}).With("partner", auth)
			header := http.Header{"Accept": {"text/plain"}, "If-None-Match": {`"1"`}, "Cookie": {"canary"}, "X-Token": {"canary"}}
			if auth == (httpcall.Auth{}) {
				header.Set("Authorization", "Bearer canary")
			}
			if _, err := client.Do(t.Context(), httpcall.Request{URL: "https://u:canary@a.example/0?key=canary", Header: header}); err != nil {
				t.Fatalf("%s to %s: %v", name, to, err)
			}
			last := seen[len(seen)-1]
			carries := strings.Contains(fmt.Sprint(last.Header, last.URL.User), "canary") || strings.Contains(fmt.Sprint(last.Header), "dTpjYW5hcnk=")
			if carries != kept || last.Header.Get("Referer") != "" {
				t.Errorf("%s to %s: the last request has %v", name, to, last.Header)
			}
			if last.Header.Get("If-None-Match") == "" || last.Header.Get("Accept") == "" || last.Header.Get("User-Agent") == "" {
				t.Errorf("%s to %s: harmless headers are gone: %v", name, to, last.Header)
			}
		}
	}
}

func TestCredentialsForOneHostOnly(t *testing.T) {
	for host, want := range map[string]string{
		"https://api.example/": "Bearer canary", "https://api.example:443/x": "Bearer canary",
		"https://blobs.example/": "", "https://api.example:8443/": "", "http://api.example/": "",
	} {
		for _, only := range []string{"https://api.example/base", "api.example:443"} {
			if only == "api.example:443" && host == "https://api.example/" {
				continue
			}
			var seen []*http.Request
			client := httpcall.New(httpcall.Options{Transport: web(&seen, nil)}).
				With("partner", httpcall.Auth{Bearer: setting.NewSecret("canary"), Host: only})
			if _, err := client.Do(t.Context(), httpcall.Request{URL: host}); err != nil {
				t.Fatal(err)
			}
			if got := seen[0].Header.Get("Authorization"); got != want {
				t.Errorf("%s, for %s only: sent %q", host, only, got)
			}
		}
	}
}

func TestLibrariesFollowUnderTheSameRules(t *testing.T) {
	var seen []*http.Request
	client := httpcall.New(httpcall.Options{Transport: web(&seen, map[string]string{
		"https://a.example/0": "302 https://b.example/1", "https://a.example/down": "302 http://b.example/",
	})}).With("library", httpcall.Auth{Bearer: setting.NewSecret("canary")})
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://a.example/0?key=canary", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Token", "canary")
	resp, err := client.HTTP().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "this is https://b.example/1" {
		t.Errorf("read %q, %v", body, err)
	}
	if first, last := seen[0].Header, seen[1].Header; first.Get("Authorization") == "" || strings.Contains(fmt.Sprint(last), "canary") {
		t.Errorf("first %v, last %v", first, last)
	}
	if len(req.Header) != 1 {
		t.Errorf("the library's own request was changed: %v", req.Header)
	}
	_, err = client.HTTP().Get("https://a.example/down?key=canary")
	if clean := faultOf(t, client.Clean(err), httpcall.ClassRedirect); strings.Contains(clean.Error(), "canary") {
		t.Errorf("got %v", clean)
	}
}
