package jira

import (
	"slices"
	"strings"
	"testing"
	"time"

	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
)

func TestAnIssueIsOpened(t *testing.T) {
	s := newStage(t, standin.Options{})
	ticket := s.draw()
	got := s.only()
	if ticket.Key != "ECO-1" || !strings.HasSuffix(ticket.URL, "/browse/ECO-1") || ticket.Status != "Open" || ticket.Assignee != "Ada Osei" || ticket.ByHand {
		t.Errorf("the ticket is %+v", ticket)
	}
	if got.Priority != "Low" || got.Assignee != standin.Ada || got.Type != "[System] Incident" || !slices.Equal(got.Components, []string{"ServiceNow"}) {
		t.Errorf("the issue is %+v", got)
	}
	if !slices.Equal(got.Labels, []string{"sparky", "sparky-servicenow-20261102-0900", "servicenow"}) {
		t.Errorf("labels %q", got.Labels)
	}
	want := "The probe of ServiceNow fails.\n\n- 503 from https://acme.service-now.example/api/now\n- since 09:00"
	if got.Summary != "ServiceNow: tickets cannot be created" || got.Description != want {
		t.Errorf("it says %q: %q", got.Summary, got.Description)
	}
	if !strings.Contains(string(got.Document), `{"attrs":{"href":"https://acme.service-now.example/api/now"},"type":"link"}`) {
		t.Errorf("the address is no link: %s", got.Document)
	}
}

func TestThePriorityThatItWasMadeWithIsTold(t *testing.T) {
	s := newStage(t, standin.Options{})
	if got := s.draw().Priority; got != "P4" {
		t.Errorf("it is %q", got)
	}
	s.byHand(s.Reprioritise(standin.Ada, "ECO-1", "High"))
	if got := s.draw().Priority; got != "P4" {
		t.Errorf("what a person made of it is for the desk to see, and it is %q", got)
	}
}

func TestDrawingAgainChangesNothing(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	for range 3 {
		s.draw()
	}
	if s.Calls(standin.OpCreate) != 1 || s.Calls(standin.OpMove) != 0 || s.Calls(standin.OpEdit) != 0 {
		t.Errorf("%d created, %d moved, %d edited", s.Calls(standin.OpCreate), s.Calls(standin.OpMove), s.Calls(standin.OpEdit))
	}
}

func TestALostAnswerIsFoundOnceTheSearchHasIt(t *testing.T) {
	s := newStage(t, standin.Options{SearchLag: 20 * time.Second})
	s.SetFault(standin.OpCreate, standin.Fault{Lost: true, Times: 1})
	if err := s.try(); fate(err) != "unknown" {
		t.Fatalf("got %v, %s", err, fate(err))
	}
	find := func() bool {
		result, found, err := s.tickets.Find(t.Context(), effectKey, s.payload())
		if err != nil {
			t.Fatal(err)
		}
		s.saved = result
		return found
	}
	s.clock.Advance(19 * time.Second)
	if find() {
		t.Error("found before the search can know of it")
	}
	s.clock.Advance(time.Second)
	if !find() || s.ticket().Key != "ECO-1" || !strings.HasSuffix(s.ticket().URL, "/browse/ECO-1") {
		t.Fatalf("not found: %s", s.saved)
	}
	s.in(incidents.StateAcknowledged)
	s.wantStatus("In Progress")
	s.in(incidents.StateRecovered)
	s.wantStatus("Resolved")
	if s.Calls(standin.OpCreate) != 1 || s.ticket().ByHand {
		t.Errorf("%d issues were opened; %+v", s.Calls(standin.OpCreate), s.ticket())
	}
}

func TestTheLabelOfAnotherIncidentIsNotFound(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.incident.ID = "sparky-servicenow-20261102-090"
	if _, found, err := s.tickets.Find(t.Context(), effectKey, s.payload()); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestAnIssueFollowsItsIncident(t *testing.T) {
	for name, workflow := range map[string][]standin.Transition{"incidents": standin.Incidents(), "strict": standin.Strict()} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, standin.Options{Workflow: workflow})
			s.draw()
			s.wantStatus("Open")
			s.in(incidents.StateAcknowledged)
			s.wantStatus("In Progress")
			s.in(incidents.StateRecovered)
			s.wantStatus("Resolved")
			if got := s.only().Resolution; got != "Done" {
				t.Errorf("resolution %q", got)
			}
			s.in(incidents.StateOpen)
			if got := s.only(); got.Category == "done" || got.Resolution != "" {
				t.Errorf("not opened again: %s, %q", got.Status, got.Resolution)
			}
			s.in(incidents.StateRecovered)
			s.wantStatus("Resolved")
			if s.ticket().ByHand {
				t.Error("its own moves are taken for a person's")
			}
		})
	}
}

func TestResolvedInOneGo(t *testing.T) {
	for name, test := range map[string]struct {
		opts  standin.Options
		state incidents.State
		moves int
	}{
		"at once":               {standin.Options{}, incidents.StateRecovered, 1},
		"by a person in Slack":  {standin.Options{}, incidents.StateClosed, 1},
		"part of another":       {standin.Options{}, incidents.StateFolded, 1},
		"work must begin first": {standin.Options{Workflow: standin.Strict()}, incidents.StateRecovered, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, test.opts)
			s.draw()
			s.in(test.state)
			s.wantStatus("Resolved")
			if got := len(s.only().Moves); got != test.moves {
				t.Errorf("%d moves: %q", got, s.only().Moves)
			}
		})
	}
}

