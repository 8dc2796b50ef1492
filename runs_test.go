package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/bot"
	"sparky/changes"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/ours/githubactions"
	"sparky/store"
)

func TestWithoutGitHubNothingIsTried(t *testing.T) {
	w, err := newWorkshop(Config{}, nil, nil, time.Now)
	if err != nil || w.open() || w.trier() != nil {
		t.Fatalf("%+v can start something, %v", w, err)
	}
	routes := w.routes(bot.NewPoster(nil, nil), "#updates", nil, nil, func(s string) string { return s }, time.Now)
	for _, kind := range []string{changes.EffectDispatch, changes.EffectTrial, incidents.EffectRun} {
		if routes[kind].Performer == nil {
			t.Errorf("nobody takes a %s that was recorded before", kind)
		}
	}
}

func TestAWorkshopIsOfTheConfiguration(t *testing.T) {
	memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	client := httpcall.New(httpcall.Options{})
	_, err = newWorkshop(Config{GitHub: &githubactions.Config{App: &githubactions.App{ID: 1, InstallationID: 2, PrivateKey: setting.NewSecret("no key")}}}, client, memory, time.Now)
	if err == nil || !strings.Contains(err.Error(), "signing in to GitHub") || strings.Contains(err.Error(), "no key") {
		t.Errorf("a key that is none: %v", err)
	}
	w, err := newWorkshop(Config{GitHub: &githubactions.Config{APIURL: "https://github.example", Token: setting.NewSecret("t")}}, client, memory, time.Now)
	if err != nil || w.trier() == nil {
		t.Fatalf("%+v, %v", w, err)
	}
	route := w.routes(bot.NewPoster(nil, nil), "#updates", memory, nil, func(s string) string { return s }, time.Now)[changes.EffectDispatch]
	if route.Settle < route.Timeout+30*time.Second || route.Patience > 10*time.Minute {
		t.Errorf("a dispatch is settled after %v and told of after %v", route.Settle, route.Patience)
	}
	jobs := (&sparky{workshop: w}).runJobs()
	if len(jobs) != 1 || jobs[0].Every != followEvery || jobs[0].Run(t.Context()) != nil {
		t.Errorf("the jobs are %+v", jobs)
	}
}

// TestAVerdictThatCannotBeRead is kept and told, and never taken for something that may have happened.
func TestAVerdictThatCannotBeRead(t *testing.T) {
	_, err := trials{}.Do(t.Context(), "compat-okta-1/trial", []byte("no"), nil)
	var refusal *httpcall.Refusal
	if !errors.As(err, &refusal) || !refusal.Lasts || !strings.Contains(err.Error(), "compat-okta-1/trial") {
		t.Errorf("got %v", err)
	}
	if _, found, err := (trials{}).Find(t.Context(), "", nil); found || err != nil {
		t.Errorf("found %t, %v", found, err)
	}
}

// TestWhatCannotBeNotedIsNotDone: GitHub has the run, and the run cannot learn of it. The dispatch is of unknown outcome
// then, and what looks for it brings the run to know.
func TestWhatCannotBeNotedIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBetas(t, hourOptions{})
		run, _, err := b.program.workshop.desk.Start(b.ctx, *b.partner(vendors.Okta), harmless, "ada", nil)
		b.hold(err)
		synctest.Wait()
		d := dispatching{b.program.workshop.dispatches, b.program.workshop.desk}
		if err := d.taken(b.ctx, []byte("no"), []byte("{}")); err == nil || !strings.Contains(err.Error(), "which compatibility run was started") {
			t.Errorf("a payload that is none: %v", err)
		}
		payload := incidents.NewEffect("", "", incidents.Ref{Run: run.ID}).Payload
		if err := d.taken(b.ctx, payload, []byte("no")); err == nil || !strings.Contains(err.Error(), run.ID) {
			t.Errorf("a result that is none: %v", err)
		}
		<-time.After(5 * time.Second)
		result, found, err := d.Find(b.ctx, "key", payload)
		if err != nil || !found || !strings.Contains(string(result), "github_id") {
			t.Errorf("found %s, %t, %v", result, found, err)
		}
		b.until(5 * time.Minute)
		if known := b.known(); len(known) != 1 || known[0].State != changes.RunPassed || len(b.world.Actions.Runs()) != 1 {
			t.Errorf("known %+v", known)
		}
		b.ends()
	})
}
