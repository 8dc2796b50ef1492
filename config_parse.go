package main

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"sparky/internal/setting"
)

// parseConfig reads a document: YAML into nodes, nodes into the Config, and the checks of every block over the result.
func parseConfig(name string, document []byte, expand expander, vendors catalogue) loaded {
	root, problem := parseYAML(document)
	if problem != nil {
		problem.File = name
		return loaded{problems: []Problem{*problem}}
	}
	d := newDecoder(name, document, root, expand)
	out := loaded{config: d.config()}
	out.config.substituted, out.config.written = d.substituted, d.written
	if !d.exhausted() {
		out.config.check(vendors, d)
	}
	redact := setting.NewRedactor(out.config.Secrets()...)
	for _, list := range [][]Problem{d.problems, d.notes} {
		for i := range list {
			// A last net: the texts are made without values, but a check could be written that forgets it.
			list[i].Text = redact.Redact(list[i].Text)
		}
	}
	out.problems, out.notes = sortProblems(d.problems), sortProblems(d.notes)
	return out
}

// parseYAML is the document's only mapping, or what keeps it from being read at all.
func parseYAML(document []byte) (*yaml.Node, *Problem) {
	if at, ok := badByte(document); ok {
		return nil, positioned(document, at, "this byte is not UTF-8; save the file as UTF-8")
	}
	var doc yaml.Node
	guarded := guardReferences(document)
	if err := yaml.Load(guarded, &doc); err != nil {
		return nil, syntaxProblem(document, err)
	}
	if !bytes.Equal(guarded, document) {
		unguardReferences(&doc)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, &Problem{Line: 1, Column: 1, Text: emptyFile}
	}
	root := doc.Content[0]
	switch {
	case isNull(root):
		return nil, &Problem{Line: 1, Column: 1, Text: emptyFile}
	case root.Kind != yaml.MappingNode:
		return nil, &Problem{Line: root.Line, Column: root.Column, Text: "the file does not begin with a key; it needs slack: and partners: at the left margin"}
	}
	return root, nil
}

// The braces of ${NAME} mean a mapping to YAML where a line already is inside of braces, as in {password: ${NAME}}.
// There they would need quotes, which nobody thinks of; so YAML is shown two letters of the private use area in their
// place. They are one character each, so that columns stay right.
const (
	guardOpen  = "\ue000"
	guardClose = "\ue001"
)

var reference = regexp.MustCompile(`\$\{([^{}\r\n]*)\}`)

func guardReferences(document []byte) []byte {
	if bytes.Contains(document, []byte(guardOpen)) || bytes.Contains(document, []byte(guardClose)) {
		return document
	}
	return reference.ReplaceAll(document, []byte("$$"+guardOpen+"${1}"+guardClose))
}

func unguardReferences(n *yaml.Node) {
	if strings.Contains(n.Value, guardOpen) {
		n.Value = strings.NewReplacer(guardOpen, "{", guardClose, "}").Replace(n.Value)
	}
	for _, child := range n.Content {
		unguardReferences(child)
	}
}

const emptyFile = "the file is empty; it needs slack: and partners: at least, and `sparky init` writes one to begin with"

// badByte finds the first byte that is not UTF-8. UTF-16 with its mark in front is left to the YAML reader.
func badByte(document []byte) (offset int, found bool) {
	if utf8.Valid(document) || len(document) > 1 && (document[0] == 0xff && document[1] == 0xfe || document[0] == 0xfe && document[1] == 0xff) {
		return 0, false
	}
	for offset < len(document) {
		r, size := utf8.DecodeRune(document[offset:])
		if r == utf8.RuneError && size == 1 {
			return offset, true
		}
		offset += size
	}
	return 0, false
}

// positioned is a problem at a byte of the document.
func positioned(document []byte, offset int, text string) *Problem {
	before := string(document[:offset])
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &Problem{Line: line, Column: column, Text: text}
}

// syntaxMends says in our words what the YAML reader found; its own words can quote a value, and so a secret.
func syntaxMends() [][2]string {
	return [][2]string{
		{"mapping values are not allowed", "a second `: ` stands on this line, or it is indented differently from its neighbours; put a value that holds `: ` in quotes"},
		{"cannot start any token", "a value cannot begin with this character, and indentation has spaces only, no tabs; put the value in quotes"},
		{"unknown anchor", "a value that begins with * refers to an anchor (&name), and there is none of this name above; put the value in quotes if it is meant as it is"},
		{"did not find expected ',' or ']'", "a list that begins with [ is not closed, or lacks a comma; close it with ]"},
		{"did not find expected ',' or '}'", "a mapping that begins with { is not closed, or lacks a comma; close it with }"},
		{"did not find expected node content", "a [ or { is not closed, or something is missing before a comma; look at the brackets above"},
		{"found unexpected end of stream", "a quote is opened here and not closed; close it, or use the other kind of quotes around a text that holds one"},
		{"did not find expected key", "the indentation does not fit the lines above; keys of one block begin in the same column"},
		{"did not find expected '-' indicator", "the indentation does not fit the list above; entries of one list begin with - in the same column"},
		{"could not find expected ':'", "a key lacks its colon; write key: value"},
		{"found multiple", "the file holds several documents, divided by ---; put everything into one"},
		{"no documents", emptyFile},
		{"control characters", "the file holds a control character; it is not text, or was damaged"},
		{"unknown escape character", `a backslash in double quotes begins an escape that YAML does not know; use single quotes, or write \\`},
		{"exceeded max depth", "the file is nested too deeply; no setting is more than ten levels deep"},
	}
}

// tabbed tells whether the line begins with a tab, with spaces before it at most.
func tabbed(document []byte, line int) bool {
	lines := bytes.Split(document, []byte("\n"))
	return line > 0 && line <= len(lines) && bytes.HasPrefix(bytes.TrimLeft(lines[line-1], " "), []byte("\t"))
}

// opensSomething tells of contexts that begin with a quote, a bracket or a key, and not with a whole block.
func opensSomething(context string) bool {
	return strings.Contains(context, "quoted scalar") || strings.Contains(context, "flow") || strings.Contains(context, "simple key")
}

func syntaxProblem(document []byte, err error) *Problem {
	problem := &Problem{Line: 1, Column: 1, Text: "this is not YAML; look at indentation, quotes and brackets near here"}
	var at *yaml.LoadError
	if !errors.As(err, &at) {
		return problem
	}
	mark := at.Mark
	if opened := at.ContextMark; opened.Line > 0 && opened.Line < mark.Line && opensSomething(at.ContextMsg) {
		mark = opened // lines further down the reader noticed; where it was opened is what helps
	}
	if mark.Line > 0 {
		problem.Line, problem.Column = mark.Line, mark.Column
	}
	if strings.Contains(at.Message, "control characters") {
		for i, b := range document {
			if b < ' ' && b != '\n' && b != '\r' && b != '\t' || b == 0x7f {
				problem = positioned(document, i, problem.Text)
				break
			}
		}
	}
	if second := bytes.LastIndex(document, []byte("\n---")); second >= 0 && strings.Contains(at.Message, "found multiple") {
		problem = positioned(document, second+1, problem.Text)
	}
	if tabbed(document, problem.Line) {
		problem.Text = "this line is indented with a tab; YAML takes spaces only, so put spaces in its place"
		return problem
	}
	for _, m := range syntaxMends() {
		if strings.Contains(at.Message, m[0]) {
			problem.Text = m[1]
			return problem
		}
	}
	return problem
}
