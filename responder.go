package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/all"
	"sparky/partners/probe"
)

// resultKeeper remembers how probes ended.
type resultKeeper interface {
	SaveResults(ctx context.Context, results []partners.ProbeResult) error
}

// resultTeller says how probes ended last, by partner and probe.
type resultTeller interface {
	LastResults(ctx context.Context) (map[string]map[string]partners.ProbeResult, error)
}

// observer takes what the endpoints of a partner said of themselves.
type observer interface {
	Observed(ctx context.Context, p partners.Partner, probe string, notices []partners.Notice) error
}

// responder runs probes and takes what they find to the desk.
type responder struct {
	probes   *probes
	controls *controls
	desk     *incidents.Desk
	results  resultKeeper
	latest   resultTeller
	news     observer
	insight  insight

	observed sync.Map // what a probe's endpoints said last, and when it was looked at
	judging  sync.Map // ids of the incidents that are being judged because a probe failed
	held     held     // what was found while the database was away
}

// heldUp is by how much the run of a probe may be longer than it may take. One that took longer says that its worker was held
// up, and nothing about the partner, unless the worker had to be ended. What holds up this process too is a standstill.
const heldUp = 3 * time.Second

// Probe runs a probe now and returns what it found, after everything that follows from it at once has been decided and
// kept. Its error says why nothing was found: the probe cannot run, or what it found could not be kept. Where the database
// is away, what was found is held, and told when it is back.
func (r *responder) Probe(ctx context.Context, p partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	result, err := r.probes.run(ctx, p, c)
	if err != nil {
		return result, err
	}
	if over := result.Took - probe.Within(c); over > heldUp && result.Class != partners.FailPanic {
		return result, fmt.Errorf("probe %s/%s took %v longer than it may: this machine was held up, and what it found does not count", p.ID, c.ID, over.Round(time.Second))
	}
	r.insight.tell(c, result)
	result.Calls = nil
	f := probed{p, c, result, incidents.ReachUnknown}
	if result.AtNetwork() {
		f.reach = r.controls.reach(ctx)
	}
	if r.held.behind(f) {
		return result, fmt.Errorf("probe %s/%s: %w", p.ID, c.ID, heldError{})
	}
	reaction, err := r.keep(ctx, f, r.desk.Probed)
	if err != nil && waits(ctx, err) {
		r.held.keep(f)
		return result, fmt.Errorf("probe %s/%s: %w", p.ID, c.ID, heldError{err})
	}
	if err != nil {
		return result, err
	}
	// What an endpoint says of its end may be why it fails.
	err = r.observe(ctx, p, result)
	if reaction.Triage {
		err = errors.Join(err, r.triage(ctx, reaction.Incident))
	}
	return result, err
}

// teller takes a result to the desk, at once or afterwards.
type teller func(ctx context.Context, result partners.ProbeResult, reach incidents.Reach) (incidents.Reaction, error)

// keep takes what was found to the desk and to the history, which is part of the evidence.
func (r *responder) keep(ctx context.Context, f probed, tell teller) (incidents.Reaction, error) {
	if f.probe.Kind == partners.KindNewRelic {
		if _, err := r.desk.Measured(ctx, noData(f.partner, f.probe, f.result)); err != nil {
			return incidents.Reaction{}, err
		}
	}
	reaction, err := tell(ctx, f.result, f.reach)
	if err != nil || reaction.Kept {
		return reaction, err
	}
	if err := r.results.SaveResults(ctx, []partners.ProbeResult{f.result}); err != nil {
		return reaction, fmt.Errorf("keeping the result of %s/%s: %w", f.partner.ID, f.probe.ID, err)
	}
	return reaction, nil
}

// observeEvery is how often the same words of the same endpoints are looked at again: probes run often, and what was told
// is told once.
const observeEvery = time.Hour

// observation is what a probe's endpoints said, and when it was looked at.
type observation struct {
	said string
	at   time.Time
}

