package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"sparky/bot"
	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/ours/pager"
	"sparky/partners"
	"sparky/partners/isolate"
	"sparky/scheduler"
	"sparky/store"
)

// sparky is the program put together: what runs until it is told to stop.
type sparky struct {
	config     Config
	log        *slog.Logger
	dial       func(ctx context.Context, network, address string) (net.Conn, error) // see surroundings
	memory     *store.Store
	outside    *outside
	offices    offices
	insight    insight
	breakers   *breakers
	responder  *responder
	workshop   *workshop
	workers    *isolate.Pool // nil where this system has none
	dispatcher *scheduler.Dispatcher
	jobs       *scheduler.Jobs
	afloat     *scheduler.Jobs // the probes alone, while the database is away
	lease      scheduler.Lease
	link       *bot.Link
	home       *bot.Home
	vitals     *vitals
	heartbeat  *heartbeat // nil where none is configured
	helm       helm
	started    time.Time
	metrics    *prometheus.Registry
	listener   net.Listener

	telling sync.Mutex
	told    map[string]string // the problem of a page or source that was logged last
}

// newSparky puts the program together, from what it remembers to what it does. It reaches for nothing outside but its
// own database and the address that it listens on. Close it when it has run.
func newSparky(ctx context.Context, config Config, log *slog.Logger) (*sparky, error) {
	return newSparkyAt(ctx, config, log, time.Now, store.Options{})
}

