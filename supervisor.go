package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"sparky/commands"
)

// supervisor tells systemd how Sparky is, where systemd started it and asks for that (Type=notify, WatchdogSec=): that it
// has started, what it cannot do, that it lives, and that it ends. See sd_notify(3).
type supervisor struct {
	tell func(state string) (heard bool, err error)
	look func(ctx context.Context) commands.Health
	log  *slog.Logger
	// every is from word to word once it has started.
	every time.Duration
}

const (
	// startedAnyway is after how long Sparky has started although Slack has not been reached: it calls on-call and opens
	// tickets without, and a start that systemd gives up as failed would not even do that. It is half of what systemd waits.
	startedAnyway = 45 * time.Second
	// startingEvery is from look to look until then.
	startingEvery = 250 * time.Millisecond
	// tellEvery is how old what systemctl status shows may be.
	tellEvery = 10 * time.Second
)

// newSupervisor is the one by the environment of this process.
func newSupervisor(look func(ctx context.Context) commands.Health, log *slog.Logger) *supervisor {
	s := &supervisor{look: look, log: log, every: tellEvery,
		tell: func(state string) (bool, error) { return daemon.SdNotify(false, state) }}
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("the watchdog of systemd is not fed, because its setting cannot be read", "error", err)
	}
	if watchdog > 0 {
		s.every = min(s.every, watchdog/4)
	}
	return s
}

// run tells until ctx is done, and at once ends where nobody listens.
func (s *supervisor) run(ctx context.Context) {
	if !s.say("STATUS=Starting") {
		return
	}
	began, started, shown := time.Now(), false, ""
	for {
		wait := startingEvery
		h := s.look(ctx)
		if ctx.Err() == nil {
			var words []string
			if !started && (h.LinksUp > 0 && h.Database.Problem == "" || time.Since(began) >= startedAnyway) {
				started = true
				words = append(words, "READY=1")
			}
			if status := statusWords(h); status != shown {
				shown = status
				words = append(words, "STATUS="+status)
			}
			if started {
				wait = s.every
				if !mendedByRestart(h) {
					words = append(words, "WATCHDOG=1")
				}
			}
			if len(words) > 0 {
				s.say(strings.Join(words, "\n"))
			}
		}
		select {
		case <-ctx.Done():
			s.say("STOPPING=1\nSTATUS=Finishing what is under way")
			return
		case <-time.After(wait):
		}
	}
}

// say tells systemd something, and tells whether there is anybody to hear it. That it could not be told is no reason to end.
func (s *supervisor) say(state string) bool {
	heard, err := s.tell(state)
	if err != nil {
		s.log.Warn("systemd could not be told how Sparky is", "error", err)
	}
	return heard || err != nil
}

// statusWords are one line for systemctl status.
func statusWords(h commands.Health) string {
	if h.Problem == "" {
		return "Well"
	}
	return strings.Join(strings.Fields(fmt.Sprintf("Not ready: %s", h.Problem)), " ")
}

// mendedByRestart tells that Sparky is ill of something that a new process would not be: what comes round does not, though
// the database is well. Slack that cannot be reached, or a full disk, are none of that.
func mendedByRestart(h commands.Health) bool {
	has := func(kind commands.IllnessKind) bool {
		return slices.ContainsFunc(h.Ill, func(i commands.Illness) bool { return i.Kind == kind })
	}
	return (has(commands.IllJobs) || has(commands.IllLease)) && !has(commands.IllDatabase) && h.Database.Problem == ""
}
