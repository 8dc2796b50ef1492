package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// Job is something that comes round.
type Job struct {
	Name  string        // unique
	Every time.Duration // a second at least
	// Jitter is by which share of Every one interval may be longer or shorter than another, 0 to 1: with 0.1, an
	// interval lies between 95% and 105% of Every.
	Jitter  float64
	Timeout time.Duration // of one run; 0 is Every
	// FirstDue is when it runs first where it never ran before; zero is a random time within Every from the start.
	FirstDue time.Time
	// CatchUp is over how long after a start the runs that fell due before it are spread; 0 is half a minute, or a tenth
	// of Every where that is less.
	CatchUp time.Duration
	Run     func(ctx context.Context) error
}

// JobState is how a job stands. Its times are those of this process; NextDue alone outlives it.
type JobState struct {
	Name         string
	Every        time.Duration
	Timeout      time.Duration // of one run
	Running      bool
	LastStart    time.Time // zero: not yet
	LastEnd      time.Time
	LastError    string    // of the last run that ended, in words; empty where it went well
	LastSuccess  time.Time // the end of the last run that went well
	FailingSince time.Time // the end of the first run that failed since then; zero where the last one went well
	NextDue      time.Time
	Runs         int // that ended
	Skipped      int // that fell due while the one before was still running
}

// Phases remembers when jobs are due, so that a restart does not bring them all forward or all to the same moment.
type Phases interface {
	// DueTimes are the remembered times by the jobs' names.
	DueTimes(ctx context.Context) (map[string]time.Time, error)
	// SaveDueTimes remembers the given ones, beside those that are remembered already.
	SaveDueTimes(ctx context.Context, due map[string]time.Time) error
}

// JobOptions are what Jobs may be given; the zero JobOptions work.
type JobOptions struct {
	Phases Phases         // nil remembers nothing
	Log    *slog.Logger   // nil discards
	Chance func() float64 // draws from [0, 1); nil is the runtime's own source
	Grace  time.Duration  // how long runs are waited for after they were cancelled; 0 is ten seconds
}

// Jobs runs jobs, each one at a time.
type Jobs struct {
	opts   JobOptions
	byKey  map[string]*round
	names  []string // sorted
	delays delays

	gate  sync.Mutex // between a run that begins and a Run that ends
	group sync.WaitGroup
}

// phaseEvery is how often changed due times are remembered. More often would be a write for every run.
const phaseEvery = time.Second

// NewJobs takes the jobs that Run runs. An error names what is wrong with one of them.
func NewJobs(jobs []Job, opts JobOptions) (*Jobs, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Chance == nil {
		opts.Chance = rand.Float64
	}
	orElse(&opts.Grace, 10*time.Second)
	all := &Jobs{opts: opts, byKey: map[string]*round{}}
	for _, job := range jobs {
		switch {
		case all.byKey[job.Name] != nil:
			return nil, fmt.Errorf("job %q is there twice", job.Name)
		case job.Every < time.Second:
			return nil, fmt.Errorf("job %q comes round every %v; a second is the least", job.Name, job.Every)
		case job.Jitter < 0 || job.Jitter > 1:
			return nil, fmt.Errorf("job %q has a jitter of %v; it is a share from 0 to 1", job.Name, job.Jitter)
		case job.Run == nil:
			return nil, fmt.Errorf("job %q has nothing to run", job.Name)
		}
		orElse(&job.Timeout, job.Every)
		all.byKey[job.Name] = &round{job: job, chance: opts.Chance, state: JobState{Name: job.Name, Every: job.Every, Timeout: job.Timeout}}
	}
	all.names = slices.Sorted(maps.Keys(all.byKey))
	return all, nil
}

