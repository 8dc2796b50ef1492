package statuspage

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Compiled once, because a document holds thousands of what they are matched with.
var (
	resolvedForAll = regexp.MustCompile(`(?i)\b(?:issue|incident|problem)\b[^.\n]{0,80}\b(?:has|have) been (?:fully )?resolved for all`)
)

// Google Cloud and Google Workspace: incidents.json, one list of open and closed incidents, newest first. Source: the
// published incidents.schema.json, and two recorded incidents in tests of Checkmk and of a Go program. The list says
// nothing of what is well: well is that no incident of it is open. It always holds months of closed ones, so that an empty
// list is a broken one and not claimed.

func isGoogle(doc document) bool {
	entry := doc.json.Get("0")
	return doc.shape == shapeJSON && doc.json.IsArray() && entry.Get("external_desc").Exists() && entry.Get("begin").Exists()
}

func readGoogle(doc document, d *draft) error {
	d.judged = true
	d.page(googlePage(doc.address), d.status.UpdatedAt)
	doc.json.ForEach(func(_, i gjson.Result) bool {
		d.incident(googleIncident(i, d))
		d.status.UpdatedAt = latest(d.status.UpdatedAt, moment(i.Get("modified")))
		return true
	})
	return nil
}

// googlePage is the page for people beside the document.
func googlePage(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasSuffix(u.Path, "/incidents.json") {
		return address
	}
	u.Path, u.RawQuery = strings.TrimSuffix(u.Path, "incidents.json"), ""
	return u.String()
}

func googleIncident(i gjson.Result, d *draft) partners.PageIncident {
	newest := i.Get("most_recent_update")
	word := text(newest.Get("status"))
	incident := partners.PageIncident{
		ID:         label(i.Get("id")),
		Name:       label(i.Get("external_desc")),
		Link:       absolute(text(i.Get("uri")), d.status.Page),
		Phase:      plaintext.Line(strings.ToLower(strings.ReplaceAll(word, "_", " ")), 60),
		Level:      googleLevel(text(i.Get("status_impact")), word),
		Began:      moment(i.Get("begin")),
		Posted:     moment(i.Get("created")),
		Updated:    latest(moment(newest.Get("when")), moment(newest.Get("created"))),
		Ended:      moment(i.Get("end")),
		Components: labels(i.Get("affected_products"), "title"),
		Regions:    googleRegions(i, newest),
		Text:       prose(newest.Get("text")),
	}
	if len(incident.Components) == 0 {
		incident.Components = labels(i.Get("service_name"))
	}
	// Where the two words do not agree, the worse is believed.
	incident.Notice = incident.Level == partners.Operational
	incident.Resolved = !incident.Ended.IsZero() && !incident.Ended.After(d.now) || word == "AVAILABLE" || saysOver(incident.Text)
	// Google closes some without ever giving them an end: what is told last is that nothing more will be told.
	if !incident.Resolved && strings.Contains(incident.Text, "No further updates will be provided here") &&
		d.now.Sub(incident.Updated) > recent {
		incident.Stale = true
	}
	return incident
}

// saysOver tells the closing sentence of an update, where the fields were never set.
func saysOver(update string) bool {
	return resolvedForAll.MatchString(notYet.ReplaceAllString(update, ""))
}

func googleLevel(impact, now string) partners.Level {
	level := partners.Unknown
	for _, word := range []string{impact, now} {
		switch word {
		case "SERVICE_OUTAGE":
			level = level.Worse(partners.MajorOutage)
		case "SERVICE_DISRUPTION":
			level = level.Worse(partners.PartialOutage)
		case "SERVICE_INFORMATION":
			level = level.Worse(partners.Operational)
		}
	}
	return level
}

// googleRegions are the places affected now, as "London (europe-west2)" and as "europe-west2": people configure either.
func googleRegions(i, newest gjson.Result) []string {
	places := i.Get("currently_affected_locations")
	if len(places.Array()) == 0 {
		places = newest.Get("affected_locations")
	}
	return append(labels(places, "title"), labels(places, "id")...)
}
