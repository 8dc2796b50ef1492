package statuspage_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// captured is the folder of captured documents, which is not a part of the project.
const captured = "../../../shared/data/status"

type expectation struct {
	OpenIncidents *int           `json:"open_incidents"`
	Explains      map[string]any `json:"explains"`
	Reader        string         `json:"statuspage_reader_must_say"`
	JSONReader    string         `json:"json_reader_must_say"`
	MustSay       string         `json:"must_say"`
	Stale         bool           `json:"stale_by_years"`
	Services      int            `json:"services"`
	Page          string         `json:"page"`
}

// TestRealDocuments measures the readers by what captured documents do and do not explain, where they are at hand. Each is
// read as of half an hour after its newest word, for that is when it was an answer.
func TestRealDocuments(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(captured, "oracle.json"))
	if err != nil {
		t.Skip("the captured documents are not here")
	}
	var oracle map[string]expectation
	if err := json.Unmarshal(file, &oracle); err != nil {
		t.Fatal(err)
	}
	for name, want := range oracle {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(captured, name))
			if err != nil {
				t.Fatal(err)
			}
			s := statuspage.Parse(body, "", "https://page.example", "", time.Now())
			s = statuspage.Parse(body, "", "https://page.example", "", newest(s).Add(30*time.Minute))
			judge(t, s, body, want)
		})
	}
}

func newest(s partners.Status) time.Time {
	at := s.UpdatedAt
	for _, i := range s.Incidents {
		if i.Updated.After(at) {
			at = i.Updated
		}
	}
	if at.IsZero() {
		return time.Now()
	}
	return at
}

func judge(t *testing.T, s partners.Status, body []byte, want expectation) {
	t.Helper()
	open := 0
	for _, i := range s.Incidents {
		if !i.Resolved {
			open++
		}
	}
	if want.OpenIncidents != nil && open != *want.OpenIncidents {
		t.Errorf("%d incidents are open, want %d: %+v", open, *want.OpenIncidents, s.Incidents)
	}
	for component, explains := range want.Explains {
		ours := s.Concerning([]string{component})
		explained := ours.Level != partners.Operational && ours.Level != partners.Unknown
		if should := explains != false; explained != should {
			t.Errorf("%s: %s explains a failure: %v, want %v", component, ours.Level, explained, explains)
		}
	}
	for kind, say := range map[string]string{"statuspage": want.Reader, "json": want.JSONReader} {
		if as := statuspage.Parse(body, "", "https://page.example", kind, time.Now()); say != "" && string(as.Level) != say {
			t.Errorf("read as %s it is %s, want %s", kind, as.Level, say)
		}
	}
	if want.MustSay == "incident open" && (open == 0 || s.Level == partners.Operational) {
		t.Errorf("%d open, %s", open, s.Level)
	}
	if want.Page == "none" && want.Explains == nil && s.Level != partners.Operational {
		t.Errorf("the page is %s (%s)", s.Level, s.Problem)
	}
	if want.Services > 0 {
		if len(s.Components) != want.Services {
			t.Errorf("%d services, want %d", len(s.Components), want.Services)
		}
		for service, level := range map[string]partners.Level{"microsoftteams": partners.Operational, "PowerBIcom": partners.Operational, "Exchange": partners.Degraded} {
			if ours := s.Concerning([]string{service}); ours.Level != level {
				t.Errorf("%s is %s, want %s", service, ours.Level, level)
			}
		}
	}
	if want.Stale {
		late := statuspage.Parse(body, "", "https://page.example", "", time.Now())
		if late.Level != partners.Operational || !late.Incidents[0].Stale {
			t.Errorf("read today: %s, %+v", late.Level, late.Incidents)
		}
	}
}

// TestRealDocumentsOfOtherKinds are the captures that the oracle leaves out.
func TestRealDocumentsOfOtherKinds(t *testing.T) {
	for name, want := range map[string]struct {
		kind  string
		level partners.Level
	}{
		"aws-currentevents-20260801.utf16be.json":              {"aws", partners.Operational},
		"google-cloud-incidents-20220719-posted-next-day.json": {"google", partners.Operational},
		"salesforce-trust-instance-status-ok.json":             {"salesforce", partners.Operational},
		"statusio-gitlab-shape.json":                           {"statusio", partners.PartialOutage},
		"m365-serviceannouncement-issues.json":                 {"m365", partners.Unknown},
		"m365-serviceannouncement-messages.json":               {"", partners.Unknown},
		"statuspage-discord-scheduled-maintenances-2015.json":  {"statuspage", partners.Unknown},
		"slack-status-v1.0.0-history.json":                     {"slack", partners.Unknown},
		"azure-status-page.html":                               {"", partners.Unknown},
		"statuspage-zoom-page.html":                            {"html", partners.Operational},
	} {
		body, err := os.ReadFile(filepath.Join(captured, name))
		if err != nil {
			t.Skip("the captured documents are not here")
		}
		s := statuspage.Parse(body, "", "https://page.example", "", time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC))
		if s.Kind != want.kind || s.Level != want.level || s.Skipped != 0 {
			t.Errorf("%s: %s, %s (%s), %d skipped", name, s.Kind, s.Level, s.Problem, s.Skipped)
		}
	}
}
