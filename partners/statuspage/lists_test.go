package statuspage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// googles is Google's list with one incident of these fields, and one that ended long ago.
func googles(fields string) string {
	return `[{"id":"g","external_desc":"Slow","begin":"2026-09-14T09:00:00Z"` + fields + `},
		{"id":"h","external_desc":"Old","begin":"2026-01-14T09:00:00Z","end":"2026-01-14T10:00:00Z"}]`
}

func TestGoogleWords(t *testing.T) {
	words(t, "", googles(`,"status_impact":%s`), map[string]partners.Level{
		`"SERVICE_INFORMATION"`: well,
		`"SERVICE_DISRUPTION"`:  partly,
		`"SERVICE_OUTAGE"`:      out,
		`"AVAILABLE"`:           slow,
		`"NEW"`:                 slow,
		`null`:                  slow,
		`7`:                     slow,
		`{}`:                    slow,
	})
	words(t, "", googles(`,"most_recent_update":{"status":%s}`), map[string]partners.Level{
		`"SERVICE_INFORMATION"`: well,
		`"SERVICE_DISRUPTION"`:  partly,
		`"SERVICE_OUTAGE"`:      out,
		`"AVAILABLE"`:           well,
		`"NEW"`:                 slow,
		`null`:                  slow,
		`[]`:                    slow,
	})
}

func TestGoogle(t *testing.T) {
	update := func(text string) string {
		return googles(`,"most_recent_update":{"when":"2026-09-14T09:30:00Z","status":"SERVICE_DISRUPTION","text":"` + text + `"}`)
	}
	rows(t, map[string]row{
		"an object":                         {"google", `{"incidents":[]}`, dunno, "", "expected a Google incident list"},
		"a list of others":                  {"google", `[{"id":1}]`, dunno, "", "expected a Google incident list"},
		"a list of texts":                   {"google", `["a"]`, dunno, "", "expected a Google incident list"},
		"no begin":                          {"google", `[{"external_desc":"x"}]`, dunno, "", "expected a Google incident list"},
		"open":                              {"", googles(``), slow, "open: Slow", ""},
		"over":                              {"", googles(`,"end":"2026-09-14T09:30:00Z"`), well, "resolved: Slow", ""},
		"an end to come":                    {"", googles(`,"end":"2026-09-14T19:30:00Z"`), slow, "open: Slow", ""},
		"an end that is none":               {"", googles(`,"end":"soon"`), slow, "open: Slow", ""},
		"an end that is null":               {"", googles(`,"end":null`), slow, "open: Slow", ""},
		"an entry that is none, after it":   {"", strings.Replace(googles(`,"end":"2026-09-14T09:30:00Z"`), `{"id":"h"`, `7,{"id":"h"`, 1), dunno, "resolved: Slow", "can not be read"},
		"an entry without a description":    {"", strings.Replace(googles(`,"end":"2026-09-14T09:30:00Z"`), `"external_desc":"Old","begin":"2026-01-14T09:00:00Z","end":"2026-01-14T10:00:00Z"`, `"begin":"2026-09-14T09:00:00Z","status_impact":"SERVICE_OUTAGE"`, 1), out, "open: incident h; resolved: Slow", ""},
		"an old one without a description":  {"", strings.Replace(googles(`,"end":"2026-09-14T09:30:00Z"`), `"external_desc":"Old",`, ``, 1), well, "resolved: Slow", ""},
		"impact outage, now information":    {"", googles(`,"status_impact":"SERVICE_OUTAGE","most_recent_update":{"status":"SERVICE_INFORMATION"}`), out, "open: Slow", ""},
		"impact information, now an outage": {"", googles(`,"status_impact":"SERVICE_INFORMATION","most_recent_update":{"status":"SERVICE_OUTAGE"}`), out, "open: Slow", ""},
		"resolved in words":                 {"", update(`The issue with Queues has been resolved for all affected users.`), well, "resolved: Slow", ""},
		"not yet resolved":                  {"", update(`The issue has not been resolved for all users.`), partly, "open: Slow", ""},
		"until it is resolved":              {"", update(`We will tell you more once the issue has been fully resolved for all affected users.`), partly, "open: Slow", ""},
		"if it was resolved":                {"", update(`Please tell us whether the problem has been resolved for all of you.`), partly, "open: Slow", ""},
		"posted the next day":               {"", `[{"id":"g","external_desc":"Slow","begin":"2026-09-13T08:00:00Z","created":"2026-09-14T09:50:00Z","end":"2026-09-13T10:00:00Z"}]`, well, "resolved: Slow", ""},
		"nothing more will be told":         {"", googles(`,"most_recent_update":{"when":"2026-09-12T09:30:00Z","status":"SERVICE_OUTAGE","text":"No further updates will be provided here."}`), well, "stale: Slow", ""},
	})
}

