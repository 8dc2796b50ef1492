package changes

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// asked is a run that GitHub does not have yet.
func (w *workshop) asked() Run {
	w.Helper()
	run, _, err := w.desk.Start(context.Background(), tryable(), "v3", "U1", nil)
	if err != nil {
		w.Fatal(err)
	}
	w.kinds()
	return run
}

func TestARunThatGitHubDoesNotTakeSaysSo(t *testing.T) {
	w := newWorkshop(t)
	run := w.asked()
	if err := w.follows(2 * time.Minute); err != nil || w.run(run.ID).Reason != "" || w.kinds() != "" {
		t.Errorf("it complains at once: %+v, %v", w.run(run.ID), err)
	}
	if err := w.follows(3 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := w.run(run.ID); got.State != RunAsked || !strings.Contains(got.Reason, "not taken it yet") {
		t.Errorf("got %+v", got)
	}
	if got := w.kinds(); got != "slack.run" {
		t.Errorf("in three days it asked for %q", got)
	}
	if err := w.desk.Dispatched(context.Background(), run.ID, RunStarted{GitHubID: 7}); err != nil {
		t.Fatal(err)
	}
	if got := w.run(run.ID); got.State != RunQueued || got.Reason != "" {
		t.Errorf("got %+v", got)
	}
	looks := w.github.looks
	if err := w.follows(10 * time.Second); err != nil || w.github.looks == looks {
		t.Errorf("it is not looked at soon: %v", err)
	}
}

// Who mends compat.workflow does not want the run that waits to go on asking for the one that is not there.
func TestARunThatWaitsTakesTheWorkflowThatIsConfiguredNow(t *testing.T) {
	w := newWorkshop(t)
	run := w.asked()
	mended := tryable()
	mended.Compat.Workflow, mended.Compat.Inputs = "sandbox.yml", map[string]string{"suite": "all"}
	w.desk.Partners = []partners.Partner{mended}
	if err := w.desk.Renew(context.Background(), run.ID); err != nil {
		t.Fatal(err)
	}
	got := w.run(run.ID)
	if got.Workflow != "sandbox.yml" || got.Inputs["suite"] != "all" || got.Inputs["request_id"] != run.ID || got.Inputs["api_version"] != "v3" {
		t.Errorf("got %+v", got)
	}
	if err := w.desk.Dispatched(context.Background(), run.ID, RunStarted{GitHubID: 7}); err != nil {
		t.Fatal(err)
	}
	w.desk.Partners = []partners.Partner{tryable()}
	if err := w.desk.Renew(context.Background(), run.ID); err != nil || w.run(run.ID).Workflow != "sandbox.yml" {
		t.Errorf("a run that GitHub has is another one now: %+v, %v", w.run(run.ID), err)
	}
	if err := w.desk.Renew(context.Background(), "gone"); err != nil {
		t.Errorf("of a run that is remembered no more: %v", err)
	}
}

func TestRunsThatNobodyCanGoOnWithEnd(t *testing.T) {
	for name, c := range map[string]struct {
		begun  bool
		change func(w *workshop)
		want   string
	}{
		"asked, and the workflow is gone":  {false, func(w *workshop) { w.desk.Partners[0].Compat = nil }, "configured no more"},
		"asked, and the partner is gone":   {false, func(w *workshop) { w.desk.Partners = nil }, "configured no more"},
		"asked, and GitHub is gone":        {false, func(w *workshop) { w.desk.Workflows = nil }, "No GitHub is configured"},
		"running, and GitHub is gone":      {true, func(w *workshop) { w.desk.Workflows = nil }, "No GitHub is configured"},
		"running, and the partner is gone": {true, func(w *workshop) { w.desk.Partners = nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			w.github.progress = RunProgress{Running: true}
			run := w.asked()
			if c.begun {
				run = w.run(run.ID)
				if err := w.desk.Dispatched(context.Background(), run.ID, RunStarted{GitHubID: 7}); err != nil {
					t.Fatal(err)
				}
			}
			c.change(w)
			if err := w.follows(9 * time.Minute); err != nil || !w.run(run.ID).State.Live() {
				t.Errorf("it may be another replica's: %+v, %v", w.run(run.ID), err)
			}
			if err := w.follows(3 * time.Minute); err != nil {
				t.Fatal(err)
			}
			got := w.run(run.ID)
			if c.want == "" {
				if got.State != RunRunning {
					t.Errorf("got %+v, and GitHub shows it", got)
				}
				return
			}
			if got.State != RunNoVerdict || !strings.Contains(got.Reason, c.want) || got.Again != "" || len(w.runs) != 1 {
				t.Errorf("got %+v of %d", got, len(w.runs))
			}
		})
	}
}

// What ended while GitHub was away for hours is read when it is back, and not tried again for nothing.
func TestGitHubIsAwayForHours(t *testing.T) {
	for _, id := range []int64{7, 0} {
		w := newWorkshop(t)
		run := w.begun()
		w.runs[0].GitHubID = id
		w.github.err = errors.New("away")
		_ = w.follows(5 * time.Hour)
		if got := w.run(run.ID); !got.State.Live() {
			t.Fatalf("it was given up: %+v", got)
		}
		w.github.err, w.github.finds, w.github.found = nil, true, RunStarted{GitHubID: 7}
		w.github.progress = RunProgress{Ended: true, Passed: true}
		if err := w.follows(6 * time.Minute); err != nil || w.run(run.ID).State != RunPassed {
			t.Errorf("got %+v, %v", w.run(run.ID), err)
		}
	}
	w := newWorkshop(t)
	run := w.begun()
	w.runs[0].GitHubID, w.github.err = 0, errors.New("away")
	_ = w.follows(26 * time.Hour)
	if got := w.run(run.ID); got.State != RunNoVerdict || !strings.Contains(got.Reason, "away") {
		t.Errorf("got %+v", got)
	}
}

// A look whose news could not be kept is no news lost.
func TestProgressThatCouldNotBeKeptIsKeptWithTheNextLook(t *testing.T) {
	w := newWorkshop(t)
	run := w.begun()
	w.github.progress = RunProgress{Running: true, Doing: "compat: Run the suite", Total: 4}
	w.err = errors.New("the store is away")
	_ = w.follows(10 * time.Second)
	w.err = nil
	if err := w.follows(3 * time.Minute); err != nil || w.run(run.ID).Doing != "compat: Run the suite" {
		t.Errorf("got %+v, %v", w.run(run.ID), err)
	}
}

// TestAReportThatBreaksUsCostsItsRunOnly holds that what a workflow run left behind stops neither Sparky nor another run.
func TestAReportThatBreaksUsCostsItsRunOnly(t *testing.T) {
	w := newWorkshop(t)
	w.begun()
	w.desk.Workflows = breaking{w.github}
	w.github.progress = RunProgress{Ended: true, Failed: true}
	if err := w.desk.Follow(context.Background()); err == nil || !strings.Contains(err.Error(), "a mistake in Sparky stopped it: slice bounds") {
		t.Errorf("got %v", err)
	}
	looks := w.github.looks
	if err := w.desk.Follow(context.Background()); err != nil || w.github.looks != looks {
		t.Errorf("it is looked at again at once: %v", err)
	}
}

// breaking is GitHub where no outcome can be read.
type breaking struct{ *github }

func (breaking) Outcome(context.Context, Run) (RunOutcome, error) { panic("slice bounds out of range") }
