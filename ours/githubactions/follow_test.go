package githubactions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/changes"
	standin "sparky/fixtures/world/github"
	"sparky/incidents"
	"sparky/internal/httpcall"
)

var (
	_ changes.Workflows = (*Follower)(nil)
)

// aRun is a compatibility run that GitHub knows by that id, 0 for none.
func aRun(id int64) changes.Run {
	d := sample()
	return changes.Run{ID: d.RequestID, Partner: "okta", Name: "Okta", Version: "2026.12.0", Repo: d.Repo, Workflow: d.Workflow, Ref: d.Ref, Inputs: d.Inputs, GitHubID: id, Asked: noon}
}

// TestLookingTellsWhatChanged follows a run to its end: a look says whether anything is another than at the last one.
func TestLookingTellsWhatChanged(t *testing.T) {
	s := newStage(t, standin.Options{Execute: suiteFails, Queue: time.Second, Step: 10 * time.Second})
	follower, run := NewFollower(s.client), aRun(s.start().RunID)
	var told []string
	for range 60 {
		p, changed, err := follower.Look(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if line := fmt.Sprintf("%s %d/%d %t", p.Doing, p.Done, p.Total, p.Running); changed {
			told = append(told, line)
		} else if len(told) > 0 && told[len(told)-1] != line {
			t.Errorf("it stands at %q and says that nothing changed since %q", line, told[len(told)-1])
		}
		if p.Ended {
			if !p.Failed || p.Passed || p.Reason != "" || p.URL == "" {
				t.Errorf("it ended as %+v", p)
			}
			break
		}
		s.clock.Advance(3 * time.Second)
	}
	if len(told) < 6 || len(told) > 12 || len(follower.seen) != 0 {
		t.Errorf("told %q; %d are remembered", told, len(follower.seen))
	}
}

func TestHowARunEnds(t *testing.T) {
	for conclusion, want := range map[string]changes.RunProgress{
		"success": {Ended: true, Passed: true}, "failure": {Ended: true, Failed: true},
		"cancelled":       {Ended: true, Reason: "It was cancelled at GitHub."},
		"startup_failure": {Ended: true, Reason: "GitHub could not start it; the workflow's file may be wrong."},
		"timed_out":       {Ended: true, Reason: "It took longer than GitHub lets it."},
		"skipped":         {Ended: true, Reason: "GitHub skipped all of its jobs."},
		"action_required": {Ended: true, Reason: "It waits at GitHub for somebody to approve it."},
		"neutral":         {Ended: true, Reason: `It ended at GitHub as "neutral".`},
	} {
		if got := progressOf(Progress{Status: StatusCompleted, Conclusion: conclusion}); got != want {
			t.Errorf("%s: %+v", conclusion, got)
		}
	}
	if got := progressOf(Progress{Status: "waiting", Conclusion: "success"}); got != (changes.RunProgress{}) {
		t.Errorf("before its end it is %+v", got)
	}
	if got := progressOf(Progress{Status: StatusInProgress, Current: "a: b", Done: 1, Total: 2, URL: "u"}); got != (changes.RunProgress{Running: true, Doing: "a: b", Done: 1, Total: 2, URL: "u"}) {
		t.Errorf("while it runs it is %+v", got)
	}
}

// TestTheOutcomeHasDifferencesFirst: errors are counted apart from failures, and come after them.
func TestTheOutcomeHasDifferencesFirst(t *testing.T) {
	h := newEnded(t, "failure", over(70, "compat", "failure", "Run", "failure"))
	h.blobs(logPath, 200, failing())
	h.keeps(artifact(5, "compat-report"))
	h.blobs(zipPath(5), 200, zipped(t, "junit.xml", `<testsuite><testcase name="list"><error message="GET /b answers 429"/></testcase><testcase name="read"><failure message="field id is missing"/></testcase><testcase name="ok"/>
		<testcase name="page"><skipped/></testcase><testcase name="more"><error message="no answer"/></testcase></testsuite>`))
	got, err := NewFollower(h.client).Outcome(t.Context(), aRun(7))
	if err != nil || got.Report == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if r := got.Report; r.Tests != 5 || r.Failures != 3 || r.Errors != 2 || r.Skipped != 1 {
		t.Errorf("counted %+v", r)
	}
	want := []incidents.FailedCase{{Name: "read", Message: "field id is missing"}, {Name: "list", Message: "GET /b answers 429", Error: true}, {Name: "more", Message: "no answer", Error: true}}
	if fmt.Sprint(got.Report.Cases) != fmt.Sprint(want) {
		t.Errorf("the cases are %+v", got.Report.Cases)
	}
	if len(got.Failed) != 1 || got.Failed[0].Name != "compat" || got.Failed[0].Steps[0] != "Run" || len(got.Failed[0].Log) == 0 || got.Failed[0].URL == "" {
		t.Errorf("the jobs are %+v", got.Failed)
	}
}

func TestAnOutcomeThatCannotBeRead(t *testing.T) {
	h := newHub(t)
	h.says(runPath, 500, "")
	if got, err := NewFollower(h.client).Outcome(t.Context(), aRun(7)); err == nil || got.Report != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestManyFollowAtOnce: the follower is used by several goroutines.
func TestManyFollowAtOnce(t *testing.T) {
	s := newStage(t, standin.Options{Queue: time.Hour})
	follower, run := NewFollower(s.client), aRun(s.start().RunID)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if _, _, err := follower.Look(t.Context(), run); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// knownRuns are the runs that the program remembers.
type knownRuns struct {
	runs map[string]changes.Run
	err  error
}

func (k knownRuns) Run(_ context.Context, id string) (changes.Run, error) {
	run, ok := k.runs[id]
	if !ok && k.err == nil {
		return run, changes.ErrNoRun
	}
	return run, k.err
}

func ref(id string) []byte {
	return incidents.NewEffect("", "", incidents.Ref{Run: id}).Payload
}

// TestADispatchIsDoneAndFound starts a run at a server that does not tell it, and finds it once it shows.
func TestADispatchIsDoneAndFound(t *testing.T) {
	s := newStage(t, standin.Options{})
	run := aRun(0)
	run.Asked = s.clock.Now()
	d := NewDispatches(s.client, knownRuns{runs: map[string]changes.Run{run.ID: run}})
	if _, found, err := d.Find(t.Context(), "key", ref(run.ID)); err != nil || found {
		t.Errorf("before its start: %t, %v", found, err)
	}
	result, err := d.Do(t.Context(), "key", ref(run.ID), nil)
	if err != nil {
		t.Fatal(err)
	}
	id := s.Runs()[0].ID
	var started changes.RunStarted
	if err := json.Unmarshal(result, &started); err != nil || started.GitHubID != id || started.URL == "" {
		t.Errorf("started %s, %v", result, err)
	}
	s.clock.Advance(lag)
	again, found, err := d.Find(t.Context(), "key", ref(run.ID))
	if err != nil || !found || string(again) != string(result) {
		t.Errorf("found %s, %t, %v", again, found, err)
	}
	seen, found, err := NewFollower(s.client).Find(t.Context(), run)
	if err != nil || !found || seen != started {
		t.Errorf("the follower found %+v, %t, %v", seen, found, err)
	}
	inputs := s.Runs()[0].Inputs
	if inputs["request_id"] != run.ID || inputs["partner"] != "okta" || len(s.Runs()) != 1 {
		t.Errorf("started with %v", inputs)
	}
}

// TestDispatchesThatCannotBeMade: what the program itself lacks is never taken for something that may have happened.
func TestDispatchesThatCannotBeMade(t *testing.T) {
	h := newHub(t)
	for name, test := range map[string]struct {
		payload []byte
		known   knownRuns
		lasts   bool
		says    string
	}{
		"no payload":         {[]byte("no"), knownRuns{}, true, "names no compatibility run"},
		"no run":             {[]byte("{}"), knownRuns{}, true, "names no compatibility run"},
		"a forgotten run":    {ref("r"), knownRuns{}, true, "no such compatibility run"},
		"a store that fails": {ref("r"), knownRuns{err: errors.New("the disk is full")}, false, "the disk is full"},
	} {
		d := NewDispatches(h.client, test.known)
		_, done := d.Do(t.Context(), "a/dispatch", test.payload, nil)
		_, found, looked := d.Find(t.Context(), "a/dispatch", test.payload)
		for _, err := range []error{done, looked} {
			var r *httpcall.Refusal
			if !errors.As(err, &r) || r.Lasts != test.lasts || !strings.Contains(err.Error(), test.says) || found {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if asked := h.asked(); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

// TestTheSameTroubleHasTheSameWords: people are told of it once, however many runs wait for it.
func TestTheSameTroubleHasTheSameWords(t *testing.T) {
	h := newHub(t)
	one, other := aRun(0), aRun(0)
	other.ID, other.Partner, other.Name, other.Version = "req-other", "workday", "Workday", "v2"
	d := NewDispatches(h.client, knownRuns{runs: map[string]changes.Run{one.ID: one, other.ID: other}})
	_, first := d.Do(t.Context(), "one", ref(one.ID), nil)
	_, second := d.Do(t.Context(), "other", ref(other.ID), nil)
	wantFailure(t, first, "permanent", "compat.yml", "compat.repo")
	if second == nil || first.Error() != second.Error() {
		t.Errorf("%v\n%v", first, second)
	}
}
