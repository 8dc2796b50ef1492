package statuspage_test

import (
	"testing"

	"sparky/partners"
	"sparky/partners/statuspage"
)

const ulidPage = `{"page":{"id":"01JABCDEFGHJKMNPQRSTVWXYZ0","name":"B","url":"https://b.example"},`

// widget is incident.io's widget with these fields.
func widget(fields string) string {
	return `{"page_title":"B","page_url":"https://b.example",` + fields + `}`
}

func TestIncidentIOWords(t *testing.T) {
	words(t, "", ulidPage+`"status":{"indicator":%s},"components":[],"incidents":[]}`, notWords(map[string]partners.Level{
		`"none"`:        well,
		`"minor"`:       slow,
		`"major"`:       partly,
		`"critical"`:    out,
		`"maintenance"`: upkeep,
	}))
	words(t, "", widget(`"in_progress_maintenances":[],"ongoing_incidents":[{"id":"i","name":"n","status":"investigating","current_worst_impact":%s}]`), map[string]partners.Level{
		`"operational"`:          slow,
		`"degraded_performance"`: slow,
		`"partial_outage"`:       partly,
		`"full_outage"`:          out,
		`"new"`:                  slow,
		`null`:                   slow,
	})
	words(t, "", widget(`"in_progress_maintenances":[],"ongoing_incidents":[{"id":"i","name":"n","status":%s,"current_worst_impact":"full_outage"}]`), map[string]partners.Level{
		`"investigating"`: out,
		`"identified"`:    out,
		`"monitoring"`:    out,
		`"resolved"`:      well,
		`null`:            out,
		`""`:              out,
		`"closed"`:        well,
	})
	words(t, "", `{"summary":{"name":"B","public_url":"https://b.example","ongoing_incidents":[],"affected_components":[{"component_id":"a","status":%s}],
		"structure":{"items":[{"component":{"component_id":"a","name":"A"}},{"component":{"component_id":"b","name":"B"}}]}}}`, notWords(map[string]partners.Level{
		`"operational"`:          well,
		`"degraded_performance"`: slow,
		`"partial_outage"`:       partly,
		`"full_outage"`:          out,
		`"under_maintenance"`:    upkeep,
		`"sleeping"`:             dunno,
	}))
}

func TestIncidentIOLists(t *testing.T) {
	lists(t, "", widget(`"ongoing_incidents":[],"structure":{},"scheduled_maintenances":%s`))
	lists(t, "", widget(`"ongoing_incidents":[],"structure":{},"in_progress_maintenances":%s`))
	lists(t, "", widget(`"ongoing_incidents":[],"structure":{},"affected_components":%s`))
	lists(t, "", ulidPage+none+`,"components":[],"incidents":%s}`)
}

