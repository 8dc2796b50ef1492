package store

import (
	"testing"
	"time"

	"sparky/scheduler"
)

func TestWhatWasLastShownOfAPicture(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if got := value[Drawn](t)(b.Drawn(t.Context(), "p")); got.Payload != nil || got.Result != nil || got.Done {
			t.Errorf("of what was never asked for: %+v", got)
		}
		must(t, b.Record(t.Context(), picture("p", "first"), deed("d")))
		if got := value[Drawn](t)(b.Drawn(t.Context(), "p")); string(got.Payload) != `"first"` || got.Done {
			t.Errorf("before it is drawn: %+v", got)
		}
		claimed := value[[]scheduler.Effect](t)(b.Claim(t.Context(), "picture", 1, hold))
		must(t, b.Finish(t.Context(), claimed[0], scheduler.Outcome{Done: true, Result: []byte("there")}))
		if got := value[Drawn](t)(b.Drawn(t.Context(), "p")); string(got.Result) != "there" || !got.Done {
			t.Errorf("when it is drawn: %+v", got)
		}
		must(t, b.Record(t.Context(), picture("p", "second")))
		if got := value[Drawn](t)(b.Drawn(t.Context(), "p")); string(got.Payload) != `"second"` || string(got.Result) != "there" || got.Done {
			t.Errorf("when it is to be drawn anew: %+v", got)
		}
		if got := value[Drawn](t)(b.Drawn(t.Context(), "d")); got.Payload != nil {
			t.Errorf("a deed is no picture: %+v", got)
		}
	})
}

func TestWhatWasAskedForOfAKind(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), picture("q", "second"), picture("p", "first"), deed("d")))
		claimed := value[[]scheduler.Effect](t)(b.Claim(t.Context(), "picture", 1, hold))
		must(t, b.Finish(t.Context(), claimed[0], scheduler.Outcome{Done: true}))
		got := value[[]Asked](t)(b.Asked(t.Context(), "picture"))
		if len(got) != 2 || got[0].Key != "p" || string(got[0].Payload) != `"first"` || got[1].Key != "q" || string(got[1].Payload) != `"second"` {
			t.Errorf("got %v", got)
		}
		if deeds := value[[]Asked](t)(b.Asked(t.Context(), "deed")); len(deeds) > 0 {
			t.Errorf("a deed is no picture: %v", deeds)
		}
	})
}

func TestWhoHoldsALease(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		holder := func(want string) {
			t.Helper()
			if got := value[string](t)(b.Holder(t.Context(), "jobs")); got != want {
				t.Errorf("it is held by %q, want %q", got, want)
			}
		}
		holder("")
		if _, held, err := b.Acquire(t.Context(), "jobs", "a", time.Minute); err != nil || !held {
			t.Fatalf("%v, %v", held, err)
		}
		holder("a")
		b.clock.forward(61 * time.Second)
		holder("")
		if _, held, err := b.Acquire(t.Context(), "jobs", "b", time.Minute); err != nil || !held {
			t.Fatalf("%v, %v", held, err)
		}
		holder("b")
		must(t, b.Release(t.Context(), "jobs", "b"))
		holder("")
	})
}

func TestBacklogOfWhatFails(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.Record(t.Context(), deed("a"), deed("b"), deed("c"), picture("p", "x")))
		claimed := value[[]scheduler.Effect](t)(b.Claim(t.Context(), "deed", 3, hold))
		must(t, b.Finish(t.Context(), claimed[0], scheduler.Outcome{Problem: "Jira is away", Delay: time.Hour}))
		b.clock.forward(time.Minute)
		must(t, b.Finish(t.Context(), claimed[1], scheduler.Outcome{Problem: "Jira is still away", Delay: time.Hour}))
		must(t, b.Finish(t.Context(), claimed[2], scheduler.Outcome{Problem: "invite me", Troubled: true, Delay: time.Hour}))
		b.clock.forward(time.Minute)
		got := value[Backlog](t)(b.Backlog(t.Context(), "picture"))
		want := Backlog{At: day.Add(2 * time.Minute), Failing: 2, FailingSince: day, FailingWhy: "Jira is away", Refused: 1, RefusedLast: day.Add(time.Minute)}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := value[Backlog](t)(b.Backlog(t.Context(), "deed")); got != (Backlog{At: day.Add(2 * time.Minute), Due: 1, Oldest: day}) {
			t.Errorf("without the deeds it is %+v", got)
		}
	})
}
