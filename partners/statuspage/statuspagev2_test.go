package statuspage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// summary is a Statuspage summary with these fields beside its page.
func summary(fields string) string {
	return `{"page":{"id":"p1","name":"X","url":"https://x.example","updated_at":"2026-09-14T09:00:00Z"},` + fields + `}`
}

const none = `"status":{"indicator":"none","description":"All well"}`

func TestStatuspageWords(t *testing.T) {
	words(t, "", summary(`"status":{"indicator":%s},"components":[],"incidents":[]`), notWords(map[string]partners.Level{
		`"none"`:        well,
		`"minor"`:       slow,
		`"major"`:       partly,
		`"critical"`:    out,
		`"maintenance"`: upkeep,
		`"Major"`:       partly,
		`" none "`:      well,
		`"ok"`:          dunno,
	}))
	words(t, "", summary(`"status":%s,"components":[],"incidents":[]`), notWords(map[string]partners.Level{
		`{"indicator":"none"}`: well,
		`"none"`:               dunno,
	}))
	words(t, "", summary(none+`,"components":[{"id":"a","name":"API","status":%s}]`), notWords(map[string]partners.Level{
		`"operational"`:          well,
		`"degraded_performance"`: slow,
		`"partial_outage"`:       partly,
		`"major_outage"`:         out,
		`"under_maintenance"`:    upkeep,
		`"full_outage"`:          out,
	}))
	words(t, "", summary(none+`,"incidents":[{"id":"i","name":"n","status":"investigating","impact":%s,"created_at":"2026-09-14T09:00:00Z"}]`), map[string]partners.Level{
		`"none"`:        slow,
		`"minor"`:       slow,
		`"major"`:       partly,
		`"critical"`:    out,
		`"maintenance"`: slow,
		`null`:          slow,
		`"new"`:         slow,
		`{}`:            slow,
		`7`:             slow,
	})
	words(t, "", summary(none+`,"incidents":[{"id":"i","name":"n","status":%s,"impact":"major","created_at":"2026-09-14T09:00:00Z"}]`), map[string]partners.Level{
		`"investigating"`: partly,
		`"identified"`:    partly,
		`"monitoring"`:    partly,
		`"resolved"`:      well,
		`"postmortem"`:    well,
		`"Resolved"`:      well,
		`"unresolved"`:    partly,
		`"new"`:           partly,
		`""`:              partly,
		`null`:            partly,
		`true`:            partly,
		`{}`:              partly,
	})
	words(t, "", summary(none+`,"scheduled_maintenances":[{"id":"m","name":"n","status":%s,"impact":"major","scheduled_for":"2026-09-14T09:00:00Z","scheduled_until":"2026-09-14T11:00:00Z"}]`), map[string]partners.Level{
		`"scheduled"`:   upkeep,
		`"in_progress"`: upkeep,
		`"verifying"`:   upkeep,
		`"completed"`:   well,
		`"cancelled"`:   well,
		`null`:          upkeep,
		`"new"`:         upkeep,
	})
}

func TestStatuspageLists(t *testing.T) {
	lists(t, "", summary(none+`,"components":[],"incidents":%s`))
	lists(t, "", summary(none+`,"incidents":[],"components":%s`))
	lists(t, "", summary(none+`,"incidents":[],"scheduled_maintenances":%s`))
}

