package statuspage

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Compiled once, because a document holds thousands of what they are matched with.
var (
	ulid = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{26}$`)
)

// Atlassian Statuspage, API v2: summary.json, status.json, components.json, incidents.json, incidents/unresolved.json and
// scheduled-maintenances.json, which are parts of one shape. Source: captures of GitHub's, Bitbucket's and Anthropic's
// pages of July 2026, and MongoDB's published OpenAPI of its own page. incident.io answers the same shape at the same
// path; its page ids are ULIDs, it leaves out scheduled_maintenances, and its incidents name no components.

func isStatuspageShape(doc document) bool {
	page := doc.json.Get("page")
	if doc.shape != shapeJSON || text(page.Get("id")) == "" || page.Get("status").Type == gjson.String {
		return false
	}
	return doc.json.Get("status").IsObject() || doc.json.Get("components").IsArray() ||
		doc.json.Get("incidents").IsArray() || doc.json.Get("scheduled_maintenances").IsArray()
}

func hasULID(doc document) bool {
	return ulid.MatchString(text(doc.json.Get("page.id")))
}

func isStatuspage(doc document) bool { return isStatuspageShape(doc) && !hasULID(doc) }

func readStatuspage(doc document, d *draft) error {
	page := doc.json.Get("page")
	d.page(text(page.Get("url")), moment(page.Get("updated_at")))
	d.title = label(page.Get("name"))
	d.unjudged = "the document lists incidents or maintenance alone and none is open, which does not say how they are; " +
		"give the address of summary.json"
	readIndicator(doc, d)
	readComponents(doc.json.Get("components"), d)
	incidents := doc.json.Get("incidents")
	each(incidents, func(i gjson.Result) { d.incident(statuspageIncident(i, d.status.Page)) })
	each(doc.json.Get("scheduled_maintenances"), func(m gjson.Result) {
		if w, over := statuspageWindow(m, d.status.Page); !over {
			d.window(w)
		}
	})
	if d.judged && !incidents.Exists() {
		d.note("This document lists no incidents, and one may be open; summary.json beside it lists them.")
	}
	return nil
}

func readIndicator(doc document, d *draft) {
	status := doc.json.Get("status")
	if !status.Exists() {
		if doc.json.Get("components").IsArray() && doc.json.Get("incidents").IsArray() {
			d.doubts("the Statuspage summary has no indicator, so it does not say how they are")
		}
		return
	}
	word := text(status.Get("indicator"))
	level := impactLevel(word)
	if level == partners.Unknown {
		if word == "" {
			d.doubts("the Statuspage document has no indicator, so it does not say how they are")
			return
		}
		d.doubts(fmt.Sprintf("the indicator of the Statuspage document is “%s”, a word that is not known here", plaintext.Line(word, 60)))
		return
	}
	d.indicator(level, label(status.Get("description")))
}

// readComponents leaves groups out, which repeat their worst child, and names each child's group where there is one.
func readComponents(list gjson.Result, d *draft) {
	groups := map[string]string{}
	list.ForEach(func(_, c gjson.Result) bool {
		if c.Get("group").Type == gjson.True {
			groups[text(c.Get("id"))] = label(c.Get("name"))
		}
		return true
	})
	each(list, func(c gjson.Result) {
		if c.Get("group").Type == gjson.True {
			return
		}
		word := text(c.Get("status"))
		d.component(partners.Component{
			Name:  label(c.Get("name")),
			Group: groups[text(c.Get("group_id"))],
			Level: componentLevel(word),
		}, word)
	})
}

// statuspageNewest is the newest update and its time: the first, as Statuspage lists them, unless another says that it is
// newer.
func statuspageNewest(i gjson.Result) (newest gjson.Result, at time.Time) {
	each(i.Get("incident_updates"), func(update gjson.Result) {
		told := began(moment(update.Get("display_at")), moment(update.Get("created_at")))
		if !newest.Exists() || told.After(at) {
			newest, at = update, told
		}
	})
	return newest, at
}

func statuspageIncident(i gjson.Result, page string) partners.PageIncident {
	newest, told := statuspageNewest(i)
	phase := text(i.Get("status"))
	posted := moment(i.Get("created_at"))
	return partners.PageIncident{
		ID:         label(i.Get("id")),
		Name:       label(i.Get("name")),
		Link:       absolute(text(i.Get("shortlink")), page),
		Phase:      plaintext.Line(phase, 60),
		Level:      impactLevel(text(i.Get("impact"))),
		Resolved:   isOver(phase),
		Began:      began(moment(i.Get("started_at")), posted),
		Posted:     posted,
		Updated:    latest(moment(i.Get("updated_at")), told),
		Ended:      moment(i.Get("resolved_at")),
		Components: statuspageAffected(i),
		Text:       prose(newest.Get("body")),
	}
}

// began is when the trouble began; a page that does not say so began telling of it at the latest then.
func began(said, posted time.Time) time.Time {
	if said.IsZero() {
		return posted
	}
	return said
}

// statuspageAffected joins the incident's own components with those that its updates name, in any state: a page that
// sets a component back to operational while the incident is open goes on telling of that component.
func statuspageAffected(i gjson.Result) []string {
	affected := labels(i.Get("components"), "name")
	seen := map[string]bool{}
	for _, known := range affected {
		seen[known] = true
	}
	i.Get("incident_updates").ForEach(func(_, update gjson.Result) bool {
		for _, more := range labels(update.Get("affected_components"), "name") {
			if !seen[more] {
				seen[more] = true
				affected = append(affected, more)
			}
		}
		return true
	})
	return slices.DeleteFunc(affected, isFootnote)
}

func statuspageWindow(m gjson.Result, page string) (window partners.PageWindow, over bool) {
	phase := text(m.Get("status"))
	return partners.PageWindow{
		ID:         label(m.Get("id")),
		Name:       label(m.Get("name")),
		Link:       absolute(text(m.Get("shortlink")), page),
		From:       moment(m.Get("scheduled_for")),
		Until:      moment(m.Get("scheduled_until")),
		InProgress: isUnderWay(phase),
		Components: statuspageAffected(m),
	}, isOver(phase)
}