// observe passes on what endpoints said of themselves.
func (r *responder) observe(ctx context.Context, p partners.Partner, result partners.ProbeResult) error {
	if len(result.Notices) == 0 {
		return nil
	}
	now := observation{fmt.Sprint(result.Notices), result.At}
	key := incidents.ProbeKey(p.ID, result.Probe)
	if last, ok := r.observed.Load(key); ok && last.(observation).said == now.said && now.at.Sub(last.(observation).at) < observeEvery {
		return nil
	}
	if err := r.news.Observed(ctx, p, result.Probe, result.Notices); err != nil {
		return err
	}
	r.observed.Store(key, now)
	return nil
}

// triage judges an incident that has no verdict yet. Of many probes that fail in the same moment one does it for all.
func (r *responder) triage(ctx context.Context, id string) error {
	if _, busy := r.judging.LoadOrStore(id, true); busy {
		return nil
	}
	defer r.judging.Delete(id)
	return r.desk.Triage(ctx, id)
}

// probes are the configured probes, made ready when they are first run.
type probes struct {
	to      caller
	secret  setting.Redactor
	now     func() time.Time
	insight insight // for the kinds that ask New Relic
	still   *standstill

	// apart runs the probes of partners with isolation: process; where it is nil, everything runs here.
	apart crew

	mu    sync.Mutex
	built map[string]partners.Probe
	turns map[string]*sync.Mutex
}

// crew runs probes somewhere else.
type crew interface {
	Run(ctx context.Context, p partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error)
}

func newProbes(to caller, secret setting.Redactor, now func() time.Time) *probes {
	return &probes{to: to, secret: secret, now: now, built: map[string]partners.Probe{}, turns: map[string]*sync.Mutex{}}
}

// run runs one probe, one run of it at a time. What it returns holds no secret.
func (p *probes) run(ctx context.Context, partner partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	turn := p.turn(partner, c)
	turn.Lock()
	defer turn.Unlock()
	result, err := p.still.repeated(func() (partners.ProbeResult, error) { return p.runNow(ctx, partner, c) })
	if ctx.Err() == nil && err != nil {
		return partners.ProbeResult{}, fmt.Errorf("probe %s/%s: %w", partner.ID, c.ID, err)
	}
	if ctx.Err() != nil {
		// It was called off, which says nothing about the partner.
		return result, fmt.Errorf("probe %s/%s was stopped: %w", partner.ID, c.ID, ctx.Err())
	}
	result.Problem, result.Excerpt = p.secret.Redact(result.Problem), p.secret.Redact(result.Excerpt)
	result.Warning = p.secret.Redact(result.Warning)
	for i, n := range result.Notices {
		n.Endpoint = p.secret.Redact(n.Endpoint)
		n.More, n.Successor = p.clean(n.More), p.clean(n.Successor)
		result.Notices[i] = n
	}
	return result, nil
}

// clean is the address, or nothing where it holds a secret.
func (p *probes) clean(address string) string {
	if p.secret.Redact(address) != address {
		return ""
	}
	return address
}

// runNow runs a probe where its partner's are to run. What asks New Relic is no module of the partner's, and runs here.
func (p *probes) runNow(ctx context.Context, partner partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	if p.apart != nil && partner.Isolation == partners.IsolationProcess && c.Kind != partners.KindNewRelic {
		return p.apart.Run(ctx, partner, c)
	}
	one, err := p.ready(partner, c)
	if err != nil {
		return partners.ProbeResult{}, err
	}
	return probe.Run(ctx, partner.ID, c, one, p.now), nil
}

func (p *probes) turn(partner partners.Partner, c partners.ProbeConfig) *sync.Mutex {
	key := incidents.ProbeKey(partner.ID, c.ID)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turns[key] == nil {
		p.turns[key] = &sync.Mutex{}
	}
	return p.turns[key]
}

func (p *probes) ready(partner partners.Partner, c partners.ProbeConfig) (partners.Probe, error) {
	key := incidents.ProbeKey(partner.ID, c.ID)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.built[key] == nil {
		one, asks, err := p.insight.build(c, p.now)
		if !asks {
			one, err = newProbe(partner.ID, c, p.to(partner))
		}
		if err != nil {
			return nil, err
		}
		p.built[key] = one
	}
	return p.built[key], nil
}

// newProbe is the probe of a configuration, with breakers and a credential of its own.
func newProbe(partner string, c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	return all.New(c, client.With(incidents.ProbeKey(partner, c.ID), authOf(c.Auth)))
}
