package httpcall_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// The traps of go-retryablehttp v0.7.8.

// Trap 1: the default policy repeats a POST that a server has taken.
func TestRetryablehttp1RetriesPOST(t *testing.T) {
	attempts := 0
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		attempts++
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	client := httpcall.New(httpcall.Options{MinWait: time.Millisecond})
	for _, post := range []func() error{
		func() error {
			_, err := client.Do(t.Context(), httpcall.Request{Method: "POST", URL: server.URL})
			return err
		},
		func() error {
			resp, err := client.HTTP().Post(server.URL, "text/plain", strings.NewReader("x"))
			if err == nil {
				resp.Body.Close()
			}
			return err
		},
	} {
		attempts = 0
		if err := post(); err != nil || attempts != 1 {
			t.Errorf("%d attempts, %v", attempts, err)
		}
	}
}

// Trap 1, its cure: a POST that certainly did not leave is repeated, one that may have left is not.
func TestRetryablehttp1POSTThatDidNotLeave(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	closed.Close()
	var taken atomic.Int32
	hangUp := serve(t, func(w http.ResponseWriter, r *http.Request) {
		taken.Add(1)
		io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})
	client := httpcall.New(httpcall.Options{MinWait: time.Millisecond})
	_, err = client.Do(t.Context(), httpcall.Request{Method: "POST", URL: nobody, Body: []byte("x")})
	if fault := faultOf(t, err, httpcall.ClassConnect); fault.Attempts != 4 || !fault.NotSent() {
		t.Errorf("nobody listens: %d attempts, not sent %t: %v", fault.Attempts, fault.NotSent(), err)
	}
	_, err = client.Do(t.Context(), httpcall.Request{Method: "POST", URL: hangUp.URL, Body: []byte("x")})
	if fault := faultOf(t, err, httpcall.ClassReset); fault.Attempts != 1 || fault.NotSent() || taken.Load() != 1 {
		t.Errorf("it hung up: %d attempts, not sent %t, taken %d times: %v", fault.Attempts, fault.NotSent(), taken.Load(), err)
	}
}

// Trap 2: the last answer is thrown away.
func TestRetryablehttp2LastAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := httpcall.New(httpcall.Options{Transport: network(func(*http.Request) (*http.Response, error) {
			attempts++
			return answer(503, fmt.Sprint("attempt ", attempts), "X-RateLimit-Reset", "42"), nil
		})})
		got, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
		if err != nil || got.Status != 503 || string(got.Body) != "attempt 4" || got.Header.Get("X-RateLimit-Reset") != "42" {
			t.Errorf("got %d %q %v, %v", got.Status, got.Body, got.Header, err)
		}
	})
}

// Trap 3: a Retry-After has no ceiling, and a long one overflows.
func TestRetryablehttp3RetryAfterCeiling(t *testing.T) {
	for _, header := range []string{"11", "3600", "99999999999", "1e300", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			client := httpcall.New(httpcall.Options{Transport: network(func(*http.Request) (*http.Response, error) {
				attempts++
				return answer(429, "slow down", "Retry-After", header), nil
			})})
			began := time.Now()
			got, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
			if err != nil || got.Status != 429 || attempts != 1 || time.Since(began) != 0 || got.Header.Get("Retry-After") != header {
				t.Errorf("%s: %d after %d attempts and %s, %v", header, got.Status, attempts, time.Since(began), err)
			}
		})
	}
}

// Trap 4: redirects are followed inside RoundTrip, where libraries call it themselves.
func TestRetryablehttp4RedirectInsideRoundTrip(t *testing.T) {
	var seen []*http.Request
	client := httpcall.New(httpcall.Options{Transport: web(&seen, map[string]string{"https://a.example/0": "302 https://b.example/1"})}).
		With("github", httpcall.Auth{Bearer: setting.NewSecret("canary")})
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://a.example/0", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.HTTP().Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 302 || resp.Header.Get("Location") != "https://b.example/1" || len(seen) != 1 {
		t.Errorf("got %d after %d requests", resp.StatusCode, len(seen))
	}
}

// Trap 5: a failing host closes the idle connections of a healthy one.
func TestRetryablehttp5CloseIdleConnections(t *testing.T) {
	var dialled atomic.Int32
	healthy := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	healthy.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dialled.Add(1)
		}
	}
	healthy.Start()
	defer healthy.Close()
	failing := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	client := httpcall.New(httpcall.Options{Retries: 1, MinWait: time.Millisecond, Breaker: httpcall.BreakerOptions{Requests: 100}})
	for range 5 {
		for _, url := range []string{failing.URL, healthy.URL} {
			if _, err := client.Do(t.Context(), httpcall.Request{URL: url}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := dialled.Load(); n != 1 {
		t.Errorf("the healthy host was dialled %d times", n)
	}
}

// Trap 6: the default logger prints addresses, whose paths may be secrets, to the standard error.
func TestRetryablehttp6Logger(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, before := os.Stderr, log.Writer()
	os.Stderr = write
	log.SetOutput(write)
	client := httpcall.New(httpcall.Options{MinWait: time.Millisecond, Transport: script(new(int), 503)})
	_, err = client.Do(t.Context(), httpcall.Request{URL: "https://hooks.example/services/canary"})
	os.Stderr = stderr
	log.SetOutput(before)
	write.Close()
	if err != nil {
		t.Error(err)
	}
	if said, err := io.ReadAll(read); err != nil || len(said) > 0 {
		t.Errorf("said %q, %v", said, err)
	}
}

// The traps of gobreaker v2.4.0. The sixth, that state is lost at a restart, has no test: each process learns alone, and
// at the worst makes BreakerOptions.Requests attempts more.

// Trap 1: asking for the state while being told of it deadlocks. TestTheToldMayCall asks from many goroutines; this one
// has a breaker go through all of its states under the eyes of one who asks each time.
func TestGobreaker1AskedInsideTheCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var client *httpcall.Client
		var states []httpcall.BreakerState
		status := 500
		client = once(network(func(*http.Request) (*http.Response, error) { return answer(status, ""), nil }), func(b httpcall.Breaker) {
			for _, shown := range client.Breakers() {
				states = append(states, shown.State)
			}
		})
		for range 4 {
			client.Do(t.Context(), httpcall.Request{URL: anywhere})
		}
		status = 200
		<-time.After(31 * time.Second)
		client.Do(t.Context(), httpcall.Request{URL: anywhere})
		if got := fmt.Sprint(states); got != "[open half-open closed]" {
			t.Errorf("saw %s", got)
		}
	})
}

