package commands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// brokenVersion is a version of ServiceNow's API that our integration does not work with.
func brokenVersion() incidents.Incident {
	return incidents.Incident{
		ID: "sparky-compat-servicenow-m5", Kind: incidents.KindCompat, Partner: "servicenow", Name: "ServiceNow", Priority: "P2", State: incidents.StateOpen,
		Outage: 1, Opened: noon.Add(-240 * time.Hour), Since: noon.Add(-240 * time.Hour), Ticket: incidents.Ticket{Key: "ECO-21"},
		Trial: &incidents.Trial{Run: "1", Partner: "servicenow", Version: "v3", Effective: "2027-03-30",
			Report: &incidents.TestReport{Tests: 12, Failures: 1, Cases: []incidents.FailedCase{{Name: "paging", Message: "field `result.sys_id` is missing"}}}},
	}
}

// TestAVersionAmongIncidents holds that a version which is not in use yet is listed as what it is: nothing fails today,
// nobody judges whose it is, no mute quiets it, and what can be done about it is another run.
func TestAVersionAmongIncidents(t *testing.T) {
	b := newTable()
	b.memory.all = []incidents.Incident{brokenVersion()}
	b.memory.mutes = []incidents.Mute{{Partner: "servicenow", Until: noon.Add(time.Hour), By: ada.ID, At: noon}}
	reply := b.ask(t, ada, "incidents")
	section := reply.Sections[0]
	text := plain(Reply{Sections: []Section{section}})
	if strings.Contains(text, "uted") || strings.Contains(text, "erdict") || !strings.Contains(text, "v3") || !strings.Contains(text, "ECO-21") {
		t.Errorf("got %s", text)
	}
	var can []string
	for _, button := range section.Buttons {
		can = append(can, button.Command)
	}
	if want := []string{"ack sparky-compat-servicenow-m5", "compat servicenow v3", "resolve sparky-compat-servicenow-m5 --ask"}; !slices.Equal(can, want) {
		t.Errorf("buttons %q, want %q", can, want)
	}
	if section.Lines[0].Mark == MarkBad {
		t.Error("it is drawn as something that is broken now")
	}
	if status := b.ask(t, ada, "status servicenow"); !strings.Contains(plain(status), "v3") {
		t.Errorf("its status says nothing of it: %s", plain(status))
	}
}
