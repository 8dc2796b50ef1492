package httpcall_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
)

// once is a client that tries each call once, so that attempts are calls.
func once(transport http.RoundTripper, told func(httpcall.Breaker)) *httpcall.Client {
	return httpcall.New(httpcall.Options{Transport: transport, Retries: -1, OnBreaker: told, MaxBody: 1000,
		Breaker: httpcall.BreakerOptions{Requests: 4, Ratio: 0.5, Window: time.Minute, Open: 30 * time.Second}})
}

func TestBreakerOpensAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts, status := 0, 500
		var told []string
		client := once(network(func(*http.Request) (*http.Response, error) {
			attempts++
			return answer(status, ""), nil
		}), func(b httpcall.Breaker) {
			told = append(told, fmt.Sprintf("%s %s %s %s", b.Name, b.Host, b.State, b.Since.Format("05")))
		}).With("okta", httpcall.Auth{})
		call := func() error {
			<-time.After(time.Second)
			_, err := client.Do(t.Context(), httpcall.Request{Method: "POST", URL: anywhere})
			return err
		}
		for range 4 {
			if err := call(); err != nil {
				t.Fatal(err)
			}
		}
		fault := faultOf(t, call(), httpcall.ClassBreaker)
		if attempts != 4 || !fault.NotSent() || !fault.Temporary() || fault.Attempts != 0 || fault.Held() != time.Second || !strings.Contains(fault.Error(), "next try is in 29s") {
			t.Errorf("after %d attempts: %v", attempts, fault)
		}
		<-time.After(30 * time.Second)
		if shown := client.Breakers(); len(shown) != 1 || shown[0].State != httpcall.BreakerHalfOpen || shown[0].Host != "api.example:443" {
			t.Errorf("shown: %+v", shown)
		}
		if err := call(); err != nil { // the one try, at a host that is still bad
			t.Error(err)
		}
		if fault := faultOf(t, call(), httpcall.ClassBreaker); fault.Held() != time.Second {
			t.Errorf("held back for %s since it opened again", fault.Held())
		}
		status = 200
		<-time.After(30 * time.Second)
		for range 3 {
			if err := call(); err != nil {
				t.Error(err)
			}
		}
		want := "okta api.example:443 open 04; okta api.example:443 half-open 35; okta api.example:443 open 36; " +
			"okta api.example:443 half-open 08; okta api.example:443 closed 08"
		if got := strings.Join(told, "; "); got != want {
			t.Errorf("told:\n%s\nwant:\n%s", got, want)
		}
	})
}

func TestWhatCountsForABreaker(t *testing.T) {
	for name, test := range map[string]struct {
		reply network
		class httpcall.Class // of the call after ten like it; breaker-open where they count as failures
	}{
		"500":         {script(new(int), 500), httpcall.ClassBreaker},
		"503":         {script(new(int), 503), httpcall.ClassBreaker},
		"501":         {script(new(int), 501), ""},
		"404":         {script(new(int), 404), ""},
		"401":         {script(new(int), 401), ""},
		"429":         {script(new(int), 429), ""},
		"half good":   {script(new(int), 200, 200, 200, 200, 200, 200, 500, 500, 500, 500, 200), ""},
		"refused":     {func(*http.Request) (*http.Response, error) { return nil, refused() }, httpcall.ClassBreaker},
		"cut":         {func(*http.Request) (*http.Response, error) { return nil, cut() }, httpcall.ClassBreaker},
		"no answer":   {func(*http.Request) (*http.Response, error) { return nil, nil }, httpcall.ClassBreaker},
		"no time":     {silent, httpcall.ClassBreaker},
		"too large":   {func(*http.Request) (*http.Response, error) { return answer(200, strings.Repeat("x", 1001)), nil }, httpcall.ClassTooLarge},
		"bad gateway": {script(new(int), 502), httpcall.ClassBreaker},
	} {
		synctest.Test(t, func(t *testing.T) {
			client := once(test.reply, nil)
			var err error
			for range 11 {
				_, err = client.Do(t.Context(), httpcall.Request{URL: anywhere})
			}
			var fault *httpcall.Error
			if errors.As(err, &fault); test.class == "" && err != nil || test.class != "" && (fault == nil || fault.Class != test.class) {
				t.Errorf("%s: got %v, want class %q", name, err, test.class)
			}
		})
	}
}

func TestBreakersAreApart(t *testing.T) {
	client := once(network(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/bad" {
			return answer(500, ""), nil
		}
		return answer(200, ""), nil
	}), nil)
	bad, good := client.With("bad", httpcall.Auth{}), client.With("good", httpcall.Auth{})
	for range 10 {
		// The tenth is refused by the breaker, which is what this is about.
		_, err := bad.Do(t.Context(), httpcall.Request{URL: "https://graph.example/bad"})
		if err != nil {
			faultOf(t, err, httpcall.ClassBreaker)
		}
	}
	for name, c := range map[string]*httpcall.Client{"another integration": good, "no integration": client} {
		if _, err := c.Do(t.Context(), httpcall.Request{URL: "https://graph.example/good"}); err != nil {
			t.Errorf("%s at the same host: %v", name, err)
		}
	}
	if _, err := bad.Do(t.Context(), httpcall.Request{URL: "https://login.example/good"}); err != nil {
		t.Errorf("the same integration at another host: %v", err)
	}
	var shown []string
	for _, b := range good.Breakers() {
		shown = append(shown, b.Name+" "+b.Host+" "+string(b.State))
	}
	want := " graph.example:443 closed, bad graph.example:443 open, bad login.example:443 closed, good graph.example:443 closed"
	if got := strings.Join(shown, ", "); got != want {
		t.Errorf("shown %s", got)
	}
}

func TestARetryEndsWithTheAnswerThatOpenedTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := httpcall.New(httpcall.Options{Transport: script(&attempts, 503), Breaker: httpcall.BreakerOptions{Requests: 2}})
		got, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
		if err != nil || got.Status != 503 || attempts != 2 {
			t.Errorf("got %d after %d attempts, %v", got.Status, attempts, err)
		}
	})
}

// TestTheToldMayCall has many calls fail at once, and whoever is told of it asks and calls from inside.
func TestTheToldMayCall(t *testing.T) {
	var client *httpcall.Client
	var mu sync.Mutex
	told := map[string]int{}
	client = once(network(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "status.example" {
			return answer(200, ""), nil
		}
		return answer(500, ""), nil
	}), func(b httpcall.Breaker) {
		client.Breakers()
		if _, err := client.Do(t.Context(), httpcall.Request{URL: "https://status.example/"}); err != nil {
			t.Error(err)
		}
		mu.Lock()
		told[b.Host+" "+string(b.State)]++
		mu.Unlock()
	})
	var calls sync.WaitGroup
	for i := range 200 {
		calls.Go(func() {
			_, err := client.Do(t.Context(), httpcall.Request{URL: fmt.Sprintf("https://h%d.example/", i%10)})
			if err != nil {
				faultOf(t, err, httpcall.ClassBreaker)
			}
		})
	}
	calls.Wait()
	client.Breakers()
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 10 || told["h3.example:443 open"] != 1 {
		t.Errorf("told %v", told)
	}
}
