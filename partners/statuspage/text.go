package statuspage

import (
	"net/url"
	"strings"

	"github.com/tidwall/gjson"
	"golang.org/x/net/html"

	"sparky/internal/plaintext"
)

const (
	longestName = 300  // runes of a name or a title that are kept
	longestText = 2000 // runes of an update that are kept
)

// text is a JSON value as text: strings and numbers (ids are either, Slack's are both), nothing else.
func text(r gjson.Result) string {
	if r.Type != gjson.String && r.Type != gjson.Number {
		return ""
	}
	return strings.TrimSpace(r.String())
}

// label is a JSON value as a name on one line.
func label(r gjson.Result) string { return plaintext.Line(text(r), longestName) }

// each calls f for every element of a JSON list, and for what stands in the place of one: null alone is an empty list.
func each(list gjson.Result, f func(gjson.Result)) {
	if list.Type == gjson.Null {
		return
	}
	list.ForEach(func(_, element gjson.Result) bool { f(element); return true })
}

// prose is a JSON value as plain text; pages put HTML into it.
func prose(r gjson.Result) string { return plaintext.Clip(plain(text(r)), longestText) }

// plain is HTML as plain text: blocks on lines of their own, scripts and styles left out, entities resolved. Text
// without markup comes back as it is, white space folded line by line.
func plain(markup string) string {
	if !strings.ContainsAny(markup, "<&") {
		return byLine(markup) // a tokenizer takes 4 KiB, and a feed has thousands of titles
	}
	var out strings.Builder
	hidden := 0
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		token := tokens.Token()
		switch kind {
		case html.TextToken:
			if hidden == 0 {
				out.WriteString(token.Data)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			switch token.Data {
			case "script", "style", "del", "s", "strike":
				if kind == html.StartTagToken {
					hidden++
				} else if kind == html.EndTagToken && hidden > 0 {
					hidden--
				}
			case "p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "hr", "table", "blockquote":
				out.WriteByte('\n')
			}
		}
	}
	return byLine(out.String())
}

// byLine folds the white space of each line and leaves empty lines out.
func byLine(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = plaintext.Line(line, longestText); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// absolute resolves a link against the page it stood on; empty where that gives no http or https address.
func absolute(link, page string) string {
	link = strings.TrimSpace(link)
	if link == "" {
		return ""
	}
	base, err := url.Parse(page)
	if err != nil {
		base = &url.URL{}
	}
	u, err := base.Parse(link)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}
