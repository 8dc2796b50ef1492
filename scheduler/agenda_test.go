package scheduler

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// releases are the moments at which runs began, and how many began then.
func releases(d *diary, began time.Time) map[time.Duration]int {
	groups := map[time.Duration]int{}
	for _, at := range d.runs() {
		groups[at.Sub(began)]++
	}
	return groups
}

// many are jobs that are due evenly over one interval.
func many(n int, every time.Duration, d *diary) []Job {
	var jobs []Job
	for i := range n {
		first := time.Now().Add(time.Duration(i) * every / time.Duration(n))
		jobs = append(jobs, Job{Name: fmt.Sprint(i), Every: every, FirstDue: first, Run: d.run})
	}
	return jobs
}

// A hundred runs a second are some ten wake-ups, none later than a tick, and none left out.
func TestRunsAreReleasedInGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		began := time.Now()
		jobs := newJobs(t, JobOptions{}, many(1000, 10*time.Second, d)...)
		if err := during(t, jobs, 30*time.Second+tick); err != nil {
			t.Fatal(err)
		}
		groups := releases(d, began)
		if runs := len(d.runs()); runs < 3000 || runs > 3011 {
			t.Errorf("%d runs in 30 s, want 3000", runs)
		}
		if len(groups) > 620 {
			t.Errorf("%d wake-ups for 3000 runs", len(groups))
		}
		delays := jobs.Delays()
		if delays.Runs < 3000 || delays.Within[1] != delays.Runs {
			t.Errorf("%+v: some runs began later than a tick", delays)
		}
	})
}

// At high rates groups come sooner instead of growing.
func TestGroupsStaySmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		began := time.Now()
		if err := during(t, newJobs(t, JobOptions{}, many(2000, 2*time.Second, d)...), 4*time.Second); err != nil {
			t.Fatal(err)
		}
		groups := releases(d, began)
		for at, runs := range groups {
			if runs > 30 {
				t.Errorf("%d runs at %v", runs, at)
			}
		}
		if len(groups) < 100 {
			t.Errorf("%d groups", len(groups))
		}
	})
}

// What is due in the same moment runs in that moment, however much it is: nothing is left behind.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		var jobs []Job
		for i := range 3 * mostOnce {
			jobs = append(jobs, Job{Name: fmt.Sprint(i), Every: time.Hour, FirstDue: time.Now().Add(time.Minute), Run: d.run})
		}
		if err := during(t, newJobs(t, JobOptions{}, jobs...), 62*time.Second); err != nil {
			t.Fatal(err)
		}
		if len(d.runs()) != len(jobs) {
			t.Errorf("%d of %d ran", len(d.runs()), len(jobs))
		}
	})
}

// One job that is due far away is not asked for until then.
func TestNothingWakesBeforeItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		began := time.Now()
		jobs := newJobs(t, JobOptions{}, Job{Name: "rare", Every: 48 * time.Hour, FirstDue: began.Add(30 * time.Hour), Run: d.run})
		if err := during(t, jobs, 100*time.Hour); err != nil {
			t.Fatal(err)
		}
		wantRuns(t, d, began, 30*time.Hour, 78*time.Hour)
	})
}

// gocron asks for the time after a release before that is carried out or after it, and twice where both are in one second.
func TestTheTimeAfterARelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, askedFirst := range []bool{true, false} {
			a := newAgenda(&delays{})
			r := &round{job: Job{Name: "a", Every: 10 * time.Second}, chance: func() float64 { return 0.5 }}
			due := time.Now().Add(time.Second)
			a.add(r, due)
			after(time.Second)
			next := time.Time{}
			if askedFirst {
				next = a.Next(due)
			}
			if taken := a.take(); len(taken) != 1 || taken[0] != r {
				t.Fatalf("took %v", taken)
			}
			if !askedFirst {
				next = a.Next(due)
			}
			if want := due.Add(10 * time.Second); !next.Equal(want) || !a.Next(next).Equal(want) {
				t.Errorf("asked first %v: next is in %v, and then in %v", askedFirst, next.Sub(due), a.Next(next).Sub(due))
			}
			if taken := a.take(); len(taken) != 0 {
				t.Errorf("took it twice")
			}
		}
	})
}

// What fell due while the machine slept runs once, in the phase that it had.
func TestMissedRunsAreNotMadeUpFor(t *testing.T) {
	r := &round{job: Job{Every: time.Minute}, chance: func() float64 { return 0.5 }}
	last := time.Unix(1_800_000_000, 0)
	for slept, want := range map[time.Duration]time.Duration{
		0:                                time.Minute,
		59 * time.Second:                 time.Minute,
		time.Minute:                      2 * time.Minute,
		time.Hour + 10*time.Second:       time.Hour + time.Minute,
		10*365*24*time.Hour + 1:          10*365*24*time.Hour + time.Minute,
		-5 * time.Second /* set back */ : time.Minute,
	} {
		if got := r.after(last, last.Add(slept)).Sub(last); got != want {
			t.Errorf("after %v the next run is after %v, want %v", slept, got, want)
		}
	}
}

func TestTheNthOfAHeap(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	epoch := time.Now()
	for range 200 {
		a := newAgenda(&delays{})
		var sorted []time.Time
		for range chance.IntN(60) {
			at := epoch.Add(time.Duration(chance.IntN(40)) * time.Second)
			a.add(&round{}, at)
			sorted = append(sorted, at)
		}
		slices.SortFunc(sorted, time.Time.Compare)
		n := 1 + chance.IntN(20)
		at, ok := a.due.nth(n)
		if ok != (n <= len(sorted)) || ok && !at.Equal(sorted[n-1]) {
			t.Fatalf("the %dth of %d is %v, %v", n, len(sorted), at, ok)
		}
	}
}

// Who takes the lead over spreads what it has no due times of.
func TestALaterLeaderSpreadsWhatItHasNoPhaseOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		jobs := newJobs(t, JobOptions{Phases: &phases{due: map[string]time.Time{}}},
			Job{Name: "a", Every: 10 * time.Second, FirstDue: time.Now(), CatchUp: 5 * time.Second, Run: d.run})
		after(time.Hour) // another one leads
		began := time.Now()
		if err := during(t, jobs, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		wantRuns(t, d, began, 2500*time.Millisecond)
	})
}

// What comes round sooner than every minute is not worth a write each time.
func TestShortPhasesAreNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		remembered := &phases{due: map[string]time.Time{}}
		nothing := func(context.Context) error { return nil }
		jobs := newJobs(t, JobOptions{Phases: remembered}, Job{Name: "short", Every: 10 * time.Second, Run: nothing},
			Job{Name: "long", Every: phaseFrom, Run: nothing})
		if err := during(t, jobs, time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, known := remembered.due["short"]; known || remembered.due["long"].IsZero() {
			t.Errorf("remembered %v", remembered.due)
		}
	})
}

func TestDelaysAreCounted(t *testing.T) {
	var d delays
	for _, late := range []time.Duration{-time.Second, 0, 50 * time.Millisecond, 51 * time.Millisecond, 300 * time.Millisecond, time.Minute} {
		d.note(late)
	}
	want := Delays{Runs: 6, Sum: time.Minute + 401*time.Millisecond, Within: [len(delayBounds)]uint64{3, 4, 4, 5, 5, 5}}
	if d.sum != want {
		t.Errorf("got %+v, want %+v", d.sum, want)
	}
	if bounds := DelayBounds(); !slices.IsSorted(bounds[:]) {
		t.Error("the bounds are not in order")
	}
}
