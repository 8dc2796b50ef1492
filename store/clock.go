package store

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// clockFor is for how long one reading of the server's clock is continued by our own monotonic one, which spares a
// round trip for each statement.
const clockFor = time.Minute

// drift is by how much our wall and monotonic clocks may go apart until the server is asked anew: they do where the machine was
// suspended, in which the monotonic one stands still, and where the wall clock was set.
const drift = time.Second

// clockWithin is how long one reading may take: while a server that has vanished is asked, everybody else waits for the turn.
// It leaves who waited for it time within the sixth of a lease's TTL that asking for the lease may take.
const clockWithin = time.Second

// clock is what everything in the store is dated by.
type clock struct {
	own   func() time.Time // nil: the server's
	query string
	db    *sql.DB

	turn chan struct{} // held by who reads or changes what follows; unlike a mutex, nobody need wait for it for ever
	base time.Time     // the server's clock
	at   time.Time     // ours at the same moment
}

func newClock(own func() time.Time, d dialect, db *sql.DB) *clock {
	if own == nil && d.clock == "" {
		own = steady(time.Now(), suspended)
	}
	return &clock{own: own, query: d.clock, db: db, turn: make(chan struct{}, 1)}
}

// steady is a clock that says start now and is continued by the machine's monotonic one: a step of the clock would let
// claims that are held run out under who holds them, or make what rests for a second rest for an hour. For how long the machine
// was suspended, which passed outside as well, comes on top where asleep knows it: or the message of the morning would come later
// by as much. It never goes back.
func steady(start time.Time, asleep func() time.Duration) func() time.Time {
	began, before := time.Now(), asleep()
	var slept atomic.Int64
	return func() time.Time {
		known := slept.Load()
		for now := int64(asleep() - before); now > known; known = slept.Load() {
			slept.CompareAndSwap(known, now)
		}
		return start.Add(time.Since(began) + time.Duration(known))
	}
}

func (c *clock) now(ctx context.Context) (time.Time, error) {
	if c.own != nil {
		return c.own(), nil
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return time.Time{}, explain("ask the database for the time", ctx.Err())
	}
	if past := time.Since(c.at); !c.base.IsZero() && past < clockFor && drifted(c.at) < drift {
		return c.base.Add(past), nil
	}
	ctx, cancel := context.WithTimeout(ctx, clockWithin)
	defer cancel()
	asked := time.Now()
	var ms int64
	if err := c.db.QueryRowContext(ctx, c.query).Scan(&ms); err != nil {
		return time.Time{}, explain("ask the database for the time", err)
	}
	c.base, c.at = time.UnixMilli(ms), asked.Add(time.Since(asked)/2)
	return c.base.Add(time.Since(c.at)), nil
}

// drifted is by how much the wall and the monotonic clock went apart since a moment.
func drifted(since time.Time) time.Duration {
	now := time.Now()
	return (now.Round(0).Sub(since.Round(0)) - now.Sub(since)).Abs()
}

// millis is a time as it is stored: milliseconds since 1970 UTC, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is what millis made of a time, in UTC.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
