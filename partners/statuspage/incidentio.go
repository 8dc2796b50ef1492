package statuspage

import (
	"errors"
	"maps"
	"slices"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// incident.io publishes three shapes: Statuspage's at /api/v2/summary.json (capture of OpenAI's page, July 2026), the
// widget's at /api/v1/summary, and what its own page reads at /proxy/{host}, wrapped in "summary". The last two are known
// from the code of several users (Materialize's console, Dub, Fern; a Codex status reader of 2026).

func isIncidentIO(doc document) bool {
	if doc.shape != shapeJSON {
		return false
	}
	if isStatuspageShape(doc) {
		return hasULID(doc)
	}
	own := incidentIOSummary(doc)
	return own.Get("ongoing_incidents").IsArray() &&
		(own.Get("in_progress_maintenances").IsArray() || own.Get("structure").Exists() || own.Get("page_url").Exists())
}

func incidentIOSummary(doc document) gjson.Result {
	if wrapped := doc.json.Get("summary"); wrapped.IsObject() {
		return wrapped
	}
	return doc.json
}

func readIncidentIO(doc document, d *draft) error {
	if isStatuspageShape(doc) {
		return readStatuspage(doc, d)
	}
	summary := incidentIOSummary(doc)
	page := first(text(summary.Get("page_url")), text(summary.Get("public_url")))
	d.title = first(label(summary.Get("page_title")), label(summary.Get("name")))
	if page == "" && d.title == "" {
		return errors.New("the incident.io document does not name its page, so it can not be told whose it is")
	}
	d.page(page, moment(summary.Get("updated_at")))
	d.judged = true
	incidentIOComponents(summary, d)
	byID := incidentIOByID(summary)
	each(summary.Get("ongoing_incidents"), func(i gjson.Result) {
		d.incident(incidentIOIncident(i, byID, d.status.Page))
	})
	for _, list := range []string{"in_progress_maintenances", "scheduled_maintenances"} {
		each(summary.Get(list), func(m gjson.Result) {
			if !isOver(text(m.Get("status"))) {
				w := incidentIOWindow(m, byID, d.status.Page)
				w.InProgress = w.InProgress || list == "in_progress_maintenances" && m.IsObject()
				d.window(w)
			}
		})
	}
	return nil
}

// incidentIOComponents are those of the page's structure. The states of those that are not well stand in a list of their
// own; one that is not in the structure is told as well.
func incidentIOComponents(summary gjson.Result, d *draft) {
	affected, told := map[string]gjson.Result{}, map[string]bool{}
	each(summary.Get("affected_components"), func(c gjson.Result) {
		id := first(text(c.Get("component_id")), text(c.Get("id")))
		if id == "" {
			d.unreadable()
		}
		affected[id] = c
	})
	add := func(c gjson.Result, group string) {
		id, word := text(c.Get("component_id")), "operational"
		if state, found := affected[id]; found && id != "" {
			word = incidentIOWord(state)
			told[id] = true
		}
		if !c.Get("hidden").Bool() {
			d.component(partners.Component{Name: label(c.Get("name")), Group: group, Level: componentLevel(word)}, word)
		}
	}
	summary.Get("structure.items").ForEach(func(_, item gjson.Result) bool {
		if c := item.Get("component"); c.IsObject() {
			add(c, "")
		}
		item.Get("group.components").ForEach(func(_, c gjson.Result) bool {
			add(c, label(item.Get("group.name")))
			return true
		})
		return true
	})
	for _, id := range slices.Sorted(maps.Keys(affected)) {
		if state := affected[id]; id != "" && !told[id] {
			word := incidentIOWord(state)
			d.component(partners.Component{Name: first(label(state.Get("name")), "component "+id), Level: componentLevel(word)}, word)
		}
	}
}

func incidentIOWord(affected gjson.Result) string {
	return first(text(affected.Get("status")), text(affected.Get("current_status")))
}

func incidentIOIncident(i gjson.Result, byID map[string]string, page string) partners.PageIncident {
	phase := text(i.Get("status"))
	posted := began(moment(i.Get("published_at")), moment(i.Get("created_at")))
	newest := i.Get("updates|@reverse|0")
	return partners.PageIncident{
		ID:         label(i.Get("id")),
		Name:       label(i.Get("name")),
		Link:       absolute(text(i.Get("url")), page),
		Phase:      plaintext.Line(phase, 60),
		Level:      incidentIOLevel(i),
		Resolved:   isOver(phase),
		Began:      began(moment(i.Get("started_at")), posted),
		Posted:     posted,
		Updated:    latest(moment(i.Get("last_update_at")), moment(i.Get("last_update.updated_at")), moment(newest.Get("published_at"))),
		Components: incidentIONames(i, byID),
		Text:       first(prose(i.Get("last_update_message")), prose(i.Get("last_update.message")), prose(newest.Get("message_string"))),
	}
}

// incidentIOLevel is the impact of the incident, or the worst of its parts where it has none of its own.
func incidentIOLevel(i gjson.Result) partners.Level {
	level := componentLevel(text(i.Get("current_worst_impact")))
	for _, list := range []string{"component_impacts.#.status", "affected_components.#.current_status"} {
		i.Get(list).ForEach(func(_, word gjson.Result) bool {
			level = level.Worse(componentLevel(text(word)))
			return true
		})
	}
	return level
}

// incidentIOByID maps the ids of the page's components to their names.
func incidentIOByID(summary gjson.Result) map[string]string {
	byID := map[string]string{}
	summary.Get("structure.items").ForEach(func(_, item gjson.Result) bool {
		byID[text(item.Get("component.component_id"))] = label(item.Get("component.name"))
		item.Get("group.components").ForEach(func(_, c gjson.Result) bool {
			byID[text(c.Get("component_id"))] = label(c.Get("name"))
			return true
		})
		return true
	})
	return byID
}

// incidentIONames are the affected components by name; the page's own document gives ids alone.
func incidentIONames(i gjson.Result, byID map[string]string) []string {
	if found := labels(i.Get("affected_components"), "name"); len(found) > 0 {
		return found
	}
	var found []string
	seen := map[string]bool{}
	for _, list := range []string{"affected_components", "component_impacts"} {
		for _, id := range labels(i.Get(list), "component_id") {
			if named := byID[id]; named != "" && !seen[named] {
				seen[named] = true
				found = append(found, byID[id])
			}
		}
	}
	return found
}

func incidentIOWindow(m gjson.Result, byID map[string]string, page string) partners.PageWindow {
	phase := text(m.Get("status"))
	return partners.PageWindow{
		ID:         label(m.Get("id")),
		Name:       label(m.Get("name")),
		Link:       absolute(text(m.Get("url")), page),
		From:       latest(moment(m.Get("started_at")), moment(m.Get("starts_at"))),
		Until:      latest(moment(m.Get("scheduled_end_at")), moment(m.Get("ends_at"))),
		InProgress: isUnderWay(phase),
		Components: incidentIONames(m, byID),
	}
}
