package httpcall_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sparky/internal/httpcall"
)

// byName is a server's address with the machine's name in the place of the number: another host, which leads to the
// same private address.
func byName(t *testing.T, server *httptest.Server) string {
	t.Helper()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = net.JoinHostPort("localhost", u.Port())
	return u.String()
}

func TestPublicOnly(t *testing.T) {
	inside := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("inside")) })
	var to string
	outside := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stay" {
			w.Write([]byte("stayed"))
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	host := func(s string) string { return strings.TrimPrefix(s, "http://") }
	for name, test := range map[string]struct {
		to    string
		allow []string
		class httpcall.Class
	}{
		"same host":           {"/stay", nil, ""},
		"by address":          {inside.URL, nil, httpcall.ClassRefused},
		"by name":             {byName(t, inside), nil, httpcall.ClassRefused},
		"mapped":              {strings.Replace(inside.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), nil, httpcall.ClassRefused},
		"metadata":            {"http://169.254.169.254/latest/meta-data/", nil, httpcall.ClassRefused},
		"unspecified":         {strings.Replace(inside.URL, "127.0.0.1", "0.0.0.0", 1), nil, httpcall.ClassRefused},
		"allowed by host":     {byName(t, inside), []string{"localhost"}, ""},
		"allowed by port":     {byName(t, inside), []string{strings.ToUpper(host(byName(t, inside)))}, ""},
		"allowed by URL":      {byName(t, inside), []string{byName(t, inside) + "/feed"}, ""},
		"allowed by address":  {byName(t, inside), []string{"127.0.0.1", "::1"}, ""},
		"allowed by range":    {inside.URL, []string{"127.0.0.0/8", "nonsense/99", ""}, ""},
		"another is allowed":  {byName(t, inside), []string{"10.0.0.0/8", "other.example", "localhost:1"}, httpcall.ClassRefused},
		"its other port only": {inside.URL, []string{host(outside.URL)}, httpcall.ClassRefused},
	} {
		to = test.to
		client := httpcall.New(httpcall.Options{PublicOnly: true, Allow: test.allow, Retries: -1})
		// A connection that was opened for the host that a caller named may not carry a redirect there.
		for _, warm := range []string{inside.URL, byName(t, inside)} {
			if got, err := client.Do(t.Context(), httpcall.Request{URL: warm}); err != nil || string(got.Body) != "inside" {
				t.Fatalf("%s: the host that is configured: %v", name, err)
			}
		}
		got, err := client.Do(t.Context(), httpcall.Request{URL: outside.URL})
		if test.class == "" {
			if err != nil || got.Status != 200 {
				t.Errorf("%s: got %d, %v", name, got.Status, err)
			}
			continue
		}
		if fault := faultOf(t, err, test.class); fault.Temporary() || string(got.Body) != "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWithoutPublicOnlyEverythingIsReached(t *testing.T) {
	inside := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("inside")) })
	outside := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, byName(t, inside), http.StatusFound) })
	got, err := httpcall.New(httpcall.Options{}).Do(t.Context(), httpcall.Request{URL: outside.URL})
	if err != nil || string(got.Body) != "inside" {
		t.Errorf("got %q, %v", got.Body, err)
	}
}

func TestProxy(t *testing.T) {
	var asked []string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		switch {
		case r.Method == http.MethodConnect:
			w.WriteHeader(http.StatusProxyAuthRequired)
		case r.Host == "a.example":
			http.Redirect(w, r, map[string]string{"/b": "http://b.example/", "/inside": "http://127.0.0.1/", "/short": "http://127.1/", "/name": "http://localhost/",
				"/number": "http://2852039166/latest/meta-data/"}[r.URL.Path], http.StatusFound)
		default:
			w.Write([]byte("by proxy"))
		}
	})
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := httpcall.New(httpcall.Options{PublicOnly: true, Retries: -1, Proxy: http.ProxyURL(proxyURL)})
	got, err := client.Do(t.Context(), httpcall.Request{URL: "http://a.example/b"})
	if err != nil || string(got.Body) != "by proxy" || got.URL != "http://b.example/" {
		t.Errorf("got %q from %s, %v", got.Body, got.URL, err)
	}
	inside := []string{"/inside", "/short", "/name", "/number"}
	for _, path := range inside {
		_, err = client.Do(t.Context(), httpcall.Request{URL: "http://a.example" + path})
		faultOf(t, err, httpcall.ClassRefused)
	}
	_, err = client.Do(t.Context(), httpcall.Request{URL: "https://c.example/"})
	if fault := faultOf(t, err, httpcall.ClassProxy); !fault.NotSent() || !strings.Contains(err.Error(), "407") {
		t.Errorf("not sent %t: %v", fault.NotSent(), err)
	}
	if got := strings.Join(asked, ", "); got != "GET a.example, GET b.example"+strings.Repeat(", GET a.example", len(inside))+", CONNECT c.example:443" {
		t.Errorf("the proxy was asked for %s", got)
	}
}

func TestDialContext(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	client := httpcall.New(httpcall.Options{PublicOnly: true})
	conn, err := client.DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	server.Close()
	if _, err := client.DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://")); err == nil {
		t.Error("a closed port was connected to")
	}
}
