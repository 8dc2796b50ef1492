package probe

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"sparky/fixtures/canned"
)

// saved is what a step saved of a document.
func saved(document string) values {
	v := values{}
	gjson.Parse(document).ForEach(func(name, value gjson.Result) bool { v[name.Str] = value; return true })
	return v
}

func TestFill(t *testing.T) {
	v := saved(`{"id":"a/b ?#\"\\\u000a&<é","n":12345678901234567890,"f":1.50,"yes":true,"plain":"x1"}`)
	for name, test := range map[string]struct {
		template string
		escape   escaper
		want     string
	}{
		"path":            {"https://a.example/t/{{id}}/x", inURL, "https://a.example/t/a%2Fb%20%3F%23%22%5C%0A&%3C%C3%A9/x"},
		"query":           {"https://a.example/t?q={{id}}", inURL, "https://a.example/t?q=a%2Fb+%3F%23%22%5C%0A%26%3C%C3%A9"},
		"query, no path":  {"https://a.example?q={{ plain }}&n={{n}}", inURL, "https://a.example?q=x1&n=12345678901234567890"},
		"text in quotes":  {`{"a":"<{{id}}>"}`, inJSON, `{"a":"<a/b ?#\"\\\n&<é>"}`},
		"text, no quotes": {`{"a":{{plain}}}`, inJSON, `{"a":"x1"}`},
		"number":          {`{"a":{{n}},"b":{{f}},"c":{{yes}}}`, inJSON, `{"a":12345678901234567890,"b":1.50,"c":true}`},
		"number, quoted":  {`{"a":"{{n}}"}`, inJSON, `{"a":"12345678901234567890"}`},
		"escaped quote":   {`{"a\"":{{plain}}}`, inJSON, `{"a\"":"x1"}`},
		"form":            {"a={{id}}", inBody("application/x-www-form-urlencoded"), "a=a%2Fb+%3F%23%22%5C%0A%26%3C%C3%A9"},
		"xml":             {"<a>{{id}}</a>", inBody("text/xml"), "<a>a/b ?#&#34;\\&#xA;&amp;&lt;é</a>"},
		"text":            {"{{plain}} {{n}}", inBody("text/plain"), "x1 12345678901234567890"},
		"header":          {"Bearer {{plain}}", inHeader, "Bearer x1"},
		"no placeholder":  {"{ {plain} }", inHeader, "{ {plain} }"},
	} {
		got, err := v.fill(test.template, test.escape)
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, test.want)
		}
	}
}

func TestFillRefuses(t *testing.T) {
	v := saved(`{"host":"evil.example","empty":"","up":"..","line":"a\r\nX: y"}`)
	for name, test := range map[string]struct {
		template string
		escape   escaper
		words    string
	}{
		"a host":       {"https://{{host}}/x", inURL, "write the host itself"},
		"part of one":  {"https://api.{{host}}/x", inURL, "write the host itself"},
		"user info":    {"https://{{host}}@a.example/", inURL, "write the host itself"},
		"a whole url":  {"{{host}}", inURL, "write the host itself"},
		"nothing":      {"https://a.example/rows/{{empty}}", inURL, "change what the address means"},
		"the parent":   {"https://a.example/rows/{{up}}", inURL, "change what the address means"},
		"a line break": {"{{line}}", inHeader, "line break"},
		"never saved":  {"https://a.example/{{other}}", inURL, "{{other}} was not saved"},
	} {
		got, err := v.fill(test.template, test.escape)
		if err == nil {
			t.Errorf("%s: got %q", name, got)
			continue
		}
		canned.Says(t, err.Error(), test.words)
		if strings.Contains(err.Error(), "evil") {
			t.Errorf("%s: %q tells the value", name, err)
		}
	}
}

// FuzzFill holds that a value, whatever it is, stays the value that it is in the place where it is put.
func FuzzFill(f *testing.F) {
	for _, seed := range []string{"", "..", "a/b", `"`, `\`, "\\\"", "\u2028", "{{x}}", "a\r\nb", "%2e%2e", "&amp;", "\xff", "</a>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := values{"x": {Type: gjson.String, Str: text}}
		if address, err := v.fill("https://a.example/t/{{x}}/end?q={{x}}&z=1", inURL); err == nil {
			u, err := url.Parse(address)
			if err != nil || u.Host != "a.example" || u.Path != "/t/"+text+"/end" || strings.Count(u.EscapedPath(), "/") != 3 ||
				u.Query().Get("q") != text || u.Query().Get("z") != "1" || u.Fragment != "" {
				t.Fatalf("%q became %q (%v)", text, address, err)
			}
		}
		body, err := v.fill(`{"a":"<{{x}}>","b":{{x}},"c":1}`, inJSON)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			A, B string
			C    int
		}
		valid := strings.ToValidUTF8(text, "\ufffd")
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.C != 1 {
			t.Fatalf("%q became %s: %v", text, body, err)
		}
		if valid == text && (got.A != "<"+text+">" || got.B != text) {
			t.Fatalf("%q became %s", text, body)
		}
		if header, err := v.fill("{{x}}", inHeader); err == nil && strings.ContainsAny(header, "\r\n") {
			t.Fatalf("%q breaks the header", header)
		}
	})
}
