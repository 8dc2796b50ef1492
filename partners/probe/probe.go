// Package probe makes the generic probes (http, tcp, dns, tls), runs a probe of any kind within its limits, and holds
// what the probes of partner modules share: how an answer or an error becomes a failure in words for a person. It knows
// no partner, and not what a failure leads to.
package probe

import (
	"context"
	"fmt"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// What a probe gets to clean up after itself, beyond its own time: each time that it does, and in all.
const (
	cleanUpTime  = 5 * time.Second
	mostCleaning = 2 * cleanUpTime
)

// Within is how long a run of the probe takes at most: its time, and what it gets beyond that to clean up.
func Within(config partners.ProbeConfig) time.Duration {
	if config.CleansUp() {
		return config.Timeout.Or(usualTimeout) + mostCleaning
	}
	return config.Timeout.Or(usualTimeout)
}

// New is the probe of a configuration of kind http, tcp, dns or tls, whose calls the client makes. The configuration has
// been validated (see partners.Partner); an error says what cannot be used all the same.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	switch config.Kind {
	case partners.KindHTTP:
		return newHTTP(config, client)
	case partners.KindTCP:
		return newTCP(config, client)
	case partners.KindDNS:
		return newDNS(config, client)
	case partners.KindTLS:
		return newTLS(config, client)
	}
	return nil, fmt.Errorf("probe %s: %q is no kind of generic probe; there are http, tcp, dns and tls", config.ID, config.Kind)
}

// CleanUp is a context for the calls that undo what a probe did. It goes on although ctx ended, for 5 seconds at most and all
// those of a run together for 10, or as long as ctx would have, and its calls do not count as the probe's in the
// timings.
func CleanUp(ctx context.Context) (context.Context, context.CancelFunc) {
	watch, now := watchIn(ctx), time.Now()
	room := cleanUpTime
	if watch != nil {
		room = min(room, watch.roomToClean())
	}
	over, until := now, now.Add(room)
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil {
		over = deadline
		if deadline.After(until) {
			until = deadline
		}
	}
	own, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	return own, func() {
		cancel()
		if watch != nil {
			watch.cleaned(time.Since(over))
		}
	}
}
