package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/changes"
	"sparky/fixtures/openapi"
	"sparky/fixtures/world"
	"sparky/fixtures/world/github"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/ours/githubactions"
)

// The betas of these stories: the first breaks us, the second does not.
const (
	breaking = "v3"
	harmless = "2026.12.0"
)

// betas is the program in a bubble, while partners announce betas.
type betas struct{ *hour }

// newBetas is the program that knows what the partners announced so far.
func newBetas(t *testing.T, o hourOptions) *betas {
	t.Helper()
	b := &betas{newHourOf(t, o)}
	b.world.Actions.SetLag(3 * time.Second)
	b.lives(time.Minute)
	return b
}

// announced lets both betas be announced.
func (b *betas) announced() {
	b.Helper()
	b.announces(vendors.ServiceNow, breaking)
	b.announces(vendors.Okta, harmless)
}

// lives lets time pass, with a look at the runs every five seconds and at what is announced every minute.
func (b *betas) lives(d time.Duration) {
	b.Helper()
	for n, end := 0, time.Now().Add(d); time.Now().Before(end); n++ {
		for _, p := range b.config.Partners {
			if n%12 == 0 && (p.ID == vendors.ServiceNow || p.ID == vendors.Okta) {
				b.hold(b.program.pollChangelog(b.ctx, p))
			}
		}
		// What cannot be asked now is asked again; that it comes to an end is what the story looks at.
		_ = b.program.workshop.desk.Follow(b.ctx)
		<-time.After(followEvery)
	}
	synctest.Wait()
}

// until lets time pass until nothing is left to do.
func (b *betas) until(most time.Duration) {
	b.Helper()
	began := time.Now()
	for time.Since(began) < most {
		b.lives(time.Minute)
		live := slices.ContainsFunc(b.known(), func(r changes.Run) bool { return r.State.Live() })
		if b.left() == 0 && !live {
			b.Logf("all was done after %v", time.Since(began))
			return
		}
	}
	b.Errorf("after %v is not done:\n%s", most, b.waiting())
}

// known are the runs that the program remembers.
func (b *betas) known() []changes.Run {
	b.Helper()
	runs, err := b.store.Runs(b.ctx, time.Time{})
	b.hold(err)
	return runs
}

// said are the messages of the channel in which betas are told of, by their keys; none may stand twice.
func (b *betas) said() map[string]slack.Message {
	b.Helper()
	all := map[string]slack.Message{}
	for _, m := range b.slack.Messages(slack.Updates) {
		key := effectKey(m)
		if _, twice := all[key]; twice || key == "" {
			b.Errorf("%q stands twice:\n%s", key, shown(m))
		}
		all[key] = m
	}
	return all
}

// judged ends the story: both betas came to their verdict in so many runs, each announced once, each run told once and
// started once, and the one that breaks us is one P2.
func (b *betas) judged(runs map[string]int) {
	b.Helper()
	started := map[string]int{}
	for _, r := range b.world.Actions.Runs() {
		started[r.Inputs["request_id"]]++
	}
	counts, verdicts := map[string]int{}, map[string]changes.RunState{}
	for _, r := range b.known() {
		counts[r.Version]++
		if verdicts[r.Version] == "" || r.Attempt > 1 {
			verdicts[r.Version] = r.State
		}
		if started[r.ID] != 1 {
			b.Errorf("%s was started %d times", r.ID, started[r.ID])
		}
	}
	if fmt.Sprint(counts) != fmt.Sprint(runs) || len(started) != len(b.known()) {
		b.Errorf("runs %v, want %v; %d at GitHub", counts, runs, len(started))
	}
	if verdicts[breaking] != changes.RunFailed || verdicts[harmless] != changes.RunPassed {
		b.Errorf("the verdicts are %v", verdicts)
	}
	b.oneP2()
	digests, told := 0, 0
	for key := range b.said() {
		switch {
		case strings.HasPrefix(key, "digest/"):
			digests++
		case strings.HasPrefix(key, "run/"):
			told++
		}
	}
	if digests != 2 || told != len(b.known()) {
		b.Errorf("%d digests and %d messages of %d runs", digests, told, len(b.known()))
	}
	b.ends()
}