func TestIncidentIO(t *testing.T) {
	maintenance := func(list, more string) string {
		return widget(`"ongoing_incidents":[],"structure":{},"` + list + `":[{"id":"m","name":"Disks"` + more + `}]`)
	}
	rows(t, map[string]row{
		"well":                            {"", widget(`"ongoing_incidents":[],"in_progress_maintenances":[]`), well, "", ""},
		"no list of incidents":            {"incidentio", widget(`"in_progress_maintenances":[]`), dunno, "", "expected an incident.io document"},
		"incidents that are no list":      {"incidentio", widget(`"ongoing_incidents":{},"in_progress_maintenances":[]`), dunno, "", "expected an incident.io document"},
		"an incident that is none":        {"", widget(`"ongoing_incidents":[7],"in_progress_maintenances":[]`), dunno, "", "can not be read"},
		"nobody's page":                   {"", `{"ongoing_incidents":[],"in_progress_maintenances":[]}`, dunno, "", "does not name its page"},
		"the other shape asked for":       {"statuspage", widget(`"ongoing_incidents":[],"in_progress_maintenances":[]`), well, "", ""},
		"Statuspage moved there":          {"statuspage", ulidPage + none + `}`, well, "", ""},
		"moved back":                      {"incidentio", summary(none), well, "", ""},
		"no parts named, incident open":   {"", ulidPage + none + `,"components":[{"name":"API","status":"operational"}],"incidents":[{"id":"i","name":"Slow","status":"monitoring"}]}`, slow, "open: Slow", ""},
		"a part that is affected, hidden": {"", widget(`"ongoing_incidents":[],"affected_components":[{"component_id":"a","status":"full_outage"}],"structure":{"items":[{"component":{"component_id":"a","name":"A","hidden":true}}]}`), well, "", ""},
		"affected, not in the structure":  {"", widget(`"ongoing_incidents":[],"structure":{},"affected_components":[{"component_id":"a","status":"full_outage"}]`), out, "", ""},
		"affected, by name":               {"", widget(`"ongoing_incidents":[],"structure":{},"affected_components":[{"id":"a","name":"API","current_status":"partial_outage"}]`), partly, "", ""},
		"coming":                          {"", maintenance("scheduled_maintenances", `,"status":"maintenance_scheduled","starts_at":"2026-09-15T09:00:00Z","ends_at":"2026-09-15T10:00:00Z"`), well, "windows: Disks", ""},
		"begun, listed as coming":         {"", maintenance("scheduled_maintenances", `,"status":"maintenance_scheduled","starts_at":"2026-09-14T09:00:00Z","ends_at":"2026-09-14T11:00:00Z"`), upkeep, "windows: Disks!", ""},
		"going on, no word":               {"", maintenance("in_progress_maintenances", `,"started_at":"2026-09-14T09:00:00Z"`), upkeep, "windows: Disks!", ""},
		"going on, over its end":          {"", maintenance("in_progress_maintenances", `,"started_at":"2026-09-14T08:00:00Z","scheduled_end_at":"2026-09-14T09:00:00Z"`), upkeep, "windows: Disks!", ""},
		"complete":                        {"", maintenance("in_progress_maintenances", `,"status":"maintenance_complete","started_at":"2026-09-14T08:00:00Z"`), well, "", ""},
		"the worst of its parts":          {"", widget(`"in_progress_maintenances":[],"ongoing_incidents":[{"id":"i","name":"n","component_impacts":[{"status":"degraded_performance"},{"status":"full_outage"}]}]`), out, "open: n", ""},
	})
}

// quillon is an Instatus summary with this word and these fields.
func quillon(word, fields string) string {
	return `{"page":{"name":"Q","url":"https://q.example","status":` + word + `}` + fields + `}`
}

func TestInstatusWords(t *testing.T) {
	words(t, "", quillon(`%s`, ``), notWords(map[string]partners.Level{
		`"UP"`:                     well,
		`"HASISSUES"`:              slow,
		`"UNDERMAINTENANCE"`:       upkeep,
		`"ONEUNDERMAINTENANCE"`:    upkeep,
		`"ONEDEGRADEDPERFORMANCE"`: slow,
		`"ONEMINOROUTAGE"`:         slow,
		`"ONEPARTIALOUTAGE"`:       partly,
		`"2PARTIALOUTAGE"`:         partly,
		`"ONEMAJOROUTAGE"`:         out,
		`"MAJOROUTAGE"`:            out,
		`"DOWN"`:                   dunno,
		`"up"`:                     dunno,
		`"ALLUP"`:                  dunno,
	}))
	words(t, "", quillon(`"UP"`, `,"activeIncidents":[{"id":"i","name":"n","status":"INVESTIGATING","impact":%s}]`), map[string]partners.Level{
		`"OPERATIONAL"`:         slow,
		`"DEGRADEDPERFORMANCE"`: slow,
		`"MINOROUTAGE"`:         slow,
		`"PARTIALOUTAGE"`:       partly,
		`"MAJOROUTAGE"`:         out,
		`"NEW"`:                 slow,
		`null`:                  slow,
	})
	words(t, "", quillon(`"UP"`, `,"activeIncidents":[{"id":"i","name":"n","status":%s,"impact":"MAJOROUTAGE"}]`), map[string]partners.Level{
		`"INVESTIGATING"`: out,
		`"IDENTIFIED"`:    out,
		`"MONITORING"`:    out,
		`"RESOLVED"`:      well,
		`"NEW"`:           out,
		`null`:            out,
	})
	words(t, "", `{"components":[{"name":"A","status":"OPERATIONAL"},{"name":"B","status":%s}]}`, notWords(map[string]partners.Level{
		`"OPERATIONAL"`:         well,
		`"UNDERMAINTENANCE"`:    upkeep,
		`"DEGRADEDPERFORMANCE"`: slow,
		`"MINOROUTAGE"`:         slow,
		`"PARTIALOUTAGE"`:       partly,
		`"MAJOROUTAGE"`:         out,
	}))
}

