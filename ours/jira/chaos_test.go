package jira

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
)

// worker carries out one effect as the dispatcher does: what is known not to have happened is tried again, what may have
// happened rests until the search must know of it and is looked up.
type worker struct {
	*stage
	unsettled bool
	finds     int
}

// round is one claim of the effect; it reports whether the effect is done.
func (w *worker) round() bool {
	w.t.Helper()
	if w.unsettled && w.saved == nil {
		w.clock.Advance(Lag)
		w.finds++
		result, found, err := w.tickets.Find(w.t.Context(), effectKey, w.payload())
		if err != nil {
			return false
		}
		if found {
			w.saved = result
		}
		w.unsettled = false
		return false
	}
	w.clock.Advance(time.Second)
	err := w.try()
	w.unsettled = err != nil && fate(err) == "unknown"
	return err == nil
}

// trouble makes something go wrong in one of the ways in which Jira does.
func (w *worker) trouble(random *rand.Rand) string {
	ops := []string{standin.OpCreate, standin.OpGet, standin.OpTransitions, standin.OpMove, standin.OpSearch, standin.OpEdit, standin.OpMyself, standin.OpAny}
	faults := []standin.Fault{
		{Lost: true}, {Lost: true}, {Away: true}, {Status: 500}, {Status: 503, RetryAfter: 3}, {Status: 429, RetryAfter: 2}, {Status: 401}, {Status: 200},
	}
	op, fault := ops[random.IntN(len(ops))], faults[random.IntN(len(faults))]
	fault.Times = 1 + random.IntN(2)
	w.SetFault(op, fault)
	return fmt.Sprintf("%s %+v", op, fault)
}

// TestWhateverGoesWrongThereIsOneIssueInTheRightState drives an incident through its life while Jira fails at random, and
// holds that in the end there is exactly one issue, where the incident wants it, moved by nobody but Sparky, with no move
// made twice.
func TestWhateverGoesWrongThereIsOneIssueInTheRightState(t *testing.T) {
	states := []incidents.State{incidents.StateOpen, incidents.StateAcknowledged, incidents.StateRecovered, incidents.StateClosed}
	workflows := [][]standin.Transition{standin.Incidents(), standin.Strict()}
	finds := 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 7))
		s := newStage(t, standin.Options{SearchLag: Lag - time.Second, Workflow: workflows[seed%2]})
		w := &worker{stage: s}
		var story []string
		for range 4 {
			s.incident.State = states[random.IntN(len(states))]
			s.incident.Verdict.Says = fmt.Sprint("Thought ", random.IntN(3))
			story = append(story, string(s.incident.State), w.trouble(random))
			for range random.IntN(4) {
				w.round()
			}
		}
		s.ClearFaults()
		done := false
		for range 4 {
			done = w.round() || done
		}
		finds += w.finds
		told := strings.Join(story, ", ")
		if all := s.Issues(); !done || len(all) != 1 {
			t.Fatalf("seed %d: done %v with %d issues after %s", seed, done, len(all), told)
		}
		got, goal := s.only(), wanted(s.incident.State)
		right := map[want]bool{wantOpen: got.Category != "done", wantBegun: got.Status == "In Progress", wantDone: got.Category == "done"}
		if !right[goal] || s.ticket().Status != got.Status || s.ticket().ByHand {
			t.Errorf("seed %d: %s is wanted, it is %s, the ticket says %+v after %s; moves %q", seed, goal, got.Status, s.ticket(), told, got.Moves)
		}
		if !strings.Contains(got.Description, s.incident.Verdict.Says) {
			t.Errorf("seed %d: the text is out of date: %q after %s", seed, got.Description, told)
		}
	}
	if finds == 0 {
		t.Error("nothing was ever looked up, so nothing was tested")
	}
}

// TestCommentsAreSaidExactlyOnce is the same for comments, which are deeds.
func TestCommentsAreSaidExactlyOnce(t *testing.T) {
	s := newStage(t, standin.Options{SearchLag: time.Hour})
	s.draw()
	faults := []standin.Fault{{Lost: true, Times: 1}, {Away: true, Times: 1}, {Status: 500, Times: 1}, {Status: 429, Times: 1}, {}}
	for n, fault := range faults {
		key := fmt.Sprint(commentKey, n)
		if fault != (standin.Fault{}) {
			s.SetFault(standin.OpComment, fault)
		}
		_, err := s.comments.Do(t.Context(), key, s.said(key), nil)
		_, found := s.find(key)
		if wantFound := err == nil || fault.Lost; found != wantFound {
			t.Errorf("%+v: found %v after %v", fault, found, err)
		}
		if !found {
			if _, err := s.comments.Do(t.Context(), key, s.said(key), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := len(s.only().Comments); got != len(faults) {
		t.Errorf("%d comments, want %d", got, len(faults))
	}
}
