package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sparky/changes"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/feed"
	"sparky/partners/openapi"
	"sparky/partners/statuspage"
)

// documents are the last readings of sources that are compared.
type documents interface {
	Document(ctx context.Context, partner, source string) ([]byte, error)
}

// outside is how partners are read: every partner by a client of its own, so that the failures of one open no breaker
// of another, and every source with the credential that the configuration gives it.
type outside struct {
	to     caller
	config Config
	now    func() time.Time
	secret setting.Redactor
	// documents remembers what API descriptions said; nil where nothing is remembered.
	documents documents

	mu    sync.Mutex
	feeds map[string]*feed.Reader
	pages map[string]*statuspage.Reader
}

func newOutside(to caller, config Config, now func() time.Time) *outside {
	return &outside{to: to, config: config, now: now, secret: setting.NewRedactor(config.Secrets()...), feeds: map[string]*feed.Reader{}, pages: map[string]*statuspage.Reader{}}
}

// changelog reads the sources of one partner.
func (o *outside) changelog(p partners.Partner) changes.Reader {
	return sourceReader{o, p}
}

type sourceReader struct {
	outside *outside
	partner partners.Partner
}

// Read reads a source with its own credential. What it returns holds no secret of the source's address.
func (r sourceReader) Read(ctx context.Context, source partners.Source, previous partners.Validators) (partners.Reading, error) {
	reading, err := r.outside.feed(r.partner, source).Read(ctx, source, previous)
	if err != nil {
		return reading, err
	}
	if reading.Document != nil {
		if reading, err = r.outside.compared(ctx, r.partner, source, reading); err != nil {
			return partners.Reading{}, err
		}
	}
	reading.Moved = r.outside.secret.Redact(reading.Moved)
	for i, change := range reading.Changes {
		if r.outside.secret.Redact(change.Link) != change.Link {
			reading.Changes[i].Link = ""
		}
	}
	return reading, nil
}

// compared tells what an API's description says otherwise than at its last reading. Without a memory every reading is the
// first.
func (o *outside) compared(ctx context.Context, p partners.Partner, source partners.Source, fetched partners.Reading) (partners.Reading, error) {
	var before []byte
	if o.documents != nil {
		var err error
		if before, err = o.documents.Document(ctx, p.ID, source.Name()); err != nil {
			return partners.Reading{}, err
		}
	}
	var used []partners.Endpoint
	for _, probe := range p.Probes {
		used = append(used, probe.Endpoints()...)
	}
	reading, err := openapi.Compare(fetched.Document, before, source, used, o.now())
	reading.Validators, reading.Moved = fetched.Validators, fetched.Moved
	return reading, err
}

// feedsOf is what the calls for a partner's changelogs are known by among the breakers.
func feedsOf(partner string) string { return partner }

func (o *outside) feed(p partners.Partner, source partners.Source) *feed.Reader {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := p.ID + " " + source.Name()
	if o.feeds[key] == nil {
		auth, addresses := authOf(source.Auth), feed.Addresses{}
		if source.Kind == partners.SourceM365Messages && source.Auth == nil {
			auth = authOf(p.GraphAuth())
		}
		if github := o.config.GitHub; github != nil {
			addresses.GitHubAPI = github.APIURL
			if source.Kind == partners.SourceGitHubReleases && source.Auth == nil {
				// Without a token GitHub answers 60 calls an hour to all of an address together.
				auth = httpcall.Auth{Bearer: github.Token, Host: github.APIURL}
			}
		}
		o.feeds[key] = feed.NewReader(o.to(p).With(feedsOf(p.ID), auth), addresses)
	}
	return o.feeds[key]
}

// status reads the status page of a partner. What cannot be read is an unknown status that says why.
func (o *outside) status(ctx context.Context, p partners.Partner) partners.Status {
	o.mu.Lock()
	reader := o.pages[p.ID]
	if reader == nil {
		auth := p.Status.Auth
		if auth == nil && p.Status.Kind == partners.StatusM365 {
			auth = p.GraphAuth()
		}
		reader = statuspage.NewReader(o.to(p).With(p.ID+" status page", authOf(auth)), statuspage.WithClock(o.now))
		o.pages[p.ID] = reader
	}
	o.mu.Unlock()
	status := reader.Read(ctx, p.Status)
	status.Page = o.secret.Redact(status.Page)
	return status
}

// authOf is a credential of the configuration as calls carry it.
func authOf(a *partners.Auth) httpcall.Auth {
	switch {
	case a == nil:
		return httpcall.Auth{}
	case a.Basic != nil:
		return httpcall.Auth{Basic: &httpcall.Basic{User: a.Basic.User, Password: a.Basic.Password}}
	case a.Header != nil:
		return httpcall.Auth{Header: &httpcall.Header{Name: a.Header.Name, Value: a.Header.Value}}
	case a.OAuth2 != nil:
		return httpcall.Auth{OAuth2: &httpcall.OAuth2{
			TokenURL: a.OAuth2.TokenURL, ClientID: a.OAuth2.ClientID, ClientSecret: a.OAuth2.ClientSecret,
			RefreshToken: a.OAuth2.RefreshToken, Scopes: a.OAuth2.Scopes,
		}}
	default:
		return httpcall.Auth{Bearer: a.Bearer}
	}
}

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
	for _, p := range l.partners {
		if p.ID == partner {
			l.read(ctx, []partners.Partner{p})
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.states[partner], ctx.Err()
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
