package statuspage

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Slack: slack-status.com/api/v2.0.0/current with a list of incidents, v1.0.0 with the fields of the one incident beside
// the status, and /history with a bare list. Source: Slack's documentation and the recordings of its Java SDK's tests, in
// which the status is ok while incidents are active. A notice is no outage; notes come newest first.

func isSlack(doc document) bool {
	if doc.shape != shapeJSON {
		return false
	}
	if doc.json.IsArray() {
		return isSlackIncident(doc.json.Get("0"))
	}
	word := text(doc.json.Get("status"))
	at := host(doc.address)
	return doc.json.Get("active_incidents").IsArray() || isSlackIncident(doc.json) ||
		(doc.asked == "slack" || at == "slack-status.com" || at == "status.slack.com") &&
			(word == "ok" || word == "active") && doc.json.Get("date_updated").Exists()
}

func isSlackIncident(i gjson.Result) bool {
	return i.Get("services").IsArray() && i.Get("notes").IsArray() && i.Get("date_created").Exists()
}

func readSlack(doc document, d *draft) error {
	d.page("https://slack-status.com", moment(doc.json.Get("date_updated")))
	if doc.json.IsArray() {
		d.unjudged = "the document is the history of Slack's incidents and none is active; give the address of current"
		doc.json.ForEach(func(_, i gjson.Result) bool { slackEntry(i, d); return true })
		return nil
	}
	word := text(doc.json.Get("status"))
	switch word {
	case "ok", "active":
		d.indicator(partners.Operational, "")
	case "":
		d.doubts("the Slack document has no status, so it does not say how they are")
	default:
		d.doubts(fmt.Sprintf("the status of the Slack document is “%s”, a word that is not known here", plaintext.Line(word, 60)))
	}
	outages := 0
	each(doc.json.Get("active_incidents"), func(i gjson.Result) {
		if slackEntry(i, d) {
			outages++
		}
	})
	if isSlackIncident(doc.json) && word == "active" && slackEntry(doc.json, d) {
		outages++
	}
	slackContradiction(word, outages, d)
	return nil
}

// slackContradiction keeps the worse where the status and the list of incidents do not agree.
func slackContradiction(word string, outages int, d *draft) {
	switch {
	case word == "ok" && outages > 0:
		d.indicator(partners.Degraded, "")
		d.note("The page says ok and lists active incidents; the incidents are believed.")
	case word == "active" && len(d.status.Incidents)+len(d.status.Windows) == 0:
		d.indicator(partners.Degraded, "")
		d.note("The page says that an incident is active and lists none.")
	}
}

// slackEntry adds one entry, and tells whether it is an outage that the page calls active.
func slackEntry(i gjson.Result, d *draft) bool {
	kind, phase := strings.ToLower(text(i.Get("type"))), text(i.Get("status"))
	over := isOver(phase)
	created, updated := moment(i.Get("date_created")), moment(i.Get("date_updated"))
	if kind == "maintenance" {
		if !over {
			d.window(partners.PageWindow{
				ID: label(i.Get("id")), Name: label(i.Get("title")), Link: absolute(text(i.Get("url")), d.status.Page),
				From: moment(i.Get("date_start")), Until: moment(i.Get("date_end")),
				InProgress: strings.EqualFold(phase, "active"), Components: labels(i.Get("services")),
			})
		}
		return false
	}
	incident := partners.PageIncident{
		ID: label(i.Get("id")), Name: label(i.Get("title")), Link: absolute(text(i.Get("url")), d.status.Page),
		Phase: plaintext.Line(phase, 60), Level: slackLevel(kind), Notice: kind == "notice", Resolved: over,
		Began: created, Posted: created, Updated: latest(updated, moment(i.Get("notes.0.date_created"))),
		Components: labels(i.Get("services")), Text: prose(i.Get("notes.0.body")),
	}
	if over {
		incident.Ended = updated
	}
	d.incident(incident)
	return !over && kind != "notice"
}

func slackLevel(kind string) partners.Level {
	switch kind {
	case "outage":
		return partners.MajorOutage
	case "notice":
		return partners.Operational
	}
	return partners.Degraded
}
