package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/store"
)

// A status page that hangs is unknown and says why; it is not a page that was last read at some time.
func TestAStatusPageThatHangsIsRemembered(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	defer server.Close()
	defer close(release)
	memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := memory.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := &sparky{memory: memory, log: slog.New(slog.DiscardHandler), outside: newOutside(httpcall.New(httpcall.Options{}), Config{}, time.Now),
		responder: &responder{desk: incidents.NewDesk(incidents.Options{Memory: memory, Now: time.Now})}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.pollStatus(ctx, partners.Partner{ID: "acme", Status: partners.StatusSource{URL: server.URL}}); err != nil {
		t.Error(err)
	}
	records, err := memory.Statuses(t.Context())
	if err != nil || records["acme"].Status.Level != partners.Unknown || records["acme"].Status.Problem == "" {
		t.Errorf("remembered %+v, %v", records["acme"].Status, err)
	}
}
