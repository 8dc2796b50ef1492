package githubactions

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/internal/httpcall"
)

// remembered is one run that is known by its id.
type remembered changes.Run

func (r *remembered) Run(_ context.Context, id string) (changes.Run, error) {
	if id != r.ID {
		return changes.Run{}, changes.ErrNoRun
	}
	return changes.Run(*r), nil
}

var toStart = incidents.NewEffect(changes.EffectDispatch, "compat-snow-1/dispatch", incidents.Ref{Run: "compat-snow-1"}).Payload

func aRun(state changes.RunState) *remembered {
	return &remembered{ID: "compat-snow-1", Partner: "snow", Name: "ServiceNow", Version: "v3", State: state, Repo: repo, Workflow: "compat.yml",
		Ref: "main", Asked: noon, Inputs: map[string]string{"request_id": "compat-snow-1"}}
}

const (
	dispatchPath = "POST /repos/" + repo + "/actions/workflows/compat.yml/dispatches"
	listPath     = "GET /repos/" + repo + "/actions/workflows/compat.yml/runs"
)

func started(t *testing.T, result []byte) changes.RunStarted {
	t.Helper()
	var s changes.RunStarted
	if err := json.Unmarshal(result, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestARunThatWaitsIsStarted(t *testing.T) {
	h := newHub(t)
	h.says(dispatchPath, http.StatusOK, `{"workflow_run_id":7,"html_url":"https://github.example/r/7"}`)
	result, err := NewDispatches(h.client, aRun(changes.RunAsked)).Do(t.Context(), "key", toStart, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := started(t, result); s.GitHubID != 7 || s.URL != "https://github.example/r/7" {
		t.Errorf("got %+v", s)
	}
	h.says(listPath, http.StatusOK, `{"workflow_runs":[{"id":7,"name":"compat","display_title":"compat snow v3 [compat-snow-1]"}]}`)
	result, found, err := NewDispatches(h.client, aRun(changes.RunAsked)).Find(t.Context(), "key", toStart)
	if err != nil || !found || started(t, result).GitHubID != 7 {
		t.Errorf("got %s, %t, %v", result, found, err)
	}
}

// TestARunThatDoesNotWaitIsNotStarted holds that an effect which was in trouble until its run was given up starts nothing
// when the trouble is mended, and that one whose success is known is not done again, whatever GitHub's list shows.
func TestARunThatDoesNotWaitIsNotStarted(t *testing.T) {
	for _, state := range []changes.RunState{changes.RunQueued, changes.RunRunning, changes.RunPassed, changes.RunFailed, changes.RunNoVerdict} {
		h := newHub(t)
		d := NewDispatches(h.client, aRun(state))
		if _, err := d.Do(t.Context(), "key", toStart, nil); err != nil {
			t.Errorf("%s: %v", state, err)
		}
		if _, found, err := d.Find(t.Context(), "key", toStart); err != nil || !found {
			t.Errorf("%s: found %t, %v", state, found, err)
		}
		if calls := h.asked(); len(calls) > 0 {
			t.Errorf("%s: asked %q", state, calls)
		}
	}
}

func TestWithoutGitHubNothingIsStarted(t *testing.T) {
	d := NewDispatches(nil, aRun(changes.RunAsked))
	_, err := d.Do(t.Context(), "key", toStart, nil)
	if refusal, ok := err.(*httpcall.Refusal); !ok || !refusal.Permanent() || !strings.Contains(err.Error(), "no GitHub is configured") {
		t.Errorf("got %v", err)
	}
	if _, found, err := d.Find(t.Context(), "key", toStart); found || err != nil {
		t.Errorf("found %t, %v", found, err)
	}
	if _, err := NewDispatches(nil, aRun(changes.RunNoVerdict)).Do(t.Context(), "key", toStart, nil); err != nil {
		t.Errorf("of a run that was given up: %v", err)
	}
}

func TestADispatchOfNothingLasts(t *testing.T) {
	for _, payload := range []string{"", "{}", `{"run":"gone"}`, `[]`} {
		_, err := NewDispatches(nil, aRun(changes.RunAsked)).Do(t.Context(), "key", []byte(payload), nil)
		if refusal, ok := err.(*httpcall.Refusal); !ok || !refusal.Permanent() {
			t.Errorf("%q: got %v", payload, err)
		}
	}
}

func TestAFollowerTellsHowARunStandsWheneverItIsAsked(t *testing.T) {
	r := newRunning(t)
	f := NewFollower(r.client)
	run := changes.Run(*aRun(changes.RunQueued))
	run.GitHubID = 7
	look := func(want changes.RunProgress) {
		t.Helper()
		want.URL = "https://github.example/r/7"
		for range 2 { // the second time nothing has changed at GitHub
			if got, err := f.Look(t.Context(), run); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		}
	}
	look(changes.RunProgress{})
	r.status, r.jobs = StatusInProgress, job("compat", "in_progress", "Set up job", "completed", "Run the suite", "in_progress")
	look(changes.RunProgress{Running: true, Doing: "compat: Run the suite", Done: 1, Total: 2})
	for conclusion, want := range map[string]changes.RunProgress{
		"success": {Ended: true, Passed: true}, "failure": {Ended: true, Failed: true},
		"cancelled":       {Ended: true, Reason: "It was cancelled at GitHub."},
		"startup_failure": {Ended: true, Reason: "GitHub could not start it; the workflow's file may be wrong."},
		"timed_out":       {Ended: true, Reason: "It took longer than GitHub lets it."},
		"skipped":         {Ended: true, Reason: "GitHub skipped all of its jobs."},
		"action_required": {Ended: true, Reason: "It waits at GitHub for somebody to approve it."},
		"stale":           {Ended: true, Reason: `It ended at GitHub as "stale".`},
	} {
		r.status, r.conclusion = StatusCompleted, conclusion
		look(want)
	}
	if len(f.seen) != 0 {
		t.Errorf("%d runs that ended are remembered", len(f.seen))
	}
}

func TestTheOutcomeHasWhatFailed(t *testing.T) {
	h := newHub(t)
	h.says(runPath, http.StatusOK, `{"id":7,"status":"completed","conclusion":"failure"}`)
	h.says(jobsPath, http.StatusOK, `{"jobs":[null,{"id":70,"name":"compat","conclusion":"failure","html_url":"https://github.example/j/70",`+
		`"steps":[null,{"name":"Try the version","conclusion":"failure"}]}]}`)
	h.says("GET /repos/"+repo+"/actions/runs/7/artifacts", http.StatusOK, `{"artifacts":[null]}`)
	run := changes.Run(*aRun(changes.RunRunning))
	run.GitHubID = 7
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got, err := NewFollower(h.client).Outcome(ctx, run)
	if err != nil || len(got.Failed) != 1 || got.Failed[0].Name != "compat" || got.Failed[0].Steps[0] != "Try the version" || got.Report != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "log of compat") {
		t.Errorf("notes %q", got.Notes)
	}
}
