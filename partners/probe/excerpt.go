package probe

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"
	"golang.org/x/net/html"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
)

const (
	longestExcerpt = 300      // runes
	excerptOf      = 64 << 10 // bytes of an answer that an excerpt is made of
)

// errorPaths are where answers in JSON say what was wrong, the most telling first: ServiceNow, Google, Microsoft
// (error.message, error.detail), Okta (errorSummary), OAuth (error_description), RFC 9457 (detail, title), Atlassian
// (errorMessages), JSON:API (errors), SOAP gateways (fault).
var errorPaths = [...]string{
	"error.message", "errorSummary", "error_description", "message", "detail", "errorMessages.0", "errors.0.message",
	"errors.0.detail", "errors.0", "fault.faultstring", "error.detail", "Message", "title", "error", "reason",
}

// Excerpt is what an answer says, as plain text on one line of at most 300 characters: the message of an error in JSON,
// the text of a page, else the beginning. Empty where it says nothing that a person could read. It is for answers of
// error: of one of success that begins as a document there is none, since that may hold anybody's data. Secrets that the client
// knows are taken out before it is cut: half a secret is told as well as a whole one.
func Excerpt(answer httpcall.Response) string {
	if answer.Status >= 200 && answer.Status < 300 && isDocument(answer) {
		return ""
	}
	body := answer.Body
	whole := len(body) <= excerptOf
	if !whole {
		body = body[:excerptOf]
	}
	if bytes.IndexByte(body, 0) >= 0 {
		return ""
	}
	if message := errorMessage(answer.Body); message != "" {
		return plaintext.Clip(answer.Redact(message), longestExcerpt)
	}
	text := string(body)
	if beginning(body) == '<' {
		text = pageText(text)
		// A page's heading mostly says its title once more.
		if title := titleOf(body); title != "" {
			rest := strings.TrimPrefix(plaintext.OneLine(text), title)
			if strings.HasPrefix(strings.TrimSpace(rest), title) {
				text = rest
			}
		}
	}
	return plaintext.Clip(answer.Redact(plaintext.OneLine(text)), longestExcerpt)
}

// errorMessage is the message of an error in JSON, empty where there is none.
func errorMessage(body []byte) string {
	if !isJSON(body) {
		return ""
	}
	document := gjson.ParseBytes(body)
	if document.IsArray() {
		document = document.Get("0") // Salesforce
	}
	for _, path := range errorPaths {
		message := scalar(document.Get(path))
		if message == "" {
			continue
		}
		if detail := scalar(document.Get("error.detail")); path == "error.message" && detail != "" && detail != message {
			message += ": " + detail
		}
		if strings.Contains(message, "</") || strings.Contains(message, "<br") {
			message = pageText(message) // else an angle bracket may be one of a type or a placeholder
		}
		return plaintext.OneLine(message)
	}
	return ""
}

func scalar(value gjson.Result) string {
	if value.Type != gjson.String {
		return ""
	}
	return strings.TrimSpace(value.Str)
}

// isJSON tells that a body is one JSON document. It is asked before gjson, which takes anything and recurses as deep as
// the document.
func isJSON(body []byte) bool { return len(bytes.TrimSpace(body)) > 0 && json.Valid(body) }

// pageText is the text that a reader of a page would see: without scripts, styles and tags. Text without any markup
// comes back as it is.
func pageText(markup string) string {
	if !strings.ContainsAny(markup, "<&") {
		return markup
	}
	var out strings.Builder
	hidden := ""
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if hidden == "" {
				out.Write(tokens.Text())
			}
		case html.StartTagToken:
			name, _ := tokens.TagName()
			if tag := string(name); hidden == "" && (tag == "script" || tag == "style" || tag == "noscript" || tag == "template") {
				hidden = tag
			}
			out.WriteByte(' ')
		case html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == hidden {
				hidden = ""
			}
			out.WriteByte(' ')
		case html.SelfClosingTagToken:
			out.WriteByte(' ')
		}
	}
}
