package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/scheduler"
)

// heartbeatConfig is the heartbeat block: the address of a dead man's switch, which raises the alarm when it is no longer
// called. The address is all that such services know their users by, so it is a secret.
type heartbeatConfig struct {
	URL   setting.Secret   `yaml:"url"`   // the address that the service shows; who knows it can give false beats
	Every setting.Duration `yaml:"every"` // how often it is called
}

// SetDefaults is called before the file is read.
func (c *heartbeatConfig) SetDefaults() { c.Every = setting.Duration(time.Minute) }

// Check tells what is wrong with the block.
func (c heartbeatConfig) Check(report setting.Report) {
	if c.URL.IsZero() {
		report.At("url").Missing("give the address that the service shows, from an environment variable: ${HEARTBEAT_URL}")
	} else if problem := setting.CheckURL(c.URL.Reveal()); problem != "" {
		report.At("url").Bad(problem)
	}
	if problem := setting.CheckAtLeast(c.Every, setting.Duration(time.Second)); problem != "" {
		report.At("every").Bad(problem)
	}
}

// heartbeat calls the address while Sparky really does its work, and does not while it is ill: whoever waits for the calls
// notices both, and also that Sparky is gone.
//
// It is a job, so of several replicas the one that runs the jobs calls for all of them: without such a one nothing is
// watched, and no call is made. That the job runs means that the lease was renewed within seconds, which is a write.
type heartbeat struct {
	config heartbeatConfig
	client *httpcall.Client
	look   func(ctx context.Context) commands.Health
	log    *slog.Logger

	mu    sync.Mutex
	state commands.HeartbeatHealth
}

// heartbeatName is what its calls go by.
const heartbeatName = "heartbeat"

// newHeartbeat is the heartbeat that is configured; nil where none is.
func newHeartbeat(config *heartbeatConfig, client *httpcall.Client, look func(ctx context.Context) commands.Health, log *slog.Logger) *heartbeat {
	if config == nil {
		return nil
	}
	return &heartbeat{config: *config, client: client.With(heartbeatName, httpcall.Auth{}), look: look, log: log}
}

// jobs is what calls the address; none where no heartbeat is configured.
func (b *heartbeat) jobs() []scheduler.Job {
	if b == nil {
		return nil
	}
	every := b.config.Every.Std()
	return []scheduler.Job{{Name: "heartbeat", Every: every, CatchUp: time.Second, FirstDue: time.Now().Add(firstBeat), Timeout: max(every, officeTimeout), Run: b.beat}}
}

// firstBeat leaves Sparky the time to connect.
const firstBeat = 3 * time.Second

// beat calls the address once, unless Sparky is ill. Why it is not called, or does not answer well, is logged when that
// changes, and shown with Sparky's health.
func (b *heartbeat) beat(ctx context.Context) error {
	h := b.look(ctx)
	switch {
	case h.LinksUp == 0 && h.Heartbeat != nil && h.Heartbeat.Last.IsZero():
		b.note("it waits until Slack is heard", false)
		return nil
	case !h.Well():
		b.note("it is held back while Sparky itself is not well", false)
		return nil
	}
	problem := b.call(ctx)
	if ctx.Err() == nil {
		b.note(problem, problem == "")
	}
	return nil
}

// call calls the address, and says what was wrong with that; nothing where the call was taken.
func (b *heartbeat) call(ctx context.Context) (problem string) {
	answer, err := b.client.Do(ctx, httpcall.Request{URL: b.config.URL.Reveal()})
	switch {
	case err != nil:
		return withoutPlace(err)
	case answer.Status < 200 || answer.Status > 299:
		return fmt.Sprintf("its address answers %d; check heartbeat.url", answer.Status)
	}
	return ""
}

// withoutPlace is what went wrong with a call, without the address: also its host says where to send false beats.
func withoutPlace(err error) string {
	if call, ok := errors.AsType[*httpcall.Error](err); ok {
		return "its address could not be called (" + string(call.Class) + "); see that this machine may reach it, and check heartbeat.url"
	}
	return "its address could not be called; check heartbeat.url"
}

// note keeps how it went.
func (b *heartbeat) note(problem string, taken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if problem != b.state.Problem {
		if problem == "" {
			b.log.Info("the heartbeat is taken again")
		} else {
			b.log.Warn("no heartbeat is given", "problem", problem)
		}
	}
	b.state.Problem = problem
	if taken {
		b.state.Last = time.Now()
	}
}

// health is how the calls go; nil where no heartbeat is configured.
func (b *heartbeat) health() *commands.HeartbeatHealth {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.state
	return &state
}
