package commands

import (
	"strings"
	"testing"
	"time"

	"sparky/changes"
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

// TestAMuteOfWhatIsBrokenIsToldOnce holds that a muted partner with an incident says once until when, by whom and why.
func TestAMuteOfWhatIsBrokenIsToldOnce(t *testing.T) {
	b := failingTable()
	until := noon.Add(time.Hour)
	b.memory.all[0].MutedUntil = until
	b.memory.mutes = []incidents.Mute{{Partner: "servicenow", Until: until, By: "U0ADA", Reason: "moving tokens"}}
	text := plain(boardOf(t, b, &fakeRuns{}, "dashboard"))
	if n := strings.Count(strings.ToLower(text), "muted until"); n != 1 || !strings.Contains(text, "moving tokens") {
		t.Errorf("it is told %d times:\n%s", n, text)
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

// TestRowsWithoutAButtonSayWhy holds that what looks the same is either the same, or a line says where the difference is.
func TestRowsWithoutAButtonSayWhy(t *testing.T) {
	const many, undated = "Operators have “Handled” here for the 3 soonest.", "What has no date brings no reminder, and so has no “Handled”."
	for name, c := range map[string]struct {
		dated, undated int
		want           string
	}{"few": {3, 0, ""}, "more": {4, 0, many}, "some without a date": {2, 1, undated}, "both": {4, 1, many + " " + undated}, "none with a date": {0, 2, ""}, "nothing": {0, 0, ""}} {
		b := wellWorld()
		b.facts.upcoming = nil
		for n := range c.dated {
			b.facts.upcoming = append(b.facts.upcoming, entry(strings.Repeat("x", n+1), "2027-06-30", changes.Breaking))
		}
		for n := range c.undated {
			b.facts.upcoming = append(b.facts.upcoming, entry(strings.Repeat("y", n+1), "", changes.Beta))
		}
		text := plain(boardOf(t, b, &fakeRuns{}, "dashboard"))
		if got := strings.Contains(text, many); got != strings.Contains(c.want, many) {
			t.Errorf("%s: of those with a date:\n%s", name, text)
		}
		if got := strings.Contains(text, undated); got != strings.Contains(c.want, undated) {
			t.Errorf("%s: of those without:\n%s", name, text)
		}
	}
}

// TestRunsWithoutAButtonSayWhy is the same of versions that can be tried.
func TestRunsWithoutAButtonSayWhy(t *testing.T) {
	for runs, want := range map[int]bool{0: false, 3: false, 4: true} {
		f := &fakeRuns{}
		for n := range runs {
			f.runs = append(f.runs, changes.Run{ID: strings.Repeat("r", n+1), Partner: "servicenow", Name: "ServiceNow", Version: strings.Repeat("v", n+1), State: changes.RunFailed, Asked: noon, Ended: noon})
		}
		text := plain(boardOf(t, wellWorld(), f, "dashboard"))
		if got := strings.Contains(text, "There is room for 3 buttons here. Operators run any version with /sparky compat <partner> <version>."); got != want {
			t.Errorf("%d runs:\n%s", runs, text)
		}
	}
}
