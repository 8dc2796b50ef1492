package jira

import (
	"encoding/json"
	"testing"

	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
)

func TestWhatAPersonMovedStays(t *testing.T) {
	for name, test := range map[string]struct {
		before incidents.State // where Sparky has brought it
		to     string          // where a person moves it
		after  incidents.State // what the incident wants then
		want   string
	}{
		"resolved while it fails":          {incidents.StateOpen, "Resolved", incidents.StateOpen, "Resolved"},
		"resolved, then acknowledged":      {incidents.StateAcknowledged, "Resolved", incidents.StateAcknowledged, "Resolved"},
		"resolved, and so closed":          {incidents.StateOpen, "Resolved", incidents.StateClosed, "Resolved"},
		"cancelled":                        {incidents.StateOpen, "Canceled", incidents.StateAcknowledged, "Canceled"},
		"waits for the vendor":             {incidents.StateAcknowledged, "Pending", incidents.StateRecovered, "Pending"},
		"closed after it was resolved":     {incidents.StateRecovered, "Closed", incidents.StateOpen, "Closed"},
		"opened again after it was over":   {incidents.StateRecovered, "Reopen", incidents.StateRecovered, "Open"},
		"closed, and then it comes back":   {incidents.StateRecovered, "Closed", incidents.StateAcknowledged, "Closed"},
		"resolved by hand, and comes back": {incidents.StateAcknowledged, "Resolved", incidents.StateOpen, "Resolved"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, standin.Options{})
			s.draw()
			s.in(test.before)
			s.byHand(s.Move(standin.Chidi, "ECO-1", test.to))
			ticket := s.in(test.after)
			s.wantStatus(test.want)
			if !ticket.ByHand {
				t.Error("it is not known that a person moved it")
			}
			if k := s.kept(); k.MovedBy != "Chidi Ruiz" {
				t.Errorf("moved by %q", k.MovedBy)
			}
			s.in(incidents.StateRecovered)
			s.in(incidents.StateOpen)
			s.wantStatus(test.want)
		})
	}
}

func (s *stage) kept() kept {
	s.t.Helper()
	var k kept
	if err := json.Unmarshal(s.saved, &k); err != nil {
		s.t.Fatal(err)
	}
	return k
}

// TestSomebodyWhoBeginsWorkTakesNothingAway holds that an issue on which a person began work in Jira is still resolved
// when the incident is over, whether or not Sparky saw it begin.
func TestSomebodyWhoBeginsWorkTakesNothingAway(t *testing.T) {
	for name, between := range map[string]incidents.State{"seen": incidents.StateAcknowledged, "not seen": ""} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, standin.Options{})
			s.draw()
			s.byHand(s.Move(standin.Ada, "ECO-1", "In Progress"))
			if between != "" {
				s.in(between)
				s.wantStatus("In Progress")
			}
			if ticket := s.in(incidents.StateRecovered); ticket.ByHand {
				t.Error("taken for a move that is not to be touched")
			}
			s.wantStatus("Resolved")
		})
	}
}

func TestWorkBegunAgainOnWhatWasOverStays(t *testing.T) {
	s := newStage(t, standin.Options{Workflow: standin.Strict()})
	s.draw()
	s.in(incidents.StateRecovered)
	s.byHand(s.Move(standin.Ada, "ECO-1", "In Progress"))
	s.in(incidents.StateRecovered)
	s.wantStatus("In Progress")
}

// TestAnAccountThatAPersonSharesWithSparky holds that a person who uses the token's own account is respected where the
// move leads elsewhere than Sparky goes.
func TestAnAccountThatAPersonSharesWithSparky(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.byHand(s.Move(standin.Sparky, "ECO-1", "Canceled"))
	if ticket := s.in(incidents.StateOpen); !ticket.ByHand {
		t.Error("not known to be a person's move")
	}
	s.wantStatus("Canceled")
}

// TestALostMoveIsNotTakenForAPersons covers moves that happened although their answers were lost.
func TestALostMoveIsNotTakenForAPersons(t *testing.T) {
	names := func(c *Config) { c.Transitions = Transitions{Acknowledge: "Start work", Resolve: "Resolve"} }
	s := newStage(t, standin.Options{}, names)
	s.draw()
	for _, step := range []struct {
		state  incidents.State
		status string
	}{{incidents.StateAcknowledged, "In Progress"}, {incidents.StateRecovered, "Resolved"}, {incidents.StateOpen, "Open"}} {
		s.incident.State = step.state
		s.SetFault(standin.OpMove, standin.Fault{Lost: true, Times: 1})
		if err := s.try(); fate(err) != "unknown" {
			t.Fatalf("%s: got %v, %s", step.state, err, fate(err))
		}
		s.draw()
		s.wantStatus(step.status)
	}
	if s.ticket().ByHand || s.Calls(standin.OpMove) != 3 {
		t.Errorf("%+v after %d moves", s.ticket(), s.Calls(standin.OpMove))
	}
}

