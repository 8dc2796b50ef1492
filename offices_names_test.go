package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// nobodyNamed knows no names.
type nobodyNamed struct{}

func (nobodyNamed) In(_ context.Context, text string) string { return text }

// adaNamed knows Ada.
type adaNamed struct{}

func (adaNamed) In(_ context.Context, text string) string {
	return strings.ReplaceAll(text, "U0ADA0001 in Slack", "Ada in Slack")
}

// spoken notes what was said.
type spoken struct{ payloads []string }

func (s *spoken) Do(_ context.Context, _ string, payload, _ []byte) ([]byte, error) {
	s.payloads = append(s.payloads, string(payload))
	return nil, nil
}

func (s *spoken) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

func TestJiraNamesPeople(t *testing.T) {
	said := &spoken{}
	comments := namedComments{said, adaNamed{}}
	payload, err := json.Marshal(incidents.Comment{Incident: "i", Ticket: "ECO-1", Text: "Acknowledged. (by U0ADA0001 in Slack)"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{string(payload), "no comment"} {
		if _, err := comments.Do(t.Context(), "i/comment/1", []byte(p), nil); err != nil {
			t.Error(err)
		}
	}
	if len(said.payloads) != 2 || !strings.Contains(said.payloads[0], "(by Ada in Slack)") || !strings.Contains(said.payloads[0], `"ECO-1"`) || said.payloads[1] != "no comment" {
		t.Errorf("it says %q", said.payloads)
	}
	i := incidents.Incident{ID: "i", Name: "Okta", Verdict: incidents.Verdict{Word: incidents.External, By: "U0ADA0001", At: time.Now()}}
	if _, text := namedTicket(adaNamed{})(i); !strings.Contains(text, "Said by Ada in Slack.") {
		t.Errorf("the ticket says %s", text)
	}
}
