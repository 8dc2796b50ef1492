package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/partners/probe"
)

// controls are addresses that have nothing to do with any partner.
type controls struct {
	client    *httpcall.Client
	addresses []string
	now       func() time.Time

	turn  sync.Mutex
	known incidents.Reach
	at    time.Time
}

// A failure without an answer waits so long for a word about our own network, and the word holds so long for others that
// fail in the same moment.
const (
	reachWithin = 900 * time.Millisecond
	reachHolds  = time.Second
)

// reach tells whether our own network is up: one address that answers is enough.
func (c *controls) reach(ctx context.Context) incidents.Reach {
	if len(c.addresses) == 0 {
		return incidents.ReachUnknown
	}
	c.turn.Lock()
	defer c.turn.Unlock()
	if c.now().Sub(c.at) < reachHolds {
		return c.known
	}
	asking := ctx
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	answers := make(chan sighting, len(c.addresses))
	for _, address := range c.addresses {
		go func() { answers <- c.ask(ctx, address) }()
	}
	known := incidents.ReachDown
	for range c.addresses {
		if (<-answers).Problem == "" {
			known = incidents.ReachFine
			break
		}
	}
	if asking.Err() != nil && known == incidents.ReachDown {
		return incidents.ReachUnknown // it was called off: that nobody answered says nothing
	}
	c.known, c.at = known, c.now()
	return known
}

// all asks every control, side by side, and tells by how much our clock is ahead of theirs.
func (c *controls) all(ctx context.Context) ([]incidents.Control, time.Duration) {
	answers := make([]sighting, len(c.addresses))
	var group sync.WaitGroup
	for i, address := range c.addresses {
		group.Go(func() { answers[i] = c.ask(ctx, address) })
	}
	group.Wait()
	found, names := make([]incidents.Control, len(answers)), controlNames(c.addresses)
	for i, answer := range answers {
		found[i] = answer.Control
		found[i].Name = names[i]
	}
	return found, clockOff(answers)
}

// sighting is what a control answered.
type sighting struct {
	incidents.Control
	dated bool          // its answer said what time it is there
	ahead time.Duration // by how much our clock is ahead of that
}

// ask makes one call. Any answer will do: it is the way there that is looked at.
func (c *controls) ask(ctx context.Context, address string) sighting {
	var seen sighting
	asked := c.now()
	answer, err := c.client.Do(ctx, httpcall.Request{URL: address})
	if err != nil {
		failure := probe.Understand(ctx, err)
		seen.Problem, seen.Class = failure.Problem, failure.Class
		return seen
	}
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil || answer.Header.Get("Age") != "" {
		return seen // without a word, or with that of a copy which is older than it says
	}
	// The header is cut to whole seconds, and was written at some time of the call.
	answered := c.now()
	ours := asked.Add(answered.Sub(asked) / 2)
	seen.dated, seen.ahead = true, ours.Sub(theirs.Add(time.Second/2))
	return seen
}

// clockOff is by how much our clock is ahead of the controls'. They have to agree that it is: of several, the one that
// differs least from us is believed, because one host with a wrong clock is likelier than all of them.
func clockOff(seen []sighting) time.Duration {
	least, known := time.Duration(0), false
	for _, s := range seen {
		if s.dated && (!known || s.ahead.Abs() < least.Abs()) {
			least, known = s.ahead, true
		}
	}
	if least.Abs() <= dateIsExact {
		return 0
	}
	return least
}

// dateIsExact is how far a Date header may be from the truth although the clock behind it is right.
const dateIsExact = 2 * time.Second
