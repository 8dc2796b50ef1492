package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sparky/bot"
	"sparky/incidents"
	"sparky/scheduler"
)

// keeper is what remembers, and says when it cannot.
type keeper interface {
	Problem() (words string, since time.Time)
	Troubles(ctx context.Context) ([]incidents.Trouble, error)
}

// vitals tells people when the database cannot be written. That cannot go by way of a recorded effect.
type vitals struct {
	memory keeper
	alerts scheduler.Performer // posts bot.Trouble payloads
	log    *slog.Logger
}

const (
	// lossEvery is how often the database is asked for; its trouble is told once it has lasted for longer than a busy
	// moment.
	lossEvery   = 5 * time.Second
	lossPatient = 30 * time.Second
)

// watch tells of each time that the database cannot be written once, until ctx is done.
func (v vitals) watch(ctx context.Context) {
	tick := time.NewTicker(lossEvery)
	defer tick.Stop()
	var told time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		words, since := v.memory.Problem()
		switch {
		case words == "" && !told.IsZero():
			v.log.Info("the database can be written again")
			told = time.Time{}
		case words != "" && told.IsZero() && time.Since(since) >= lossPatient:
			v.log.Error("the database cannot be written", "since", since, "problem", words)
			told = v.tell(ctx, words, since)
		}
	}
}

// tell is when it was told, zero where it could not be.
func (v vitals) tell(ctx context.Context, words string, since time.Time) time.Time {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	effect := incidents.NewEffect(bot.EffectTrouble, fmt.Sprintf("database/%d", since.UnixNano()), bot.Trouble{Problem: words, Since: since})
	if _, err := v.alerts.Do(ctx, effect.Key, effect.Payload, nil); err != nil {
		v.log.Warn("people could not be told that the database cannot be written; it is tried again", "error", err)
		return time.Time{}
	}
	return time.Now()
}

// Troubles are the effects that wait for people, and before them that nothing can be kept.
func (v vitals) Troubles(ctx context.Context) ([]incidents.Trouble, error) {
	troubles, err := v.memory.Troubles(ctx)
	if words, since := v.memory.Problem(); words != "" {
		troubles = append([]incidents.Trouble{{Kind: "database", Problem: words, Attempts: 1, Since: since}}, troubles...)
		err = nil
	}
	return troubles, err
}
