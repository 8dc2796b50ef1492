package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/commands"
)

func get(t *testing.T, handler http.Handler, path string) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder.Code, recorder.Body.String()
}

func TestReadyTellsWhatIsWrong(t *testing.T) {
	state := commands.Health{LinksUp: 2}
	handler := webHandler(func(context.Context) commands.Health { return state }, prometheus.NewRegistry(), nil)
	if code, body := get(t, handler, "/readyz"); code != http.StatusOK || strings.Contains(body, "problem") {
		t.Errorf("well: %d %s", code, body)
	}
	state = commands.Health{Problem: "Socket Mode is switched off in the Slack app; switch it on"}
	code, body := get(t, handler, "/readyz")
	var told commands.Health
	if err := json.Unmarshal([]byte(body), &told); err != nil || code != http.StatusServiceUnavailable || told.Problem != state.Problem {
		t.Errorf("ill: %d %s", code, body)
	}
	if code, _ := get(t, handler, "/healthz"); code != http.StatusOK {
		t.Errorf("a process that works answers /healthz with %d", code)
	}
}

// A database that never answers must not make the process look dead.
func TestALookAtHealthIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := webHandler(func(ctx context.Context) commands.Health {
			<-ctx.Done()
			return commands.Health{Problem: "the database cannot be read"}
		}, prometheus.NewRegistry(), nil)
		start := time.Now()
		if code, _ := get(t, handler, "/healthz"); code != http.StatusOK || time.Since(start) > 5*time.Second {
			t.Errorf("answered %d after %v", code, time.Since(start))
		}
	})
}

func TestTheWebServesNothingThatActs(t *testing.T) {
	handler := webHandler(func(context.Context) commands.Health { return commands.Health{} }, newMetrics(), nil)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, path, nil))
		if recorder.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s answers %d", path, recorder.Code)
		}
	}
	if code, _ := get(t, handler, "/debug/pprof/"); code != http.StatusNotFound {
		t.Errorf("/debug/pprof/ answers %d", code)
	}
}

func TestServeEndsWithItsContextAlsoBelowAStream(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	streaming := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		close(streaming)
		<-r.Context().Done()
	})
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, handler) }()
	answer, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	<-streaming
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a stream keeps the server from ending")
	}
	if _, err := io.ReadAll(answer.Body); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Logf("the stream ended with %v", err)
	}
}

func TestAnAddressInUseIsSaid(t *testing.T) {
	first, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	_, err = listen(t.Context(), first.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "change listen in the configuration") {
		t.Errorf("error is %v", err)
	}
	other, err := listenNear(t.Context(), first.Addr().String())
	if err != nil {
		t.Fatalf("the demo finds no other place: %v", err)
	}
	_ = other.Close()
}
