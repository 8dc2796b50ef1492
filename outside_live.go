package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// live answers the commands by looking now, for a terminal that has no memory to ask.
type live struct {
	outside  *outside
	partners []partners.Partner
	now      func() time.Time
	progress func(text string)

	mu      sync.Mutex
	entries map[string][]changes.Entry
	states  map[string]map[string]changes.SourceState
}

func newLive(o *outside, all []partners.Partner, now func() time.Time, progress func(string)) *live {
	return &live{outside: o, partners: all, now: now, progress: progress,
		entries: map[string][]changes.Entry{}, states: map[string]map[string]changes.SourceState{}}
}

// Statuses reads every partner's status page.
func (l *live) Statuses(ctx context.Context) (map[string]partners.StatusRecord, error) {
	records := map[string]partners.StatusRecord{}
	var mu sync.Mutex
	l.each(l.partners, "status pages", func(p partners.Partner) {
		if p.Status.IsZero() {
			return
		}
		status := l.outside.status(ctx, p)
		mu.Lock()
		defer mu.Unlock()
		records[p.ID] = partners.StatusRecord{Status: status}
	})
	return records, ctx.Err()
}

// partnersAtOnce bounds how many partners are read side by side.
const partnersAtOnce = 8

// each does something for all of the partners side by side and shows how far it is.
func (l *live) each(all []partners.Partner, what string, do func(partners.Partner)) {
	places := make(chan struct{}, partnersAtOnce)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for _, p := range all {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			do(p)
			mu.Lock()
			defer mu.Unlock()
			done++
			l.progress(fmt.Sprintf("reading %s: %d of %d", what, done, len(all)))
		})
	}
	wg.Wait()
	l.progress("")
}

// SourceStates reads the partner's changelogs and tells how each stands.
func (l *live) SourceStates(ctx context.Context, partner string) (map[string]changes.SourceState, error) {
	all, err := l.SourcesOf(ctx, partner)
	return all[partner], err
}

// SourcesOf is SourceStates of several partners, read side by side.
func (l *live) SourcesOf(ctx context.Context, of ...string) (map[string]map[string]changes.SourceState, error) {
	l.read(ctx, slices.DeleteFunc(slices.Clone(l.partners), func(p partners.Partner) bool { return !slices.Contains(of, p.ID) }))
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.states), ctx.Err()
}

// read reads the changelogs of those partners that were not read yet.
func (l *live) read(ctx context.Context, wanted []partners.Partner) {
	var missing []partners.Partner
	for _, p := range wanted {
		if l.states[p.ID] == nil {
			missing = append(missing, p)
		}
	}
	l.each(missing, "changelogs", func(p partners.Partner) {
		states, entries := map[string]changes.SourceState{}, []changes.Entry(nil)
		for _, source := range readable(p) {
			state, found := l.readSource(ctx, p, source)
			states[source.Name()] = state
			entries = append(entries, found...)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.states[p.ID], l.entries[p.ID] = states, entries
	})
}

func (l *live) readSource(ctx context.Context, p partners.Partner, source partners.Source) (changes.SourceState, []changes.Entry) {
	now := l.now()
	state := changes.SourceState{Partner: p.ID, Source: source.Name(), TriedAt: now}
	reading, err := l.outside.changelog(p).Read(ctx, source, partners.Validators{})
	if err != nil {
		state.Problem = err.Error()
		return state, nil
	}
	state.ReadAt, state.Format, state.Skipped, state.Moved = now, reading.Format, reading.Skipped, reading.Moved
	entries := make([]changes.Entry, 0, len(reading.Changes))
	for _, change := range reading.Changes {
		change.Partner, change.Source = p.ID, source.Name()
		entry := changes.Classify(change, now)
		entry.FirstSeen = now
		entries = append(entries, entry)
	}
	return state, entries
}

// Entries reads the changelogs and chooses among what they list.
func (l *live) Entries(ctx context.Context, query changes.Query) ([]changes.Entry, error) {
	return changes.Choose(l.all(ctx, query.Partner), query), ctx.Err()
}

// Upcoming reads the changelogs and chooses what is still to come.
func (l *live) Upcoming(ctx context.Context, partner string, from changes.Date) ([]changes.Entry, error) {
	return changes.ChooseUpcoming(l.all(ctx, partner), from), ctx.Err()
}

func (l *live) all(ctx context.Context, partner string) []changes.Entry {
	var wanted []partners.Partner
	for _, p := range l.partners {
		if partner == "" || p.ID == partner {
			wanted = append(wanted, p)
		}
	}
	l.read(ctx, wanted)
	l.mu.Lock()
	defer l.mu.Unlock()
	var entries []changes.Entry
	for _, p := range wanted {
		entries = append(entries, l.entries[p.ID]...)
	}
	return entries
}

// problems are the changelogs that could not be read, for programs that are given the entries alone.
func (l *live) problems() []changes.SourceState {
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed []changes.SourceState
	for _, p := range l.partners {
		for _, source := range p.Changelog {
			if state := l.states[p.ID][source.Name()]; state.Problem != "" {
				failed = append(failed, state)
			}
		}
	}
	return failed
}
