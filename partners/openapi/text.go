package openapi

import (
	"encoding/json"
	"strings"
	"time"
)

// text is a plain value as text. A version that is written without quotes is a number or a date to YAML.
func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case time.Time:
		return value.Format(time.DateOnly)
	}
	return ""
}

func clip(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
