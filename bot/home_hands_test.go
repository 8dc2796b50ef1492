package bot

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sparky/commands"
)

// idle are the people who may press nothing that changes something, by their ids.
type idle []string

// Hands are all for everybody else.
func (i *idle) Hands(_ context.Context, person commands.Person) commands.Hands {
	busy := !slices.Contains(*i, person.ID)
	return commands.Hands{Operator: busy, Publisher: busy}
}

// Fit leaves everything as it is for who may press it, and takes all buttons from who may not.
func (i *idle) Fit(reply commands.Reply, hands commands.Hands) commands.Reply {
	if hands.Operator {
		return reply
	}
	reply.Sections = slices.Clone(reply.Sections)
	for n := range reply.Sections {
		reply.Sections[n].Buttons = nil
	}
	return reply
}

// TestHomeIsDrawnForWhoeverSeesIt holds that each person is offered what they may press, from one answer for all.
func TestHomeIsDrawnForWhoeverSeesIt(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.hands = idle{"U0GUEST", "U0FEMI"}
		for _, user := range []string{"U0ADA", "U0GUEST", "U0FEMI", "U0GRACE"} {
			s.opens(user, "")
		}
		before := s.wasAsked()
		s.change(func() { s.breaks(2) })
		s.after(2 * homeEvery)
		shared := s.wasAsked() - before
		last := map[string]string{}
		for _, call := range s.slack.called("views.publish") {
			last[call.JSON["user_id"].(string)] = string(encodedJSON(t, call.JSON["view"]))
		}
		for user, view := range last {
			if !strings.Contains(view, "1 of 5 partners needs a look") {
				t.Errorf("%s does not see what fails: %s", user, view)
			}
			if offered := strings.Contains(view, "Acknowledge"); offered != (user == "U0ADA" || user == "U0GRACE") {
				t.Errorf("%s is offered Acknowledge: %v", user, offered)
			}
		}
		if len(last) != 4 || last["U0ADA"] != last["U0GRACE"] || last["U0GUEST"] != last["U0FEMI"] {
			t.Errorf("%d people; those who may the same see different things", len(last))
		}
		before = s.wasAsked()
		s.change(func() { s.hands = nil; s.breaks(3) })
		s.after(2 * homeEvery)
		if alike := s.wasAsked() - before; shared > alike {
			t.Errorf("the memory was asked %d times for people with different roles, %d for the same ones", shared, alike)
		}
	})
}
