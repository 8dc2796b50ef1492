package statuspage

import (
	"errors"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Compiled once, because a document holds thousands of what they are matched with.
var (
	speaksOfTrouble = regexp.MustCompile(`(?i)investigat|error|latenc|connectivity|elevated|increased|impair|unavailab|` +
		`degrad|fail|outage|disrupt|time(?:d )?out|delay|slow|packet loss|throttl|unable|issue`)
)

// AWS Health, public events: health.aws.amazon.com/public/currentevents, a bare list in UTF-16 with a byte order mark, and
// an empty one when all is well. Source: capture of 1 August 2026, in which two events had been open for five months.
// Status is a numeric string: 0 resolved, 1 informational, 2 degraded, 3 disrupted. The region stands in the ARN alone.

func isAWS(doc document) bool {
	if doc.shape != shapeJSON || !doc.json.IsArray() {
		return false
	}
	if entry := doc.json.Get("0"); entry.Exists() {
		return strings.HasPrefix(text(entry.Get("arn")), "arn:aws") || entry.Get("event_log").IsArray() && entry.Get("service").Exists()
	}
	// An empty list says something only at the address where it is known to mean that nothing is wrong.
	return doc.asked == "aws" || host(doc.address) == "health.aws.amazon.com"
}

func readAWS(doc document, d *draft) error {
	d.judged = true
	d.page("https://health.aws.amazon.com/health/status", d.status.UpdatedAt)
	entries, read := 0, 0
	doc.json.ForEach(func(_, e gjson.Result) bool {
		entries++
		if !e.IsObject() || len(e.Map()) == 0 {
			d.unreadable()
			return true
		}
		read++
		incident := awsIncident(e)
		d.incident(incident)
		d.status.UpdatedAt = latest(d.status.UpdatedAt, incident.Updated)
		return true
	})
	if entries > 0 && read == 0 {
		return errors.New("none of the events of the AWS list could be read")
	}
	return nil
}

func awsIncident(e gjson.Result) partners.PageIncident {
	word := text(e.Get("status"))
	incident := partners.PageIncident{
		ID:    label(e.Get("arn")),
		Name:  label(e.Get("summary")),
		Link:  "https://health.aws.amazon.com/health/status",
		Began: moment(e.Get("date")), Posted: moment(e.Get("date")),
		Level:      awsLevel(word),
		Components: awsServices(e),
		Regions:    awsRegions(e),
	}
	newest := e
	e.Get("event_log").ForEach(func(_, update gjson.Result) bool {
		if at := moment(update.Get("timestamp")); !at.Before(incident.Updated) {
			incident.Updated, newest = at, update
		}
		return true
	})
	incident.Text = prose(newest.Get("message"))
	incident.Name = first(label(newest.Get("summary")), incident.Name)
	incident.Resolved = word == "0" || text(newest.Get("status")) == "0" || strings.HasPrefix(strings.ToUpper(incident.Name), "[RESOLVED]")
	// The first word on a real outage has status 1 too, so only what does not speak of trouble is mere information.
	incident.Notice = word == "1" && !speaksOfTrouble.
		MatchString(incident.Name+" "+incident.Text)
	incident.Phase = "open"
	if incident.Resolved {
		incident.Phase = "resolved"
	}
	return incident
}

func awsLevel(word string) partners.Level {
	switch word {
	case "1", "2":
		return partners.Degraded
	case "3":
		return partners.MajorOutage
	}
	return partners.Unknown
}

// awsServices are the services that are not well now: an event lists those that recovered, too.
func awsServices(e gjson.Result) []string {
	var services []string
	e.Get("impacted_services").ForEach(func(_, s gjson.Result) bool {
		if text(s.Get("current")) != "0" {
			if service := label(s.Get("service_name")); service != "" {
				services = append(services, service)
			}
		}
		return true
	})
	if len(services) == 0 && !strings.HasPrefix(text(e.Get("service")), "multipleservices") {
		services = labels(e.Get("service_name"))
	}
	return services
}

// awsRegions are the region's code, from the ARN, and its name; none for a global event.
func awsRegions(e gjson.Result) []string {
	var regions []string
	if parts := strings.Split(text(e.Get("arn")), ":"); len(parts) > 3 && parts[3] != "" && parts[3] != "global" {
		regions = append(regions, plaintext.Line(parts[3], 60))
	}
	if named := label(e.Get("region_name")); named != "" && named != "Global" {
		regions = append(regions, named)
	}
	return regions
}
