package httpcall_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// swapped is a client whose token comes by an Exchange: a proof of the moment, for a token of an hour.
func swapped(i *issuer, change func(*httpcall.Exchange)) *httpcall.Client {
	proofs := 0
	exchange := httpcall.Exchange{
		URL: "https://login.example/installations/7/tokens",
		Header: func() (http.Header, error) {
			proofs++
			return http.Header{"Authorization": {fmt.Sprintf("Bearer proof-%d-canary", proofs)}}, nil
		},
		Read: func(status int, body []byte) (setting.Secret, time.Time, error) {
			if status != http.StatusCreated {
				return setting.Secret{}, time.Time{}, errors.New("make a new key; it said " + string(body))
			}
			return setting.NewSecret(string(body)), time.Now().Add(55 * time.Minute), nil
		},
	}
	if i.token == nil {
		i.token = func(url.Values, *http.Request) (*http.Response, error) {
			<-time.After(100 * time.Millisecond)
			return answer(201, fmt.Sprintf("token-%d", len(i.asked))), nil
		}
	}
	if change != nil {
		change(&exchange)
	}
	return steady(i).With("github", httpcall.Auth{Exchange: &exchange})
}

func TestExchangeOnceForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		client := swapped(i, nil)
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				got, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
				if err != nil || got.Status != 200 {
					t.Errorf("got %d, %v", got.Status, err)
				}
			})
		}
		calls.Wait()
		for _, step := range []struct {
			after time.Duration
			asked int
		}{{0, 1}, {54 * time.Minute, 1}, {time.Minute, 2}, {54 * time.Minute, 2}, {2 * time.Hour, 3}} {
			<-time.After(step.after)
			if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil || len(i.asked) != step.asked {
				t.Errorf("%s later: asked %d times, want %d; %v", step.after, len(i.asked), step.asked, err)
			}
		}
	})
}

func TestExchangeProvesItselfAnewEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		i := &issuer{}
		i.token = func(form url.Values, req *http.Request) (*http.Response, error) {
			seen = append(seen, req.Method+" "+req.Header.Get("Authorization"))
			if len(form) > 0 || req.URL.Path != "/installations/7/tokens" || req.Header.Get("User-Agent") == "" {
				t.Errorf("asked with %v at %s, %v", form, req.URL, req.Header)
			}
			return answer(201, fmt.Sprintf("token-%d", len(i.asked))), nil
		}
		i.api = func(req *http.Request) *http.Response {
			if req.Header.Get("Authorization") == "Bearer token-1" {
				return answer(401, "revoked")
			}
			return answer(201, "done")
		}
		client := swapped(i, nil)
		got, err := client.Do(t.Context(), httpcall.Request{Method: "POST", URL: anywhere, Body: []byte("once")})
		if err != nil || got.Status != 201 || i.calls != 2 {
			t.Errorf("got %d, %v after %d calls", got.Status, err, i.calls)
		}
		if want := "POST Bearer proof-1-canary, POST Bearer proof-2-canary"; strings.Join(seen, ", ") != want {
			t.Errorf("asked with %q", seen)
		}
	})
}

func TestExchangeThatGivesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		answer    func() (*http.Response, error)
		change    func(*httpcall.Exchange)
		says      string
		temporary bool
	}{
		"refused": {func() (*http.Response, error) { return answer(401, "no to proof-1-canary"), nil }, nil,
			"no access token was given (401): make a new key", false},
		"busy":      {func() (*http.Response, error) { return answer(503, "later"), nil }, nil, "(503)", true},
		"throttled": {func() (*http.Response, error) { return answer(429, "later"), nil }, nil, "(429)", true},
		"empty":     {func() (*http.Response, error) { return answer(201, ""), nil }, nil, "check the address login.example", false},
		"away":      {func() (*http.Response, error) { return nil, refused() }, nil, "no connection could be made", true},
		"cut":       {func() (*http.Response, error) { return nil, cut() }, nil, "cut before the answer ended", true},
		"no proof": {nil, func(e *httpcall.Exchange) {
			e.Header = func() (http.Header, error) { return nil, errors.New("the key does not sign") }
		}, "could be asked for: the key does not sign", false},
		"no address": {nil, func(e *httpcall.Exchange) { e.URL = "login example" }, "write it in full", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := &issuer{token: func(url.Values, *http.Request) (*http.Response, error) { return test.answer() }}
				_, err := swapped(i, test.change).Do(t.Context(), httpcall.Request{Method: "POST", URL: anywhere, Body: []byte("x")})
				fault := faultOf(t, err, httpcall.ClassAuth)
				if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "canary") {
					t.Errorf("says %q, want %q", err, test.says)
				}
				if fault.Temporary() != test.temporary || i.calls != 0 {
					t.Errorf("temporary %t, %d calls of the API", fault.Temporary(), i.calls)
				}
			})
		})
	}
}

// TestExchangeStaysAtItsHost holds that the token does not follow a redirect.
func TestExchangeStaysAtItsHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		i := &issuer{}
		i.api = func(req *http.Request) *http.Response {
			seen = append(seen, req.URL.Host+" "+req.Header.Get("Authorization"))
			if req.URL.Host == "api.example" {
				return answer(302, "", "Location", "https://blobs.example/log")
			}
			return answer(200, "the log")
		}
		if _, err := swapped(i, nil).Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
			t.Fatal(err)
		}
		if want := "api.example Bearer token-1, blobs.example "; strings.Join(seen, ", ") != want {
			t.Errorf("seen %q", seen)
		}
	})
}
