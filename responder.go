package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	news     observer
	insight  insight

	observed sync.Map // what a probe's endpoints said last, and when it was looked at
	judging  sync.Map // ids of the incidents that are being judged because a probe failed
}

// Probe runs a probe now and returns what it found, after everything that follows from it at once has been decided and
// kept. Its error says why nothing was found: the probe cannot run, or what it found could not be kept.
func (r *responder) Probe(ctx context.Context, p partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	result, err := r.probes.run(ctx, p, c)
	if err != nil {
		return result, err
	}
	r.insight.tell(c, result)
	result.Calls = nil
	if c.Kind == partners.KindNewRelic {
		if _, err := r.desk.Measured(ctx, noData(p, c, result)); err != nil {
			return result, err
		}
	}
	reach := incidents.ReachUnknown
	if result.AtNetwork() {
		reach = r.controls.reach(ctx)
	}
	reaction, err := r.desk.Probed(ctx, result, reach)
	if err != nil {
		return result, err
	}
	// The history is part of the evidence, so it is kept first.
	if err := r.results.SaveResults(ctx, []partners.ProbeResult{result}); err != nil {
		return result, fmt.Errorf("keeping the result of %s/%s: %w", p.ID, c.ID, err)
	}
	// What an endpoint says of its end may be why it fails.
	err = r.observe(ctx, p, result)
	if reaction.Triage {
		err = errors.Join(err, r.triage(ctx, reaction.Incident))
	}
	return result, err
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
	result, err := p.runNow(ctx, partner, c)
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

// runNow runs a probe where its partner's are to run.
func (p *probes) runNow(ctx context.Context, partner partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	if p.apart != nil && partner.Isolation == partners.IsolationProcess {
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
