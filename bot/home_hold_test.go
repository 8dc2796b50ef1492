package bot

import (
	"strings"
	"testing"
	"time"
)

// TestAPanicCostsOneDrawing holds that what panics while a tab is drawn anew, which nobody asked for, ends neither Sparky nor
// the watching: it is logged once, and drawn again when it can be.
func TestAPanicCostsOneDrawing(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		s.change(func() { s.panics = "no such tile" })
		if n, _ := s.after(5 * time.Minute); n != 0 {
			t.Errorf("%d views of what cannot be drawn", n)
		}
		if logged := s.slack.log.String(); strings.Count(logged, "no such tile") != 1 || !strings.Contains(logged, "home_test.go") {
			t.Errorf("logged: %s", logged)
		}
		s.change(func() { s.panics = ""; s.breaks(2) })
		if n, view := s.after(homeAgain + homeEvery); n != 1 || !strings.Contains(view, "Acknowledge") {
			t.Errorf("drawn %d times once it can be: %s", n, view)
		}
	})
}

// TestWhoComesBackWhileTheTabIsGivenUpIsKeptUpToDate has somebody open the tab while a drawing finds that another replica has
// drawn it, and so takes it for the other's.
func TestWhoComesBackWhileTheTabIsGivenUpIsKeptUpToDate(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		back := s.home.open("U1") // waits for its turn
		s.home.close(back)
		s.home.visited(s.Context(), back, Visit{User: "U1"})
		s.change(func() { s.breaks(2) })
		if n, view := s.after(2 * homeEvery); n != 1 || !strings.Contains(view, "Acknowledge") {
			t.Errorf("drawn %d times after a change: %s", n, view)
		}
	})
}
