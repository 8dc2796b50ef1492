package statuspage

import (
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Instatus: summary.json, and components.json beside it. Source: capture of Perplexity's page, July 2026, and typings of
// users. The word of the page is UP, HASISSUES, UNDERMAINTENANCE, or a count and a level (ONEMAJOROUTAGE). Lists without
// entries are left out. A Statuspage reader finds no indicator here.

func isInstatus(doc document) bool {
	if doc.shape != shapeJSON {
		return false
	}
	if page := doc.json.Get("page"); page.Get("status").Type == gjson.String {
		word := text(page.Get("status"))
		return word == strings.ToUpper(word) && (page.Get("url").Exists() || page.Get("name").Exists())
	}
	word := text(doc.json.Get("components.0.status"))
	return word != "" && word == strings.ToUpper(word) && !doc.json.Get("page").Exists()
}

func readInstatus(doc document, d *draft) error {
	page := doc.json.Get("page")
	d.page(text(page.Get("url")), moment(page.Get("updatedAt")))
	d.title = label(page.Get("name"))
	if word := text(page.Get("status")); word != "" {
		level := instatusLevel(word)
		if level == partners.Unknown {
			d.doubts(fmt.Sprintf("the status of the Instatus page is “%s”, a word that is not known here", plaintext.Line(word, 60)))
		} else {
			d.indicator(level, "")
		}
	}
	each(doc.json.Get("components"), func(c gjson.Result) {
		if c.Get("isParent").Type != gjson.True {
			word := text(c.Get("status"))
			d.component(partners.Component{Name: label(c.Get("name")), Group: label(c.Get("group.name")), Level: componentLevel(word)}, word)
		}
	})
	each(doc.json.Get("activeIncidents"), func(i gjson.Result) {
		phase := text(i.Get("status"))
		d.incident(partners.PageIncident{
			ID: label(i.Get("id")), Name: label(i.Get("name")), Link: absolute(text(i.Get("url")), d.status.Page),
			Phase: strings.ToLower(plaintext.Line(phase, 60)), Level: componentLevel(text(i.Get("impact"))), Resolved: isOver(phase),
			Began: moment(i.Get("started")), Posted: moment(i.Get("started")), Updated: moment(i.Get("updatedAt")),
			Components: labels(i.Get("components"), "name"),
		})
	})
	each(doc.json.Get("activeMaintenances"), func(m gjson.Result) {
		if phase := text(m.Get("status")); !isOver(phase) {
			d.window(instatusWindow(m, phase, d.status.Page))
		}
	})
	return nil
}

// instatusLevel reads the level at the end of the page's word, behind its count.
func instatusLevel(word string) partners.Level {
	switch {
	case word == "UP":
		return partners.Operational
	case word == "HASISSUES", strings.HasSuffix(word, "DEGRADEDPERFORMANCE"), strings.HasSuffix(word, "MINOROUTAGE"):
		return partners.Degraded
	case strings.HasSuffix(word, "UNDERMAINTENANCE"):
		return partners.Maintenance
	case strings.HasSuffix(word, "PARTIALOUTAGE"):
		return partners.PartialOutage
	case strings.HasSuffix(word, "MAJOROUTAGE"):
		return partners.MajorOutage
	}
	return partners.Unknown
}

// instatusWindow gives the window its end: the duration is in minutes.
func instatusWindow(m gjson.Result, phase, page string) partners.PageWindow {
	w := partners.PageWindow{
		ID: label(m.Get("id")), Name: label(m.Get("name")), Link: absolute(text(m.Get("url")), page),
		From: moment(m.Get("start")), InProgress: isUnderWay(phase),
		Components: labels(m.Get("components"), "name"),
	}
	if minutes := m.Get("duration").Int(); minutes > 0 && minutes < 60*24*366 && !w.From.IsZero() {
		w.Until = w.From.Add(time.Duration(minutes) * time.Minute)
	}
	return w
}