func TestInstatus(t *testing.T) {
	lists(t, "", quillon(`"UP"`, `,"activeIncidents":%s`))
	lists(t, "", quillon(`"UP"`, `,"activeMaintenances":%s`))
	window := func(more string) string {
		return quillon(`"UP"`, `,"activeMaintenances":[{"id":"m","name":"Disks"`+more+`}]`)
	}
	rows(t, map[string]row{
		"no word":                     {"instatus", `{"page":{"name":"Q","url":"https://q.example"}}`, dunno, "", "expected an Instatus document"},
		"no word, but components":     {"", `{"page":{"name":"Q","url":"https://q.example"},"components":[{"name":"A","status":"OPERATIONAL"}]}`, dunno, "", ""},
		"a new word, incident open":   {"", quillon(`"FINE"`, `,"activeIncidents":[{"id":"i","name":"Slow"}]`), slow, "open: Slow", "“FINE”"},
		"a small word, incident open": {"", `{"page":{"name":"Q","status":"up"},"components":[{"name":"A","status":"operational"}],"activeIncidents":[{"id":"i","name":"Slow"}]}`, slow, "open: Slow", ""},
		"up, and an incident":         {"", quillon(`"UP"`, `,"activeIncidents":[{"id":"i","name":"Slow","impact":"OPERATIONAL","status":"MONITORING"}]`), slow, "open: Slow", ""},
		"up, and an old incident":     {"", quillon(`"UP"`, `,"activeIncidents":[{"id":"i","name":"Slow","updatedAt":"2026-09-01T00:00:00Z"}]`), well, "stale: Slow", ""},
		"a parent is left out":        {"", `{"components":[{"name":"A","status":"OPERATIONAL"},{"name":"P","status":"MAJOROUTAGE","isParent":true}]}`, well, "", ""},
		"coming":                      {"", window(`,"status":"NOTSTARTEDYET","start":"2026-09-15T09:00:00Z","duration":60`), well, "windows: Disks", ""},
		"begun, nobody said so":       {"", window(`,"status":"NOTSTARTEDYET","start":"2026-09-14T09:30:00Z","duration":"60"`), upkeep, "windows: Disks!", ""},
		"going on, over its end":      {"", window(`,"status":"INPROGRESS","start":"2026-09-14T08:30:00Z","duration":60`), upkeep, "windows: Disks!", ""},
		"verifying":                   {"", window(`,"status":"VERIFYING","start":"2026-09-14T08:30:00Z"`), upkeep, "windows: Disks!", ""},
		"completed":                   {"", window(`,"status":"COMPLETED","start":"2026-09-14T08:30:00Z"`), well, "", ""},
		"a duration that is none":     {"", window(`,"status":"NOTSTARTEDYET","start":"2026-09-15T09:00:00Z","duration":-5e9`), well, "windows: Disks", ""},
		"Statuspage asked for":        {"statuspage", quillon(`"UP"`, ``), dunno, "", "expected a Statuspage document, got an Instatus document"},
	})
}

// overall is a Status.io document with this code and these fields of its result.
func overall(code, fields string) string {
	return `{"result":{"status_overall":{"updated":"2026-09-14T09:00:00Z","status":"x","status_code":` + code + `}` + fields + `}}`
}