// newSparkyIn is newSparky in other surroundings than the machine's own.
func newSparkyIn(ctx context.Context, config Config, log *slog.Logger, in surroundings) (*sparky, error) {
	now := in.now
	config = config.named()
	redactor := setting.NewRedactor(config.Secrets()...)
	// The address first: where another Sparky has it, no database is left behind.
	listener, err := in.listen(ctx, config.Listen)
	if err != nil {
		return nil, err
	}
	config.Listen = listener.Addr().String() // where it is asked for any port, links lead to the one that it has
	in.memories.Morning = config.Slack.Digest.Rule()
	memory, err := store.Open(ctx, config.Store.URL, in.memories)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &sparky{config: config, log: log, dial: in.dial, memory: memory, listener: listener, metrics: newMetrics(), started: time.Now()}
	s.breakers = newBreakers(config, redactor, now, log)
	s.outside = newOutside(newLines(s.publicOnly(redactor), partners.Partner.Patience, s.breakers.moved).to, config, now)
	s.outside.documents = memory
	// Retries are the link's and the dispatcher's: one hidden in here would go round the pace that Slack asks for.
	// How long a call may take is theirs too: one that is given up early may have happened all the same.
	ours := httpcall.New(httpcall.Options{Redactor: redactor, Retries: -1, AttemptTimeout: officeTimeout, OnBreaker: s.breakerMoved, Dial: in.dial})
	s.insight = newInsight(config.NewRelic, ours, now)
	api := bot.NewAPI(ours.HTTP(), config.Slack.APIURL, config.Slack.BotToken, config.Slack.AppToken)
	s.offices = newOffices(config, ours, memory, bot.NewNames(api, now, log), now, log)
	if s.responder, err = s.newResponder(ctx, s.probing(redactor), redactor, now); err != nil {
		return nil, errors.Join(err, s.Close())
	}

	if s.workshop, err = newWorkshop(config, ours, memory, now); err != nil {
		return nil, errors.Join(err, s.Close())
	}

	poster := bot.NewPoster(api, log)
	s.vitals = &vitals{facts: s.facts, memory: memory, log: log, patience: usualPatience(), every: vitalsEvery, calm: calmFor, started: s.started,
		letter: bot.Unwells(poster, config.Slack.Channels.Alerts).Redacted(redactor.Redact)}
	s.heartbeat = newHeartbeat(config.Heartbeat, ours, s.vitals.Health, log)
	asked := s.book(bot.NewRoles(api, config.Slack.Roles, now, log), redactor.Redact, now)
	book := commands.Redacted(asked, redactor.Redact)
	s.home = bot.NewHome(api, book, log)
	inbox := bot.NewInbox(bot.InboxOptions{Runner: book, Check: asked.Check, Poster: poster, HTTP: ours.HTTP(), HomeVisited: s.home.Visited, Log: log})
	s.link = bot.NewLink(bot.LinkOptions{API: api, Inbox: inbox, Log: log, Dial: ours.DialContext, Proxy: http.ProxyFromEnvironment})

	s.dispatcher = scheduler.NewDispatcher(memory, s.routes(poster, redactor.Redact, now),
		scheduler.Options{OnTrouble: (&troubleTeller{memory: memory, log: log}).tell, Log: log, Woken: memory.Recorded(), TroubleEvery: troubleEvery})
	s.metrics.MustRegister(newGauges(s.vitals.Health), newTallies(memory, config.Partners), newBreakerGauges(s.breakers))
	if s.insight.sender != nil {
		s.metrics.MustRegister(newSendingGauges(s.insight.sender))
	}
	if s.jobs, err = scheduler.NewJobs(s.allJobs(now), scheduler.JobOptions{Phases: memory, Log: log}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.metrics.MustRegister(newDelayGauges(s.jobs))
	// Their runs fall due when they would have.
	if s.afloat, err = scheduler.NewJobs(s.probeJobs(now), scheduler.JobOptions{Phases: rhythm{s.jobs}, Log: log}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.lease = scheduler.Lease{Leases: memory, Name: jobsLease, Owner: owner(), TTL: leaseTTL, Adrift: s.adrift, Log: log}
	return s, nil
}

// newResponder puts together what runs probes and decides about what they find.
func (s *sparky) newResponder(ctx context.Context, probing caller, redactor setting.Redactor, now func() time.Time) (*responder, error) {
	changed, err := ourChanges(ctx, s.config.Partners, s.memory)
	if err != nil {
		return nil, err
	}
	controls := &controls{addresses: s.config.Triage.Controls, now: now, client: httpcall.New(httpcall.Options{
		Redactor: redactor, Retries: -1, AttemptTimeout: controlTimeout, Breaker: httpcall.BreakerOptions{Requests: math.MaxUint32}, Dial: s.dial})}
	w := &witness{outside: s.outside, controls: controls, memory: s.memory, news: s.memory, keep: s.memory.SaveStatus,
		changed: changed, partners: s.config.Partners, now: now}
	desk := s.config.desk(s.memory, w, now)
	probes := newProbes(probing, redactor, now)
	probes.insight = s.insight
	if s.workers = newWorkers(s.config, httpcall.New(s.publicOnly(redactor)), s.log, now, s.breakers.moved); s.workers != nil {
		probes.apart = s.workers
	}
	return &responder{probes: probes, controls: controls, desk: desk, results: s.memory.Grouped(keptWithin), insight: s.insight,
		news: &changes.Watcher{Memory: s.memory, Now: now}}, nil
}

// keptWithin is how long the result of a passing probe waits for others to be kept with.
const keptWithin = 50 * time.Millisecond

// probing is how probes call: partners' pages and feeds are often on the host of their API, and have breakers of their own.
func (s *sparky) probing(redactor setting.Redactor) caller {
	return newLines(s.publicOnly(redactor), partners.Partner.ProbePatience, s.breakers.moved).to
}

// controlTimeout is how long an address that has nothing to do with any partner is waited for.
const controlTimeout = 3 * time.Second

// book is everything that people can ask.
func (s *sparky) book(permits commands.Permits, redact func(string) string, now func() time.Time) *commands.Book {
	directory, desk, memory := commands.NewDirectory(s.config.Partners), s.responder.desk, s.memory
	certifying := certificates{newCertifier(s.config, setting.NewRedactor(s.config.Secrets()...), now), memory}
	status := commands.StatusSources{Pages: memory, Probes: memory, Incidents: memory, Troubles: memory, Health: s.vitals, Certificates: certifying, Breakers: s.breakers}
	return commands.NewBook(directory, permits,
		commands.Status(directory, status, now),
		commands.Dashboard(directory, commands.DashboardSources{Status: status, Runs: memory, Workflows: s.workshop.open()}, now),
		commands.Incidents(memory, directory, now),
		commands.Changelog(directory, memory, now),
		commands.Upcoming(directory, memory, now),
		commands.Handled(directory, memory, now),
		commands.Unhandled(directory, memory, now),
		commands.Oncall(s.config.oncallFacts()),
		commands.Probe(directory, s.responder),
		commands.Compat(directory, s.workshop.trier(), memory, s.config.Slack.Channels.Updates, now),
		commands.Certify(directory, certifying),
		commands.Ack(desk, memory, now),
		commands.Resolve(desk, memory, now),
		commands.Mute(directory, desk, memory, now),
		commands.Unmute(directory, desk, memory, now),
		commands.Theirs(desk, memory, now),
		commands.Ours(desk, memory, now),
		commands.Publish(desk, memory, now, redact),
		commands.Decline(desk, memory, now),
		commands.Audit(directory, memory)).Audited(memory, now).WithHealth(s.vitals)
}

// oncall is who would be called.
type oncall struct{ config pager.Config }

// oncallFacts is who would be called; nil where nobody is configured.
func (c Config) oncallFacts() commands.OncallFacts {
	if c.Oncall == nil {
		return nil
	}
	return oncall{*c.Oncall}
}

// Who is that in words.
func (o oncall) Who() []string { return o.config.Who() }

// routes say who carries out what is recorded.
func (s *sparky) routes(poster *bot.Poster, redact func(string) string, now func() time.Time) map[string]scheduler.Route {
	channels, memory := s.config.Slack.Channels, s.memory
	routes := map[string]scheduler.Route{}
	letter := func(kind string, l bot.Letter) {
		routes[kind] = scheduler.Route{Performer: l.Redacted(redact), Timeout: time.Minute, Settle: slackSettle}
	}
	letter(changes.EffectDigest, bot.Digests(poster, channels.Updates, now))
	letter(changes.EffectReminder, bot.Reminders(poster, channels.Updates, memory, now))
	letter(changes.EffectMorning, bot.Mornings(poster, channels.Updates, now))
	letter(changes.EffectNotice, bot.Notices(poster, channels.Alerts))
	letter(bot.EffectTrouble, bot.Troubles(poster, channels.Alerts))
	routes[bot.EffectHealth] = scheduler.Route{Performer: bot.Unwells(poster, channels.Alerts).Redacted(redact), Timeout: time.Minute, Settle: slackSettle}
	letter(incidents.EffectCard, bot.Cards(poster, channels.Alerts, memory, now, s.config.Jira != nil))
	letter(incidents.EffectThread, bot.Threads(poster, memory))
	letter(incidents.EffectWarning, bot.Warnings(poster, channels.Alerts))
	// What happened is told in its order.
	thread := routes[incidents.EffectThread]
	thread.Concurrency = 1
	routes[incidents.EffectThread] = thread
	maps.Copy(routes, s.offices.routes)
	maps.Copy(routes, s.workshop.routes(poster, channels.Updates, memory, s.responder.desk, redact, now))
	for _, kind := range []string{incidents.EffectCard, incidents.EffectTicket, incidents.EffectPage, incidents.EffectPost} {
		if route, ok := routes[kind]; ok {
			route.Performer = landing{route.Performer, kind, s.responder.desk}
			routes[kind] = route
		}
	}
	return routes
}

// slackSettle is how long after an attempt began a message that it posted certainly shows in conversations.history: the
// attempt's own minute and a margin, for Slack documents no lag.
const slackSettle = 70 * time.Second

// troubleEvery is how soon Sparky goes on by itself after a person has mended what it needs: who has just invited it to a
// channel looks there for what was promised.
const troubleEvery = 30 * time.Second

// The lease on the jobs. Another replica has it at the latest a sixth of its time after a holder that died let it run out,
// which is within nine seconds; one that ends gives it back at once.
const (
	jobsLease = "jobs"
	leaseTTL  = 7500 * time.Millisecond
)

// owner names this process among replicas.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "somewhere"
	}
	return fmt.Sprintf("%s-%d-%d", host, os.Getpid(), time.Now().UnixNano())
}

