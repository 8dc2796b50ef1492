package main

import (
	"bytes"
	"encoding"
	"math"
	"reflect"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"sparky/internal/setting"
)

// decoder puts YAML nodes into the Config's structs. It is our own, and not the YAML library's, because every mistake
// is to be told at once, at the place of the value, with the mend, and without showing what a secret holds.
type decoder struct {
	places
	document    []byte
	expand      expander
	root        *yaml.Node
	budget      int // values that may still be read: aliases can make a small file endless
	fields      map[reflect.Type][]field
	substituted []setting.Secret
	written     []string // see Config
}

func newDecoder(file string, document []byte, root *yaml.Node, expand expander) *decoder {
	d := &decoder{document: document, expand: expand, root: root, fields: map[reflect.Type][]field{}}
	d.places = newPlaces(file, root)
	d.budget = 10_000 + 10*countNodes(root)
	return d
}

func countNodes(n *yaml.Node) int {
	count := 1
	for _, c := range n.Content {
		count += countNodes(c)
	}
	return count
}

func (d *decoder) config() Config {
	var c Config
	d.decode(d.root, reflect.ValueOf(&c).Elem(), nil, false)
	if d.exhausted() {
		d.tell(d.root, "the file repeats its parts through aliases (*name) until it is too large to read; write them out")
	}
	return c
}

func (d *decoder) exhausted() bool { return d.budget < 0 }

// defaulter is a block that has values before the file is read.
type defaulter interface{ SetDefaults() }

var secretType = reflect.TypeFor[setting.Secret]()

// decode puts a node into v. Refs tells that what ${…} stands for is to be kept out of texts like a secret.
func (d *decoder) decode(node *yaml.Node, v reflect.Value, path []any, refs bool) {
	if d.budget--; d.exhausted() {
		return
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	place := d.found(path, node)
	if node.Style&yaml.TaggedStyle != 0 && !strings.HasPrefix(node.Tag, "!!") {
		d.fail(place, node, subject(path)+" begins with !, which is a tag to YAML; put the value in quotes, or use ${NAME} for an environment variable")
		return
	}
	if isNull(node) {
		if isScalar(v.Type()) {
			d.fail(place, node, subject(path)+d.emptyMend(node))
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		v.Set(fresh)
		v = fresh.Elem()
	}
	switch {
	case isScalar(v.Type()):
		d.scalar(node, v, path, place, refs)
	case v.Kind() == reflect.Struct:
		d.structure(node, v, path, place)
	case v.Kind() == reflect.Slice:
		d.list(node, v, path, place, refs)
	case v.Kind() == reflect.Map:
		d.mapping(node, v, path, place, refs)
	}
}

// emptyMend says what to do about a key without a value, and knows the trap of a channel's name without quotes.
func (d *decoder) emptyMend(node *yaml.Node) string {
	if comment := d.restOfLine(node); len(comment) > 1 && comment[0] == '#' && !strings.ContainsAny(comment[1:2], " \t#") {
		word, _, _ := strings.Cut(comment, " ")
		return " has no value, because YAML takes what begins with # as a comment; put it in quotes: " + strconv.Quote(word)
	}
	return " has no value; give one, or leave the key out"
}

// restOfLine is what stands in the file from the node to the end of its line.
func (d *decoder) restOfLine(node *yaml.Node) string {
	line := []rune(nthLine(d.document, node.Line))
	if node.Column < 1 || node.Column > len(line) {
		return ""
	}
	return strings.TrimSpace(string(line[node.Column-1:]))
}

func nthLine(document []byte, n int) string {
	for line := range bytes.Lines(document) {
		if n--; n == 0 {
			return string(line)
		}
	}
	return ""
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// isScalar tells whether a value of this type is written as one word or text.
func isScalar(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	default:
		return false
	}
}

func (d *decoder) scalar(node *yaml.Node, v reflect.Value, path []any, place *place, refs bool) {
	place.hidden = v.Type() == secretType
	if node.Kind != yaml.ScalarNode {
		d.fail(place, node, subject(path)+" is "+shapeOf(node)+"; write one value here")
		return
	}
	place.raw = node.Value
	value := d.expand.value(node.Value)
	if value.absent && d.expand.spares != nil && d.expand.spares(path, place.hidden) {
		place.bad = true                       // nothing more is asked of it
		_ = setScalar(v, spared+spelled(path)) // nor of its block, which would else be said to lack something
		return
	}
	for _, problem := range value.problems {
		d.fail(place, node, problem)
	}
	if place.bad {
		return
	}
	place.inserted = len(value.inserted) > 0
	if refs {
		for _, text := range value.inserted {
			d.substituted = append(d.substituted, setting.NewSecret(secretPart(text)))
		}
	}
	hidden := place.hidden && !place.inserted && value.text != ""
	if hidden {
		d.written = append(d.written, spelled(path))
	}
	switch {
	case value.bare:
		d.note(node, subject(path)+" looks like a variable of a shell, and is taken as it stands; for the environment variable write ${NAME}, with braces")
	case hidden:
		d.note(node, subject(path)+" is written in the file; a secret is safer outside of it, as ${NAME} or ${file:PATH}")
	}
	if problem := setScalar(v, value.text); problem != "" {
		d.fail(place, node, subject(path)+" "+place.quote(problem))
	}
}

// setScalar sets v from a text, or says what is wrong with the text: a sentence that goes on after the value, or that
// holds the value in quotes.
func setScalar(v reflect.Value, text string) string {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		err := u.UnmarshalText([]byte(text))
		switch {
		case err == nil:
			return ""
		case v.Type() == reflect.TypeFor[setting.Duration]() && len(strings.Fields(text)) >= 5:
			return "is a cron expression; write an interval, like 30s, 5m, 6h or 30d"
		default:
			return err.Error()
		}
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, known := map[string]bool{"true": true, "false": false}[strings.ToLower(text)]
		if !known {
			return "is neither true nor false; write one of the two"
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return "is not a whole number; write one like 2"
		}
		v.SetInt(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return "is not a number; write it without a unit, like 2 or 99.5"
		}
		v.SetFloat(f)
	}
	return ""
}

func shapeOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a block of keys"
	default:
		return "one value"
	}
}
