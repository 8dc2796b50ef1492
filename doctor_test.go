package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"

	"sparky/fixtures/world"
	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/github"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/store"
)

// outpatients is a world with the demo's configuration in it, of which nothing runs.
func outpatients(t *testing.T) (*world.World, Config) {
	t.Helper()
	w, err := world.Start(context.WithoutCancel(t.Context()), world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	config := demoConfig(w, t.TempDir())
	config.Listen = "127.0.0.1:0"
	for i := range config.Partners {
		config.Partners[i].Isolation = partners.IsolationInline // what a machine can keep workers from differs
	}
	return w, config
}

// consult has a doctor look, and gives what it says without what differs from run to run.
func consult(t *testing.T, config Config, now func() time.Time) (said string, bad bool) {
	t.Helper()
	d := newDoctor(config, now)
	defer d.Close()
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetOut(redacting{&out, setting.NewRedactor(config.Secrets()...)})
	err := printFindings(cmd, examine(t.Context(), d.looks(), func(string) {}), false)
	if err != nil && err != errBad {
		t.Fatal(err)
	}
	said = strings.ReplaceAll(out.String(), filepath.Dir(strings.TrimPrefix(config.Store.URL, "sqlite:")), "FOLDER")
	said = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`).ReplaceAllString(said, "HOST")
	return regexp.MustCompile(`[0-9]+ changes`).ReplaceAllString(said, "N changes"), err == errBad
}

// healed compares with a golden file, or writes it where that is asked for.
func healed(t *testing.T, name, said string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv(updateGolden) != "" {
		if err := os.WriteFile(file, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if said != string(want) {
		t.Errorf("it says\n%s\nand not what stands in %s", said, file)
	}
}

func TestDoctorFindsAllWell(t *testing.T) {
	w, config := outpatients(t)
	said, bad := consult(t, config, time.Now)
	healed(t, "doctor_well.txt", said)
	if bad {
		t.Error("something is said to be wrong")
	}
	if left := nothingHappened(w, config); left != "" {
		t.Errorf("a look changed something: %s", left)
	}
}

// nothingHappened tells what has changed in the world and on the disk; empty where nothing has.
func nothingHappened(w *world.World, config Config) string {
	var left []string
	for _, c := range w.Slack.Channels() {
		for _, m := range w.Slack.Messages(c.ID) {
			left = append(left, "a message in #"+c.Name+": "+m.Text)
		}
	}
	if n := len(w.Jira.Issues()); n > 0 {
		left = append(left, fmt.Sprintf("%d issues", n))
	}
	if n := len(w.Actions.Runs()); n > 0 {
		left = append(left, fmt.Sprintf("%d runs", n))
	}
	if n := len(w.Pager.Alerts()); n > 0 {
		left = append(left, fmt.Sprintf("%d alerts", n))
	}
	if n := len(w.Public.Incidents()); n > 0 {
		left = append(left, fmt.Sprintf("%d posts", n))
	}
	if n := w.NewRelic.Total(); n > 0 {
		left = append(left, fmt.Sprintf("%d events", n))
	}
	if w.Slack.Links() > 0 {
		left = append(left, "a link to Slack")
	}
	files, err := os.ReadDir(filepath.Dir(strings.TrimPrefix(config.Store.URL, "sqlite:")))
	if err != nil || len(files) > 0 {
		left = append(left, fmt.Sprintf("files %v %v", files, err))
	}
	return strings.Join(left, "; ")
}

// TestDoctorFindsTenThingsWrong has ten things wrong at once, and more that hang on them.
func TestDoctorFindsTenThingsWrong(t *testing.T) {
	w, config := outpatients(t)
	w.Slack.RefuseAppToken("missing_scope")                                                                                          // 1
	w.Slack.SetScopes(slices.DeleteFunc(slack.DefaultScopes(), func(s string) bool { return s == "users:read" })...)                 // 2
	config.Slack.Channels.Alerts = "#random"                                                                                         // 3
	config.Oncall.SlackGroup = "S0NOBODY"                                                                                            // 4
	config.Store.URL = "sqlite:" + filepath.Join(filepath.Dir(strings.TrimPrefix(config.Store.URL, "sqlite:")), "gone", "sparky.db") // 5
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	config.Listen = taken.Addr().String() // 6
	config.Jira.Priorities = maps.Clone(config.Jira.Priorities)
	config.Jira.Priorities["P2"], config.Jira.IssueType = "Urgent", "Bug"                                                          // 7, 8
	config.StatusPage.Components = map[string]string{"Meetings": "gone"}                                                           // 9
	config.NewRelic.UserKey = setting.NewSecret("NRAK-OLD-4711")                                                                   // 10, and its alerts
	w.Actions.Put(github.Workflow{Owner: world.CompatOwner, Repo: world.CompatRepo, File: world.CompatWorkflow, NoDispatch: true}) // 11
	if err := w.Partners.BreakFeed(vendors.Workday, vendors.Login); err != nil {                                                   // 12
		t.Fatal(err)
	}
	for i, p := range config.Partners {
		switch p.ID {
		case vendors.Okta:
			p.Probes[0].Auth = &partners.Auth{Bearer: setting.NewSecret("old-4712")} // 13
		case vendors.GitHub:
			config.Partners[i].Status.Components = []string{"Teleport"} // 14
		}
	}
	said, bad := consult(t, config, func() time.Time { return time.Now().Add(3*time.Minute + time.Second/2) }) // 15
	healed(t, "doctor_wrong.txt", said)
	if !bad {
		t.Error("nothing is said to be wrong")
	}
	for _, secret := range append(everySecret(w), "4711", "4712", atlassian.Token) {
		if strings.Contains(said, secret) {
			t.Errorf("it tells %s", secret)
		}
	}
}

// One refusal is told once: what needs the credential says so, and how to go on.
func TestDoctorTellsOneRefusalOnce(t *testing.T) {
	w, config := outpatients(t)
	w.Slack.RefuseBotToken("token_revoked")
	config.Jira.Token, config.GitHub.Token, config.StatusPage.Token = setting.NewSecret("a-4711"), setting.NewSecret("b-4712"), setting.NewSecret("c-4713")
	said, _ := consult(t, config, time.Now)
	for _, want := range []string{"wrong   slack.bot_token: ", "wrong   jira.token: ", "wrong   github.token: ", "wrong   status_page.token: ",
		"untried slack.channels.alerts: it needs slack.bot_token; mend slack.bot_token first\n",
		"untried jira.issue_type: it needs jira.token; mend jira.token first\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("nobody says %q", want)
		}
	}
	if n := strings.Count(said, "✗"); n != 4 {
		t.Errorf("%d things are said to be wrong:\n%s", n, said)
	}
}

func TestDoctorForPrograms(t *testing.T) {
	_, config := outpatients(t)
	config.Jira.Project = "NO"
	d := newDoctor(config, time.Now)
	defer d.Close()
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	if err := printFindings(cmd, examine(t.Context(), d.looks(), func(string) {}), true); err != errBad {
		t.Errorf("it ends with %v", err)
	}
	states := map[string]int{}
	for line := range strings.Lines(out.String()) {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.What == "" || f.Tried == "" {
			t.Fatalf("%s: %v", line, err)
		}
		states[f.State]++
		if (f.State == setting.FoundWrong) != (f.Problem != "") || (f.State == setting.FoundWell) != (f.Mend == "") {
			t.Errorf("%s", line)
		}
	}
	if states[setting.FoundWrong] != 1 || states[setting.FoundWell] < 20 {
		t.Errorf("there are %v", states)
	}
}

// What hangs ends after its ten seconds, and holds nothing else up.
func TestLooksEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context) setting.Finding {
			<-ctx.Done()
			return setting.Wrong("waiting", "it hangs", "wake it")
		}
		var looks []setting.Look
		for i := range looksAtOnce {
			looks = append(looks, setting.Look{What: fmt.Sprint("slow ", i), Try: hang})
		}
		quick := func(context.Context) setting.Finding { return setting.Well("looking") }
		looks = append(looks, setting.Look{What: "needs", Needs: "slow 0", Try: quick}, setting.Look{What: "needs more", Needs: "needs", Try: quick},
			setting.Look{What: "quick", Needs: "nothing that is there", Try: quick})
		began, told := time.Now(), 0
		found := examine(t.Context(), looks, func(string) { told++ })
		if took := time.Since(began); took != lookWithin {
			t.Errorf("it took %v", took)
		}
		for i, f := range found {
			if f.What != looks[i].What {
				t.Errorf("finding %d is of %s", i, f.What)
			}
		}
		if n := len(found); found[n-1].State() != setting.FoundWell || found[n-2].Mend != "mend slow 0 first" || found[n-3].Mend != "mend slow 0 first" {
			t.Errorf("found %+v", found[n-3:])
		}
		if told != len(looks) {
			t.Errorf("progress was told %d times", told)
		}
	})
}

func TestDoctorKnowsASparkyThatRuns(t *testing.T) {
	d := newDoctor(Config{Store: storeConfig{store.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "sparky.db")}}}, time.Now)
	defer d.Close()
	for health, want := range map[string]setting.Finding{
		`{"slack_links":2,"jobs":{},"instance":"` + d.config.Store.Instance() + `"}`: {Tried: "listening on %s: this Sparky runs, and has it"},
		`{"slack_links":2,"instance":"0123456789abcdef"}`:                            {Tried: "listening on %s", Problem: "another Sparky, with another store, has it", Mend: ownListen},
		`{"slack_links":2,"jobs":{}}`: {Tried: "listening on %s: an older Sparky has it, of which cannot be told whether it is this one",
			Mend: "stop it, or change listen, before this one is started"},
		`{"hello":"you"}`: {Tried: "listening on %s", Problem: "another program has it", Mend: "stop that, or change listen"},
	} {
		d.config.Listen = healthAt(t, http.StatusOK, health, "/healthz")
		want.Tried = strings.Replace(want.Tried, "%s", d.config.Listen, 1)
		if f := d.listen(t.Context()); f != want {
			t.Errorf("%s: found %+v", health, f)
		}
	}
	d.config.Listen = "192.0.2.1:80"
	if f := d.listen(t.Context()); f.State() != setting.FoundWrong || f.Mend == "" {
		t.Errorf("found %+v", f)
	}
}
