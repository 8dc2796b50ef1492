package statuspage

import (
	"fmt"
	"strings"

	"sparky/partners"

	"github.com/tidwall/gjson"
)

// A JSON document of no vendor with a status word at its top, as people write health pages (and the health+json draft of
// the IETF does). It is read where it is asked for by kind; told apart by content only where it also lists parts, because
// any API answers {"status":"ok"} at any path.

// wordPaths are the places where such documents keep their word, the more telling first.
func wordPaths() []string {
	return []string{"status", "status.indicator", "status.state", "status.status", "state", "health", "overall_status", "overallStatus",
		"overall", "indicator", "page.status", "data.status", "result.status"}
}

func isGenericJSON(doc document) bool {
	if doc.shape != shapeJSON || !doc.json.IsObject() {
		return false
	}
	word, _ := genericWord(doc)
	return word != "" && (doc.asked == "json" || genericParts(doc).Exists() && genericLevel(word) != partners.Unknown)
}

func genericWord(doc document) (word, path string) {
	for _, path := range wordPaths() {
		if r := doc.json.Get(path); r.Type == gjson.String && strings.TrimSpace(r.Str) != "" {
			return strings.TrimSpace(r.Str), path
		}
	}
	return "", ""
}

func genericParts(doc document) gjson.Result {
	for _, path := range []string{"components", "services", "checks", "systems"} {
		if r := doc.json.Get(path); r.IsArray() || r.IsObject() {
			return r
		}
	}
	return gjson.Result{}
}

func readGenericJSON(doc document, d *draft) error {
	word, path := genericWord(doc)
	level := genericLevel(word)
	if level == partners.Unknown {
		return fmt.Errorf("the document says “%s” in %s, a word that does not say how they are", oneLine(word, 60), path)
	}
	page := text(doc.json.Get("page.url"))
	d.page(page, latest(moment(doc.json.Get("updated_at")), moment(doc.json.Get("updatedAt")), moment(doc.json.Get("timestamp"))))
	d.indicator(level, first(label(doc.json.Get("description")), label(doc.json.Get("message"))))
	genericParts(doc).ForEach(func(key, part gjson.Result) bool {
		if part.IsArray() {
			part = part.Get("0") // health+json lists each check's observations
		}
		word := first(text(part.Get("status")), text(part.Get("state")), text(part))
		named := first(label(part.Get("name")), label(part.Get("title")), label(part.Get("id")))
		if doc.json.IsObject() && named == "" {
			named = label(key)
		}
		d.component(partners.Component{Name: named, Group: label(part.Get("group")), Level: genericLevel(word)}, word)
		return true
	})
	return nil
}

// genericLevel knows the words that speak of a service's state. "error" and "failed" are not among them: an API says
// them of the request.
func genericLevel(word string) partners.Level {
	if level := componentLevel(word); level != partners.Unknown {
		return level
	}
	if level := impactLevel(word); level != partners.Unknown {
		return level
	}
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "ok", "okay", "up", "healthy", "pass", "passing", "green", "normal", "available", "online", "all systems operational":
		return partners.Operational
	case "warn", "warning", "yellow", "amber", "issues", "has issues", "degradation":
		return partners.Degraded
	case "partial", "orange", "partially degraded service":
		return partners.PartialOutage
	case "down", "outage", "red", "offline", "unavailable", "unhealthy", "fail":
		return partners.MajorOutage
	}
	return partners.Unknown
}