func TestBegunAgainAfterTheEnd(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.in(incidents.StateRecovered)
	s.in(incidents.StateAcknowledged)
	s.wantStatus("In Progress")
}

func TestAnIncidentThatIsOverBeforeItsIssueExists(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.in(incidents.StateRecovered)
	s.wantStatus("Resolved")
}

func TestAFoldedIncidentGetsNoIssue(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.incident.State = incidents.StateFolded
	result, err := s.tickets.Do(t.Context(), effectKey, s.payload(), nil)
	if result != nil || err != nil || len(s.Issues()) != 0 {
		t.Errorf("got %s, %v and %d issues", result, err, len(s.Issues()))
	}
}

// TestNoSecondIssueWhenTheMoveFails holds that whatever goes wrong after an issue was opened leads to a look for it.
func TestNoSecondIssueWhenTheMoveFails(t *testing.T) {
	for name, fault := range map[string]struct {
		op    string
		fault standin.Fault
	}{
		"refused":     {standin.OpMove, standin.Fault{Status: 403, Times: 1}},
		"rate limit":  {standin.OpTransitions, standin.Fault{Status: 429, RetryAfter: 7, Times: 1}},
		"not looked":  {standin.OpGet, standin.Fault{Status: 503, Times: 1}},
		"answer lost": {standin.OpMove, standin.Fault{Lost: true, Times: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, standin.Options{})
			s.SetFault(fault.op, fault.fault)
			s.incident.State = incidents.StateRecovered
			if err := s.try(); fate(err) != "unknown" {
				t.Fatalf("got %v, %s", err, fate(err))
			}
			result, found, err := s.tickets.Find(t.Context(), effectKey, s.payload())
			if err != nil || !found {
				t.Fatalf("found %v, %v", found, err)
			}
			s.saved = result
			s.draw()
			s.wantStatus("Resolved")
			if s.ticket().ByHand {
				t.Error("taken for a person's move")
			}
		})
	}
}

func TestTheTextFollowsTheVerdict(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.incident.Verdict.Says = "It is theirs: their page reports an outage."
	s.draw()
	s.draw()
	if got := s.only(); !strings.Contains(got.Description, "It is theirs") || s.Calls(standin.OpEdit) != 1 {
		t.Errorf("after %d edits it says %q", s.Calls(standin.OpEdit), got.Description)
	}
}

func TestALongTextIsWrittenOnce(t *testing.T) {
	for name, opts := range map[string]standin.Options{"cloud": {}, "data center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, opts)
			s.incident.Owner = incidents.Owner{}
			s.incident.Verdict.Says = strings.Repeat("Line [one] {of} many!\n\n- https://a.example/x\n", 2000)
			s.draw()
			s.draw()
			if s.Calls(standin.OpEdit) != 0 || !strings.HasSuffix(s.only().Description, "(shortened)") {
				t.Errorf("%d edits of %d characters", s.Calls(standin.OpEdit), len(s.only().Description))
			}
			s.incident.Verdict.Says = "Short."
			s.draw()
			s.draw()
			if s.Calls(standin.OpEdit) != 1 || !strings.HasSuffix(s.only().Description, "Short.") {
				t.Errorf("%d edits", s.Calls(standin.OpEdit))
			}
		})
	}
}

func TestATextThatAPersonEditedStays(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.byHand(s.Edit(standin.Ada, "ECO-1", "Mine", "I know what it is."))
	s.incident.Verdict.Says = "It is theirs."
	s.in(incidents.StateAcknowledged)
	if got := s.only(); got.Summary != "Mine" || got.Description != "I know what it is." {
		t.Errorf("it says %q: %q", got.Summary, got.Description)
	}
	s.wantStatus("In Progress")
}

func TestASiteThatTakesNoEditsStillHasItsTicket(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.SetFault(standin.OpEdit, standin.Fault{Status: 403})
	s.incident.Verdict.Says = "It is theirs."
	s.in(incidents.StateAcknowledged)
	s.draw()
	s.wantStatus("In Progress")
	if s.Calls(standin.OpEdit) != 1 {
		t.Errorf("%d edits were tried, want one", s.Calls(standin.OpEdit))
	}
}

func TestMistakesInWhatIsStored(t *testing.T) {
	s := newStage(t, standin.Options{})
	for name, test := range map[string]struct{ payload, previous string }{
		"no incident":      {`{}`, ""},
		"no JSON":          {`{`, ""},
		"no such incident": {`{"incident":"sparky-okta-1"}`, ""},
		"no key":           {string(s.payload()), `{"url":"x"}`},
		"no key but a way": {string(s.payload()), `{"key":"../../myself"}`},
	} {
		if _, err := s.tickets.Do(t.Context(), effectKey, []byte(test.payload), []byte(test.previous)); fate(err) != "permanent" {
			t.Errorf("%s: got %v, %s", name, err, fate(err))
		}
	}
	if len(s.Journal()) != 0 {
		t.Errorf("%d requests were made", len(s.Journal()))
	}
}
