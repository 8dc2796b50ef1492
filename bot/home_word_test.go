package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// telling has the stage tell what is shown by a word, which the test changes with what happens.
func (s *homeStage) telling() (asked *atomic.Int64, happens func(func())) {
	asked, word := &atomic.Int64{}, 1
	s.change(func() {
		s.shown = func(context.Context) (string, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			asked.Add(1)
			return fmt.Sprint("word ", word), nil
		}
	})
	return asked, func(change func()) { s.change(func() { change(); word++ }) }
}

func TestWhatHasNotChangedIsNotRead(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		words, happens := s.telling()
		s.opens("U1", "")
		s.opens("U2", "")
		s.opens("U3", "dashboard look")
		one := s.wasAsked() / 3
		s.after(10 * time.Second)
		before, told := s.wasAsked(), words.Load()
		if n, _ := s.after(10 * time.Minute); n != 0 {
			t.Errorf("what has not changed was published %d times", n)
		}
		// Two parts of the dashboard, once a minute each.
		if asked, most := s.wasAsked()-before, 22*one; asked > most || asked < most/3 {
			t.Errorf("the memory was asked %d times in ten minutes, at most %d were thought of", asked, most)
		}
		if more := words.Load() - told; more < 190 || more > 201 {
			t.Errorf("the word was asked for %d times in ten minutes", more)
		}
		happens(func() { s.breaks(2) })
		n, view := s.after(homeEvery + time.Second)
		if n != 3 || !strings.Contains(view, "Acknowledge") {
			t.Errorf("after a change: %d views, %s", n, view)
		}
	})
}

func TestAgesAreDrawnOnceAMinuteWhateverIsTold(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		_, happens := s.telling()
		s.opens("U1", "")
		runs := 0
		for n := range 200 { // a probe runs every three seconds, and what is told changes now and then although nothing is to be seen
			change := s.change
			if n%7 == 0 {
				change = happens
			}
			change(func() {
				s.now = s.now.Add(homeEvery)
				result := s.results["partner-001"]["sign-in"]
				result.At = s.now
				s.results["partner-001"]["sign-in"] = result
			})
			n, _ := s.after(homeEvery)
			runs += n
		}
		if runs < 9 || runs > 10 {
			t.Errorf("drawn %d times in ten minutes in which nothing happened", runs)
		}
	})
}

// TestWhatTheWordDoesNotTellIsSeenWithinAMinute holds that it is only to spare work.
func TestWhatTheWordDoesNotTellIsSeenWithinAMinute(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.telling()
		s.opens("U1", "")
		s.after(10 * time.Minute)
		s.change(func() { s.breaks(2) })
		if n, view := s.after(homeCalm + homeEvery); n != 1 || !strings.Contains(view, "Acknowledge") {
			t.Errorf("%d views, %s", n, view)
		}
	})
}

// TestAChangeThatCouldNotBePublishedIsNotForgotten has Slack refuse the view that shows what the word tells.
func TestAChangeThatCouldNotBePublishedIsNotForgotten(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		_, happens := s.telling()
		s.opens("U1", "")
		s.after(homeEvery)
		happens(func() { s.breaks(2); s.answer = `{"ok":false,"error":"internal_error"}` })
		s.after(homeEvery + time.Second)
		s.change(func() { s.answer = "" })
		if n, view := s.after(homeAgain + homeEvery); n != 1 || !strings.Contains(view, "Acknowledge") {
			t.Errorf("%d views, %s", n, view)
		}
	})
}

// TestWithoutAWordItIsDrawnToSee has nobody able to tell whether anything has changed.
func TestWithoutAWordItIsDrawnToSee(t *testing.T) {
	for name, shown := range map[string]Shown{"it fails": func(context.Context) (string, error) { return "always the same", errors.New("the database is away") }, "there is none": nil} {
		onStage(t, wellFacts(5), func(s *homeStage) {
			if s.change(func() { s.shown = shown }); shown == nil {
				s.home.shown = nil
			}
			s.opens("U1", "")
			s.after(10 * time.Second)
			s.change(func() { s.breaks(2) })
			if n, view := s.after(2 * homeEvery); n != 1 || !strings.Contains(view, "Acknowledge") {
				t.Errorf("%s: %d views, %s", name, n, view)
			}
		})
	}
}
