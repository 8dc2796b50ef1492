package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
)

// listening is a systemd that notes what it is told, and a Sparky that is as the test says.
type listening struct {
	mu     sync.Mutex
	health commands.Health
	words  []string
	fails  error
}

func (l *listening) tell(state string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.words = append(l.words, strings.Split(state, "\n")...)
	return l.fails == nil, l.fails
}

func (l *listening) look(context.Context) commands.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.health
}

func (l *listening) is(h commands.Health) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.health = h
}

// heard is what was told since it was last asked for.
func (l *listening) heard() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	said := l.words
	l.words = nil
	return said
}

// supervised starts a supervisor over a Sparky in that state; the function that it returns ends it.
func supervised(l *listening) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &supervisor{tell: l.tell, look: l.look, log: slog.New(slog.DiscardHandler), every: 10 * time.Second}
	ended := make(chan struct{})
	go func() { s.run(ctx); close(ended) }()
	return func() { cancel(); <-ended }
}

func wantWords(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: systemd is told %q, want %q", what, got, want)
	}
}

func pass(d time.Duration) { <-time.After(d) }

func TestSystemdIsToldWhenItHasStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listening{health: commands.Health{Problem: "it is connecting\nto Slack"}}
		end := supervised(l)
		pass(time.Second)
		wantWords(t, "at first", l.heard(), "STATUS=Starting", "STATUS=Not ready: it is connecting to Slack")
		l.is(commands.Health{LinksUp: 1})
		pass(startingEvery)
		wantWords(t, "with Slack", l.heard(), "READY=1", "STATUS=Well", "WATCHDOG=1")
		pass(20 * time.Second)
		wantWords(t, "as long as it lives", l.heard(), "WATCHDOG=1", "WATCHDOG=1")
		l.is(commands.Health{Problem: "no link to Slack", Ill: []commands.Illness{{Kind: commands.IllLink}}})
		pass(10 * time.Second)
		wantWords(t, "without Slack, which no restart brings back", l.heard(), "STATUS=Not ready: no link to Slack", "WATCHDOG=1")
		end()
		wantWords(t, "at the end", l.heard(), "STOPPING=1", "STATUS=Finishing what is under way")
	})
}

func TestItHasStartedThoughSlackIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listening{health: commands.Health{Problem: "no link"}}
		defer supervised(l)()
		pass(startedAnyway - time.Second)
		if said := l.heard(); slices.Contains(said, "READY=1") || slices.Contains(said, "WATCHDOG=1") {
			t.Errorf("it has started too soon: %q", said)
		}
		pass(2 * time.Second)
		if said := l.heard(); !slices.Contains(said, "READY=1") {
			t.Errorf("it has not started: %q", said)
		}
	})
}

func TestTheWatchdogIsNotFedWhereARestartMends(t *testing.T) {
	ill := func(kinds ...commands.IllnessKind) (h commands.Health) {
		for _, kind := range kinds {
			h.Ill = append(h.Ill, commands.Illness{Kind: kind})
		}
		return h
	}
	away := ill(commands.IllJobs)
	away.Database.Problem = "nobody answers there"
	for name, c := range map[string]struct {
		health commands.Health
		mends  bool
	}{
		"well":                       {ill(), false},
		"jobs do not come round":     {ill(commands.IllJobs), true},
		"no lease":                   {ill(commands.IllEffects, commands.IllLease), true},
		"Slack is away":              {ill(commands.IllLink), false},
		"Jira is away":               {ill(commands.IllEffects), false},
		"the database is away":       {ill(commands.IllDatabase, commands.IllJobs, commands.IllLease), false},
		"the database is away since": {away, false},
		"a flood of commands":        {ill(commands.IllQueue), false},
	} {
		if got := mendedByRestart(c.health); got != c.mends {
			t.Errorf("%s: a restart mends it: %v", name, got)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		l := &listening{health: commands.Health{LinksUp: 1}}
		defer supervised(l)()
		l.heard()
		h := ill(commands.IllJobs)
		h.LinksUp = 1
		l.is(h)
		pass(time.Minute)
		wantWords(t, "ill of its jobs", l.heard())
	})
}

func TestNobodyListens(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	looked := false
	newSupervisor(func(context.Context) commands.Health { looked = true; return commands.Health{} }, slog.New(slog.DiscardHandler)).run(t.Context())
	if looked {
		t.Error("it looks, though nobody asked")
	}
	synctest.Test(t, func(t *testing.T) { // one who cannot be told now may be told later
		l := &listening{fails: errors.New("no buffer"), health: commands.Health{LinksUp: 1}}
		defer supervised(l)()
		l.heard()
		pass(10 * time.Second)
		wantWords(t, "again", l.heard(), "WATCHDOG=1")
	})
}

// TestARealSocketIsTold is the same over the socket of sd_notify(3).
func TestARealSocketIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "2000000")
	t.Setenv("WATCHDOG_PID", "")
	s := newSupervisor(func(context.Context) commands.Health { return commands.Health{LinksUp: 2} }, slog.New(slog.DiscardHandler))
	if s.every != 500*time.Millisecond {
		t.Errorf("a watchdog of 2 s is fed every %v", s.every)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	go func() { s.run(ctx); close(ended) }()
	buffer := make([]byte, 1024)
	for _, want := range []string{"STATUS=Starting", "READY=1\nSTATUS=Well\nWATCHDOG=1", "WATCHDOG=1", "STOPPING=1"} {
		if want == "STOPPING=1" {
			cancel()
		}
		n, err := socket.Read(buffer)
		if err != nil || !strings.HasPrefix(string(buffer[:n]), want) {
			t.Errorf("systemd is told %q, %v, want %q", buffer[:n], err, want)
		}
	}
	<-ended
}
