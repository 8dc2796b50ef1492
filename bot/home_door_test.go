package bot

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/commands"
)

// strangers are the people at the door, by their ids.
type strangers []string

// Stranger tells whether a person is one of them.
func (s *strangers) Stranger(_ context.Context, person commands.Person) bool {
	return slices.Contains(*s, person.ID)
}

// TestStrangersSeeNoHome holds that whoever is told nothing by commands is not shown the dashboard either, now or later.
func TestStrangersSeeNoHome(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.door = strangers{"U0SAM"}
		s.opens("U0SAM", "")
		s.opens("U0SAM", "dashboard all 2") // an old view, and a forged one
		calls := s.slack.called("views.publish")
		if len(calls) != 2 || s.wasAsked() != 0 {
			t.Fatalf("%d views, and the memory was asked %d times", len(calls), s.wasAsked())
		}
		for _, call := range calls {
			view := string(encodedJSON(t, call.JSON))
			if !strings.Contains(view, "works for another workspace") || strings.Contains(strings.ToLower(view), "partner") {
				t.Errorf("a stranger sees %s", view)
			}
		}
		s.change(func() { s.breaks(2) })
		if n, view := s.after(10 * time.Minute); n != 0 {
			t.Errorf("a stranger is kept up to date: %d views, %s", n, view)
		}
		s.opens("U1", "")
		calls = s.slack.called("views.publish")
		if view := string(encodedJSON(t, calls[len(calls)-1].JSON)); !strings.Contains(view, "Acknowledge") {
			t.Errorf("somebody of ours sees %s", view)
		}
	})
}

func TestAStrangerWhoCannotBeToldCostsALineOfTheLog(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.door = strangers{"U0SAM"}
		s.answer = `{"ok":false,"error":"user_not_found"}`
		s.opens("U0SAM", "")
		if n, _ := s.after(10 * time.Minute); n != 0 || !strings.Contains(s.slack.log.String(), "not for them") {
			t.Errorf("%d more attempts, log: %s", n, s.slack.log.String())
		}
	})
}