// event is AWS's list with one event of these fields.
func event(fields string) string {
	return `[{"arn":"arn:aws:health:eu-x-1::event/A/B/C","summary":"Slow","date":"1789376400"` + fields + `}]`
}

func TestAWSWords(t *testing.T) {
	words(t, "", event(`,"status":%s`), map[string]partners.Level{
		`"0"`:    well,
		`0`:      well,
		`"1"`:    slow,
		`"2"`:    slow,
		`2`:      slow,
		`"3"`:    out,
		`"4"`:    slow,
		`""`:     slow,
		`null`:   slow,
		`true`:   slow,
		`{}`:     slow,
		`"open"`: slow,
	})
}

func TestAWS(t *testing.T) {
	well0 := `[{"arn":"arn:aws:x","status":"0","summary":"a","date":"1789376400"},`
	rows(t, map[string]row{
		"an object":                   {"aws", `{"events":[]}`, dunno, "", "expected an AWS event list"},
		"a list of others":            {"aws", `[{"a":1}]`, dunno, "", "expected an AWS event list"},
		"a list of texts":             {"aws", `["arn:aws:x"]`, dunno, "", "expected an AWS event list"},
		"an empty list":               {"aws", `[]`, well, "", ""},
		"an empty list somewhere":     {"", `[]`, dunno, "", "an empty JSON list"},
		"no status":                   {"", event(``), slow, "open: Slow", ""},
		"no summary":                  {"", `[{"arn":"arn:aws:health:eu-x-1::event/A/B/C","status":"3","date":"1789376400"}]`, out, "open: incident arn:aws:health:eu-x-1::event/A/B/C", ""},
		"another that is none":        {"", well0 + `7]`, dunno, "resolved: a", "can not be read"},
		"another that is empty":       {"", well0 + `{}]`, dunno, "resolved: a", "can not be read"},
		"resolved in its name":        {"", event(`,"status":"1","event_log":[{"summary":"[RESOLVED] Slow","timestamp":1789378200}]`), well, "resolved: [RESOLVED] Slow", ""},
		"resolved by its newest word": {"", event(`,"status":"2","event_log":[{"status":2,"timestamp":1789376400},{"status":0,"timestamp":1789378200}]`), well, "resolved: Slow", ""},
		"resolved once, open again":   {"", event(`,"status":"2","event_log":[{"status":2,"timestamp":1789378200},{"status":0,"timestamp":1789376400}]`), slow, "open: Slow", ""},
		"information":                 {"", `[{"arn":"arn:aws:x","status":"1","summary":"New console","date":"1789376400"}]`, well, "notices: New console", ""},
		"information of an outage":    {"", `[{"arn":"arn:aws:x","status":"1","summary":"Packet loss in one zone","date":"1789376400"}]`, slow, "open: Packet loss in one zone", ""},
		"months old":                  {"", strings.Replace(event(`,"status":"3"`), "1789376400", "1772442000", 1), well, "stale: Slow", ""},
		"no date":                     {"", `[{"arn":"arn:aws:x","status":"3","summary":"Slow"}]`, out, "open: Slow", ""},
		"milliseconds":                {"", strings.Replace(event(`,"status":"3"`), "1789376400", "1789376400000", 1), out, "open: Slow", ""},
		"a log that is none":          {"", event(`,"status":"3","event_log":"x"`), out, "open: Slow", ""},
		"the same event twice":        {"", well0 + `{"arn":"arn:aws:x","status":"0","summary":"a","date":"1789376400"}]`, well, "resolved: a", ""},
		"UTF-16 without a mark":       {"aws", "\x00[\x00]", well, "", ""},
		"UTF-16, little, without one": {"aws", "[\x00]\x00", well, "", ""},
		"UTF-16, cut in a letter":     {"aws", "\xFE\xFF\x00[\x00]\x00", dunno, "", ""},
		"UTF-16, only the mark":       {"aws", "\xFE\xFF", dunno, "", "answered with nothing"},
		"UTF-32":                      {"aws", "\xFF\xFE\x00\x00[\x00\x00\x00]\x00\x00\x00", dunno, "", ""},
	})
}

