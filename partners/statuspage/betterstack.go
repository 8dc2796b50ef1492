package statuspage

import (
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Better Stack (formerly Better Uptime): index.json of the page, in JSON:API form. Source: its documentation of the JSON
// endpoint as followed by openstatus, and a test document of Hugging Face's page. Resources, sections, reports and their
// updates stand side by side in "included" and refer to each other by id.

func isBetterStack(doc document) bool {
	return doc.shape == shapeJSON && text(doc.json.Get("data.type")) == "status_page"
}

func readBetterStack(doc document, d *draft) error {
	page := doc.json.Get("data.attributes")
	word := text(page.Get("aggregate_state"))
	level := componentLevel(word)
	d.page(betterStackAddress(page), moment(page.Get("updated_at")))
	d.title = label(page.Get("company_name"))
	switch {
	case level != partners.Unknown:
		d.indicator(level, plaintext.Line(plain(text(page.Get("announcement"))), longestName))
	case word == "":
		d.doubts("the Better Stack document has no aggregate state, so it does not say how they are")
	default:
		d.doubts(fmt.Sprintf("the state of the Better Stack page is “%s”, a word that is not known here", plaintext.Line(word, 60)))
	}
	parts := betterStackParts(doc, d)
	for _, r := range parts.resources {
		betterStackComponent(r, parts, d)
	}
	for _, r := range parts.reports {
		betterStackReport(r, parts, d)
	}
	return nil
}

func betterStackAddress(page gjson.Result) string {
	if domain := text(page.Get("custom_domain")); domain != "" {
		return "https://" + domain
	}
	if subdomain := text(page.Get("subdomain")); subdomain != "" && !strings.Contains(subdomain, ".") {
		return "https://" + subdomain + ".betteruptime.com"
	}
	return ""
}

// betterStack holds what a document includes, in its order, and by id where others refer to it.
type betterStack struct {
	resources, reports []gjson.Result
	resource, section  map[string]string       // names by id
	newest             map[string]gjson.Result // the newest update by the id of its report
	told               map[string]time.Time    // when it was told
}

func betterStackParts(doc document, d *draft) betterStack {
	parts := betterStack{resource: map[string]string{}, section: map[string]string{}, newest: map[string]gjson.Result{}, told: map[string]time.Time{}}
	each(doc.json.Get("included"), func(r gjson.Result) {
		id, a := text(r.Get("id")), r.Get("attributes")
		switch text(r.Get("type")) {
		case "status_page_resource":
			parts.resources = append(parts.resources, r)
			parts.resource[id] = label(a.Get("public_name"))
		case "status_page_section":
			parts.section[id] = label(a.Get("name"))
		case "status_report":
			parts.reports = append(parts.reports, r)
		case "status_update":
			report := text(a.Get("status_report_id"))
			if at := moment(a.Get("published_at")); !at.Before(parts.told[report]) {
				parts.newest[report], parts.told[report] = a, at
			}
		case "":
			d.unreadable()
		}
	})
	return parts
}

func betterStackComponent(r gjson.Result, parts betterStack, d *draft) {
	a := r.Get("attributes")
	word := text(a.Get("status"))
	if word == "not_monitored" {
		return
	}
	d.component(partners.Component{
		Name: label(a.Get("public_name")), Group: parts.section[text(a.Get("status_page_section_id"))], Level: componentLevel(word),
	}, word)
}

// betterStackReport adds a report: an incident or, by its type, a maintenance window. A report is over when its end is.
func betterStackReport(r gjson.Result, parts betterStack, d *draft) {
	a := r.Get("attributes")
	from, until := moment(a.Get("starts_at")), moment(a.Get("ends_at"))
	word := text(a.Get("aggregate_state"))
	over := !until.IsZero() && !until.After(d.now) || isOver(word)
	var affected []string
	for _, id := range labels(a.Get("affected_resources"), "status_page_resource_id") {
		if parts.resource[id] != "" {
			affected = append(affected, parts.resource[id])
		}
	}
	id, title := label(r.Get("id")), label(a.Get("title"))
	if text(a.Get("report_type")) == "maintenance" {
		if !over {
			d.window(partners.PageWindow{ID: id, Name: title, From: from, Until: until,
				InProgress: !from.IsZero() && !from.After(d.now), Components: affected})
		}
		return
	}
	incident := partners.PageIncident{
		ID: id, Name: title, Level: componentLevel(word), Components: affected,
		Began: from, Posted: from, Phase: "ongoing",
	}
	if over {
		incident.Resolved, incident.Ended, incident.Phase = true, until, "resolved"
	}
	if update, told := parts.newest[id]; told && id != "" {
		incident.Updated, incident.Text = parts.told[id], prose(update.Get("message"))
	}
	d.incident(incident)
}