func TestStatuspage(t *testing.T) {
	incident := func(more string) string { return summary(none + `,"incidents":[{"id":"i","name":"Slow"` + more + `}]`) }
	rows(t, map[string]row{
		"no page":                     {"", `{` + none + `}`, dunno, "", "no status document"},
		"no page, for the kind":       {"statuspage", `{` + none + `}`, dunno, "", "expected a Statuspage document"},
		"a page without an id":        {"statuspage", `{"page":{"name":"X"},` + none + `}`, dunno, "", "expected a Statuspage document"},
		"a page that is a text":       {"", `{"page":"X",` + none + `,"components":[]}`, dunno, "", ""},
		"a page and nothing else":     {"", `{"page":{"id":"x"}}`, dunno, "", "no status document"},
		"status alone":                {"", summary(none), well, "", "lists no incidents"},
		"status and components":       {"", summary(none + `,"components":[]`), well, "", "lists no incidents"},
		"components alone":            {"", summary(`"components":[{"name":"API","status":"operational"}]`), well, "", "lists no incidents"},
		"components, none":            {"", summary(`"components":[]`), dunno, "", "does not say how they are"},
		"only a footnote":             {"", summary(`"components":[{"name":"Visit www.x.example for more information","status":"major_outage"}]`), dunno, "", "does not say"},
		"only a group":                {"", summary(`"components":[{"name":"All","status":"operational","group":true}]`), dunno, "", "does not say"},
		"unresolved, none":            {"", summary(`"incidents":[]`), dunno, "", "summary.json"},
		"unresolved, one":             {"", summary(`"incidents":[{"id":"i","name":"Slow","status":"identified"}]`), slow, "open: Slow", ""},
		"windows, none":               {"", summary(`"scheduled_maintenances":[]`), dunno, "", "summary.json"},
		"no indicator, one open":      {"", summary(`"components":[],"incidents":[{"id":"i","name":"Slow","status":"identified"}]`), slow, "open: Slow", "has no indicator"},
		"new indicator, one open":     {"", summary(`"status":{"indicator":"purple"},"incidents":[{"id":"i","name":"Slow","impact":"critical"}]`), out, "open: Slow", "“purple”"},
		"green, monitoring":           {"", incident(`,"status":"monitoring","impact":"none"`), slow, "open: Slow", ""},
		"no name":                     {"", summary(none + `,"incidents":[{"id":"i","status":"identified","impact":"major"}]`), partly, "open: incident i", ""},
		"no name and no id":           {"", summary(none + `,"incidents":[{"status":"identified","impact":"major"}]`), partly, "open: an incident without a name", ""},
		"no name, over":               {"", summary(none + `,"incidents":[{"status":"resolved","impact":"major"}]`), well, "", ""},
		"no times":                    {"", incident(`,"status":"identified"`), slow, "open: Slow", ""},
		"old, without updates":        {"", incident(`,"status":"identified","created_at":"2026-09-01T00:00:00Z"`), well, "stale: Slow", ""},
		"old, updated now":            {"", incident(`,"status":"identified","created_at":"2026-09-01T00:00:00Z","incident_updates":[{"display_at":"2026-09-14T09:00:00Z"}]`), slow, "open: Slow", ""},
		"updates, oldest first":       {"", incident(`,"status":"identified","created_at":"2026-09-01T00:00:00Z","incident_updates":[{"created_at":"2026-09-01T00:00:00Z"},{"created_at":"2026-09-14T09:00:00Z"}]`), slow, "open: Slow", ""},
		"from the future":             {"", incident(`,"status":"identified","created_at":"2027-09-01T00:00:00Z"`), slow, "open: Slow", ""},
		"times that are none":         {"", incident(`,"status":"identified","created_at":"soon","updated_at":{},"started_at":true`), slow, "open: Slow", ""},
		"resolved long ago":           {"", incident(`,"status":"resolved","resolved_at":"2026-09-01T00:00:00Z"`), well, "", ""},
		"resolved today":              {"", incident(`,"status":"resolved","resolved_at":"2026-09-14T02:00:00Z"`), well, "resolved: Slow", ""},
		"resolved without a time":     {"", incident(`,"status":"resolved"`), well, "", ""},
		"the same twice":              {"", summary(none + `,"incidents":[{"id":"i","name":"Slow","impact":"minor"},{"id":"i","name":"Slow","impact":"critical"}]`), out, "open: Slow", ""},
		"an id twice, not the same":   {"", summary(none + `,"incidents":[{"id":"i","name":"Slow"},{"id":"i","name":"Lost"}]`), slow, "open: Slow, Lost", ""},
		"open and resolved, one id":   {"", summary(none + `,"incidents":[{"id":"i","name":"Slow"},{"id":"i","name":"Slow","status":"resolved","resolved_at":"2026-09-14T09:00:00Z"}]`), slow, "open: Slow; resolved: Slow", ""},
		"a nameless part that is out": {"", summary(none + `,"components":[{"status":"major_outage"}]`), out, "", ""},
		"a nameless part, unknown":    {"", summary(none + `,"components":[{"name":"","status":"what"}]`), dunno, "", "“what”"},
		"green, a part is out":        {"", summary(none + `,"components":[{"name":"API","status":"major_outage"}]`), out, "", ""},
		"red, all parts well":         {"", summary(`"status":{"indicator":"critical"},"components":[{"name":"API","status":"operational"}]`), out, "", ""},
		"truncated":                   {"", incident(`,"status":"identified"`)[:150], dunno, "", "broken off"},
		"two documents":               {"", summary(none) + summary(none), dunno, "", "broken off"},
		"in a list":                   {"", `[` + summary(none) + `]`, dunno, "", "no status document"},
		"in an envelope":              {"", `{"data":` + summary(none) + `}`, dunno, "", "no status document"},
		"a script around it":          {"", `callback(` + summary(none) + `)`, dunno, "", "no status document"},
		"a mark before it":            {"", "\uFEFF" + summary(none), well, "", ""},
		"two marks before it":         {"", "\uFEFF\uFEFF" + summary(none), dunno, "", ""},
		"Latin-1 in a name":           {"", summary(none + `,"incidents":[{"id":"i","name":"Gr` + "\xfc" + `n"}]`), slow, "open: Grün", ""},
	})
}

