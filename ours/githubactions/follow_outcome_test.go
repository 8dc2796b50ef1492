package githubactions

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"sparky/changes"
	standin "sparky/fixtures/world/github"
	"sparky/incidents"
)

var _ changes.Workflows = (*Follower)(nil)

// tried is a run of Okta's beta that waits to be started; GitHub knows it by that id, 0 for none.
func tried(id int64) changes.Run {
	d := sample()
	return changes.Run{ID: d.RequestID, Partner: "okta", Name: "Okta", Version: "2026.12.0", State: changes.RunAsked, Repo: d.Repo, Workflow: d.Workflow, Ref: d.Ref, Inputs: d.Inputs,
		GitHubID: id, Asked: noon}
}

func ref(id string) []byte {
	return incidents.NewEffect("", "", incidents.Ref{Run: id}).Payload
}

// TestTheOutcomeHasDifferencesFirst: errors are counted apart from failures, and come after them.
func TestTheOutcomeHasDifferencesFirst(t *testing.T) {
	h := newEnded(t, "failure", over(70, "compat", "failure", "Run", "failure"))
	h.blobs(logPath, 200, failing())
	h.keeps(artifact(5, "compat-report"))
	h.blobs(zipPath(5), 200, zipped(t, "junit.xml", `<testsuite><testcase name="list"><error message="GET /b answers 429"/></testcase><testcase name="read"><failure message="field id is missing"/></testcase><testcase name="ok"/>
		<testcase name="page"><skipped/></testcase><testcase name="more"><error message="no answer"/></testcase></testsuite>`))
	got, err := NewFollower(h.client).Outcome(t.Context(), tried(7))
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
	if got, err := NewFollower(h.client).Outcome(t.Context(), tried(7)); err == nil || got.Report != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestManyFollowAtOnce: the follower is used by several goroutines.
func TestManyFollowAtOnce(t *testing.T) {
	s := newStage(t, standin.Options{Queue: time.Hour})
	follower, run := NewFollower(s.client), tried(s.start().RunID)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if _, err := follower.Look(t.Context(), run); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestADispatchIsDoneAndFound starts a run at a server that does not tell it, and finds it once it shows.
func TestADispatchIsDoneAndFound(t *testing.T) {
	s := newStage(t, standin.Options{})
	run := tried(0)
	run.Asked = s.clock.Now()
	d := NewDispatches(s.client, (*remembered)(&run))
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

// TestTheSameTroubleHasTheSameWords: people are told of it once, however many runs wait for it.
func TestTheSameTroubleHasTheSameWords(t *testing.T) {
	h := newHub(t)
	one, other := tried(0), tried(0)
	other.ID, other.Partner, other.Name, other.Version = "req-other", "workday", "Workday", "v2"
	_, first := NewDispatches(h.client, (*remembered)(&one)).Do(t.Context(), "one", ref(one.ID), nil)
	_, second := NewDispatches(h.client, (*remembered)(&other)).Do(t.Context(), "other", ref(other.ID), nil)
	wantFailure(t, first, "permanent", "compat.yml", "compat.repo")
	if second == nil || first.Error() != second.Error() {
		t.Errorf("%v\n%v", first, second)
	}
}