// oneP2 holds that there is one ticket, about the version that breaks us.
func (b *betas) oneP2() {
	b.Helper()
	issues := b.world.Jira.Issues()
	if len(issues) != 1 || issues[0].Priority != "High" || idOf(issues[0].Labels...) != incidents.TrialIncident(vendors.ServiceNow, breaking) {
		b.Errorf("the tickets are %v", brief(issues))
		return
	}
	called := 0
	for _, m := range b.slack.Messages(slack.Updates) {
		if slices.Contains(mentions(m), ownersGroup) {
			called++
		}
	}
	if called != 1 {
		b.Errorf("its owners are mentioned %d times", called)
	}
	said := map[string]bool{}
	for _, c := range issues[0].Comments {
		if said[c.Text] {
			b.Errorf("%s is told twice: %s", issues[0].Key, c.Text)
		}
		said[c.Text] = true
	}
}

// ends holds every request to the vendors' descriptions and ends the program.
func (b *betas) ends() {
	b.Helper()
	b.judgeRequests()
	b.keepsSecrets("Slack", b.everything())
	if left := b.left(); left > 0 {
		b.Errorf("%d effects are not done:\n%s", left, b.waiting())
	}
	b.stop()
}

// TestGitHubInTrouble lets both betas be announced while something is wrong at GitHub.
func TestGitHubInTrouble(t *testing.T) {
	once, twice := map[string]int{breaking: 1, harmless: 1}, map[string]int{breaking: 2, harmless: 1}
	for name, c := range map[string]struct {
		excuse  string
		before  func(s *github.Service)
		during  func(s *github.Service) // once both runs are at GitHub
		options github.Options
		runs    map[string]int
		within  time.Duration
	}{
		"the answer of a dispatch is lost": {excuse: "github 0", runs: once, within: 5 * time.Minute,
			before: func(s *github.Service) { s.SetFault(github.Fault{Op: github.OpDispatch, Lost: true, Times: 2}) }},
		"an older server answers 400": {excuse: "github 400", runs: once, within: 5 * time.Minute, before: func(s *github.Service) { s.SetOlder(http.StatusBadRequest) }},
		"an older server answers 422": {excuse: "github 422", runs: once, within: 5 * time.Minute, before: func(s *github.Service) { s.SetOlder(http.StatusUnprocessableEntity) }},
		"the hour's requests are used up before the dispatch": {excuse: "github 403", runs: once, within: 70 * time.Minute,
			before: func(s *github.Service) { s.SetFault(github.Fault{Op: github.OpDispatch, Limited: true, Times: 1}) }},
		"the hour's requests are used up while they run": {excuse: "github 403", runs: once, within: 80 * time.Minute,
			during: func(s *github.Service) { s.SetFault(github.Fault{Op: github.OpRun, Limited: true, Times: 1}) }},
		"a secondary limit": {excuse: "github 403", runs: once, within: 10 * time.Minute,
			before: func(s *github.Service) {
				s.SetFault(github.Fault{Op: github.OpDispatch, Status: http.StatusForbidden, RetryAfter: 90, Times: 1})
			}},
		"a secondary limit that names no time": {excuse: "github 429", runs: once, within: 10 * time.Minute,
			during: func(s *github.Service) {
				s.SetFault(github.Fault{Op: github.OpRun, Status: http.StatusTooManyRequests, Times: 1})
			}},
		"the first run cannot start": {runs: twice, within: 5 * time.Minute, before: func(s *github.Service) { s.PlanNext(github.Plan{Ends: github.StartupFailure}) }},
		"the first run times out":    {runs: twice, within: 5 * time.Minute, before: func(s *github.Service) { s.PlanNext(github.Plan{Ends: github.TimedOut}) }},
		"GitHub is away for an hour before": {excuse: "github 0", runs: once, within: 80 * time.Minute, before: func(s *github.Service) {
			s.SetFault(github.Fault{Away: true})
			time.AfterFunc(time.Hour, func() { s.SetFault(github.Fault{}) })
		}},
		"GitHub is away for half an hour while they run": {excuse: "github 0", runs: once, within: 50 * time.Minute, during: func(s *github.Service) {
			s.SetFault(github.Fault{Away: true})
			time.AfterFunc(30*time.Minute, func() { s.SetFault(github.Fault{}) })
		}},
		"its reports cannot be downloaded": {excuse: "github 500", runs: once, within: 20 * time.Minute, during: func(s *github.Service) {
			s.SetFault(github.Fault{Op: github.OpJobs, Status: http.StatusInternalServerError})
			time.AfterFunc(8*time.Minute, func() { s.SetFault(github.Fault{}) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBetas(t, hourOptions{world: world.Options{Actions: c.options}})
				b.excuse(c.excuse)
				if c.before != nil {
					c.before(b.world.Actions)
				}
				b.announced()
				if c.during != nil {
					for len(b.world.Actions.Runs()) < 2 {
						b.lives(followEvery)
					}
					c.during(b.world.Actions)
				}
				b.until(c.within)
				b.leftAlone()
				b.judged(c.runs)
			})
		})
	}
}