// entries is a status feed of these items.
func entries(title, items string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>` + title + `</title><link>https://x.example</link>` + items + `</channel></rss>`
}

func item(title, description string) string {
	return `<item><title>` + title + `</title><guid>` + title + `</guid><description>` + description + `</description><pubDate>Mon, 14 Sep 2026 09:00:00 GMT</pubDate></item>`
}

func TestFeedPhases(t *testing.T) {
	for body, open := range map[string]bool{
		"Investigating - x":                       true,
		"Identified: x":                           true,
		"Monitoring – x":                          true,
		"Update - x":                              true,
		"Verifying - x":                           true,
		"Resolved - x":                            false,
		"Postmortem - x":                          false,
		"Completed - x":                           false,
		"Status: Resolved":                        false,
		"Status: Identified":                      true,
		"&lt;b&gt;Status: Monitoring&lt;/b&gt;":   true,
		"This incident has been resolved.":        false,
		"Monitoring - Resolved - x":               true,
		"Resolved - a&lt;br&gt;Investigating - b": false,
		"Investigating - b&lt;br&gt;Resolved - a": true,
		"RESOLVED":                                false,
		"In progress - x":                         true,
		"Sep 14, 09:58 UTC&lt;br&gt;Resolved - x": false,
		"Sep 14, 09:58 PDT Identified - x":        true,
	} {
		s := statuspage.Parse([]byte(entries("X Status", item("Slow", body))), "", "https://x.example", "", morning())
		if len(s.Incidents) != 1 || s.Incidents[0].Open() != open || (s.Level == well) == open {
			t.Errorf("%q: %s, %s (%s)", body, s.Level, told(s), s.Problem)
		}
	}
	for _, body := range []string{
		"", "x", "We will keep you updated until this issue is resolved.", "We tell you more once this incident has been resolved.", "Please wait. If this issue is resolved, do nothing.",
		"The incident was not resolved.", "Unresolved", "Resolvedly - x", "status",
	} {
		s := statuspage.Parse([]byte(entries("X Status", item("Slow", body)+item("Lost", "Resolved - x"))), "", "https://x.example", "", morning())
		if s.Level != dunno || !strings.Contains(s.Problem, "“Slow”") {
			t.Errorf("%q: %s (%s)", body, s.Level, s.Problem)
		}
	}
}

