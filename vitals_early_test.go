package main

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
	"sparky/store"
)

// away has the database answer nothing at all any more.
func away(w *ward) {
	lost(w)
	w.unread = errors.New("the database does not answer")
	w.state.Database.Unread, w.state.Lease = true, commands.LeaseHealth{}
}

// TestWhoLeadsKnowsAtOnceWhatWasTold takes the database away from a Sparky before it has looked after itself for the first time.
func TestWhoLeadsKnowsAtOnceWhatWasTold(t *testing.T) {
	for name, c := range map[string]struct {
		leads bool
		want  string
	}{"who led": {true, "aloud"}, "who never did": {false, ""}} {
		cared(t, func(w *ward, _ func(), pass func(time.Duration)) {
			if !c.leads {
				w.is(func(w *ward) { w.state.Lease = commands.LeaseHealth{Holder: "the other"} })
			} else {
				w.leads()
			}
			pass(time.Second)
			w.is(away)
			pass(time.Hour)
			if got := w.said(); got != c.want {
				t.Errorf("%s tells %q, want %q", name, got, c.want)
			}
		})
	}
}

// TestADatabaseLostAtOnceIsTold has the whole program lose its database, for reading too, two seconds after its start.
func TestADatabaseLostAtOnceIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newFaultStage(t, stageOptions{})
		g.stop()
		var asked statements
		in := g.surroundings(time.Now)
		in.memories = store.Options{Between: asked.between}
		g.startIn(in)
		g.passes(2 * time.Second)
		asked.fail(errors.New("the disk was pulled out"))
		g.passes(time.Minute)
		g.wasNotWell("pulled out")
		told := 0
		for _, m := range g.story.posted() {
			if strings.HasPrefix(m.Text, "I am not well myself") {
				told++
			}
		}
		if told != 1 {
			t.Errorf("it was told %d times", told)
		}
		asked.fail(nil)
		g.passes(calmFor + time.Minute)
		if t.Failed() {
			t.Log(g.logs.tail(), g.everything())
		}
	})
}
