package main

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sparky/bot"
	"sparky/fixtures/world"
	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/memory"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/ours/jira"
	"sparky/scheduler"
	"sparky/store"
)

// An office of ours is away for an hour, in which ServiceNow fails and Okta too, and works again. Every minute is one of
// the back-off that the program has, in the time of a bubble; the desk, the store, the dispatcher, the performers and the
// world are the real ones.
func TestAnOfficeThatIsAwayForAnHour(t *testing.T) {
	for _, c := range []struct {
		name string
		away func(w *world.World)
		back func(w *world.World)
		// within is how long after its return everything is done: the longest rest between two attempts, one more of them
		// where the circuit breaker lets another effect try first, and what follows.
		within time.Duration
		called int // pages to on-call, for two outages: of an outage that was over by then nobody is called
	}{
		{"Jira is away", func(w *world.World) { w.Jira.SetAway(true) }, func(w *world.World) { w.Jira.SetAway(false) }, 35 * time.Minute, 2},
		{"Slack answers 429", func(w *world.World) {
			w.Slack.SetFault(slack.AnyMethod, slack.Fault{Status: http.StatusTooManyRequests, RetryAfter: 30})
		}, func(w *world.World) { w.Slack.ClearFaults() }, 3 * time.Minute, 2},
		{"Slack is away", func(w *world.World) { w.Slack.SetFault(slack.AnyMethod, slack.Fault{Away: true}) },
			func(w *world.World) { w.Slack.ClearFaults() }, 35 * time.Minute, 2},
		{"PagerDuty is away", func(w *world.World) { w.Pager.SetFault(pagerduty.Fault{Away: true}) },
			func(w *world.World) { w.Pager.SetFault(pagerduty.Fault{}) }, 35 * time.Minute, 1},
		{"our status page is away", func(w *world.World) { w.Public.SetFault(atlassian.Fault{Away: true}) },
			func(w *world.World) { w.Public.SetFault(atlassian.Fault{}) }, 35 * time.Minute, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHour(t, time.Minute, nil)
				c.away(h.world)
				// The first outage is over long before the office is back, the second one goes on.
				h.fails(20 * time.Minute)
				h.works(15 * time.Minute)
				h.fails(25 * time.Minute)
				c.back(h.world)
				back := time.Now()
				for h.left() > 0 && time.Since(back) < c.within {
					h.fails(time.Minute)
				}
				if left := h.left(); left > 0 {
					t.Errorf("%d effects are not done %v after it was back:\n%s", left, c.within, h.siege.waiting())
				}
				t.Logf("all was done %v after it was back", time.Since(back))
				h.works(5 * time.Minute)
				h.judge()
				t.Logf("%d tickets, %d messages, %d public incidents", len(h.world.Jira.Issues()), len(h.story.slack.Messages(slack.Alerts)), len(h.world.Public.Incidents()))
				if called := len(h.world.Pager.Alerts()); called != c.called {
					t.Errorf("on-call was called %d times, want %d", called, c.called)
				}
			})
		})
	}
}

// hour is the program without its link and its clock: what the clock would do, a test does.
type hour struct {
	*siege
	program *sparky
	store   *store.Store
	stop    func()
}

// searchLag is just within what Sparky grants Jira's search.
const searchLag = jira.Lag - time.Second

// newHour is the program in a bubble. between, where there is one, stands between the dispatcher and those who carry out.
func newHour(t *testing.T, reopenWithin time.Duration, between func(map[string]scheduler.Route)) *hour {
	t.Helper()
	return newHourOf(t, hourOptions{between: between, config: func(c *Config) { c.Triage.ReopenWithin = setting.Duration(reopenWithin) }})
}

// hourOptions are what differs between bubbles; the zero value is the demo's world and configuration.
type hourOptions struct {
	between func(map[string]scheduler.Route)
	world   world.Options
	config  func(*Config)
	tells   bool // people are told of what waits for them
}

