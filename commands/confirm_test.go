package commands

import (
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

// TestWhatCallsSomebodyAsksFirst holds that “It's ours” asks where it calls somebody, and there alone.
func TestWhatCallsSomebodyAsksFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*incidents.Incident)
		asks   bool
	}{
		"nobody is called":    {func(*incidents.Incident) {}, true},
		"they may sleep":      {func(i *incidents.Incident) { i.Page.Wanted = incidents.PageResolved }, true},
		"muted until now":     {func(i *incidents.Incident) { i.MutedUntil = noon }, true},
		"called":              {func(i *incidents.Incident) { i.Page.Wanted = incidents.PageTriggered }, false},
		"they have taken it":  {func(i *incidents.Incident) { i.Page.Wanted = incidents.PageAcknowledged }, false},
		"muted":               {func(i *incidents.Incident) { i.MutedUntil = noon.Add(time.Hour) }, false},
		"somebody is at work": {func(i *incidents.Incident) { i.State = incidents.StateAcknowledged }, false},
	} {
		i := brokenServiceNow()
		i.Verdict.Word, i.Page = incidents.External, incidents.Page{}
		tt.change(&i)
		asks, shown := false, false
		for _, b := range IncidentButtons(i, noon) {
			if b.Label == "It's ours" {
				shown, asks = true, b.Confirm != ""
			}
		}
		if !shown || asks != tt.asks {
			t.Errorf("%s: shown %v, asks %v", name, shown, asks)
		}
	}
}

// TestARunAsksFirstWhereverItIsOffered holds it of the dashboard, of an incident, and of the list of versions.
func TestARunAsksFirstWhereverItIsOffered(t *testing.T) {
	b := failingTable()
	failed := changes.Run{ID: "r1", Partner: "servicenow", Name: "ServiceNow", Version: "v4", State: changes.RunNoVerdict, Asked: noon, Ended: noon}
	buttons := IncidentButtons(incidents.Incident{ID: "c1", Partner: "servicenow", Kind: incidents.KindCompat, State: incidents.StateOpen, Trial: &incidents.Trial{Version: "v4"}}, noon)
	for _, s := range boardOf(t, b, &fakeRuns{runs: []changes.Run{failed}}, "dashboard of servicenow").Sections {
		buttons = append(buttons, s.Buttons...)
	}
	buttons = append(buttons, which(partners.Partner{ID: "servicenow", Name: "ServiceNow"}, []offer{{version: "v9"}}).Sections[0].Buttons...)
	runs := 0
	for _, button := range buttons {
		if words := strings.Fields(button.Command); words[0] == "compat" && len(words) == 3 {
			runs++
			if !strings.Contains(button.Confirm, "starts our compatibility workflow") {
				t.Errorf("%s (%s) asks %q", button.Label, button.Command, button.Confirm)
			}
		}
	}
	if runs < 3 {
		t.Errorf("%d buttons were looked at: %v", runs, buttons)
	}
}
