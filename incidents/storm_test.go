package incidents

import (
	"fmt"
	"testing"
	"time"
)

func stormMoment(minute int) time.Time {
	return time.Date(2026, 11, 22, 2, minute, 0, 0, time.UTC)
}

func TestWhenManyFailuresAreAStorm(t *testing.T) {
	rules := StormRules{Above: 3, Within: 5 * time.Minute}
	for name, test := range map[string]struct {
		minutes []int // when incidents open
		begins  int   // with which of them, from 1; 0 for never
	}{
		"three at once":          {[]int{0, 0, 0}, 0},
		"four at once":           {[]int{0, 0, 0, 0}, 4},
		"four within the time":   {[]int{0, 1, 3, 5}, 4},
		"one each two minutes":   {[]int{0, 2, 4, 6, 8, 10}, 0},
		"three, and much later":  {[]int{0, 0, 0, 30, 30, 30}, 0},
		"calm, and then a storm": {[]int{0, 20, 40, 40, 40, 41}, 6},
		"a storm that goes on":   {[]int{0, 0, 0, 0, 1, 5, 9, 13}, 4},
	} {
		var s Storm
		begins := 0
		for n, minute := range test.minutes {
			now := stormMoment(minute)
			if !s.Takes(now, rules) && !s.Began.IsZero() {
				t.Fatalf("%s: the storm takes no more at %v", name, now)
			}
			s = s.Join(Member{Incident: fmt.Sprint(n), Name: fmt.Sprint(n), Joined: now}, now, rules)
			if begins == 0 && !s.Began.IsZero() {
				begins = n + 1
			}
		}
		if begins != test.begins {
			t.Errorf("%s: it begins with %d, want %d", name, begins, test.begins)
		}
	}
}

func TestAStormTakesNothingLongAfterItsLast(t *testing.T) {
	rules := StormRules{Above: 1, Within: 5 * time.Minute}
	s := Storm{}.Join(Member{Incident: "a", Name: "a", Joined: stormMoment(0)}, stormMoment(0), rules).
		Join(Member{Incident: "b", Name: "b", Joined: stormMoment(4)}, stormMoment(4), rules)
	if s.Began.IsZero() || len(s.Members) != 2 {
		t.Fatalf("got %+v", s)
	}
	for minute, want := range map[int]bool{5: true, 9: true, 10: false, 59: false} {
		if got := s.Takes(stormMoment(minute), rules); got != want {
			t.Errorf("at minute %d: %v", minute, got)
		}
	}
	if (Storm{}).Takes(stormMoment(0), rules) {
		t.Error("nothing takes something")
	}
}

func TestJoiningChangesNoOtherCopy(t *testing.T) {
	rules := StormRules{Above: 9, Within: time.Minute}
	a := Storm{}.Join(Member{Incident: "a", Name: "a", Joined: stormMoment(0)}, stormMoment(0), rules)
	b, c := a.Join(Member{Incident: "b", Name: "b", Joined: stormMoment(0)}, stormMoment(0), rules), a.Join(Member{Incident: "c", Name: "c", Joined: stormMoment(0)}, stormMoment(0), rules)
	if b.Members[1].Incident != "b" || c.Members[1].Incident != "c" || len(a.Members) != 1 {
		t.Errorf("got %+v, %+v, %+v", a, b, c)
	}
}

func TestWhatIsOurNetworksIsNoStorm(t *testing.T) {
	rules := StormRules{Above: 2, Within: time.Minute}
	now := stormMoment(0)
	s := Storm{Members: []Member{{Incident: "a", Joined: now, State: StateFolded}, {Incident: "b", Joined: now, State: StateFolded}}}
	if s = s.Join(Member{Incident: "c", Name: "c", Joined: now}, now, rules); !s.Began.IsZero() {
		t.Errorf("got %+v", s)
	}
}

func TestNoStormWhereItIsSwitchedOff(t *testing.T) {
	var s Storm
	for n := range 100 {
		s = s.Join(Member{Incident: fmt.Sprint(n), Name: fmt.Sprint(n), Joined: stormMoment(0)}, stormMoment(0), StormRules{Within: time.Minute})
	}
	if !s.Began.IsZero() {
		t.Error("it began")
	}
}

func TestAStormIsCounted(t *testing.T) {
	s := Storm{Members: []Member{
		{State: StateOpen, Wakes: true}, {State: StateAcknowledged, Wakes: true}, {State: StateOpen},
		{State: StateRecovered, Wakes: true}, {State: StateClosed}, {State: StateFolded}, {State: StateUnwatched},
	}}
	if got, want := s.Tally(), (StormTally{All: 6, Active: 3, Waking: 2, Taken: 1, Over: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestOnePartnerThatComesAndGoesIsNoStorm holds that partners count, not how often one of them fails.
func TestOnePartnerThatComesAndGoesIsNoStorm(t *testing.T) {
	rules := StormRules{Above: 2, Within: 5 * time.Minute}
	var s Storm
	for n := range 9 {
		now := stormMoment(n / 3)
		s = s.Join(Member{Incident: fmt.Sprint(n), Name: []string{"Okta", "ServiceNow"}[n%2], Joined: now}, now, rules)
	}
	if !s.Began.IsZero() || len(s.Members) != 2 {
		t.Errorf("got %+v", s)
	}
}

func TestAStormIsToldInGrammar(t *testing.T) {
	for n, want := range map[int]string{1: "It is back: 1 of the 6 fails again.", 2: "It is back: 2 of the 6 fail again."} {
		if got := againText(StormTally{Active: n, All: 6}); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	for n, want := range map[int]string{1: "1 of the 6 fails.", 2: "2 partners fail at about the same time, each in its own way."} {
		if got := callText(StormTally{Active: n, All: 6}); got != "Calling on-call. It is one call for all of it: "+want {
			t.Errorf("%d: %q", n, got)
		}
	}
	alone := StormTally{Active: 1, All: 1}
	if again, call := againText(alone), callText(alone); again != "It is back: the last of several fails again." || call != "Calling on-call. The last of several partners fails." {
		t.Errorf("of one alone: %q, %q", again, call)
	}
	began := stormMoment(0)
	if over := stormOver(StormTally{Over: 1, All: 1}, Incident{Since: began, Ended: began.Add(12 * time.Minute)}); over != "Over: the last of it works again. It lasted 12 min." {
		t.Errorf("the end reads %q", over)
	}
}
