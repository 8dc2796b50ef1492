package probe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// usualTimeout bounds a probe whose configuration was not completed.
const usualTimeout = 10 * time.Second

// Run makes one run of a probe and says how it ended. The probe gets config.Timeout, and ends with ctx; a panic in it is
// a failure of its own class. Run starts no goroutine: it returns when the probe does. Now is asked for every time that
// is measured.
//
// A run that ctx itself called off is FailNotTried: it says nothing about the partner.
func Run(ctx context.Context, partner string, config partners.ProbeConfig, probe partners.Probe, now func() time.Time) partners.ProbeResult {
	watch := &stopwatch{now: now}
	result := partners.ProbeResult{Partner: partner, Probe: config.ID, At: now()}
	said := noticesOf(config)
	finding, failure := attempt(httpcall.Watched(watch.in(ctx), said.see), config, probe)
	result.Took = max(now().Sub(result.At), 0)
	result.Timings, result.Calls = watch.read(result.Took), watch.madeBy(partner, config.ID)
	result.Warning, result.Expires, result.Notices = finding.Warning, finding.Expires, said.all()
	if failure == nil {
		return result
	}
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		failure = &partners.Failure{Class: partners.FailNotTried, Problem: "the probe was called off before it ended"}
	}
	result.Class, result.Problem = failure.Class, failure.Problem
	result.Status, result.Host, result.Edge = failure.Status, failure.Host, failure.Edge
	result.Excerpt, result.Issuer, result.Connected = failure.Excerpt, failure.Issuer, failure.Connected
	return result
}

func attempt(ctx context.Context, config partners.ProbeConfig, probe partners.Probe) (finding partners.Finding, failure *partners.Failure) {
	ctx, cancel := context.WithTimeout(ctx, config.Timeout.Or(usualTimeout))
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			finding, failure = partners.Finding{}, panicked(config, cause)
		}
	}()
	finding, err := probe(ctx)
	if err == nil {
		return finding, nil
	}
	return finding, Understand(ctx, err)
}

// panicked names the probe and what went wrong, without a stack: that is for a log, and it names our own files.
func panicked(config partners.ProbeConfig, cause any) *partners.Failure {
	return &partners.Failure{
		Class: partners.FailPanic,
		Problem: fmt.Sprintf("the probe %s (%s) has a mistake in its own code and stopped: %s; please report it, it says nothing about the partner",
			config.ID, config.Kind, plaintext.Line(fmt.Sprint(cause), 200)),
	}
}
