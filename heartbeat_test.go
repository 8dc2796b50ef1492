package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// wire answers a call, or says why there is no answer.
type wire struct {
	status int
	err    error
	calls  int
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.calls++
	if w.err != nil {
		return nil, w.err
	}
	return &http.Response{StatusCode: w.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func TestAHeartbeatIsGivenOnlyWhileSparkyIsWell(t *testing.T) {
	w := &wire{status: http.StatusOK}
	var log bytes.Buffer
	state := commands.Health{LinksUp: 2}
	client := httpcall.New(httpcall.Options{Transport: w, Retries: -1})
	var b *heartbeat
	look := func(context.Context) commands.Health { h := state; h.Heartbeat = b.health(); return h }
	b = newHeartbeat(&heartbeatConfig{URL: setting.NewSecret("https://beat.example/canary-4711"), Every: setting.Duration(60e9)}, client, look, slog.New(slog.NewTextHandler(&log, nil)))
	ill := func(h *commands.Health) {
		h.Ill = []commands.Illness{{Kind: commands.IllJobs, Words: "a job is overdue"}}
	}
	for n, step := range []struct {
		change  func(*commands.Health)
		status  int
		err     error
		calls   int // so far
		problem string
		lines   int // of the log so far
	}{
		{func(h *commands.Health) { h.LinksUp = 0 }, 200, nil, 0, "it waits until Slack is heard", 1},
		{func(h *commands.Health) {}, 200, nil, 1, "", 2},
		{func(h *commands.Health) { h.LinksUp = 0 }, 200, nil, 2, "", 2}, // a link that Slack renews
		{ill, 200, nil, 2, "it is held back while Sparky itself is not well", 3},
		{ill, 200, nil, 2, "it is held back while Sparky itself is not well", 3},
		{func(h *commands.Health) {}, 204, nil, 3, "", 4},
		{func(h *commands.Health) {}, 404, nil, 4, "its address answers 404; check heartbeat.url", 5},
		{func(h *commands.Health) {}, 0, errors.New("dial beat.example/canary-4711: no route"), 5, "its address could not be called (", 6},
	} {
		state = commands.Health{LinksUp: 2}
		step.change(&state)
		w.status, w.err = step.status, step.err
		before := b.health().Last
		if err := b.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		h := b.health()
		if w.calls != step.calls || !strings.HasPrefix(h.Problem, step.problem) || (h.Problem == "") != (step.problem == "") || strings.Count(log.String(), "\n") != step.lines {
			t.Errorf("step %d: %d calls, %q, the log is\n%s", n, w.calls, h.Problem, log.String())
		}
		if taken := !h.Last.Equal(before); taken != (step.problem == "") {
			t.Errorf("step %d: it was taken: %v", n, taken)
		}
	}
	for _, secret := range []string{"canary", "beat.example"} {
		if strings.Contains(log.String()+b.health().Problem, secret) {
			t.Errorf("%s is told: %s", secret, log.String())
		}
	}
}

// The breaker of the heartbeat's calls says which it is, and not whom it calls.
func TestTheBreakerOfTheHeartbeatKeepsItsHost(t *testing.T) {
	var log bytes.Buffer
	s := &sparky{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.breakerMoved(httpcall.Breaker{Name: heartbeatName, Host: "beat.example:443", State: httpcall.BreakerOpen})
	if got := log.String(); strings.Contains(got, "beat.example") || !strings.Contains(got, "of=heartbeat") || !strings.Contains(got, "state=open") {
		t.Errorf("the log is %q", got)
	}
	log.Reset()
	s.breakerMoved(httpcall.Breaker{Name: "jira", Host: "jira.example:443", State: httpcall.BreakerOpen})
	if got := log.String(); !strings.Contains(got, "host=jira.example:443") {
		t.Errorf("the log is %q", got)
	}
}

func TestNoHeartbeatIsNone(t *testing.T) {
	b := newHeartbeat(nil, nil, nil, nil)
	if b.jobs() != nil || b.health() != nil {
		t.Error("a heartbeat that is not configured has jobs")
	}
}