func TestFeeds(t *testing.T) {
	over := item("Slow", "Resolved - x")
	rows(t, map[string]row{
		"empty":                           {"rss", entries("X Status", ""), dunno, "", "empty"},
		"empty, with another title":       {"rss", entries("X", ""), dunno, "", "empty"},
		"a blog about health":             {"", entries("Public Health", strings.ReplaceAll(item("Ten walks", "Walk."), "14 Sep 2026", "14 Aug 2026")), dunno, "", "no entry of the feed says"},
		"old entries without a word":      {"rss", entries("X Status", strings.ReplaceAll(item("Slow", "We look."), "14 Sep 2026", "14 Aug 2026")), dunno, "", "no entry of the feed says"},
		"an old one without, one over":    {"rss", entries("X Status", over+strings.ReplaceAll(item("Lost", "We look."), "14 Sep 2026", "14 Aug 2026")), well, "resolved: Slow", ""},
		"no date":                         {"rss", entries("X Status", over+`<item><title>Lost</title><description>Investigating - x</description></item>`), slow, "open: Lost; resolved: Slow", ""},
		"no date and no word":             {"rss", entries("X Status", over+`<item><title>Lost</title></item>`), dunno, "notices: Lost; resolved: Slow", "“Lost”"},
		"forgotten":                       {"rss", entries("X Status", over+strings.ReplaceAll(item("Lost", "Investigating - x"), "14 Sep 2026", "4 Sep 2026")), well, "stale: Lost; resolved: Slow", ""},
		"a critical one":                  {"rss", entries("X Status", item("Major outage of all", "Investigating - x")), out, "open: Major outage of all", ""},
		"a window":                        {"rss", entries("X Status", over+item("Disks", "THIS IS A SCHEDULED EVENT")), well, "resolved: Slow", ""},
		"Atom":                            {"", `<feed xmlns="http://www.w3.org/2005/Atom"><title>X Status</title><entry><id>1</id><title>Slow</title><updated>2026-09-14T09:00:00Z</updated><content>Investigating - x</content></entry></feed>`, slow, "open: Slow", ""},
		"a mark and blanks before it":     {"", "\uFEFF \n" + entries("X Status", over), well, "resolved: Slow", ""},
		"another encoding declared":       {"", strings.Replace(entries("X Status", over), `"1.0"`, `"1.0" encoding="utf-16"`, 1), well, "resolved: Slow", ""},
		"an entity bomb":                  {"rss", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss><channel><title>X Status</title><item><title>&b;</title></item></channel></rss>`, dunno, "notices: &b;", ""},
		"a sitemap":                       {"rss", `<?xml version="1.0"?><urlset><url/></urlset>`, dunno, "", "expected a status feed, got an XML document of type <urlset>"},
		"a page":                          {"rss", `<html><title>X Status</title></html>`, dunno, "", "expected a status feed, got an HTML page"},
		"JSON":                            {"rss", `{}`, dunno, "", "expected a status feed, got an empty JSON object"},
		"Azure asked for, another feed":   {"azure", entries("X Status", over), dunno, "", "expected the Azure status feed, got a status feed"},
		"Azure's, empty":                  {"azure", entries("Azure Status", ""), well, "", ""},
		"Azure's, without a title":        {"azure", entries("", ""), dunno, "", "expected the Azure status feed"},
		"Azure's, asked for as a feed":    {"rss", entries("azure status", ""), well, "", ""},
		"Azure's, one open":               {"", entries("Azure Status", item("Slow", "x")), slow, "open: Slow", ""},
		"Azure's, one over":               {"", entries("Azure Status", item("Resolved - Slow", "x")), well, "resolved: Resolved - Slow", ""},
		"Azure's, an item without fields": {"", entries("Azure Status", `<item></item>`), slow, "open: an incident without a name", ""},
	})
}

// TestCutShort cuts documents that tell of trouble, and some that do not: what is left is never well.
func TestCutShort(t *testing.T) {
	for _, file := range []string{"azure-outage.xml", "azure-well.xml", "feed-well.xml", "feed-open.xml", "okta.html", "statuspage.html", "embedded.html", "slack-ok.json", "statuspage-well.json",
		"google-well.json", "aws-events.utf16le.json", "aws-well.utf16be.json", "generic-degraded.json", "betterstack-degraded.json"} {
		body := fixture(t, file)
		whole := strings.TrimSpace(string(body))
		end := len(whole) - 1
		if strings.HasSuffix(whole, "</html>") {
			end = len(whole) - len("</html>")
		}
		for at := 0; at < end; at += 1 + len(body)/150 {
			if s := statuspage.Parse(body[:at], "", "https://health.aws.amazon.com/x", "", morning()); s.Level == well {
				t.Errorf("%s after %d of %d bytes is well: %s", file, at, len(body), told(s))
				break
			}
		}
	}
}

// TestEveryDocumentForEveryKind : asked for as a kind that it is not, a document is unknown, and the sentence says what came.
func TestEveryDocumentForEveryKind(t *testing.T) {
	same := map[string][]string{"statuspage": {"incidentio"}, "incidentio": {"statuspage"}, "azure": {"rss"}}
	for _, file := range []string{"statuspage-well.json", "incidentio-widget.json", "instatus-well.json", "statusio-disruption.json", "betterstack-degraded.json", "google-well.json",
		"aws-events.utf16be.json", "slack-ok.json", "salesforce-major.json", "m365-health.json", "azure-well.xml", "feed-well.xml", "okta.html", "embedded.html", "sign-in.html", "prose.html"} {
		is := statuspage.Parse(fixture(t, file), "", "https://x.example", "", morning()).Kind
		for _, kind := range statuspage.Kinds() {
			s := statuspage.Parse(fixture(t, file), "", "https://x.example", kind, morning())
			if kind == is || slices.Contains(same[is], kind) {
				continue
			}
			if kind == "json" && s.Kind == "json" {
				continue // it takes any word that stands where it looks
			}
			if s.Level != dunno || s.Problem == "" || is != "" && !strings.Contains(s.Problem, "expected ") {
				t.Errorf("%s as %s: %s (%s)", file, kind, s.Level, fmt.Sprint(s.Problem))
			}
		}
	}
}
