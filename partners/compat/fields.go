package compat

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/partners"
)

// mostEntries is how many entries of a list are looked at.
const mostEntries = 100

// fieldDifferences says what of the fields is not as it is relied on, in document, which is the answer of what is named.
func (r *run) fieldDifferences(op partners.Operation, of string, document gjson.Result) []string {
	var all, odd []string
	for _, field := range op.Fields {
		within := func(path string) bool {
			return strings.HasPrefix(field.Path, path+".") || strings.HasPrefix(field.Path, path+"[]")
		}
		if slices.ContainsFunc(odd, within) {
			continue // what holds it is not as it should be, and that is told
		}
		if difference := fieldDifference(field, of, document, r.fill(field.Is, plain)); difference != "" {
			all, odd = append(all, difference), append(odd, field.Path)
		}
	}
	return all
}

func fieldDifference(field partners.Field, of string, document gjson.Result, is string) string {
	found := look(document, strings.Split(field.Path, "."), func(value gjson.Result) bool { return fits(field, value, is) })
	switch {
	case found == nil:
		return ""
	case found.empty:
		return "`" + found.list + "` of " + of + " lists nothing, so that field `" + field.Path +
			"` cannot be looked at; give the account something that it can see"
	case !found.value.Exists():
		return "field `" + field.Path + "` is missing from " + of + found.present()
	case jsonType(found.value) == typeWord(field.Type) && is != "":
		return "field `" + field.Path + "` of " + of + " is not what was written"
	case jsonType(found.value) == typeWord(field.Type):
		return "field `" + field.Path + "` of " + of + " is empty"
	}
	return "field `" + field.Path + "` of " + of + " is " + jsonType(found.value) + ", and must be " + typeWord(field.Type)
}

// fits tells a value that is as it is relied on.
func fits(field partners.Field, value gjson.Result, is string) bool {
	if !value.Exists() || value.Type == gjson.Null {
		return field.Optional
	}
	if jsonType(value) != typeWord(field.Type) {
		return false
	}
	return (is == "" || value.Str == is) && (field.Type != partners.FieldWord || strings.TrimSpace(value.Str) != "")
}

// odd is a place where a field is not as it is relied on.
type odd struct {
	value  gjson.Result // what stands there; what does not exist is missing
	parent gjson.Result // where the first name that is missing was looked for
	list   string       // the path of a list that is empty
	empty  bool
}

// look follows a path and gives the first place that is not good; nil where all are.
func look(value gjson.Result, path []string, good func(gjson.Result) bool) *odd {
	if len(path) == 0 {
		if good(value) {
			return nil
		}
		return &odd{value: value}
	}
	name, isList := strings.CutSuffix(path[0], "[]")
	next := member(value, name)
	if !isList {
		return deeper(look(next, path[1:], good), value, name, next)
	}
	entries := next.Array()
	if !next.IsArray() {
		return &odd{parent: value}
	}
	if len(entries) == 0 {
		return &odd{empty: true, list: name}
	}
	for _, entry := range entries[:min(len(entries), mostEntries)] {
		if found := look(entry, path[1:], good); found != nil {
			return found
		}
	}
	return nil
}

// deeper adds to what was found below a name where that is.
func deeper(found *odd, parent gjson.Result, name string, next gjson.Result) *odd {
	if found == nil {
		return nil
	}
	if found.empty {
		found.list = name + "." + found.list
	}
	if !next.Exists() {
		found.parent = parent
	}
	return found
}

func member(value gjson.Result, name string) gjson.Result {
	if !value.IsObject() {
		return gjson.Result{}
	}
	return value.Map()[name]
}

// shownName is a name of a field that can be told as it is.
var shownName = regexp.MustCompile(`^[A-Za-z0-9_@$.-]{1,40}$`)

// present says what stands where a field is missing: a field that was renamed is among it.
func (o *odd) present() string {
	const most = 8
	var names []string
	for name := range o.parent.Map() {
		if shownName.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 || !o.parent.IsObject() {
		return ""
	}
	more := ""
	if len(names) > most {
		names, more = names[:most], "…"
	}
	return "; what is there: " + strings.Join(names, ", ") + more
}

// jsonType is the type of a value, in the words of partners.FieldType.
func jsonType(value gjson.Result) string {
	switch {
	case value.IsArray():
		return string(partners.FieldList)
	case value.IsObject():
		return string(partners.FieldObject)
	case value.Type == gjson.String:
		return string(partners.FieldText)
	case value.Type == gjson.Number:
		return string(partners.FieldNumber)
	case value.Type == gjson.True, value.Type == gjson.False:
		return string(partners.FieldTruth)
	}
	return "null"
}

// typeWord is the type of JSON that a field's type is of.
func typeWord(t partners.FieldType) string {
	if t == partners.FieldWord {
		return string(partners.FieldText)
	}
	return string(t)
}

// headerDifferences says what of the headers is not as it is relied on.
func headerDifferences(op partners.Operation, label string, header http.Header) []string {
	var all []string
	for _, field := range op.Headers {
		text := strings.TrimSpace(header.Get(field.Path))
		_, err := strconv.ParseFloat(text, 64)
		switch {
		case text == "" && !field.Optional:
			all = append(all, "header `"+field.Path+"` is missing from "+label)
		case text != "" && field.Type == partners.FieldNumber && err != nil:
			all = append(all, "header `"+field.Path+"` of "+label+" is text, and must be a number")
		}
	}
	return all
}
