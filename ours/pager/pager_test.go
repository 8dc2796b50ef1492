package pager

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/openapi"
	"sparky/fixtures/world/pagerduty"
	"sparky/incidents"
)

func TestACallFromItsBeginningToItsEnd(t *testing.T) {
	d := newDesk(t)
	for _, step := range []struct {
		wanted incidents.PageState
		state  pagerduty.State
	}{
		{incidents.PageTriggered, pagerduty.Triggered},
		{incidents.PageAcknowledged, pagerduty.Acknowledged},
		{incidents.PageResolved, pagerduty.Resolved},
	} {
		d.must(d.wants(step.wanted))
		alerts := d.service.Alerts()
		if len(alerts) != 1 || alerts[0].State != step.state || d.done() != step.wanted {
			t.Fatalf("%s: done %q, alerts %+v", step.wanted, d.done(), alerts)
		}
	}
	alert := d.service.Alerts()[0]
	if alert.Calls != 1 || alert.Key != "sparky-servicenow-20261102T031200/1" {
		t.Errorf("%+v", alert)
	}
}

func TestWhatThePersonOnCallSees(t *testing.T) {
	d := newDesk(t)
	d.must(d.wants(incidents.PageTriggered))
	alert := d.service.Alerts()[0]
	if alert.Summary != "ServiceNow is failing, and it looks like ours." || alert.Severity != "error" || alert.Client != "Sparky" ||
		alert.Source != "dev1.service-now.example" {
		t.Errorf("%+v", alert)
	}
	if len(alert.Links) != 2 || alert.Links[0].Text != "Jira ECO-12" || alert.Links[1].Href != "https://status.servicenow.example" {
		t.Errorf("links: %+v", alert.Links)
	}
	for _, part := range []string{"Ours: the password is refused.", "Their page says all is well. (https://status.servicenow.example)",
		"401 since 03:12", "incident-creation: POST was answered with 401", "A new password.", "the controls did not answer in time",
		"Platform Integrations", "Ticket sync", "2026-11-02T03:12:00Z"} {
		if !strings.Contains(string(alert.Details), part) {
			t.Errorf("the details lack %q: %s", part, alert.Details)
		}
	}
}

func TestNothingIsSentForWhatNeverCalledAnybody(t *testing.T) {
	for _, wanted := range []incidents.PageState{incidents.PageNone, incidents.PageAcknowledged, incidents.PageResolved} {
		d := newDesk(t)
		d.must(d.wants(wanted))
		if sent := d.service.Journal(); len(sent) != 0 || d.done() != incidents.PageNone {
			t.Errorf("%q: done %q, sent %+v", wanted, d.done(), sent)
		}
	}
}

func TestAnOutageThatComesBackIsAnotherCall(t *testing.T) {
	d := newDesk(t)
	d.must(d.wants(incidents.PageTriggered))
	d.must(d.wants(incidents.PageResolved))
	d.previous, d.memory.incident.Outage = nil, 2 // the effect of another outage has a key, and a memory, of its own
	d.must(d.wants(incidents.PageTriggered))
	alerts := d.service.Alerts()
	if len(alerts) != 2 || alerts[1].Key != "sparky-servicenow-20261102T031200/2" || alerts[1].State != pagerduty.Triggered {
		t.Errorf("%+v", alerts)
	}
}

// TestAnOutageThatAnotherOneFollowedIsOver is PagerDuty being away while an outage ends and the next one begins: the call
// for the first one must not stand for ever.
func TestAnOutageThatAnotherOneFollowedIsOver(t *testing.T) {
	d := newDesk(t)
	d.must(d.wants(incidents.PageTriggered))
	d.memory.incident.Outage = 2
	d.must(d.draw(1))
	if open := d.service.Open(); len(open) != 0 || d.done() != incidents.PageResolved {
		t.Errorf("done %q, open %+v", d.done(), open)
	}
	d.previous = nil
	d.must(d.draw(1))
	if len(d.service.Journal()) != 2 {
		t.Error("something was sent for an earlier outage that called nobody")
	}
}

// TestAVerdictThatChangesTwice is a person saying that it is theirs, and another one that it is ours after all.
func TestAVerdictThatChangesTwice(t *testing.T) {
	d := newDesk(t)
	for _, wanted := range []incidents.PageState{incidents.PageTriggered, incidents.PageResolved, incidents.PageTriggered} {
		d.must(d.wants(wanted))
	}
	if alerts := d.service.Alerts(); len(alerts) != 2 || alerts[0].State != pagerduty.Resolved || alerts[1].State != pagerduty.Triggered {
		t.Errorf("%+v", alerts)
	}
}

