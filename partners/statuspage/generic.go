package statuspage

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
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
	said := genericWords(doc)
	if len(said) == 0 {
		return false
	}
	parts := genericParts(doc).Raw
	return doc.asked == "json" || strings.Trim(parts, "[]{} \t\r\n") != "" && genericLevel(said[0].word) != partners.Unknown
}

type said struct{ word, path string }

// genericWords are all words that the document has for itself: where they do not agree, the worst is believed.
func genericWords(doc document) []said {
	var all []said
	for _, path := range wordPaths() {
		if r := doc.json.Get(path); r.Type == gjson.String && strings.TrimSpace(r.Str) != "" {
			all = append(all, said{strings.TrimSpace(r.Str), path})
		}
	}
	return all
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
	page := text(doc.json.Get("page.url"))
	d.page(page, latest(moment(doc.json.Get("updated_at")), moment(doc.json.Get("updatedAt")), moment(doc.json.Get("timestamp"))))
	worst := partners.Unknown
	for _, s := range genericWords(doc) {
		level := genericLevel(s.word)
		if level == partners.Unknown {
			d.doubts(fmt.Sprintf("the document says “%s” in %s, a word that does not say how they are", plaintext.Line(s.word, 60), s.path))
		}
		worst = worst.Worse(level)
	}
	d.indicator(worst, first(label(doc.json.Get("description")), label(doc.json.Get("message"))))
	genericParts(doc).ForEach(func(key, part gjson.Result) bool {
		named := ""
		if key.Type == gjson.String {
			named = label(key)
		}
		if !part.IsArray() {
			genericPart(part, named, d)
			return true
		}
		observations := 0
		part.ForEach(func(_, observation gjson.Result) bool { // health+json lists each check's observations
			if observation.IsObject() {
				observations++
				genericPart(observation, named, d)
			}
			return true
		})
		if observations == 0 {
			genericPart(gjson.Result{}, named, d)
		}
		return true
	})
	for _, list := range []string{"incidents", "active_incidents", "activeIncidents", "ongoing_incidents", "open_incidents", "unresolved_incidents"} {
		each(doc.json.Get(list), func(i gjson.Result) { d.incident(genericIncident(i)) })
	}
	return nil
}

func genericPart(part gjson.Result, named string, d *draft) {
	word := first(text(part.Get("status")), text(part.Get("state")), text(part))
	name := first(label(part.Get("name")), label(part.Get("title")), label(part.Get("id")), named)
	d.component(partners.Component{Name: name, Group: label(part.Get("group")), Level: genericLevel(word)}, word)
}

// genericIncident takes the names that most formats use. An incident that does not say that it is over is open.
func genericIncident(i gjson.Result) partners.PageIncident {
	phase := first(text(i.Get("status")), text(i.Get("state")))
	ended := first(text(i.Get("resolved_at")), text(i.Get("resolvedAt")), text(i.Get("ended_at")))
	word := first(text(i.Get("impact")), text(i.Get("severity")))
	return partners.PageIncident{
		ID: label(i.Get("id")), Name: first(label(i.Get("name")), label(i.Get("title"))), Link: absolute(text(i.Get("url")), ""),
		Phase: strings.ToLower(plaintext.Line(phase, 60)), Level: genericLevel(word), Resolved: isOver(phase) || i.Get("resolved").IsBool() && i.Get("resolved").Bool(),
		Began: latest(moment(i.Get("started_at")), moment(i.Get("startedAt"))), Posted: latest(moment(i.Get("created_at")), moment(i.Get("createdAt"))),
		Updated: latest(moment(i.Get("updated_at")), moment(i.Get("updatedAt"))), Ended: parseTime(ended),
		Text: first(prose(i.Get("message")), prose(i.Get("description"))),
	}
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
