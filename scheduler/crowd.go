package scheduler

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Where more falls due than the machine can do, runs begin later instead of side by side: runs that wait for each other
// would take the machine's slowness for the partners', and all of its memory. Runs that are at it for youngFor wait for
// somebody outside, and keep nobody else from beginning.
const (
	mostYoung = 1024
	youngFor  = 500 * time.Millisecond
)

// crowd counts the runs that began a moment ago and go on.
type crowd struct {
	mu      sync.Mutex
	batches []*batch // by when they began
}

// batch are runs that began together.
type batch struct {
	began time.Time
	left  atomic.Int64 // that go on
}

// room is how many more may begin now.
func (c *crowd) room(now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches = slices.DeleteFunc(c.batches, func(b *batch) bool { return b.left.Load() <= 0 || now.Sub(b.began) >= youngFor })
	room := mostYoung
	for _, b := range c.batches {
		room -= int(b.left.Load())
	}
	return max(room, 0)
}

// begin is for so many runs that begin now. Each of them calls ended once.
func (c *crowd) begin(now time.Time, runs int) *batch {
	b := &batch{began: now}
	b.left.Store(int64(runs))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches = append(c.batches, b)
	return b
}

// ended is the end of one run, or that it did not begin.
func (b *batch) ended() { b.left.Add(-1) }
