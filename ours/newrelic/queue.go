package newrelic

import (
	"slices"
	"sync"
	"time"
)

// mostQueued is how many events wait while New Relic is away: about 6 MB, and an hour of 100 probes that run every minute
// and make two calls each.
const mostQueued = 20_000

// tooOld is the age from which New Relic drops an event without a word.
const tooOld = 24 * time.Hour

// queue holds events until they are sent; when it is full the oldest go.
type queue struct {
	most int
	wake chan struct{}

	mu      sync.Mutex
	waiting []event
	since   time.Time // when the oldest that waits was added
	dropped int
}

func newQueue(most int) *queue { return &queue{most: most, wake: make(chan struct{}, 1)} }

// add never blocks.
func (q *queue) add(events []event, now time.Time) {
	if len(events) == 0 {
		return
	}
	q.mu.Lock()
	if len(q.waiting) == 0 {
		q.since = now
	}
	q.waiting = append(q.waiting, events...)
	q.bound()
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// bound drops the oldest of too many. The caller holds the lock.
func (q *queue) bound() {
	if more := len(q.waiting) - q.most; more > 0 {
		q.dropped += more
		q.waiting = slices.Clone(q.waiting[more:])
	}
}

// take takes the oldest events out of the queue, as many as may go together. Those that are too old are dropped.
func (q *queue) take(now time.Time, most, size int) []event {
	q.mu.Lock()
	defer q.mu.Unlock()
	before := len(q.waiting)
	q.waiting = slices.DeleteFunc(q.waiting, func(e event) bool { return now.Sub(time.UnixMilli(e.at)) > tooOld })
	q.dropped += before - len(q.waiting)
	n, bytes := 0, 2
	for n < min(len(q.waiting), most) {
		bytes += len(q.waiting[n].body) + 1
		if n > 0 && bytes > size {
			break
		}
		n++
	}
	taken := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	q.since = now
	return taken
}

// back puts events that were taken in front again.
func (q *queue) back(events []event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(slices.Clone(events), q.waiting...)
	q.bound()
}

// drop counts events that will never be sent.
func (q *queue) drop(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.dropped += n
}

// state is how many wait, since when the oldest of them does, and how many were dropped.
func (q *queue) state() (waiting int, since time.Time, dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting), q.since, q.dropped
}
