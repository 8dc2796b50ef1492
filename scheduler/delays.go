package scheduler

import (
	"sync"
	"time"
)

// delays counts by how much runs began after they were due.
type delays struct {
	mu  sync.Mutex
	sum Delays
}

// Delays says by how much runs began after they were due, since the process started.
type Delays struct {
	Runs uint64
	Sum  time.Duration
	// Within are the runs that began within so long of their time, for each of DelayBounds in their order.
	Within [len(delayBounds)]uint64
}

var delayBounds = [...]time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second}

// DelayBounds are the delays by which Delays counts.
func DelayBounds() [len(delayBounds)]time.Duration { return delayBounds }

func (d *delays) note(late time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sum.Runs++
	d.sum.Sum += max(late, 0)
	for i, bound := range delayBounds {
		if late <= bound {
			d.sum.Within[i]++
		}
	}
}

// Delays are those of all runs of this process.
func (j *Jobs) Delays() Delays {
	j.delays.mu.Lock()
	defer j.delays.mu.Unlock()
	return j.delays.sum
}
