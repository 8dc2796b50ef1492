package jira

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"sparky/internal/plaintext"
)

// shape is a document as one line: P[…] a paragraph, L[…] a list, <…> a link, / a line break.
func shape(nodes []node) string {
	var b strings.Builder
	for _, n := range nodes {
		switch n.Type {
		case "text":
			if len(n.Marks) > 0 {
				b.WriteString("<" + n.Text + ">")
			} else {
				b.WriteString(n.Text)
			}
		case "hardBreak":
			b.WriteString("/")
		default:
			b.WriteString(map[string]string{"paragraph": "P", "bulletList": "L", "listItem": "I"}[n.Type] + "[" + shape(n.Content) + "]")
		}
	}
	return b.String()
}

func TestDocuments(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "P[]",
		" \r\n\r\n ":                    "P[]",
		"one":                           "P[one]",
		"one\ntwo\n\nthree":             "P[one/two]P[three]",
		"one\r\n\r\n\r\ntwo":            "P[one]P[two]",
		"why:\n- a\n- b\nso":            "P[why:]L[I[P[a]]I[P[b]]]P[so]",
		"• a\n\n* b":                    "L[I[P[a]]]L[I[P[b]]]",
		"-\n- ":                         "P[-/-]",
		"see https://a.example/x.":      "P[see <https://a.example/x>.]",
		"(https://a.example/x_(y))":     "P[(<https://a.example/x_(y)>)]",
		"https:// and http://":          "P[https:// and http://]",
		"javascript:alert(1)":           "P[javascript:alert(1)]",
		"[x](https://a.example)":        "P[[x](<https://a.example>)]",
		"<https://a.example|Okta>":      "P[<https://a.example|Okta>]",
		"a\x00b\x1b[0m\u202Ec":          "P[ab[0mc]",
		"\xff\xfe":                      "P[\uFFFD]",
		"https://a.example https://b.x": "P[<https://a.example> <https://b.x>]",
	} {
		if got := shape(document(text).Content); got != want {
			t.Errorf("%q became %s, want %s", text, got, want)
		}
	}
}

func TestLongTextsAreCutAndSaySo(t *testing.T) {
	for name, text := range map[string]string{
		"long": strings.Repeat("word ", 50000), "many lines": strings.Repeat("a\n", 50000), "many items": strings.Repeat("- a\n", 50000),
		"many links": strings.Repeat("https://a.example ", 10000), "quotes": strings.Repeat(`"<&>`, 50000),
	} {
		doc := document(text)
		encoded, err := json.Marshal(doc)
		if err != nil || len(encoded) > longestEncoded {
			t.Errorf("%s: %d bytes, %v", name, len(encoded), err)
		}
		if !strings.HasSuffix(shape(doc.Content), "P[(shortened)]") {
			t.Errorf("%s: it does not say that it was cut", name)
		}
	}
	if got := unmarked(strings.Repeat("[", 50000)); len(got) > 2*longestText+50 {
		t.Errorf("%d characters of plain text", len(got))
	}
}

func TestPlainTextHoldsNoMarkup(t *testing.T) {
	got := unmarked("[~ada] !https://evil.example/x.png! {code} |a| [x|https://evil.example] \\")
	want := `\[~ada] \!https://evil.example/x.png\! \{code} \|a\| \[x\|https://evil.example] \\`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSummariesAndLabels(t *testing.T) {
	if got := plaintext.Line(" ServiceNow:\n tickets\tfail \x07", longestSummary); got != "ServiceNow: tickets fail" {
		t.Errorf("summary %q", got)
	}
	if got := plaintext.Line(strings.Repeat("ü", 300), longestSummary); utf8.RuneCountInString(got) != longestSummary || !strings.HasSuffix(got, "…") {
		t.Errorf("a summary of %d characters", utf8.RuneCountInString(got))
	}
	if got := label(" a b\nc "); got != "a-b-c" {
		t.Errorf("label %q", got)
	}
	if got := label(strings.Repeat("ü", 300)); len(got) > longestLabel || !utf8.ValidString(got) {
		t.Errorf("a label of %d bytes", len(got))
	}
}

func TestQuoting(t *testing.T) {
	for text, want := range map[string]string{
		"ECO": `"ECO"`, `a" OR project = "B`: `"a\" OR project = \"B"`, `\`: `"\\"`, "a\nb\x00": `"a b "`, "\xff": "\"\uFFFD\"", "": `""`,
	} {
		if got := quote(text); got != want {
			t.Errorf("%q became %s, want %s", text, got, want)
		}
	}
}

// FuzzQuote holds that a value cannot leave its quotes.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"ECO", `"`, `\"`, `\\"`, "a\nb", "\" OR 1=1 --", "\u2028", "\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted := quote(text)
		if !utf8.ValidString(quoted) || len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' || strings.ContainsAny(quoted, "\n\r\x00") {
			t.Fatalf("%q is not one quoted value", quoted)
		}
		inside := quoted[1 : len(quoted)-1]
		for at := 0; at < len(inside); at++ {
			switch inside[at] {
			case '\\':
				if at++; at == len(inside) || inside[at] != '"' && inside[at] != '\\' {
					t.Fatalf("%q holds an escape that is none, or escapes its own end", quoted)
				}
			case '"':
				t.Fatalf("%q ends early", quoted)
			}
		}
	})
}

// FuzzDocument holds that whatever a text says, its document is one that Jira takes, holds what the text says, and links
// only to what it shows.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{"a\n\nb", "- a\n- b", "https://a.example/x).", "\x00\xff", `{"type":"doc"}`, "http://[::1", "https://a@b@c/%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc := document(text)
		encoded, err := json.Marshal(doc)
		if err != nil || len(encoded) > longestEncoded || doc.Type != "doc" || doc.Version != 1 {
			t.Fatalf("%d bytes, %v", len(encoded), err)
		}
		var check func(nodes []node)
		check = func(nodes []node) {
			for _, n := range nodes {
				if (n.Type == "text") != (n.Text != "") || n.Type == "text" && len(n.Content) > 0 || !utf8.ValidString(n.Text) || strings.ContainsAny(n.Text, "\x00\n\r") {
					t.Fatalf("a %s with the text %q", n.Type, n.Text)
				}
				for _, m := range n.Marks {
					if m.Attrs.Href != n.Text || !strings.HasPrefix(n.Text, "http://") && !strings.HasPrefix(n.Text, "https://") {
						t.Fatalf("%q links to %q", n.Text, m.Attrs.Href)
					}
				}
				check(n.Content)
			}
		}
		check(doc.Content)
		if s := plaintext.Line(text, longestSummary); utf8.RuneCountInString(s) > longestSummary || strings.ContainsAny(s, "\n\r") {
			t.Fatalf("summary %q", s)
		}
		if l := label(text); len(l) > longestLabel || len(strings.Fields(l)) > 1 {
			t.Fatalf("label %q", l)
		}
	})
}
