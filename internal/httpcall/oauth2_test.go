package httpcall_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// issuer is a token endpoint, and an API that takes only its newest token.
type issuer struct {
	mu     sync.Mutex
	asked  []url.Values
	calls  int
	token  func(form url.Values, req *http.Request) (*http.Response, error)
	api    func(req *http.Request) *http.Response
	newest string
}

func (i *issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == "login.example" {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		i.mu.Lock()
		i.asked = append(i.asked, form)
		i.newest = fmt.Sprintf("token-%d", len(i.asked))
		newest := i.newest
		i.mu.Unlock()
		if i.token != nil {
			return i.token(form, req)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-req.Context().Done():
			return nil, context.Cause(req.Context())
		}
		return answer(200, `{"access_token":"`+newest+`","expires_in":3600,"token_type":"Bearer"}`), nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls++
	if i.api != nil {
		return i.api(req), nil
	}
	if req.Header.Get("Authorization") != "Bearer "+i.newest {
		return answer(401, "who are you?"), nil
	}
	return answer(200, "hello"), nil
}

func (i *issuer) client(change func(*httpcall.OAuth2)) *httpcall.Client {
	oauth := httpcall.OAuth2{TokenURL: "https://login.example/token?tenant=t", ClientID: "id", ClientSecret: setting.NewSecret("s3cret+canary"), Scopes: []string{"a", "b"}}
	if change != nil {
		change(&oauth)
	}
	return steady(i).With("graph", httpcall.Auth{OAuth2: &oauth})
}

func TestOAuth2ClientCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		client := i.client(nil)
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
		if len(i.asked) != 1 || i.asked[0].Encode() != "grant_type=client_credentials&scope=a+b" {
			t.Errorf("asked %d times: %v", len(i.asked), i.asked)
		}
		// A token of an hour is used for 59 minutes, never in its last one.
		for _, step := range []struct {
			after time.Duration
			asked int
		}{{58 * time.Minute, 1}, {2 * time.Minute, 2}, {time.Minute, 2}, {2 * time.Hour, 3}} {
			<-time.After(step.after)
			if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil || len(i.asked) != step.asked {
				t.Errorf("%s later: asked %d times, want %d; %v", step.after, len(i.asked), step.asked, err)
			}
		}
		if want := 50 + 4; i.calls != want {
			t.Errorf("%d calls, want %d", i.calls, want)
		}
	})
}

func TestOAuth2Lifetimes(t *testing.T) {
	for text, good := range map[string]time.Duration{
		`"expires_in":"3600"`: 59 * time.Minute, `"expires_in":100`: 90 * time.Second, `"x":1`: 270 * time.Second,
		`"expires_in":0`: 270 * time.Second, `"expires_in":-5`: 270 * time.Second, `"expires_in":null`: 270 * time.Second,
		`"expires_in":1e300`: 24*time.Hour - time.Minute, `"expires_in":{"a":1}`: 270 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{api: func(*http.Request) *http.Response { return answer(200, "") }}
			i.token = func(url.Values, *http.Request) (*http.Response, error) {
				return answer(200, `{"access_token":"t",`+text+`}`), nil
			}
			client := i.client(nil)
			for _, wait := range []time.Duration{0, good - time.Second, 2 * time.Second} {
				<-time.After(wait)
				if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
					t.Fatal(err)
				}
				if want := map[time.Duration]int{2 * time.Second: 2}[wait]; len(i.asked) != max(want, 1) {
					t.Errorf("%s: asked %d times after %s", text, len(i.asked), wait)
				}
			}
		})
	}
}

func TestOAuth2TokenThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		i := &issuer{}
		i.api = func(req *http.Request) *http.Response {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				t.Error(err)
			}
			bodies = append(bodies, req.Header.Get("Authorization")+" "+string(body))
			if req.Header.Get("Authorization") == "Bearer token-1" {
				return answer(401, "revoked")
			}
			return answer(201, "done")
		}
		client := i.client(nil)
		got, err := client.Do(t.Context(), httpcall.Request{Method: "POST", URL: anywhere, Body: []byte("once")})
		if err != nil || got.Status != 201 || strings.Join(bodies, ", ") != "Bearer token-1 once, Bearer token-2 once" {
			t.Errorf("got %d, %v; sent %v", got.Status, err, bodies)
		}
		i.api = func(*http.Request) *http.Response { i.calls++; return answer(401, "no") }
		i.calls = 0
		got, err = client.Do(t.Context(), httpcall.Request{URL: anywhere})
		if err != nil || got.Status != 401 || i.calls != 4 || len(i.asked) != 3 { // counted here and in RoundTrip
			t.Errorf("got %d, %v after %d calls and %d tokens", got.Status, err, i.calls/2, len(i.asked))
		}
	})
}

