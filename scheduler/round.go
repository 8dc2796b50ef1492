package scheduler

import (
	"context"
	"sync"
	"time"
)

// round is one job as it comes round.
type round struct {
	job    Job
	chance func() float64

	mu      sync.Mutex
	state   JobState
	changed bool // NextDue is not remembered yet
}

// catchUp is over how long runs that fell due while nothing ran are spread.
const catchUp = 30 * time.Second

// first is how long to wait for the first run after a start: until the remembered time where it is one that this job
// could have, a moment where that time has passed, and else what the job says for its very first run.
func (r *round) first(known, now time.Time) time.Duration {
	wait := known.Sub(now)
	switch {
	case known.IsZero() && r.job.FirstDue.IsZero(), wait > 2*r.job.Every:
		// Beyond two intervals the interval was shortened, or the clock was wrong when it was remembered.
		wait = r.share(r.job.Every)
	case known.IsZero() && r.job.CatchUp > 0 && now.Sub(r.job.FirstDue) > r.job.CatchUp:
		// Somebody else ran the jobs until now: this is no first run.
		wait = r.share(r.job.CatchUp)
	case known.IsZero():
		wait = max(r.job.FirstDue.Sub(now), 0)
	case wait <= 0:
		late := r.job.CatchUp
		orElse(&late, min(catchUp, r.job.Every/10))
		wait = r.share(late)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.NextDue, r.changed = now.Add(wait), true
	return wait
}

func (r *round) share(of time.Duration) time.Duration {
	return time.Duration(r.chance() * float64(of))
}

// after is when the run after the one that was due at last is due, which is after now. Runs that were missed meanwhile,
// because the machine slept, are not made up for, and the phase stays.
func (r *round) after(last, now time.Time) time.Time {
	spread := r.job.Jitter * float64(r.job.Every)
	interval := max(r.job.Every+time.Duration((r.chance()-0.5)*spread), time.Second)
	next := last.Add(interval)
	if missed := now.Sub(next); missed >= 0 {
		next = next.Add((missed/interval + 1) * interval)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.NextDue, r.changed = next, true
	return next
}

// run runs the job, which has begun, and keeps how it went. A panic is an error.
func (r *round) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.job.Timeout)
	defer cancel()
	_, err := guarded(func() ([]byte, error) { return nil, r.job.Run(ctx) })
	r.end(err)
	return err
}

// begin tells whether the job is to run now: it is not while it runs.
func (r *round) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Running {
		r.state.Skipped++
		return false
	}
	r.state.Running, r.state.LastStart = true, time.Now()
	return true
}

func (r *round) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Running, r.state.LastEnd, r.state.LastError = false, time.Now(), ""
	r.state.Runs++
	if err == nil {
		r.state.LastSuccess, r.state.FailingSince = r.state.LastEnd, time.Time{}
		return
	}
	r.state.LastError = inWords(err, r.job.Timeout)
	if r.state.FailingSince.IsZero() {
		r.state.FailingSince = r.state.LastEnd
	}
}

func (r *round) snapshot() JobState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// phaseFrom is the interval from which on it is worth remembering when a job is due: what comes round sooner is due soon
// after a start anyway, and would be most of what is written.
const phaseFrom = time.Minute

// changedDue is when the job is due next, and whether that is to be remembered and is news since it was last asked.
func (r *round) changedDue() (time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed := r.changed
	r.changed = false
	return r.state.NextDue, changed && r.job.Every >= phaseFrom
}

// forget takes back that the due time was remembered.
func (r *round) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = true
}
