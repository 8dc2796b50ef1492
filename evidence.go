package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

// evidenceWithin is how long evidence is waited for. What comes later is missing.
const evidenceWithin = 5 * time.Second

// recently is how far back other partners' results count, and announcements.
const (
	recently      = 15 * time.Minute
	announcedThen = 7 * 24 * time.Hour
)

// recalled is what the memory knows about failures.
type recalled interface {
	Statuses(ctx context.Context) (map[string]partners.StatusRecord, error)
	LastResults(ctx context.Context) (map[string]map[string]partners.ProbeResult, error)
	ProbeHistory(ctx context.Context, partner, probe string) (incidents.History, error)
}

// announced is what the memory knows about announcements.
type announced interface {
	Entries(ctx context.Context, query changes.Query) ([]changes.Entry, error)
	Upcoming(ctx context.Context, partner string, from changes.Date) ([]changes.Entry, error)
}

// witness gathers what can be known about a failure.
type witness struct {
	outside  *outside
	controls *controls
	memory   recalled
	news     announced
	keep     func(ctx context.Context, partner string, status partners.Status) error
	changed  map[string]incidents.OurChange // by partner
	partners []partners.Partner
	now      func() time.Time
}

// Gather asks for every piece side by side and returns with those that came in time.
func (w *witness) Gather(ctx context.Context, in incidents.Incident) incidents.Evidence {
	ctx, cancel := context.WithTimeout(ctx, evidenceWithin)
	defer cancel()
	p := w.partner(in.Partner)
	g := &gathering{evidence: incidents.Evidence{Incident: in, Prior: in.Verdict, OurChange: w.changed[in.Partner]}}
	known := w.recall(ctx)
	g.piece(ctx, "what "+p.Name+"'s status page says", w.page(p, known))
	g.piece(ctx, "whether our own network is up", w.network)
	g.piece(ctx, "how the other partners are doing", w.others(in, known))
	g.piece(ctx, "how the probe has done until now", w.history(in, p, known))
	g.piece(ctx, "what "+p.Name+" has announced", w.notices(in.Partner))
	return g.wait(ctx, w.now)
}

// recollection is what several pieces are made of, read once for all of them.
type recollection struct {
	statuses func() (map[string]partners.StatusRecord, error)
	results  func() (map[string]map[string]partners.ProbeResult, error)
}

func (w *witness) recall(ctx context.Context) recollection {
	return recollection{
		statuses: sync.OnceValues(func() (map[string]partners.StatusRecord, error) { return w.memory.Statuses(ctx) }),
		results:  sync.OnceValues(func() (map[string]map[string]partners.ProbeResult, error) { return w.memory.LastResults(ctx) }),
	}
}

func (w *witness) partner(id string) partners.Partner {
	for _, p := range w.partners {
		if p.ID == id {
			return p
		}
	}
	return partners.Partner{ID: id, Name: id}
}

// fill puts a piece of evidence into the rest of it.
type fill func(*incidents.Evidence)

// gathering is evidence as it comes in.
type gathering struct {
	mu       sync.Mutex
	evidence incidents.Evidence
	missing  []string // of the pieces that are still awaited
	group    sync.WaitGroup
	late     bool
}

// piece begins to gather one piece.
func (g *gathering) piece(ctx context.Context, what string, gather func(ctx context.Context) (fill, error)) {
	g.mu.Lock()
	g.missing = append(g.missing, what)
	g.mu.Unlock()
	g.group.Go(func() {
		fill, err := guarded(ctx, gather)
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.late {
			return
		}
		for i, waiting := range g.missing {
			if waiting == what {
				g.missing = append(g.missing[:i], g.missing[i+1:]...)
				break
			}
		}
		if fill != nil {
			fill(&g.evidence)
		}
		if err != nil {
			g.evidence.Missing = append(g.evidence.Missing, fmt.Sprintf("%s: %v", what, err))
		}
	})
}

// guarded gathers a piece. A page in which it finds a mistake of ours must not stop Sparky in the middle of an incident.
func guarded(ctx context.Context, gather func(ctx context.Context) (fill, error)) (found fill, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			found, err = nil, fmt.Errorf("a mistake in Sparky stopped it: %.200v", cause)
		}
	}()
	return gather(ctx)
}

