package store

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// beside is an encoded value of t with what stands beside it in what was remembered before, and t has no field for: a newer
// replica remembers more, while replicas are upgraded one by one, and an older one must not forget it. Elements of a list
// are the same where all that t knows of them is. What is no JSON object is after as it is.
func beside(before, after string, t reflect.Type) string {
	if before == after {
		return after // open incidents are looked after every few seconds, and mostly nothing about them has changed
	}
	merged, more := besideValue([]byte(before), []byte(after), t)
	if !more {
		return after
	}
	return string(merged)
}

// besideValue is beside for any value. more tells that something was added.
func besideValue(before, after []byte, t reflect.Type) (merged []byte, more bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return after, false
	}
	switch t.Kind() {
	case reflect.Struct:
		return besideObject(before, after, t)
	case reflect.Slice:
		return besideList(before, after, t.Elem())
	default:
		return after, false
	}
}

func besideObject(before, after []byte, t reflect.Type) ([]byte, bool) {
	var old, now map[string]json.RawMessage
	if json.Unmarshal(before, &old) != nil || json.Unmarshal(after, &now) != nil || now == nil {
		return after, false
	}
	known := map[string]reflect.Type{}
	fieldsOf(t, known)
	more := false
	for name, value := range old {
		field, ours := known[strings.ToLower(name)]
		switch current, there := now[name]; {
		case !ours:
			now[name], more = value, true
		case there:
			merged, grew := besideValue(value, current, field)
			now[name], more = merged, more || grew
		}
	}
	if !more {
		return after, false
	}
	merged, err := json.Marshal(now)
	if err != nil {
		return after, false
	}
	return merged, true
}

// fieldsOf are the types of the fields of t by their names in JSON, in lower case as they are matched.
func fieldsOf(t reflect.Type, into map[string]reflect.Type) {
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		into[strings.ToLower(name)] = field.Type
	}
}

func besideList(before, after []byte, t reflect.Type) ([]byte, bool) {
	var old, now []json.RawMessage
	if json.Unmarshal(before, &old) != nil || json.Unmarshal(after, &now) != nil {
		return after, false
	}
	fuller := map[string]json.RawMessage{} // what is there of an element, by what is known of it
	for _, value := range old {
		plain := reflect.New(t)
		if json.Unmarshal(value, plain.Interface()) != nil {
			continue
		}
		known, err := json.Marshal(plain.Interface())
		if err != nil {
			continue
		}
		if merged, grew := besideValue(value, known, t); grew {
			fuller[string(known)] = merged
		}
	}
	if len(fuller) == 0 {
		return after, false
	}
	more := false
	for i, value := range now {
		var known bytes.Buffer
		if json.Compact(&known, value) != nil {
			continue
		}
		if whole, ok := fuller[known.String()]; ok {
			now[i], more = whole, true
		}
	}
	merged, err := json.Marshal(now)
	if err != nil || !more {
		return after, false
	}
	return merged, true
}