func newHourOf(t *testing.T, o hourOptions) *hour {
	t.Helper()
	network, folder := &memory.Network{}, t.TempDir()
	o.world.Listen, o.world.SearchLag = network.Listen, searchLag
	w, err := world.Start(context.WithoutCancel(t.Context()), o.world)
	if err != nil {
		t.Fatal(err)
	}
	config := demoConfig(w, folder)
	inline(&config) // its network is in memory
	config.Triage.Controls = nil
	if o.config != nil {
		o.config(&config)
	}
	kept, err := store.Open(t.Context(), config.Store.URL, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "sparky.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	w.Actions.SetExecute(compatWorkflow(demoConfig(w, folder), httpcall.Options{Transport: network.Transport()}))
	transport, log, redactor := network.Transport(), slog.New(slog.DiscardHandler), setting.NewRedactor(config.Secrets()...)
	client := httpcall.New(httpcall.Options{Transport: transport, Retries: -1})
	p := &sparky{config: config, log: log, memory: kept, outside: newOutside(always(client), config, time.Now), breakers: newBreakers(config, redactor, time.Now, log), offices: newOffices(config, client, kept, nobodyNamed{}, time.Now, log)}
	if p.responder, err = p.newResponder(t.Context(), always(client), redactor, time.Now); err != nil {
		t.Fatal(err)
	}
	p.outside.documents = kept
	if p.workshop, err = newWorkshop(config, client, kept, time.Now); err != nil {
		t.Fatal(err)
	}
	poster := bot.NewPoster(bot.NewAPI(client.HTTP(), config.Slack.APIURL, config.Slack.BotToken, config.Slack.AppToken), log)
	routes := p.routes(poster, bot.Unwells(poster, p.config.Slack.Channels.Alerts), redactor.Redact, time.Now)
	if o.between != nil {
		o.between(routes)
	}
	dispatching := scheduler.Options{Woken: kept.Recorded(), Log: log, TroubleEvery: troubleEvery}
	if o.tells {
		dispatching.OnTrouble = (&troubleTeller{memory: kept, log: log}).tell
	}
	dispatcher := scheduler.NewDispatcher(kept, routes, dispatching)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- dispatcher.Run(ctx) }()
	s := &story{T: t, ctx: t.Context(), world: w, slack: w.Slack, folder: folder, config: config, logs: &transcript{},
		read: map[string]bool{}, wanted: map[string]bool{}, excused: map[string]bool{}}
	h := &hour{siege: &siege{story: s, memory: seen}, program: p, store: kept}
	h.stop = func() {
		cancel()
		transport.CloseIdleConnections()
		for _, err := range []error{<-ended, seen.Close(), kept.Close(), w.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	}
	return h
}

// fails lets ServiceNow and Okta, whose page tells of it, fail for a while.
func (h *hour) fails(d time.Duration) {
	h.Helper()
	if h.world.Partners.APIBroken(vendors.ServiceNow).How == vendors.APIWorking {
		h.rounds += 2
		_, err := h.world.Partners.Post(vendors.Okta, vendors.Outage{Impact: vendors.Critical})
		h.hold(err)
	}
	for _, partner := range []string{vendors.ServiceNow, vendors.Okta} {
		h.breaks(partner, vendors.APIBreak{How: vendors.APIError, Status: http.StatusInternalServerError})
	}
	h.passes(d)
}

func (h *hour) works(d time.Duration) {
	h.Helper()
	for _, partner := range []string{vendors.ServiceNow, vendors.Okta} {
		h.breaks(partner, vendors.APIBreak{})
	}
	h.hold(h.world.Partners.ResolveAll(vendors.Okta))
	h.passes(d)
}

// passes lets time pass, with every probe of the two and a look at the incidents each minute.
func (h *hour) passes(d time.Duration) {
	h.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		for _, p := range h.config.Partners {
			if p.ID != vendors.ServiceNow && p.ID != vendors.Okta {
				continue
			}
			for _, probe := range p.Probes {
				_, err := h.program.responder.Probe(h.ctx, p, probe)
				h.hold(err)
			}
		}
		h.hold(h.program.responder.desk.Sweep(h.ctx))
		<-time.After(time.Minute)
	}
	synctest.Wait()
}

// left is how many effects are not done.
func (h *hour) left() int {
	h.Helper()
	var left int
	h.hold(h.memory.QueryRowContext(h.ctx, `select count(*) from effects where state <> 'done'`).Scan(&left))
	return left
}

// judge holds that everything was done once.
func (h *hour) judge() {
	h.Helper()
	if left := h.left(); left > 0 {
		h.Errorf("%d effects are not done:\n%s", left, h.waiting())
	}
	found, err := h.store.Incidents(h.ctx, false, time.Time{})
	h.hold(err)
	h.judgeIncidents(found)
	for _, in := range found {
		if in.State != incidents.StateRecovered {
			h.Errorf("%s is %s", in.ID, in.State)
		}
	}
	h.stop()
}
