package store

import (
	"encoding/json"
	"strings"
)

const replacement = "\uFFFD"

// text is a string as both databases take it. PostgreSQL refuses the NUL character and broken UTF-8, and what a partner
// wrote must not keep the rest from being remembered.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, replacement), "\x00", replacement)
}

// list is a list of strings as JSON.
func list[S ~string](items []S) string {
	if len(items) == 0 {
		return "[]"
	}
	clean := make([]string, len(items))
	for i, item := range items {
		clean[i] = text(string(item))
	}
	encoded, err := json.Marshal(clean)
	if err != nil {
		return "[]" // strings are always encodable
	}
	return string(encoded)
}

// unlist reads what list wrote. What something else wrote is no item.
func unlist[S ~string](encoded string) []S {
	var items []S
	if json.Unmarshal([]byte(encoded), &items) != nil || len(items) == 0 {
		return nil
	}
	return items
}

// flag is yes and no as stored.
func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