func TestStatuspageWindows(t *testing.T) {
	window := func(more string) string {
		return summary(none + `,"incidents":[],"scheduled_maintenances":[{"id":"m","name":"Disks"` + more + `}]`)
	}
	rows(t, map[string]row{
		"coming":                          {"", window(`,"status":"scheduled","scheduled_for":"2026-09-15T09:00:00Z","scheduled_until":"2026-09-15T10:00:00Z"`), well, "windows: Disks", ""},
		"without times":                   {"", window(`,"status":"scheduled"`), well, "windows: Disks", ""},
		"begun, nobody said so":           {"", window(`,"status":"scheduled","scheduled_for":"2026-09-14T09:59:00Z","scheduled_until":"2026-09-14T10:30:00Z"`), upkeep, "windows: Disks!", ""},
		"begun, no end given":             {"", window(`,"status":"scheduled","scheduled_for":"2026-09-14T09:59:00Z"`), upkeep, "windows: Disks!", ""},
		"begun long ago, no end given":    {"", window(`,"status":"scheduled","scheduled_for":"2026-09-10T09:59:00Z"`), well, "", ""},
		"begun early":                     {"", window(`,"status":"in_progress","scheduled_for":"2026-09-14T11:00:00Z","scheduled_until":"2026-09-14T12:00:00Z"`), upkeep, "windows: Disks!", ""},
		"over its end":                    {"", window(`,"status":"in_progress","scheduled_for":"2026-09-14T08:00:00Z","scheduled_until":"2026-09-14T09:00:00Z"`), upkeep, "windows: Disks!", ""},
		"over its end, being checked":     {"", window(`,"status":"verifying","scheduled_for":"2026-09-14T08:00:00Z","scheduled_until":"2026-09-14T09:00:00Z"`), upkeep, "windows: Disks!", ""},
		"never closed":                    {"", window(`,"status":"in_progress","scheduled_for":"2026-09-01T08:00:00Z","scheduled_until":"2026-09-01T09:00:00Z"`), well, "", ""},
		"never opened nor closed":         {"", window(`,"status":"scheduled","scheduled_for":"2026-09-01T08:00:00Z","scheduled_until":"2026-09-01T09:00:00Z"`), well, "", ""},
		"completed early":                 {"", window(`,"status":"completed","scheduled_for":"2026-09-14T09:00:00Z","scheduled_until":"2026-09-14T12:00:00Z"`), well, "", ""},
		"in progress, in another writing": {"", window(`,"status":"In Progress","scheduled_for":"2026-09-14T08:00:00Z","scheduled_until":"2026-09-14T09:00:00Z"`), upkeep, "windows: Disks!", ""},
		"in progress, no times":           {"", window(`,"status":"in_progress"`), upkeep, "windows: Disks!", ""},
	})
	s := statuspage.Parse([]byte(window(`,"status":"in_progress","components":[{"name":"API"},{"name":"API"},{"name":"Visit https://x.example"}]`)), "", "https://x.example", "", morning())
	if len(s.Windows) != 1 || fmt.Sprint(s.Windows[0].Components) != "[API]" {
		t.Errorf("%+v", s.Windows)
	}
}

