package store

import "context"

// mostRecent bounds how many probes are remembered: some three megabytes.
const mostRecent = 20000

// recent is what the rows of probes, and of the hours that they are in, hold, so that they need not be read for each result. It
// is for a database in which nobody else keeps results, which is SQLite's: who keeps some, or makes them coarser, has the turn
// from before the transaction until after. A nil recent remembers nothing.
type recent struct {
	turn  chan struct{}
	rows  map[probeName]heldProbe
	hours map[int64]recentHour // by the probe's id
}

// recentHour is the hour that a probe was in last.
type recentHour struct {
	hour int64
	sum  packedTally
}

// packedTally is a tally as it is kept.
type packedTally struct {
	runs, passed int
	spread       []byte // not changed in place
}

func newRecent() *recent { return &recent{turn: make(chan struct{}, 1)} }

// hold waits for the turn, which the caller gives back by release.
func (r *recent) hold(ctx context.Context) error {
	if r == nil {
		return nil
	}
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// release gives the turn back. Where it is not certain that the rows hold what is remembered, that is forgotten.
func (r *recent) release(certain bool) {
	if r == nil {
		return
	}
	if !certain || len(r.rows) > mostRecent {
		r.rows, r.hours = nil, nil
	}
	<-r.turn
}

// heldRows are the rows of the probes, where all of them are remembered, but for their newest results.
func (r *recent) heldRows(names []probeName) (map[probeName]heldProbe, bool) {
	if r == nil || len(r.rows) == 0 {
		return nil, false
	}
	held := make(map[probeName]heldProbe, len(names))
	for _, name := range names {
		row, known := r.rows[name]
		if !known {
			return nil, false
		}
		held[name] = row
	}
	return held, true
}

// heldHours are hours of probes, where all of them are remembered.
func (r *recent) heldHours(hours []probeHour) (map[probeHour]packedTally, bool) {
	if r == nil {
		return nil, false
	}
	held := make(map[probeHour]packedTally, len(hours))
	for _, at := range hours {
		last, known := r.hours[at.probe]
		if !known || last.hour != at.hour {
			return nil, false
		}
		held[at] = last.sum
	}
	return held, true
}

// keepRow remembers the row of a probe as it is now.
func (r *recent) keepRow(name probeName, row heldProbe) {
	if r == nil {
		return
	}
	if r.rows == nil {
		r.rows, r.hours = map[probeName]heldProbe{}, map[int64]recentHour{}
	}
	row.newest = "" // it is written, and not read
	r.rows[name] = row
}

// keepHour remembers an hour of a probe as it is now.
func (r *recent) keepHour(at probeHour, sum packedTally) {
	if r == nil {
		return
	}
	if r.hours == nil {
		r.rows, r.hours = map[probeName]heldProbe{}, map[int64]recentHour{}
	}
	r.hours[at.probe] = recentHour{at.hour, sum}
}
