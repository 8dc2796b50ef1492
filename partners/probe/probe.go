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

// cleanUpTime is what a probe gets to clean up after itself, beyond its own time.
const cleanUpTime = 5 * time.Second

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

// CleanUp is a context for the calls that undo what a probe did. It goes on although ctx ended, for 5 seconds at most or
// as long as ctx would have, and its calls do not count as the probe's in the timings.
func CleanUp(ctx context.Context) (context.Context, context.CancelFunc) {
	if watch := watchIn(ctx); watch != nil {
		watch.freeze()
	}
	until := time.Now().Add(cleanUpTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.After(until) {
		until = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), until)
}
