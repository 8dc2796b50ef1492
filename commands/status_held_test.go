package commands

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// fakeBreakers are the hosts to which calls are held back, by partner.
type fakeBreakers map[string][]incidents.Circuit

func (f fakeBreakers) Breakers(partner string) []incidents.Circuit { return f[partner] }

// held asks for the status of what is well but for the hosts to which calls are held back.
func held(t *testing.T, text string, breakers Breakers) Reply {
	t.Helper()
	f := &fakeFacts{statuses: map[string]partners.StatusRecord{"servicenow": {Status: good(noon)}, "microsoft": {Status: good(noon)}}}
	book := NewBook(probedDirectory(), nil, Status(probedDirectory(), StatusSources{Pages: f, Breakers: breakers}, func() time.Time { return noon }))
	return book.Run(t.Context(), Request{Text: text, Person: ada})
}

func TestHostsThatAreHeldBackAreShown(t *testing.T) {
	breakers := fakeBreakers{"servicenow": {
		{Host: "api.snow.example", Since: noon.Add(-3 * time.Minute), Why: "it answered 503"},
		{Host: "status.snow.example:8443", Since: noon.Add(-time.Second), Trying: true},
	}}
	first := "Calls to api.snow.example have been held back since 1 Mar 11:57 UTC, because too many failed (it answered 503); one is let through now and then."
	second := "Calls to status.snow.example:8443 have been held back since 1 Mar 11:59 UTC; the next one is let through."
	all := plain(held(t, "status", breakers))
	if !strings.Contains(all, "  "+first+"\n  "+second+"\n") || strings.Count(all, "held back") != 2 {
		t.Errorf("of all:\n%s", all)
	}
	one := held(t, "status servicenow", breakers)
	if want := "# Calls that are held back\n[warn] " + first + "\n[warn] " + second + "\n"; !strings.Contains(plain(one), want) {
		t.Errorf("of one:\n%s", plain(one))
	}
	facts, err := json.Marshal(one.Facts)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"host":"api.snow.example","state":"open","since":"2027-03-01T11:57:00Z","why":"it answered 503"}`, `"state":"half-open"`} {
		if !strings.Contains(string(facts), want) {
			t.Errorf("%s is not among the facts %s", want, facts)
		}
	}
}

func TestCallsThatAreMadeAreNotTold(t *testing.T) {
	for _, breakers := range []Breakers{nil, fakeBreakers{}} {
		for _, text := range []string{"status", "status servicenow"} {
			reply := held(t, text, breakers)
			facts, err := json.Marshal(reply.Facts)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(plain(reply), "held back") || strings.Contains(string(facts), "breakers") {
				t.Errorf("%s: %s\n%s", text, plain(reply), facts)
			}
		}
	}
}

func TestWhyCallsAreHeldBackIsCut(t *testing.T) {
	line := heldLine(incidents.Circuit{Host: "h.example", Since: noon, Why: strings.Repeat("no answer ", 100)})
	if text := flat(line); len(text) > 400 || !strings.HasSuffix(text, "…); one is let through now and then.") {
		t.Errorf("%s", text)
	}
}

func TestManyHostsAreCounted(t *testing.T) {
	var many []incidents.Circuit
	for range mostListed + 7 {
		many = append(many, incidents.Circuit{Host: "h.example", Since: noon})
	}
	for _, text := range []string{"status", "status servicenow"} {
		if got := plain(held(t, text, fakeBreakers{"servicenow": many})); strings.Count(got, "h.example") != mostListed || !strings.Contains(got, "and to 7 hosts more") {
			t.Errorf("%s:\n%s", text, got)
		}
	}
}