// Run runs until ctx is done or a part of it fails for good. What was taken on is finished before it returns.
func (s *sparky) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.link.Run(ctx) })
	group.Go(func() error { return s.dispatcher.Run(ctx) })
	group.Go(func() error {
		return s.lease.Hold(ctx, func(ctx context.Context, _ int64) error {
			defer s.helm.take()()
			return s.jobs.Run(ctx)
		})
	})
	group.Go(func() error { s.responder.bring(ctx, s.log); return nil })
	group.Go(func() error { s.vitals.watch(ctx); return nil })
	group.Go(func() error { s.home.Watch(ctx); return nil })
	group.Go(func() error { return s.current(ctx) })
	group.Go(func() error { return s.insight.run(ctx, s.log, s.changed) })
	group.Go(func() error { return serve(ctx, s.listener, webHandler(s.vitals.Health, s.metrics, s.offices.page)) })
	return group.Wait()
}

// Close ends the workers, and lets go of the database and the address.
func (s *sparky) Close() error {
	if s.workers != nil {
		s.workers.Close()
	}
	err := s.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, s.memory.Close())
}

// changed tells whether what is wrong with something is another thing than was logged of it last; a poll every two
// minutes is no reason to log the same line all night.
func (s *sparky) changed(what, problem string) bool {
	s.telling.Lock()
	defer s.telling.Unlock()
	if s.told[what] == problem {
		return false
	}
	if s.told == nil {
		s.told = map[string]string{}
	}
	s.told[what] = problem
	return true
}

func (s *sparky) breakerMoved(b httpcall.Breaker) {
	s.log.Warn("a circuit breaker moved", "host", b.Host, "state", b.State)
}
