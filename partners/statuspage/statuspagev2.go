package statuspage

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"sparky/partners"

	"github.com/tidwall/gjson"
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
	if err := readIndicator(doc, d); err != nil {
		return err
	}
	readComponents(doc.json.Get("components"), d)
	doc.json.Get("incidents").ForEach(func(_, i gjson.Result) bool {
		d.incident(statuspageIncident(i, d.status.Page))
		return true
	})
	doc.json.Get("scheduled_maintenances").ForEach(func(_, m gjson.Result) bool {
		if w, over := statuspageWindow(m, d.status.Page); !over {
			d.window(w)
		}
		return true
	})
	return nil
}

func readIndicator(doc document, d *draft) error {
	status := doc.json.Get("status")
	if !status.Exists() {
		if doc.json.Get("components").IsArray() && doc.json.Get("incidents").IsArray() {
			return errors.New("the Statuspage summary has no indicator, so it does not say how they are")
		}
		return nil
	}
	word := text(status.Get("indicator"))
	level := impactLevel(word)
	if level == partners.Unknown {
		if word == "" {
			return errors.New("the Statuspage document has no indicator, so it does not say how they are")
		}
		return fmt.Errorf("the indicator of the Statuspage document is “%s”, a word that is not known here", oneLine(word, 60))
	}
	d.indicator(level, label(status.Get("description")))
	return nil
}

// readComponents leaves groups out, which repeat their worst child, and names each child's group where there is one.
func readComponents(list gjson.Result, d *draft) {
	groups := map[string]string{}
	list.ForEach(func(_, c gjson.Result) bool {
		if c.Get("group").Bool() {
			groups[text(c.Get("id"))] = label(c.Get("name"))
		}
		return true
	})
	list.ForEach(func(_, c gjson.Result) bool {
		if c.Get("group").Bool() {
			return true
		}
		word := text(c.Get("status"))
		d.component(partners.Component{
			Name:  label(c.Get("name")),
			Group: groups[text(c.Get("group_id"))],
			Level: componentLevel(word),
		}, word)
		return true
	})
}

func statuspageIncident(i gjson.Result, page string) partners.PageIncident {
	newest := i.Get("incident_updates.0")
	phase := text(i.Get("status"))
	posted := moment(i.Get("created_at"))
	return partners.PageIncident{
		ID:         label(i.Get("id")),
		Name:       label(i.Get("name")),
		Link:       absolute(text(i.Get("shortlink")), page),
		Phase:      oneLine(phase, 60),
		Level:      impactLevel(text(i.Get("impact"))),
		Resolved:   isOver(phase),
		Began:      began(moment(i.Get("started_at")), posted),
		Posted:     posted,
		Updated:    latest(moment(i.Get("updated_at")), moment(newest.Get("display_at"))),
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
		InProgress: phase == "in_progress" || phase == "verifying",
		Components: statuspageAffected(m),
	}, isOver(phase)
}
