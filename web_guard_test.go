package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
)

// aPage stands for our public status page.
func aPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-x'")
	fmt.Fprint(w, "all is well")
}

func guardedWeb() http.Handler {
	return webHandler(func(context.Context) commands.Health { return commands.Health{} }, newMetrics(), http.HandlerFunc(aPage))
}

// TestEveryRouteAndMethod asks for all that there is, and for what there must not be, in every way.
func TestEveryRouteAndMethod(t *testing.T) {
	handler := guardedWeb()
	reads := map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}
	absent := []string{"/", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/debug/requests", "/config", "/sparky.yaml", "/sparky.db", "/.env",
		"/metrics/", "/healthz/x", "/quit", "/-/reload", "/api/v1/", "/admin", "/statusx", "/%2e%2e/sparky.yaml", "/favicon.ico"}
	// The methods of the page below /status/ are its own to refuse; ours/statuspage holds that.
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW"}
	for _, method := range methods {
		if code, header := asked(handler, method, "/status"); code >= 300 && code < 400 && header.Get("Location") != "/status/" {
			t.Errorf("%s /status answers %d and leads to %s", method, code, header.Get("Location"))
		}
		for _, path := range absent {
			if code, _ := asked(handler, method, path); code != http.StatusNotFound {
				t.Errorf("%s %s answers %d", method, path, code)
			}
		}
		for path := range reads {
			want := method == "GET" || method == "HEAD"
			if code, _ := asked(handler, method, path); (code < 400) != want {
				t.Errorf("%s %s answers %d", method, path, code)
			}
		}
	}
}

func asked(handler http.Handler, method, path string) (int, http.Header) {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(method, "http://127.0.0.1:8780"+path, nil)
	request.Header.Set("Origin", "https://evil.example")
	request.Header.Set("Access-Control-Request-Method", "POST")
	handler.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Result().Header
}

// TestHeadersOfEveryAnswer holds that no answer can be run, framed, kept or read by another site.
func TestHeadersOfEveryAnswer(t *testing.T) {
	handler := guardedWeb()
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/", "/debug/pprof/"} {
		_, header := asked(handler, http.MethodGet, path)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Access-Control-Allow-Origin": "", "Server": "", "X-Powered-By": "", "Set-Cookie": ""} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	if _, header := asked(handler, http.MethodGet, "/status/"); !strings.Contains(header.Get("Content-Security-Policy"), "style-src") {
		t.Error("the page's own policy is lost")
	}
}

// TestNoOpenRedirect holds that no address of ours sends a browser to another host.
func TestNoOpenRedirect(t *testing.T) {
	handler := guardedWeb()
	for _, path := range []string{"//evil.example/..", "/status//evil.example/..", "/status/../../evil.example", "/\\evil.example", "/status/%2f%2fevil.example",
		"//evil.example/status", "/status?next=https://evil.example", "/./status", "//status"} {
		_, header := asked(handler, http.MethodGet, path)
		if to := header.Get("Location"); strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\") || strings.Contains(to, "://") {
			t.Errorf("%s leads to %s", path, to)
		}
	}
}

// pipes are connections in memory, so that time can be virtual.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

// Accept is the next connection.
func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close ends it.
func (p pipes) Close() error { close(p.done); return nil }

// Addr is nowhere.
func (p pipes) Addr() net.Addr { return &net.IPAddr{} }

// TestWhoIsSlowIsGivenUp sends a header byte by byte, a body that never ends, and nothing at all after an answer.
func TestWhoIsSlowIsGivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		begin  string
		then   string // sent every second
		within time.Duration
	}{
		"a header without an end":     {"GET /healthz HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 6 * time.Second},
		"nothing":                     {"", "", 6 * time.Second},
		"a body without an end":       {"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n", "x", answerWithin + time.Second},
		"a connection that idles":     {"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "", 61 * time.Second},
		"an answer that nobody reads": {"GET /big HTTP/1.1\r\nHost: a\r\n\r\n", "stop reading", answerWithin + time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took := givenUp(t, c.begin, c.then)
				if took > c.within {
					t.Errorf("it was given up after %v, want %v at most", took, c.within)
				}
			})
		})
	}
}

// givenUp is how long the server keeps such a connection.
func givenUp(t *testing.T, begin, then string) time.Duration {
	ctx, cancel := context.WithCancel(t.Context())
	listener := pipes{make(chan net.Conn), make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle("/", webHandler(func(context.Context) commands.Health { return commands.Health{} }, newMetrics(), nil))
	mux.Handle("/big", hardened(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })))
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, mux) }()
	ours, theirs := net.Pipe()
	var sending sync.WaitGroup
	start := time.Now()
	listener.conns <- theirs
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if then == "stop reading" {
			_, _ = io.ReadFull(ours, make([]byte, 100))
			for { // until it is closed, of which a pipe tells by a write
				<-time.After(time.Second)
				if _, err := ours.Write([]byte("x")); err != nil {
					return
				}
			}
		}
		_, _ = io.Copy(io.Discard, ours)
	}()
	_, _ = io.WriteString(ours, begin)
	if then != "" && then != "stop reading" {
		sending.Go(func() {
			for {
				<-time.After(time.Second)
				if _, err := io.WriteString(ours, then); err != nil {
					return
				}
			}
		})
	}
	<-gone
	took := time.Since(start)
	_ = ours.Close()
	sending.Wait()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return took
}

// TestAHeaderHasItsBounds holds that one request cannot fill the memory.
func TestAHeaderHasItsBounds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, guardedWeb()) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", strings.Repeat("x", 3*mostHeader))
	}()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of %d bytes is answered with %v, %v", 3*mostHeader, answer, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestOnlyThisMachineByDefault holds that nobody else reaches the address, unless somebody configures it.
func TestOnlyThisMachineByDefault(t *testing.T) {
	var config Config
	config.SetDefaults()
	if host, _, err := net.SplitHostPort(config.Listen); err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("it listens on %q, %v", config.Listen, err)
	}
}