// leftAlone holds that after an answer that asks for time nothing was asked of GitHub before that was over, but what was on
// its way in the same moment.
func (b *betas) leftAlone() {
	b.Helper()
	var told, until time.Time
	for _, e := range b.world.Actions.Journal() {
		if e.At.After(told) && e.At.Before(until) {
			b.Errorf("GitHub asked at %v for time until %v and got %s %s at %v", told, until, e.Method, e.Path, e.At)
		}
		wait := time.Minute
		switch {
		case e.Status == http.StatusForbidden && strings.Contains(e.Problem, "API rate limit"):
			wait = time.Hour
		case e.Status == http.StatusForbidden:
			wait = 90 * time.Second
		case e.Status != http.StatusTooManyRequests:
			continue
		}
		told, until = e.At, e.At.Add(wait)
	}
}

// TestARunThatIsNeverStarted waits for a runner for longer than the run may take, twice.
func TestARunThatIsNeverStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBetas(t, hourOptions{world: world.Options{Actions: github.Options{Queue: 30 * time.Hour}}})
		b.announces(vendors.Okta, harmless)
		b.until(3 * time.Hour)
		words := []string{"no verdict", "It did not end within"}
		for n, again := range []bool{false, true} {
			key := "run/" + b.known()[n].ID
			m := b.said()[key]
			if text := shown(m); !holdsAll(text, words) || strings.Contains(text, "It is tried once more.") != again {
				t.Errorf("%s says\n%s", key, text)
			}
		}
		if runs := b.world.Actions.Runs(); len(runs) != 2 || len(b.world.Jira.Issues()) != 0 {
			t.Errorf("%d runs, %d tickets", len(runs), len(b.world.Jira.Issues()))
		}
		b.ends()
	})
}

// TestFiftyRunsAtOnce has fifty versions tried at once at a GitHub that keeps to its limits.
func TestFiftyRunsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 50
		b := newBetas(t, hourOptions{world: world.Options{Actions: github.Options{Queue: time.Minute, Step: 2 * time.Minute, Points: 900, Starts: 80}}})
		b.excuse("github 403")
		b.world.Actions.SetExecute(github.Succeed)
		for n := range many {
			_, started, err := b.program.workshop.desk.Start(b.ctx, *b.partner(vendors.Okta), fmt.Sprint("v", n), slack.Operator, nil)
			if err != nil || !started {
				t.Fatal(err)
			}
		}
		b.until(2 * time.Hour)
		for _, r := range b.known() {
			if r.State != changes.RunPassed {
				t.Errorf("%s is %s: %s", r.Version, r.State, r.Reason)
			}
		}
		asked, counted := len(b.world.Actions.Journal()), b.world.Actions.Used(github.Token)
		if runs := len(b.world.Actions.Runs()); runs != many || len(b.said()) != many {
			t.Errorf("%d runs and %d messages", runs, len(b.said()))
		}
		t.Logf("%d requests to GitHub, of which %d counted in the last hour", asked, counted)
		b.ends()
	})
}