func TestOAuth2RefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{api: func(*http.Request) *http.Response { return answer(200, "") }}
		i.token = func(url.Values, *http.Request) (*http.Response, error) {
			return answer(200, fmt.Sprintf(`{"access_token":"t","expires_in":60,"refresh_token":%q}`, []string{"", "second", ""}[len(i.asked)%3])), nil
		}
		client := i.client(func(o *httpcall.OAuth2) { o.RefreshToken, o.Scopes = setting.NewSecret("first"), nil })
		for range 3 {
			if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Minute)
		}
		var sent []string
		for _, form := range i.asked {
			sent = append(sent, form.Encode())
		}
		want := "grant_type=refresh_token&refresh_token=first; grant_type=refresh_token&refresh_token=second; grant_type=refresh_token&refresh_token=second"
		if got := strings.Join(sent, "; "); got != want {
			t.Errorf("asked with %s", got)
		}
	})
}

func TestOAuth2NoToken(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		err    error
		asked  int
		again  bool
		says   string
	}{
		"refused":    {400, `{"error":"invalid_grant","error_description":"expired s3cret+canary"}`, nil, 1, false, "400 invalid_grant: expired [secret]"},
		"unknown":    {401, `{"error":"invalid_client"}`, nil, 3, false, "check client_id"},
		"no token":   {200, `{}`, nil, 1, false, "200"},
		"a web page": {200, `<html>`, nil, 1, false, "not JSON"},
		"broken":     {503, "", nil, 4, true, "503"},
		"cut":        {0, "", cut(), 4, true, "cut"},
		"too long":   {200, strings.Repeat(" ", 2<<20), nil, 1, false, "1 MiB"},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{}
			i.token = func(url.Values, *http.Request) (*http.Response, error) {
				if test.err != nil {
					return nil, test.err
				}
				return answer(test.status, test.body), nil
			}
			_, err := i.client(nil).Do(t.Context(), httpcall.Request{Method: "POST", URL: anywhere})
			fault := faultOf(t, err, httpcall.ClassAuth)
			if i.calls != 0 || len(i.asked) != test.asked || fault.Temporary() != test.again || !fault.NotSent() {
				t.Errorf("%s: asked %d times, temporary %t, not sent %t", name, len(i.asked), fault.Temporary(), fault.NotSent())
			}
			if text := err.Error(); !strings.Contains(text, test.says) || strings.Contains(text, "canary") || !strings.HasPrefix(text, "POST login.example/token?…: ") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// TestOAuth2DeadEndpoint has many callers wait for a token that never comes: its breaker opens, that of the API does not.
func TestOAuth2DeadEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{token: func(_ url.Values, req *http.Request) (*http.Response, error) { return silent(req) }}
		client := i.client(nil)
		var calls sync.WaitGroup
		for range 40 {
			calls.Go(func() {
				_, err := client.Do(t.Context(), httpcall.Request{URL: anywhere})
				var fault *httpcall.Error
				if !errors.As(err, &fault) || fault.Class != httpcall.ClassAuth && !strings.Contains(err.Error(), "other calls to it took all") {
					t.Error(err)
				}
			})
		}
		calls.Wait()
		if len(i.asked) > 12 {
			t.Errorf("40 callers asked a dead service %d times", len(i.asked))
		}
		for _, b := range client.Breakers() {
			if b.Host == "api.example:443" && b.State != httpcall.BreakerClosed {
				t.Errorf("the API's breaker is %s", b.State)
			}
		}
	})
}

func TestOAuth2CallerWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		client := i.client(nil)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		left := make(chan error)
		go func() {
			_, err := client.Do(ctx, httpcall.Request{URL: anywhere})
			left <- err
		}()
		synctest.Wait()
		if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
			t.Errorf("who stayed: %v", err)
		}
		if err := <-left; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who left: %v", err)
		}
	})
}
