package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sparky/partners"
	"sparky/scheduler"
)

const (
	// pulseEvery is how often this process shows itself that it runs.
	pulseEvery = time.Second
	// stillFor is by how much a pulse is late where the process stood still; a busy machine makes it late by less.
	stillFor = 2 * time.Second
	// mostRepeats is how often a run is repeated because the process stood still in it.
	mostRepeats = 2
)

// standstill knows when this process did not run: because it was stopped, its machine was suspended or moved, or others
// took all of the processor. What was waited for meanwhile looks late, and nobody outside was.
type standstill struct {
	mu    sync.Mutex
	pulse time.Time // the latest; zero before the first
	ended time.Time // of the latest time that it stood still
}

// watch feels the pulse until ctx ends, and logs when it was gone.
func (s *standstill) watch(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	for {
		if gone := s.beat(time.Now()); gone > 0 {
			log.Warn("this process stood still; probes that ran meanwhile are run again", "for", gone.Round(time.Second))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// beat is one pulse, and for how long the process stood still before it.
func (s *standstill) beat(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.pulse
	gone := s.late(now)
	s.pulse = now
	if !gone {
		return 0
	}
	s.ended = now
	return scheduler.Elapsed(before, now)
}

// late tells that the pulse is missing at that moment; s.mu is held.
func (s *standstill) late(now time.Time) bool {
	return !s.pulse.IsZero() && scheduler.Elapsed(s.pulse, now) >= pulseEvery+stillFor
}

// since tells that the process stood still at some time between a moment and now, which are both read by the clock of
// the machine.
func (s *standstill) since(began, now time.Time) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.late(now) || s.ended.After(began)
}

// repeated is the run again, where the process stood still in it: a failure may be none, and a pass did not take as long as it
// seems. A run in which that happens time after time tells nothing of the partner, unless the partner answered that it fails.
func (s *standstill) repeated(run func() (partners.ProbeResult, error)) (partners.ProbeResult, error) {
	var result partners.ProbeResult
	for range 1 + mostRepeats {
		began := time.Now()
		var err error
		if result, err = run(); err != nil || !s.since(began, time.Now()) {
			return result, err
		}
	}
	if !result.Passed() && result.Class != partners.FailSlow && result.Status > 0 {
		return result, nil
	}
	return partners.ProbeResult{Partner: result.Partner, Probe: result.Probe, At: result.At, Took: result.Took, Class: partners.FailNotTried,
		Problem: "Sparky's machine stood still while the probe ran, so it tells nothing of the partner"}, nil
}
