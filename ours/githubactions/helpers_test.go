package githubactions

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

const (
	repo   = "acme/integrations"
	canary = "ghp_canary0123456789canary0123456789"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// hub is as much of GitHub as a test writes, and what was asked of it.
type hub struct {
	t      testing.TB
	server *httptest.Server
	client *Client

	mu     sync.Mutex
	routes map[string]http.HandlerFunc // by method and path below the API's address
	calls  []string                    // method, path and query, in their order
	auth   []string                    // the credentials that came with them
}

func newHub(t testing.TB) *hub {
	t.Helper()
	h := &hub{t: t, routes: map[string]http.HandlerFunc{}}
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	config := Config{APIURL: h.server.URL + "/api/v3", Token: setting.NewSecret(canary)}
	auth, err := config.Auth(func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	h.client = New(config, quickClient().With("github", auth), func() time.Time { return noon })
	return h
}

// quickClient does not retry, so that a test sees what one attempt does.
func quickClient() *httpcall.Client {
	return httpcall.New(httpcall.Options{Retries: -1, AttemptTimeout: 5 * time.Second, Breaker: httpcall.BreakerOptions{Requests: 1000}})
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/v3")
	h.mu.Lock()
	h.calls = append(h.calls, r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), "/api/v3"))
	h.auth = append(h.auth, r.Header.Get("Authorization"))
	route := h.routes[path]
	h.mu.Unlock()
	if route == nil {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`)
		return
	}
	route(w, r)
}

// on says what a path answers.
func (h *hub) on(path string, handler http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.routes[path] = handler
}

// says has a path answer always the same.
func (h *hub) says(path string, status int, body string, header ...string) {
	h.on(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// tagged has a path answer with an ETag of its content, and 304 to who knows it, as GitHub does.
func (h *hub) tagged(path string, content func() string) {
	h.on(path, func(w http.ResponseWriter, r *http.Request) {
		body := content()
		tag := fmt.Sprintf(`W/"%x"`, body)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprint(w, body)
	})
}

// asked are the calls since the last time that this was asked.
func (h *hub) asked() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := slices.Clone(h.calls)
	h.calls = nil
	return calls
}

func encode(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fate is how the dispatcher reads an error, in one word.
func fate(err error) string {
	var f *httpcall.Failure
	if !errors.As(err, &f) {
		return "unknown"
	}
	switch {
	case f.Permanent():
		return "permanent"
	case f.RetryAfter() > 0:
		return "after " + f.RetryAfter().String()
	case f.NotSent():
		return "not sent"
	case f.Refused():
		return "refused"
	default:
		return "unknown"
	}
}

// wantFailure holds an error to what the dispatcher reads from it, and to words that it must say.
func wantFailure(t testing.TB, err error, want string, says ...string) {
	t.Helper()
	if err == nil || fate(err) != want {
		t.Fatalf("got %v, which is %s, want %s", err, fate(err), want)
	}
	for _, word := range says {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("%q holds the token", err)
	}
}
