package main

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"
)

// expander puts environment variables and files into values: ${NAME}, ${file:PATH}, and $$ for a dollar sign. A dollar
// sign before anything else stands for itself.
type expander struct {
	env  func(name string) (string, bool)
	file func(path string) (string, error)
	// spares tells of a setting that is not asked for: nobody minds where what it refers to is not there. hidden tells that
	// it is a secret. nil spares none.
	spares func(path []any, hidden bool) bool
}

// expanded is a value after substitution.
type expanded struct {
	text     string
	inserted []string // what ${…} stood for, none where the value had no ${…}
	problems []string
	absent   bool // a variable or file that it refers to is not there
	bare     bool // it is $NAME, which shells know and which stands for itself here
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	bareVariable = regexp.MustCompile(`^\$[A-Z][A-Z0-9_]{2,}$`)
	leadingName  = regexp.MustCompile(`^[A-Za-z0-9_]*`)
)

// value expands one scalar. It works on the value that YAML has already told apart, so nothing that is put in can
// become another key, a list or a comment, and what is put in is not expanded again.
func (e expander) value(raw string) expanded {
	out := expanded{bare: bareVariable.MatchString(raw)}
	var text strings.Builder
	for {
		before, rest, found := strings.Cut(raw, "$")
		text.WriteString(before)
		switch {
		case !found:
			out.text = text.String()
			return out
		case strings.HasPrefix(rest, "$"):
			text.WriteByte('$')
			raw = rest[1:]
		case strings.HasPrefix(rest, "{"):
			name, after, closed := strings.Cut(rest[1:], "}")
			if !closed {
				out.problems = append(out.problems, "a ${ is not closed; write ${NAME}, or $${ for the characters themselves")
				raw = ""
				continue
			}
			inserted, problem, absent := e.reference(name)
			out.absent = out.absent || absent
			if problem != "" {
				out.problems = append(out.problems, problem)
			}
			out.inserted = append(out.inserted, inserted)
			text.WriteString(inserted)
			raw = after
		default:
			text.WriteByte('$')
			raw = rest
		}
	}
}

// reference is what ${name} stands for, or what is wrong with it; absent tells that it cannot be had here.
func (e expander) reference(name string) (value, problem string, absent bool) {
	if path, isFile := strings.CutPrefix(name, "file:"); isFile {
		return e.content(strings.TrimSpace(path))
	}
	if !variableName.MatchString(name) {
		// What follows the name may be a secret, as in the defaults that shells know, and is not repeated.
		return "", "${" + leadingName.FindString(name) + "…} is not understood; write ${NAME} for an environment variable, ${file:PATH} for a file, $${ for the characters themselves", false
	}
	value, set := e.env(name)
	if !set {
		return "", "the environment variable " + name + " is not set; set it before starting Sparky, or take it from a file with ${file:PATH}", true
	}
	return value, "", false
}

func (e expander) content(path string) (value, problem string, absent bool) {
	if path == "" {
		return "", "${file:} names no file; write ${file:PATH}, the path seen from the configuration file", false
	}
	content, err := e.file(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "the file " + path + " of ${file:" + path + "} is not there; create it, or mend the path, which is seen from the configuration file", true
	case err != nil:
		return "", "the file " + path + " of ${file:" + path + "} " + reason(err) + "; mend the file, or the path, which is seen from the configuration file", true
	}
	return strings.TrimSpace(content), "", false
}
