package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
	"sparky/incidents"
)

// homeStage is a Home over a Slack that keeps the view of each person, as Slack does, in a bubble of its own.
type homeStage struct {
	*testing.T
	*facts
	home  *Home
	slack *fakeSlack
	door  strangers
	hands idle

	mu     sync.Mutex
	count  int
	hashes map[string]string // by person
	panics string            // what drawing panics with, where not empty
	answer string            // what Slack says instead, where not empty
	shown  Shown             // nil: only a drawing tells
}

// word is what the stage's shown says.
func (s *homeStage) word(ctx context.Context) (string, error) {
	s.mu.Lock()
	shown := s.shown
	s.mu.Unlock()
	if shown == nil {
		return "", errors.New("nobody can tell")
	}
	return shown(ctx)
}

// onStage plays a scene with a Home that watches.
func onStage(t *testing.T, f *facts, play func(s *homeStage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &homeStage{T: t, facts: f, slack: newFakeSlack(t), hashes: map[string]string{}}
		s.slack.method["views.publish"] = s.publish
		book := f.book()
		answers := func(ctx context.Context, request commands.Request) commands.Reply {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.panics != "" {
				panic(s.panics)
			}
			return book.Run(ctx, request)
		}
		s.home = NewHome(s.slack.api(), runnerFunc(answers), &s.door, &s.hands, s.word, s.slack.logger())
		ctx, stop := context.WithCancel(t.Context())
		var watch sync.WaitGroup
		watch.Go(func() { s.home.Watch(ctx) })
		play(s)
		stop()
		watch.Wait()
	})
}

// publish takes a view as Slack does: one that follows another than the newest is refused.
func (s *homeStage) publish(call apiCall) apiAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, _ := call.JSON["user_id"].(string)
	if s.answer != "" {
		return apiAnswer{Body: s.answer}
	}
	if hash, ok := call.JSON["hash"].(string); ok && hash != s.hashes[user] {
		return apiAnswer{Body: `{"ok":false,"error":"hash_conflict"}`}
	}
	s.count++
	s.hashes[user] = fmt.Sprintf("%d.%s", s.count, user)
	return apiAnswer{Body: `{"ok":true,"view":{"id":"V1","type":"home","hash":"` + s.hashes[user] + `","blocks":[]}}`}
}

// change is something that happens in the world, or to Slack.
func (s *homeStage) change(happens func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	happens()
}

// wasAsked is how often the memory was asked.
func (s *homeStage) wasAsked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// opens is a person who opens the tab, and sees what was drawn last.
func (s *homeStage) opens(user, place string) {
	s.mu.Lock()
	hash := s.hashes[user]
	s.mu.Unlock()
	s.home.Visited(s.Context(), Visit{User: user, Place: place, Hash: hash})
}

// after is how many views were published in that time, and the last of them.
func (s *homeStage) after(d time.Duration) (published int, last string) {
	before := len(s.slack.called("views.publish"))
	sleep(s.Context(), d) // the bubble's time
	synctest.Wait()
	calls := s.slack.called("views.publish")
	if len(calls) == before {
		return 0, ""
	}
	raw, err := json.Marshal(calls[len(calls)-1].JSON["view"])
	if err != nil {
		s.Fatal(err)
	}
	return len(calls) - before, string(raw)
}

func TestHomeIsDrawnAtOnceAndAnewOnceSomethingChanges(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		if n := len(s.slack.called("views.publish")); n != 1 {
			t.Fatalf("%d views, log: %s", n, s.slack.log.String())
		}
		if n, _ := s.after(10 * time.Minute); n != 0 {
			t.Errorf("what has not changed was published %d times", n)
		}
		s.change(func() { s.breaks(2) })
		n, view := s.after(2 * homeEvery)
		if n != 1 || !strings.Contains(view, "Acknowledge") || !strings.Contains(view, "1 of 5 partners") {
			t.Errorf("after a change: %d views, %s", n, view)
		}
		if s.slack.called("views.publish")[1].JSON["hash"] == nil {
			t.Error("a drawing that nobody asked for may take the place of one that it does not know")
		}
	})
}

