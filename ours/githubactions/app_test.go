package githubactions

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// newKey is a key of an App, and its PEM in both forms.
func newKey(t testing.TB) (key *rsa.PrivateKey, pkcs1, pkcs8 string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, written("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), written("PRIVATE KEY", whole)
}

func written(kind string, bytes []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
}

func TestPrivateKeys(t *testing.T) {
	key, pkcs1, pkcs8 := newKey(t)
	for name, text := range map[string]string{
		"PKCS #1": pkcs1, "PKCS #8": pkcs8, "of an environment variable": strings.ReplaceAll(pkcs1, "\n", `\n`),
		"with space around": "\n  " + pkcs8 + "\n", "of Windows": strings.ReplaceAll(pkcs1, "\n", "\r\n"),
	} {
		if got, err := privateKey(setting.NewSecret(text)); err != nil || !got.Equal(key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	for text, says := range map[string]string{
		"":                                    "no PEM file",
		"s3cr3t":                              "no PEM file",
		pkcs1[:200]:                           "no PEM file",
		written("RSA PRIVATE KEY", []byte{1}): "damaged",
		written("PRIVATE KEY", []byte{1}):     "damaged",
		written("PRIVATE KEY", other):         "not an RSA key",
		written("CERTIFICATE", []byte{1}):     "is a certificate",
		written("ENCRYPTED PRIVATE KEY", nil): "without a password",
	} {
		if _, err := privateKey(setting.NewSecret(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", text, err, says)
		}
	}
}

func TestAnAppWithoutAKeyIsSaidSo(t *testing.T) {
	config := Config{App: &App{ID: 1, InstallationID: 2, PrivateKey: setting.NewSecret("canary")}}
	if _, err := config.Auth(time.Now); err == nil || !strings.Contains(err.Error(), "github.app.private_key") || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

// appHub is a GitHub that verifies an App's proofs, gives it tokens, and takes only the newest.
type appHub struct {
	*hub
	key  *rsa.PrivateKey
	now  time.Time
	mu   sync.Mutex
	made int
}

func newAppHub(t *testing.T) (*appHub, *Client) {
	t.Helper()
	key, text, _ := newKey(t)
	a := &appHub{hub: newHub(t), key: key, now: time.Now()}
	a.on("POST /app/installations/8/access_tokens", a.give)
	a.on(runPath, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+a.newest() {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message":"Bad credentials"}`)
			return
		}
		fmt.Fprint(w, `{"id":7,"status":"queued"}`)
	})
	config := Config{APIURL: a.server.URL + "/api/v3/", App: &App{ID: 31, InstallationID: 8, PrivateKey: setting.NewSecret(text)}}
	auth, err := config.Auth(func() time.Time { return a.now })
	if err != nil {
		t.Fatal(err)
	}
	return a, New(config, quickClient().With("github", auth), func() time.Time { return a.now })
}

func (a *appHub) newest() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return fmt.Sprintf("ghs_canary%d", a.made)
}

// give verifies the proof as GitHub documents it, and gives a token of an hour.
func (a *appHub) give(w http.ResponseWriter, r *http.Request) {
	proof := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err == nil {
		err = rsa.VerifyPKCS1v15(&a.key.PublicKey, crypto.SHA256, digest[:], signature)
	}
	var claims struct {
		Issued  int64  `json:"iat"`
		Expires int64  `json:"exp"`
		Issuer  string `json:"iss"`
	}
	if text, decodeErr := base64.RawURLEncoding.DecodeString(parts[1]); decodeErr != nil || json.Unmarshal(text, &claims) != nil {
		a.t.Errorf("the claims are %q", text)
	}
	now := a.now.Unix()
	if err != nil || claims.Issuer != "31" || claims.Issued > now || claims.Expires <= now || claims.Expires > now+600 {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"message":"A JSON web token could not be decoded"}`)
		return
	}
	a.mu.Lock()
	a.made++
	a.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token":%q,"expires_at":%q,"permissions":{"actions":"write"}}`, a.newest(), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

func TestAnAppAsksForATokenOnceForAll(t *testing.T) {
	a, client := newAppHub(t)
	var looks sync.WaitGroup
	for range 20 {
		looks.Go(func() {
			if _, _, err := client.Look(t.Context(), repo, 7, Seen{}); err != nil {
				t.Error(err)
			}
		})
	}
	looks.Wait()
	if a.made != 1 {
		t.Errorf("%d tokens were made", a.made)
	}
}

func TestAnAppsTokenThatIsRevoked(t *testing.T) {
	a, client := newAppHub(t)
	for made := 1; made <= 3; made++ {
		if _, _, err := client.Look(t.Context(), repo, 7, Seen{}); err != nil {
			t.Fatal(err)
		}
		a.mu.Lock()
		a.made++ // the one in use is no longer the newest
		a.mu.Unlock()
	}
	if calls := a.asked(); len(calls) != 3+2+3 {
		t.Errorf("asked %q", calls)
	}
}

func TestAnAppThatGetsNoToken(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
		says   string
	}{
		"another key":       {401, `{"message":"A JSON web token could not be decoded"}`, "permanent", "could not be decoded; check github.app.id"},
		"no installation":   {404, `{"message":"Not Found"}`, "permanent", "github.app.installation_id"},
		"suspended":         {403, `{"message":"This installation has been suspended"}`, "permanent", "may be suspended"},
		"trouble":           {500, `{}`, "not sent", "(500): it may pass"},
		"a page":            {200, `<html>`, "permanent", "github.api_url"},
		"a token of no use": {201, `{"token":""}`, "permanent", "github.api_url"},
	} {
		a, client := newAppHub(t)
		a.says("POST /app/installations/8/access_tokens", test.status, test.body)
		_, err := client.Start(t.Context(), sample())
		if wantFailure(t, err, test.want, test.says); t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestAnAppsRightsAreTheInstallations(t *testing.T) {
	a, client := newAppHub(t)
	_, err := client.Start(t.Context(), sample())
	wantFailure(t, err, "permanent", "the App is installed on that repository")
	a.says(dispatches, 403, `{"message":"Resource not accessible by integration"}`)
	_, err = client.Start(t.Context(), sample())
	wantFailure(t, err, "permanent", "give the App the permission `actions: write`")
	a.says(dispatches, 401, `{"message":"Bad credentials"}`)
	_, err = client.Start(t.Context(), sample())
	wantFailure(t, err, "permanent", "github.app is still installed")
}

func TestAnInstallationsTokenIsUsedUntilFiveMinutesBeforeItsEnd(t *testing.T) {
	token, until, err := accessToken(201, []byte(`{"token":"ghs_x","expires_at":"2026-11-02T13:00:00Z"}`))
	if err != nil || token.Reveal() != "ghs_x" || !until.Equal(noon.Add(55*time.Minute)) {
		t.Errorf("until %s, %v", until, err)
	}
}

// TestATokenIsForItsHostAlone holds that where a call is for another host, it does not get the token.
func TestATokenIsForItsHostAlone(t *testing.T) {
	h := newHub(t)
	other := newHub(t)
	other.says("GET /x", 200, "{}")
	auth, err := Config{APIURL: h.server.URL, Token: setting.NewSecret(canary)}.Auth(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := quickClient().With("github", auth).Do(t.Context(), httpcall.Request{URL: other.server.URL + "/x"}); err != nil {
		t.Fatal(err)
	}
	if other.auth[0] != "" {
		t.Errorf("it got %q", other.auth[0])
	}
}
