package httpcall_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"sparky/internal/httpcall"
)

// serve is a server for as long as the test runs.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestDo(t *testing.T) {
	var seen *http.Request
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		w.Header().Set("ETag", `"1"`)
		w.Write([]byte("hello"))
	})
	got, err := httpcall.New(httpcall.Options{}).Do(t.Context(), httpcall.Request{URL: server.URL + "/feed"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != 200 || string(got.Body) != "hello" || got.URL != server.URL+"/feed" || got.Moved != "" ||
		got.Header.Get("ETag") != `"1"` {
		t.Errorf("got %+v", got)
	}
	if seen.Method != "GET" || seen.UserAgent() != "Sparky/devel" {
		t.Errorf("sent %s as %q", seen.Method, seen.UserAgent())
	}
}
