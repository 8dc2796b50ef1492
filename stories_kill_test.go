package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
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
	var b strings.Builder
	fmt.Fprintf(&b, "slack: {app_token: %q, bot_token: %q, api_url: %q}\n", s.world.AppToken(), s.world.BotToken(), s.world.SlackAPI())
	fmt.Fprintf(&b, "store: {url: %q}\nlisten: 127.0.0.1:0\nschedule: {changelog: 1s, status: 1s}\npartners:\n", s.config.Store.URL)
	for _, p := range s.config.Partners {
		fmt.Fprintf(&b, "  - id: %s\n    name: %s\n    changelog: [{kind: %s, url: %q}]\n    status: {url: %q}\n",
			p.ID, p.Name, s.world.FeedKind(p.ID), s.world.Feed(p.ID), s.world.StatusPage(p.ID))
	}
	file := filepath.Join(s.folder, "sparky.yaml")
	s.hold(os.WriteFile(file, []byte(b.String()), 0o600))
	return file
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
	read, write, err := os.Pipe()
	s.hold(err)
	// The test binary stands in PATH as sparky, and is the program under that name: see TestMain.
	cmd := exec.CommandContext(s.ctx, "sparky", "run", "--config", file)
	cmd.Stdout, cmd.Stderr = write, s.logs
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
