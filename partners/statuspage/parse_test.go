package statuspage_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/partners"
	"sparky/partners/statuspage"
)

const documents = "../../fixtures/documents/status"

// morning is when the fixtures were written: a Monday, shortly after the open incidents' newest updates.
func morning() time.Time { return time.Date(2026, 9, 14, 10, 0, 0, 0, time.UTC) }

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(documents, name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestDocuments tells for each document the kind, the level, the names of the open outages, the notices, the stale ones,
// the resolved ones, and the windows (those in progress with an exclamation mark).
func TestDocuments(t *testing.T) {
	for _, c := range []struct {
		file, kind string
		level      partners.Level
		says       string
	}{
		{"statuspage-outage.json", "statuspage", partners.MajorOutage, "open: Invoices fail in Europe; windows: Moving the report store"},
		{"statuspage-well.json", "statuspage", partners.Operational, ""},
		{"statuspage-green-but-open.json", "statuspage", partners.Degraded, "open: Invoices fail in Europe"},
		{"statuspage-maintenance.json", "statuspage", partners.Maintenance, "windows: Moving the report store!"},
		{"incidentio-compatible.json", "incidentio", partners.Degraded, "open: Slow answers for some"},
		{"incidentio-widget.json", "incidentio", partners.MajorOutage, "open: Uploads fail; windows: New disks!, More disks"},
		{"incidentio-proxy.json", "incidentio", partners.PartialOutage, "open: Archive is incomplete"},
		{"instatus-outage.json", "instatus", partners.PartialOutage, "open: Exports stop half way; windows: Renewing certificates!"},
		{"instatus-well.json", "instatus", partners.Operational, ""},
		{"instatus-components.json", "instatus", partners.MajorOutage, ""},
		{"statusio-disruption.json", "statusio", partners.MajorOutage, "open: Git over SSH is refused; resolved: Pages were slow; windows: New switch"},
		{"betterstack-degraded.json", "betterstack", partners.Degraded, "open: Inference is slow; resolved: Website was away; windows: New cooling"},
		{"google-open.json", "google", partners.PartialOutage, "open: Queues in London deliver late; notices: A word on certificates; stale: us-west9: stale objects"},
		{"google-well.json", "google", partners.Operational, ""},
		{"aws-events.utf16be.json", "aws", partners.Degraded, "open: Increased error rates; stale: Region is unreachable"},
		{"aws-events.utf16le.json", "aws", partners.Degraded, "open: Increased error rates; stale: Region is unreachable"},
		{"slack-active.json", "slack", partners.MajorOutage, "open: Messages do not arrive; notices: A word on old clients"},
		{"slack-ok.json", "slack", partners.Operational, ""},
		{"slack-ok-but-active.json", "slack", partners.Degraded, "open: Search is slow"},
		{"slack-v1-active.json", "slack", partners.Degraded, "open: Calls drop"},
		{"salesforce-major.json", "salesforce", partners.MajorOutage, "open: Salesforce incident 4711; windows: Core upgrade"},
		{"salesforce-list.json", "salesforce", partners.PartialOutage, "open: Salesforce incident 4712; notices: Salesforce incident 4713"},
		{"m365-health.json", "m365", partners.MajorOutage, "open: Trouble EX1; notices: Trouble TM1, Trouble TM3; resolved: Trouble TM2"},
		{"azure-well.xml", "azure", partners.Operational, ""},
		{"azure-outage.xml", "azure", partners.Degraded, "open: Connections fail in West Europe, Resolved in North Europe. Impact continues in West Europe; resolved: Resolved - Slow deployments"},
		{"feed-open.xml", "rss", partners.Degraded, "open: Invoices fail in Europe; resolved: Mail was late"},
		{"feed-well.xml", "rss", partners.Operational, "resolved: Mail was late"},
		{"okta.html", "html", partners.PartialOutage, "open: Sign-in fails in Cell 9; resolved: Slow reports"},
		{"statuspage.html", "html", partners.MajorOutage, "open: Invoices fail in Europe"},
		{"embedded.html", "html", partners.Degraded, ""},
		{"generic-degraded.json", "json", partners.Degraded, ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			// A kind that is left out and the kind by name must read the same; so must a wrong content type.
			for _, kind := range []string{"", "auto", c.kind} {
				s := statuspage.Parse(fixture(t, c.file), "text/plain", "https://status.example/x", kind, morning())
				if s.Kind != c.kind || s.Level != c.level || told(s) != c.says || s.Problem != "" {
					t.Errorf("kind %q: %s, %s (%s)\n got %s\nwant %s, %s\n     %s", kind, s.Kind, s.Level, s.Problem, told(s), c.kind, c.level, c.says)
				}
				if s.Skipped != 0 || !s.ReadAt.Equal(morning()) {
					t.Errorf("skipped %d, read at %v", s.Skipped, s.ReadAt)
				}
			}
		})
	}
}

