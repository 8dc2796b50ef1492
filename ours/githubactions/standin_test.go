package githubactions

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/openapi"
	"sparky/fixtures/world/clock"
	standin "sparky/fixtures/world/github"
	"sparky/internal/setting"
)

// lag is how long a run stays unseen in lists on the stage.
const lag = 3 * time.Second

// stage is a GitHub with one workflow, and a client of it.
type stage struct {
	*standin.Service
	t      testing.TB
	clock  *clock.Manual
	api    string
	client *Client
}

func newStage(t testing.TB, options standin.Options, change ...func(*Config)) *stage {
	t.Helper()
	s := &stage{t: t, clock: clock.NewManual(time.Now().Truncate(time.Second))}
	options.Clock, options.Lag = s.clock, lag
	s.Service = standin.New(options)
	api, web := httptest.NewServer(s.Handler()), httptest.NewServer(s.WebHandler())
	s.api = api.URL
	s.SetAddresses(api.URL, web.URL)
	s.AddWorkflow("acme", "integrations", "compat.yml", "compat ${{ inputs.partner }} ${{ inputs.api_version }} [${{ inputs.request_id }}]",
		standin.Inputs("partner!", "api_version!", "request_id!", "suite"))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		api.Close()
		web.Close()
		s.judge()
	})
	config := Config{APIURL: api.URL, Token: setting.NewSecret(standin.Token)}
	for _, f := range change {
		f(&config)
	}
	auth, err := config.Auth(s.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.client = New(config, quickClient().With("github", auth), s.clock.Now)
	return s
}

// judge holds what was asked to GitHub's own description, where that is on this machine.
func (s *stage) judge() {
	const file = "../../../shared/data/openapi/github.json"
	if _, err := os.Stat(file); err != nil {
		return
	}
	checker, err := openapi.Load(file)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range s.Journal() {
		if e.Status == 0 || e.Status >= 400 {
			continue
		}
		if err := checker.Check(openapi.Request{Method: e.Method, Path: e.Path, Header: e.Header, Body: e.Body}); err != nil {
			s.t.Errorf("GitHub's description does not allow what was asked: %v", err)
		}
	}
}

func (s *stage) start() Started {
	s.t.Helper()
	started, err := s.client.Start(s.t.Context(), sample())
	if err != nil {
		s.t.Fatal(err)
	}
	return started
}

