package statuspage_test

import (
	"testing"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// instance is a Salesforce instance with these fields beside its key.
func instance(fields string) string {
	return `{"key":"NA1","location":"NA","environment":"production","releaseVersion":"W",` + fields + `}`
}

func TestSalesforceWords(t *testing.T) {
	words(t, "", instance(`"status":%s,"isActive":true,"Incidents":[],"Maintenances":[]`), notWords(map[string]partners.Level{
		`"OK"`:                     well,
		`"INFORMATIONAL_CORE"`:     well,
		`"INFORMATIONAL_NONCORE"`:  well,
		`"MAINTENANCE_CORE"`:       upkeep,
		`"MAINTENANCE_NONCORE"`:    upkeep,
		`"MINOR_INCIDENT_CORE"`:    slow,
		`"MINOR_INCIDENT_NONCORE"`: slow,
		`"MAJOR_INCIDENT_NONCORE"`: partly,
		`"MAJOR_INCIDENT_CORE"`:    out,
		`"Ok"`:                     dunno,
	}))
	words(t, "salesforce", `[`+instance(`"status":%s,"isActive":true`)+`]`, map[string]partners.Level{
		`"OK"`:                  well,
		`"MAJOR_INCIDENT_CORE"`: out,
		`"NEW"`:                 dunno,
		`null`:                  dunno,
	})
	words(t, "", instance(`"status":"OK","Incidents":[{"id":1,"status":%s,"createdAt":"2026-09-14T09:00:00Z"}]`), map[string]partners.Level{
		`"Active"`:   slow,
		`"Resolved"`: well,
		`"Closed"`:   well,
		`"new"`:      slow,
		`null`:       slow,
		`{}`:         slow,
	})
}

func TestSalesforceLists(t *testing.T) {
	lists(t, "", instance(`"status":"OK","Incidents":%s,"Maintenances":[]`))
	lists(t, "", instance(`"status":"OK","Incidents":[],"Maintenances":%s`))
}

func TestSalesforce(t *testing.T) {
	const began = `"createdAt":"2026-09-14T09:00:00Z"`
	incident := func(more string) string { return instance(`"status":"OK","Incidents":[{"id":7,` + began + more + `}]`) }
	rows(t, map[string]row{
		"no status":                    {"salesforce", instance(`"isActive":true`), dunno, "", "expected a Salesforce Trust document"},
		"nothing but a key":            {"", `{"key":"NA1","status":"OK"}`, dunno, "", "no status document"},
		"no key":                       {"", `{"status":"OK","Incidents":[],"isActive":true}`, dunno, "", ""},
		"not active":                   {"", instance(`"status":"OK","isActive":false`), dunno, "", "no longer active"},
		"not active, as text":          {"", instance(`"status":"OK","isActive":"false"`), dunno, "", "no longer active"},
		"green and an incident":        {"", incident(``), slow, "open: Salesforce incident 7", ""},
		"a new word and an incident":   {"", instance(`"status":"SPLENDID","Incidents":[{"id":7,` + began + `}]`), slow, "open: Salesforce incident 7", "“SPLENDID”"},
		"a new word":                   {"", instance(`"status":"SPLENDID","Incidents":[]`), dunno, "", "“SPLENDID”"},
		"information":                  {"", instance(`"status":"INFORMATIONAL_CORE","Incidents":[{"id":7,` + began + `}]`), well, "notices: Salesforce incident 7", ""},
		"one impact over, one not":     {"", incident(`,"IncidentImpacts":[{"startTime":"2026-09-14T08:00:00Z","endTime":"2026-09-14T09:00:00Z"},{"startTime":"2026-09-14T08:00:00Z"}]`), slow, "open: Salesforce incident 7", ""},
		"all impacts over":             {"", incident(`,"IncidentImpacts":[{"endTime":"2026-09-14T09:00:00Z"}]`), well, "resolved: Salesforce incident 7", ""},
		"an impact that ends later":    {"", incident(`,"IncidentImpacts":[{"endTime":"2026-09-14T19:00:00Z"}]`), slow, "open: Salesforce incident 7", ""},
		"events, the newest last":      {"", incident(`,"updatedAt":"2026-09-14T09:50:00Z","IncidentEvents":[{"type":"investigating","message":"a","createdAt":"2026-09-14T09:00:00Z"},{"type":"resolved","message":"b","createdAt":"2026-09-14T09:40:00Z"}]`), well, "resolved: Salesforce incident 7", ""},
		"events, the newest first":     {"", incident(`,"updatedAt":"2026-09-14T09:50:00Z","IncidentEvents":[{"type":"update","message":"b","createdAt":"2026-09-14T09:40:00Z"},{"type":"resolved","message":"a","createdAt":"2026-09-14T09:00:00Z"}]`), slow, "open: Salesforce incident 7", ""},
		"an empty list":                {"salesforce", `[]`, dunno, "", "expected a Salesforce Trust document, got an empty JSON list"},
		"a list of moved ones":         {"", `[` + instance(`"status":"OK","isActive":false`) + `]`, dunno, "", "does not say how they are"},
		"a list with something else":   {"", `[` + instance(`"status":"OK","isActive":true`) + `,{"a":1}]`, dunno, "", "can not be read"},
		"an incident of two instances": {"", `[` + incident(``) + `,{"key":"NA2","status":"OK","isActive":true,"Incidents":[{"id":7,` + began + `}]}]`, slow, "open: Salesforce incident 7", ""},
		"a window":                     {"", instance(`"status":"OK","Maintenances":[{"id":1,"name":"Move","status":"In Progress","plannedEndTime":"2026-09-14T09:00:00Z"}]`), upkeep, "windows: Move!", ""},
		"a window that is over":        {"", instance(`"status":"OK","Maintenances":[{"id":1,"name":"Move","status":"Completed"}]`), well, "", ""},
	})
}

// TestAnIncidentOfTwoInstances is told once, and concerns both.
func TestAnIncidentOfTwoInstances(t *testing.T) {
	body := `[{"key":"NA1","status":"OK","isActive":true,"Incidents":[{"id":7,"createdAt":"2026-09-14T09:00:00Z"}]},
		{"key":"NA2","status":"OK","isActive":true,"Incidents":[{"id":7,"createdAt":"2026-09-14T09:00:00Z"}]},{"key":"NA3","status":"OK","isActive":true}]`
	s := statuspage.Parse([]byte(body), "", "https://x.example", "", morning())
	for key, want := range map[string]partners.Level{"NA1": slow, "NA2": slow, "NA3": well} {
		if ours := s.Concerning([]string{key}); ours.Level != want {
			t.Errorf("%s is %s, want %s", key, ours.Level, want)
		}
	}
}

// overviews are Microsoft's services, the first with this status and these issues.
func overviews(status, issues string) string {
	return `{"value":[{"id":"microsoftteams","service":"Teams","status":` + status + `,"issues":` + issues + `},{"id":"Exchange","service":"Mail","status":"serviceOperational"}]}`
}

func TestM365Words(t *testing.T) {
	words(t, "", overviews(`%s`, `[]`), notWords(map[string]partners.Level{
		`"serviceOperational"`:          well,
		`"investigating"`:               slow,
		`"restoringService"`:            slow,
		`"verifyingService"`:            slow,
		`"serviceRestored"`:             well,
		`"postIncidentReviewPublished"`: well,
		`"serviceDegradation"`:          slow,
		`"serviceInterruption"`:         out,
		`"extendedRecovery"`:            slow,
		`"falsePositive"`:               well,
		`"investigationSuspended"`:      well,
		`"resolved"`:                    well,
		`"mitigatedExternal"`:           well,
		`"mitigated"`:                   well,
		`"resolvedExternal"`:            well,
		`"confirmed"`:                   slow,
		`"reported"`:                    slow,
		`"unknownFutureValue"`:          dunno,
		`"ServiceOperational"`:          well,
	}))
	const issue = `[{"id":"TM1","title":"Chat","classification":"incident","origin":"microsoft","service":"Teams","isResolved":false,"lastModifiedDateTime":"2026-09-14T09:00:00Z","status":%s}]`
	words(t, "", overviews(`"serviceOperational"`, issue), map[string]partners.Level{
		`"serviceDegradation"`:     slow,
		`"serviceInterruption"`:    out,
		`"extendedRecovery"`:       slow,
		`"investigating"`:          slow,
		`"serviceRestored"`:        slow,
		`"falsePositive"`:          well,
		`"investigationSuspended"`: well,
		`"unknownFutureValue"`:     slow,
		`null`:                     slow,
		`{}`:                       slow,
		`"new"`:                    slow,
	})
}

func TestM365(t *testing.T) {
	issue := func(fields string) string {
		return overviews(`"serviceOperational"`, `[{"id":"TM1","title":"Chat","service":"Teams","lastModifiedDateTime":"2026-09-14T09:00:00Z",`+fields+`}]`)
	}
	const incident = `"classification":"incident","origin":"microsoft"`
	rows(t, map[string]row{
		"nothing":                   {"m365", `{"value":[]}`, dunno, "", "expected a Microsoft 365 service health document"},
		"an error of Graph":         {"m365", `{"error":{"code":"Forbidden","message":"no rights"}}`, dunno, "", "no rights"},
		"one overview":              {"m365", `{"id":"x","service":"Teams","status":"serviceOperational"}`, well, "", ""},
		"one overview, no status":   {"m365", `{"id":"x","service":"Teams"}`, dunno, "", "expected"},
		"another without a status":  {"", `{"value":[{"id":"a","service":"A","status":"serviceOperational"},{"id":"b","service":"B"}]}`, dunno, "", "can not be read"},
		"another that is none":      {"", `{"value":[{"id":"a","service":"A","status":"serviceOperational"},null,7]}`, dunno, "", "can not be read"},
		"a second page":             {"", `{"@odata.nextLink":"https://x","value":[{"id":"a","service":"A","status":"serviceOperational"}]}`, dunno, "", "second page"},
		"a second page and trouble": {"", `{"@odata.nextLink":"https://x","value":[{"id":"a","service":"A","status":"serviceInterruption"}]}`, out, "", "second page"},
		"green and an incident":     {"", issue(incident + `,"isResolved":false,"status":"serviceDegradation"`), slow, "open: Chat", ""},
		"an advisory":               {"", issue(`"classification":"advisory","isResolved":false,"status":"serviceDegradation"`), well, "notices: Chat", ""},
		"the customer's own":        {"", issue(`"classification":"incident","origin":"customer","isResolved":false,"status":"serviceDegradation"`), well, "notices: Chat", ""},
		"a third party's":           {"", issue(`"classification":"incident","origin":"thirdParty","isResolved":false,"status":"serviceDegradation"`), slow, "open: Chat", ""},
		"no flag":                   {"", issue(incident + `,"status":"serviceRestored"`), well, "resolved: Chat", ""},
		"no flag, no status":        {"", issue(incident), slow, "open: Chat", ""},
		"over by flag and status":   {"", issue(incident + `,"isResolved":true,"status":"serviceRestored"`), well, "resolved: Chat", ""},
		"over by flag alone":        {"", issue(incident + `,"isResolved":true,"status":"serviceInterruption"`), out, "open: Chat", ""},
		"over by status alone":      {"", issue(incident + `,"isResolved":false,"status":"serviceRestored"`), slow, "open: Chat", ""},
		"over, in a new word":       {"", issue(incident + `,"isResolved":true,"status":"unknownFutureValue"`), well, "resolved: Chat", ""},
		"issues, none open":         {"m365", `{"value":[{"id":"a","title":"A","service":"S","classification":"incident","isResolved":true,"status":"serviceRestored"}]}`, dunno, "", "healthOverviews"},
		"issues, one open":          {"m365", `{"value":[{"id":"a","title":"A","service":"S","classification":"incident","isResolved":false,"status":"investigating"}]}`, slow, "open: A", ""},
		"issues that are no list":   {"", overviews(`"serviceOperational"`, `"x"`), dunno, "", "can not be read"},
		"the message centre":        {"m365", string(fixture(t, "m365-messages.json")), dunno, "", "message centre"},
		"services without a name":   {"m365", `{"value":[{"id":"a","service":"","status":"serviceOperational"}]}`, dunno, "", "expected"},
	})
}

// TestASecondPageHidesNothingOfTheFirst : what is ours stands on the page that was read.
func TestASecondPageHidesNothingOfTheFirst(t *testing.T) {
	s := statuspage.Parse([]byte(`{"@odata.nextLink":"https://x","value":[{"id":"a","service":"Teams","status":"serviceOperational"}]}`), "", "https://x.example", "m365", morning())
	if ours := s.Concerning([]string{"Teams"}); ours.Level != well {
		t.Errorf("%s (%s)", ours.Level, ours.Problem)
	}
	if ours := s.Concerning([]string{"Mail"}); ours.Level != dunno {
		t.Errorf("on a page that was not read: %s", ours.Level)
	}
}
