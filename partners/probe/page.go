package probe

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// JSON is the document that an answer of the right status holds. Anything else that came in its place is a failure,
// which says when it is a page to sign in on.
func JSON(doing string, answer httpcall.Response) (gjson.Result, *partners.Failure) {
	if isJSON(answer.Body) {
		return gjson.ParseBytes(answer.Body), nil
	}
	words := "answered " + statusWords(answer.Status) + ", but with something that is not JSON"
	start := beginning(answer.Body)
	switch {
	case strings.TrimSpace(string(answer.Body)) == "":
		words = "answered " + statusWords(answer.Status) + " with nothing in it; JSON was to come"
	case isPage(answer) && signIn(answer):
		words = "did not answer: a sign-in page came instead; check that our credentials are still accepted"
	case isPage(answer):
		words = "answered " + statusWords(answer.Status) + " with a web page in the place of JSON"
		if title := titleOf(answer.Body); title != "" {
			words += ", titled “" + title + "”"
		}
	case start == '{' || start == '[':
		words = "answered " + statusWords(answer.Status) + ", but with JSON that is cut off or damaged"
	}
	failure := Fail(partners.FailContent, doing, answer, words)
	failure.Excerpt = Excerpt(answer)
	return gjson.Result{}, failure
}

// beginning is the first character of a body that is more than white space or a byte order mark; utf8.RuneError where there is none.
func beginning(body []byte) rune {
	first, _ := utf8.DecodeRune(bytes.TrimLeftFunc(body, func(r rune) bool { return r == '\ufeff' || unicode.IsSpace(r) }))
	return first
}

// isDocument tells an answer that begins as JSON or XML does. What calls itself a page may hold JSON all the same.
func isDocument(answer httpcall.Response) bool {
	switch beginning(answer.Body) {
	case '{', '[', '"':
		return true
	case '<':
		return !isPage(answer)
	}
	return false
}

// isPage tells an answer in HTML.
func isPage(answer httpcall.Response) bool {
	if strings.Contains(strings.ToLower(answer.Header.Get("Content-Type")), "html") {
		return true
	}
	head := strings.ToLower(strings.TrimSpace(string(answer.Body[:min(len(answer.Body), 1024)])))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html")
}

// movedToSignIn tells an answer that came from a page to sign in on, after a redirect from somewhere else.
func movedToSignIn(asked string, answer httpcall.Response) bool {
	from, err := url.Parse(asked)
	if err != nil {
		return false
	}
	to, err := url.Parse(answer.URL)
	if err != nil || to.Host == from.Host && to.Path == from.Path {
		return false
	}
	return isPage(answer) && !signInAddress(from) && (signInAddress(to) || signIn(answer))
}

var (
	signInWord    = regexp.MustCompile(`(?i)(^|[^a-z])(log[-_]?in|log[-_]?on|sign[-_]?in|sso|saml2?|adfs|authorize)([^a-z]|$)`)
	passwordField = regexp.MustCompile(`(?i)<input[^>]{0,400}type\s*=\s*["']?password`)
	signInTitle   = regexp.MustCompile(`(?i)\b(log ?in|log ?on|sign ?in|sign ?on)\b`)
	title         = regexp.MustCompile(`(?is)<title[^>]{0,200}>(.{0,500}?)</title`)
)

// signInHosts are where people of the large providers sign in.
var signInHosts = [...]string{"login.microsoftonline.com", "accounts.google.com", "login.salesforce.com"}

const (
	longestTitle  = 80        // runes
	pageBeginning = 256 << 10 // bytes of a page that are looked at
)

// signInAddress tells an address where people sign in.
func signInAddress(u *url.URL) bool {
	for _, host := range signInHosts {
		if strings.EqualFold(u.Hostname(), host) {
			return true
		}
	}
	return signInWord.MatchString(u.Path) || signInWord.MatchString(strings.SplitN(u.Hostname(), ".", 2)[0])
}

// signIn tells a page that asks for a password, or says in its title that it is there to sign in.
func signIn(answer httpcall.Response) bool {
	page := answer.Body[:min(len(answer.Body), pageBeginning)]
	return passwordField.Match(page) || signInTitle.MatchString(titleOf(page))
}

func titleOf(page []byte) string {
	found := title.FindSubmatch(page[:min(len(page), pageBeginning)])
	if found == nil {
		return ""
	}
	return plaintext.Line(pageText(string(found[1])), longestTitle)
}
