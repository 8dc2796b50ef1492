package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/partners"
)

// killPatience is longer than the others' because an attempt that was killed is settled, by Slack's own limits, only
// seventy seconds after it began; nothing here shortens that.
const killPatience = 4 * time.Minute

func TestKillStories(t *testing.T) {
	if testing.Short() {
		t.Skip("killed attempts settle after a minute; left out with -short")
	}
	tellStories(t, map[string]func(*story){
		"killed at any moment, each digest stands once": killedAtAnyMoment,
		"SIGTERM ends it within five seconds":           terminated,
	})
}

// killedAtAnyMoment kills the real program while it posts: before Slack has the message, after Slack has it and the answer
// is lost, and at moments that nobody chose.
func killedAtAnyMoment(s *story) {
	s.lasts(killPatience)
	s.excuse("hangs", "answer lost", "ratelimited", "HTTP 429", "dropped", "missing", "late")
	file := s.configFile()
	sparky := s.run(file)
	s.rounds("feed", 2, vendors.IDs()...)

	s.slack.SetFault("chat.postMessage", slack.Fault{Hang: true, Times: 1})
	s.announce(vendors.Okta)
	s.hold(s.slack.Wait(s.ctx, "an attempt", func() bool { return len(s.slack.Faults()) == 0 }))
	sparky.kill()

	sparky = s.run(file)
	s.slack.SetFault("chat.postMessage", slack.Fault{Lost: true, Times: 1})
	s.announce(vendors.GitHub)
	s.hold(s.slack.Wait(s.ctx, "a message whose answer is lost", func() bool { return len(s.slack.Messages(slack.Updates)) == 1 }))
	sparky.kill()

	for i, id := range []string{vendors.Workday, vendors.ServiceNow, vendors.Microsoft} {
		sparky = s.run(file)
		s.announce(id)
		posted := s.slack.Calls("chat.postMessage")
		s.hold(s.slack.Wait(s.ctx, "a moment to kill it", func() bool {
			return i == 2 || s.slack.Calls("chat.postMessage") > posted
		}))
		sparky.kill()
	}
	sparky = s.run(file)
	for _, id := range vendors.IDs() {
		s.told(slack.Updates, vendors.Name(id)+": 1 new entry")
	}
	s.rounds("feed", 3, vendors.IDs()...)
	sparky.terminate()
}

// announce announces something that nobody has to act on.
func (s *story) announce(partner string) {
	s.Helper()
	_, err := s.world.Partners.AnnounceFeature(partner)
	s.hold(err)
}

func terminated(s *story) {
	sparky := s.run(s.configFile())
	s.linked()
	delivery, err := s.slack.Command("ada", slack.General, "/sparky", "help")
	s.hold(err)
	if outcome, _, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("what was asked just before the end is %q, %v", outcome, err)
	}
	began := time.Now()
	sparky.terminate()
	if took := time.Since(began); took > 5*time.Second {
		s.Errorf("it ended after %v", took)
	}
	if len(s.slack.Ephemerals("ada", slack.General)) == 0 {
		s.Error("what was asked just before the end was not answered")
	}
}

// lasts gives the story more time than others.
func (s *story) lasts(d time.Duration) {
	ctx, cancel := context.WithTimeout(s.Context(), d)
	s.Cleanup(cancel)
	s.ctx = ctx
}