// wait returns what has come in when all has, or when the time is over.
func (g *gathering) wait(ctx context.Context, now func() time.Time) incidents.Evidence {
	all := make(chan struct{})
	go func() { g.group.Wait(); close(all) }()
	select {
	case <-all:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.late = true
	for _, what := range g.missing {
		g.evidence.Missing = append(g.evidence.Missing, fmt.Sprintf("%s: no answer within %v", what, evidenceWithin))
	}
	g.evidence.At = now()
	return g.evidence
}

func (w *witness) network(ctx context.Context) (fill, error) {
	found, off := w.controls.all(ctx)
	return func(e *incidents.Evidence) { e.Controls, e.ClockOff = found, off }, nil
}

// others are the other partners, and the partner's other probes, by their newest results.
func (w *witness) others(in incidents.Incident, known recollection) func(ctx context.Context) (fill, error) {
	return func(context.Context) (fill, error) {
		last, err := known.results()
		if err != nil {
			return nil, err
		}
		records, err := known.statuses()
		since := w.now().Add(-recently)
		return func(e *incidents.Evidence) {
			for _, p := range w.partners {
				if p.ID == in.Partner {
					e.Siblings = siblings(in, p, last[p.ID])
					continue
				}
				n := neighbour(p, last[p.ID], since)
				n.PageRead = records[p.ID].LastGood.ReadAt.After(since)
				if n.Probes > 0 || n.PageRead {
					e.Others = append(e.Others, n)
				}
			}
		}, err
	}
}

func siblings(in incidents.Incident, p partners.Partner, last map[string]partners.ProbeResult) []partners.ProbeResult {
	fails := map[string]bool{}
	for _, f := range in.FailingProbes() {
		fails[f.Probe] = true
	}
	var all []partners.ProbeResult
	for _, c := range p.Probes {
		if r, ok := last[c.ID]; ok && !fails[c.ID] {
			all = append(all, r)
		}
	}
	return all
}

func neighbour(p partners.Partner, last map[string]partners.ProbeResult, since time.Time) incidents.Neighbour {
	n := incidents.Neighbour{Partner: p.ID, Name: p.Name}
	for _, r := range last {
		if r.At.Before(since) || !r.Tells() {
			continue
		}
		n.Probes++
		if r.Passed() {
			continue
		}
		n.Failing++
		if r.AtNetwork() {
			n.AtNetwork++
		}
		if r.Class == partners.FailAuth {
			n.Auth++
		}
		if r.Edge != "" {
			n.Edge = r.Edge
		}
	}
	return n
}

func (w *witness) history(in incidents.Incident, p partners.Partner, known recollection) func(ctx context.Context) (fill, error) {
	return func(ctx context.Context) (fill, error) {
		var all []incidents.History
		for _, f := range in.FailingProbes() {
			h, err := w.memory.ProbeHistory(ctx, f.Partner, f.Probe)
			if err != nil {
				return nil, err
			}
			all = append(all, h)
		}
		last, err := known.results()
		return func(e *incidents.Evidence) { e.History, e.Expiries = all, expiries(p, last[in.Partner]) }, err
	}
}

// expiries are the ends of the certificates that the partner's probes were shown. A probe that passed names no host.
func expiries(p partners.Partner, last map[string]partners.ProbeResult) []incidents.Expiry {
	var all []incidents.Expiry
	for _, c := range p.Probes {
		r := last[c.ID]
		if r.Expires.IsZero() {
			continue
		}
		all = append(all, incidents.Expiry{What: "the certificate of " + cmp.Or(r.Host, c.Address, c.ID), At: r.Expires})
	}
	return all
}

// notices are the partner's announcements of the last days, and those whose day is near or just past.
func (w *witness) notices(partner string) func(ctx context.Context) (fill, error) {
	return func(ctx context.Context) (fill, error) {
		entries, err := w.news.Entries(ctx, changes.Query{Partner: partner, Since: w.now().Add(-announcedThen)})
		if err != nil {
			return nil, err
		}
		from := changes.Date(w.now().Add(-announcedThen).UTC().Format(time.DateOnly))
		dated, err := w.news.Upcoming(ctx, partner, from)
		seen := map[string]bool{}
		var found []incidents.Notice
		for _, entry := range append(entries, dated...) {
			key := entry.Source + "\x00" + entry.Key
			if !seen[key] {
				found = append(found, notice(entry))
			}
			seen[key] = true
		}
		return func(e *incidents.Evidence) { e.Notices = found }, err
	}
}

func notice(entry changes.Entry) incidents.Notice {
	return incidents.Notice{Title: entry.Title, Link: entry.Link, Published: entry.Published, Effective: entry.Effective.Time(),
		Breaking: entry.NeedsAttention(), Text: entry.Summary, Observed: entry.Source == changes.SourceAnswers}
}

// controlNames are the addresses for people: their hosts, with the port where several have the same name.
func controlNames(addresses []string) []string {
	bare, seen := make([]string, len(addresses)), map[string]int{}
	for i, address := range addresses {
		bare[i] = address
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			bare[i] = strings.ToLower(u.Hostname())
		}
		seen[bare[i]]++
	}
	for i, name := range bare {
		if seen[name] > 1 {
			bare[i] = cmp.Or(partners.HostOf(addresses[i]), name)
		}
	}
	return bare
}
