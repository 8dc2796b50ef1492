package main

import (
	"context"
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
