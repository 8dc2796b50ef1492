package httpcall_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sparky/internal/httpcall"
)

// serve is a server for as long as the test runs.
func serve(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// network is a network in memory, for tests in which time is virtual.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(req *http.Request) (*http.Response, error) { return n(req) }

// answer is an answer with the given headers, as name and value in turn.
func answer(status int, body string, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// script answers each attempt with the next status, the last one for ever, and counts them.
func script(attempts *int, statuses ...int) network {
	return func(*http.Request) (*http.Response, error) {
		status := statuses[min(*attempts, len(statuses)-1)]
		*attempts++
		return answer(status, http.StatusText(status)), nil
	}
}

// refused is what a dial gives when nobody listens: nothing was sent.
func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
}

// cut is a connection that ended after the request went out.
func cut() error { return &net.OpError{Op: "read", Net: "tcp", Err: io.ErrUnexpectedEOF} }

// silent never answers.
func silent(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, context.Cause(req.Context())
}

// faultOf is the *Error that a call must have ended with.
func faultOf(t testing.TB, err error, class httpcall.Class) *httpcall.Error {
	t.Helper()
	var fault *httpcall.Error
	if !errors.As(err, &fault) {
		t.Fatalf("got %v, want an error of class %s", err, class)
	}
	if fault.Class != class {
		t.Errorf("got class %s (%v), want %s", fault.Class, err, class)
	}
	return fault
}

const anywhere = "https://api.example/v1/things"
