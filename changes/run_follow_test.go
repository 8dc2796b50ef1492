package changes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// patient is an error that asks for time.
type patient struct{ time.Duration }

func (patient) Error() string               { return "GitHub's rate limit is used up" }
func (p patient) RetryAfter() time.Duration { return p.Duration }

func TestGitHubIsLeftAloneWhenItAsksForTime(t *testing.T) {
	w := newWorkshop(t)
	w.begun()
	w.github.err = patient{20 * time.Minute}
	if err := w.follows(19 * time.Minute); err == nil {
		t.Error("nobody hears of it")
	}
	if w.github.looks != 1 {
		t.Errorf("%d looks", w.github.looks)
	}
}

// TestALimitEndsNoRun holds that a run whose time is over while GitHub asks for time is looked at once more after that.
func TestALimitEndsNoRun(t *testing.T) {
	w := newWorkshop(t)
	run := w.begun()
	w.github.err = patient{time.Hour}
	_ = w.follows(2 * time.Hour)
	if got := w.run(run.ID); got.State != RunQueued {
		t.Fatalf("it was given up: %+v", got)
	}
	w.github.err, w.github.progress = nil, RunProgress{Ended: true, Passed: true}
	if err := w.follows(time.Hour + time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := w.run(run.ID); got.State != RunPassed || len(w.runs) != 1 {
		t.Errorf("got %+v of %d", got, len(w.runs))
	}
}

// TestALimitHoldsTheRestOfTheRoundBack: one answer that asks for time is enough.
func TestALimitHoldsTheRestOfTheRoundBack(t *testing.T) {
	w := newWorkshop(t)
	for n := range 50 {
		run, _, err := w.desk.Start(context.Background(), tryable(), fmt.Sprint("v", n), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.desk.Dispatched(context.Background(), run.ID, RunStarted{GitHubID: int64(n + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	w.github.err = patient{time.Hour}
	_ = w.follows(30 * time.Minute)
	if w.github.looks > 2*looksAtOnce {
		t.Errorf("%d looks of 50 runs", w.github.looks)
	}
}

func TestAVerdictIsToldWhereItsDetailsCannotBeRead(t *testing.T) {
	w := newWorkshop(t)
	run := w.begun()
	w.github.progress, w.github.outErr = RunProgress{Ended: true, Failed: true}, errors.New("no logs here")
	_ = w.follows(5 * time.Minute)
	if got := w.run(run.ID); !got.State.Live() {
		t.Errorf("it was told at once: %+v", got)
	}
	_ = w.follows(20 * time.Minute)
	if got := w.run(run.ID); got.State != RunFailed || len(got.Outcome.Notes) != 1 || !strings.Contains(got.Outcome.Notes[0], "no logs here") {
		t.Errorf("got %+v", got)
	}
}
