package statuspage

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

type object = map[string]any

// mostIncidents is how many incidents.json lists, as Statuspage does.
const mostIncidents = 50

// documents are those of Statuspage's public API, version 2, by their names (developer.statuspage.io, "Status API").
func documents() map[string]drawing {
	return map[string]drawing{
		"summary.json": document(func(f facts, into object) {
			into["status"], into["components"] = f.indicator(), f.componentObjects()
			into["incidents"], into["scheduled_maintenances"] = f.incidentObjects(f.open), []object{}
		}),
		"status.json":     document(func(f facts, into object) { into["status"] = f.indicator() }),
		"components.json": document(func(f facts, into object) { into["components"] = f.componentObjects() }),
		"incidents.json": document(func(f facts, into object) {
			into["incidents"] = f.incidentObjects(slices.Concat(f.open, f.over))
		}),
		"incidents/unresolved.json": document(func(f facts, into object) { into["incidents"] = f.incidentObjects(f.open) }),
		"scheduled-maintenances.json": document(func(_ facts, into object) {
			into["scheduled_maintenances"] = []object{}
		}),
	}
}

func document(fill func(f facts, into object)) drawing {
	return func(f facts, _ *http.Request) (answer, error) {
		all := object{"page": f.pageObject()}
		fill(f, all)
		body, err := json.Marshal(all)
		return answer{"application/json; charset=utf-8", body}, err
	}
}

func (f facts) pageID() string { return stableID("page " + f.served.Name) }

func (f facts) pageObject() object {
	return object{"id": f.pageID(), "name": f.served.Name, "url": f.served.Address + "/", "time_zone": "Etc/UTC", "updated_at": moment(f.changed)}
}

func (f facts) indicator() object {
	return object{"indicator": impactOf(f.level), "description": f.sentence()}
}

func (f facts) componentObjects() []object {
	all := []object{}
	for n, c := range f.features {
		all = append(all, f.componentObject(c, n+1))
	}
	return all
}

func (f facts) componentObject(c feature, position int) object {
	since := c.since
	if since.IsZero() {
		since = f.changed
	}
	return object{"id": c.id, "name": c.name, "status": statusOf(c.level), "page_id": f.pageID(), "position": position, "group": false,
		"group_id": nil, "created_at": moment(since), "updated_at": moment(since), "description": nil, "showcase": true, "start_date": nil,
		"only_show_if_degraded": false}
}

func (f facts) incidentObjects(list []happening) []object {
	all := []object{}
	for _, h := range list[:min(len(list), mostIncidents)] {
		components := []object{}
		for n, c := range f.features {
			if slices.Contains(h.affects, c.name) {
				components = append(components, f.componentObject(c, n+1))
			}
		}
		newest := h.updates[len(h.updates)-1]
		all = append(all, object{"id": h.id, "name": h.title, "status": h.phase, "impact": impactOf(h.level), "page_id": f.pageID(),
			"shortlink": f.served.Address + incidentPath(h.id), "created_at": moment(h.began), "started_at": moment(h.since),
			"updated_at": moment(newest.At), "monitoring_at": h.firstAt("monitoring"), "resolved_at": momentOrNull(h.ended),
			"incident_updates": f.updateObjects(h), "components": components})
	}
	return all
}

// updateObjects are the updates, the newest first.
func (f facts) updateObjects(h happening) []object {
	all := []object{}
	before := partners.Operational
	for n, u := range h.updates {
		id := stableID(h.id + " " + moment(u.At) + " " + u.Phase)
		all = append(all, object{"id": id, "incident_id": h.id, "status": u.Phase, "body": u.Text, "created_at": moment(u.At), "updated_at": moment(u.At),
			"display_at": moment(u.At), "affected_components": affected(h.affects, before, levelAfter(h.updates[:n+1])),
			"deliver_notifications": false, "custom_tweet": nil, "tweet_id": nil})
		before = levelAfter(h.updates[:n+1])
	}
	slices.Reverse(all)
	return all
}

func affected(features []string, from, to partners.Level) []object {
	all := []object{}
	for _, name := range features {
		all = append(all, object{"code": stableID(name), "name": name, "old_status": statusOf(from), "new_status": statusOf(to)})
	}
	return all
}

// levelAfter is how the features stood after the last of the updates.
func levelAfter(updates []incidents.PostUpdate) partners.Level {
	last := updates[len(updates)-1]
	if last.Phase == resolved {
		return partners.Operational
	}
	return shownLevel(last.Level)
}

// firstAt is when the incident first came to a phase, null where it never did.
func (h happening) firstAt(phase string) any {
	for _, u := range h.updates {
		if u.Phase == phase {
			return moment(u.At)
		}
	}
	return nil
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func momentOrNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return moment(at)
}
