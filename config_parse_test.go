package main

import (
	"bytes"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"
)

func TestSyntaxProblems(t *testing.T) {
	for document, want := range map[string]string{
		"a: b: c":                "1:5: a second `: ` stands on this line",
		"a: @b":                  "1:4: a value cannot begin with this character",
		"a: `b`":                 "1:4: a value cannot begin with this character",
		"a:\n\tb: c":             "2:1: this line is indented with a tab; YAML takes spaces only",
		"a:\n  \tb: c\n  d: e":   "2:3: this line is indented with a tab",
		"a: 'b\nc: d":            "1:4: a quote is opened here and not closed",
		"a: \"\\d\"":             "1:5: a backslash in double quotes",
		"a: {b: c\nd: [e":        "1:4: a mapping that begins with {",
		"a: *b":                  "1:4: a value that begins with * refers",
		"a:\n  - b\n c: d":       "3:2: the indentation does not fit the lines above",
		"- a\nb: c":              "2:1: the indentation does not fit the list above",
		"a: b\nc\nd: e":          "2:1: a key lacks its colon",
		"a: b\n---\nc: d\n":      "2:1: the file holds several documents",
		"a: b\x01":               "1:5: the file holds a control character",
		"ä: \xff":                "1:4: this byte is not UTF-8",
		"":                       "1:1: the file is empty",
		"# nothing\n":            "1:1: the file is empty",
		"~":                      "1:1: the file is empty",
		"just words":             "1:1: the file does not begin with a key",
		"- a":                    "1:1: the file does not begin with a key",
		strings.Repeat("[", 1e5): "nested too deeply",
	} {
		shown := document[:min(len(document), 20)]
		root, problem := parseYAML([]byte(document))
		if problem == nil {
			t.Errorf("%q: no problem, but %v", shown, root)
			continue
		}
		problem.File = "f"
		if got := problem.String(); !strings.Contains(got, want) {
			t.Errorf("%q: got %s, want %s", shown, got, want)
		}
	}
}

// TestSyntaxMendsAreInOurWords holds that nothing of the YAML reader's own text is passed on.
func TestSyntaxMendsAreInOurWords(t *testing.T) {
	for _, m := range syntaxMends() {
		if m[0] == "" || m[1] == "" || strings.Contains(m[1], m[0]) {
			t.Errorf("%q is told as %q", m[0], m[1])
		}
	}
}

// TestUTF16 reads a file as an editor of Windows may have saved it.
func TestUTF16(t *testing.T) {
	var document bytes.Buffer
	document.Write([]byte{0xff, 0xfe})
	for _, r := range "slack: {app_token: \"xapp-1\", bot_token: \"xoxb-1\"}\npartners: [{id: a}]\n" {
		document.Write([]byte{byte(r), 0})
	}
	if l := parse(document.String()); len(l.problems) > 0 || len(l.config.Partners) != 1 {
		t.Errorf("%v", l.problems)
	}
}

// TestReferencesNeedNoQuotes reads references in every place where YAML would take their braces for its own.
func TestReferencesNeedNoQuotes(t *testing.T) {
	for document, want := range map[string]string{
		"a: ${X}":                 "${X}",
		"{a: ${X}}":               "${X}",
		"{a: ${X}, b: c}":         "${X}",
		"{a: x-${X}-${Y}}":        "x-${X}-${Y}",
		"{a: ${file:some/path}}":  "${file:some/path}",
		"{a: '${X}'}":             "${X}",
		"{a: \"${X}\"}":           "${X}",
		"{a: $${X}}":              "$${X}",
		"a: |\n  ${X}\n":          "${X}\n",
		"{a: $, b: {}}":           "$",
		"a: \"\ue000${X}\ue001\"": "\ue000${X}\ue001",
	} {
		root, problem := parseYAML([]byte(document))
		if problem != nil {
			t.Errorf("%q: %s", document, problem.Text)
			continue
		}
		if got := root.Content[1]; got.Kind != yaml.ScalarNode || got.Value != want {
			t.Errorf("%q holds %q, want %q", document, got.Value, want)
		}
	}
}

func FuzzReferences(f *testing.F) {
	f.Add("a: ${X} # ${Y}")
	f.Fuzz(func(t *testing.T, document string) {
		guarded := guardReferences([]byte(document))
		if n := len([]rune(document)); len([]rune(string(guarded))) != n {
			t.Errorf("%q has %d characters, guarded it has %d", document, n, len([]rune(string(guarded))))
		}
		node := yaml.Node{Value: string(guarded)}
		unguardReferences(&node)
		if !strings.ContainsAny(document, guardOpen+guardClose) && node.Value != document {
			t.Errorf("%q comes back as %q", document, node.Value)
		}
	})
}
