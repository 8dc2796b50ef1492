package commands

import (
	"strings"
	"testing"
)

func TestTakeTarget(t *testing.T) {
	tests := []struct{ typed, partner, probe, rest string }{
		{"snow", "servicenow", "", ""},
		{"snow/table-api", "servicenow", "table-api", ""},
		{"SNOW / Table-API", "servicenow", "table-api", ""},
		{"snow table-api", "servicenow", "table-api", ""},
		{"snow tableapi x", "servicenow", "table-api", "x"},
		{"snow other", "servicenow", "", "other"},
		{"service now/create-incident 2h", "servicenow", "create-incident", "2h"},
		{"microsoft 365", "microsoft", "", ""},
		{"microsoft 365/card", "microsoft", "card", ""},
		{"microsoft 365 card a b", "microsoft", "card", "a b"},
		{"microsoft card", "microsoft", "card", ""},
	}
	for _, tt := range tests {
		found, rest, refusal := probedDirectory().takeTarget(strings.Fields(tt.typed))
		if refusal != nil {
			t.Errorf("%s: %s", tt.typed, refusal.Text)
			continue
		}
		if found.partner.ID != tt.partner || found.probe != tt.probe || strings.Join(rest, " ") != tt.rest {
			t.Errorf("%s is %s/%s with %q behind it", tt.typed, found.partner.ID, found.probe, rest)
		}
	}
}

func TestWhatIsNoTargetIsRefused(t *testing.T) {
	tests := map[string]string{
		"snwo 2h":                 `I know no partner "snwo". Did you mean servicenow? I watch: servicenow, microsoft, workday.`,
		"snwo/table-api 2h":       `I know no partner "snwo". Did you mean servicenow? I watch: servicenow, microsoft, workday.`,
		"2h":                      `I know no partner "2h". I watch: servicenow, microsoft, workday.`,
		"/":                       `I know no partner "". I watch: servicenow, microsoft, workday.`,
		"snow/":                   `ServiceNow has no probe "". It has: create-incident, table-api.`,
		"snow/tabel-api":          `ServiceNow has no probe "tabel-api". Did you mean table-api? It has: create-incident, table-api.`,
		"snow/table-api/deeper":   `ServiceNow has no probe "table-api/deeper". It has: create-incident, table-api.`,
		"microsoft 365/create 2h": `Microsoft 365 has no probe "create". It has: card.`,
		"workday/login":           `Workday has no probes. They are configured in sparky.yaml, under the partner's probes.`,
	}
	for typed, want := range tests {
		found, _, refusal := probedDirectory().takeTarget(strings.Fields(typed))
		if refusal == nil {
			t.Errorf("%s is taken for %s", typed, found.typed())
			continue
		}
		if refusal.Text != want || !refusal.Refused {
			t.Errorf("%s:\n got %s\nwant %s", typed, refusal.Text, want)
		}
	}
}

// FuzzTakeTarget holds the finding of a target to what it promises: words are used up from the front, and a probe is one
// that the partner has.
func FuzzTakeTarget(f *testing.F) {
	for _, text := range []string{"snow", "snow/table-api", "microsoft 365 card", "/", "a/b/c", "snow / / x", "\x00", strings.Repeat("snow ", 20)} {
		f.Add(text)
	}
	d := probedDirectory()
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Fields(text)
		found, rest, refusal := d.takeTarget(words)
		switch {
		case refusal != nil:
			if !refusal.Refused || refusal.Text == "" {
				t.Fatalf("%+v", *refusal)
			}
		case len(rest) >= len(words):
			t.Fatalf("nothing of %q was used", words)
		case found.probe != "" && probeOf(found.partner, found.probe) != found.probe:
			t.Fatalf("a probe that there is not: %q", found.probe)
		}
	})
}
