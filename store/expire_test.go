package store

import (
	"testing"
	"time"

	"sparky/changes"
	"sparky/partners"
	"sparky/scheduler"
)

func TestExpireKeepsKeysAndHashes(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.RecordPoll(t.Context(), changes.Poll{Entries: []changes.Entry{entry("one", day)}}))
		must(t, b.Record(t.Context(), deed("done"), deed("waits"), picture("drawn", "x")))
		for _, effect := range append(claim(t, b.Store, "deed", 2), claimOne(t, b.Store, "picture")) {
			finish(t, b.Store, effect, scheduler.Outcome{Done: effect.Key != "waits", Result: []byte("ts")})
		}
		must(t, b.SaveDueTimes(t.Context(), map[string]time.Time{"gone": day}))
		b.clock.forward(390 * 24 * time.Hour)
		must(t, b.Expire(t.Context(), b.clock.Now()))
		known := func() changes.Entry {
			return value[changes.Known](t)(b.Known(t.Context(), "acme", feedURL, []partners.Change{{Key: "one"}})).Entries["one"]
		}
		if known().Body == "" {
			t.Error("the body was dropped too early")
		}
		must(t, b.Record(t.Context(), picture("drawn", "y")))
		redrawn := claimOne(t, b.Store, "picture")
		if string(redrawn.Previous) != "ts" {
			t.Error("the picture was forgotten too early")
		}
		finish(t, b.Store, redrawn, scheduler.Outcome{Done: true})

		b.clock.forward(401 * 24 * time.Hour)
		must(t, b.Expire(t.Context(), b.clock.Now()))
		if e := known(); e.Body != "" || e.Hash == "" || e.Title == "" {
			t.Errorf("kept %+v", e)
		}
		must(t, b.Record(t.Context(), deed("done"), picture("drawn", "z")))
		if waiting := claimOne(t, b.Store, "deed"); waiting.Key != "waits" || len(waiting.Payload) < 3 {
			t.Errorf("%+v: a deed was done again, or one that waited lost its payload", waiting)
		}
		if anew := claimOne(t, b.Store, "picture"); anew.Previous != nil {
			t.Error("the old picture was kept for ever")
		}
		if due := value[map[string]time.Time](t)(b.DueTimes(t.Context())); len(due) != 0 {
			t.Errorf("jobs that are gone: %v", due)
		}
	})
}
