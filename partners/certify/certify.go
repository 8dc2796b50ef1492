// Package certify tries out how a partner is integrated. A partner's probes are run as the responder runs them, against the
// partner itself and then against faults that are made on this machine, and every item is measured. It knows no partner,
// and neither who asks nor what becomes of the certificate.
package certify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// Subject is what is to be certified.
type Subject struct {
	Partner partners.Partner
	// Inline are the keys whose secret stands in the configuration file itself, such as probes[0].auth.bearer.
	Inline []string
}

// Tools are what a certification is made with: what the responder has too, and what tests replace.
type Tools struct {
	Make func(partners.ProbeConfig, *httpcall.Client) (partners.Probe, error) // partners/all.New
	Auth func(*partners.Auth) httpcall.Auth                                   // a credential of the configuration, as calls carry it
	// Client are the options of the client by which the responder's probes call.
	Client httpcall.Options
	// Listen opens a listener on this machine, at any port.
	Listen func(ctx context.Context) (net.Listener, error)
	Secret setting.Redactor // knows every secret of the configuration
	Random func() string    // a word that nobody can guess, of 20 letters and digits or more
	Now    func() time.Time
	// Code is the version of the program, for the fingerprint.
	Code string
	// Calls is how often the partner is called to measure how long it takes; 20 where it is 0, and 5 where the probe writes.
	Calls int
	// Progress is told what is looked at next, one call at a time; nil where nobody looks.
	Progress func(Progress)
}

// Progress is how far a certification is.
type Progress struct {
	Done, All int                       // items
	Probe     string                    // what is looked at now
	Name      string                    // the item; empty while the partner is called for the first time
	Last      *partners.CertificateItem // that was finished just now; nil at the beginning
}

// The calls that are made to measure, where Tools.Calls does not say.
const (
	usualCalls   = 20
	writingCalls = 5
)

// ErrNothingCalls is that no probe of the partner calls it: there is no integration to try out.
var ErrNothingCalls = errors.New("none of its probes calls the partner, so there is nothing to try out")

// callsPartner is false for a probe that asks New Relic what its monitor saw: that is no call of ours to the partner.
func callsPartner(c partners.ProbeConfig) bool { return c.Kind != partners.KindNewRelic }

// Run certifies a partner's integration, one probe after the other. Those that do not call the partner are left out. It calls the partner: of a probe that writes, each run
// writes and cleans up as it always does. The error is that it was called off, or that this machine could not be made ready;
// whatever is wrong with the integration is in the certificate.
func Run(ctx context.Context, subject Subject, tools Tools) (partners.Certificate, error) {
	p := subject.Partner
	cert := partners.Certificate{Partner: p.ID, Name: p.Name, At: tools.Now()}
	calling := 0
	for _, config := range p.Probes {
		if callsPartner(config) {
			calling++
		}
	}
	if calling == 0 {
		return cert, fmt.Errorf("certifying %s: %w", p.ID, ErrNothingCalls)
	}
	all := calling * len(checks())
	tell := func(probe, name string, last *partners.CertificateItem) {
		if tools.Progress != nil {
			tools.Progress(Progress{len(cert.Items), all, probe, name, last})
		}
	}
	for i, config := range p.Probes {
		if !callsPartner(config) {
			continue
		}
		b, err := newBench(ctx, tools, p, config)
		if err != nil {
			return cert, fmt.Errorf("certifying %s/%s: %w", p.ID, config.ID, err)
		}
		b.inline = inlineOf(subject.Inline, i)
		tell(config.ID, "", nil)
		b.look(ctx)
		for _, c := range checks() {
			tell(config.ID, c.name, nil)
			item := b.measure(ctx, c)
			cert.Items = append(cert.Items, item)
			tell(config.ID, c.name, &item)
		}
		cert.Modules = append(cert.Modules, partners.CertificateModule{Probe: config.ID, Kind: config.Kind, API: b.api})
		b.close()
		if ctx.Err() != nil {
			return cert, fmt.Errorf("certifying %s was stopped: %w", p.ID, context.Cause(ctx))
		}
	}
	cert.Took = tools.Now().Sub(cert.At)
	cert.Fingerprint = Fingerprint(p, tools.Code, tools.Secret)
	cert.Fingerprint.API = apis(cert.Modules)
	return cert, nil
}

// check is one item: what is measured, and what keeps it from being measured.
type check struct {
	part     string
	name     string
	optional bool
	// needs says why the item means nothing here or cannot be measured; empty where it can.
	needs   func(*bench) string
	measure func(*bench, context.Context) verdict
}

// verdict is how an item ended.
type verdict struct {
	outcome          partners.CertificateOutcome
	measured, budget string
	advice           bool // it is worth knowing, and not required here
}

func judged(good bool, budget, format string, values ...any) verdict {
	v := verdict{outcome: partners.ItemFailed, measured: fmt.Sprintf(format, values...), budget: budget}
	if good {
		v.outcome = partners.ItemPassed
	}
	return v
}

