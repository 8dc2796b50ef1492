package main

import (
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/isolate"
)

// lines are the clients by which partners are called, each as patient as its partner's resilience says. The failures of one
// partner open no breaker of another.
type lines struct {
	base     httpcall.Options
	patience func(partners.Partner) partners.Resilience
	moved    func(partner string, b httpcall.Breaker) // told when a breaker moves; may be nil

	mu      sync.Mutex
	clients map[string]*httpcall.Client
}

// newLines are lines for what patience is about; beside that the clients are as the base.
func newLines(base httpcall.Options, patience func(partners.Partner) partners.Resilience, moved func(string, httpcall.Breaker)) *lines {
	return &lines{base: base, patience: patience, moved: moved, clients: map[string]*httpcall.Client{}}
}

// to is the client of a partner, made when it is first asked for.
func (l *lines) to(p partners.Partner) *httpcall.Client {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clients[p.ID] == nil {
		options := patient(l.base, l.patience(p))
		if l.moved != nil {
			options.OnBreaker = func(b httpcall.Breaker) { l.moved(p.ID, b) }
		}
		l.clients[p.ID] = httpcall.New(options)
	}
	return l.clients[p.ID]
}

// caller gives the client by which a partner is called.
type caller func(p partners.Partner) *httpcall.Client

// patient are the options with a resilience.
func patient(o httpcall.Options, r partners.Resilience) httpcall.Options {
	o.Timeout = wholeCall(r)
	o.AttemptTimeout = r.AttemptTimeout.Std()
	o.Retries = retriesOf(r)
	o.MinWait, o.MaxWait = r.Backoff.First.Std(), r.Backoff.Most.Std()
	o.Breaker = breakerOf(r)
	return o
}

// wholeCall is the time that a call has: for all of its attempts and waits, and half a minute at least, for redirects.
func wholeCall(r partners.Resilience) time.Duration {
	retries := time.Duration(max(r.Attempts-1, 0))
	return max(r.AttemptTimeout.Std()*(retries+1)+r.Backoff.Most.Std()*retries, 30*time.Second)
}

// retriesOf is how often a call is tried again, as httpcall is told it: never is a number below 0.
func retriesOf(r partners.Resilience) int {
	if r.Attempts <= 1 {
		return -1
	}
	return r.Attempts - 1
}

func breakerOf(r partners.Resilience) httpcall.BreakerOptions {
	return httpcall.BreakerOptions{Requests: uint32(r.Breaker.Requests), Ratio: float64(r.Breaker.Ratio) / 100, Open: r.Breaker.OpenFor.Std()} //nolint:gosec // checked when the file was read
}

// patientWorker is what the worker of a partner is told of its resilience.
func patientWorker(p partners.Partner) isolate.Calls {
	r := p.ProbePatience()
	return isolate.Calls{Timeout: wholeCall(r), AttemptTimeout: r.AttemptTimeout.Std(), Retries: retriesOf(r), MinWait: r.Backoff.First.Std(), MaxWait: r.Backoff.Most.Std(), Breaker: breakerOf(r)}
}

// publicOnly is what clients to partners have in common.
func publicOnly(redactor setting.Redactor) httpcall.Options {
	return httpcall.Options{Redactor: redactor, PublicOnly: true}
}

// feedsOf is what the calls for a partner's changelogs are known by among the breakers.
func feedsOf(partner string) string { return partner }