// TestALostMoveThatIsOutOfDate covers an acknowledgement whose answer was lost and that is over before it is tried again.
func TestALostMoveThatIsOutOfDate(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.incident.State = incidents.StateAcknowledged
	s.SetFault(standin.OpMove, standin.Fault{Lost: true, Times: 1})
	if err := s.try(); err == nil {
		t.Fatal("the lost answer was no error")
	}
	s.in(incidents.StateRecovered)
	s.wantStatus("Resolved")
}

// TestALostReopeningThatIsOutOfDate covers an issue that was looked up after it was made, so that nobody knows where it
// began: it was closed, opened again without an answer, and is over before that is tried again.
func TestALostReopeningThatIsOutOfDate(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.SetFault(standin.OpCreate, standin.Fault{Lost: true, Times: 1})
	if err := s.try(); err == nil {
		t.Fatal("the lost answer was no error")
	}
	s.clock.Advance(Lag)
	found, ok, err := s.tickets.Find(t.Context(), effectKey, s.payload())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	s.saved = found
	s.in(incidents.StateRecovered)
	s.incident.State, s.incident.Outage = incidents.StateOpen, s.incident.Outage+1
	s.SetFault(standin.OpMove, standin.Fault{Lost: true, Times: 1})
	if err := s.try(); err == nil {
		t.Fatal("the lost answer was no error")
	}
	if ticket := s.in(incidents.StateRecovered); ticket.ByHand {
		t.Error("Sparky took its own move for a person's")
	}
	s.wantStatus("Resolved")
}

func TestReassignedAndReprioritisedByHand(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.byHand(s.Assign(standin.Ada, "ECO-1", standin.Chidi))
	s.byHand(s.Reprioritise(standin.Ada, "ECO-1", "Highest"))
	ticket := s.in(incidents.StateAcknowledged)
	if got := s.only(); got.Assignee != standin.Chidi || got.Priority != "Highest" || ticket.Assignee != "Chidi Ruiz" || ticket.ByHand {
		t.Errorf("%+v, %+v", got, ticket)
	}
	s.wantStatus("In Progress")
}

func TestADeletedIssueIsLeftAlone(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.byHand(s.Delete(standin.Ada, "ECO-1"))
	if ticket := s.in(incidents.StateRecovered); !ticket.ByHand || ticket.Key != "ECO-1" {
		t.Errorf("%+v", ticket)
	}
	calls := len(s.Journal())
	s.in(incidents.StateOpen)
	if len(s.Issues()) != 0 || len(s.Journal()) != calls {
		t.Errorf("%d issues, %d more requests", len(s.Issues()), len(s.Journal())-calls)
	}
}

func TestAWorkflowThatDoesNotLeadThere(t *testing.T) {
	for name, test := range map[string]struct {
		workflow []standin.Transition
		state    incidents.State
		says     []string
	}{
		"other names": {[]standin.Transition{{ID: "1", Name: "Take it", From: []string{"Open"}, To: "Pending"}},
			incidents.StateAcknowledged, []string{"acknowledged", "from Open", "Take it (to Pending)", "jira.transitions.acknowledge"}},
		"no end": {[]standin.Transition{{ID: "1", Name: "Start", From: []string{"Open"}, To: "In Progress"}},
			incidents.StateRecovered, []string{"resolved", "from In Progress", "no transition at all to sparky@acme.example"}},
		"no way back": {[]standin.Transition{{ID: "1", Name: "Finish", From: []string{"Open"}, To: "Resolved"}},
			incidents.StateOpen, []string{"open again", "from Resolved"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, standin.Options{Workflow: test.workflow})
			s.draw()
			if test.state == incidents.StateOpen {
				s.in(incidents.StateRecovered)
			}
			s.incident.State = test.state
			wantFailure(t, s.try(), "permanent", test.says...)
		})
	}
}

// TestAScreenWithAnotherField covers a transition that wants what Sparky cannot know.
func TestAScreenWithAnotherField(t *testing.T) {
	for name, test := range map[string]struct {
		allowed []string
		done    bool
		want    string
	}{
		"a usual one":       {[]string{"Duplicate", "Done"}, true, "Done"},
		"by another word":   {[]string{"Won't do", "fixed"}, true, "fixed"},
		"none of the usual": {[]string{"Obsolete", "Later"}, true, "Obsolete"},
		"none at all":       {nil, true, ""},
		"not at the end":    {[]string{"Done"}, false, ""},
	} {
		var offered transition
		if test.done {
			offered.To.Category.Key = "done"
		}
		var allowed []named
		for _, name := range test.allowed {
			allowed = append(allowed, named{name})
		}
		encoded := encode(t, map[string]any{"fields": map[string]any{"resolution": map[string]any{"required": false, "allowedValues": allowed}}})
		if err := json.Unmarshal(encoded, &offered); err != nil {
			t.Fatal(err)
		}
		if got, ok := offered.resolution(); got != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
