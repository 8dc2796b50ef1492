package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/world"
)

// seat is a place for the real program, as `make build` builds it, with a year of history and a Slack to connect to.
type seat struct {
	testing.TB
	world          *world.World
	binary, folder string
}

func newSeat(tb testing.TB, binary string) *seat {
	tb.Helper()
	w, err := world.Start(context.WithoutCancel(tb.Context()), world.Options{Empty: true})
	if err != nil {
		tb.Fatal(err)
	}
	s := &seat{TB: tb, world: w, binary: binary, folder: tb.TempDir()}
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Error(err)
		}
	})
	partner := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusOK) }))
	tb.Cleanup(partner.Close)
	s.write(partner.URL)
	fillYear(tb, s.database(), time.Now())
	return s
}

func (s *seat) database() string { return "sqlite:" + filepath.Join(s.folder, "sparky.db") }

// write writes the configuration as a person would.
func (s *seat) write(partner string) {
	s.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "slack: {app_token: %q, bot_token: %q, api_url: %q}\nstore: {url: %q}\nlisten: 127.0.0.1:0\npartners:\n",
		s.world.AppToken(), s.world.BotToken(), s.world.SlackAPI(), s.database())
	for i := range yearPartners {
		fmt.Fprintf(&b, "  - id: p%d\n    name: Partner %d\n    probes:\n", i, i)
		for n := range yearProbes {
			fmt.Fprintf(&b, "      - {id: a%d, kind: http, url: %s/%d/%d, every: 5m}\n", n, partner, i, n)
		}
	}
	if err := os.WriteFile(filepath.Join(s.folder, "sparky.yaml"), []byte(b.String()), 0o600); err != nil {
		s.Fatal(err)
	}
}

// start starts the program, waits until Slack has a link from it, and ends it. It is how long that took, and how much of it
// the program had a processor.
func (s *seat) start() (took, cpu time.Duration) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary, "run", "--config", filepath.Join(s.folder, "sparky.yaml"))
	var log strings.Builder
	cmd.Stderr = &log
	began := time.Now()
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	err := s.world.Slack.Wait(ctx, "a link", func() bool { return s.world.Slack.Links() > 0 })
	took = time.Since(began)
	cpu = ticks(cmd.Process.Pid)
	err = errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
	if err == nil {
		err = s.world.Slack.Wait(ctx, "its end", func() bool { return s.world.Slack.Links() == 0 })
	}
	if err != nil {
		s.Fatalf("%v\n%s", err, log.String())
	}
	return took, cpu
}

// ticks is how long a process has had a processor, as /proc has it, in hundredths of a second; 0 where there is no /proc.
func ticks(pid int) time.Duration {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	var state string
	var user, system int64
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	if _, err := fmt.Sscan(strings.Join([]string{fields[0], fields[11], fields[12]}, " "), &state, &user, &system); err != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// BenchmarkStart is how long the program takes from its start until Slack has a link from it, with a year of history.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "sparky")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, said)
	}
	s := newSeat(b, binary)
	var took, cpu []time.Duration
	for b.Loop() {
		t, c := s.start()
		took, cpu = append(took, t), append(cpu, c)
	}
	slices.Sort(took)
	slices.Sort(cpu)
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-to-link")
	b.ReportMetric(float64(took[0].Milliseconds()), "best-ms")
	b.ReportMetric(float64(cpu[len(cpu)/2].Milliseconds()), "cpu-ms")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}