func skipped(format string, values ...any) verdict {
	return verdict{outcome: partners.ItemSkipped, measured: fmt.Sprintf(format, values...)}
}

// measure makes one item. What it says holds no secret of the configuration.
func (b *bench) measure(ctx context.Context, c check) partners.CertificateItem {
	began := b.tools.Now()
	if c.part == partners.PartResilience {
		b.neighbour.start(ctx)
	}
	v := verdict{}
	switch reason := c.needs(b); {
	case ctx.Err() != nil:
		v = skipped("it was stopped before")
	case reason != "":
		v = skipped("%s", reason)
	default:
		v = c.measure(b, ctx)
	}
	return partners.CertificateItem{
		Probe: b.config.ID, Part: c.part, Name: c.name, Required: !c.optional && !v.advice, Outcome: v.outcome,
		Measured: b.tools.Secret.Redact(v.measured), Budget: v.budget, Took: b.tools.Now().Sub(began),
	}
}

// timedTries is how often an item that goes by time is measured before it has failed.
const timedTries = 3

// timed measures again what failed, with breakers of its own: a machine that is busy with other things makes a good module
// late now and then.
func timed(measure func(*bench, context.Context) verdict) func(*bench, context.Context) verdict {
	return func(b *bench, ctx context.Context) verdict {
		defer func() { b.again = "" }()
		v := measure(b, ctx)
		for n := 2; n <= timedTries && v.outcome == partners.ItemFailed && ctx.Err() == nil; n++ {
			b.again = fmt.Sprint(" again ", n)
			v = measure(b, ctx)
		}
		return v
	}
}

// checks are all items, in their order.
func checks() []check {
	const security, performance, resilience = partners.PartSecurity, partners.PartPerformance, partners.PartResilience
	return []check{
		{security, "Every address is https", false, speaksHTTP, (*bench).httpsOnly},
		{security, "The partner's certificate is trusted and lasts", false, sawTLS, (*bench).chain},
		{security, "The connection is TLS 1.2 or newer", false, sawTLS, (*bench).protocol},
		{security, "An older protocol is refused", false, onStage, (*bench).oldProtocol},
		{security, "A certificate of an unknown authority is refused", false, onStage, (*bench).unknownAuthority},
		{security, "A certificate for another host is refused", false, onStage, (*bench).otherHost},
		{security, "A redirect does not take the credential along", false, hasCredential, (*bench).redirect},
		{security, "Secrets come from outside the file", false, always, (*bench).secretsOutside},
		{security, "The credential is told nowhere", false, hasCredential, (*bench).canary},
		{security, "It has no more rights than it needs", true, rehearsed, (*bench).leastScope},
		{performance, "It works, every time", false, always, (*bench).works},
		{performance, "Its answers come in time", false, somethingPassed, (*bench).latency},
		{performance, "Calls at the same time stay within the limit", false, onStage, (*bench).concurrency},
		{performance, "Calls a minute stay within the partner's limit", false, rehearsed, (*bench).pace},
		{performance, "One token serves many calls", false, hasToken, (*bench).tokenReuse},
		{performance, "One connection serves many calls", true, callsHTTP, (*bench).connectionReuse},
		{resilience, "A slow answer", false, forwards, timed((*bench).slowAnswer)},
		{resilience, "No answer", false, onStage, timed((*bench).noAnswer)},
		{resilience, "A connection that is cut", false, onStage, (*bench).cutConnection},
		{resilience, "Half an answer", false, onStage, (*bench).halfAnswer},
		{resilience, "An error of the partner (500)", false, onStage, (*bench).serverError},
		{resilience, "An answer that is not what it must be", false, onStage, (*bench).garbage},
		{resilience, "An answer without an end", false, onStage, (*bench).endless},
		{resilience, "A name that is not known", false, onStage, (*bench).unknownName},
		{resilience, "A certificate that has expired", false, onStage, (*bench).expired},
		{resilience, "A read is tried again", false, reads, timed((*bench).readAgain)},
		{resilience, "A write is not repeated", false, writes, (*bench).writeOnce},
		{resilience, "Slowed down (429), it waits as long as it is asked to", false, forwards, timed((*bench).waitsAsAsked)},
		{resilience, "Slowed down (429), it waits longer each time", false, onStage, timed((*bench).backsOff)},
		{resilience, "The circuit breaker opens", false, onStage, timed((*bench).breakerOpens)},
		{resilience, "The circuit breaker closes", false, forwards, timed((*bench).breakerCloses)},
		{resilience, "Nothing is left half-made", false, makes, (*bench).halfMade},
		{resilience, "A neighbour does not notice", false, onStage, (*bench).undisturbed},
	}
}

// discard is a status that no module takes for a good answer, and that is not tried again.
const discard = http.StatusNotFound
