package httpcall_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
)

// steady is a client in whose back-off nothing is left to chance.
func steady(transport http.RoundTripper) *httpcall.Client {
	return httpcall.New(httpcall.Options{Transport: transport, Jitter: func() float64 { return 0 }})
}

func TestRetriesOfAStatus(t *testing.T) {
	for _, want := range []struct {
		method   string
		replay   bool
		status   int
		attempts int
	}{
		{"GET", false, 503, 4}, {"GET", false, 502, 4}, {"GET", false, 504, 4}, {"GET", false, 429, 4},
		{"GET", false, 500, 1}, {"GET", false, 404, 1}, {"GET", false, 401, 1}, {"GET", false, 501, 1},
		{"HEAD", false, 503, 4}, {"PUT", false, 503, 4}, {"DELETE", false, 503, 4},
		{"POST", false, 503, 1}, {"PATCH", false, 503, 1}, {"POST", true, 503, 4}, {"POST", false, 429, 4}, {"POST", true, 400, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			got, err := steady(script(&attempts, want.status)).Do(t.Context(),
				httpcall.Request{Method: want.method, URL: anywhere, Replay: want.replay, Body: []byte("x")})
			if err != nil || got.Status != want.status || attempts != want.attempts {
				t.Errorf("%s (replay %t) at %d: %d attempts, want %d; answer %d, %v",
					want.method, want.replay, want.status, attempts, want.attempts, got.Status, err)
			}
		})
	}
}

func TestRetriesOfAFailure(t *testing.T) {
	for _, want := range []struct {
		method   string
		replay   bool
		failure  error
		attempts int
		notSent  bool
	}{
		{"GET", false, refused(), 4, true}, {"POST", false, refused(), 4, true},
		{"GET", false, cut(), 4, false}, {"POST", false, cut(), 1, false}, {"POST", true, cut(), 4, false},
		{"GET", false, io.EOF, 4, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			_, err := steady(network(func(*http.Request) (*http.Response, error) {
				attempts++
				return nil, want.failure
			})).Do(t.Context(), httpcall.Request{Method: want.method, URL: anywhere, Replay: want.replay})
			var fault *httpcall.Error
			if !errors.As(err, &fault) || attempts != want.attempts || fault.Attempts != attempts || fault.NotSent() != want.notSent {
				t.Errorf("%s (replay %t) after %v: %d attempts, want %d; %v", want.method, want.replay, want.failure, attempts, want.attempts, err)
			}
		})
	}
}

func TestEveryAttemptSendsTheWholeBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		client := steady(network(func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			if err != nil || req.ContentLength != int64(len(body)) {
				t.Errorf("read %d of %d bytes, %v", len(body), req.ContentLength, err)
			}
			bodies = append(bodies, string(body))
			return answer(503, ""), nil
		}))
		if _, err := client.Do(t.Context(), httpcall.Request{Method: "PUT", URL: anywhere, Body: []byte("whole")}); err != nil {
			t.Fatal(err)
		}
		// A library's body comes as a stream that can be read once.
		req, err := http.NewRequestWithContext(t.Context(), "PUT", anywhere, io.MultiReader(strings.NewReader("whole")))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.HTTP().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := strings.Join(bodies, " "); got != strings.TrimSpace(strings.Repeat("whole ", 8)) {
			t.Errorf("sent %s", got)
		}
	})
}

func TestBackOff(t *testing.T) {
	for jitter, want := range map[float64]time.Duration{
		0:   250*time.Millisecond + 500*time.Millisecond + time.Second,
		0.5: 375*time.Millisecond + 750*time.Millisecond + 1500*time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			client := httpcall.New(httpcall.Options{Transport: script(&attempts, 503), Jitter: func() float64 { return jitter }})
			began := time.Now()
			if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != want {
				t.Errorf("with jitter %.1f the waits take %s, want %s", jitter, took, want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	// The clock of a bubble begins at midnight of 1 January 2000.
	for header, want := range map[string]time.Duration{
		"2":                             6 * time.Second,
		"2.128":                         6384 * time.Millisecond,
		"0":                             0,
		"-5":                            1750 * time.Millisecond,
		"soon":                          1750 * time.Millisecond,
		"NaN":                           1750 * time.Millisecond,
		"Sat, 01 Jan 2000 00:00:04 GMT": 4 * time.Second,
		"Sat, 01 Jan 1999 00:00:00 GMT": 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			client := steady(network(func(*http.Request) (*http.Response, error) {
				attempts++
				return answer(503, "", "Retry-After", header), nil
			}))
			began := time.Now()
			if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != want || attempts != 4 {
				t.Errorf("Retry-After: %s: %d attempts in %s, want %s", header, attempts, took, want)
			}
		})
	}
}

func TestRetryAfterByTheirClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := steady(network(func(*http.Request) (*http.Response, error) {
			if attempts++; attempts > 1 {
				return answer(200, ""), nil
			}
			return answer(429, "", "Date", "Wed, 04 Nov 2026 10:00:00 GMT", "Retry-After", "Wed, 04 Nov 2026 10:00:03 GMT"), nil
		}))
		began := time.Now()
		if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("waited %s", took)
		}
	})
}

func TestNoWaitBeyondTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := steady(script(&attempts, 503))
		ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
		defer cancel()
		got, err := client.Do(ctx, httpcall.Request{URL: anywhere})
		// 250 ms, then 500 ms more would be too late: the answer is worth more than an error of time.
		if err != nil || got.Status != 503 || attempts != 2 {
			t.Errorf("got %d after %d attempts, %v", got.Status, attempts, err)
		}
	})
}

func TestCalledOffWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		began := time.Now()
		_, err := steady(script(&attempts, 503)).Do(ctx, httpcall.Request{URL: anywhere})
		faultOf(t, err, httpcall.ClassCanceled)
		if took := time.Since(began); took != 100*time.Millisecond || attempts != 1 {
			t.Errorf("ended after %s and %d attempts", took, attempts)
		}
	})
}

func TestPlacesPerHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy, most := map[string]int{}, map[string]int{}
		var client *httpcall.Client
		enter := make(chan func())
		go func() {
			for change := range enter {
				change()
			}
		}()
		client = httpcall.New(httpcall.Options{PerHost: 3, Transport: network(func(req *http.Request) (*http.Response, error) {
			enter <- func() { busy[req.URL.Host]++; most[req.URL.Host] = max(most[req.URL.Host], busy[req.URL.Host]) }
			<-time.After(time.Second)
			enter <- func() { busy[req.URL.Host]-- }
			return answer(200, ""), nil
		})})
		done := make(chan error)
		began := time.Now()
		for i := range 12 {
			host := []string{"a.example", "b.example"}[i%2]
			go func() {
				_, err := client.With(host, httpcall.Auth{}).Do(t.Context(), httpcall.Request{URL: "https://" + host + "/"})
				done <- err
			}()
		}
		for range 12 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		close(enter)
		if most["a.example"] != 3 || most["b.example"] != 3 || time.Since(began) != 2*time.Second {
			t.Errorf("at most %v at once, in %s", most, time.Since(began))
		}
	})
}
