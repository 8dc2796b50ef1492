package statuspage

import (
	"errors"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/tidwall/gjson"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Okta: status.okta.com, a Visualforce page with the incidents as JSON in a span whose generated id ends in StringJSON.
// Source: Okta's documentation of the page, an excerpt in a user's test of 2025. There is no word for well: well is that
// no incident of the list is open. Cells are named in the prose alone.

func oktaJSON(doc document) (gjson.Result, bool) {
	var found gjson.Result
	ok := false
	doc.page.Find(`span[id$="StringJSON"]`).EachWithBreak(func(n int, e *goquery.Selection) bool {
		inner := newDocument([]byte(e.Text()), "application/json", doc.address)
		if inner.shape == shapeJSON && inner.json.IsArray() {
			found, ok = inner.json, true
		}
		return !ok && n < 4 // Okta has one; each costs its text, and they may stand in each other
	})
	return found, ok
}

func hasOktaJSON(doc document) bool {
	return doc.page.Find(`span[id$="StringJSON"]`).Length() > 0
}

func readOkta(doc document, d *draft) error {
	list, ok := oktaJSON(doc)
	if !ok {
		return errors.New("the page has the place where Okta puts its incidents, and what stands there can not be read")
	}
	entries := list.Array()
	for _, i := range entries {
		if !i.Get("Incident_Title__c").Exists() && !i.Get("Status__c").Exists() {
			d.unreadable()
			continue
		}
		d.incident(oktaIncident(i, d.now))
		d.status.UpdatedAt = latest(d.status.UpdatedAt, moment(i.Get("LastModifiedDate")), moment(i.Get("Last_Updated__c")))
	}
	if len(entries) > 0 && d.status.Skipped == len(entries) {
		return errors.New("none of the incidents on Okta's page could be read")
	}
	d.judged = true
	return nil
}

func oktaIncident(i gjson.Result, now time.Time) partners.PageIncident {
	phase := text(i.Get("Status__c"))
	category, ended := text(i.Get("Category__c")), moment(i.Get("End_Time__c"))
	incident := partners.PageIncident{
		ID: label(i.Get("Id")), Name: label(i.Get("Incident_Title__c")), Phase: strings.ToLower(plaintext.Line(phase, 60)),
		Resolved: isOver(phase) || !ended.IsZero() && !ended.After(now),
		Notice:   strings.Contains(strings.ToLower(category), "informational"),
		Level:    partners.Degraded,
		Began:    moment(i.Get("Start_Time__c")), Posted: moment(i.Get("Start_Time__c")),
		Updated: latest(moment(i.Get("LastModifiedDate")), moment(i.Get("Last_Updated__c")), moment(i.Get("Start_Time__c"))),
		Ended:   ended, Text: prose(i.Get("Log__c")),
	}
	if strings.Contains(strings.ToLower(category), "disruption") {
		incident.Level = partners.PartialOutage
	}
	return incident
}