// configFile writes the story's configuration as a person would, and returns where it stands.
func (s *story) configFile() string {
	s.Helper()
	c := s.config
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("slack: {app_token: %q, bot_token: %q, api_url: %q}", s.world.AppToken(), s.world.BotToken(), c.Slack.APIURL)
	line("store: {url: %q}", c.Store.URL)
	line("listen: 127.0.0.1:0")
	line("schedule: {changelog: %v, status: %v, jitter: 0%%}", c.Schedule.Changelog.Std(), c.Schedule.Status.Std())
	line("triage: {controls: [%s], recover_after: %d, reopen_within: %v}", strings.Join(c.Triage.Controls, ", "), c.Triage.RecoverAfter, c.Triage.ReopenWithin.Std())
	if j := c.Jira; j != nil {
		line("jira: {url: %q, user: %q, token: %q, project: %s}", j.URL, j.User, j.Token.Reveal(), j.Project)
	}
	if o := c.Oncall; o != nil {
		line("oncall: {provider: %s, events_url: %q, routing_key: %q, slack_group: %q}", o.Provider, o.EventsURL, o.RoutingKey.Reveal(), o.SlackGroup)
	}
	if p := c.StatusPage; p != nil {
		line("status_page:\n  provider: %s\n  api_url: %q\n  page_id: %q\n  token: %q\n  publish: %s\n  components:", p.Provider, p.APIURL, p.PageID, p.Token.Reveal(), p.Publish)
		for _, feature := range slices.Sorted(maps.Keys(p.Components)) {
			line("    %s: %q", feature, p.Components[feature])
		}
	}
	if g := c.GitHub; g != nil {
		line("github: {api_url: %q, token: %q}", g.APIURL, g.Token.Reveal())
	}
	if h := c.Heartbeat; h != nil {
		line("heartbeat: {url: %q, every: %v}", h.URL.Reveal(), h.Every.Std())
	}
	line("partners:")
	for _, p := range c.Partners {
		line("  - id: %s\n    name: %s\n    affects: [%s]\n    isolation: %s", p.ID, p.Name, strings.Join(p.Affects, ", "), p.Isolation)
		line("    owner: {team: %q, jira_assignee: %q, slack_group: %q}", p.Owner.Team, p.Owner.JiraAssignee, p.Owner.SlackGroup)
		line("    changelog: [{kind: %s, url: %q}]\n    status: {url: %q}", s.world.FeedKind(p.ID), s.world.Feed(p.ID), s.world.StatusPage(p.ID))
		if p.Compat != nil && c.GitHub != nil {
			line("    compat: {repo: %s, workflow: %s}", p.Compat.Repo, p.Compat.Workflow)
		}
		line("    probes:")
		for _, probe := range p.Probes {
			writeProbe(line, probe)
		}
	}
	file := filepath.Join(s.folder, "sparky.yaml")
	s.hold(os.WriteFile(file, []byte(b.String()), 0o600))
	return file
}

func writeProbe(line func(string, ...any), c partners.ProbeConfig) {
	line("      - {id: %s, kind: %s, every: %v, timeout: %v, priority: %s", c.ID, c.Kind, c.Every.Std(), c.Timeout.Std(), c.Priority)
	for key, value := range map[string]string{"url": cmp.Or(c.URL, c.Webhook.Reveal()), "base_url": c.BaseURL, "tenant": c.Tenant, "table": c.Table} {
		if value != "" {
			line("         , %s: %q", key, value)
		}
	}
	if a := c.Auth; a != nil {
		switch {
		case a.Basic != nil:
			line("         , auth: {basic: {user: %q, password: %q}}", a.Basic.User, a.Basic.Password.Reveal())
		case a.Header != nil:
			line("         , auth: {header: {name: %q, value: %q}}", a.Header.Name, a.Header.Value.Reveal())
		case a.OAuth2 != nil:
			o := a.OAuth2
			scopes := ""
			for _, scope := range o.Scopes {
				scopes += fmt.Sprintf("%q, ", scope)
			}
			line("         , auth: {oauth2: {token_url: %q, client_id: %q, client_secret: %q, refresh_token: %q, scopes: [%s]}}",
				o.TokenURL, o.ClientID, o.ClientSecret.Reveal(), o.RefreshToken.Reveal(), scopes)
		default:
			line("         , auth: {bearer: %q}", a.Bearer.Reveal())
		}
	}
	line("        }")
}

// process is the real program.
type process struct {
	*exec.Cmd
	story *story
	out   *os.File
}

// run starts the real program and waits until it says that it watches.
func (s *story) run(file string) *process {
	s.Helper()
	return s.runAs("sparky", file)
}

// runAs is run for a program of another version.
func (s *story) runAs(name, file string) *process {
	s.Helper()
	return s.runIn(name, file)
}

// runIn is runAs with more in its environment, each NAME=value.
func (s *story) runIn(name, file string, env ...string) *process {
	s.Helper()
	read, write, err := os.Pipe()
	s.hold(err)
	// The test binary stands in PATH as sparky, and is the program under that name: see TestMain.
	cmd := exec.CommandContext(s.ctx, name, "run", "--config", file)
	cmd.Stdout, cmd.Stderr, cmd.Env = write, s.logs, append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	s.hold(cmd.Start())
	s.hold(write.Close())
	p := &process{Cmd: cmd, story: s, out: read}
	s.Cleanup(func() { _ = p.out.Close() })
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil || !strings.Contains(line, "Sparky watches 5 partners") {
		s.Fatalf("it says %q, %v\n%s", line, err, s.logs.tail())
	}
	return p
}

// kill ends the program at once, as a machine that loses its power.
func (p *process) kill() {
	p.story.Helper()
	p.story.excuse(cutOffMidway)
	p.story.hold(p.Process.Kill())
	_ = p.Wait() // it was killed, and says so
}

// terminate asks the program to end, as a service manager does.
func (p *process) terminate() {
	p.story.Helper()
	p.story.hold(p.Process.Signal(syscall.SIGTERM))
	if err := p.Wait(); err != nil {
		p.story.Errorf("it ended with %v\n%s", err, p.story.logs.tail())
	}
}