func told(s partners.Status) string {
	groups := map[string][]string{}
	for _, i := range s.Incidents {
		switch {
		case i.Resolved:
			groups["resolved"] = append(groups["resolved"], i.Name)
		case i.Stale:
			groups["stale"] = append(groups["stale"], i.Name)
		case i.Notice:
			groups["notices"] = append(groups["notices"], i.Name)
		default:
			groups["open"] = append(groups["open"], i.Name)
		}
	}
	for _, w := range s.Windows {
		if w.InProgress {
			w.Name += "!"
		}
		groups["windows"] = append(groups["windows"], w.Name)
	}
	var out []string
	for _, g := range []string{"open", "notices", "stale", "resolved", "windows"} {
		if len(groups[g]) > 0 {
			out = append(out, g+": "+strings.Join(groups[g], ", "))
		}
	}
	return strings.Join(out, "; ")
}

// TestNotHealthy are documents that a careless reader would call well.
func TestNotHealthy(t *testing.T) {
	well := string(fixture(t, "statuspage-well.json"))
	for name, c := range map[string]struct{ body, kind, problem string }{
		"nothing":                       {"", "", "answered with nothing"},
		"white space":                   {" \n\t", "statuspage", "answered with nothing"},
		"an empty object":               {"{}", "", "empty JSON object"},
		"an empty object for json":      {"{}", "json", "empty JSON object"},
		"an empty list":                 {"[]", "", "empty JSON list"},
		"an empty list for Google":      {"[]", "google", "expected a Google incident list, got an empty JSON list"},
		"broken off":                    {well[:len(well)/2], "", "broken off"},
		"no indicator":                  {strings.ReplaceAll(well, `"indicator": "none",`, ""), "", "has no indicator"},
		"no status at all":              {strings.ReplaceAll(well, `"status": {`, `"other": {`), "", "has no indicator"},
		"an unknown indicator":          {strings.ReplaceAll(well, `"none"`, `"purple"`), "", "“purple”"},
		"a Statuspage for Instatus":     {well, "instatus", "expected an Instatus document, got a Statuspage document"},
		"a component in a new word":     {strings.Replace(well, `"name": "Sign-in",`+"\n   "+`"status": "operational"`, `"name": "Sign-in", "status": "sleeping"`, 1), "", "Sign-in is “sleeping”"},
		"a page that moved to Instatus": {string(fixture(t, "instatus-well.json")), "statuspage", "expected a Statuspage document, got an Instatus document"},
		"an unknown Instatus word":      {`{"page":{"name":"Q","url":"https://q.example","status":"FINE"}}`, "", "“FINE”"},
		"Better Stack without a state":  {`{"data":{"type":"status_page","attributes":{"company_name":"T"}}}`, "", "no aggregate state"},
		"Status.io with a new code":     {`{"result":{"status_overall":{"status_code":700}}}`, "", "no overall status code that is known"},
		"Slack without a status":        {`{"active_incidents":[],"date_updated":"2026-09-14T09:00:00Z"}`, "", "no status"},
		"Slack in a new word":           {`{"status":"fine","active_incidents":[]}`, "", "“fine”"},
		"Slack's history":               {`[` + string(fixture(t, "slack-v1-active.json")) + `]`, "", ""},
		"an instance that moved":        {strings.Replace(string(fixture(t, "salesforce-major.json")), `"isActive": true`, `"isActive": false`, 1), "", "no longer active"},
		"Microsoft's issues, all over":  {string(fixture(t, "m365-issues-resolved.json")), "m365", "none is open"},
		"Microsoft's message centre":    {string(fixture(t, "m365-messages.json")), "m365", "the Microsoft 365 message centre, which is a changelog"},
		"Microsoft's unknown future":    {`{"value":[{"id":"x","service":"Sway","status":"unknownFutureValue"}]}`, "", "Sway is “unknownFutureValue”"},
		"an API's error":                {`{"status":"error","message":"no such page"}`, "", "no such page"},
		"an API's error for json":       {`{"status":"error","message":"no such page"}`, "json", "does not say how they are"},
		"an API that is fine with all":  {`{"status":"ok"}`, "", "no status document that is known"},
		"a sign-in page":                {string(fixture(t, "sign-in.html")), "", "asks us to sign in"},
		"a sign-in page for a kind":     {string(fixture(t, "sign-in.html")), "html", "asks us to sign in"},
		"a picture of health":           {string(fixture(t, "prose.html")), "", "an HTML page titled “System status”"},
		"a picture of health for html":  {string(fixture(t, "prose.html")), "html", "expected a status page for people, got an HTML page"},
		"HTML where JSON was expected":  {string(fixture(t, "statuspage.html")), "statuspage", "expected a Statuspage document, got a status page for people"},
		"an empty feed of another name": {string(fixture(t, "azure-empty-other-title.xml")), "azure", "expected the Azure status feed, got a feed titled “Service Updates”"},
		"an empty feed for rss":         {string(fixture(t, "azure-empty-other-title.xml")), "rss", "the feed is empty"},
		"a feed of news":                {string(fixture(t, "feed-not-status.xml")), "", "a feed titled “Larkspur Engineering Blog”"},
		"a feed that does not say":      {string(fixture(t, "feed-undecided.xml")), "", "does not say whether it is over"},
		"Okta's page without incidents": {`<html><span id="a:StringJSON">not JSON</span></html>`, "", "can not be read"},
		"a kind that is none":           {well, "statuspge", "is not a kind of status page"},
		"a picture":                     {"\x89PNG\r\n\x1a\n", "", "text/plain"},
		"too large":                     {strings.Repeat(" ", statuspage.MaxDocument+1), "", "larger than 5 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s := statuspage.Parse([]byte(c.body), "text/plain", "https://status.example/x", c.kind, morning())
			if name == "Slack's history" { // trouble is believed wherever it stands
				if s.Level != partners.Degraded {
					t.Errorf("an active incident of the history is %s", s.Level)
				}
				return
			}
			if s.Level != partners.Unknown || !strings.Contains(s.Problem, c.problem) || s.Problem == "" {
				t.Errorf("%s, %q; want unknown, %q", s.Level, s.Problem, c.problem)
			}
		})
	}
}

