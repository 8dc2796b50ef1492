package probe

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// TestNoSecretIsTold sends secrets in every place that a configuration has for them, and has the call end in every way.
func TestNoSecretIsTold(t *testing.T) {
	secrets := map[string]string{
		"query": "qqq1234567890secret", "header": "hhh1234567890secret", "body": "bbb1234567890secret", "user": "uuu1234567890secret",
		"password": "ppp1234567890secret", "token": "ttt1234567890secret",
	}
	step := partners.HTTPStep{
		Method: "POST", URL: "https://" + secrets["user"] + ":" + secrets["password"] + "@api.example/v1?key=" + secrets["query"],
		Headers: map[string]string{"X-Key": secrets["header"], "Accept": "application/json"}, Body: `{"key":"` + secrets["body"] + `"}`,
	}
	echo := func(req *http.Request) (*http.Response, error) {
		return nil, errors.New("proxy says: cannot send to " + req.URL.String() + " with " + req.Header.Get("X-Key") + " " + req.Header.Get("Authorization"))
	}
	for name, transport := range map[string]network{
		"refused":   failing(dialError(syscall.ECONNREFUSED)),
		"unknown":   failing(&net.DNSError{Name: "api.example", IsNotFound: true}),
		"cut":       failing(io.ErrUnexpectedEOF),
		"echoed":    echo,
		"401":       always(401, `{"message":"no"}`),
		"500":       always(500, "boom"),
		"a page":    always(200, signInPage, "Content-Type", "text/html"),
		"sent on":   always(302, "", "Location", "https://login.example/?from="+secrets["query"]),
		"too often": always(429, "", "Retry-After", "5"),
	} {
		client := over(transport).With("acme", httpcall.Auth{Bearer: setting.NewSecret(secrets["token"])})
		for _, config := range []partners.ProbeConfig{httpConfig(step), {ID: "p", Kind: partners.KindHTTP, Steps: []partners.HTTPStep{step, step}}} {
			got := run(t, config, client)
			if got.Passed() {
				t.Errorf("%s: it passed", name)
			}
			told, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			for where, secret := range secrets {
				if strings.Contains(string(told), secret) {
					t.Errorf("%s: the secret of the %s is told: %s", name, where, told)
				}
			}
		}
	}
}

// TestPlaceholdersTellNoValues has a saved value that cannot be used where it is to stand.
func TestPlaceholdersTellNoValues(t *testing.T) {
	const token = "saved-1234567890-token"
	client := over(always(200, `{"token":"`+token+`\r\n"}`))
	got := run(t, partners.ProbeConfig{ID: "p", Kind: partners.KindHTTP, Steps: []partners.HTTPStep{
		{URL: "https://api.example/token", Save: map[string]string{"token": "token"}},
		{URL: "https://api.example/x", Headers: map[string]string{"Authorization": "Bearer {{token}}"}},
	}}, client)
	if got.Class != partners.FailRequest || strings.Contains(got.Problem, token) {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, "the header Authorization cannot be filled in", "{{token}}", "line break")
}
