package statuspage

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"sparky/partners"

	"github.com/PuerkitoBio/goquery"
	"github.com/tidwall/gjson"
)

// Pages for people, of which three kinds are read: Okta's, which carries its incidents as JSON; Statuspage's HTML, whose
// elements carry the machine words (capture of Zoom's page); and pages with a machine document embedded in a script.
// Anything else is a picture: a page that says "all systems operational" to a reader proves nothing to a program.

func isStatusHTML(doc document) bool {
	return doc.shape == shapeHTML && (hasOktaJSON(doc) || isStatuspageHTML(doc) || embedded(doc) != nil)
}

func readStatusHTML(doc document, d *draft) error {
	switch {
	case hasOktaJSON(doc):
		return readOkta(doc, d)
	case isStatuspageHTML(doc):
		return readStatuspageHTML(doc, d)
	}
	inner := embedded(doc)
	if inner == nil {
		return errors.New("the page carries no status that a program can read")
	}
	return inner.format.read(inner.document, d)
}

func isStatuspageHTML(doc document) bool {
	return doc.page.Find("[data-component-status]").Length() > 0 || doc.page.Find(".page-status[class*=status-]").Length() > 0
}

func readStatuspageHTML(doc document, d *draft) error {
	if class, found := doc.page.Find(".page-status").Attr("class"); found {
		if word := regexp.MustCompile(`\bstatus-(\w+)`).FindStringSubmatch(strings.ReplaceAll(class, "page-status", "")); word != nil {
			level := impactLevel(word[1])
			if level == partners.Unknown {
				return errors.New("the page's own status is in a word that is not known here: " + oneLine(word[1], 60))
			}
			d.indicator(level, oneLine(doc.page.Find(".page-status .status").First().Text(), longestName))
		}
	}
	doc.page.Find("[data-component-status]").Each(func(_ int, e *goquery.Selection) {
		if hook, _ := e.Attr("data-js-hook"); hook == "component-group-opener" {
			return
		}
		word, _ := e.Attr("data-component-status")
		d.component(partners.Component{Name: htmlName(e), Group: htmlGroup(e), Level: componentLevel(word)}, word)
	})
	doc.page.Find(".unresolved-incident").Each(func(_ int, e *goquery.Selection) {
		if !e.HasClass("impact-maintenance") && !e.HasClass("scheduled-maintenance") {
			d.incident(htmlIncident(e, d.status.Page))
		}
	})
	return nil
}

func htmlName(e *goquery.Selection) string {
	return oneLine(e.Find(".name").First().Text(), longestName)
}

// htmlGroup is the name of the opener above a component that stands inside a group.
func htmlGroup(e *goquery.Selection) string {
	opener := e.Closest(".component-container").Find(`[data-js-hook="component-group-opener"]`).First()
	if opener.Length() == 0 {
		return ""
	}
	return htmlName(opener)
}

func htmlIncident(e *goquery.Selection, page string) partners.PageIncident {
	class, _ := e.Attr("class")
	impact := regexp.MustCompile(`\bimpact-(\w+)`).FindStringSubmatch(class)
	title := e.Find(".incident-title a").First()
	if title.Length() == 0 {
		title = e.Find(".incident-title").First()
	}
	href, _ := title.Attr("href")
	incident := partners.PageIncident{
		ID: oneLine(first(href, title.Text()), longestName), Name: oneLine(title.Text(), longestName),
		Link: absolute(href, page), Level: partners.Degraded,
		Phase: strings.ToLower(oneLine(e.Find(".update strong").First().Text(), 60)),
		Text:  clip(oneLine(e.Find(".update").First().Text(), longestText), longestText),
	}
	if impact != nil {
		incident.Level = impactLevel(impact[1])
	}
	incident.Resolved = isOver(incident.Phase)
	return incident
}

// Okta: status.okta.com, a Visualforce page with the incidents as JSON in a span whose generated id ends in StringJSON.
// Source: Okta's documentation of the page, an excerpt in a user's test of 2025. There is no word for well: well is that
// no incident of the list is open. Cells are named in the prose alone.

