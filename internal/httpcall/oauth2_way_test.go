package httpcall_test

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
)

func TestOAuth2SecretInTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{api: func(*http.Request) *http.Response { return answer(200, "") }}
		i.token = func(form url.Values, req *http.Request) (*http.Response, error) {
			user, password, basic := req.BasicAuth()
			if basic && (user != "id" || password != "s3cret%2Bcanary" && password != "s3cret+canary") {
				t.Errorf("basic authentication as %s:%s", user, password)
			}
			if form.Get("client_id") != "id" || form.Get("client_secret") != "s3cret+canary" || basic {
				return answer(400, `{"error":"invalid_client"}`), nil
			}
			return answer(200, `{"access_token":"t","expires_in":"60"}`), nil
		}
		client := i.client(nil)
		for range 2 {
			if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Minute)
		}
		if len(i.asked) != 4 {
			t.Errorf("asked %d times: the way that works is not remembered", len(i.asked))
		}
	})
}

// TestOAuth2SecretNotDecoded is a service that takes basic authentication and does not decode it, as Workday does with
// client ids that end in equals signs.
func TestOAuth2SecretNotDecoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{api: func(*http.Request) *http.Response { return answer(200, "") }}
		i.token = func(_ url.Values, req *http.Request) (*http.Response, error) {
			if user, password, basic := req.BasicAuth(); !basic || user != "id" || password != "s3cret+canary" {
				return answer(401, `{"error":"invalid_client"}`), nil
			}
			return answer(200, `{"access_token":"t","expires_in":"60"}`), nil
		}
		client := i.client(nil)
		for range 2 {
			if _, err := client.Do(t.Context(), httpcall.Request{URL: anywhere}); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Minute)
		}
		if len(i.asked) != 3 {
			t.Errorf("asked %d times: the way that works is not remembered", len(i.asked))
		}
	})
}
