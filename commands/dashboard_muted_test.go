package commands

import (
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// TestAMutedPartnerIsCountedAndCanBeUnmuted holds that App Home says first which partners are muted, and until when.
func TestAMutedPartnerIsCountedAndCanBeUnmuted(t *testing.T) {
	b := wellWorld()
	b.memory.mutes = []incidents.Mute{{Partner: "microsoft", Until: noon.Add(time.Hour), By: "U0ADA"}}
	reply := boardOf(t, b, &fakeRuns{}, "dashboard")
	if !strings.HasSuffix(reply.Title, ", 1 is muted") {
		t.Errorf("the head line is %q", reply.Title)
	}
	var found bool
	for _, s := range reply.Sections {
		for _, button := range s.Buttons {
			if button != (Button{Label: "Unmute", Command: "unmute microsoft"}) {
				continue
			}
			found = true
			last := s.Lines[len(s.Lines)-1]
			if last.Mark != MarkMuted || !strings.HasPrefix(flat(last), "Microsoft 365 is muted until ") {
				t.Errorf("the button stands below %q", flat(last))
			}
		}
	}
	if !found {
		t.Errorf("there is no way to end it:\n%s", plain(reply))
	}
	b.memory.mutes = append(b.memory.mutes, incidents.Mute{Partner: "servicenow", Probe: "table-api", Until: noon.Add(time.Hour), By: "U0ADA"})
	if reply = boardOf(t, b, &fakeRuns{}, "dashboard"); !strings.HasSuffix(reply.Title, ", 2 are muted") {
		t.Errorf("the head line is %q", reply.Title)
	}
}

// TestWhatIsMutedIsNotMutedAgain holds that a button mutes only what is loud.
func TestWhatIsMutedIsNotMutedAgain(t *testing.T) {
	i := brokenServiceNow()
	for name, c := range map[string]struct {
		mutes []incidents.Mute
		want  string
	}{
		"nothing is muted":    {nil, "mute servicenow 1h --while " + i.ID},
		"all of it":           {[]incidents.Mute{{Partner: "servicenow", Until: noon.Add(time.Hour)}}, "unmute servicenow"},
		"what fails":          {[]incidents.Mute{{Partner: "servicenow", Probe: "create-incident", Until: noon.Add(time.Hour)}}, "unmute servicenow/create-incident"},
		"something else":      {[]incidents.Mute{{Partner: "servicenow", Probe: "table-api", Until: noon.Add(time.Hour)}}, "mute servicenow 1h --while " + i.ID},
		"somebody else":       {[]incidents.Mute{{Partner: "okta", Until: noon.Add(time.Hour)}}, "mute servicenow 1h --while " + i.ID},
		"until a moment ago":  {[]incidents.Mute{{Partner: "servicenow", Until: noon}}, "mute servicenow 1h --while " + i.ID},
		"twice, in two parts": {[]incidents.Mute{{Partner: "servicenow", Until: noon.Add(time.Hour)}, {Partner: "servicenow", Probe: "table-api", Until: noon.Add(time.Hour)}}, "unmute servicenow"},
	} {
		var got []string
		for _, b := range unmuting(IncidentButtons(i, noon), i, c.mutes, noon) {
			if strings.Contains(b.Command, "mute ") {
				got = append(got, b.Command)
			}
		}
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