func TestAnAnswerThatIsLostCallsNobodyTwice(t *testing.T) {
	d := newDesk(t)
	d.service.SetFault(pagerduty.Fault{Lost: true, Times: 1})
	err := d.wants(incidents.PageTriggered)
	if err == nil || known(err) {
		t.Fatalf("got %v, want an unknown outcome", err)
	}
	d.look()
	d.must(d.wants(incidents.PageTriggered))
	if alerts := d.service.Alerts(); len(alerts) != 1 || alerts[0].Calls != 1 || len(alerts[0].Log) != 2 {
		t.Errorf("%+v", alerts)
	}
}

// TestAFailureThatEndsWhileItsCallIsInDoubt holds that nobody stays called for what is over.
func TestAFailureThatEndsWhileItsCallIsInDoubt(t *testing.T) {
	d := newDesk(t)
	d.service.SetFault(pagerduty.Fault{Lost: true, Times: 1})
	if err := d.wants(incidents.PageTriggered); err == nil {
		t.Fatal("the answer was not lost")
	}
	d.look()
	d.must(d.wants(incidents.PageResolved))
	if open := d.service.Open(); len(open) != 0 {
		t.Errorf("still called: %+v", open)
	}
	d.service.SetFault(pagerduty.Fault{Lost: true, Times: 1})
	if err := d.wants(incidents.PageTriggered); err == nil { // ours again, and the answer lost again
		t.Fatal("the answer was not lost")
	}
	d.must(d.wants(incidents.PageResolved))
	if open := d.service.Open(); len(open) != 0 {
		t.Errorf("still called: %+v", open)
	}
}

// TestEveryEventIsOneThatPagerDutyDescribes holds what is sent against PagerDuty's own description, where it is there.
func TestEveryEventIsOneThatPagerDutyDescribes(t *testing.T) {
	checker, err := openapi.Load("../../../shared/data/openapi/pagerduty.json")
	if err != nil {
		t.Skip("PagerDuty's description is not here")
	}
	d := newDesk(t)
	for _, wanted := range []incidents.PageState{incidents.PageTriggered, incidents.PageAcknowledged, incidents.PageResolved} {
		d.must(d.wants(wanted))
	}
	sent := d.service.Journal()
	if len(sent) != 3 {
		t.Fatalf("sent %d events", len(sent))
	}
	for _, entry := range sent {
		err := checker.Check(openapi.Request{Method: entry.Method, Path: strings.TrimPrefix(entry.Path, "/v2"),
			Header: map[string][]string{"Content-Type": {"application/json"}}, Body: entry.Raw})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAPayloadOrAnIncidentThatIsNotThere(t *testing.T) {
	d := newDesk(t)
	for _, payload := range []string{"", "{}", "x", `{"incident":""}`} {
		_, err := d.pager.Do(t.Context(), "key", []byte(payload), nil)
		if !permanent(err) {
			t.Errorf("%q: %v", payload, err)
		}
		if _, _, err := d.pager.Find(t.Context(), "key", []byte(payload)); !permanent(err) {
			t.Errorf("looking for %q: %v", payload, err)
		}
	}
	_, err := d.pager.Do(t.Context(), "key", []byte(`{"incident":"another"}`), nil)
	if err == nil || permanent(err) || !known(err) || !strings.Contains(err.Error(), "another") {
		t.Errorf("got %v", err)
	}
}

// known tells that an error says that nothing happened.
func known(err error) bool {
	var refused interface{ Refused() bool }
	var unsent interface{ NotSent() bool }
	return errors.As(err, &refused) && refused.Refused() || errors.As(err, &unsent) && unsent.NotSent()
}

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

func later(err error) time.Duration {
	var l interface{ RetryAfter() time.Duration }
	if !errors.As(err, &l) {
		return 0
	}
	return l.RetryAfter()
}

func TestTheResultIsReadByTheDesk(t *testing.T) {
	d := newDesk(t)
	d.must(d.wants(incidents.PageTriggered))
	var own Result
	if err := json.Unmarshal(d.previous, &own); err != nil || own.Key != "sparky-servicenow-20261102T031200/1" || own.Done != incidents.PageTriggered {
		t.Errorf("%s: %v", d.previous, err)
	}
}
