package main

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"sparky/internal/setting"
)

// field is a key of a block and where its value goes.
type field struct {
	key   string
	index []int
	refs  bool // tagged sensitive:"refs": what ${…} puts in is a secret
	list  bool // tagged yaml:",list": takes a list that stands where the block would
}

// fieldsOf lists the keys of a block, those of inlined structs among them.
func (d *decoder) fieldsOf(t reflect.Type) []field {
	if known, ok := d.fields[t]; ok {
		return known
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			for _, inner := range d.fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
		case option == "list":
			fields = append(fields, field{index: []int{i}, list: true})
		case key != "" && key != "-":
			fields = append(fields, field{key: key, index: []int{i}, refs: f.Tag.Get("sensitive") == "refs"})
		}
	}
	d.fields[t] = fields
	return fields
}

func (d *decoder) structure(node *yaml.Node, v reflect.Value, path []any, place *place) {
	if block, ok := v.Addr().Interface().(defaulter); ok {
		block.SetDefaults()
	}
	fields := d.fieldsOf(v.Type())
	byKey, keys := map[string]field{}, []string(nil)
	for _, f := range fields {
		if f.list && node.Kind == yaml.SequenceNode {
			d.list(node, v.FieldByIndex(f.index), path, place, false)
			return
		}
		if !f.list {
			byKey[f.key], keys = f, append(keys, f.key)
		}
	}
	if node.Kind != yaml.MappingNode {
		d.fail(place, node, subject(path)+" is "+shapeOf(node)+"; write it as a block of keys: "+listed(keys))
		return
	}
	for _, pair := range d.pairs(node, path) {
		f, known := byKey[pair.name]
		at := inside(path, pair.name)
		if !known {
			d.unknownKey(pair, path, keys, d.entriesWith(v.Type(), pair.name))
			continue
		}
		d.keyed(at, pair.key)
		d.decode(pair.value, v.FieldByIndex(f.index), at, f.refs)
	}
}

// listed is the keys that a block can have, cut where they would fill the screen.
func listed(keys []string) string {
	const most = 14
	if len(keys) > most {
		keys = append(keys[:most:most], "…")
	}
	return strings.Join(keys, ", ")
}

// entriesWith is the list of the block whose entries have the key; empty where there is none.
func (d *decoder) entriesWith(block reflect.Type, key string) string {
	for _, f := range d.fieldsOf(block) {
		list := block.FieldByIndex(f.index).Type
		if f.list || list.Kind() != reflect.Slice || list.Elem().Kind() != reflect.Struct {
			continue
		}
		if slices.ContainsFunc(d.fieldsOf(list.Elem()), func(inner field) bool { return inner.key == key }) {
			return f.key
		}
	}
	return ""
}

// unknownKey tells of a key that the block has not. Entries names a list of the block whose entries have it: there it was
// meant, and is indented too little.
func (d *decoder) unknownKey(pair pair, path []any, keys []string, entries string) {
	where := "the file"
	if len(path) > 0 {
		where = subject(path)
	}
	text := "there is no key " + strconv.Quote(pair.name) + " in " + where + "; "
	if entries != "" {
		d.tell(pair.key, text+"it belongs to an entry of "+entries+": indent it to stand under the keys of one")
		return
	}
	if near := setting.Nearest(pair.name, keys); near != "" {
		// What was probably meant is not told to be missing too.
		d.misspelt(inside(path, near))
		d.tell(pair.key, text+"did you mean "+strconv.Quote(near)+"?")
		return
	}
	d.tell(pair.key, text+"the keys are "+listed(keys))
}

func (d *decoder) list(node *yaml.Node, v reflect.Value, path []any, place *place, refs bool) {
	if node.Kind != yaml.SequenceNode {
		mend := "write [a, b], or lines that begin with -"
		if v.Type().Elem().Kind() == reflect.Struct {
			mend = "begin each entry with - and its keys"
		}
		d.fail(place, node, subject(path)+" is "+shapeOf(node)+", and a list is needed; "+mend)
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, len(node.Content))
	for i, child := range node.Content {
		if d.exhausted() {
			break
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(child, element, inside(path, i), refs)
		out = reflect.Append(out, element)
	}
	v.Set(out)
}

func (d *decoder) mapping(node *yaml.Node, v reflect.Value, path []any, place *place, refs bool) {
	if node.Kind != yaml.MappingNode {
		d.fail(place, node, subject(path)+" is "+shapeOf(node)+", and names with values are needed; write {name: value}, or lines of name: value")
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, pair := range d.pairs(node, path) {
		at := inside(path, pair.name)
		d.keyed(at, pair.key)
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(pair.value, element, at, refs)
		out.SetMapIndex(reflect.ValueOf(pair.name), element)
	}
	v.Set(out)
}

// pair is a key of a mapping with its value.
type pair struct {
	name       string
	key, value *yaml.Node
}

// pairs lists the keys of a mapping in order, those that << merges in after its own, and tells of keys that are there
// twice.
func (d *decoder) pairs(node *yaml.Node, path []any) []pair {
	seen := map[string]*yaml.Node{}
	var own []pair
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.tell(key, "a key in "+subject(path)+" is not a plain word; write key: value")
		case key.Value == "<<" && key.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0:
			merged = append(merged, value)
		case seen[key.Value] != nil:
			d.tell(key, strconv.Quote(key.Value)+" is written twice in "+subject(path)+", first on line "+strconv.Itoa(seen[key.Value].Line)+"; keep one of the two")
		default:
			seen[key.Value] = key
			own = append(own, pair{key.Value, key, value})
		}
	}
	for _, value := range merged {
		own = d.merge(own, value, seen, path, 0)
	}
	return own
}

// deepestMerge bounds merges of merges: a mapping can be made to merge itself.
const deepestMerge = 8

func (d *decoder) merge(own []pair, value *yaml.Node, seen map[string]*yaml.Node, path []any, depth int) []pair {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	if d.budget -= len(value.Content); d.exhausted() {
		return own
	}
	switch {
	case depth > deepestMerge:
		d.fail(d.at(path), value, "<< merges too deeply here, or a block into itself; write the keys out")
		return own
	case value.Kind == yaml.SequenceNode:
		for _, each := range value.Content {
			own = d.merge(own, each, seen, path, depth+1)
		}
		return own
	case value.Kind != yaml.MappingNode:
		d.fail(d.at(path), value, "<< merges a block of keys, and here is "+shapeOf(value)+"; write <<: *name")
		return own
	}
	for i := 0; i+1 < len(value.Content); i += 2 {
		key, inner := value.Content[i], value.Content[i+1]
		switch {
		case key.Kind == yaml.ScalarNode && key.Value == "<<":
			own = d.merge(own, inner, seen, path, depth+1)
		case key.Kind == yaml.ScalarNode && seen[key.Value] == nil:
			seen[key.Value] = key
			own = append(own, pair{key.Value, key, inner})
		}
	}
	return own
}
