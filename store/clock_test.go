package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

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

// TestASleepOfTheMachineIsNoPartOfTheServersTime holds that the server is asked anew where our two clocks went apart: what is
// claimed must not be dated in the past.
func TestASleepOfTheMachineIsNoPartOfTheServersTime(t *testing.T) {
	b := newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"))
	for _, c := range []struct {
		name  string
		at    time.Time
		asked bool
	}{
		{"a moment ago", time.Now().Add(-time.Second), false},
		{"two minutes ago", time.Now().Add(-2 * time.Minute), true},
		{"before a sleep", beforeSleep(10 * time.Minute), true},
		{"before a nap", beforeSleep(20 * time.Second), true},
		{"before the clock was set back", beforeSleep(-time.Hour), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newClock(nil, dialect{clock: `select 1763629200000`}, b.read)
			first := value[time.Time](t)(server.now(t.Context()))
			server.at, server.query = c.at, `select 1763715600000`
			again := value[time.Time](t)(server.now(t.Context()))
			if asked := again.Sub(first) > 23*time.Hour; asked != c.asked {
				t.Errorf("%v, and then %v", first, again)
			}
		})
	}
}

// TestTheSteadyClockCatchesUpAfterASleep holds that it takes in every sleep of the machine, and nothing twice or back.
func TestTheSteadyClockCatchesUpAfterASleep(t *testing.T) {
	asleep := 5 * time.Hour // before Sparky was started
	now := steady(day, func() time.Duration { return asleep })
	for _, c := range []struct{ asleep, ahead time.Duration }{
		{5 * time.Hour, 0}, {13 * time.Hour, 8 * time.Hour}, {13 * time.Hour, 8 * time.Hour},
		{13*time.Hour - time.Millisecond, 8 * time.Hour}, {0, 8 * time.Hour}, {14 * time.Hour, 9 * time.Hour},
	} {
		asleep = c.asleep
		if ahead := now().Sub(day); ahead < c.ahead || ahead > c.ahead+time.Minute {
			t.Errorf("%v asleep since the machine was started: %v ahead, want %v", c.asleep, ahead, c.ahead)
		}
	}
}

// A sleep that never was would let what is held run out.
func TestTheMachineIsNotAsleepWhileItRuns(t *testing.T) {
	first, began := suspended(), time.Now()
	if again := suspended(); first < 0 || again-first > time.Since(began)+time.Second {
		t.Errorf("asleep for %v, and then for %v", first, again)
	}
}

// beforeSleep is the moment just before the machine slept for so long: the wall clock went on since, and the monotonic one,
// which is the second word of a time.Time, stood still.
func beforeSleep(slept time.Duration) time.Time {
	at := time.Now().Add(-slept)
	(*[2]int64)(unsafe.Pointer(&at))[1] += int64(slept)
	return at
}

// vanished is a server whose host went without a word: what is asked of it is answered by nobody.
type vanished struct{}

func (vanished) Connect(ctx context.Context) (driver.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (vanished) Driver() driver.Driver { return nil }

// A question to a server that has vanished ends by itself, and so does the waiting of those behind it.
func TestAServerThatVanishedKeepsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sql.OpenDB(vanished{})
		defer db.Close()
		c := newClock(nil, postgresDialect(), db)
		began := time.Now()
		patient, giveUp := context.WithTimeout(t.Context(), time.Hour)
		defer giveUp()
		answered := make(chan error, 2)
		for range 2 {
			go func() { _, err := c.now(patient); answered <- err }()
		}
		for range 2 {
			if err := <-answered; !errors.Is(err, context.DeadlineExceeded) || !Away(err) {
				t.Errorf("error %v", err)
			}
		}
		if waited := time.Since(began); waited != 2*clockWithin {
			t.Errorf("two questions took %v", waited)
		}
	})
}