func (s *stage) find() (Started, bool) {
	s.t.Helper()
	found, ok, err := s.client.FindRun(s.t.Context(), repo, "compat.yml", "req-7f3a", s.clock.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return found, ok
}

func (s *stage) look(id int64, seen Seen) (Progress, Seen) {
	s.t.Helper()
	progress, seen, err := s.client.Look(s.t.Context(), repo, id, seen)
	if err != nil {
		s.t.Fatal(err)
	}
	return progress, seen
}

// suiteFails is a run whose second job fails, with a report.
func suiteFails(context.Context, standin.Dispatch) standin.Outcome {
	return standin.Outcome{
		Jobs: []standin.Job{
			{Name: "build", Steps: []standin.Step{{Name: "Check out", Log: "Fetching the repository"}}},
			{Name: "suite", Steps: []standin.Step{{Name: "Run the suite", Conclusion: standin.Failure,
				Log: "\x1b[31mfield result.sys_id is missing\x1b[0m\n##[error]1 of 2 checks failed"}, {Name: "Upload the report"}}},
		},
		Files: map[string][]byte{"junit.xml": []byte(good), "notes/a.txt": []byte("a")},
	}
}

// TestARunFromItsStartToItsVerdict follows a run that fails, step by step.
func TestARunFromItsStartToItsVerdict(t *testing.T) {
	s := newStage(t, standin.Options{Execute: suiteFails})
	started := s.start()
	if run, ok := s.Run(started.RunID); !ok || run.Title != "compat okta 2026.12.0 [req-7f3a]" || run.Inputs["suite"] != "okta" || started.URL == "" {
		t.Fatalf("started %+v: %+v", started, run)
	}
	progress, seen := s.look(started.RunID, Seen{})
	if progress.Status != standin.Queued || progress.URL != started.URL {
		t.Errorf("first %+v", progress)
	}
	var story []string
	for range 20 {
		s.clock.Advance(time.Second / 2)
		if progress, seen = s.look(started.RunID, seen); progress.Unchanged || progress.Status != StatusInProgress {
			continue
		}
		story = append(story, fmt.Sprintf("%s %d/%d", progress.Current, progress.Done, progress.Total))
	}
	last, _ := s.look(started.RunID, Seen{})
	if last.Status != StatusCompleted || last.Conclusion != "failure" || last.RunAttempt != 1 || last.StartedAt.IsZero() {
		t.Errorf("last %+v", last)
	}
	if told := strings.Join(story, ", "); !strings.Contains(told, "build: Check out 1/") || !strings.Contains(told, "suite: Run the suite 4/") || len(story) < 5 {
		t.Errorf("told %s", told)
	}
	verdict, err := s.client.Verdict(t.Context(), repo, started.RunID)
	if err != nil || verdict.Conclusion != "failure" || len(verdict.Failed) != 1 || len(verdict.Notes) != 0 {
		t.Fatalf("got %+v, %v", verdict, err)
	}
	failed := verdict.Failed[0]
	if failed.Name != "suite" || failed.Steps[0] != "Run the suite" || failed.Log[len(failed.Log)-1] != "Error: 1 of 2 checks failed" || failed.Log[len(failed.Log)-2] != "field result.sys_id is missing" {
		t.Errorf("failed %+v", failed)
	}
	if verdict.Report == nil || verdict.Report.Tests != 2 || verdict.Report.Failures != 1 {
		t.Errorf("the report is %+v", verdict.Report)
	}
}

// TestFollowingCostsNothingWhileNothingHappens holds that the limit is not used up by looking.
func TestFollowingCostsNothingWhileNothingHappens(t *testing.T) {
	s := newStage(t, standin.Options{Queue: time.Second, Step: time.Hour})
	id := s.start().RunID
	_, seen := s.look(id, Seen{})
	for _, status := range []string{"queued", "running"} {
		used := s.Used(standin.Token)
		for range 50 {
			if progress, _ := s.look(id, seen); !progress.Unchanged {
				t.Fatalf("%s: %+v", status, progress)
			}
		}
		if now := s.Used(standin.Token); now != used {
			t.Errorf("%s: %d requests were counted", status, now-used)
		}
		s.clock.Advance(2 * time.Second)
		_, seen = s.look(id, seen)
	}
}

func TestServersThatDoNotTellTheRun(t *testing.T) {
	for _, status := range []int{400, 422} {
		s := newStage(t, standin.Options{})
		s.SetOlder(status)
		if started := s.start(); started.RunID != 0 {
			t.Errorf("%d: started %+v", status, started)
		}
		if found, ok := s.find(); ok {
			t.Errorf("%d: found %+v before it shows", status, found)
		}
		s.clock.Advance(lag)
		if found, ok := s.find(); !ok || found.RunID != s.Runs()[0].ID || found.URL == "" {
			t.Errorf("%d: found %+v, %t", status, found, ok)
		}
		if runs := len(s.Runs()); runs != 1 {
			t.Errorf("%d: %d runs", status, runs)
		}
	}
}

func TestRunsThatComeToNothing(t *testing.T) {
	for _, ends := range []string{standin.Cancelled, standin.TimedOut, standin.StartupFailure} {
		s := newStage(t, standin.Options{})
		s.PlanNext(standin.Plan{Ends: ends})
		id := s.start().RunID
		s.clock.Advance(time.Minute)
		if progress, _ := s.look(id, Seen{}); progress.Conclusion != ends {
			t.Errorf("%s: %+v", ends, progress)
		}
		if verdict, err := s.client.Verdict(t.Context(), repo, id); err != nil || verdict.Conclusion != ends {
			t.Errorf("%s: %+v, %v", ends, verdict, err)
		}
	}
}

func TestWhatTheStandInRefuses(t *testing.T) {
	reading := newStage(t, standin.Options{}, func(c *Config) { c.Token = setting.NewSecret(standin.ReadToken) })
	_, err := reading.client.Start(t.Context(), sample())
	wantFailure(t, err, "permanent", "`actions: write`")
	s := newStage(t, standin.Options{})
	for change, says := range map[string]func(*Dispatch){
		"add colour to the workflow":             func(d *Dispatch) { d.Inputs["colour"] = "red" },
		"give partner in compat.inputs":          func(d *Dispatch) { delete(d.Inputs, "partner") },
		"compat.ref must be a branch":            func(d *Dispatch) { d.Ref = "nope" },
		"knows no workflow other.yml":            func(d *Dispatch) { d.Workflow = "other.yml" },
		"knows no workflow compat.yml in acme/x": func(d *Dispatch) { d.Repo = "acme/x" },
	} {
		d := sample()
		says(&d)
		_, err := s.client.Start(t.Context(), d)
		wantFailure(t, err, "permanent", change)
	}
	s.SetFault(standin.Fault{Limited: true, Times: 1})
	_, err = s.client.Start(t.Context(), sample())
	wantFailure(t, err, "after 1h0m0s", "fewer calls")
	if runs := len(s.Runs()); runs != 0 {
		t.Errorf("%d runs", runs)
	}
}

func TestAnAppAtTheStandIn(t *testing.T) {
	key, text, _ := newKey(t)
	s := newStage(t, standin.Options{App: &standin.App{ID: 31, Installation: 8, Key: &key.PublicKey}}, func(c *Config) {
		c.Token, c.App = setting.Secret{}, &App{ID: 31, InstallationID: 8, PrivateKey: setting.NewSecret(text)}
	})
	id := s.start().RunID
	for range 5 {
		s.look(id, Seen{})
	}
	asked := 0
	for _, e := range s.Journal() {
		if strings.HasSuffix(e.Path, "/access_tokens") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("%d tokens were asked for", asked)
	}
}

// TestWhateverGoesWrongThereIsOneRun starts a run as the dispatcher does, while GitHub fails at random: what may have
// happened is looked for before it is tried again. The limits that go-github itself keeps to are left out: its clock is the
// wall's.
func TestWhateverGoesWrongThereIsOneRun(t *testing.T) {
	faults := []standin.Fault{{Lost: true}, {Lost: true}, {Away: true}, {Status: 500}, {Status: 503}, {Status: 429, RetryAfter: 2}, {Status: 404}}
	lost, finds := 0, 0
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 3))
		s := newStage(t, standin.Options{Queue: time.Hour})
		if seed%3 == 0 {
			s.SetOlder(422)
		}
		unsettled, done, asked := false, false, s.clock.Now()
		for range 20 {
			s.clock.Advance(3 * time.Second) // longer than any limit here
			s.SetFault(standin.Fault{})
			if random.IntN(3) > 0 {
				fault := faults[random.IntN(len(faults))]
				fault.Times = 1 + random.IntN(2)
				s.SetFault(fault)
			}
			if unsettled {
				s.clock.Advance(lag)
				finds++
				_, found, err := s.client.FindRun(t.Context(), repo, "compat.yml", "req-7f3a", asked)
				if err != nil {
					continue
				}
				if done = found; done {
					break
				}
			}
			_, err := s.client.Start(t.Context(), sample())
			if done = err == nil; done {
				break
			}
			if unsettled = fate(err) == "unknown"; unsettled {
				lost++
			}
		}
		if runs := s.Runs(); !done || len(runs) != 1 {
			t.Fatalf("seed %d: done %t with %d runs", seed, done, len(runs))
		}
	}
	if lost == 0 || finds == 0 {
		t.Error("nothing was ever lost, so nothing was tested")
	}
}
