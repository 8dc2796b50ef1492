package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// A person has written sparky.yaml with ten mistakes in it that no reading of the file can find, and asks the doctor.
func TestDoctorStory(t *testing.T) {
	w, config := outpatients(t)
	var beats atomic.Int32
	monitor := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { beats.Add(1) }))
	gone := httptest.NewServer(http.NotFoundHandler())
	defer monitor.Close()
	s := &story{T: t, ctx: t.Context(), world: w, slack: w.Slack, folder: t.TempDir(), config: config}
	s.config.GitHub, s.config.Heartbeat = config.GitHub, &heartbeatConfig{URL: setting.NewSecret(monitor.URL + beatPath), Every: setting.Duration(60e9)}
	s.config.Store.URL = "sqlite:" + filepath.Join(s.folder, "sparky.db")
	if out, status := s.doctor(); status != exitDone || strings.Contains(out, "✗") || !strings.Contains(out, "? untried heartbeat.url: connecting to its host, without calling the address: it can be reached; sparky run calls it") {
		t.Fatalf("all is well, and it ends with %d:\n%s", status, out)
	}
	gone.Close()

	s.slack.RefuseAppToken("missing_scope")
	s.slack.SetScopes(slices.DeleteFunc(slack.DefaultScopes(), func(scope string) bool { return scope == "usergroups:read" })...)
	s.config.Store.URL = "sqlite:" + filepath.Join(s.folder, "gone", "sparky.db")
	s.config.Jira.Project = "NOPE"
	s.config.GitHub.Token = setting.NewSecret("gh-canary-4711")
	s.config.StatusPage.Components = map[string]string{"Meetings": "nowhere"}
	s.config.Oncall.EventsURL = gone.URL
	s.config.Heartbeat.URL = setting.NewSecret(gone.URL + beatPath)
	s.config.Triage.Controls = []string{gone.URL}
	s.hold(w.Partners.BreakFeed(vendors.Okta, vendors.Login))
	for i := range s.config.Partners {
		if p := &s.config.Partners[i]; p.ID == vendors.ServiceNow {
			p.Probes = slices.Clone(p.Probes)
			for j := range p.Probes {
				if a := p.Probes[j].Auth; a != nil && a.Basic != nil {
					wrong, basic := *a, *a.Basic
					basic.Password = setting.NewSecret("snow-canary-4712")
					wrong.Basic = &basic
					p.Probes[j].Auth = &wrong
				}
			}
		}
	}
	out, status := s.doctor()
	if status != exitBad {
		t.Errorf("it ends with %d", status)
	}
	for _, what := range []string{"slack.app_token", "slack.bot_token scopes", "store.url", "jira.project", "github.token", "status_page.components.Meetings",
		"oncall.events_url", "heartbeat.url", "triage.controls[0]", "partners.okta.changelog", "partners.servicenow.probes.table-api"} {
		line := lineOf(out, "✗ wrong   "+what)
		_, rest, _ := strings.Cut(line, ": ")
		tried, rest, _ := strings.Cut(rest, ": ")
		problem, mend, _ := strings.Cut(rest, "; ")
		if tried == "" || problem == "" || mend == "" {
			t.Errorf("of %s it says %q: tried %q, problem %q, mend %q", what, line, tried, problem, mend)
		}
	}
	for _, not := range []string{"4711", "4712", beatPath[len("/ping/"):], "slack server error", "post: ", "Post \"", "get: ", "%!"} {
		if strings.Contains(out, not) {
			t.Errorf("it says %q:\n%s", not, out)
		}
	}
	if beats.Load() > 0 {
		t.Errorf("a look is taken for a heartbeat %d times", beats.Load())
	}
	for _, line := range s.journals() {
		if !strings.HasPrefix(line, "GET ") {
			t.Errorf("a look did this: %s", line)
		}
	}
	if left := nothingHappened(w, config); left != "" {
		t.Errorf("something was changed: %s", left)
	}
	files, err := os.ReadDir(s.folder)
	if err != nil || len(files) != 1 || files[0].Name() != "sparky.yaml" {
		t.Errorf("it leaves %v behind, %v", files, err)
	}
	s.config.Slack.APIURL = gone.URL + "/api/"
	out, _ = s.doctor()
	if line := lineOf(out, "✗ wrong   slack.bot_token: "); strings.Contains(strings.ToLower(line), "post") || !strings.Contains(line, "the connection was refused; ") {
		t.Errorf("of a Slack that is not there it says %s", line)
	}
	if t.Failed() {
		t.Log(out)
	}
}

// doctor is what `sparky doctor` prints about the story's configuration, and how it ends.
func (s *story) doctor() (string, int) {
	s.Helper()
	var out, stderr strings.Builder
	status := execute(s.ctx, []string{"doctor", "--config", s.configFile()}, lookup(nil), &out, &stderr)
	if stderr.Len() > 0 {
		s.Errorf("stderr: %s", stderr.String())
	}
	return out.String(), status
}

func lineOf(text, start string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// journals are all requests that came to any stand-in. Those that only ask begin with GET: also what has to be asked by
// POST, which are all methods of Slack, queries of NerdGraph, and access tokens.
func (s *story) journals() []string {
	var all []string
	add := func(method, where, what string, asks bool) {
		if asks {
			method = http.MethodGet
		}
		all = append(all, fmt.Sprintf("%s %s %s", method, where, what))
	}
	asks := []string{"auth.test", "apps.connections.open", "conversations.list", "conversations.info", "usergroups.list", "users.info"}
	for _, e := range s.slack.Journal() {
		add("POST", "slack", string(e.Kind)+" "+e.Method, e.Kind == slack.Request && slices.Contains(asks, e.Method))
	}
	for _, e := range s.world.Jira.Journal() {
		add(e.Method, "jira", e.Path, false)
	}
	for _, e := range s.world.Actions.Journal() {
		add(e.Method, "github", e.Path, false)
	}
	for _, e := range s.world.Pager.Journal() {
		add(e.Method, "pagerduty", e.Path, false)
	}
	for _, e := range s.world.Public.Journal() {
		add(e.Method, "statuspage", e.Path, false)
	}
	for _, e := range s.world.NewRelic.Journal() {
		add(e.Method, "new relic", e.Path+" "+e.Body, e.Events == 0 && !strings.Contains(e.Body, "mutation"))
	}
	for _, r := range s.world.Partners.Requests() {
		add(r.Method, r.Partner, r.Path, strings.HasSuffix(r.Path, "token"))
	}
	slices.Sort(all)
	return all
}
