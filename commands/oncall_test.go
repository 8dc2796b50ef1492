package commands

import (
	"encoding/json"
	"strings"
	"testing"
)

type pager string

func (p pager) Who() []string { return strings.Split(string(p), ", and ") }

func TestOncallReadAloud(t *testing.T) {
	b := newTable()
	talk := conversation(t, b, "ada: oncall", "ada: oncall tomorrow")
	b.oncall = pager("PagerDuty, and whoever is in its escalation policy.")
	talk += conversation(t, b, "ada: oncall", "ada: oncall --public")
	golden(t, "oncall", talk)
}

func TestOncallForMachines(t *testing.T) {
	b := newTable()
	for want, who := range map[string]OncallFacts{`{"configured":false}`: nil, `{"configured":true,"who":"PagerDuty"}`: pager("PagerDuty")} {
		b.oncall = who
		encoded, err := json.Marshal(b.ask(t, ada, "oncall").Facts)
		if err != nil || string(encoded) != want {
			t.Errorf("got %s, %v", encoded, err)
		}
	}
}
