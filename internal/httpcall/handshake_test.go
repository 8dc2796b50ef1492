package httpcall_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"sparky/internal/httpcall"
)

func TestHandshakeShowsACertificateThatNobodyTrusts(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	var began, ended bool
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		TLSHandshakeStart: func() { began = true },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { ended = err == nil },
	})
	chain, err := httpcall.New(httpcall.Options{}).Handshake(ctx, server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if len(chain) == 0 || !chain[0].Equal(server.Certificate()) {
		t.Errorf("got %d certificates, want the server's own first", len(chain))
	}
	if !began || !ended {
		t.Errorf("the trace saw the beginning: %v, the end: %v", began, ended)
	}
}

func TestHandshakeFails(t *testing.T) {
	plain := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	client := httpcall.New(httpcall.Options{AttemptTimeout: time.Minute})
	if _, err := client.Handshake(t.Context(), plain.Listener.Addr().String()); err == nil {
		t.Error("a server without TLS was taken for one with it")
	}
	if _, err := client.Handshake(t.Context(), "no-port.example"); err == nil || !strings.Contains(err.Error(), "no-port.example") {
		t.Errorf("got %v, want an error that names the address", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	if _, err := httpcall.New(httpcall.Options{AttemptTimeout: 50 * time.Millisecond}).
		Handshake(t.Context(), listener.Addr().String()); err == nil {
		t.Error("a server that says nothing was waited for without end")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Handshake(gone, listener.Addr().String()); err == nil {
		t.Error("a call that was called off was made")
	}
}
