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

	"sparky/commands"
)

// mostJobs bounds how many jobs are told one by one: there may be thousands, and those that need a look come first.
// /metrics has each.
const mostJobs = 100

// webHandler serves what monitors ask. /healthz answers as long as the process works at all; /readyz says 503 while
// Sparky cannot do what it is for. Nothing here acts, and nothing here is secret. page is our public status page; nil
// where that is elsewhere.
func webHandler(look func(ctx context.Context) commands.Health, metrics *prometheus.Registry, page http.Handler) http.Handler {
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
			state.Jobs.Each = state.Jobs.Each[:min(len(state.Jobs.Each), mostJobs)]
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
	return hardened(mux)
}

// answerWithin bounds one answer, so that who reads it byte by byte keeps nothing busy.
const answerWithin = 30 * time.Second

// hardened has every answer say that it is no page to run anything in, and end in time. The status page says more for itself.
func hardened(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		end := time.Now().Add(answerWithin)
		connection := http.NewResponseController(w)
		// Where there is no connection, as in some tests, there is nothing to bound.
		_ = errors.Join(connection.SetReadDeadline(end), connection.SetWriteDeadline(end))
		r.Body = http.MaxBytesReader(w, r.Body, 0)
		handler.ServeHTTP(w, r)
	})
}

// lookTimeout bounds a look at Sparky's health: a database that does not answer is what a monitor wants to hear of.
const lookTimeout = 2 * time.Second

// mostHeader bounds the header of a request, in bytes; what monitors and browsers send has a tenth of it.
const mostHeader = 16 << 10

// serve serves until ctx is done, then lets requests end within a second. Who sends a header slowly is given up after five.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: mostHeader,
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