func oktaJSON(doc document) (gjson.Result, bool) {
	var found gjson.Result
	ok := false
	doc.page.Find(`span[id$="StringJSON"]`).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		inner := newDocument([]byte(e.Text()), "application/json", doc.address)
		if inner.shape == shapeJSON && inner.json.IsArray() {
			found, ok = inner.json, true
		}
		return !ok
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
		if !i.Get("Incident_Title__c").Exists() || !i.Get("Status__c").Exists() {
			d.status.Skipped++
			continue
		}
		d.incident(oktaIncident(i))
		d.status.UpdatedAt = latest(d.status.UpdatedAt, moment(i.Get("LastModifiedDate")), moment(i.Get("Last_Updated__c")))
	}
	if len(entries) > 0 && d.status.Skipped == len(entries) {
		return errors.New("none of the incidents on Okta's page could be read")
	}
	d.judged = true
	return nil
}

func oktaIncident(i gjson.Result) partners.PageIncident {
	phase := text(i.Get("Status__c"))
	category := text(i.Get("Category__c"))
	incident := partners.PageIncident{
		ID: label(i.Get("Id")), Name: label(i.Get("Incident_Title__c")), Phase: strings.ToLower(oneLine(phase, 60)),
		Resolved: isOver(phase) || !moment(i.Get("End_Time__c")).IsZero(),
		Notice:   strings.Contains(strings.ToLower(category), "informational"),
		Level:    partners.Degraded,
		Began:    moment(i.Get("Start_Time__c")), Posted: moment(i.Get("Start_Time__c")),
		Updated: latest(moment(i.Get("LastModifiedDate")), moment(i.Get("Last_Updated__c")), moment(i.Get("Start_Time__c"))),
		Ended:   moment(i.Get("End_Time__c")), Text: prose(i.Get("Log__c")),
	}
	if strings.Contains(strings.ToLower(category), "disruption") {
		incident.Level = partners.PartialOutage
	}
	return incident
}

// found is a machine document inside a page, and the format that claims it.
type found struct {
	document document
	format   format
}

// embedded finds a machine document in the page's scripts: whole, or where frameworks put what a page was built from.
// Only formats with marks of their own are believed there.
func embedded(doc document) *found {
	var result *found
	doc.page.Find(`script[type="application/json"]`).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		outer := newDocument([]byte(e.Text()), "application/json", doc.address)
		if outer.shape != shapeJSON {
			return true
		}
		for _, path := range []string{"@this", "props.pageProps", "props.pageProps.summary", "props.pageProps.data", "props.pageProps.initialData"} {
			inner := outer
			inner.asked, inner.json = "", outer.json.Get(path)
			if f := claimant(inner); f != nil {
				result = &found{inner, *f}
				return false
			}
		}
		return true
	})
	return result
}

func claimant(doc document) *format {
	if !doc.json.IsObject() {
		return nil
	}
	for _, f := range []format{
		{"statuspage", "", isStatuspage, readStatuspage}, {"incidentio", "", isIncidentIO, readIncidentIO},
		{"instatus", "", isInstatus, readInstatus}, {"statusio", "", isStatusIO, readStatusIO},
		{"betterstack", "", isBetterStack, readBetterStack},
	} {
		if f.claims(doc) {
			return &f
		}
	}
	return nil
}

// asksToSignIn tells a page that wants a password where a status was expected. Status pages for subscribers carry no
// password field.
func asksToSignIn(doc document) bool {
	if doc.shape != shapeHTML {
		return false
	}
	if isStatuspageHTML(doc) || hasOktaJSON(doc) {
		return false
	}
	return doc.page.Find(`input[type="password"]`).Length() > 0 || isSignInAddress(doc.address)
}

// isSignInAddress tells an address that serves signing in, by its host's first word or its path.
func isSignInAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	return regexp.MustCompile(`(?i)^(?:login|signin|sign-in|sso|auth|idp|accounts)\.`).MatchString(u.Hostname()) ||
		regexp.MustCompile(`(?i)/(?:login|log-in|signin|sign-in|sso|saml2?|oauth2?|authorize|adfs)(?:[/.]|$)`).MatchString(u.Path)
}
