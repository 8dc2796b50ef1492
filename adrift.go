package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"sparky/scheduler"
)

// The lease on the jobs. Another replica has it at the latest a sixth of its time after a holder that died let it run out,
// which is within nine seconds; one that ends gives it back at once.
const (
	jobsLease = "jobs"
	leaseTTL  = 7500 * time.Millisecond
)

// newLease makes what says whether the jobs run here, and what goes on where nobody can say so.
func (s *sparky) newLease() (err error) {
	// Their runs fall due when they would have.
	s.afloat, err = scheduler.NewJobs(s.probeJobs(), scheduler.JobOptions{Phases: rhythm{s.jobs}, Log: s.log})
	s.lease = scheduler.Lease{Leases: s.memory, Name: jobsLease, Owner: owner(), TTL: leaseTTL, Adrift: s.adrift, Log: s.log}
	return err
}

// owner names this process among replicas.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "somewhere"
	}
	return fmt.Sprintf("%s-%d-%d", host, os.Getpid(), time.Now().UnixNano())
}

// driftFor is how long probes go on while the database is away: by then what they hold is older than anybody waits for,
// and people have long been told that nothing can be kept.
const driftFor = time.Hour

// adrift goes on probing while the database is away, and with it whatever says who leads. What is found is held in memory
// and told when the database is back; nothing is said of it to anybody before that.
func (s *sparky) adrift(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, driftFor)
	defer cancel()
	s.log.Warn("the database is away; probes go on, and what they find is held in memory", "for", driftFor)
	if err := s.afloat.Run(ctx); err != nil {
		s.log.Error("probes went on while the database was away, and did not end well", "error", err)
	}
}

// rhythm remembers, for jobs that take over from others, when those were due.
type rhythm struct{ jobs *scheduler.Jobs }

// DueTimes are when the others are due next.
func (r rhythm) DueTimes(context.Context) (map[string]time.Time, error) {
	due := map[string]time.Time{}
	for _, state := range r.jobs.States() {
		due[state.Name] = state.NextDue
	}
	return due, nil
}

// SaveDueTimes keeps nothing: the others' own times are looked at once they go on.
func (rhythm) SaveDueTimes(context.Context, map[string]time.Time) error { return nil }
