package openapi

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"sparky/partners"
)

// operation is one operation of a description.
type operation struct {
	method, path string // GET, and the template as the description writes it
	item         map[string]any
	node         map[string]any
}

func (o operation) name() string { return o.method + " " + o.path }

// same is the name without those of the path's parameters: renaming one changes nothing for callers.
func (o operation) same() string {
	parts := strings.Split(o.path, "/")
	for i, part := range parts {
		if open, end := strings.Index(part, "{"), strings.LastIndex(part, "}"); open >= 0 && end > open {
			parts[i] = part[:open] + "{}" + part[end+1:]
		}
	}
	return o.method + " " + strings.Join(parts, "/")
}

// deprecated tells that the description says so, and from which day it may be switched off, empty where it does not say.
func (o operation) deprecated() (is bool, sunset string) {
	is, _ = o.node["deprecated"].(bool)
	sunset = text(o.node[sunsetKey])
	if len(sunset) > len("2006-01-02") {
		sunset = sunset[:len("2006-01-02")]
	}
	return is, sunset
}

// operations are those of a description by operation.same.
func (t *trimmed) operations() map[string]operation {
	all := map[string]operation{}
	paths, _ := t.root["paths"].(map[string]any)
	for path, value := range paths {
		item, _ := value.(map[string]any)
		if !strings.HasPrefix(path, "/") || item == nil {
			continue
		}
		if ref, ok := item["$ref"].(string); ok {
			item, _ = t.at(ref).(map[string]any)
		}
		for _, method := range []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"} {
			if node, ok := item[method].(map[string]any); ok {
				o := operation{strings.ToUpper(method), path, item, node}
				all[o.same()] = o
			}
		}
	}
	return all
}

// bases are the paths below which the description's own paths stand, always with the empty one: who serves it knows, and
// the description may be silent or wrong.
func (t *trimmed) bases() []string {
	bases := []string{""}
	add := func(base string) {
		if base = strings.TrimRight(base, "/"); !slices.Contains(bases, base) && len(bases) < 20 {
			bases = append(bases, base)
		}
	}
	add(text(t.root["basePath"]))
	servers, _ := t.root["servers"].([]any)
	for _, server := range servers {
		object, _ := server.(map[string]any)
		if u, err := url.Parse(text(object["url"])); err == nil {
			add(u.Path)
		} else if _, rest, ok := strings.Cut(text(object["url"]), "://"); ok {
			_, path, _ := strings.Cut(rest, "/") // {variables} in the host are no address
			add("/" + path)
		}
	}
	return bases
}

// calls tells that one of the calls is of the operation, below one of the bases.
func (o operation) calls(used []partners.Endpoint, bases []string) bool {
	return slices.ContainsFunc(used, func(call partners.Endpoint) bool {
		return call.Method == o.method && slices.ContainsFunc(bases, func(base string) bool { return fits(base+o.path, call.Path) })
	})
}

// fits tells that a path can be of a template: part by part, where braces stand for anything on either side.
func fits(template, path string) bool {
	a, b := strings.Split(strings.Trim(template, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.Contains(a[i], "{") && !strings.Contains(b[i], "{") {
			return false
		}
	}
	return true
}

// print is a value's text, the same for the same value.
func print(value any) string {
	data, err := json.Marshal(value) // sorts keys; the values came of JSON or YAML
	if err != nil {
		return ""
	}
	return string(data)
}