func TestHomeOfSomebodyWhoLeftCostsNothing(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		s.after(homeOpenFor + time.Minute)
		asked := s.wasAsked()
		s.change(func() { s.breaks(2) })
		if n, _ := s.after(time.Hour); n != 0 || s.wasAsked() != asked {
			t.Errorf("%d views for nobody, the memory was asked %d times", n, s.wasAsked()-asked)
		}
		before := len(s.slack.called("views.publish"))
		s.opens("U1", "")
		if n := len(s.slack.called("views.publish")) - before; n != 1 {
			t.Errorf("opened again, it was drawn %d times", n)
		}
	})
}

func TestWhatOnlyGrowsOlderIsDrawnOnceAMinute(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		runs := 0
		for range 100 { // a probe runs every three seconds
			s.change(func() {
				s.now = s.now.Add(homeEvery)
				result := s.results["partner-001"]["sign-in"]
				result.At, result.Took = s.now, result.Took+time.Millisecond
				s.results["partner-001"]["sign-in"] = result
			})
			n, _ := s.after(homeEvery)
			runs += n
		}
		if runs < 4 || runs > 5 {
			t.Errorf("drawn %d times in five minutes in which nothing happened", runs)
		}
	})
}

func TestManyChangesAreOneDrawing(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		drawn := 0
		for i := range 120 {
			s.change(func() { s.coming("partner-001", fmt.Sprint("something else ", i), 3) })
			n, _ := s.after(250 * time.Millisecond)
			drawn += n
		}
		if most := int(30*time.Second/homeEvery) + 1; drawn < 5 || drawn > most {
			t.Errorf("drawn %d times in half a minute of constant change", drawn)
		}
	})
}

func TestADrawingKeepsThePageThatSomebodyIsOn(t *testing.T) {
	onStage(t, wellFacts(200), func(s *homeStage) {
		s.opens("U1", "dashboard all 2")
		s.opens("U2", "dashboard look")
		s.opens("U1", "") // comes back to it
		s.change(func() { s.breaks(7) })
		s.after(2 * homeEvery)
		last := map[string]string{}
		for _, call := range s.slack.called("views.publish") {
			view := call.JSON["view"].(map[string]any)
			last[call.JSON["user_id"].(string)] = view["private_metadata"].(string)
		}
		if last["U1"] != `{"place":"dashboard all 2"}` || last["U2"] != `{"place":"dashboard look"}` {
			t.Errorf("%v", last)
		}
	})
}

func TestATabThatAnotherReplicaDrewIsLeftToIt(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		s.change(func() { s.hashes["U1"] = "another's" })
		s.change(func() { s.breaks(1) })
		if n, _ := s.after(homeEvery + time.Second); n != 1 || s.count != 1 {
			t.Fatalf("%d attempts, %d views", n, s.count)
		}
		s.change(func() { s.breaks(2) })
		if n, _ := s.after(time.Minute); n != 0 {
			t.Errorf("%d more attempts at a tab that is another's", n)
		}
		s.opens("U1", "")
		if s.count != 2 {
			t.Error("it was not drawn for who came back")
		}
	})
}

func TestADrawingThatFailedIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		within time.Duration
	}{"a hiccup": {`{"ok":false,"error":"internal_error"}`, homeAgain + homeEvery}, "asked to slow down": {`{"ok":false,"error":"ratelimited"}`, 30*time.Second + homeEvery}} {
		t.Run(name, func(t *testing.T) {
			onStage(t, wellFacts(5), func(s *homeStage) {
				s.answer = c.answer
				s.opens("U1", "")
				if n, _ := s.after(10 * time.Second); n != 0 {
					t.Errorf("%d attempts at once", n)
				}
				s.change(func() { s.answer = "" })
				if n, _ := s.after(c.within); n != 1 || s.count != 1 {
					t.Errorf("%d attempts, %d views", n, s.count)
				}
			})
		})
	}
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.answer = `{"ok":false,"error":"not_enabled"}`
		s.opens("U1", "")
		n, _ := s.after(5 * time.Minute)
		if logged := strings.Count(s.slack.log.String(), "App Home was not drawn"); n < 5 || logged != 1 {
			t.Errorf("%d attempts, logged %d times", n, logged)
		}
	})
}

