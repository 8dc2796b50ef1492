package bot

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"sparky/commands"
)

func TestHomeIsWhatStatusAndUpcomingAnswer(t *testing.T) {
	replies := []commands.Reply{
		{Title: "Partners: 1 degraded", Text: "Partners: 1 degraded.", Sections: []commands.Section{{Lines: []commands.Line{commands.Say("Okta degraded")}}}},
		{Title: "Coming changes", Text: "Coming changes: 1 with a date.", Sections: []commands.Section{{Lines: []commands.Line{commands.Say("v1 ends")}}}},
	}
	blocks := drawHome(replies)
	checkBlocks(t, blocks, maxHomeBlocks)
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	drawn := string(raw)
	for text, times := range map[string]int{"Partners: 1 degraded": 1, "Okta degraded": 1, "Coming changes: 1 with a date.": 1, "v1 ends": 1, `"divider"`: 1} {
		if n := strings.Count(drawn, text); n != times {
			t.Errorf("%q stands there %d times: %s", text, n, drawn)
		}
	}
}

// homeOf is App Home as it is sent to Slack, given what the commands answer.
func homeOf(t *testing.T, answers map[string]commands.Reply) string {
	t.Helper()
	f := newFakeSlack(t)
	runner := runnerFunc(func(_ context.Context, req commands.Request) commands.Reply { return answers[req.Text] })
	Home{API: f.api(), Runner: runner, Log: f.logger()}.Opened(t.Context(), "U1")
	published := f.called("views.publish")
	if len(published) != 1 {
		t.Fatalf("%d homes, log: %s", len(published), f.log.String())
	}
	view := published[0].Form.Get("view")
	if view == "" {
		view = string(encodedJSON(t, published[0].JSON["view"]))
	}
	return view
}

func TestWhatIsBrokenStandsFirstInHome(t *testing.T) {
	open := commands.Reply{Title: "Open incidents", Text: "1 incident is open.", Sections: []commands.Section{{
		Lines:   []commands.Line{commands.Say("ServiceNow: incident-creation fails")},
		Buttons: []commands.Button{{Label: "Acknowledge", Command: "ack sparky-servicenow-1", Primary: true}}}}}
	status := commands.Reply{Title: "Partners: all well", Text: "Partners: all well.", Sections: []commands.Section{{Lines: []commands.Line{commands.Say("Okta operational")}}}}
	view := homeOf(t, map[string]commands.Reply{"incidents": open, "status": status})
	first, second := strings.Index(view, "incident-creation fails"), strings.Index(view, "Okta operational")
	if first < 0 || second < first || !strings.Contains(view, `1:ack sparky-servicenow-1`) {
		t.Errorf("home: %s", view)
	}
	none := homeOf(t, map[string]commands.Reply{"incidents": {Title: "Incidents", Text: "Nothing is open."}, "status": status})
	if strings.Contains(none, "Nothing is open") || !strings.Contains(none, "Okta operational") {
		t.Errorf("home without incidents: %s", none)
	}
}

func TestHomeSaysNothingTwice(t *testing.T) {
	const text = "Coming changes: nothing is announced."
	blocks := drawHome([]commands.Reply{
		{Title: "Coming changes", Text: text, Sections: []commands.Section{{Lines: []commands.Line{commands.Say(text)}}}},
		{Title: "Status", Text: "I could not read it."},
	})
	checkBlocks(t, blocks, maxHomeBlocks)
	drawn := string(encodedJSON(t, blocks))
	if strings.Count(drawn, text) != 1 || strings.Count(drawn, "I could not read it.") != 1 {
		t.Errorf("drawn: %s", drawn)
	}
}

func TestAHomeOfFiftyPartnersFits(t *testing.T) {
	section := commands.Section{}
	for range 400 {
		section.Lines = append(section.Lines, commands.Say(strings.Repeat("A partner with a long name ", 4)))
	}
	checkBlocks(t, drawHome([]commands.Reply{{Title: "Partners", Text: "All.", Sections: []commands.Section{section}}}), maxHomeBlocks)
}