// Trap 2: nobody is told that the time of an open breaker is over, until somebody asks.
func TestGobreaker2LazyHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []httpcall.BreakerState
		client := once(script(new(int), 500), func(b httpcall.Breaker) { told = append(told, b.State) })
		for range 4 {
			client.Do(t.Context(), httpcall.Request{URL: anywhere})
		}
		<-time.After(time.Hour)
		shown := client.Breakers()
		if len(shown) != 1 || shown[0].State != httpcall.BreakerHalfOpen || fmt.Sprint(told) != "[open half-open]" {
			t.Errorf("shown %v, told %v", shown, told)
		}
	})
}

// Trap 3: a half-open breaker whose one try never reports is shut for ever.
func TestGobreaker3TheTryThatNeverReports(t *testing.T) {
	for name, try := range map[string]network{
		"never answers": silent,
		"is called off": func(req *http.Request) (*http.Response, error) { return silent(req) },
		"panics":        func(*http.Request) (*http.Response, error) { panic("a broken transport") },
		"429":           script(new(int), 429),
		"refused":       func(*http.Request) (*http.Response, error) { return nil, refused() },
	} {
		synctest.Test(t, func(t *testing.T) {
			reply := script(new(int), 500)
			client := once(network(func(req *http.Request) (*http.Response, error) { return reply(req) }), nil)
			for range 4 {
				client.Do(t.Context(), httpcall.Request{URL: anywhere})
			}
			<-time.After(31 * time.Second)
			reply = try
			func() {
				defer func() { _ = recover() }()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if name == "is called off" {
					time.AfterFunc(time.Second, cancel)
				}
				client.Do(ctx, httpcall.Request{URL: anywhere})
			}()
			<-time.After(31 * time.Second)
			reply = script(new(int), 200)
			if got, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil || got.Status != 200 {
				t.Errorf("after a try that %s: %v", name, err)
			}
		})
	}
}

// Trap 4: what is excluded still counts as a request, so that a ratio over all requests never trips, and IsExcluded is
// asked about successes too.
func TestGobreaker4ExcludedAreNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status := 429
		client := once(network(func(*http.Request) (*http.Response, error) { return answer(status, ""), nil }), nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			client.Do(t.Context(), httpcall.Request{URL: anywhere})
			client.Do(ctx, httpcall.Request{URL: anywhere})
		}
		if shown := client.Breakers(); shown[0].State != httpcall.BreakerClosed {
			t.Errorf("after 429s and calls called off: %s", shown[0].State)
		}
		status = 500
		for range 4 {
			client.Do(t.Context(), httpcall.Request{URL: anywhere})
		}
		if shown := client.Breakers(); shown[0].State != httpcall.BreakerOpen {
			t.Errorf("after four failures among them: %s", shown[0].State)
		}
	})
}

// Trap 5: there is no rule for slow calls. The attempt's time is ours: what is slower failed, headers or not.
func TestGobreaker5SlowCallsAreFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := once(network(func(req *http.Request) (*http.Response, error) {
			resp := answer(200, "")
			resp.Body = slow{req.Context()}
			return resp, nil
		}), nil)
		for range 4 {
			_, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
			faultOf(t, err, httpcall.ClassTimeout)
		}
		_, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
		faultOf(t, err, httpcall.ClassBreaker)
	})
}

// Trap 7: without a window of parts, all that was counted is forgotten at once.
func TestGobreaker7RollingWindow(t *testing.T) {
	for spacing, opens := range map[time.Duration]bool{10 * time.Second: true, 25 * time.Second: false} {
		synctest.Test(t, func(t *testing.T) {
			client := once(script(new(int), 500), nil)
			// Begins in the middle of where a fixed window of a minute would be cut.
			client.Do(t.Context(), httpcall.Request{URL: anywhere})
			<-time.After(45 * time.Second)
			var err error
			for range 5 {
				_, err = client.Do(t.Context(), httpcall.Request{URL: anywhere})
				<-time.After(spacing)
			}
			var fault *httpcall.Error
			if errors.As(err, &fault) != opens {
				t.Errorf("a failure every %s: %v", spacing, err)
			}
		})
	}
}

// slow is a body that never ends.
type slow struct{ ctx context.Context }

func (s slow) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, context.Cause(s.ctx)
}

func (slow) Close() error { return nil }
