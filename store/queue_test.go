package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/scheduler"
)

const hold = time.Minute

func deed(key string) incidents.Effect {
	return incidents.NewEffect("deed", key, map[string]string{"for": key})
}

func picture(key, shows string) incidents.Effect {
	effect := incidents.NewEffect("picture", key, shows)
	effect.Picture = true
	return effect
}

func claim(t testing.TB, s *Store, kind string, limit int) []scheduler.Effect {
	t.Helper()
	return value[[]scheduler.Effect](t)(s.Claim(t.Context(), kind, limit, hold))
}

func claimOne(t testing.TB, s *Store, kind string) scheduler.Effect {
	t.Helper()
	claimed := claim(t, s, kind, 10)
	if len(claimed) != 1 {
		t.Fatalf("claimed %d effects of kind %s, want 1", len(claimed), kind)
	}
	return claimed[0]
}

func claimNone(t testing.TB, s *Store, kind string) {
	t.Helper()
	if claimed := claim(t, s, kind, 10); len(claimed) != 0 {
		t.Fatalf("claimed %+v, want nothing", claimed)
	}
}

func finish(t testing.TB, s *Store, effect scheduler.Effect, outcome scheduler.Outcome) {
	t.Helper()
	must(t, s.Finish(t.Context(), effect, outcome))
}

func TestADeedHappensOnceForItsKey(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), deed("a"), deed("a")))
		first := claimOne(t, b.Store, "deed")
		want := scheduler.Effect{Key: "a", Kind: "deed", Payload: []byte(`{"for":"a"}`), Attempts: 1, Claim: 1, Revision: 1}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Fatal(diff)
		}
		must(t, b.Record(t.Context(), deed("a")))
		claimNone(t, b.Store, "deed")
		finish(t, b.Store, first, scheduler.Outcome{Done: true})
		must(t, b.Record(t.Context(), deed("a"), picture("a", "")))
		claimNone(t, b.Store, "deed")
		claimNone(t, b.Store, "picture")
		b = b.reopened(t)
		must(t, b.Record(t.Context(), deed("a")))
		claimNone(t, b.Store, "deed")
	})
}

func TestAnEffectWaitsForItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		later := deed("later")
		later.After = day.Add(time.Hour)
		must(t, b.Record(t.Context(), later))
		due := value[map[string]time.Duration](t)(b.Due(t.Context()))
		if diff := cmp.Diff(map[string]time.Duration{"deed": time.Hour}, due); diff != "" {
			t.Fatal(diff)
		}
		claimNone(t, b.Store, "deed")
		b.clock.forward(time.Hour)
		claimOne(t, b.Store, "deed")
	})
}

func TestClaimsAreOldestFirstWithinTheLimitAndKind(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for i := range 5 {
			must(t, b.Record(t.Context(), deed(fmt.Sprintf("k%d", 4-i)), picture(fmt.Sprintf("p%d", i), "")))
			b.clock.forward(time.Second)
		}
		oldest := []string{"k4", "k3", "k2", "k1", "k0"}
		for _, n := range []int{2, 3} {
			var got []string
			for _, effect := range claim(t, b.Store, "deed", n) {
				got = append(got, effect.Key)
			}
			want := slices.Clone(oldest[:n])
			oldest = oldest[n:]
			slices.Sort(got) // within one claim the order is the database's own
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
		claimNone(t, b.Store, "deed")
	})
}

func TestAClaimThatRanOutIsUnsettled(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), deed("a")))
		lost := claimOne(t, b.Store, "deed")
		b.clock.forward(hold - time.Millisecond)
		claimNone(t, b.Store, "deed")
		b.clock.forward(time.Millisecond)
		again := claimOne(t, b.Store, "deed")
		if !again.Unsettled || again.Age != hold || again.Attempts != 1 {
			t.Fatalf("unsettled %v, age %v, attempts %d; want the first attempt, begun a minute ago", again.Unsettled, again.Age, again.Attempts)
		}
		if err := b.Finish(t.Context(), lost, scheduler.Outcome{Done: true}); !errors.Is(err, scheduler.ErrClaimLost) {
			t.Fatalf("the lost claim finished with %v", err)
		}
		finish(t, b.Store, again, scheduler.Outcome{Unsettled: true, Delay: time.Second, Problem: "search is down"})
		b.clock.forward(time.Second)
		third := claimOne(t, b.Store, "deed")
		if !third.Unsettled || third.Age != hold+time.Second || third.FailingFor != time.Second {
			t.Fatalf("a look-up that failed moved the start of the attempt: %+v", third)
		}
		finish(t, b.Store, third, scheduler.Outcome{})
		fresh := claimOne(t, b.Store, "deed")
		if fresh.Unsettled || fresh.Attempts != 2 {
			t.Fatalf("what is known not to be there is not tried anew: %+v", fresh)
		}
	})
}

func TestARestartTakesOverAtOnceWhereTheFileIsOurs(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), deed("a")))
		claimOne(t, b.Store, "deed")
		b.clock.forward(time.Second)
		b = b.reopened(t)
		if b.shared {
			claimNone(t, b.Store, "deed") // another replica may be at it
			b.clock.forward(hold)
		}
		if again := claimOne(t, b.Store, "deed"); !again.Unsettled || again.Age < time.Second {
			t.Fatalf("taken over as %+v", again)
		}
	})
}

