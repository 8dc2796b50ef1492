package certify

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

func TestLimitsThatAnswersTell(t *testing.T) {
	for name, c := range map[string]struct {
		header    http.Header
		perMinute float64
	}{
		"okta":                {http.Header{"X-Rate-Limit-Limit": {"600"}}, 600},
		"okta, calls at once": {http.Header{"X-Rate-Limit-Limit": {"0"}}, 0},
		"github":              {http.Header{"X-Ratelimit-Limit": {"5000"}}, 5000.0 / 60},
		"none":                {http.Header{}, 0},
		"nonsense":            {http.Header{"X-Rate-Limit-Limit": {"many"}}, 0},
		"below nothing":       {http.Header{"X-Rate-Limit-Limit": {"-5"}}, 0},
	} {
		if got := limitOf(c.header).perMinute(); got != c.perMinute {
			t.Errorf("%s: %v a minute", name, got)
		}
	}
}

func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(claims)) + ".sig"
}

func TestRightsThatAnswersTell(t *testing.T) {
	token := func(access, scope string) httpcall.Response {
		return httpcall.Response{Status: 200, Body: []byte(`{"access_token":"` + access + `","scope":"` + scope + `"}`)}
	}
	for name, c := range map[string]struct {
		as     role
		answer httpcall.Response
		want   string
	}{
		"a scope":          {roleToken, token("opaque", "a b a"), "a b"},
		"entra, an app":    {roleToken, token(jwt(`{"roles":["ServiceHealth.Read.All"]}`), ""), "ServiceHealth.Read.All"},
		"entra, a person":  {roleToken, token(jwt(`{"scp":"Mail.Read User.Read"}`), ""), "Mail.Read User.Read"},
		"okta":             {roleToken, token(jwt(`{"scp":["okta.orgs.read"]}`), ""), "okta.orgs.read"},
		"a broken token":   {roleToken, token("a.b.c", ""), ""},
		"no json":          {roleToken, httpcall.Response{Body: []byte("<html>")}, ""},
		"github":           {roleAPI, httpcall.Response{Header: http.Header{"X-Oauth-Scopes": {"repo, read:org"}}}, "repo read:org"},
		"what is no right": {roleToken, token("x", strings.Repeat("y", 100)+" \u202ez ok"), "ok"},
	} {
		if got := strings.Join(rightsOf(c.as, c.answer), " "); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func FuzzRights(f *testing.F) {
	f.Add(`{"access_token":"a.e30.c","scope":"x y"}`, "repo, user")
	f.Add(`{"scope":1}`, "\x00,,")
	f.Fuzz(func(t *testing.T, body, header string) {
		for _, as := range []role{roleToken, roleAPI} {
			for _, right := range rightsOf(as, httpcall.Response{Body: []byte(body), Header: http.Header{"X-Oauth-Scopes": {header}}}) {
				if right == "" || len(right) > longestRight || strings.ContainsAny(right, " \n\x1b\x00") {
					t.Errorf("%q", right)
				}
			}
		}
	})
}

func TestVersionsInPaths(t *testing.T) {
	for path, want := range map[string]string{"/v1.0/myorg/groups": "v1.0", "/api/v1/org": "v1", "/api/now/table/incident": "", "/beta/x": "beta", "/version/x": "", "/ccx/api/v1/t/workers": "v1", "": ""} {
		if got := versionIn(path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestWhatConnectionsShow(t *testing.T) {
	now := time.Now()
	b := &bench{tools: Tools{Now: func() time.Time { return now }}}
	state := func(days int, version uint16, verified bool) tls.ConnectionState {
		leaf := &x509.Certificate{NotAfter: now.Add(time.Duration(days)*24*time.Hour + time.Hour)}
		s := tls.ConnectionState{Version: version, PeerCertificates: []*x509.Certificate{leaf}}
		if verified {
			s.VerifiedChains = [][]*x509.Certificate{{leaf}}
		}
		return s
	}
	for _, c := range []struct {
		name            string
		state           tls.ConnectionState
		chain, protocol partners.CertificateOutcome
	}{
		{"well", state(60, tls.VersionTLS13, true), partners.ItemPassed, partners.ItemPassed},
		{"ends soon", state(3, tls.VersionTLS12, true), partners.ItemFailed, partners.ItemPassed},
		{"old", state(60, tls.VersionTLS11, true), partners.ItemPassed, partners.ItemFailed},
		{"not verified", state(60, tls.VersionTLS13, false), partners.ItemFailed, partners.ItemPassed},
	} {
		b.seen.secured = []tls.ConnectionState{state(90, tls.VersionTLS13, true), c.state}
		if chain, protocol := b.chain(t.Context()), b.protocol(t.Context()); chain.outcome != c.chain || protocol.outcome != c.protocol {
			t.Errorf("%s: %+v, %+v", c.name, chain, protocol)
		}
	}
}

func TestHTTPSOnly(t *testing.T) {
	for address, want := range map[string]partners.CertificateOutcome{
		"https://acme.example": partners.ItemPassed, "http://acme.example": partners.ItemFailed, "http://127.0.0.1:8080": partners.ItemSkipped,
		"http://localhost": partners.ItemSkipped, "http://[::1]:1": partners.ItemSkipped, "http://10.0.0.1": partners.ItemFailed, "https://127.0.0.1": partners.ItemPassed,
	} {
		b := &bench{config: partners.ProbeConfig{Kind: partners.KindOktaOrg, BaseURL: address}}
		if got := b.httpsOnly(t.Context()); got.outcome != want {
			t.Errorf("%s: %+v", address, got)
		}
	}
	oauth := &partners.Auth{OAuth2: &partners.OAuth2{TokenURL: "http://login.example/token?secret=x"}}
	got := (&bench{config: partners.ProbeConfig{Kind: partners.KindGraphHealth, BaseURL: "https://graph.example", Auth: oauth}}).httpsOnly(t.Context())
	if got.outcome != partners.ItemFailed || !strings.HasSuffix(got.measured, "http://login.example/token") {
		t.Errorf("a token over http: %+v", got)
	}
}

func TestReaddressed(t *testing.T) {
	config := partners.ProbeConfig{Kind: partners.KindHTTP, Steps: []partners.HTTPStep{{URL: "https://a.example/{{id}}?x=1"}, {URL: "https://b.example"}},
		Auth: &partners.Auth{OAuth2: &partners.OAuth2{TokenURL: "https://login.example/t"}}}
	var roles []role
	got, err := readdressed(config, func(as role, address string) (string, error) {
		roles = append(roles, as)
		_, rest, err := origin(address)
		return "http://here" + rest, err
	})
	if err != nil || got.Steps[0].URL != "http://here/{{id}}?x=1" || got.Steps[1].URL != "http://here" || got.Auth.OAuth2.TokenURL != "http://here/t" ||
		!slices.Equal(roles, []role{roleAPI, roleAPI, roleToken}) {
		t.Errorf("%+v, %v, %v", got, roles, err)
	}
	if config.Steps[0].URL != "https://a.example/{{id}}?x=1" || config.Auth.OAuth2.TokenURL != "https://login.example/t" {
		t.Error("the configuration itself was changed")
	}
	for _, address := range []string{"https://{{host}}/x", "https://user:secret@a.example", "a.example", ""} {
		if _, _, err := origin(address); !errors.Is(err, errUnaimed) || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	f.Add("https://a.example/x?y#z")
	f.Add("://")
	f.Fuzz(func(t *testing.T, address string) {
		if before, after, err := origin(address); err == nil && before+after != address {
			t.Errorf("%q is not %q and %q", address, before, after)
		}
	})
}

func TestCanariesStandForEverySecret(t *testing.T) {
	n := 0
	tools := Tools{Secret: setting.NewRedactor(setting.NewSecret("header-secret"), setting.NewSecret("query-secret")), Random: func() string {
		n++
		return strings.Repeat(string(rune('a'+n)), 24)
	}}
	config := partners.ProbeConfig{
		Kind: partners.KindHTTP, HTTPStep: partners.HTTPStep{URL: "https://a.example?k=query-secret", Headers: map[string]string{"X-Key": "header-secret", "Accept": "text/plain"}},
		Webhook: setting.NewSecret("https://hook.example/workflows/abcdef/x?sig=webhook-secret"),
		Auth:    &partners.Auth{Header: &partners.HeaderAuth{Name: "Authorization", Value: setting.NewSecret("SSWS header-value")}},
	}
	got := newCanaries(tools, config)
	for _, secret := range []string{"header-secret", "query-secret", "webhook-secret", "abcdef", "header-value"} {
		whole := got.config.URL + got.config.Headers["X-Key"] + got.config.Webhook.Reveal() + got.config.Auth.Header.Value.Reveal()
		if strings.Contains(whole, secret) {
			t.Errorf("%s is left in %s", secret, whole)
		}
	}
	if !strings.HasPrefix(got.config.Auth.Header.Value.Reveal(), "SSWS ") || got.config.Headers["Accept"] != "text/plain" || config.Headers["X-Key"] != "header-secret" {
		t.Errorf("%+v", got.config)
	}
	for _, word := range got.words {
		for _, told := range []string{word, "x" + word[:12], base64.StdEncoding.EncodeToString([]byte("user:" + word)), "q=" + word[5:20]} {
			if !got.in(told) {
				t.Errorf("%q is not seen in %q", word, told)
			}
		}
	}
	if got.in("nothing of the kind") || !got.in(got.token) {
		t.Error("what is no canary is seen, or the token is not")
	}
}

func TestFingerprintKnowsWhatMatters(t *testing.T) {
	secret := setting.NewRedactor(setting.NewSecret("first-key"), setting.NewSecret("second-key"))
	with := func(change func(*partners.ProbeConfig)) string {
		c := configured(partners.KindOktaOrg)
		c.Headers = map[string]string{"X-Key": "first-key"}
		change(&c)
		return Fingerprint(partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{c}}, "v1", secret).Config
	}
	was := with(func(*partners.ProbeConfig) {})
	for name, c := range map[string]struct {
		change func(*partners.ProbeConfig)
		same   bool
	}{
		"an address":           {func(c *partners.ProbeConfig) { c.BaseURL = "https://b.example" }, false},
		"a time limit":         {func(c *partners.ProbeConfig) { c.Timeout *= 2 }, false},
		"another secret":       {func(c *partners.ProbeConfig) { c.Auth = &partners.Auth{Bearer: setting.NewSecret("new")} }, true},
		"a secret in a header": {func(c *partners.ProbeConfig) { c.Headers["X-Key"] = "second-key" }, true},
		"how often it runs":    {func(c *partners.ProbeConfig) { c.Every *= 2 }, true},
		"how urgent it is":     {func(c *partners.ProbeConfig) { c.Priority = "P1" }, true},
	} {
		if got := with(c.change); (got == was) != c.same || got == "" {
			t.Errorf("%s: %s and %s", name, was, got)
		}
	}
}

func TestLeftovers(t *testing.T) {
	make17 := call{method: "POST", path: "/things", status: 201, made: "https://a.example/things/17"}
	end := func(path string, status int) call { return call{method: "PATCH", path: path, status: status} }
	for name, c := range map[string]struct {
		calls      []call
		made, left int
	}{
		"nothing":          {nil, 0, 0},
		"left":             {[]call{make17}, 1, 1},
		"ended":            {[]call{make17, end("/things/17", 200)}, 1, 0},
		"refused":          {[]call{make17, end("/things/17", 403)}, 1, 1},
		"another":          {[]call{make17, end("/things/117", 200)}, 1, 1},
		"ended before":     {[]call{end("/things/17", 200), make17}, 1, 1},
		"read, not ended":  {[]call{make17, {method: "GET", path: "/things/17", status: 200}}, 1, 1},
		"two, one is left": {[]call{make17, end("/things/17", 204), {method: "POST", made: "/things/18"}}, 2, 1},
	} {
		if made, left := leftovers(c.calls); made != c.made || left != c.left {
			t.Errorf("%s: %d made, %d left", name, made, left)
		}
	}
}
