package statuspage

import (
	"sparky/partners"

	"github.com/tidwall/gjson"
)

// Status.io: api.status.io/1.0/status/{page id}. Source: its documented schema as rebuilt by a user for GitLab's page; no
// recorded answer was found. A component holds containers, which are its regions or instances, each with a state.

func isStatusIO(doc document) bool {
	return doc.shape == shapeJSON && doc.json.Get("result.status_overall").IsObject()
}

func readStatusIO(doc document, d *draft) error {
	result := doc.json.Get("result")
	overall := result.Get("status_overall")
	level := statusIOLevel(overall.Get("status_code"))
	d.page("", moment(overall.Get("updated")))
	if level == partners.Unknown {
		d.doubts("the Status.io document has no overall status code that is known here, so it does not say how they are")
	} else {
		d.indicator(level, label(overall.Get("status")))
	}
	each(result.Get("status"), func(c gjson.Result) { statusIOComponent(c, d) })
	each(result.Get("incidents"), func(i gjson.Result) { d.incident(statusIOIncident(i)) })
	for _, list := range []string{"maintenance.active", "maintenance.upcoming"} {
		each(result.Get(list), func(m gjson.Result) {
			d.window(partners.PageWindow{
				ID: label(m.Get("_id")), Name: label(m.Get("name")),
				From: moment(m.Get("datetime_planned_start")), Until: moment(m.Get("datetime_planned_end")),
				InProgress: list == "maintenance.active" && m.IsObject(),
				Components: labels(m.Get("components_affected"), "name"), Regions: labels(m.Get("containers_affected"), "name"),
			})
		})
	}
	return nil
}

// statusIOComponent adds the component, or each of its containers where it has several. Where none of them is as bad as
// the component, all are: nobody knows which.
func statusIOComponent(c gjson.Result, d *draft) {
	containers := c.Get("containers").Array()
	if len(containers) < 2 {
		d.component(partners.Component{
			Name: label(c.Get("name")), Region: label(c.Get("containers.0.name")), Level: statusIOLevel(c.Get("status_code")),
		}, text(c.Get("status_code")))
		return
	}
	whole, worst := statusIOLevel(c.Get("status_code")), partners.Unknown
	for _, part := range containers {
		worst = worst.Worse(statusIOLevel(part.Get("status_code")))
	}
	for _, part := range containers {
		level := statusIOLevel(part.Get("status_code"))
		if whole != worst && whole.Worse(worst) == whole {
			level = level.Worse(whole)
		}
		d.component(partners.Component{
			Name: label(c.Get("name")), Region: label(part.Get("name")), Level: level,
		}, text(part.Get("status_code")))
	}
}

func statusIOIncident(i gjson.Result) partners.PageIncident {
	incident := partners.PageIncident{
		ID: label(i.Get("_id")), Name: label(i.Get("name")),
		Began: moment(i.Get("datetime_open")), Posted: moment(i.Get("datetime_open")),
		Components: labels(i.Get("components_affected"), "name"), Regions: labels(i.Get("containers_affected"), "name"),
	}
	var details gjson.Result
	i.Get("messages").ForEach(func(_, m gjson.Result) bool {
		at := moment(m.Get("datetime"))
		if at.Before(incident.Updated) {
			return true
		}
		incident.Updated, details = at, m.Get("details")
		incident.Phase = statusIOPhase(m.Get("state").Int())
		incident.Level = statusIOLevel(m.Get("status"))
		return true
	})
	incident.Text = prose(details)
	incident.Resolved = isOver(incident.Phase)
	if incident.Resolved {
		incident.Ended = incident.Updated
	}
	return incident
}

func statusIOLevel(code gjson.Result) partners.Level {
	switch text(code) {
	case "100":
		return partners.Operational
	case "200":
		return partners.Maintenance
	case "300":
		return partners.Degraded
	case "400":
		return partners.PartialOutage
	case "500", "600": // 600 is a security event
		return partners.MajorOutage
	}
	return partners.Unknown
}

func statusIOPhase(state int64) string {
	switch state {
	case 100:
		return "investigating"
	case 200:
		return "identified"
	case 300:
		return "monitoring"
	case 400:
		return "resolved"
	}
	return ""
}
