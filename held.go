package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sparky/incidents"
	"sparky/partners"
	"sparky/scheduler"
	"sparky/store"
)

// probed is what a run of a probe found, and how our own network was at that moment.
type probed struct {
	partner partners.Partner
	probe   partners.ProbeConfig
	result  partners.ProbeResult
	reach   incidents.Reach
}

// mostHeld bounds the sightings that wait for the database. A thousand probes every minute fill it in twenty minutes, and
// some fifteen megabytes.
const mostHeld = 20000

// held are sightings that wait for the database, in their order. Beyond mostHeld the oldest are given up, and those that
// another replica has overtaken; both are counted.
type held struct {
	mu      sync.Mutex
	waiting []probed
	dropped int
}

// keep adds a probed.
func (h *held) keep(f probed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) >= mostHeld {
		h.waiting = h.waiting[1:]
		h.dropped++
	}
	h.waiting = append(h.waiting, f)
}

// behind keeps a probed where others wait already, and tells whether it did.
func (h *held) behind(f probed) bool {
	h.mu.Lock()
	empty := len(h.waiting) == 0
	h.mu.Unlock()
	if empty {
		return false
	}
	h.keep(f)
	return true
}

// take gives out the oldest probed; where it cannot be told after all it is to be given back.
func (h *held) take() (probed, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		return probed{}, false
	}
	return h.waiting[0], true
}

// told forgets the oldest probed, unless it was given up meanwhile.
func (h *held) told(f probed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 || h.waiting[0].result.At != f.result.At || h.waiting[0].result.Probe != f.result.Probe {
		return
	}
	if h.waiting = h.waiting[1:]; len(h.waiting) == 0 {
		h.waiting = nil
	}
}

// leave gives up all that waits of a probe whose latest result is newer than the oldest that waits. One of the same moment
// is our own, which was kept although the database did not come to say so.
func (h *held) leave(latest map[string]map[string]partners.ProbeResult) {
	h.mu.Lock()
	defer h.mu.Unlock()
	others := map[string]bool{} // whether a probe is another replica's by now
	still := h.waiting[:0:0]
	for _, f := range h.waiting {
		key := incidents.ProbeKey(f.result.Partner, f.result.Probe)
		if _, seen := others[key]; !seen {
			others[key] = latest[f.result.Partner][f.result.Probe].At.After(f.result.At)
		}
		if others[key] {
			h.dropped++
		} else {
			still = append(still, f)
		}
	}
	h.waiting = still
}

// counts are how many sightings wait, and how many were given up since the start.
func (h *held) counts() (waiting, dropped int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.waiting), h.dropped
}

// heldError is the error of a run whose probed waits for the database.
type heldError struct{ cause error }

func (e heldError) Error() string {
	if e.cause == nil {
		return "what it found is held in memory behind what was found before, until the database takes it"
	}
	return "what it found is held in memory until the database takes it: " + e.cause.Error()
}

// Unwrap is why it could not be kept.
func (e heldError) Unwrap() error { return e.cause }

// waits tells whether a probed that could not be kept is to be brought again: the database was away, or the run was
// called off because it was. What was found under a lease that another replica has by now is that one's to find.
func waits(ctx context.Context, err error) bool {
	if errors.Is(err, scheduler.ErrFenced) || errors.Is(context.Cause(ctx), scheduler.ErrFenced) {
		return false
	}
	return store.Away(err) || errors.Is(err, context.Canceled)
}

// bringEvery is how often the database is asked whether it takes what waits.
const bringEvery = time.Second

// bring takes what waits to the desk, as soon as the database takes it, until ctx is done.
func (r *responder) bring(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(bringEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		count, err := r.bringAll(ctx)
		if count > 0 {
			waiting, dropped := r.held.counts()
			log.Info("the database takes again what probes found", "told", count, "waiting", waiting, "given up", dropped)
		}
		if err != nil {
			log.Error("what a probe found while the database was away could not be kept", "error", err)
		}
	}
}

// bringAll tells the desk what waits, the oldest first, and then has judged what goes on. It ends where the database does not
// take the next, which goes on waiting. The problems are of what does not wait any more.
func (r *responder) bringAll(ctx context.Context) (count int, problems error) {
	judge := map[string]bool{}
	if err := r.overtaken(ctx); store.Away(err) || ctx.Err() != nil {
		return 0, nil //nolint:nilerr // all of it goes on waiting
	} else if err != nil {
		problems = err
	}
	for ctx.Err() == nil {
		f, ok := r.held.take()
		if !ok {
			break
		}
		reaction, err := r.bringOne(ctx, f)
		if err != nil && (store.Away(err) || ctx.Err() != nil) {
			return count, problems
		}
		r.held.told(f)
		if err != nil {
			problems = errors.Join(problems, err)
			continue
		}
		count++
		if reaction.Triage {
			judge[reaction.Incident] = true
		}
	}
	for id := range judge {
		// Where the database went away again, or Sparky ends, it is judged by the next sweep.
		if err := r.triage(ctx, id); err != nil && !store.Away(err) && ctx.Err() == nil {
			problems = errors.Join(problems, err)
		}
	}
	return count, problems
}

// bringWithin bounds what is asked of the database for one probed: a connection that is dead by now may never answer.
const bringWithin = 10 * time.Second

// overtaken gives up what waits of the probes that another replica has run since: only this one was cut off, and what it
// saw from there is neither the partner's state nor part of its history.
func (r *responder) overtaken(ctx context.Context) error {
	if waiting, _ := r.held.counts(); waiting == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, bringWithin)
	defer cancel()
	latest, err := r.latest.LastResults(ctx)
	if err == nil {
		r.held.leave(latest)
	}
	return err
}

func (r *responder) bringOne(ctx context.Context, f probed) (incidents.Reaction, error) {
	ctx, cancel := context.WithTimeout(ctx, bringWithin)
	defer cancel()
	reaction, err := r.keep(ctx, f, r.desk.Recalled)
	if err != nil {
		return reaction, err
	}
	return reaction, r.observe(ctx, f.partner, f.result)
}
