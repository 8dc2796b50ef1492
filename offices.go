package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"sparky/bot"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/ours/jira"
	"sparky/ours/pager"
	"sparky/ours/statuspage"
	"sparky/scheduler"
	"sparky/store"
)

// offices are the systems that we operate: who carries out what incidents ask of them.
type offices struct {
	routes  map[string]scheduler.Route
	tickets *jira.Client // nil where there is no Jira
	page    http.Handler // our public page, where Sparky serves it itself; nil elsewhere
}

// How long one attempt at each of our systems may take, after how long its search is certain to show what an attempt did,
// and after how long of failing people are told.
const (
	officeTimeout  = 20 * time.Second
	jiraSettle     = officeTimeout + jira.Lag
	publicSettle   = officeTimeout + 5*time.Second
	pagerPatience  = 30 * time.Second
	ticketPatience = 10 * time.Minute
)

// desired is what is configured of our systems, as incidents need to know it.
func (c Config) desired() incidents.Offices {
	o := incidents.Offices{Tickets: c.Jira != nil, Public: c.StatusPage != nil}
	if c.StatusPage != nil {
		o.Approve = c.StatusPage.Publish == statuspage.PublishApprove
	}
	if c.Oncall != nil {
		o.Pager, o.Mention = c.Oncall.Provider == pager.ProviderPagerDuty, c.Oncall.SlackGroup
	}
	return o
}

// reminders are how long after a call that nobody acknowledges people are reminded of it.
func (c Config) reminders() []time.Duration {
	if c.Oncall == nil {
		return nil
	}
	return c.Oncall.Reminders()
}

// newOffices makes the clients of the systems that are configured. Retries are the dispatcher's: an effect is never
// repeated without a look. In Jira people go by the names that names has.
func newOffices(c Config, client *httpcall.Client, memory *store.Store, names names, now func() time.Time, log *slog.Logger) offices {
	o := offices{routes: map[string]scheduler.Route{}}
	route := func(kind string, performer scheduler.Performer, settle time.Duration) {
		o.routes[kind] = scheduler.Route{Performer: performer, Timeout: officeTimeout, Settle: settle}
	}
	if c.Jira != nil {
		o.tickets = jira.New(*c.Jira, client.With("jira", jiraAuth(*c.Jira)))
		route(incidents.EffectTicket, jira.NewTickets(o.tickets, memory, namedTicket(names)), jiraSettle)
		route(incidents.EffectComment, namedComments{jira.NewComments(o.tickets), names}, officeTimeout)
		comments := o.routes[incidents.EffectComment]
		comments.Concurrency = 1 // a verdict stands before what follows from it
		o.routes[incidents.EffectComment] = comments
	}
	if c.Oncall != nil && c.Oncall.Provider == pager.ProviderPagerDuty {
		route(incidents.EffectPage, pager.New(*c.Oncall, client.With("pagerduty", httpcall.Auth{}), memory, bot.CallLine), officeTimeout)
	}
	// While nobody's phone rings, or no ticket is there, people have to hear of it elsewhere.
	for kind, patience := range map[string]time.Duration{incidents.EffectPage: pagerPatience, incidents.EffectTicket: ticketPatience} {
		if r, ok := o.routes[kind]; ok {
			r.Patience, r.Urgent = patience, true
			o.routes[kind] = r
		}
	}
	if c.StatusPage == nil {
		return o
	}
	outside := statuspage.Outside{Client: client.With("our status page", c.StatusPage.Auth()), Source: memory, Now: now, Log: log,
		Address: "http://" + c.Listen + "/status"}
	post, components := c.StatusPage.Performers(outside)
	route(incidents.EffectPost, post, publicSettle)
	route(incidents.EffectComponents, components, officeTimeout)
	if c.StatusPage.Provider == statuspage.ProviderBuiltin {
		o.page = statuspage.Builtin(memory, statuspage.Served{Features: c.features(), Address: outside.Address, Now: now})
	}
	return o
}

// features are all of our features that stand behind a partner, in the order of the configuration.
func (c Config) features() []string {
	var all []string
	for _, p := range c.Partners {
		for _, feature := range p.Affects {
			if !slices.Contains(all, feature) {
				all = append(all, feature)
			}
		}
	}
	return all
}

// jiraAuth is how Jira knows us: by mail address and token on Jira Cloud, by the token alone on Jira Data Center.
func jiraAuth(c jira.Config) httpcall.Auth {
	if c.User == "" {
		return httpcall.Auth{Bearer: c.Token, Host: c.URL}
	}
	return httpcall.Auth{Basic: &httpcall.Basic{User: c.User, Password: c.Token}, Host: c.URL}
}

// landing tells the desk how an effect ended, before the dispatcher takes it for done.
type landing struct {
	scheduler.Performer
	kind string
	desk *incidents.Desk
}

// Do carries out the effect.
func (l landing) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	result, err := l.Performer.Do(ctx, key, payload, previous)
	if err != nil || result == nil {
		return result, err
	}
	return result, l.desk.Landed(ctx, l.kind, payload, result)
}

// Find looks for it.
func (l landing) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	result, found, err := l.Performer.Find(ctx, key, payload)
	if err != nil || !found || result == nil {
		return result, found, err
	}
	return result, found, l.desk.Landed(ctx, l.kind, payload, result)
}
