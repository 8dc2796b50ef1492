package setting_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sparky/internal/setting"
)

const canary = `c4n"ary/&<wörd>+=?key`

func TestSecretIsNotPrinted(t *testing.T) {
	type nested struct {
		Token setting.Secret
		List  []setting.Secret
		ByKey map[string]setting.Secret
		Held  *setting.Secret
	}
	s := setting.NewSecret("canary")
	value := nested{s, []setting.Secret{s}, map[string]setting.Secret{"k": s}, &s}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, printed := range []any{s, &s, value, &value} {
			if text := fmt.Sprintf(verb, printed); strings.Contains(text, "canary") || strings.Contains(text, "63616e617279") {
				t.Errorf("%s of %T prints %s", verb, printed, text)
			}
		}
	}
	encoded, err := json.Marshal(value)
	if err != nil || strings.Contains(string(encoded), "canary") || !strings.Contains(string(encoded), setting.Hidden) {
		t.Errorf("JSON: %s, %v", encoded, err)
	}
	if s.Reveal() != "canary" || s.String() != setting.Hidden {
		t.Errorf("revealed %q, shown %q", s.Reveal(), s)
	}
}

func TestNoSecret(t *testing.T) {
	for _, s := range []setting.Secret{{}, setting.NewSecret("")} {
		if !s.IsZero() || s.Reveal() != "" || s.String() != "" || fmt.Sprint(s) != "" {
			t.Errorf("zero %t, revealed %q, shown %q", s.IsZero(), s.Reveal(), s)
		}
	}
}

func TestSecretFromAFile(t *testing.T) {
	var read struct{ Token setting.Secret }
	if err := json.Unmarshal([]byte(`{"Token":"canary"}`), &read); err != nil || read.Token.Reveal() != "canary" {
		t.Errorf("read %q, %v", read.Token.Reveal(), err)
	}
}

func TestRedactorKnowsEveryWriting(t *testing.T) {
	redactor := setting.NewRedactor(setting.NewSecret(canary))
	inJSON, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	basic := func(user string) string {
		req := http.Request{Header: http.Header{}}
		req.SetBasicAuth(user, canary)
		return req.Header.Get("Authorization")
	}
	for name, text := range map[string]string{
		"plain":      canary,
		"query":      url.Values{"token": {canary}}.Encode(),
		"path":       (&url.URL{Scheme: "https", Host: "h.example", Path: "/hook/" + canary}).String(),
		"segment":    url.PathEscape(canary),
		"user info":  (&url.URL{Scheme: "https", Host: "h.example", User: url.UserPassword("u", canary)}).String(),
		"JSON":       string(inJSON),
		"quoted":     strconv.Quote(canary),
		"basic 0":    basic("ab"),
		"basic 1":    basic("abc"),
		"basic 2":    basic("abcd"),
		"base64 URL": base64.URLEncoding.EncodeToString([]byte("x" + canary + "y")),
	} {
		got := redactor.Redact("before " + text + " after")
		if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") || !strings.Contains(got, setting.Hidden) {
			t.Errorf("%s: %q became %q", name, text, got)
		}
		if leaks(got) {
			t.Errorf("%s: %q still shows it: %q", name, text, got)
		}
	}
}

// leaks tells that the readable core of the canary, or the middle of its base64, stands in a text.
func leaks(text string) bool {
	for _, part := range []string{"c4n", "ary", "wörd", "key", base64.StdEncoding.EncodeToString([]byte(canary))[4:20]} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func TestRedactorOfAnAddress(t *testing.T) {
	hook := "https://user:pa55word@flow.example/workflows/0123456789abcdef/run?api-version=2016-06-01&sig=s1gn4tur3-0123456789"
	redactor := setting.NewRedactor(setting.NewSecret(hook))
	for _, text := range []string{
		"POST " + hook,
		"POST flow.example/workflows/0123456789abcdef/run failed",
		"sig is s1gn4tur3-0123456789",
		"password pa55word",
	} {
		got := redactor.Redact(text)
		for _, part := range []string{"pa55word", "0123456789"} {
			if strings.Contains(got, part) {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
	if text := "version 2016-06-01 of the run"; redactor.Redact(text) != text {
		t.Errorf("everyday words are gone: %q", redactor.Redact(text))
	}
}

func TestRedactorOfAKeyFile(t *testing.T) {
	key := "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\nq83vEjRWeJCrze8S\n-----END KEY-----\n"
	redactor := setting.NewRedactor(setting.NewSecret(key))
	got := redactor.Redact("line 2 (q83vEjRWeJCrze8S) is bad; lines begin with -----BEGIN KEY-----")
	if strings.Contains(got, "q83v") || !strings.Contains(got, "-----BEGIN KEY-----") {
		t.Errorf("got %q", got)
	}
}

func TestRedactorOfOverlappingSecrets(t *testing.T) {
	redactor := setting.NewRedactor(setting.NewSecret("token"), setting.NewSecret("token-with-a-tail"), setting.Secret{}, setting.NewSecret("abc"))
	if got := redactor.Redact("token-with-a-tail, token, abc"); got != "[secret], [secret], abc" {
		t.Errorf("got %q", got)
	}
}

func TestRedactorThatKnowsNothing(t *testing.T) {
	for _, redactor := range []setting.Redactor{{}, setting.NewRedactor(), setting.NewRedactor(setting.Secret{})} {
		if got := redactor.Redact("as it was"); got != "as it was" {
			t.Errorf("got %q", got)
		}
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("hunter2secret", "user:", "@host")
	f.Add(canary, "", "")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) < 8 || strings.Contains(setting.Hidden, secret) {
			return
		}
		redactor := setting.NewRedactor(setting.NewSecret(secret))
		text := before + secret + after
		if strings.Contains(before+after, secret) || strings.Index(text, secret) != len(before) {
			return
		}
		if got := redactor.Redact(text); strings.Contains(got, secret) && !strings.Contains(before+setting.Hidden+after, secret) {
			t.Errorf("%q in %q is left: %q", secret, text, got)
		}
	})
}
