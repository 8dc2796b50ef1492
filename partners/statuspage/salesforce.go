package statuspage

import (
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Salesforce Trust, v1: api.status.salesforce.com/v1/instances/{KEY}/status and its preview, the same by alias, and a list
// of them. Source: salesforce/refocus-sgt-trust1 for shape and words, a later user's test document for incidents. The
// status is per instance, so an instance is a component here: its key is its name, its location its region. What is
// said of products beside the core (NONCORE) counts a step less.

func isSalesforce(doc document) bool {
	if doc.shape != shapeJSON {
		return false
	}
	instance := doc.json
	if doc.json.IsArray() {
		instance = doc.json.Get("0")
	}
	return text(instance.Get("key")) != "" && instance.Get("status").Exists() &&
		(instance.Get("Incidents").Exists() || instance.Get("isActive").Exists() || instance.Get("releaseVersion").Exists())
}

func readSalesforce(doc document, d *draft) error {
	d.page("https://status.salesforce.com", d.status.UpdatedAt)
	if doc.json.IsArray() {
		doc.json.ForEach(func(_, instance gjson.Result) bool { salesforceInstance(instance, d); return true })
		return nil
	}
	key, word := label(doc.json.Get("key")), text(doc.json.Get("status"))
	d.status.Page = absolute("/instances/"+key, "https://status.salesforce.com")
	if isInactive(doc.json) {
		return fmt.Errorf("the Salesforce instance %s is no longer active: the organisation has moved; give the address by alias, which survives a move", key)
	}
	if salesforceLevel(word) == partners.Unknown {
		d.doubts(fmt.Sprintf("the status of the Salesforce instance %s is “%s”, a word that is not known here", key, plaintext.Line(word, 60)))
	}
	salesforceInstance(doc.json, d)
	return nil
}

func salesforceInstance(instance gjson.Result, d *draft) {
	key, word := label(instance.Get("key")), text(instance.Get("status"))
	if isInactive(instance) {
		d.status.Skipped++
		return
	}
	if key == "" {
		d.unreadable()
		return
	}
	d.component(partners.Component{
		Name: key, Region: label(instance.Get("location")), Group: label(instance.Get("environment")), Level: salesforceLevel(word),
	}, word)
	each(instance.Get("Incidents"), func(i gjson.Result) {
		if !i.IsObject() {
			d.unreadable()
			return
		}
		d.incident(salesforceIncident(i, key, word, d))
	})
	each(instance.Get("Maintenances"), func(m gjson.Result) {
		if phase := text(m.Get("status")); !isOver(strings.ToLower(phase)) {
			d.window(partners.PageWindow{
				ID: label(m.Get("id")), Name: label(m.Get("name")), Components: []string{key},
				From: moment(m.Get("plannedStartTime")), Until: moment(m.Get("plannedEndTime")),
				InProgress: isUnderWay(phase),
			})
		}
	})
}

func salesforceIncident(i gjson.Result, key, word string, d *draft) partners.PageIncident {
	incident := partners.PageIncident{
		ID: label(i.Get("id")), Link: absolute("/incidents/"+label(i.Get("id")), d.status.Page),
		Name:   first(label(i.Get("message.rootCause")), label(i.Get("name")), "Salesforce incident "+label(i.Get("id"))),
		Phase:  strings.ToLower(label(i.Get("status"))),
		Level:  salesforceLevel(word),
		Notice: strings.HasPrefix(word, "INFORMATIONAL_") || text(i.Get("type")) == "informational",
		Posted: moment(i.Get("createdAt")), Updated: latest(moment(i.Get("updatedAt")), moment(i.Get("createdAt"))),
		Components: append([]string{key}, labels(i.Get("serviceKeys"))...),
	}
	said, told := incident.Phase, time.Time{} // the incident's own word, and when its newest event was told
	var newest gjson.Result
	i.Get("IncidentEvents").ForEach(func(_, e gjson.Result) bool {
		if at := moment(e.Get("createdAt")); !at.Before(told) {
			told, newest = at, e
			incident.Phase = first(strings.ToLower(label(e.Get("type"))), incident.Phase)
		}
		return true
	})
	incident.Updated, incident.Text = latest(incident.Updated, told), prose(newest.Get("message"))
	impacts, ended := 0, 0
	i.Get("IncidentImpacts").ForEach(func(_, impact gjson.Result) bool {
		impacts++
		incident.Began = began(incident.Began, moment(impact.Get("startTime")))
		if end := moment(impact.Get("endTime")); !end.IsZero() && !end.After(d.now) {
			ended++
			incident.Ended = latest(incident.Ended, end)
		}
		return true
	})
	incident.Began = began(incident.Began, incident.Posted)
	incident.Resolved = isOver(incident.Phase) || isOver(said) || impacts > 0 && impacts == ended
	if !incident.Resolved {
		incident.Ended = time.Time{} // the end of one impact of several is not the incident's
	}
	return incident
}

// isInactive tells an instance that no organisation is on any more. What is neither true nor false says nothing of that.
func isInactive(instance gjson.Result) bool {
	active := instance.Get("isActive")
	return active.Type == gjson.False || strings.EqualFold(text(active), "false")
}

func salesforceLevel(word string) partners.Level {
	switch word {
	case "OK", "INFORMATIONAL_CORE", "INFORMATIONAL_NONCORE":
		return partners.Operational
	case "MAINTENANCE_CORE", "MAINTENANCE_NONCORE":
		return partners.Maintenance
	case "MINOR_INCIDENT_CORE", "MINOR_INCIDENT_NONCORE":
		return partners.Degraded
	case "MAJOR_INCIDENT_NONCORE":
		return partners.PartialOutage
	case "MAJOR_INCIDENT_CORE":
		return partners.MajorOutage
	}
	return partners.Unknown
}
