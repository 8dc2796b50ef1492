package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"sparky/internal/setting"
)

// places knows where in the file each setting stands, and turns mistakes about settings into problems of the file.
type places struct {
	file     string
	known    map[string]*place
	meant    map[string]bool // settings whose key was misspelt
	problems []Problem
	notes    []Problem
}

// place is where one setting stands.
type place struct {
	key      *yaml.Node // nil in a list
	value    *yaml.Node
	raw      string // what was written, before substitution
	inserted bool   // raw holds a ${…}
	hidden   bool   // the setting is a secret
	bad      bool   // a problem was told already
}

func newPlaces(file string, root *yaml.Node) places {
	return places{file: file, meant: map[string]bool{}, known: map[string]*place{"": {value: root}}}
}

// inside is the path one step further in.
func inside(path []any, step any) []any { return append(slices.Clip(path), step) }

// pathSign stands before each step of a path in a map key.
const pathSign = "\x1f"

// pathKey is a path as a map key.
func pathKey(path []any) string {
	var key strings.Builder
	for _, step := range path {
		fmt.Fprintf(&key, pathSign+"%v", step)
	}
	return key.String()
}

func (p *places) found(path []any, value *yaml.Node) *place {
	at := p.at(path)
	at.value = value
	return at
}

func (p *places) keyed(path []any, key *yaml.Node) { p.at(path).key = key }

func (p *places) at(path []any) *place {
	key := pathKey(path)
	if p.known[key] == nil {
		p.known[key] = &place{}
	}
	return p.known[key]
}

func (p *places) misspelt(path []any) { p.meant[pathKey(path)] = true }

func (p *places) has(path ...any) bool { return p.known[pathKey(path)] != nil }

// tell records a problem at a node.
func (p *places) tell(node *yaml.Node, text string) {
	p.problems = append(p.problems, p.problem(node, text))
}

// fail records a problem with a setting; what later checks find at the same place follows from it and is not told.
func (p *places) fail(at *place, node *yaml.Node, text string) {
	at.bad = true
	p.tell(node, text)
}

func (p *places) note(node *yaml.Node, text string) {
	p.notes = append(p.notes, p.problem(node, text))
}

func (p *places) problem(node *yaml.Node, text string) Problem {
	// A node that stands for nothing, as after a key alone, has no position of its own in some documents.
	return Problem{File: p.file, Line: max(node.Line, 1), Column: max(node.Column, 1), Text: text}
}

// mistake turns what a block's Check found into a problem, unless it follows from one that was told.
func (p *places) mistake(m setting.Mistake) {
	var near *place
	for i := 0; i <= len(m.Path); i++ {
		key := pathKey(m.Path[:i])
		at, ok := p.known[key]
		if p.meant[key] || ok && at.bad {
			return
		}
		if !ok {
			break
		}
		near = at
	}
	exact := p.known[pathKey(m.Path)]
	if m.Form == setting.Absent && exact != nil && p.brokenWithin(m.Path) {
		return // it is not empty: what stands in it is told already
	}
	node := near.value
	if exact == nil && near.key != nil {
		node = near.key
	}
	switch m.Form {
	case setting.ShowValue:
		p.tell(node, subject(m.Path)+" "+exact.shown()+m.Text)
	case setting.Absent:
		state := " is missing; "
		if exact != nil {
			state = " is empty; "
		}
		p.tell(node, subject(m.Path)+state+m.Text)
	case setting.Advice:
		p.note(node, m.Text)
	default:
		p.tell(node, m.Text)
	}
}

// brokenWithin tells of a mistake, told already, in something that stands in a block.
func (p *places) brokenWithin(path []any) bool {
	within := pathKey(path) + pathSign
	for key, at := range p.known {
		if at.bad && strings.HasPrefix(key, within) {
			return true
		}
	}
	for key := range p.meant {
		if strings.HasPrefix(key, within) {
			return true
		}
	}
	return false
}

// subject names a setting by its key, or by its place in a list.
func subject(path []any) string {
	if len(path) == 0 {
		return "the file"
	}
	switch last := path[len(path)-1].(type) {
	case int:
		return "entry " + strconv.Itoa(last+1) + " of " + subject(path[:len(path)-1])
	default:
		return fmt.Sprint(last)
	}
}

// spelled is a setting by its whole path: partners[0].probes[1].auth.bearer.
func spelled(path []any) string {
	var b strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// longestShown is where a shown value is cut, in characters.
const longestShown = 60

// shown is what was written, in quotes and with a space after, where that helps and hides nothing: the reference and
// not what it stands for, an address without the credentials that its parts can hold, and a secret not at all.
func (p *place) shown() string {
	if p == nil || p.hidden || p.value == nil || p.value.Kind != yaml.ScalarNode {
		return ""
	}
	text := p.raw
	if u, err := url.Parse(text); err == nil && u.Host != "" && !p.inserted {
		if u.User != nil {
			u.User = url.User("…")
		}
		if u.RawQuery != "" {
			u.RawQuery = "…"
		}
		text, _ = url.PathUnescape(u.String())
	}
	if runes := []rune(text); len(runes) > longestShown {
		text = string(runes[:longestShown]) + "…"
	}
	return strconv.Quote(text) + " "
}

// quote is a sentence about a value, with the value in front as it was written. A sentence that begins with the value in
// quotes itself, whole or cut, gets what was written in its stead: the value may be a secret that ${…} put in.
func (p *place) quote(sentence string) string {
	if quoted, err := strconv.QuotedPrefix(sentence); err == nil {
		sentence = strings.TrimLeft(sentence[len(quoted):], ": ")
	}
	return p.shown() + sentence
}
