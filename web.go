package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// health is how well Sparky itself is, as /healthz and /readyz tell it. It names no secret and nobody.
type health struct {
	Problem   string      `json:"problem,omitempty"` // why it is not ready, in words
	Leads     bool        `json:"leads"`             // the jobs run here, and not on another replica
	LinksUp   int         `json:"slack_links"`
	Queued    int         `json:"queued_requests"`
	Due       int         `json:"due_effects"`
	OldestDue string      `json:"oldest_due_effect,omitempty"` // its age
	Held      int         `json:"held_results,omitempty"`      // of probes, that wait for the database
	GivenUp   int         `json:"given_up_results,omitempty"`  // since the start, because too many waited
	Jobs      jobsSummary `json:"jobs"`
}

// jobsSummary is how what comes round goes: everything is counted, and the first of those that fail are named.
type jobsSummary struct {
	Count   int         `json:"count"`
	Running int         `json:"running"`
	LastEnd time.Time   `json:"last_end,omitzero"` // of the one that ended last
	Failing int         `json:"failing"`           // whose last run could not do its work
	Named   []jobHealth `json:"first_failing,omitempty"`
}

type jobHealth struct {
	Name    string    `json:"name"`
	LastEnd time.Time `json:"last_end,omitzero"`
	NextDue time.Time `json:"next_due,omitzero"`
	Problem string    `json:"problem,omitempty"`
}

// webHandler serves what monitors ask. /healthz answers as long as the process works at all; /readyz says 503 while
// Sparky cannot do what it is for. Nothing here acts, and nothing here is secret. page is our public status page; nil
// where that is elsewhere.
func webHandler(look func(ctx context.Context) health, metrics *prometheus.Registry, page http.Handler) http.Handler {
	mux := http.NewServeMux()
	if page != nil {
		mux.Handle("/status/", page)
		mux.Handle("GET /status", http.RedirectHandler("/status/", http.StatusMovedPermanently))
	}
	answer := func(ready bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), lookTimeout)
			defer cancel()
			state := look(ctx)
			w.Header().Set("Content-Type", "application/json")
			if ready && state.Problem != "" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			// Whoever asked may have gone; there is nobody left to tell.
			_ = json.NewEncoder(w).Encode(state)
		}
	}
	mux.HandleFunc("GET /healthz", answer(false))
	mux.HandleFunc("GET /readyz", answer(true))
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return mux
}

// lookTimeout bounds a look at Sparky's health: a database that does not answer is what a monitor wants to hear of.
const lookTimeout = 2 * time.Second

// serve serves until ctx is done, then lets requests end within a second.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(patience) != nil {
			// Streams to browsers do not end by themselves.
			_ = server.Close()
		}
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	}
	return nil
}
