package statuspage

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Microsoft 365 service health by Graph: admin/serviceAnnouncement/healthOverviews?$expand=issues, one overview, or the
// list of issues. Source: the Graph reference, and real lists in tests of pnp/cli-microsoft365. It needs a sign-in
// (ServiceHealth.Read.All), and with the very service that may have failed. A component is a service; its id, which
// people write too (microsoftteams, PowerBIcom), stands as its group.

func isM365(doc document) bool {
	if doc.shape != shapeJSON {
		return false
	}
	if doc.json.Get("value").IsArray() {
		entry := doc.json.Get("value.0")
		return isM365Overview(entry) || isM365Issue(entry)
	}
	return isM365Overview(doc.json)
}

func isM365Overview(entry gjson.Result) bool {
	return text(entry.Get("service")) != "" && entry.Get("status").Exists() && !entry.Get("classification").Exists() &&
		(entry.Get("id").Exists() || entry.Get("issues").Exists())
}

func isM365Issue(entry gjson.Result) bool {
	return entry.Get("classification").Exists() && entry.Get("service").Exists() && entry.Get("isResolved").Exists()
}

func isM365Messages(doc document) bool {
	entry := doc.json.Get("value.0")
	return entry.Get("category").Exists() && entry.Get("services").IsArray() && entry.Get("severity").Exists()
}

func readM365(doc document, d *draft) error {
	d.page("https://admin.microsoft.com/Adminportal/Home#/servicehealth", d.status.UpdatedAt)
	d.unjudged = "the document lists Microsoft 365 issues alone and none is open, which does not say how the services are; " +
		"give the address of healthOverviews"
	if !doc.json.Get("value").IsArray() {
		m365Entry(doc.json, d)
		return nil
	}
	each(doc.json.Get("value"), func(entry gjson.Result) { m365Entry(entry, d) })
	if doc.json.Get(`\@odata\.nextLink`).Exists() {
		d.status.Skipped++
		d.note("The list goes on on a second page, which was not read.")
		d.unknown = append(d.unknown, "the list goes on on a second page, which was not read")
	}
	return nil
}

func m365Entry(entry gjson.Result, d *draft) {
	switch {
	case isM365Issue(entry):
		m365Issue(entry, d)
	case isM365Overview(entry):
		word := text(entry.Get("status"))
		d.component(partners.Component{
			Name: label(entry.Get("service")), Group: label(entry.Get("id")), Level: m365Level(word),
		}, word)
		each(entry.Get("issues"), func(i gjson.Result) { m365Issue(i, d) })
	default:
		d.unreadable()
	}
}

func m365Issue(i gjson.Result, d *draft) {
	if !i.IsObject() {
		d.unreadable()
		return
	}
	word := text(i.Get("status"))
	newest := m365NewestPost(i.Get("posts"))
	updated := latest(moment(i.Get("lastModifiedDateTime")), moment(newest.Get("createdDateTime")))
	incident := partners.PageIncident{
		ID: label(i.Get("id")), Name: label(i.Get("title")), Phase: plaintext.Line(word, 60), Level: m365Level(word),
		Link:     absolute("#/servicehealth/:/alerts/"+label(i.Get("id")), "https://admin.microsoft.com/Adminportal/Home"),
		Resolved: m365Resolved(i, word),
		// Advisories are open all year, and what began with the customer is not the vendor's word on itself.
		Notice: text(i.Get("classification")) == "advisory" || word == "falsePositive" || word == "investigationSuspended" ||
			text(i.Get("origin")) == "customer",
		Began: moment(i.Get("startDateTime")), Posted: m365FirstPost(i.Get("posts")), Updated: updated,
		Ended: moment(i.Get("endDateTime")), Components: labels(i.Get("service")),
		Text: first(prose(newest.Get("description.content")), prose(i.Get("impactDescription"))),
	}
	d.incident(incident)
	d.status.UpdatedAt = latest(d.status.UpdatedAt, updated)
}

func m365NewestPost(posts gjson.Result) gjson.Result {
	var newest gjson.Result
	var told time.Time
	posts.ForEach(func(_, p gjson.Result) bool {
		if at := moment(p.Get("createdDateTime")); p.IsObject() && !at.Before(told) {
			newest, told = p, at
		}
		return true
	})
	return newest
}

// m365Resolved tells an issue that is over by its status and its flag. Where the two do not agree, it is open.
func m365Resolved(i gjson.Result, word string) bool {
	flag := i.Get("isResolved")
	if !flag.IsBool() || word == "falsePositive" {
		return isOver(word)
	}
	return flag.Bool() && (isOver(word) || m365Level(word) == partners.Unknown || word == "investigationSuspended")
}

// m365FirstPost is when Microsoft first told of it: half an hour after it began, in a recorded one.
func m365FirstPost(posts gjson.Result) time.Time {
	var earliest time.Time
	posts.ForEach(func(_, p gjson.Result) bool {
		if at := moment(p.Get("createdDateTime")); !at.IsZero() && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
		return true
	})
	return earliest
}

// m365Level is the level of a service or an issue. Suspended investigations and false alarms are no trouble; extended
// recovery still is, for some.
func m365Level(word string) partners.Level {
	switch strings.ToLower(word) {
	case "serviceoperational", "servicerestored", "falsepositive", "investigationsuspended", "postincidentreviewpublished",
		"resolved", "resolvedexternal", "mitigated", "mitigatedexternal":
		return partners.Operational
	case "investigating", "restoringservice", "verifyingservice", "servicedegradation", "extendedrecovery", "confirmed", "reported":
		return partners.Degraded
	case "serviceinterruption":
		return partners.MajorOutage
	}
	return partners.Unknown
}
