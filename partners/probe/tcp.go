package probe

import (
	"context"
	"fmt"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// newTCP is the probe that connects and hangs up.
func newTCP(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	address := config.Address
	if address == "" {
		return nil, fmt.Errorf("probe %s: a tcp probe needs an address, like db.example.com:443", config.ID)
	}
	return func(ctx context.Context) (partners.Finding, error) {
		conn, err := client.DialContext(ctx, "tcp", address)
		if err != nil {
			return partners.Finding{}, unreached(ctx, "connecting to "+address, address, err)
		}
		// That it can be closed is no part of what is probed.
		defer func() { _ = conn.Close() }()
		return partners.Finding{}, nil
	}, nil
}

// unreached is the failure of a connection that is not HTTP's. Doing is what was tried, as the beginning of a sentence.
func unreached(ctx context.Context, doing, host string, err error) *partners.Failure {
	failure := Understand(ctx, err)
	failure.Problem, failure.Host = doing+": "+netWords(err), host
	return failure
}
