package probe

import (
	"net/url"
	"strings"
	"testing"

	"sparky/fixtures/canned"
	"sparky/partners"
)

const signInPage = `<!DOCTYPE html><html><head><title>Acme | Sign in</title></head><body><form>
<input name="user"><input type="password" name="pw"></form></body></html>`

func TestWhatCameInThePlaceOfJSON(t *testing.T) {
	for name, test := range map[string]struct {
		body, contentType string
		words             string
		excerpt           string
	}{
		"nothing":         {" \n", "application/json", "with nothing in it", ""},
		"sign-in":         {signInPage, "text/html", "a sign-in page came instead", "Acme | Sign in"},
		"page":            {"<html><title>We are\nback soon</title></html>", "text/html; charset=utf-8", "a web page in the place of JSON, titled “We are back soon”", "We are back soon"},
		"undeclared page": {"  <!doctype HTML><p>Hello", "", "a web page in the place of JSON", "Hello"},
		"text":            {"We are back soon", "text/plain", "something that is not JSON", "We are back soon"},
		"cut off":         {`{"result": [{"name":"Ada Osei","salary":7`, "application/json", "JSON that is cut off or damaged", ""},
		"cut off, marked": {"\ufeff [\"Ada Osei\",", "text/plain", "JSON that is cut off or damaged", ""},
		"endless":         {strings.Repeat("[", 1<<20), "application/json", "JSON that is cut off or damaged", ""},
		"two documents":   {`{}{"name":"Ada Osei"}`, "application/json", "JSON that is cut off or damaged", ""},
		"XML":             {`<?xml version="1.0"?><employee>Ada Osei</employee>`, "text/xml", "something that is not JSON", ""},
	} {
		_, failure := JSON("reading", response(200, test.body, "Content-Type", test.contentType))
		if failure == nil || failure.Class != partners.FailContent || failure.Status != 200 {
			t.Errorf("%s: got %+v, want wrong content", name, failure)
			continue
		}
		canned.Says(t, failure.Problem, "reading: api.example", test.words)
		// What may be records of the partner's, and nobody's words about a failure, is shown to nobody.
		if failure.Excerpt != test.excerpt {
			t.Errorf("%s: the excerpt is %q, want %q", name, failure.Excerpt, test.excerpt)
		}
	}
	document, failure := JSON("reading", response(200, "\n{\"a\":1}\n"))
	if failure != nil || document.Get("a").Int() != 1 {
		t.Errorf("got %v, %v", document, failure)
	}
}

func TestSignInAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"https://login.microsoftonline.com/common/oauth2": true,
		"https://a.example/login":                         true,
		"https://a.example/app/sign-in?next=/":            true,
		"https://a.example/users/sign_in":                 true,
		"https://sso.a.example/":                          true,
		"https://login.a.example/":                        true,
		"https://a.example/saml2/start":                   true,
		"https://a.example/blogging/logistics":            false,
		"https://a.example/api/v1/assignments":            false,
		"https://a.example/?next=/login":                  false,
		"https://blog-in-depth.example/":                  false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := signInAddress(u); got != want {
			t.Errorf("%s: got %v", address, got)
		}
	}
}

func TestMovedToSignIn(t *testing.T) {
	at := func(address, body string) bool {
		answer := response(200, body, "Content-Type", "text/html")
		answer.URL = address
		return movedToSignIn("https://app.example/board", answer)
	}
	if !at("https://app.example/login", "<html>") || !at("https://id.example/x", signInPage) {
		t.Error("a sign-in page was not seen")
	}
	if at("https://app.example/board?page=1", signInPage) || at("https://app.example/boards", "<html>") {
		t.Error("a page that is no other, or no sign-in page, was taken for one")
	}
	answer := response(200, signInPage)
	answer.URL = "https://app.example/login/step2"
	if movedToSignIn("https://app.example/login", answer) {
		t.Error("the probe asked for a sign-in page and got one")
	}
}
