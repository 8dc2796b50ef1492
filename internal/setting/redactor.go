package setting

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	// shortestRedacted is the length under which a secret is not searched for in texts: replacing every "a" would make
	// every message unreadable and hide nothing.
	shortestRedacted = 4
	// shortestCore is the same for what base64 leaves of a secret.
	shortestCore = 8
	// shortestPart is the same for parts of a secret. The path of an address may be an everyday word.
	shortestPart = 16
)

// Redactor takes known secrets out of texts that leave Sparky: logs, errors, messages. The zero value takes out none.
type Redactor struct{ replacer *strings.Replacer }

// NewRedactor knows the given secrets as they are, as they look inside a URL, in JSON, quoted by Go and in base64,
// whatever stands before and after them there: basic authentication is the base64 of user:password. Of a secret that is
// a URL it also knows the path, the values of the query and the password, and of one with several lines each line.
func NewRedactor(secrets ...Secret) Redactor {
	var values []string
	for _, s := range secrets {
		secret := s.Reveal()
		if len(secret) < shortestRedacted {
			continue
		}
		values = append(values, looks(secret)...)
		if u, err := url.Parse(secret); err == nil {
			if password, _ := u.User.Password(); len(password) >= shortestRedacted {
				values = append(values, looks(password)...)
			}
		}
		for _, part := range partsOf(secret) {
			if len(part) >= shortestPart {
				values = append(values, looks(part)...)
			}
		}
	}
	// Longest first: a secret that begins with another one must not leave its tail behind.
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	values = slices.Compact(values)
	pairs := make([]string, 0, 2*len(values))
	for _, v := range values {
		pairs = append(pairs, v, Hidden)
	}
	return Redactor{strings.NewReplacer(pairs...)}
}

// Redact is the text with every known secret replaced by Hidden.
func (r Redactor) Redact(text string) string {
	if r.replacer == nil || text == "" { // most texts are: a Replacer copies even these
		return text
	}
	return r.replacer.Replace(text)
}

// looks are the ways in which a text may be written.
func looks(text string) []string {
	forms := []string{text, url.QueryEscape(text), url.PathEscape(text), (&url.URL{Path: text}).EscapedPath(),
		url.UserPassword("", text).String()[1:]}
	quoted := strconv.Quote(text)
	forms = append(forms, quoted[1:len(quoted)-1])
	var escaped strings.Builder
	for _, html := range []bool{true, false} {
		escaped.Reset()
		encoder := json.NewEncoder(&escaped)
		encoder.SetEscapeHTML(html)
		if encoder.Encode(text) == nil {
			encoded := strings.TrimSpace(escaped.String())
			forms = append(forms, encoded[1:len(encoded)-1])
		}
	}
	return append(forms, base64Cores(text)...)
}

// base64Cores are the characters that the base64 of anything with the text inside it must hold: one form for each of the
// three places that the text can begin at in a group of three bytes, less the characters that its neighbours share.
func base64Cores(text string) []string {
	var cores []string
	for offset := range 3 {
		padded := append(make([]byte, offset), text...)
		from := (8*offset + 5) / 6
		to := 8 * len(padded) / 6
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if encoded := encoding.EncodeToString(padded); to-from >= shortestCore {
				cores = append(cores, encoded[from:to])
			}
		}
	}
	return cores
}

// partsOf are the pieces of a secret that may be secrets of their own.
func partsOf(secret string) []string {
	var parts []string
	if u, err := url.Parse(secret); err == nil && u.Host != "" {
		parts = append(parts, strings.Trim(u.Path, "/"), strings.Trim(u.EscapedPath(), "/"), u.RawQuery)
		for _, values := range u.Query() {
			parts = append(parts, values...)
		}
	}
	if lines := strings.Split(secret, "\n"); len(lines) > 1 {
		for _, line := range lines {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
				parts = append(parts, line)
			}
		}
	}
	return parts
}
