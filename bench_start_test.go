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

// start starts the program, waits until Slack has a link from it, and ends it. It is how long that took.
func (s *seat) start() time.Duration {
	s.Helper()
	began := time.Now()
	_, stop := s.run()
	took := time.Since(began)
	stop()
	return took
}

// run starts the program and waits until Slack has a link from it. stop ends it.
func (s *seat) run() (pid int, stop func()) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Minute)
	cmd := exec.CommandContext(ctx, s.binary, "run", "--config", filepath.Join(s.folder, "sparky.yaml"))
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		cancel()
		s.Fatal(err)
	}
	links := func(what string, are func(n int) bool) error {
		return s.world.Slack.Wait(ctx, what, func() bool { return are(s.world.Slack.Links()) })
	}
	err := links("a link", func(n int) bool { return n > 0 })
	return cmd.Process.Pid, func() {
		s.Helper()
		defer cancel()
		err := errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
		if err = errors.Join(err, links("its end", func(n int) bool { return n == 0 })); err != nil {
			s.Fatalf("%v\n%s", err, log.String())
		}
	}
}