func TestStatusIOWords(t *testing.T) {
	codes := map[string]partners.Level{
		`100`:      well,
		`200`:      upkeep,
		`300`:      slow,
		`400`:      partly,
		`500`:      out,
		`600`:      out,
		`"100"`:    well,
		`"500"`:    out,
		`0`:        dunno,
		`700`:      dunno,
		`100.7`:    dunno,
		`"100 ok"`: dunno,
	}
	words(t, "", overall(`%s`, ``), notWords(codes))
	words(t, "", overall(`100`, `,"status":[{"name":"A","status_code":%s}]`), notWords(codes))
	words(t, "", overall(`100`, `,"status":[{"name":"A","status_code":100,"containers":[{"name":"x","status_code":100},{"name":"y","status_code":%s}]}]`), notWords(codes))
	words(t, "", overall(`100`, `,"incidents":[{"_id":"i","name":"n","messages":[{"datetime":"2026-09-14T09:00:00Z","state":%s,"status":400}]}]`), map[string]partners.Level{
		`100`:  partly,
		`200`:  partly,
		`300`:  partly,
		`400`:  well,
		`500`:  partly,
		`null`: partly,
		`"x"`:  partly,
	})
}

func TestStatusIO(t *testing.T) {
	lists(t, "", overall(`100`, `,"status":[],"incidents":%s`))
	lists(t, "", overall(`100`, `,"incidents":[],"status":%s`))
	lists(t, "", overall(`100`, `,"maintenance":{"active":[],"upcoming":%s}`))
	rows(t, map[string]row{
		"no result":                    {"statusio", `{"status_overall":{"status_code":100}}`, dunno, "", "expected a Status.io document"},
		"no overall":                   {"statusio", `{"result":{"status":[]}}`, dunno, "", "expected a Status.io document"},
		"a new code, incident open":    {"", overall(`700`, `,"incidents":[{"_id":"i","name":"Slow"}]`), slow, "open: Slow", "no overall status code"},
		"green, incident open":         {"", overall(`100`, `,"incidents":[{"_id":"i","name":"Slow","datetime_open":"2026-09-14T09:00:00Z"}]`), slow, "open: Slow", ""},
		"the newest message decides":   {"", overall(`100`, `,"incidents":[{"_id":"i","name":"Slow","messages":[{"datetime":"2026-09-14T09:00:00Z","state":300},{"datetime":"2026-09-14T08:00:00Z","state":400}]}]`), slow, "open: Slow", ""},
		"resolved last":                {"", overall(`100`, `,"incidents":[{"_id":"i","name":"Slow","messages":[{"datetime":"2026-09-14T08:00:00Z","state":300},{"datetime":"2026-09-14T09:00:00Z","state":400}]}]`), well, "resolved: Slow", ""},
		"out, all its containers well": {"", overall(`500`, `,"status":[{"name":"A","status_code":500,"containers":[{"name":"x","status_code":100},{"name":"y","status_code":100}]}]`), out, "", ""},
		"active, no times":             {"", overall(`200`, `,"maintenance":{"active":[{"_id":"m","name":"Disks"}]}`), upkeep, "windows: Disks!", ""},
		"active, never closed":         {"", overall(`100`, `,"maintenance":{"active":[{"_id":"m","name":"Disks","datetime_planned_start":"2026-08-01T00:00:00Z","datetime_planned_end":"2026-08-01T02:00:00Z"}]}`), well, "", ""},
		"upcoming":                     {"", overall(`100`, `,"maintenance":{"upcoming":[{"_id":"m","name":"Disks","datetime_planned_start":"2026-09-20T00:00:00Z"}]}`), well, "windows: Disks", ""},
	})
	s := statuspage.Parse([]byte(overall(`500`, `,"status":[{"name":"A","status_code":500,"containers":[{"name":"x","status_code":100},{"name":"y","status_code":100}]}]`)), "", "https://x.example", "", morning())
	if ours := s.Concerning([]string{"y"}); ours.Level != out {
		t.Errorf("a region of a component that is out is %s", ours.Level)
	}
}

