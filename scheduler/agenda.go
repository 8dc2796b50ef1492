package scheduler

import (
	"container/heap"
	"slices"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// Runs that fall due are released together: at rates that occur, a probe costs its wake-up, not its request. A run waits
// for tick at most; of more than groupOf that are due within one, no more than those of quickTick are released at once,
// because runs that start together wait for each other, which would be taken for the partner's slowness.
const (
	tick      = 100 * time.Millisecond
	quickTick = 5 * time.Millisecond
	groupOf   = 10
	mostOnce  = 256 // where more are due than there was time for
)

// nothingDue is how long the agenda sleeps where there is no job.
const nothingDue = time.Hour

// agenda is when which job is due. It is gocron's cron implementation of the one job that releases them, because a job
// of gocron's for each of them costs more than a probe does.
type agenda struct {
	delays *delays
	crowd  crowd

	mu    sync.Mutex
	epoch time.Time // ticks are counted from it
	taken time.Time // when something was taken last
	due   rounds
	ready []*round // that fell due, and are not released yet
}

func newAgenda(delays *delays) *agenda { return &agenda{delays: delays, epoch: time.Now()} }

// add has a job run first at the given time.
func (a *agenda) add(r *round, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	heap.Push(&a.due, turn{r, at})
}

// soon is the wait that is none: gocron leaves out a first run whose time passes while it is handed over.
const soon = 50 * time.Millisecond

// start is when gocron is to release first.
func (a *agenda) start() gocron.StartAtOption {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if wake := a.next(now); wake.Sub(now) > soon {
		return gocron.WithStartDateTimePast(wake)
	}
	return gocron.WithStartImmediately()
}

// IsValid is asked by gocron for a cron line; there is none.
func (a *agenda) IsValid(string, *time.Location, time.Time) error { return nil }

// Next is when gocron is to release again. It is asked as it begins the release of fired, before or after take. It may be
// asked again for what it answered itself, where that is in the same second, and then answers the same.
func (a *agenda) Next(fired time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if a.taken.Before(fired) && !fired.After(now) {
		a.advance(fired) // take comes after this, and what it takes is to be known when it is next
	}
	return a.next(now)
}

// take is what is to be run now.
func (a *agenda) take() []*round {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken = time.Now()
	a.advance(a.taken)
	ready := a.ready
	a.ready = nil
	return ready
}

// advance makes ready what is due until the given time, and gives it its next time.
func (a *agenda) advance(until time.Time) {
	now := time.Now()
	most := min(mostOnce, a.crowd.room(now))
	for len(a.due) > 0 && len(a.ready) < most && !a.due[0].at.After(until) {
		first := &a.due[0]
		a.delays.note(now.Sub(first.at))
		a.ready = append(a.ready, first.round)
		first.at = first.round.after(first.at, now)
		heap.Fix(&a.due, 0)
	}
}

// next is the tick at which something is due, earlier where a group is due before. It is after now: what fell due
// meanwhile is released at once, and gocron leaves out times that have passed.
func (a *agenda) next(now time.Time) time.Time {
	if len(a.due) == 0 {
		return now.Add(nothingDue)
	}
	first := a.due[0].at
	wake := first
	if past := first.Sub(a.epoch) % tick; past > 0 {
		wake = first.Add(tick - past)
	}
	if full, ok := a.due.nth(groupOf); ok && full.Before(wake) {
		wake = full
		if soonest := now.Add(quickTick); wake.Before(soonest) {
			wake = soonest
		}
	}
	soonest := now.Add(time.Millisecond)
	if !first.After(now) && a.crowd.room(now) <= len(a.ready) {
		soonest = now.Add(quickTick) // others have to end first
	}
	if wake.Before(soonest) {
		return soonest
	}
	return wake
}

// turn is when a job is due.
type turn struct {
	round *round
	at    time.Time
}

// rounds are jobs as a heap, the one that is due first at its top.
type rounds []turn

// Len is how many there are.
func (r rounds) Len() int { return len(r) }

// Less tells which is due first.
func (r rounds) Less(i, j int) bool { return r[i].at.Before(r[j].at) }

// Swap swaps two.
func (r rounds) Swap(i, j int) { r[i], r[j] = r[j], r[i] }

// Push adds one.
func (r *rounds) Push(x any) { *r = append(*r, x.(turn)) }

// Pop takes the last one away.
func (r *rounds) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

// nth is when the n-th of them is due, counted from 1; ok is false where there are fewer.
func (r rounds) nth(n int) (at time.Time, ok bool) {
	if len(r) < n {
		return time.Time{}, false
	}
	// The n first of a heap are reached from its top, always going on below the one that is due first.
	open := []int{0}
	for range n {
		least := 0
		for i := range open {
			if r.Less(open[i], open[least]) {
				least = i
			}
		}
		place := open[least]
		at, open = r[place].at, slices.Delete(open, least, least+1)
		for below := 2*place + 1; below <= 2*place+2 && below < len(r); below++ {
			open = append(open, below)
		}
	}
	return at, true
}