func TestFailuresAreCountedUntilDone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), deed("a")))
		finish(t, b.Store, claimOne(t, b.Store, "deed"), scheduler.Outcome{Delay: time.Second, Problem: "refused"})
		claimNone(t, b.Store, "deed")
		b.clock.forward(time.Minute)
		second := claimOne(t, b.Store, "deed")
		if second.Attempts != 2 || second.FailingFor != time.Minute || !second.FailingSince.Equal(day) || second.Troubled {
			t.Fatalf("%+v", second)
		}
		finish(t, b.Store, second, scheduler.Outcome{Delay: time.Minute, Problem: "token revoked", Troubled: true})
		want := []incidents.Trouble{{Key: "a", Kind: "deed", Problem: "token revoked", Attempts: 2, Since: day}}
		if diff := cmp.Diff(want, value[[]incidents.Trouble](t)(b.Troubles(t.Context()))); diff != "" {
			t.Fatal(diff)
		}
		b.clock.forward(time.Minute)
		third := claimOne(t, b.Store, "deed")
		if !third.Troubled {
			t.Fatal("it is forgotten that people were told")
		}
		finish(t, b.Store, third, scheduler.Outcome{Done: true})
		if troubles := value[[]incidents.Trouble](t)(b.Troubles(t.Context())); len(troubles) != 0 {
			t.Fatalf("done and still in trouble: %+v", troubles)
		}
	})
}

func TestAPictureIsCoalescedAndDrawnAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), picture("card", "one"), picture("card", "two")))
		first := claimOne(t, b.Store, "picture")
		if string(first.Payload) != `"two"` || first.Previous != nil || first.Revision != 2 {
			t.Fatalf("%+v", first)
		}
		must(t, b.Record(t.Context(), picture("card", "three")))
		claimNone(t, b.Store, "picture")
		finish(t, b.Store, first, scheduler.Outcome{Done: true, Result: []byte("ts1")})
		again := claimOne(t, b.Store, "picture")
		if string(again.Payload) != `"three"` || string(again.Previous) != "ts1" || again.Attempts != 1 {
			t.Fatalf("%+v", again)
		}
		finish(t, b.Store, again, scheduler.Outcome{Done: true})
		claimNone(t, b.Store, "picture")
		must(t, b.Record(t.Context(), picture("card", "four")))
		last := claimOne(t, b.Store, "picture")
		if string(last.Payload) != `"four"` || string(last.Previous) != "ts1" {
			t.Fatalf("a drawing without a result of its own forgot the one before: %+v", last)
		}
	})
}

func TestAPictureRestsAfterAFailureAndKeepsItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), picture("card", "one")))
		first := claimOne(t, b.Store, "picture")
		later := picture("card", "two")
		later.After = day.Add(30 * time.Second)
		must(t, b.Record(t.Context(), later))
		finish(t, b.Store, first, scheduler.Outcome{Done: true})
		claimNone(t, b.Store, "picture") // not before the time of the newer recording
		b.clock.forward(30 * time.Second)
		finish(t, b.Store, claimOne(t, b.Store, "picture"), scheduler.Outcome{Delay: time.Minute, Problem: "429"})
		must(t, b.Record(t.Context(), picture("card", "three")))
		claimNone(t, b.Store, "picture")
		b.clock.forward(time.Minute)
		if e := claimOne(t, b.Store, "picture"); string(e.Payload) != `"three"` {
			t.Fatalf("drew %s", e.Payload)
		}
	})
}

func TestBacklogAndWake(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if got := value[Backlog](t)(b.Backlog(t.Context(), "")); got != (Backlog{At: day}) {
			t.Fatalf("%+v", got)
		}
		must(t, b.Record(t.Context()))
		select {
		case <-b.Recorded():
			t.Fatal("woken for nothing")
		default:
		}
		must(t, b.Record(t.Context(), deed("a")))
		b.clock.forward(time.Hour)
		must(t, b.Record(t.Context(), deed("b"), deed("c")))
		<-b.Recorded()
		if got := value[Backlog](t)(b.Backlog(t.Context(), "")); got != (Backlog{At: day.Add(time.Hour), Due: 3, Oldest: day}) {
			t.Fatalf("%+v", got)
		}
	})
}

func TestNoEffectIsClaimedTwiceAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		other := b.Store
		if b.shared {
			other = mustOpen(t, b.url, b.clock)
		}
		const count = 200
		for i := range count {
			must(t, b.Record(t.Context(), deed(fmt.Sprint(i))))
		}
		var mu sync.Mutex
		var group sync.WaitGroup
		seen := map[string]int{}
		for i := range 8 {
			s := []*Store{b.Store, other}[i%2]
			group.Go(func() {
				for {
					claimed, err := s.Claim(context.WithoutCancel(t.Context()), "deed", 7, hold)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, effect := range claimed {
						seen[effect.Key]++
					}
					done := len(seen) == count
					mu.Unlock()
					if done {
						return
					}
				}
			})
		}
		group.Wait()
		for key, times := range seen {
			if times != 1 {
				t.Errorf("%s was claimed %d times", key, times)
			}
		}
	})
}

func TestAnythingCanBeAKeyOrAProblem(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for i, key := range []string{"", "'; drop table effects; --", "a\x00b", "\xff\xfe", "\u202e\U0001F600"} {
			effect := incidents.Effect{Key: key, Kind: "odd", Payload: json.RawMessage(`{}`)}
			must(t, b.Record(t.Context(), effect))
			claimed := claimOne(t, b.Store, "odd")
			finish(t, b.Store, claimed, scheduler.Outcome{Delay: time.Hour, Problem: key + "!", Troubled: true, Result: []byte{0xff, 0}})
			if got := len(value[[]incidents.Trouble](t)(b.Troubles(t.Context()))); got != i+1 {
				t.Fatalf("%d troubles after %q, want %d", got, key, i+1)
			}
		}
	})
}
