package statuspage_test

import (
	"fmt"
	"strings"
	"testing"

	"sparky/partners"
	"sparky/partners/statuspage"
)

func TestSlackWords(t *testing.T) {
	words(t, "", `{"date_updated":"2026-09-14T09:00:00Z","active_incidents":[],"status":%s}`, notWords(map[string]partners.Level{
		`"ok"`:     well,
		`"active"`: slow,
		`"OK"`:     dunno,
		`"down"`:   dunno,
	}))
	const one = `{"status":"active","active_incidents":[{"id":1,"title":"n","date_created":"2026-09-14T09:00:00Z","type":%s,"status":"active"}]}`
	words(t, "", one, map[string]partners.Level{
		`"incident"`:    slow,
		`"outage"`:      out,
		`"notice"`:      well,
		`"Notice"`:      well,
		`"Outage"`:      out,
		`"maintenance"`: upkeep,
		`"new"`:         slow,
		`null`:          slow,
		`{}`:            slow,
	})
	words(t, "", `{"status":"ok","active_incidents":[{"id":1,"title":"n","date_created":"2026-09-14T09:00:00Z","type":"incident","status":%s}]}`, map[string]partners.Level{
		`"active"`:    slow,
		`"resolved"`:  well,
		`"completed"`: well,
		`"cancelled"`: well,
		`"scheduled"`: slow,
		`null`:        slow,
		`"new"`:       slow,
		`[]`:          slow,
	})
}

func TestSlack(t *testing.T) {
	current := func(status, incidents string) string {
		return `{"status":"` + status + `","date_updated":"2026-09-14T09:00:00Z","active_incidents":` + incidents + `}`
	}
	const v1 = `{"status":"ok","date_created":"2026-09-14T09:00:00Z","date_updated":"2026-09-14T09:00:00Z"}`
	rows(t, map[string]row{
		"ok, with incidents that are none": {"slack", current("ok", `[7]`), slow, "open: an incident without a name", "the incidents are believed"},
		"ok, with an empty one":            {"slack", current("ok", `[{}]`), slow, "open: an incident without a name", ""},
		"ok, null":                         {"slack", current("ok", `null`), well, "", ""},
		"active, and none listed":          {"", current("active", `[]`), slow, "", "lists none"},
		"active, all over":                 {"", current("active", `[{"id":1,"title":"n","type":"incident","status":"resolved","date_updated":"2026-09-14T09:00:00Z"}]`), well, "resolved: n", ""},
		"a new status, an incident":        {"", current("fine", `[{"id":1,"title":"n","type":"incident","status":"active"}]`), slow, "open: n", "“fine”"},
		"the old shape, well":              {"slack", v1, well, "", ""},
		"the old shape, of anybody":        {"", v1, dunno, "", "no status document"},
		"the history, all over":            {"slack", `[{"id":1,"title":"n","type":"incident","status":"resolved","services":[],"notes":[],"date_created":"2026-01-01T00:00:00Z"}]`, dunno, "", "address of current"},
		"an empty history":                 {"slack", `[]`, dunno, "", "expected a Slack status document"},
		"a list of others":                 {"slack", `[{"id":1}]`, dunno, "", "expected a Slack status document"},
		"an API's error":                   {"slack", `{"ok":false,"error":"ratelimited"}`, dunno, "", "ratelimited"},
		"coming maintenance":               {"", current("ok", `[{"id":1,"title":"n","type":"maintenance","status":"scheduled"}]`), well, "windows: n", ""},
		"a title of HTML":                  {"", current("active", `[{"id":1,"title":"<b>n</b>","type":"incident","status":"active"}]`), slow, "open: <b>n</b>", ""},
	})
}

func TestGenericWords(t *testing.T) {
	levels := map[string]partners.Level{}
	for level, said := range map[partners.Level]string{
		well:   "ok OK okay up UP healthy pass passing green normal available online operational none",
		slow:   "warn warning yellow amber issues degradation degraded degraded_performance minor",
		partly: "partial orange partial_outage major",
		out:    "down outage red offline unavailable unhealthy fail major_outage critical DOWN",
		upkeep: "maintenance under_maintenance",
		dunno:  "error success failed true yes 200 found running unknown null degraded? upp",
	} {
		for word := range strings.FieldsSeq(said) {
			levels[`"`+word+`"`] = level
		}
	}
	words(t, "json", `{"status":%s}`, notWords(levels))
	words(t, "json", `{"status":"ok","services":{"api":%s}}`, notWords(levels))
	words(t, "json", `{"status":"ok","components":[{"name":"A","status":%s}]}`, notWords(levels))
	words(t, "json", `{"status":"ok","health":%s}`, map[string]partners.Level{
		`"red"`:    out,
		`"purple"`: dunno,
		`"ok"`:     well,
		`null`:     well,
	})
}

