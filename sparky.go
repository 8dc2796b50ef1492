package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"sparky/bot"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
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
	troubles   *troubleTeller
	workshop   *workshop
	workers    *isolate.Pool // nil where this system has none
	dispatcher *scheduler.Dispatcher
	jobs       *scheduler.Jobs
	afloat     *scheduler.Jobs // the probes alone, while the database is away
	lease      scheduler.Lease
	link       *bot.Link
	home       *bot.Home
	vitals     *vitals
	still      standstill
	heartbeat  *heartbeat // nil where none is configured
	helm       helm
	started    time.Time
	instance   string // which Sparky this is, to those who ask at listen
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
	s := &sparky{config: config, log: log, dial: in.dial, memory: memory, listener: listener, metrics: newMetrics(), started: time.Now(),
		instance: config.Store.Instance()}
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

	restored, err := memory.RestoredUpTo(ctx)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.wireSlack(bot.NewPoster(api, log).Since(restored), api, ours, redactor, now)
	s.metrics.MustRegister(newGauges(s.vitals.Health), newTallies(memory, config.Partners), newBreakerGauges(s.breakers))
	if s.insight.sender != nil {
		s.metrics.MustRegister(newSendingGauges(s.insight.sender))
	}
	if s.jobs, err = scheduler.NewJobs(s.allJobs(now), scheduler.JobOptions{Phases: memory, Log: log}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.metrics.MustRegister(newDelayGauges(s.jobs))
	if err = s.newLease(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Run runs until ctx is done or a part of it fails for good. What was taken on is finished before it returns.
func (s *sparky) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.link.Run(ctx) })
	group.Go(func() error { return s.dispatcher.Run(ctx) })
	group.Go(func() error {
		return s.lease.Hold(ctx, func(ctx context.Context, _ int64) error {
			defer s.helm.take()()
			s.vitals.leads()
			return s.jobs.Run(ctx)
		})
	})
	group.Go(func() error { s.responder.bring(ctx, s.log); return nil })
	group.Go(func() error { s.vitals.watch(ctx); return nil })
	group.Go(func() error { s.still.watch(ctx, s.log); return nil })
	group.Go(func() error { newSupervisor(s.vitals.Health, s.log).run(ctx); return nil })
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

// breakerMoved logs it, by its host but for the heartbeat, whose host says where to send false beats.
func (s *sparky) breakerMoved(b httpcall.Breaker) {
	if b.Name == heartbeatName {
		s.log.Warn("a circuit breaker moved", "of", b.Name, "state", b.State)
		return
	}
	s.log.Warn("a circuit breaker moved", "host", b.Host, "state", b.State)
}