// TestTimes are the writings of one moment, and some that are no moment.
func TestTimes(t *testing.T) {
	for written, want := range map[string]string{
		`"2026-09-14T09:30:00Z"`:           "09:30",
		`"2026-09-14T09:30:00.123456789Z"`: "09:30",
		`"2026-09-14T11:30:00+02:00"`:      "09:30",
		`"2026-09-14T02:30:00-0700"`:       "09:30",
		`"2026-09-14T09:30Z"`:              "09:30",
		`"2026-09-14T09:30:00"`:            "09:30",
		`"2026-09-14T09:30:00.5"`:          "09:30",
		`"2026-09-14 09:30:00"`:            "09:30",
		`"2026-09-14 09:30:00 UTC"`:        "09:30",
		`"2026-09-14 09:30:00 +0000"`:      "09:30",
		`"Mon, 14 Sep 2026 09:30:00 GMT"`:  "09:30",
		`"Mon, 14 Sep 2026 09:30:00 Z"`:    "09:30",
		`"Mon, 14 Sep 2026 02:30:00 PDT"`:  "09:30",
		`"Mon, 14 Sep 2026 04:30:00 CDT"`:  "09:30",
		`1789378200`:                       "09:30",
		`"1789378200"`:                     "09:30",
		`1789378200000`:                    "09:30",
		`1789378200.75`:                    "09:30",
		`"1789378200.0"`:                   "09:30",
		`"yesterday"`:                      "",
		`""`:                               "",
		`null`:                             "",
		`true`:                             "",
		`{}`:                               "",
		`0`:                                "",
		`-1`:                               "",
		`1e30`:                             "",
		`"0001-01-01T00:00:00Z"`:           "",
		`"9999-12-31T00:00:00Z"`:           "",
		`"NaN"`:                            "",
		`"Inf"`:                            "",
	} {
		s := statuspage.Parse([]byte(summary(none+`,"incidents":[{"id":"i","name":"n","started_at":`+written+`}]`)), "", "https://x.example", "", morning())
		got := ""
		if at := s.Incidents[0].Began; !at.IsZero() {
			got = at.Format("15:04")
			if at.Location() != time.UTC {
				t.Errorf("%s is kept in %s", written, at.Location())
			}
		}
		if got != want {
			t.Errorf("%s is %q, want %q", written, got, want)
		}
	}
}

// TestAGroupIsNotCounted neither where it is worse than its parts nor where its parts point at no group.
func TestAGroupIsNotCounted(t *testing.T) {
	s := statuspage.Parse([]byte(summary(none+`,"incidents":[],"components":[
		{"id":"g","name":"Europe","status":"major_outage","group":true},{"id":"g","name":"Europe again","status":"operational","group":true},
		{"name":"API","status":"operational","group_id":"g"},{"name":"Web","status":"operational","group_id":"gone"},{"name":"Mail","status":"operational","group_id":{}}]`)), "", "https://x.example", "", morning())
	if s.Level != well || len(s.Components) != 3 || s.Components[0].Group == "" || s.Components[1].Group != "" {
		t.Errorf("%s, %+v", s.Level, s.Components)
	}
}

// TestHugeLists are read to their end, or say that they were not.
func TestHugeLists(t *testing.T) {
	part, incident := `{"name":"API","status":"operational"}`, `{"id":"%d","name":"n%d","status":"resolved","resolved_at":"2026-09-14T09:00:00Z"},`
	body := summary(none + `,"incidents":[],"components":[` + strings.Repeat(part+",", 5000) + `{"name":"last","status":"major_outage"}]`)
	s := statuspage.Parse([]byte(body), "", "https://x.example", "", morning())
	if s.Level != out || len(s.Components) > 3000 || s.Skipped != 5001-len(s.Components) {
		t.Errorf("%s with %d components, %d skipped", s.Level, len(s.Components), s.Skipped)
	}
	var all strings.Builder
	for n := range 4000 {
		fmt.Fprintf(&all, incident, n, n)
	}
	s = statuspage.Parse([]byte(summary(none+`,"incidents":[`+all.String()+`{"id":"z","name":"last","impact":"critical"}]`)), "", "https://x.example", "", morning())
	if s.Level != out || s.Skipped != 1001 {
		t.Errorf("an open incident at the end of the list: %s, %d skipped", s.Level, s.Skipped)
	}
}
