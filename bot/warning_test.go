package bot

import (
	"encoding/json"
	"strings"
	"testing"

	"sparky/commands"
	"sparky/incidents"
)

func TestAWarningSaysWhatComesAndThatNothingFailsYet(t *testing.T) {
	reply := warningReply(incidents.Warning{Partner: "okta", Name: "Okta", Probe: "certificate",
		Text: "The certificate of acme.okta.example ends on 3 December, in 11 days."})
	if reply.Text != "Okta: The certificate of acme.okta.example ends on 3 December, in 11 days." {
		t.Errorf("a notification reads %q", reply.Text)
	}
	encoded, err := json.Marshal(render(reply).Blocks)
	if err != nil {
		t.Fatal(err)
	}
	blocks := string(encoded)
	for _, words := range []string{"*Okta*", "Nothing fails yet", "certificate"} {
		if !strings.Contains(blocks, words) {
			t.Errorf("%q is not in %s", words, blocks)
		}
	}
}

// TestAWarningOfAHostHasItsOwnWords holds that it names no probe, because none has seen it.
func TestAWarningOfAHostHasItsOwnWords(t *testing.T) {
	for over, mark := range map[bool]commands.Mark{false: commands.MarkWarn, true: commands.MarkGood} {
		reply := warningReply(incidents.Warning{Partner: "okta", Name: "Okta", Text: "calls to <!here> are held back.", Aside: "No incident is open for it.", Over: over})
		lines := reply.Sections[0].Lines
		if lines[0].Mark != mark || len(lines) != 2 || lines[1].Pieces[0].Text != "No incident is open for it." {
			t.Errorf("%+v", lines)
		}
		encoded, err := json.Marshal(render(reply).Blocks)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(encoded), "<!here>") {
			t.Errorf("a host calls everybody: %s", encoded)
		}
	}
}
