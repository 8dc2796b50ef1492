package probe

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// signingIn is the error of a call whose sign-in was answered so.
func signingIn(t testing.TB, status int, body string) error {
	t.Helper()
	client := httpcall.New(httpcall.Options{Retries: -1, Transport: tripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: req}, nil
	})}).With("a", httpcall.Auth{OAuth2: &httpcall.OAuth2{TokenURL: "https://login.example/t/token", ClientID: "a", ClientSecret: setting.NewSecret("c4n4ry-s3cret")}})
	_, err := client.Do(t.Context(), httpcall.Request{URL: "https://api.example"})
	if err == nil {
		t.Fatal("a token came")
	}
	return err
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestEntra(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		class  partners.FailureClass
		says   string
	}{
		"expired":     {401, `{"error":"invalid_client","error_codes":[7000222],"error_description":"AADSTS7000222: c4n4ry-s3cret"}`, partners.FailAuth, "gave no access token: our client secret has expired; make a new one"},
		"the second":  {400, `{"error":"unauthorized_client","error_codes":[1,700016]}`, partners.FailAuth, "knows no such app"},
		"busy":        {400, `{"error":"temporarily_unavailable","error_codes":[90033]}`, partners.FailServer, "unavailable for the moment"},
		"unknown":     {400, `{"error":"invalid_grant","error_codes":[50126],"error_description":"AADSTS50126: no"}`, partners.FailAuth, "400 invalid_grant: AADSTS50126: no"},
		"too often":   {429, `{"error":"slow_down"}`, partners.FailServer, "429"},
		"no JSON":     {503, `<h1>Down</h1>`, partners.FailServer, "503"},
		"no token":    {200, `{}`, partners.FailAuth, "200"},
		"odd numbers": {400, `{"error":"invalid_client","error_codes":[-1,0]}`, partners.FailAuth, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			err := fmt.Errorf("reading: %w", signingIn(t, test.status, test.body))
			got := Entra(err, Understand(t.Context(), err))
			if got.Class != test.class || got.Status != test.status || got.Host != "login.example" || !got.Connected {
				t.Errorf("got %+v", got)
			}
			if !strings.Contains(got.Problem, test.says) {
				t.Errorf("%q does not say %q", got.Problem, test.says)
			}
			if strings.Contains(fmt.Sprint(*got), "c4n4ry") {
				t.Errorf("%+v holds a secret", got)
			}
		})
	}
}

func TestEntraLeavesOtherFailures(t *testing.T) {
	err := errors.New("the way there is closed")
	before := Understand(t.Context(), err)
	was := *before
	if got := Entra(err, before); *got != was {
		t.Errorf("got %+v, was %+v", got, was)
	}
	if _, ok := Refusal(err, before); ok || *before != was {
		t.Errorf("took %v for a refusal", err)
	}
}
