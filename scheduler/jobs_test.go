package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// diary notes when a job ran.
type diary struct {
	mu    sync.Mutex
	times []time.Time
	does  func(ctx context.Context, run int) error
}

func (d *diary) run(ctx context.Context) error {
	d.mu.Lock()
	d.times = append(d.times, time.Now())
	run, does := len(d.times), d.does
	d.mu.Unlock()
	if does == nil {
		return nil
	}
	return does(ctx, run)
}

func (d *diary) runs() []time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.times
}

// phases is a Phases in memory.
type phases struct {
	mu     sync.Mutex
	due    map[string]time.Time
	writes int
	err    error
}

func (p *phases) DueTimes(context.Context) (map[string]time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.due, p.err
}

func (p *phases) SaveDueTimes(_ context.Context, due map[string]time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return p.err
	}
	p.writes++
	for name, when := range due {
		p.due[name] = when
	}
	return nil
}

func newJobs(t *testing.T, opts JobOptions, jobs ...Job) *Jobs {
	t.Helper()
	if opts.Chance == nil {
		opts.Chance = func() float64 { return 0.5 }
	}
	all, err := NewJobs(jobs, opts)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// during runs the jobs for so long and returns the error of their end.
func during(t *testing.T, jobs *Jobs, d time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- jobs.Run(ctx) }()
	after(d)
	cancel()
	return <-ended
}

func wantRuns(t *testing.T, d *diary, began time.Time, want ...time.Duration) {
	t.Helper()
	var got []time.Duration
	for _, at := range d.runs() {
		got = append(got, at.Sub(began))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("ran at %v, want %v", got, want)
	}
}

func TestAJobComesRoundFromARandomMomentOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		jobs := newJobs(t, JobOptions{}, Job{Name: "a", Every: time.Minute, Run: d.run})
		began := time.Now()
		if err := during(t, jobs, 3*time.Minute); err != nil {
			t.Fatal(err)
		}
		wantRuns(t, d, began, 30*time.Second, 90*time.Second, 150*time.Second)
		state := jobs.States()[0]
		if state.Runs != 3 || state.Running || state.LastError != "" || state.NextDue.Sub(began) != 210*time.Second ||
			state.LastEnd.Sub(began) != 150*time.Second {
			t.Errorf("%+v", state)
		}
		after(time.Hour)
		if len(d.runs()) != 3 {
			t.Error("it ran after the end")
		}
	})
}

func TestTheFirstRunMayBeGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now, later := &diary{}, &diary{}
		began := time.Now()
		jobs := newJobs(t, JobOptions{},
			Job{Name: "now", Every: time.Hour, FirstDue: began.Add(-time.Second), Run: now.run},
			Job{Name: "later", Every: time.Hour, FirstDue: began.Add(10 * time.Minute), Run: later.run})
		if err := during(t, jobs, 2*time.Hour+time.Minute); err != nil {
			t.Fatal(err)
		}
		wantRuns(t, now, began, 0, time.Hour, 2*time.Hour)
		wantRuns(t, later, began, 10*time.Minute, 70*time.Minute)
	})
}

func TestJitterStaysWithinItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, draws := &diary{}, []float64{0, 0, 0.999999, 0.25}
		var mu sync.Mutex
		jobs := newJobs(t, JobOptions{Chance: func() float64 {
			mu.Lock()
			defer mu.Unlock()
			next := draws[0]
			draws = append(draws[1:], next)
			return next
		}}, Job{Name: "a", Every: 100 * time.Second, Jitter: 0.2, FirstDue: time.Now(), Run: d.run})
		if err := during(t, jobs, time.Hour); err != nil {
			t.Fatal(err)
		}
		runs := d.runs()
		if len(runs) < 33 || len(runs) > 40 {
			t.Fatalf("%d runs in an hour", len(runs))
		}
		for i := range len(runs) - 1 {
			if gap := runs[i+1].Sub(runs[i]); gap < 90*time.Second || gap > 110*time.Second {
				t.Errorf("an interval of %v", gap)
			}
		}
	})
}

func TestAJobRunsOneAtATimeAndFailsAloud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{does: func(ctx context.Context, run int) error {
			switch run {
			case 1:
				pause(ctx, 150*time.Second)
				return errors.New("slow")
			case 2:
				panic("a nil map")
			case 3:
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}}
		began := time.Now()
		jobs := newJobs(t, JobOptions{}, Job{Name: "a", Every: time.Minute, Timeout: 170 * time.Second, FirstDue: began, Run: d.run})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- jobs.Run(ctx) }()
		for _, want := range []struct {
			wait             time.Duration
			running          bool
			lastErr          string
			skipped, runsEnd int
		}{
			{time.Minute + time.Second, true, "", 1, 0},
			{100 * time.Second, false, "slow", 2, 1},                                     // at 161 s
			{20 * time.Second, false, "a mistake in Sparky stopped it: a nil map", 2, 2}, // at 181 s
			{4 * time.Minute, false, "", 4, 4},                                           // the third one ran into its timeout
		} {
			after(want.wait)
			s := jobs.States()[0]
			if s.Running != want.running || s.LastError != want.lastErr || s.Skipped != want.skipped || s.Runs != want.runsEnd {
				t.Errorf("at %v: %+v, want %+v", time.Since(began), s, want)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}

func TestARestartKeepsThePhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		remembered := &phases{due: map[string]time.Time{}}
		d := &diary{}
		began := time.Now()
		start := func() *Jobs {
			return newJobs(t, JobOptions{Phases: remembered}, Job{Name: "a", Every: time.Hour, FirstDue: began, Run: d.run})
		}
		for _, up := range []time.Duration{10 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
			if err := during(t, start(), up); err != nil {
				t.Fatal(err)
			}
		}
		after(3 * time.Hour) // down while two runs were due: caught up within moments
		if err := during(t, start(), 61*time.Minute); err != nil {
			t.Fatal(err)
		}
		up := 70*time.Minute + 3*time.Hour
		wantRuns(t, d, began, 0, time.Hour, up+15*time.Second, up+15*time.Second+time.Hour)
		if remembered.writes > 8 {
			t.Errorf("%d writes", remembered.writes)
		}
	})
}

func TestADueTimeBeyondReasonIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		remembered := &phases{due: map[string]time.Time{"a": time.Now().Add(365 * 24 * time.Hour)}}
		began := time.Now()
		if err := during(t, newJobs(t, JobOptions{Phases: remembered}, Job{Name: "a", Every: time.Minute, Run: d.run}), time.Minute); err != nil {
			t.Fatal(err)
		}
		wantRuns(t, d, began, 30*time.Second)
	})
}

func TestJobsRunWithoutTheirMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		remembered := &phases{due: map[string]time.Time{}, err: errors.New("the disk is full")}
		jobs := newJobs(t, JobOptions{Phases: remembered}, Job{Name: "a", Every: time.Minute, Run: d.run})
		if err := during(t, jobs, 2*time.Minute); err != nil {
			t.Fatal(err)
		}
		if len(d.runs()) != 2 {
			t.Errorf("%d runs", len(d.runs()))
		}
		remembered.err = nil
		jobs.savePhases(t.Context())
		if remembered.due["a"].IsZero() {
			t.Error("what could not be remembered was forgotten")
		}
	})
}

func TestTheEndCancelsAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cleaned bool
		d := &diary{does: func(ctx context.Context, _ int) error {
			<-ctx.Done()
			time.AfterFunc(0, func() {})
			<-time.After(2 * time.Second)
			cleaned = true
			return nil
		}}
		jobs := newJobs(t, JobOptions{}, Job{Name: "a", Every: time.Hour, FirstDue: time.Now(), Run: d.run})
		if err := during(t, jobs, time.Minute); err != nil || !cleaned {
			t.Fatalf("%v, ended before the run had: %v", err, !cleaned)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		d := &diary{does: func(context.Context, int) error { <-release; return nil }}
		jobs := newJobs(t, JobOptions{}, Job{Name: "stuck", Every: time.Hour, FirstDue: time.Now(), Run: d.run})
		if err := during(t, jobs, time.Minute); err == nil || !strings.Contains(err.Error(), "[stuck]") {
			t.Errorf("got %v", err)
		}
		close(release)
		synctest.Wait()
	})
}

func TestWrongJobsAreRefused(t *testing.T) {
	good := Job{Name: "a", Every: time.Second, Run: func(context.Context) error { return nil }}
	for want, spoil := range map[string]func(j *Job){
		"twice":          func(j *Job) {},
		"the least":      func(j *Job) { j.Name, j.Every = "b", time.Millisecond },
		"share":          func(j *Job) { j.Name, j.Jitter = "b", 1.5 },
		"nothing to run": func(j *Job) { j.Name, j.Run = "b", nil },
	} {
		bad := good
		spoil(&bad)
		if _, err := NewJobs([]Job{good, bad}, JobOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestThousandsOfJobsAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		var all []Job
		for i := range 2000 {
			all = append(all, Job{Name: fmt.Sprint(i), Every: 5 * time.Minute, Jitter: 0.1, Run: d.run})
		}
		jobs, err := NewJobs(all, JobOptions{})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := during(t, jobs, 5*time.Minute); err != nil {
			t.Fatal(err)
		}
		perMinute := map[int]int{}
		for _, at := range d.runs() {
			perMinute[int(at.Sub(began).Minutes())]++
		}
		for minute := range 5 {
			if n := perMinute[minute]; n < 300 || n > 500 {
				t.Errorf("%d runs in minute %d, want about 400: %v", n, minute, perMinute)
			}
		}
	})
}

func TestAJobKnowsSinceWhenItFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{does: func(_ context.Context, run int) error {
			if run == 2 || run == 3 {
				return errors.New("away")
			}
			return nil
		}}
		began := time.Now()
		jobs := newJobs(t, JobOptions{}, Job{Name: "a", Every: time.Minute, FirstDue: began, Run: d.run})
		for n, want := range []struct{ success, failing time.Duration }{{0, -1}, {0, time.Minute}, {0, time.Minute}, {3 * time.Minute, -1}} {
			if n > 0 {
				jobs = newJobs(t, JobOptions{}, Job{Name: "a", Every: time.Minute, FirstDue: began, Run: d.run})
			}
			d.mu.Lock()
			d.times = nil
			d.mu.Unlock()
			began = time.Now()
			jobs.byKey["a"].job.FirstDue = began
			if err := during(t, jobs, time.Duration(n)*time.Minute+time.Second); err != nil {
				t.Fatal(err)
			}
			s := jobs.States()[0]
			if s.Timeout != time.Minute || s.LastSuccess.Sub(began) != want.success || want.failing < 0 != s.FailingSince.IsZero() || want.failing > 0 && s.FailingSince.Sub(began) != want.failing {
				t.Errorf("after %d runs: %+v", n+1, s)
			}
		}
	})
}
