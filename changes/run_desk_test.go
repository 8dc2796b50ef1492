package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

// runMemory remembers runs as the store does.
type runMemory struct {
	mu      sync.Mutex
	runs    []Run
	effects []incidents.Effect
	err     error
}

func (m *runMemory) DecideRuns(_ context.Context, partner string, decide func([]Run) ([]Run, []incidents.Effect, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	of := slices.DeleteFunc(slices.Clone(m.runs), func(r Run) bool { return r.Partner != partner || !r.State.Live() })
	changed, effects, err := decide(of)
	if err != nil {
		return err
	}
	for _, r := range changed {
		if i := slices.IndexFunc(m.runs, func(old Run) bool { return old.ID == r.ID }); i >= 0 {
			m.runs[i] = r
		} else {
			m.runs = append(m.runs, r)
		}
	}
	m.effects = append(m.effects, effects...)
	return nil
}

func (m *runMemory) Run(_ context.Context, id string) (Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.runs {
		if r.ID == id {
			return r, m.err
		}
	}
	return Run{}, errors.Join(ErrNoRun, m.err)
}

func (m *runMemory) Runs(context.Context, time.Time) ([]Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.runs), m.err
}

// kinds are those of the effects that were asked for since it was last called.
func (m *runMemory) kinds() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var kinds []string
	for _, e := range m.effects {
		kinds = append(kinds, e.Kind)
	}
	m.effects = nil
	slices.Sort(kinds)
	return strings.Join(kinds, " ")
}

// github answers as a test tells it to.
type github struct {
	found    RunStarted
	finds    bool
	progress RunProgress
	outcome  RunOutcome
	err      error
	outErr   error
	mu       sync.Mutex
	looks    int
}

func (g *github) Find(context.Context, Run) (RunStarted, bool, error) { return g.found, g.finds, g.err }

func (g *github) Look(context.Context, Run) (RunProgress, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looks++
	return g.progress, g.err
}

func (g *github) Outcome(context.Context, Run) (RunOutcome, error) { return g.outcome, g.outErr }

// workshop is a desk with its memory, GitHub and clock.
type workshop struct {
	*testing.T
	*runMemory
	github *github
	desk   *RunDesk
	now    time.Time
}

