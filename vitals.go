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
	// leads tells that this replica leads, or did when the database went; nil where there are no others.
	leads func() bool
}

const (
	// lossEvery is how often the database is asked for; its trouble is told once it has lasted for longer than a busy
	// moment.
	lossEvery   = 5 * time.Second
	lossPatient = 30 * time.Second
	// lossLeft is how much longer a replica that does not lead leaves the telling to the one that does, and lossSame within
	// how long of each other the troubles of two replicas are one: each has seen it begin at a moment of its own.
	lossLeft = 30 * time.Second
	lossSame = 10 * time.Minute
)

// patience is how long the trouble has to last before it is told here.
func (v vitals) patience() time.Duration {
	if v.leads == nil || v.leads() {
		return lossPatient
	}
	return lossPatient + lossLeft
}

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
		case words != "" && told.IsZero() && time.Since(since) >= v.patience():
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
	if v.leads != nil {
		effect.Key = sharedKey(since)
		for _, at := range []time.Time{since, since.Add(-lossSame), since.Add(lossSame)} {
			// That it cannot be looked for is no reason to keep it from people.
			if _, found, err := v.alerts.Find(ctx, sharedKey(at), effect.Payload); err == nil && found {
				return time.Now()
			}
		}
	}
	if _, err := v.alerts.Do(ctx, effect.Key, effect.Payload, nil); err != nil {
		v.log.Warn("people could not be told that the database cannot be written; it is tried again", "error", err)
		return time.Time{}
	}
	return time.Now()
}

// sharedKey is under which key replicas tell of a trouble that began at about that time.
func sharedKey(since time.Time) string {
	return fmt.Sprintf("database/%d", since.Truncate(lossSame).Unix())
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
