package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/fixtures/world/github"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/store"
)

func TestCompatKillStories(t *testing.T) {
	if testing.Short() {
		t.Skip("killed attempts settle after a minute; left out with -short")
	}
	tellStories(t, with(betasTried, map[string]func(*story){
		"killed while betas are tried, each is tried and told once": killedInTrials,
	}))
}

// killedInTrials lets betas be announced, of which one does not break us, and kills the real program again and again: at
// the moments that matter, and at those that nobody chose. One run is cancelled by hand meanwhile, and so tried twice.
func killedInTrials(s *story) {
	s.lasts(siegePatience)
	s.excuse("hangs", "answer lost", "ratelimited", "HTTP 429", "dropped", "missing", "late", "jira 0", "github 0")
	s.only()
	k := &besieged{siege: newSiege(s)}
	s.rounds("feed", 2, vendors.IDs()...)
	began := time.Now()

	k.world.Actions.SetFault(github.Fault{Op: github.OpDispatch, Hang: true, Times: 1})
	k.beta(vendors.ServiceNow, "v3")
	k.atGitHub("an attempt", func() bool { return k.world.Actions.Calls(github.OpDispatch) > 0 })
	k.kill("before GitHub has the run")

	k.world.Actions.SetFault(github.Fault{Op: github.OpDispatch, Lost: true, Times: 1})
	k.beta(vendors.Okta, "2026.12.0")
	k.atGitHub("a run whose answer is lost", func() bool { return len(k.world.Actions.Runs()) > 0 })
	k.kill("between the run and its answer")

	k.world.Jira.SetFault(jira.OpCreate, jira.Fault{Lost: true, Times: 1})
	k.beta(vendors.Workday, "v2")
	k.hold(k.world.Jira.Wait(k.ctx, "a P2", func() bool { return len(k.world.Jira.Issues()) > 0 }))
	k.kill("between the P2 and its answer")

	k.beta(vendors.Microsoft, "beta")
	k.atGitHub("a run", func() bool { return k.runOf("beta") != 0 })
	k.hold(k.world.Actions.Cancel(k.runOf("beta")))
	k.slack.SetFault("chat.update", slack.Fault{Lost: true, Times: 1})
	for range 6 {
		k.pause()
		k.kill("at any time")
	}
	k.settled()
	k.sparky.terminate()
	k.judged()
	s.Logf("%d kills, all settled after %v: %s", len(k.kills), time.Since(began).Round(time.Second), strings.Join(k.kills, ", "))
}

// besieged is the program under fire while betas are tried.
type besieged struct {
	*siege
	announced []incidents.Trial // partner and version
}

// beta lets a beta be announced.
func (k *besieged) beta(partner, version string) {
	k.Helper()
	k.announces(partner, version)
	k.announced = append(k.announced, incidents.Trial{Partner: partner, Version: version})
}

func (k *besieged) atGitHub(what string, holds func() bool) {
	k.Helper()
	k.hold(k.world.Actions.Wait(k.ctx, what, holds))
}

// runOf is the id of the first run of a version, 0 where there is none yet.
func (k *besieged) runOf(version string) int64 {
	for _, r := range k.world.Actions.Runs() {
		if r.Inputs["api_version"] == version {
			return r.ID
		}
	}
	return 0
}

// settled waits until nothing is left to do.
func (k *besieged) settled() {
	k.Helper()
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		var left, tried int
		err := k.memory.QueryRowContext(k.ctx, `select (select count(*) from effects where state <> 'done') + (select count(*) from runs where live = 1),
			(select count(distinct version) from runs)`).Scan(&left, &tried)
		if k.ctx.Err() == nil {
			k.hold(err)
		}
		if err == nil && left == 0 && tried == len(k.announced) {
			return
		}
		select {
		case <-look.C:
		case <-k.ctx.Done():
			k.Fatalf("%d effects and runs are not done, %d versions tried:\n%s\n%s", left, tried, k.waiting(), k.logs.tail())
		}
	}
}

// judged holds that each beta has one digest, one run that came to a verdict, one message for each run and, where it breaks
// us, one P2. That nothing stands twice is held at the end of every story.
func (k *besieged) judged() {
	k.Helper()
	memory, err := store.Open(k.ctx, k.config.Store.URL, store.Options{})
	k.hold(err)
	defer func() { k.hold(memory.Close()) }()
	runs, err := memory.Runs(k.ctx, time.Time{})
	k.hold(err)
	started := map[string]int{}
	for _, r := range k.world.Actions.Runs() {
		started[r.Inputs["request_id"]]++
	}
	if len(started) != len(runs) {
		k.Errorf("%d runs at GitHub, and %d are known", len(started), len(runs))
	}
	tried := map[string][]string{}
	for _, r := range slices.Backward(runs) {
		tried[r.Version] = append(tried[r.Version], string(r.State))
		if started[r.ID] != 1 {
			k.Errorf("%s was started %d times", r.ID, started[r.ID])
		}
	}
	for _, b := range k.announced {
		want := []string{string(changes.RunFailed)}
		switch b.Version {
		case "2026.12.0":
			want[0] = string(changes.RunPassed)
		case "beta":
			want = []string{string(changes.RunNoVerdict), string(changes.RunFailed)}
		}
		if !slices.Equal(tried[b.Version], want) {
			k.Errorf("%s of %s: %q, want %q", b.Version, b.Partner, tried[b.Version], want)
		}
		if want[0] != string(changes.RunPassed) {
			k.wanted["ticket "+incidents.TrialIncident(b.Partner, b.Version)] = true
		}
	}
	if issues := k.world.Jira.Issues(); len(issues) != len(k.announced)-1 {
		k.Errorf("%d tickets: %v", len(issues), brief(issues))
	}
	k.readAll(len(runs))
}

// readAll counts the messages: a digest for each announcement, one message for each run, and in the thread of each P2 its
// owners, once.
func (k *besieged) readAll(runs int) {
	k.Helper()
	k.acted[ownersGroup] = true
	counts := map[string]int{}
	for _, m := range k.slack.Messages(slack.Updates) {
		key, _, _ := strings.Cut(effectKey(m), "/")
		if strings.HasPrefix(key, "sparky-compat-") && slices.Contains(mentions(m), ownersGroup) {
			key = "owners"
		}
		counts[key]++
		k.read[m.TS] = true
	}
	p2s := len(k.announced) - 1
	if want := map[string]int{"digest": len(k.announced), "run": runs, "owners": p2s}; fmt.Sprint(counts) != fmt.Sprint(want) {
		k.Errorf("messages %v, want %v\n%s", counts, want, k.everything())
	}
}