// Run runs the jobs until ctx is done, then cancels those that are running and waits for them. It may be called again
// afterwards, as leadership comes and goes. It returns an error if runs did not end within the grace.
func (j *Jobs) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	// In UTC no wall-clock second comes twice, which gocron would take for the end of summer time.
	cron, err := gocron.NewScheduler(gocron.WithLocation(time.UTC), gocron.WithStopTimeout(time.Second))
	if err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	cron.Start()
	err = j.schedule(work, cron)
	if err == nil {
		j.keepPhases(work)
	}
	j.gate.Lock()
	cancel()
	j.gate.Unlock()
	ended := make(chan struct{})
	go func() { j.group.Wait(); close(ended) }()
	if !within(ended, j.opts.Grace) {
		err = errors.Join(err, fmt.Errorf("jobs that did not stop when asked to: %v", j.runningNames()))
	}
	if stop := cron.Shutdown(); stop != nil {
		err = errors.Join(err, fmt.Errorf("stop the jobs: %w", stop))
	}
	j.savePhases(context.WithoutCancel(ctx))
	return err
}

// schedule has gocron release the jobs, each at its own time.
func (j *Jobs) schedule(ctx context.Context, cron gocron.Scheduler) error {
	known := map[string]time.Time{}
	if j.opts.Phases != nil {
		var err error
		if known, err = j.opts.Phases.DueTimes(ctx); err != nil {
			j.opts.Log.Error("when the jobs were due is not known; they are spread anew", "error", err)
		}
	}
	agenda, crew := newAgenda(&j.delays), newCrew(ctx.Done())
	for _, round := range j.byKey {
		now := time.Now()
		// A time that is counted from now keeps running when somebody sets the clock.
		agenda.add(round, now.Add(round.first(known[round.job.Name], now)))
	}
	_, err := cron.NewJob(gocron.CronJob("agenda", false), gocron.NewTask(func() { j.release(ctx, agenda, crew) }),
		gocron.WithName("agenda"), gocron.WithCronImplementation(agenda), gocron.WithStartAt(agenda.start()))
	if err != nil {
		return fmt.Errorf("schedule the jobs: %w", err)
	}
	return nil
}

// release starts the runs that fell due. gocron is not kept waiting for their end, because at shutdown it would spin for as
// long as something of its own still runs.
func (j *Jobs) release(ctx context.Context, agenda *agenda, crew *crew) {
	j.gate.Lock()
	defer j.gate.Unlock()
	if ctx.Err() != nil {
		return
	}
	rounds := agenda.take()
	together := agenda.crowd.begin(time.Now(), len(rounds))
	for _, round := range rounds {
		if !round.begin() {
			together.ended()
			continue
		}
		j.group.Add(1)
		crew.run(func() {
			defer j.group.Done()
			defer together.ended()
			err := round.run(ctx)
			if err != nil && ctx.Err() == nil {
				j.opts.Log.Error("a job failed; it comes round again", "job", round.job.Name, "error", err)
			}
		})
	}
}

// States are the jobs as they stand, by name.
func (j *Jobs) States() []JobState {
	states := make([]JobState, 0, len(j.byKey))
	for _, name := range j.names {
		states = append(states, j.byKey[name].snapshot())
	}
	return states
}

func (j *Jobs) runningNames() []string {
	var names []string
	for _, state := range j.States() {
		if state.Running {
			names = append(names, state.Name)
		}
	}
	return names
}

// keepPhases remembers changed due times until ctx is done.
func (j *Jobs) keepPhases(ctx context.Context) {
	for ctx.Err() == nil {
		pause(ctx, phaseEvery)
		j.savePhases(ctx)
	}
}

func (j *Jobs) savePhases(ctx context.Context) {
	if j.opts.Phases == nil {
		return
	}
	due := map[string]time.Time{}
	for name, round := range j.byKey {
		if when, changed := round.changedDue(); changed {
			due[name] = when
		}
	}
	if len(due) == 0 {
		return
	}
	save, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	if err := j.opts.Phases.SaveDueTimes(save, due); err != nil {
		for name := range due {
			j.byKey[name].forget()
		}
		if errors.Is(err, ErrFenced) {
			return // whoever leads now knows better
		}
		j.opts.Log.Error("when jobs are due next could not be remembered; a restart may bring them forward", "error", err)
	}
}
