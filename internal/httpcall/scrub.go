package httpcall

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sparky/internal/setting"
)

// longestDetail is how much of an error that others wrote is shown, in characters.
const longestDetail = 200

// address finds URLs in the text of an error.
var address = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)[^\s"'<>]+`)

// scrub takes out of a text what may be secret: what the Redactor knows, what this request carries in its query, its
// headers and its user info, and all of any URL but its host.
func (c *Client) scrub(req *http.Request, text string) string {
	text = c.options.Redactor.Redact(text)
	text = setting.NewRedactor(carried(req)...).Redact(text)
	text = address.ReplaceAllStringFunc(text, func(found string) string {
		u, err := url.Parse(found)
		if err != nil {
			return setting.Hidden
		}
		return u.Scheme + "://" + u.Host + "/…"
	})
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if utf8.RuneCountInString(text) > longestDetail {
		text = string([]rune(text)[:longestDetail]) + "…"
	}
	return text
}

// carried are the values of a request that may be secrets.
func carried(req *http.Request) []setting.Secret {
	var secrets []setting.Secret
	add := func(value string) { secrets = append(secrets, setting.NewSecret(value)) }
	for name, values := range req.Header {
		if slices.Contains(harmless[:], name) {
			continue
		}
		for _, value := range values {
			add(value)
			if _, credential, ok := strings.Cut(value, " "); ok {
				add(credential)
			}
		}
	}
	if user, password, ok := req.BasicAuth(); ok {
		add(user)
		add(password)
	}
	if req.URL.User != nil {
		password, _ := req.URL.User.Password()
		add(password)
		add(req.URL.User.Username())
	}
	for _, values := range req.URL.Query() {
		for _, value := range values {
			add(value)
		}
	}
	add(req.URL.RawQuery)
	for segment := range strings.SplitSeq(req.URL.Path, "/") {
		if looksSecret(segment) {
			add(segment)
		}
	}
	return secrets
}

// shownPath is the path without what is or looks like a secret, and without the query.
func (c *Client) shownPath(u *url.URL) string {
	path := c.options.Redactor.Redact(u.Path)
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if looksSecret(segment) {
			segments[i] = "…"
		}
	}
	path = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, strings.Join(segments, "/"))
	if utf8.RuneCountInString(path) > longestDetail {
		path = string([]rune(path)[:longestDetail]) + "…"
	}
	if u.RawQuery != "" {
		path += "?…"
	}
	return path
}

// looksSecret tells that a segment of a path holds a long word of mixed case or of letters and digits, as the tokens in
// the addresses of webhooks are.
func looksSecret(segment string) bool {
	const long = 16
	words := strings.FieldsFunc(segment, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		lower := strings.ContainsFunc(word, unicode.IsLower)
		upper := strings.ContainsFunc(word, unicode.IsUpper)
		digit := strings.ContainsFunc(word, unicode.IsDigit)
		if len(word) >= long && (lower && upper || digit && (lower || upper)) {
			return true
		}
	}
	return false
}
