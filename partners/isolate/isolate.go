// Package isolate runs the probes of a partner in a process of its own: the same program, started again. A module that
// panics, hangs, leaks, floods its output or looks where it should not costs that partner's probes only, and says so.
//
// A worker gets its partner's probes and their secrets by a pipe, and answers by another. It has no database, no Slack,
// an empty environment and no open files. On Linux it can open none either and make no socket: for a connection it asks
// the parent, which connects to the partner's hosts alone and hands the socket over. The package knows no module: who
// starts the program says how a probe is made (Serve).
package isolate

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// Calls are the bounds of a partner's calls, as a worker is told them; the zero value of each is httpcall's default.
type Calls struct {
	Timeout        time.Duration // of a whole call
	AttemptTimeout time.Duration
	Retries        int
	MinWait        time.Duration
	MaxWait        time.Duration
	Breaker        httpcall.BreakerOptions
}

// Limits bound a worker. The zero value of each field is its default.
type Limits struct {
	Memory  uint64        // bytes that it may have for itself; 256 MB
	AtOnce  int           // probes of the partner that run side by side; 4
	Grace   time.Duration // that a probe gets beyond its time to end (see probe.Within); 7 s
	Prints  int           // bytes that it may print in its life; 1 MB
	Rest    time.Duration // before it is started again, doubled each time; 1 s
	Longest time.Duration // such rest; 5 min. One that lived for as long begins anew
}

func (l Limits) complete() Limits {
	setDefault(&l.Memory, 256<<20)
	setDefault(&l.AtOnce, 4)
	setDefault(&l.Grace, 7*time.Second)
	setDefault(&l.Prints, 1<<20)
	setDefault(&l.Rest, time.Second)
	setDefault(&l.Longest, 5*time.Minute)
	return l
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Options say what workers are made of.
type Options struct {
	Client    *httpcall.Client                               // makes the connections that workers ask for
	Calls     func(p partners.Partner) Calls                 // nil: the defaults for everybody
	Secrets   []setting.Secret                               // of the whole configuration: a worker is told those that its probes hold
	Redactor  setting.Redactor                               // takes secrets out of what workers print
	OnBreaker func(partner string, breaker httpcall.Breaker) // told when a breaker in a worker moves, or is gone with it; may be nil
	Env       func(name string) (string, bool)               // the environment, of which a worker gets the way to the network; may be nil
	Log       *slog.Logger                                   // what becomes of workers; may be nil
	Now       func() time.Time
	Limits    Limits
}

// Pool is a worker for each partner, started with its first probe and kept. Close ends them.
type Pool struct {
	options Options

	mu      sync.Mutex
	keepers map[string]*keeper
	closed  bool
}

// NewPool starts nothing yet.
func NewPool(options Options) *Pool {
	options.Limits = options.Limits.complete()
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Calls == nil {
		options.Calls = func(partners.Partner) Calls { return Calls{} }
	}
	if options.OnBreaker == nil {
		options.OnBreaker = func(string, httpcall.Breaker) {}
	}
	if options.Env == nil {
		options.Env = func(string) (string, bool) { return "", false }
	}
	return &Pool{options: options, keepers: map[string]*keeper{}}
}

// Run makes one run of a probe in the partner's worker and says how it ended. A worker that fails, or cannot be started, is
// the failure of the probe, of class panic; a probe that was not run because of a worker that another one brought down, or
// because the worker rests after it failed, is FailNotTried. The error says why the probe cannot be made, or that it was
// called off, or the pool closed, before there was a worker.
func (p *Pool) Run(ctx context.Context, partner partners.Partner, config partners.ProbeConfig) (partners.ProbeResult, error) {
	began := p.options.Now()
	found := func(r partners.ProbeResult) partners.ProbeResult {
		whole := max(p.options.Now().Sub(began), 0)
		return tidy(r, partner.ID, config.ID, began, whole)
	}
	k := p.keeper(partner)
	select {
	case k.places <- struct{}{}:
		defer func() { <-k.places }()
	case <-ctx.Done():
		return found(notTried("the probe was called off before it began")), nil
	}
	w, rest, err := k.worker(ctx)
	switch {
	case err != nil && (ctx.Err() != nil || errors.Is(err, errClosed)):
		return found(notTried(err.Error())), err
	case err != nil:
		// Said as an error it would be a line in a log, and nobody would know that the partner is not watched.
		return found(broke(p.options.Redactor.Redact(err.Error()))), nil
	}
	if rest != "" {
		return found(notTried(rest)), nil
	}
	result, err := w.run(ctx, config)
	return found(result), err
}

// Close ends every worker and returns when they are gone. What still runs ends as a worker that was stopped.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	var group sync.WaitGroup
	for _, k := range p.keepers {
		group.Go(k.close)
	}
	p.mu.Unlock()
	group.Wait()
}

// Processes are the ids of the workers that run now.
func (p *Pool) Processes() []int {
	p.mu.Lock()
	keepers := slices.Collect(maps.Values(p.keepers))
	p.mu.Unlock()
	var ids []int
	for _, k := range keepers {
		k.mu.Lock()
		if k.current != nil && k.current.alive() {
			ids = append(ids, k.current.cmd.Process.Pid)
		}
		k.mu.Unlock()
	}
	return ids
}

func (p *Pool) keeper(partner partners.Partner) *keeper {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.keepers[partner.ID]
	if k == nil {
		k = &keeper{options: p.options, partner: partner, places: make(chan struct{}, p.options.Limits.AtOnce), closed: p.closed}
		p.keepers[partner.ID] = k
	}
	return k
}

// Able tells what a worker on this machine cannot be kept from, in words; empty where it can be kept from everything
// that it has no need of.
func Able() []string { return ableTo() }
