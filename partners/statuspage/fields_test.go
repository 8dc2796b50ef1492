package statuspage_test

import (
	"slices"
	"strings"
	"testing"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// TestWhatIncidentsSay looks at one open incident of each format: whose it is, where, since when, and its newest word.
func TestWhatIncidentsSay(t *testing.T) {
	for file, want := range map[string]struct {
		components, regions string
		began, updated      string
		text                string
	}{
		"incidentio-widget.json":     {"Uploads", "", "", "09:45", "Uploads fail for all."},
		"incidentio-proxy.json":      {"Archive", "", "09:20", "09:40", "The files are being restored."},
		"instatus-outage.json":       {"", "", "09:10", "09:30", ""},
		"statusio-disruption.json":   {"Git", "Frankfurt", "09:05", "09:35", "We found it."},
		"betterstack-degraded.json":  {"Inference", "", "09:15", "09:40", "We are adding machines."},
		"google-open.json":           {"Cloud Queues", "London (europe-west2), europe-west2", "09:00", "09:50", "Deliveries are late"},
		"aws-events.utf16be.json":    {"Amazon Simple Queue Service", "eu-north-9, Tromso", "09:00", "09:45", "Requests fail in EU-NORTH-9."},
		"slack-active.json":          {"Messaging", "", "09:00", "09:50", "We are still looking into it."},
		"salesforce-major.json":      {"EUX71, coreService", "", "09:05", "09:40", "The database is being restarted."},
		"m365-health.json":           {"Exchange Online", "", "09:00", "09:50", "We are restarting it."},
		"azure-outage.xml":           {"App Service, Power BI Embedded", "West Europe", "09:29", "09:29", "Since 08:44 UTC connections fail in West Europe."},
		"feed-open.xml":              {"", "", "09:58", "09:58", "Sep 14, 09:58 UTC"},
		"okta.html":                  {"", "", "09:10", "09:10", "Sign-in fails for customers in US Cell 9."},
		"statuspage.html":            {"", "", "", "", "Identified - We found the cause."},
		"incidentio-compatible.json": {"", "", "09:50", "09:50", "We are looking into slow answers."},
	} {
		s := statuspage.Parse(fixture(t, file), "", "https://status.example/x", "", morning())
		n := slices.IndexFunc(s.Incidents, partners.PageIncident.Open)
		if n < 0 {
			t.Errorf("%s has no open incident", file)
			continue
		}
		i := s.Incidents[n]
		if got := strings.Join(i.Components, ", "); got != want.components {
			t.Errorf("%s: components %s", file, got)
		}
		if got := strings.Join(i.Regions, ", "); got != want.regions {
			t.Errorf("%s: regions %s", file, got)
		}
		if !i.Began.IsZero() && i.Began.Format("15:04") != want.began || i.Began.IsZero() != (want.began == "") {
			t.Errorf("%s: began %v", file, i.Began)
		}
		if !i.Updated.IsZero() && i.Updated.Format("15:04") != want.updated || i.Updated.IsZero() != (want.updated == "") {
			t.Errorf("%s: updated %v", file, i.Updated)
		}
		if !strings.Contains(i.Text, want.text) || strings.ContainsAny(i.Text, "<>") {
			t.Errorf("%s: text %q", file, i.Text)
		}
	}
}

// TestWhatConcernsUs asks real questions of whole documents.
func TestWhatConcernsUs(t *testing.T) {
	for _, c := range []struct {
		file, pattern string
		want          partners.Level
	}{
		{"statuspage-outage.json", "Reports", partners.Operational},
		{"statuspage-outage.json", "Europe/Invoices API", partners.MajorOutage},
		{"statuspage-outage.json", "Payments", partners.Unknown},
		{"statuspage-green-but-open.json", "Invoices API", partners.Degraded},
		{"statuspage-green-but-open.json", "Reports", partners.Operational},
		{"incidentio-compatible.json", "Search", partners.Degraded}, // the incident names no component
		{"incidentio-proxy.json", "Search", partners.Operational},
		{"google-open.json", "europe-west2", partners.PartialOutage},
		{"google-open.json", "us-east1", partners.Operational},
		{"google-open.json", "Cloud Buckets", partners.Operational}, // forgotten
		{"aws-events.utf16be.json", "eu-north-9", partners.Degraded},
		{"aws-events.utf16be.json", "xx-south-7", partners.Operational}, // forgotten
		{"azure-outage.xml", "West Europe", partners.Degraded},
		{"azure-outage.xml", "East Asia", partners.Operational},
		{"slack-active.json", "Messaging", partners.MajorOutage},
		{"slack-active.json", "Search", partners.Operational},
		{"slack-active.json", "Apps/*", partners.Operational}, // a notice
		{"salesforce-list.json", "EUX71", partners.Operational},
		{"salesforce-list.json", "EUX72", partners.PartialOutage},
		{"m365-health.json", "microsoftteams", partners.Operational},
		{"m365-health.json", "power bi", partners.Degraded},
		{"m365-health.json", "exchange*", partners.MajorOutage},
	} {
		s := statuspage.Parse(fixture(t, c.file), "", "https://status.example/x", "", morning()).Concerning([]string{c.pattern})
		if s.Level != c.want {
			t.Errorf("%s, %s: %s (%s), want %s", c.file, c.pattern, s.Level, s.Problem, c.want)
		}
	}
}

// TestTitlesThatSayThatItIsOver are the ways in which feeds say it, and those in which they do not.
func TestTitlesThatSayThatItIsOver(t *testing.T) {
	feed := string(fixture(t, "azure-outage.xml"))
	for title, over := range map[string]bool{
		"Resolved - Slow disks": true, "RESOLVED: Slow disks": true, "[Resolved] Slow disks": true, "Slow disks - Resolved": true,
		"Slow disks (resolved)": true, "Azure SQL - West Europe - Issue Resolved": true, "Mitigated – Slow disks": true,
		"Slow disks": false, "Unresolved - Slow disks": false, "Slow disks, not yet resolved": false,
		"Resolved in North Europe. Impact continues in West Europe": false, "Partially resolved - Slow disks": false,
		"DNS names are not resolved": false, "Names resolved wrongly": false,
	} {
		s := statuspage.Parse([]byte(strings.Replace(feed, "Connections fail in West Europe<", title+"<", 1)), "", "https://x.example", "azure", morning())
		found := slices.ContainsFunc(s.Incidents, func(i partners.PageIncident) bool { return i.Name == title && i.Resolved == over })
		if !found {
			t.Errorf("%q: want over %v in %s", title, over, told(s))
		}
	}
}

// TestHostileText is kept from the fields that people are shown.
func TestHostileText(t *testing.T) {
	body := strings.Replace(string(fixture(t, "statuspage-outage.json")), "Invoices fail in Europe", `a\u0000\u202e\nb\u2028`+strings.Repeat("x", 1000), 1)
	body = strings.Replace(body, "https://stspg.example/i1", `javascript:alert(1)`, 1)
	body = strings.Replace(body, `"name": "Reports"`, `"name": ["a"]`, 1)
	body = strings.Replace(body, `"started_at": "2026-09-14T09:30:00Z"`, `"started_at": "99999-01-01"`, 1)
	s := statuspage.Parse([]byte(body), "", "https://x.example", "", morning())
	i := s.Incidents[0]
	if strings.ContainsAny(i.Name, "\x00\n\u202e\u2028") || len([]rune(i.Name)) > 301 || i.Link != "" || i.Began.Year() != 2026 {
		t.Errorf("%+v", i)
	}
	if s.Skipped != 1 {
		t.Errorf("a component without a name: %d skipped", s.Skipped)
	}
}
