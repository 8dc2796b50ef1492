package openapi

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const schemas = "#/components/schemas/"

// Bounds of what one operation is compared by. A schema that differs is looked into where the operation first leads to it,
// and by its name alone everywhere else and behind so many references: some descriptions lead round in circles, or unfold
// to more than any machine holds.
const (
	maxReferences = 20
	maxWoven      = 200_000
	maxLooked     = 1 << 30 // bytes that all references of a description lead to together
)

var errUnfolds = errors.New("its references lead to more than can be compared")

// pair are two descriptions of one API.
type pair struct{ before, after *trimmed }

// references are all references within a value.
func references(value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		if ref := refOf(value); ref != "" {
			into[ref] = true
		}
		for _, child := range value {
			references(child, into)
		}
	case []any:
		for _, child := range value {
			references(child, into)
		}
	}
}

func refOf(value any) string {
	object, _ := value.(map[string]any)
	ref, _ := object["$ref"].(string)
	return ref
}

// touched are the references that lead to something that differs, at once or by other references.
func (p pair) touched() (map[string]bool, error) {
	refs := map[string]bool{}
	references(p.before.root, refs)
	references(p.after.root, refs)
	touched, leads := map[string]bool{}, map[string][]string{}
	var queue []string
	looked := 0
	for ref := range refs {
		a, b := p.before.at(ref), p.after.at(ref)
		was, is := print(a), print(b)
		if looked += len(was) + len(is); looked > maxLooked {
			return nil, errUnfolds
		}
		if was != is {
			touched[ref] = true
			queue = append(queue, ref)
			continue
		}
		inner := map[string]bool{}
		references(a, inner)
		for to := range inner {
			leads[to] = append(leads[to], ref)
		}
	}
	for len(queue) > 0 {
		last := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, ref := range leads[last] {
			if !touched[ref] {
				touched[ref] = true
				queue = append(queue, ref)
			}
		}
	}
	return touched, nil
}

// differs tells that an operation may be another one than before.
func differs(a, b operation, touched map[string]bool) bool {
	if print(a.whole()) != print(b.whole()) {
		return true
	}
	refs := map[string]bool{}
	references(a.whole(), refs)
	for ref := range refs {
		if touched[ref] {
			return true
		}
	}
	return false
}

// whole is the operation with the parameters that all operations of its path have.
func (o operation) whole() map[string]any {
	whole := maps.Clone(o.node)
	if shared, ok := o.item["parameters"].([]any); ok {
		own, _ := whole["parameters"].([]any)
		whole["parameters"] = slices.Concat(own, shared)
	}
	return whole
}

// around is a description with one operation alone.
func (t *trimmed) around(o operation, node any) map[string]any {
	root := map[string]any{"openapi": t.root["openapi"], "info": t.root["info"], "paths": map[string]any{}}
	if node != nil {
		root["paths"] = map[string]any{o.path: map[string]any{strings.ToLower(o.method): node}}
	}
	if security := t.root["security"]; security != nil {
		root["security"] = security
	}
	if components, ok := t.root["components"].(map[string]any); ok && components["securitySchemes"] != nil {
		root["components"] = map[string]any{"securitySchemes": components["securitySchemes"]}
	}
	return root
}

// weaver goes through two values side by side and puts in place of each reference what it leads to, or a mark with its
// name where there is nothing more to be found.
type weaver struct {
	pair
	touched map[string]bool
	seen    map[string]bool // schemas that were looked into
	values  int
}

// both are the two values without references.
func (w *weaver) both(a, b any, deep int) (any, any) {
	w.values++
	if from, to := refOf(a), refOf(b); from != "" || to != "" {
		return w.behind(a, b, from, to, deep)
	}
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			break
		}
		x, y := map[string]any{}, map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(a)) {
			if other, ok := b[key]; ok {
				x[key], y[key] = w.both(a[key], other, deep)
			} else {
				x[key] = w.one(w.before, a[key], deep)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(b)) {
			if _, ok := a[key]; !ok {
				y[key] = w.one(w.after, b[key], deep)
			}
		}
		return x, y
	case []any:
		if b, ok := b.([]any); ok {
			return w.lists(a, b, deep)
		}
	}
	return w.one(w.before, a, deep), w.one(w.after, b, deep)
}

// behind looks at what two references lead to; one of them may be none.
func (w *weaver) behind(a, b any, from, to string, deep int) (any, any) {
	name := from + " " + to
	ofSchema := strings.HasPrefix(from, schemas) || strings.HasPrefix(to, schemas)
	if deep > maxReferences || w.values > maxWoven || ofSchema && (w.seen[name] || from == to && !w.touched[from]) {
		return mark(name, ofSchema), mark(name, ofSchema)
	}
	w.seen[name] = true
	if from != "" {
		a = w.before.at(from)
	}
	if to != "" {
		b = w.after.at(to)
	}
	x, y := w.both(a, b, deep+1)
	if ofSchema && from == to {
		// By its title an alternative is known again although it differs.
		entitle(x, from)
		entitle(y, to)
	}
	return x, y
}

func entitle(schema any, ref string) {
	if object, ok := schema.(map[string]any); ok {
		object["title"] = strings.TrimPrefix(ref, schemas)
	}
}

// mark stands for what a reference leads to.
func mark(name string, ofSchema bool) any {
	if !ofSchema {
		return map[string]any{}
	}
	return map[string]any{"format": strings.ReplaceAll(name, schemas, "")}
}

// one is a value that the other side does not have, without references.
func (w *weaver) one(t *trimmed, value any, deep int) any {
	w.values++
	switch value := value.(type) {
	case map[string]any:
		if ref := refOf(value); ref != "" {
			if deep > maxReferences || w.values > maxWoven || strings.HasPrefix(ref, schemas) {
				return mark(ref+" "+ref, strings.HasPrefix(ref, schemas))
			}
			return w.one(t, t.at(ref), deep+1)
		}
		object := make(map[string]any, len(value))
		for key, child := range value {
			object[key] = w.one(t, child, deep)
		}
		return object
	case []any:
		list := make([]any, len(value))
		for i, child := range value {
			list[i] = w.one(t, child, deep)
		}
		return list
	default:
		return value
	}
}

// lists pairs the elements that are the same thing: by what they lead to, by name, and what is left by its place.
func (w *weaver) lists(a, b []any, deep int) (any, any) {
	x, y := make([]any, len(a)), make([]any, len(b))
	places := map[string][]int{}
	for j, element := range b {
		name := w.after.identity(element)
		places[name] = append(places[name], j)
	}
	for i, element := range a {
		name := w.before.identity(element)
		if left := places[name]; len(left) > 0 {
			x[i], y[left[0]] = w.both(element, b[left[0]], deep)
			places[name] = left[1:]
			continue
		}
		x[i] = w.one(w.before, element, deep)
	}
	for _, left := range places {
		for _, j := range left {
			y[j] = w.one(w.after, b[j], deep)
		}
	}
	return x, y
}

// identity is by what an element of a list is known again: where it leads, or a parameter's name and place. All others are
// alike.
func (t *trimmed) identity(element any) string {
	ref := refOf(element)
	if strings.HasPrefix(ref, schemas) {
		return ref
	}
	if ref != "" {
		element = t.at(ref)
	}
	object, _ := element.(map[string]any)
	if name := text(object["name"]); name != "" {
		return text(object["in"]) + " " + name
	}
	return ""
}

// index is an element of a list by its number in a reference.
func index(list []any, part string) any {
	if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(list) {
		return list[i]
	}
	return nil
}
