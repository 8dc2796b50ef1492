// Package openapi compares what a partner's description of its API (OpenAPI 3, Swagger 2.0; JSON or YAML) said at the last
// reading with what it says now. It reaches for nothing: a document is given to it, references to others are never
// followed. What a difference leads to is not its business.
package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Bounds of a document. The descriptions of the largest public APIs have some 300,000 values and 60 levels.
const (
	maxValues = 2_000_000
	maxDepth  = 200
)

var (
	errTooMuch = fmt.Errorf("it holds more than %d values, its YAML aliases unfolded", maxValues)
	errTooDeep = fmt.Errorf("it is nested more than %d levels deep", maxDepth)
)

// decode reads JSON or YAML into maps, lists, strings, json.Numbers, booleans and nil.
func decode(document []byte) (map[string]any, error) {
	document = bytes.TrimSpace(bytes.TrimPrefix(document, []byte("\ufeff")))
	if len(document) == 0 {
		return nil, errors.New("it is empty")
	}
	var root any
	if document[0] == '{' {
		decoder := json.NewDecoder(bytes.NewReader(document))
		decoder.UseNumber()
		if decoder.Decode(&root) == nil {
			return asObject(root)
		}
	}
	if document[0] == '<' {
		return nil, errors.New("it is a page for people or XML")
	}
	var node yaml.Node
	if err := yaml.Unmarshal(document, &node); err != nil {
		return nil, fmt.Errorf("it is neither JSON nor YAML: %s", clip(err.Error(), 200))
	}
	unfold := unfolder{}
	root, err := unfold.value(&node, 0)
	if err != nil {
		return nil, err
	}
	return asObject(root)
}

func asObject(root any) (map[string]any, error) {
	object, ok := root.(map[string]any)
	if !ok {
		return nil, errors.New("it is no object")
	}
	return object, nil
}

// unfolder turns YAML into the values of JSON, aliases unfolded as far as the bounds allow.
type unfolder struct{ values int }

func (u *unfolder) value(node *yaml.Node, depth int) (any, error) {
	if u.values++; u.values > maxValues {
		return nil, errTooMuch
	}
	if depth > maxDepth {
		return nil, errTooDeep
	}
	switch node.Kind {
	case yaml.DocumentNode:
		if len(node.Content) == 0 {
			return nil, nil
		}
		return u.value(node.Content[0], depth)
	case yaml.AliasNode:
		return u.value(node.Alias, depth+1)
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, child := range node.Content {
			value, err := u.value(child, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		return u.object(node, depth)
	default:
		return scalar(node), nil
	}
}

func (u *unfolder) object(node *yaml.Node, depth int) (any, error) {
	object := make(map[string]any, len(node.Content)/2)
	var merged []any
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		value, err := u.value(node.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		object[key.Value] = value
	}
	for _, from := range merged {
		sources, several := from.([]any)
		if !several {
			sources = []any{from}
		}
		for _, source := range sources {
			more, _ := source.(map[string]any)
			for name, value := range more {
				if _, own := object[name]; !own {
					object[name] = value
				}
			}
		}
	}
	return object, nil
}

// scalar is a plain value. What YAML takes for a date is text in an API's description.
func scalar(node *yaml.Node) any {
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true")
	case "!!int", "!!float":
		if number := json.Number(node.Value); json.Valid([]byte(number)) {
			return number
		}
	}
	return node.Value
}

// trimmed is a document without what no comparison looks at: descriptions, examples, and extensions but those that say
// how long an operation lasts. Outside counts the references to other documents, and those that lead nowhere.
type trimmed struct {
	root    map[string]any
	outside int
}

// named are the keys below which the keys are somebody's names, not the specification's words.
func named(key string) bool {
	switch key {
	case "properties", "patternProperties", "$defs", "definitions", "schemas", "responses", "parameters", "headers",
		"requestBodies", "securitySchemes", "securityDefinitions", "pathItems", "paths", "content", "variables", "mapping",
		"scopes", "dependentSchemas", "dependentRequired", "encoding":
		return true
	}
	return false
}

// spare tells that a key of the specification says nothing that is compared.
func spare(key string, value any) bool {
	switch key {
	case "description", "summary", "title":
		_, text := value.(string)
		return text
	case "example", "examples", "externalDocs", "links", "callbacks", "webhooks", "tags", "xml", "$comment":
		return true
	}
	return strings.HasPrefix(key, "x-") && !slices.Contains([]string{sunsetKey, "x-stability-level"}, key)
}

const sunsetKey = "x-sunset"

// trim leaves out what is not compared, and references that cannot be followed within the document.
func trim(root map[string]any) (*trimmed, error) {
	t := &trimmed{}
	values := 0
	kept, err := t.keep(root, 0, false, &values)
	if err != nil {
		return nil, err
	}
	t.root, _ = kept.(map[string]any)
	if info, ok := root["info"].(map[string]any); ok {
		t.root["info"] = map[string]any{"title": text(info["title"]), "version": text(info["version"])}
	}
	t.settle(t.root)
	return t, nil
}

func (t *trimmed) keep(value any, depth int, names bool, values *int) (any, error) {
	if *values++; *values > maxValues {
		return nil, errTooMuch
	}
	if depth > maxDepth {
		return nil, errTooDeep
	}
	switch value := value.(type) {
	case map[string]any:
		if ref, ok := value["$ref"].(string); ok && !names {
			return map[string]any{"$ref": ref}, nil
		}
		object := make(map[string]any, len(value))
		for key, child := range value {
			if !names && spare(key, child) {
				continue
			}
			kept, err := t.keep(child, depth+1, !names && named(key), values)
			if err != nil {
				return nil, err
			}
			object[key] = kept
		}
		return object, nil
	case []any:
		list := make([]any, 0, len(value))
		for _, child := range value {
			kept, err := t.keep(child, depth+1, false, values)
			if err != nil {
				return nil, err
			}
			list = append(list, kept)
		}
		return list, nil
	default:
		return value, nil
	}
}

// settle empties the references that lead out of the document, nowhere, or only to each other.
func (t *trimmed) settle(value any) {
	switch value := value.(type) {
	case map[string]any:
		if ref, ok := value["$ref"].(string); ok && !t.leadsTo(ref) {
			t.outside++
			delete(value, "$ref")
			return
		}
		for _, child := range value {
			t.settle(child)
		}
	case []any:
		for _, child := range value {
			t.settle(child)
		}
	}
}

// leadsTo tells that a reference ends, by at most a hundred others, at something of this document that is an object.
func (t *trimmed) leadsTo(ref string) bool {
	for range 100 {
		object, ok := t.at(ref).(map[string]any)
		if !ok {
			return false
		}
		next, again := object["$ref"].(string)
		if !again {
			return true
		}
		ref = next
	}
	return false
}

// at is what a reference of the form #/a/b leads to, nil for any other.
func (t *trimmed) at(ref string) any {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	var here any = t.root
	for part := range strings.SplitSeq(pointer, "/") {
		switch at := here.(type) {
		case map[string]any:
			here = at[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		case []any:
			here = index(at, part)
		default:
			return nil
		}
	}
	return here
}