// stack is a Better Stack document with this state and these included.
func stack(state, included string) string {
	return `{"data":{"type":"status_page","attributes":{"company_name":"T","custom_domain":"t.example","aggregate_state":` + state + `}},"included":` + included + `}`
}

func TestBetterStackWords(t *testing.T) {
	words(t, "", stack(`%s`, `[]`), notWords(map[string]partners.Level{
		`"operational"`: well,
		`"degraded"`:    slow,
		`"downtime"`:    out,
		`"maintenance"`: upkeep,
		`"fine"`:        dunno,
	}))
	words(t, "", stack(`"operational"`, `[{"id":"1","type":"status_page_resource","attributes":{"public_name":"A","status":%s}}]`), notWords(map[string]partners.Level{
		`"operational"`:   well,
		`"degraded"`:      slow,
		`"downtime"`:      out,
		`"maintenance"`:   upkeep,
		`"not_monitored"`: well,
		`"new"`:           dunno,
	}))
	words(t, "", stack(`"operational"`, `[{"id":"1","type":"status_report","attributes":{"title":"n","aggregate_state":%s}}]`), map[string]partners.Level{
		`"operational"`: slow,
		`"degraded"`:    slow,
		`"downtime"`:    out,
		`"resolved"`:    well,
		`null`:          slow,
		`"new"`:         slow,
	})
}

func TestBetterStack(t *testing.T) {
	lists(t, "", stack(`"operational"`, `%s`))
	report := func(more string) string {
		return stack(`"operational"`, `[{"id":"1","type":"status_report","attributes":{"title":"Slow"`+more+`}}]`)
	}
	rows(t, map[string]row{
		"another type":             {"betterstack", `{"data":{"type":"monitor","attributes":{"aggregate_state":"operational"}}}`, dunno, "", "expected a Better Stack document"},
		"a list of pages":          {"betterstack", `{"data":[{"type":"status_page"}]}`, dunno, "", "expected a Better Stack document"},
		"no attributes":            {"", `{"data":{"type":"status_page"}}`, dunno, "", "no aggregate state"},
		"no state, report open":    {"", stack(`null`, `[{"id":"1","type":"status_report","attributes":{"title":"Slow"}}]`), slow, "open: Slow", "no aggregate state"},
		"open":                     {"", report(`,"starts_at":"2026-09-14T09:00:00Z"`), slow, "open: Slow", ""},
		"ends later":               {"", report(`,"starts_at":"2026-09-14T09:00:00Z","ends_at":"2026-09-14T19:00:00Z"`), slow, "open: Slow", ""},
		"ended":                    {"", report(`,"starts_at":"2026-09-14T09:00:00Z","ends_at":"2026-09-14T09:30:00Z"`), well, "resolved: Slow", ""},
		"old":                      {"", report(`,"starts_at":"2026-09-01T09:00:00Z"`), well, "stale: Slow", ""},
		"maintenance, going on":    {"", report(`,"report_type":"maintenance","starts_at":"2026-09-14T09:00:00Z","ends_at":"2026-09-14T19:00:00Z"`), upkeep, "windows: Slow!", ""},
		"maintenance, coming":      {"", report(`,"report_type":"maintenance","starts_at":"2026-09-15T09:00:00Z"`), well, "windows: Slow", ""},
		"maintenance, over":        {"", report(`,"report_type":"maintenance","starts_at":"2026-09-14T09:00:00Z","ends_at":"2026-09-14T09:30:00Z"`), well, "", ""},
		"something of a new type":  {"", stack(`"operational"`, `[{"id":"1","type":"poem","attributes":{}}]`), well, "", ""},
		"something without a type": {"", stack(`"operational"`, `[{"id":"1","attributes":{"title":"Slow"}}]`), dunno, "", "can not be read"},
		"green, a part is down":    {"", stack(`"operational"`, `[{"id":"1","type":"status_page_resource","attributes":{"public_name":"A","status":"downtime"}}]`), out, "", ""},
	})
}
