package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sparky/scheduler"
)

// The clock was a year ahead when the effects were recorded, and was set right before the restart.
func TestARestartAfterTheClockWasSetBackWaitsForNothing(t *testing.T) {
	b := newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"))
	must(t, b.Record(t.Context(), deed("begun"), deed("rests")))
	for _, e := range claim(t, b.Store, "deed", 2) {
		if e.Key == "rests" {
			finish(t, b.Store, e, scheduler.Outcome{Problem: "away", Delay: time.Minute})
		}
	}
	b.clock.forward(-365 * 24 * time.Hour)
	b = b.reopened(t)
	if e := claimOne(t, b.Store, "deed"); e.Key != "begun" || !e.Unsettled || e.Age < 0 {
		t.Errorf("taken over as %+v", e)
	}
	b.clock.forward(restAtMost)
	var keys []string
	for _, e := range claim(t, b.Store, "deed", 2) {
		keys = append(keys, e.Key)
	}
	if len(keys) != 2 {
		t.Errorf("due are %v, of two", keys)
	}
}

// A server that does not answer one question for the time keeps nobody longer than he can wait.
func TestWhoAsksForTheTimeWaitsNoLongerThanHeCan(t *testing.T) {
	c := newClock(nil, postgresDialect(), nil)
	c.turn <- struct{}{} // somebody's question is under way
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.now(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
