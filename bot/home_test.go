package bot

import (
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

func TestAHomeOfFiftyPartnersFits(t *testing.T) {
	section := commands.Section{}
	for range 400 {
		section.Lines = append(section.Lines, commands.Say(strings.Repeat("A partner with a long name ", 4)))
	}
	checkBlocks(t, drawHome([]commands.Reply{{Title: "Partners", Text: "All.", Sections: []commands.Section{section}}}), maxHomeBlocks)
}
