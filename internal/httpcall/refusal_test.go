package httpcall_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"sparky/internal/httpcall"
)

// TestTokenRefusal holds that a caller can learn what a token endpoint said, and never a secret by it.
func TestTokenRefusal(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		codes  []int
		said   string
	}{
		"Entra": {400, `{"error":"invalid_client","error_codes":[7000222],"error_description":"AADSTS7000222: s3cret+canary has expired."}`, []int{7000222}, "invalid_client AADSTS7000222: [secret] has expired."},
		"a page": {503, `<html><style>p{}</style><title>Service Unavailable</title><p>Invalid  Tenant
 Name`, nil, "the answer is not JSON Service Unavailable Invalid Tenant Name"},
		"a secret":     {404, `<p>s3cret+canary`, nil, "the answer is not JSON [secret]"},
		"nothing":      {404, ``, nil, "the answer is not JSON "},
		"no token":     {200, `{}`, nil, " "},
		"endless page": {404, strings.Repeat("<b>word</b> ", 9000), nil, ""},
		"odd numbers":  {400, `{"error":"invalid_client","error_codes":"x"}`, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := &issuer{token: func(url.Values, *http.Request) (*http.Response, error) { return answer(test.status, test.body), nil }}
				_, err := i.client(nil).Do(t.Context(), httpcall.Request{URL: anywhere})
				var refusal httpcall.TokenRefusal
				if !errors.As(err, &refusal) {
					t.Fatalf("no refusal in %v", err)
				}
				if refusal.Status != test.status || !slices.Equal(refusal.Codes, test.codes) || test.said != "" && refusal.Said != test.said {
					t.Errorf("got %+v", refusal)
				}
				if len([]rune(refusal.Said)) > 201 || strings.Contains(refusal.Error(), "canary") {
					t.Errorf("too long or with a secret: %s", refusal)
				}
			})
		})
	}
}
