package bot

import (
	"encoding/json"
	"strings"
	"testing"

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
