package httpcall

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

func TestWatchedSeesTheLastAnswerOfEveryCall(t *testing.T) {
	tries := 0
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/from":
			http.Redirect(rw, r, "/to?x=1", http.StatusFound)
		case r.URL.Path == "/gone":
			rw.WriteHeader(http.StatusGone)
		case r.URL.Path == "/again" && tries == 0:
			tries++
			rw.WriteHeader(http.StatusServiceUnavailable)
		default:
			rw.Header().Set("Sunset", "soon")
		}
	}))
	defer server.Close()
	client := New(Options{})
	defer client.CloseIdleConnections()
	var seen []string
	ctx := Watched(t.Context(), func(s Seen) {
		seen = append(seen, fmt.Sprintf("%s %s %d %s", s.Method, s.URL.RequestURI(), s.Status, s.Header.Get("Sunset")))
	})
	for _, path := range []string{"/from", "/gone", "/again"} {
		if _, err := client.With("a", Auth{}).Do(ctx, Request{URL: server.URL + path}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.Do(t.Context(), Request{URL: server.URL + "/unwatched"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /from 302 ", "GET /to?x=1 200 soon", "GET /gone 410 ", "GET /again 200 soon"}
	if !slices.Equal(seen, want) {
		t.Errorf("it saw %q", seen)
	}
}