func TestADatabaseThatIsAwayTakesNoGoodHomeAway(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		s.opens("U1", "")
		s.change(func() { s.err = errAway })
		if n, _ := s.after(5 * time.Minute); n != 0 {
			t.Errorf("%d views that show nothing", n)
		}
		s.opens("U2", "")
		calls := s.slack.called("views.publish")
		if view := string(encodedJSON(t, calls[len(calls)-1].JSON)); !strings.Contains(view, "the database is away") {
			t.Error("who opens it is not told why there is nothing to see")
		}
		s.change(func() { s.err = nil })
		if n, view := s.after(2 * homeEvery); n != 1 || !strings.Contains(view, "None of 5 partners") {
			t.Errorf("%d views once it is back: %s", n, view)
		}
	})
}

// A hundred people who watch are asked for once, and Slack's limit of a hundred views a minute is kept.
func TestManyWhoWatchArePaced(t *testing.T) {
	onStage(t, wellFacts(5), func(s *homeStage) {
		for i := range 100 {
			s.opens(fmt.Sprint("U", i), "")
		}
		s.after(time.Minute)
		asked := s.wasAsked()
		s.change(func() { s.breaks(1) })
		n, _ := s.after(homeEvery)
		if n < publishBurst || n > publishBurst+5 || s.wasAsked()-asked > 1 {
			t.Errorf("%d views at once, the memory was asked %d times", n, s.wasAsked()-asked)
		}
		rest, _ := s.after(time.Minute)
		if rest > 85 || n+rest < 95 {
			t.Errorf("%d and %d views", n, rest)
		}
	})
}

func TestNobodyIsWatchedBeyondTheMost(t *testing.T) {
	h := NewHome(nil, nil, nil, nil, nil, nil)
	for i := range mostHomes + 10 {
		h.open(fmt.Sprint("U", i))
	}
	if len(h.viewers) != mostHomes {
		t.Errorf("%d are watched", len(h.viewers))
	}
}

func TestNewsIsWhatDoesNotChangeByItself(t *testing.T) {
	at := func(text string, fleeting bool) commands.Reply {
		return commands.Reply{Sections: []commands.Section{{Lines: []commands.Line{{Pieces: []commands.Piece{{Text: text, Fleeting: fleeting}}}}}}}
	}
	if newsOf(at("a", true)) != newsOf(at("b", true)) || newsOf(at("a", false)) == newsOf(at("b", false)) {
		t.Error("an age is news, or a change is none")
	}
	marked := at("a", false)
	marked.Sections[0].Lines[0].Mark = commands.MarkBad
	pressed := at("a", false)
	pressed.Sections[0].Buttons = []commands.Button{{Label: "x", Command: "y"}}
	if newsOf(marked) == newsOf(at("a", false)) || newsOf(pressed) == newsOf(at("a", false)) {
		t.Error("a mark or a button is no news")
	}
}

func TestAnAcknowledgementIsNews(t *testing.T) {
	f := wellFacts(2)
	in := f.breaks(1)
	_, before, _ := f.view(t.Context(), "dashboard")
	in.State, in.Acknowledged = incidents.StateAcknowledged, &incidents.Deed{By: "U0ADA", At: f.now}
	_, after, _ := f.view(t.Context(), "dashboard")
	if newsOf(before) == newsOf(after) {
		t.Error("it is none")
	}
}
