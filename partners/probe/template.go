package probe

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"
)

// placeholder is {{name}}, in the form that the configuration's validation accepts.
var placeholder = regexp.MustCompile(`{{\s*([^{}]*?)\s*}}`)

// values are what earlier steps saved: single values of JSON, by name.
type values map[string]gjson.Result

// escaper writes a value into the place where a placeholder stands. Before is the finished text in front of it.
type escaper func(value gjson.Result, before string) (string, error)

// fill puts the saved values into a template.
func (v values) fill(template string, escape escaper) (string, error) {
	var out strings.Builder
	rest := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		out.WriteString(template[rest:at[0]])
		rest = at[1]
		name := template[at[2]:at[3]]
		value, ok := v[name]
		if !ok {
			return "", unsaved{name}
		}
		escaped, err := escape(value, out.String())
		if err != nil {
			return "", fmt.Errorf("{{%s}} %w", name, err)
		}
		out.WriteString(escaped)
	}
	out.WriteString(template[rest:])
	return out.String(), nil
}

// unsaved is a placeholder whose value no step that ran has saved.
type unsaved struct{ name string }

func (u unsaved) Error() string { return "{{" + u.name + "}} was not saved by an earlier step" }

// textOf is a saved value as text: a number as the answer wrote it, with all of its digits.
func textOf(value gjson.Result) string {
	if value.Type == gjson.String {
		return value.Str
	}
	return value.Raw
}

// inURL escapes for the part of an address that the placeholder stands in. A host does not come from an answer, because
// our credential would follow it.
func inURL(value gjson.Result, before string) (string, error) {
	text := textOf(value)
	_, rest, ok := strings.Cut(before, "://")
	if !ok || !strings.ContainsAny(rest, "/?#") {
		return "", fmt.Errorf("stands in the host of the address, which an answer cannot choose; write the host itself")
	}
	if strings.Contains(rest, "?") {
		return url.QueryEscape(text), nil
	}
	if text == "" || text == "." || text == ".." {
		// The address would be that of something else: of all things of a kind, where one of them was meant.
		return "", fmt.Errorf("is %q, which would change what the address means", text)
	}
	return url.PathEscape(text), nil
}

func inHeader(value gjson.Result, _ string) (string, error) {
	text := textOf(value)
	if strings.ContainsAny(text, "\r\n\x00") {
		return "", fmt.Errorf("has a line break in it, which a header cannot hold")
	}
	return text, nil
}

// inBody is the escaper for a body of that content type, as it is configured or as the body looks.
func inBody(contentType string) escaper {
	switch kind := strings.ToLower(contentType); {
	case strings.Contains(kind, "json"):
		return inJSON
	case strings.Contains(kind, "x-www-form-urlencoded"):
		return func(value gjson.Result, _ string) (string, error) { return url.QueryEscape(textOf(value)), nil }
	case strings.Contains(kind, "xml"), strings.Contains(kind, "html"):
		return func(value gjson.Result, _ string) (string, error) {
			var out bytes.Buffer
			err := xml.EscapeText(&out, []byte(textOf(value)))
			return out.String(), err
		}
	}
	return func(value gjson.Result, _ string) (string, error) { return textOf(value), nil }
}

// inJSON writes a part of a text where the placeholder stands between quotation marks, and a whole value where not.
func inJSON(value gjson.Result, before string) (string, error) {
	text := textOf(value)
	if !inQuotes(before) && value.Type != gjson.String {
		return text, nil
	}
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return "", fmt.Errorf("cannot be written as JSON: %w", err)
	}
	whole := strings.TrimSuffix(quoted.String(), "\n")
	if inQuotes(before) {
		return whole[1 : len(whole)-1], nil
	}
	return whole, nil
}

// inQuotes tells that a text of JSON is open at the end.
func inQuotes(before string) bool {
	open := false
	for i := 0; i < len(before); i++ {
		switch {
		case before[i] == '"':
			open = !open
		case before[i] == '\\' && open:
			i++
		}
	}
	return open
}