// TestManyRunsWithoutRights holds that a token that may not start workflows is told of once, with the mend.
func TestManyRunsWithoutRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBetas(t, hourOptions{tells: true})
		b.excuse("github 404")
		b.world.Actions.SetFault(github.Fault{Op: github.OpDispatch, Status: http.StatusNotFound})
		b.announced()
		b.lives(10 * time.Minute)
		troubles := b.slack.Messages(slack.Alerts)
		if len(troubles) != 1 || !holdsAll(shown(troubles[0]), []string{"starting compat.yml in acme/integrations", "compat.repo"}) {
			t.Errorf("told %d times: %s", len(troubles), b.everything())
		}
		b.world.Actions.SetFault(github.Fault{})
		b.until(5 * time.Minute)
		b.judged(map[string]int{breaking: 1, harmless: 1})
	})
}

// TestAnAppInThePlaceOfAToken has betas tried by a GitHub App, whose tokens end after an hour.
func TestAnAppInThePlaceOfAToken(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	synctest.Test(t, func(t *testing.T) {
		options := github.Options{App: &github.App{ID: 31, Installation: 8, Key: &key.PublicKey}, Queue: 50 * time.Minute, Step: 3 * time.Minute}
		b := newBetas(t, hourOptions{world: world.Options{Actions: options}, config: func(c *Config) {
			c.GitHub.Token, c.GitHub.App = setting.Secret{}, &githubactions.App{ID: 31, InstallationID: 8, PrivateKey: setting.NewSecret(text)}
			for i := range c.Partners {
				if c.Partners[i].Compat != nil {
					c.Partners[i].Compat.Timeout = setting.Duration(3 * time.Hour)
				}
			}
		}})
		b.announced()
		b.until(2 * time.Hour)
		if asked := b.world.Actions.Calls(github.OpToken); asked < 2 || asked > 4 {
			t.Errorf("%d tokens were asked for", asked)
		}
		b.judged(map[string]int{breaking: 1, harmless: 1})
	})
}

// TestStoriesHoldGitHubToItsDescription holds that what GitHub does not describe would fail a story.
func TestStoriesHoldGitHubToItsDescription(t *testing.T) {
	checker, err := descriptions()["github"]()
	if err != nil {
		t.Fatal(err)
	}
	if checker == nil {
		t.Skip("GitHub's description is not on this machine")
	}
	at := "/repos/acme/integrations/actions/workflows/compat.yml/dispatches"
	ask := func(method, path, body string) error {
		return checker.Check(openapi.Request{Method: method, Path: path, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)})
	}
	if err := ask(http.MethodPost, at, `{"ref":"main","inputs":{"partner":"okta"},"return_run_details":true}`); err != nil {
		t.Errorf("a good request: %v", err)
	}
	for name, wrong := range map[string]error{
		"no ref":           ask(http.MethodPost, at, `{"inputs":{"partner":"okta"}}`),
		"a wrong type":     ask(http.MethodPost, at, `{"ref":"main","inputs":[1]}`),
		"a wrong method":   ask(http.MethodPut, at, `{"ref":"main"}`),
		"no such path":     ask(http.MethodGet, "/repos/acme/integrations/action/runs/7", ""),
		"a wrong id":       ask(http.MethodGet, "/repos/acme/integrations/actions/runs/seven", ""),
		"a wrong query":    ask(http.MethodGet, "/repos/acme/integrations/actions/runs/7/jobs?filter=newest", ""),
		"details as words": ask(http.MethodPost, at, `{"ref":"main","return_run_details":"yes"}`),
	} {
		if wrong == nil {
			t.Errorf("%s would pass", name)
		}
	}
}