func newWorkshop(t *testing.T) *workshop {
	w := &workshop{T: t, runMemory: &runMemory{}, github: &github{}, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	w.desk = &RunDesk{Memory: w.runMemory, Workflows: w.github, Partners: []partners.Partner{tryable()}, Now: func() time.Time { return w.now }}
	return w
}

func tryable() partners.Partner {
	return partners.Partner{ID: "snow", Name: "ServiceNow", Owner: partners.Owner{Team: "Platform", SlackGroup: "S0PLATFORM"},
		Compat: &partners.Compat{Repo: "acme/integrations", Workflow: "compat.yml", Ref: "main", Inputs: map[string]string{"suite": "snow", "partner": "mine"}, Timeout: setting.Duration(time.Hour)}}
}

// begun is a run that GitHub has taken.
func (w *workshop) begun() Run {
	w.Helper()
	run, started, err := w.desk.Start(context.Background(), tryable(), " v3 ", "U1", nil)
	if err != nil || !started {
		w.Fatalf("%+v, %t, %v", run, started, err)
	}
	if err := w.desk.Dispatched(context.Background(), run.ID, RunStarted{GitHubID: 7, URL: "https://github.example/7"}); err != nil {
		w.Fatal(err)
	}
	return w.run(run.ID)
}

func (w *workshop) run(id string) Run {
	w.Helper()
	r, err := w.Run0(id)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// Run0 is the memory's Run, which testing.T's hides.
func (w *workshop) Run0(id string) (Run, error) { return w.runMemory.Run(context.Background(), id) }

// follows lets time pass, with a look every few seconds.
func (w *workshop) follows(d time.Duration) error {
	w.Helper()
	var err error
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(5 * time.Second) {
		err = errors.Join(err, w.desk.Follow(context.Background()))
	}
	return err
}

func TestARunIsStartedOnce(t *testing.T) {
	w := newWorkshop(t)
	first := w.begun()
	if first.State != RunQueued || first.Version != "v3" || first.GitHubID != 7 || first.Timeout != time.Hour || first.By != "U1" || first.Owner.Team != "Platform" {
		t.Errorf("got %+v", first)
	}
	want := map[string]string{"suite": "snow", "partner": "snow", "api_version": "v3", "request_id": first.ID}
	if fmt.Sprint(first.Inputs) != fmt.Sprint(want) {
		t.Errorf("it is started with %v, want %v", first.Inputs, want)
	}
	if got := w.kinds(); got != EffectDispatch+" "+incidents.EffectRun+" "+incidents.EffectRun {
		t.Errorf("asked for %q", got)
	}
	again, started, err := w.desk.Start(context.Background(), tryable(), "V3", "U2", nil)
	if err != nil || started || again.ID != first.ID {
		t.Errorf("got %+v, %t, %v", again, started, err)
	}
	other, started, err := w.desk.Start(context.Background(), tryable(), "v4", "U2", nil)
	if err != nil || !started || other.ID == first.ID {
		t.Errorf("got %+v, %t, %v", other, started, err)
	}
	untryable := tryable()
	untryable.Compat = nil
	if _, _, err := w.desk.Start(context.Background(), untryable, "v3", "U1", nil); !errors.Is(err, ErrNoWorkflow) {
		t.Errorf("got %v", err)
	}
}

func TestARunIsFollowedToItsVerdict(t *testing.T) {
	for _, c := range []struct {
		passed bool
		want   RunState
	}{{true, RunPassed}, {false, RunFailed}} {
		w := newWorkshop(t)
		run := w.begun()
		w.kinds()
		w.github.progress = RunProgress{Running: true, Doing: "compat / Run the suite", Done: 3, Total: 9}
		if err := w.desk.Follow(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := w.run(run.ID); got.State != RunRunning || got.Doing != "compat / Run the suite" || got.Total != 9 {
			t.Errorf("got %+v", got)
		}
		if got := w.kinds(); got != incidents.EffectRun {
			t.Errorf("asked for %q", got)
		}
		if err := w.follows(10 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := w.kinds(); got != "" {
			t.Errorf("where nothing changed it asked for %q", got)
		}
		if w.github.looks > 40 {
			t.Errorf("%d looks in ten minutes", w.github.looks)
		}
		w.github.progress = RunProgress{Ended: true, Passed: c.passed, Failed: !c.passed, URL: "https://github.example/7/end"}
		w.github.outcome = RunOutcome{Report: &incidents.TestReport{Tests: 12}}
		if err := w.follows(2 * time.Minute); err != nil {
			t.Fatal(err)
		}
		got := w.run(run.ID)
		if got.State != c.want || got.Ended.IsZero() || got.URL != "https://github.example/7/end" || got.Outcome.Report.Tests != 12 || got.Doing != "" {
			t.Errorf("got %+v", got)
		}
		trial := w.effects[slices.IndexFunc(w.effects, func(e incidents.Effect) bool { return e.Kind == EffectTrial })]
		if trial.Key != run.ID+"/trial" || trial.Picture || !strings.Contains(string(trial.Payload), fmt.Sprintf(`"passed":%t`, c.passed)) {
			t.Errorf("its verdict is told as %s %s", trial.Key, trial.Payload)
		}
		if got := w.kinds(); got != EffectTrial+" "+incidents.EffectRun {
			t.Errorf("asked for %q", got)
		}
	}
}

func TestARunWithoutAVerdictIsRepeatedOnce(t *testing.T) {
	w := newWorkshop(t)
	first := w.begun()
	w.github.progress = RunProgress{Ended: true, Reason: "It was cancelled at GitHub."}
	if err := w.follows(time.Minute); err != nil {
		t.Fatal(err)
	}
	got := w.run(first.ID)
	if got.State != RunNoVerdict || got.Reason != "It was cancelled at GitHub." || got.Again != first.ID+"-2" {
		t.Fatalf("got %+v", got)
	}
	second := w.run(got.Again)
	if second.State != RunAsked || second.Attempt != 2 || second.GitHubID != 0 || second.Inputs["request_id"] != second.ID || second.By != "U1" {
		t.Errorf("got %+v", second)
	}
	if err := w.desk.Dispatched(context.Background(), second.ID, RunStarted{GitHubID: 8}); err != nil {
		t.Fatal(err)
	}
	if err := w.follows(time.Minute); err != nil {
		t.Fatal(err)
	}
	if second = w.run(second.ID); second.State != RunNoVerdict || second.Again != "" || len(w.runs) != 2 {
		t.Errorf("got %+v of %d", second, len(w.runs))
	}
	for _, e := range w.effects {
		if e.Kind == EffectTrial {
			t.Error("a run without a verdict was told to the incidents")
		}
	}
}

func TestARunThatTakesTooLong(t *testing.T) {
	for name, prepare := range map[string]func(w *workshop){
		"it goes on":                func(w *workshop) { w.github.progress = RunProgress{Running: true} },
		"GitHub refuses to tell":    func(w *workshop) { w.github.err = refusal{} },
		"GitHub cannot be searched": func(w *workshop) { w.runs[0].GitHubID, w.github.err = 0, refusal{} },
		"GitHub shows no such":      func(w *workshop) { w.runs[0].GitHubID, w.github.finds = 0, false },
		"it is found, and waits": func(w *workshop) {
			w.runs[0].GitHubID, w.github.finds, w.github.found = 0, true, RunStarted{GitHubID: 9}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			run := w.begun()
			prepare(w)
			_ = w.follows(66 * time.Minute)
			if got := w.run(run.ID); got.State != RunNoVerdict || got.Reason == "" || got.Again == "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// refusal is an error that lasts.
type refusal struct{}

func (refusal) Error() string   { return "there is no such run (404)" }
func (refusal) Permanent() bool { return true }

func TestHundredsOfRunsAreFollowedSideBySide(t *testing.T) {
	w := newWorkshop(t)
	for n := range 300 {
		run, _, err := w.desk.Start(context.Background(), tryable(), fmt.Sprint("v", n), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.desk.Dispatched(context.Background(), run.ID, RunStarted{GitHubID: int64(n + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	w.github.progress = RunProgress{Ended: true, Passed: true}
	if err := w.desk.Follow(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.runs {
		if r.State != RunPassed {
			t.Fatalf("got %+v", r)
		}
	}
	if len(w.desk.looks) != 300 {
		t.Errorf("%d are remembered", len(w.desk.looks))
	}
	if err := w.desk.Follow(context.Background()); err != nil || len(w.desk.looks) != 0 {
		t.Errorf("%d are remembered after their end, %v", len(w.desk.looks), err)
	}
}

func TestTheMemoryIsAway(t *testing.T) {
	w := newWorkshop(t)
	run := w.begun()
	w.err = errors.New("the store is away")
	_, _, started := w.desk.Start(context.Background(), tryable(), "v4", "", nil)
	for _, err := range []error{started, w.desk.Dispatched(context.Background(), run.ID, RunStarted{}), w.desk.Follow(context.Background())} {
		if err == nil || !strings.Contains(err.Error(), "the store is away") {
			t.Errorf("got %v", err)
		}
	}
}

func TestAnAnnouncementAsksForEachVersionOnce(t *testing.T) {
	w := &Watcher{Now: func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }}
	finding := func(title string) Finding {
		return Finding{Entry: Classify(partners.Change{Partner: "snow", Key: title, Title: title, Body: "It is in beta now.", Link: "https://snow.example"}, w.Now())}
	}
	found := []Finding{finding("Table API v3 beta"), finding("Table API V3 beta is here"), finding("Table API v4 beta"), finding("A bug was fixed")}
	runs := w.runs(tryable(), found)
	if len(runs) != 2 || runs[0].Version == runs[1].Version || runs[0].ID == runs[1].ID || runs[0].Entry.Title != "Table API v3 beta" || runs[0].By != "" {
		t.Errorf("got %+v", runs)
	}
	untryable := tryable()
	untryable.Compat = nil
	if runs := w.runs(untryable, found); len(runs) != 0 {
		t.Errorf("got %+v", runs)
	}
}

func TestAFloodOfVersionsStartsNoFloodOfRuns(t *testing.T) {
	w := &Watcher{Now: func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }}
	var found []Finding
	for n := range 500 {
		title := fmt.Sprintf("Table API v%d.0.0-beta.%d", 2, n)
		found = append(found, Finding{Entry: Classify(partners.Change{Partner: "snow", Key: title, Title: title, Body: "It is in beta now."}, w.Now())})
	}
	if runs := w.runs(tryable(), found); len(runs) != mostRuns || runs[0].Version != "2.0.0-beta.0" && runs[0].Version != "v2.0.0-beta.0" {
		t.Errorf("%d runs, the first of %q", len(runs), runs[0].Version)
	}
}