func TestGeneric(t *testing.T) {
	rows(t, map[string]row{
		"nothing":                          {"json", `{}`, dunno, "", "an empty JSON object"},
		"a list":                           {"json", `["ok"]`, dunno, "", "expected a JSON document with a status word"},
		"a text":                           {"json", `"ok"`, dunno, "", "expected a JSON document with a status word"},
		"a word, for everything":           {"", `{"status":"ok"}`, dunno, "", "no status document"},
		"a word and an empty list":         {"", `{"status":"ok","components":[]}`, dunno, "", "no status document"},
		"a word and an empty object":       {"", `{"status":"ok","checks":{}}`, dunno, "", "no status document"},
		"a word and a list":                {"", `{"status":"ok","components":[{"name":"A","status":"ok"}]}`, well, "", ""},
		"a word that is a text elsewhere":  {"json", `{"data":{"status":"up"}}`, well, "", ""},
		"success of the request":           {"json", `{"status":"success","data":{"status":"up"}}`, dunno, "", "“success”"},
		"success, and down":                {"json", `{"status":"success","data":{"status":"down"}}`, out, "", "“success”"},
		"all parts down, the word is ok":   {"json", `{"status":"ok","services":{"a":"down","b":"down"}}`, out, "", ""},
		"the second observation fails":     {"json", `{"status":"pass","checks":{"db":[{"status":"pass"},{"status":"fail"}]}}`, out, "", ""},
		"a part without a word":            {"json", `{"status":"ok","services":{"a":{}}}`, dunno, "", "a has no state"},
		"a part that is true":              {"json", `{"status":"ok","services":{"a":true}}`, dunno, "", "a has no state"},
		"an incident":                      {"json", `{"status":"ok","incidents":[{"id":1,"title":"Slow","status":"open"}]}`, slow, "open: Slow", ""},
		"an incident that is over":         {"json", `{"status":"ok","incidents":[{"id":1,"title":"Slow","status":"closed"}]}`, well, "", ""},
		"an incident that is old":          {"json", `{"status":"ok","incidents":[{"id":1,"title":"Slow","updated_at":"2026-01-01T00:00:00Z"}]}`, well, "stale: Slow", ""},
		"incidents that can not be read":   {"json", `{"status":"ok","active_incidents":["x"]}`, dunno, "", "can not be read"},
		"Statuspage's without its page":    {"", `{` + none + `,"components":[{"name":"A","status":"operational"}],"incidents":[{"name":"Slow","status":"investigating","impact":"critical"}]}`, out, "open: Slow", ""},
		"an error with a word":             {"json", `{"error":{"message":"token expired"},"status":"error"}`, dunno, "", "“error”"},
		"an error, asked for by a vendor":  {"statuspage", `{"error":{"message":"token expired"}}`, dunno, "", "token expired"},
		"a very long word":                 {"json", `{"status":"` + strings.Repeat("x", 5000) + `"}`, dunno, "", "…"},
		"a word with what can not be seen": {"json", `{"status":"\u202eok\u0000"}`, dunno, "", "“ok”"},
	})
}

// okta is Okta's page with these incidents.
func okta(incidents string) string {
	return `<html><title>Okta</title><span id="j:StringJSON">` + strings.ReplaceAll(incidents, `"`, "&quot;") + `</span></html>`
}

func TestOkta(t *testing.T) {
	one := func(fields string) string { return okta(`[{"Id":"1","Incident_Title__c":"Slow"` + fields + `}]`) }
	words(t, "html", okta(`[{"Id":"1","Incident_Title__c":"Slow","Start_Time__c":"2026-09-14T09:00:00Z","Status__c":%s}]`), map[string]partners.Level{
		`"Resolved"`:      well,
		`"Closed"`:        well,
		`"Investigating"`: slow,
		`"Monitoring"`:    slow,
		`"Unresolved"`:    slow,
		`""`:              slow,
		`null`:            slow,
		`7`:               slow,
	})
	words(t, "html", okta(`[{"Id":"1","Incident_Title__c":"Slow","Status__c":"Investigating","Category__c":%s}]`), map[string]partners.Level{
		`"Service Disruption"`:  partly,
		`"Service Degradation"`: slow,
		`"Feature Disruption"`:  partly,
		`"Informational"`:       well,
		`null`:                  slow,
		`"new"`:                 slow,
	})
	rows(t, map[string]row{
		"no incident":                {"", okta(`[]`), well, "", ""},
		"no list":                    {"", okta(`{}`), dunno, "", "can not be read"},
		"nothing in its place":       {"", okta(``), dunno, "", "can not be read"},
		"a page without the place":   {"html", `<html><title>Okta</title>All systems operational</html>`, dunno, "", "got an HTML page titled “Okta”"},
		"entries that are none":      {"", okta(`[{},7]`), dunno, "", "could be read"},
		"one that is none":           {"", okta(`[7,{"Incident_Title__c":"Slow","Status__c":"Resolved","End_Time__c":"2026-09-14T09:00:00Z"}]`), dunno, "resolved: Slow", "can not be read"},
		"no status":                  {"", one(``), slow, "open: Slow", ""},
		"no title":                   {"", okta(`[{"Id":"1","Status__c":"Investigating"}]`), slow, "open: incident 1", ""},
		"an end":                     {"", one(`,"Status__c":"Monitoring","End_Time__c":"2026-09-14T09:00:00Z"`), well, "resolved: Slow", ""},
		"an end to come":             {"", one(`,"Status__c":"Monitoring","End_Time__c":"2026-09-14T19:00:00Z"`), slow, "open: Slow", ""},
		"an end that is none":        {"", one(`,"Status__c":"Monitoring","End_Time__c":"later"`), slow, "open: Slow", ""},
		"lasting for a year":         {"", one(`,"Status__c":"Monitoring","Start_Time__c":"2025-09-14T09:00:00Z"`), well, "stale: Slow", ""},
		"a sign-in page beside it":   {"", strings.Replace(okta(`[]`), "</html>", `<input type="password"></html>`, 1), well, "", ""},
		"another kind was asked for": {"statuspage", okta(`[]`), dunno, "", "expected a Statuspage document"},
	})
}

