package httpcall

import (
	"fmt"
	"regexp"
	"strings"
)

// TokenRefusal is a token endpoint's answer without a token. It is in an Error of ClassAuth, for errors.As, so that a
// caller who knows the service can say what its no means. Nothing in it is secret.
type TokenRefusal struct {
	Status int
	Codes  []int  // Entra's numbers for what was wrong (error_codes); none where the service has no such thing
	Said   string // the error and its description, or the text of the page that came instead; at most 200 characters
}

// Error is the status and what was said.
func (r TokenRefusal) Error() string { return fmt.Sprintf("%d %s", r.Status, r.Said) }

// pageBeginning is how much of a page its text is made of, in bytes.
const pageBeginning = 8 << 10

var (
	hiddenParts = regexp.MustCompile(`(?is)<(?:script|style)\b.*?</(?:script|style)`)
	tags        = regexp.MustCompile(`<[^<>]*>`)
)

// plainText is a page without its markup, well enough to look for words in it.
func plainText(body []byte) string {
	text := string(body[:min(len(body), pageBeginning)])
	text = tags.ReplaceAllString(hiddenParts.ReplaceAllString(text, " <"), " ")
	return strings.Join(strings.Fields(text), " ")
}