func TestAnEmptyListIsHealthOnlyWhereItMeansThat(t *testing.T) {
	body := fixture(t, "aws-well.utf16be.json")
	for _, c := range []struct {
		address, kind string
		want          partners.Level
	}{
		{"https://health.aws.amazon.com/public/currentevents", "", partners.Operational},
		{"https://proxy.example/aws", "aws", partners.Operational},
		{"https://proxy.example/aws", "", partners.Unknown},
	} {
		if s := statuspage.Parse(body, "application/json", c.address, c.kind, morning()); s.Level != c.want {
			t.Errorf("%s as %q: %s (%s)", c.address, c.kind, s.Level, s.Problem)
		}
	}
	routed := statuspage.Parse(fixture(t, "azure-well.xml"), "text/xml", "https://status.azure.com/en-us/status/feed/", "azure", morning())
	if routed.Level != partners.Unknown || !strings.Contains(routed.Problem, "nearest region") {
		t.Errorf("an empty copy of a region is %s (%s)", routed.Level, routed.Problem)
	}
	routed = statuspage.Parse(fixture(t, "azure-outage.xml"), "text/xml", "https://status.azure.com/en-us/status/feed/", "", morning())
	if routed.Level != partners.Degraded || !strings.Contains(routed.Note, "rssfeed.azure.status.microsoft") {
		t.Errorf("an outage in a copy is %s, note %q", routed.Level, routed.Note)
	}
}

func TestStatuspageInFull(t *testing.T) {
	s := statuspage.Parse(fixture(t, "statuspage-outage.json"), "application/json", "https://status.larkspur.example/api/v2/summary.json", "", morning())
	want := []partners.Component{
		{Name: "Invoices API", Group: "Europe", Level: partners.MajorOutage}, {Name: "Reports", Group: "Europe", Level: partners.Operational},
		{Name: "Invoices API", Group: "America", Level: partners.Operational}, {Name: "Sign-in", Level: partners.Operational},
	}
	if !slices.Equal(s.Components, want) {
		t.Errorf("components %+v", s.Components)
	}
	if s.Page != "https://status.larkspur.example" || s.Description != "Partial System Outage" || s.Indicator != partners.PartialOutage {
		t.Errorf("page %q, %q, %s", s.Page, s.Description, s.Indicator)
	}
	i := s.Incidents[0]
	if i.ID != "i1" || i.Phase != "identified" || i.Level != partners.PartialOutage || !slices.Equal(i.Components, []string{"Invoices API"}) ||
		i.Link != "https://stspg.example/i1" || !strings.HasPrefix(i.Text, "Invoices can not be created") ||
		i.Began.Format("15:04") != "09:30" || i.Posted.Format("15:04") != "09:41" || i.Updated.Format("15:04") != "09:58" {
		t.Errorf("incident %+v", i)
	}
	if !s.UpdatedAt.Equal(time.Date(2026, 9, 14, 9, 58, 20, 100_000_000, time.UTC)) {
		t.Errorf("updated %v", s.UpdatedAt)
	}
}

func TestAnIncidentIsForgottenAfterDays(t *testing.T) {
	body := fixture(t, "statuspage-outage.json")
	body = []byte(strings.ReplaceAll(strings.ReplaceAll(string(body), "major_outage", "operational"), "partial_outage", "operational"))
	body = []byte(strings.Replace(string(body), `"indicator": "major"`, `"indicator": "none"`, 1))
	for days, want := range map[int]partners.Level{0: partners.PartialOutage, 2: partners.PartialOutage, 4: partners.Operational} {
		s := statuspage.Parse(body, "", "https://status.larkspur.example", "", morning().AddDate(0, 0, days))
		if s.Level != want || len(s.Incidents) != 1 || s.Incidents[0].Stale != (days == 4) {
			t.Errorf("after %d days: %s, %+v", days, s.Level, s.Incidents)
		}
	}
}

func TestKindsAreThoseOfTheContract(t *testing.T) {
	want := strings.Fields("statuspage incidentio instatus statusio betterstack google aws azure slack salesforce m365 rss json html")
	got := statuspage.Kinds()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("got %v", got)
	}
}