// TestPages are pages for people: only those whose elements carry the machine's words say anything.
func TestPages(t *testing.T) {
	page := func(word, more string) string {
		return `<html><title>X Status</title><div class="page-status status-` + word + `"><span class="status">Fine</span></div>` + more + `</html>`
	}
	part := func(word string) string {
		return `<div data-component-status="` + word + `"><span class="name">API</span></div>`
	}
	incident := `<div class="unresolved-incident impact-none"><div class="incident-title"><a href="/i/1">Slow</a></div></div>`
	rows(t, map[string]row{
		"well":                        {"", page("none", part("operational")), well, "", ""},
		"a part is out":               {"", page("none", part("major_outage")), out, "", ""},
		"a part in a new word":        {"", page("none", part("sleeping")), dunno, "", "“sleeping”"},
		"a part without a word":       {"", page("none", part("")), dunno, "", "API has no state"},
		"a page in a new word":        {"", page("purple", part("operational")), dunno, "", "purple"},
		"a page in a new word, out":   {"", page("purple", part("major_outage")), out, "", "purple"},
		"green, an incident":          {"", page("none", incident), slow, "open: Slow", ""},
		"no end":                      {"", strings.TrimSuffix(page("none", part("operational")), "</html>"), dunno, "", "broke off"},
		"no end, an incident":         {"", strings.TrimSuffix(page("none", incident), "</html>"), slow, "open: Slow", "broke off"},
		"parts alone":                 {"", `<html>` + part("operational") + `</html>`, well, "", ""},
		"prose":                       {"", `<html><title>X Status</title><h1>All systems operational</h1></html>`, dunno, "", "an HTML page titled “X Status”"},
		"nothing":                     {"html", `<html></html>`, dunno, "", "an HTML page without a title"},
		"a page that is not found":    {"", `<!doctype html><title>404</title>`, dunno, "", "titled “404”"},
		"a maintenance page":          {"", `<html><title>We will be back</title></html>`, dunno, "", "titled “We will be back”"},
		"a sign-in page":              {"", `<html><form><INPUT TYPE="password"></form></html>`, dunno, "", "asks us to sign in"},
		"a script, well":              {"", `<html><script type="application/json">` + summary(none) + `</script></html>`, well, "", ""},
		"a script, cut off":           {"", `<html><script type="application/json">` + summary(none)[:60] + `</script></html>`, dunno, "", "an HTML page"},
		"a script of something else":  {"", `<html><script type="application/json">{"status":"ok"}</script></html>`, dunno, "", "an HTML page"},
		"a title that is forged":      {"", `<html><title>` + strings.Repeat("x\n<!channel> ", 50) + `</title></html>`, dunno, "", "…”"},
		"HTML called XML":             {"", `<?xml version="1.0"?><html><title>X</title></html>`, dunno, "", "titled “X”"},
		"a comment in front of it":    {"", `<!-- x -->` + page("none", part("operational")), well, "", ""},
		"the group of a page is none": {"", page("none", `<div class="component-container">`+part("operational")+`</div>`), well, "", ""},
	})
}

// TestProblemsAreSentencesForPeople : each is a part of one, without a full stop, a line break or a word of programs.
func TestProblemsAreSentencesForPeople(t *testing.T) {
	bodies := []string{"", "x", "{", "{}", "[]", "[1]", `{"status":"ok"}`, "<html></html>", "<rss/>", "<?xml?><a/>", "\x00\x01", summary(`"incidents":[]`), okta(""), quillon(`"NEW"`, ""), overall("7", "")}
	for _, kind := range append(statuspage.Kinds(), "", "nonsense") {
		for _, body := range bodies {
			p := statuspage.Parse([]byte(body), "", "https://x.example", kind, morning()).Problem
			if p == "" {
				continue
			}
			if strings.HasSuffix(p, ".") || strings.ContainsAny(p, "\n!") || len([]rune(p)) > 320 || strings.Contains(p, "<nil>") || strings.Contains(p, "%!") || strings.Contains(p, "panic") {
				t.Errorf("%s", fmt.Sprint(kind, " ", body, ": ", p))
			}
		}
	}
}
