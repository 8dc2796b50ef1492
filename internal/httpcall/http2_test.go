package httpcall

import (
	"compress/gzip"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestHTTP2 makes calls over HTTP/2, where what fails is a stream and not a connection.
func TestHTTP2(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("asked by %s", r.Proto)
		}
		if calls.Add(1) == 1 || r.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, "hello")
		if err := zip.Close(); err != nil {
			t.Error(err)
		}
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	client := New(Options{MinWait: time.Millisecond})
	defer client.CloseIdleConnections()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client.wires.named.transport.TLSClientConfig.RootCAs = roots

	got, err := client.Do(t.Context(), Request{URL: server.URL})
	if err != nil || string(got.Body) != "hello" || calls.Load() != 2 {
		t.Errorf("got %q after %d calls, %v", got.Body, calls.Load(), err)
	}
	_, err = client.Do(t.Context(), Request{Method: "POST", URL: server.URL, Body: []byte("x")})
	var fault *Error
	if !errors.As(err, &fault) || fault.Class != ClassReset || fault.NotSent() || fault.Attempts != 1 || calls.Load() != 3 {
		t.Errorf("after %d calls: %v", calls.Load(), err)
	}
}
