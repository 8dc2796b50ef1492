package pager

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sparky/incidents"
	"sparky/internal/setting"
)

func written(t testing.TB, in incidents.Incident, summary string) event {
	t.Helper()
	p := New(Config{RoutingKey: setting.NewSecret("k")}, nil, nil, func(incidents.Incident) string { return summary })
	return p.event(in, dedupKey(in.ID, in.Outage), "trigger")
}

func TestSeverity(t *testing.T) {
	for priority, want := range map[string]string{"P1": "critical", "P2": "critical", "P3": "error", "P4": "error", "": "error"} {
		in := sample()
		in.Priority = priority
		if got := written(t, in, "x").Payload.Severity; got != want {
			t.Errorf("%s: %s", priority, got)
		}
	}
}

func TestAnIncidentOfOurOwnNetwork(t *testing.T) {
	in := incidents.Incident{ID: "sparky-network-1", Kind: incidents.KindNetwork, Name: "Our network", Outage: 1, Since: time.Unix(0, 0)}
	e := written(t, in, "")
	if e.Payload.Source != "Our network" || e.Payload.Summary == "" || len(e.Links) != 0 || e.ClientURL != "" || e.Payload.Class != "" {
		t.Errorf("%+v %+v", e, e.Payload)
	}
}

func TestWhatWasFailingAlreadyHasNoBeginning(t *testing.T) {
	in := sample()
	in.Already = true
	if since := written(t, in, "x").Payload.Details["since"]; !strings.Contains(since.(string), "already") {
		t.Errorf("since %q", since)
	}
}

func TestOnlyATriggerHasAPayload(t *testing.T) {
	p := New(Config{RoutingKey: setting.NewSecret("k")}, nil, nil, oneSentence)
	for _, action := range []string{"acknowledge", "resolve"} {
		if e := p.event(sample(), "x/1", action); e.Payload != nil || len(e.Links) != 0 || e.DedupKey != "x/1" || e.RoutingKey != "k" {
			t.Errorf("%s: %+v", action, e)
		}
	}
}

func TestKeys(t *testing.T) {
	long := strings.Repeat("ä", 300)
	keys := map[string]bool{}
	for outage := range 3 {
		key := dedupKey(long, outage)
		if utf8.RuneCountInString(key) != maxKey || keys[key] {
			t.Errorf("%d characters: %s", utf8.RuneCountInString(key), key)
		}
		keys[key] = true
	}
	if got := dedupKey("sparky-okta-1", 3); got != "sparky-okta-1/3" {
		t.Error(got)
	}
}

func TestALongListSaysHowMuchIsLeftOut(t *testing.T) {
	in := sample()
	for range 30 {
		in.Verdict.Points = append(in.Verdict.Points, incidents.Point{Text: "more"})
	}
	evidence := written(t, in, "x").Payload.Details["evidence"].([]string)
	if len(evidence) != maxPoints+1 || evidence[maxPoints] != "and 12 more" {
		t.Errorf("%d lines, the last %q", len(evidence), evidence[len(evidence)-1])
	}
}

func TestWho(t *testing.T) {
	for name, test := range map[string]struct {
		config Config
		text   string
	}{
		"PagerDuty":             {Config{Provider: ProviderPagerDuty}, "whoever PagerDuty's schedule has on call"},
		"PagerDuty and a group": {Config{Provider: ProviderPagerDuty, SlackGroup: "S0ONCALL"}, "by a mention"},
		"Slack":                 {Config{Provider: ProviderSlack, SlackGroup: "S0ONCALL"}, "no phone rings"},
		"nobody":                {Config{}, "calls no one"},
	} {
		if text := strings.Join(test.config.Who(), " "); !strings.Contains(text, test.text) || strings.Contains(text, "!") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// FuzzEvent holds that whatever an incident says, the event stays within PagerDuty's limits and is whole text.
func FuzzEvent(f *testing.F) {
	f.Add("ServiceNow is failing.", "Their page says all is well.", "https://status.example")
	f.Add(" ", "\n", "0")
	f.Add("a\nb\x00\xff", strings.Repeat("x", 5000), "javascript:alert(1)")
	f.Fuzz(func(t *testing.T, summary, point, link string) {
		in := sample()
		in.PageURL, in.Name = link, point
		in.Verdict.Points = []incidents.Point{{Text: point, Link: link}}
		e := written(t, in, summary)
		body, err := json.Marshal(e)
		if err != nil || !utf8.Valid(body) {
			t.Fatalf("%v: %q", err, body)
		}
		if s := e.Payload.Summary; s == "" || utf8.RuneCountInString(s) > maxSummary || strings.ContainsAny(s, "\n\r") {
			t.Errorf("summary %q", s)
		}
		for _, l := range e.Links {
			if !strings.HasPrefix(strings.ToLower(l.Href), "http") {
				t.Errorf("a link to %q", l.Href)
			}
		}
	})
}
