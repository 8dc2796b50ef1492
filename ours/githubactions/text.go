package githubactions

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"sparky/internal/setting"
)

// longest is how much of one text of others is shown, in characters.
const longest = 300

// tokenForm finds GitHub's own tokens, which a job's log shows where its workflow takes one from elsewhere than a secret
// (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/).
var tokenForm = regexp.MustCompile(`\b(?:gh[pousr]|github_pat)_[A-Za-z0-9_.-]{16,}`)

// ansi finds what colours a terminal or moves its cursor (ECMA-48): control sequences, commands to the system, and single
// escapes.
var ansi = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]")

// shown is a text of others as it may be shown: one line, of at most so many characters, without secrets.
func (c *Client) shown(text string, most int) string {
	return cut(strings.Join(strings.Fields(c.plain(text)), " "), most)
}

// plain is a line of others without secrets and without what is not seen but does something.
func (c *Client) plain(text string) string {
	text = ansi.ReplaceAllString(strings.ToValidUTF8(text, "�"), "")
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		default:
			return r
		}
	}, text)
	return tokenForm.ReplaceAllString(c.redactor.Redact(text), setting.Hidden)
}

// cut is the beginning of a text.
func cut(text string, most int) string {
	runes := []rune(strings.ToValidUTF8(text, "�"))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

// link is an address that may be linked to; empty where it is none.
func link(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}
