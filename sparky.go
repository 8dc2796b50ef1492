package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"sparky/bot"
	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/scheduler"
	"sparky/store"
)

// sparky is the program put together: what runs until it is told to stop.
type sparky struct {
	config     Config
	log        *slog.Logger
	memory     *store.Store
	outside    *outside
	dispatcher *scheduler.Dispatcher
	jobs       *scheduler.Jobs
	lease      scheduler.Lease
	link       *bot.Link
	metrics    *prometheus.Registry
	listener   net.Listener
}

// newSparky puts the program together, from what it remembers to what it does. It reaches for nothing outside but its
// own database and the address that it listens on. Close it when it has run.
func newSparky(ctx context.Context, config Config, log *slog.Logger) (*sparky, error) {
	config = config.named()
	redactor := setting.NewRedactor(config.Secrets()...)
	memory, err := store.Open(ctx, config.Store.URL, store.Options{})
	if err != nil {
		return nil, err
	}
	s := &sparky{config: config, log: log, memory: memory, metrics: newMetrics()}
	if s.listener, err = listen(ctx, config.Listen); err != nil {
		return nil, errors.Join(err, memory.Close())
	}
	now := time.Now
	s.outside = newOutside(httpcall.New(httpcall.Options{Redactor: redactor, PublicOnly: true, OnBreaker: s.breakerMoved}), config, now)

	directory := commands.NewDirectory(config.Partners)
	book := commands.Redacted(commands.NewBook(directory,
		commands.Status(directory, memory, memory, now),
		commands.Changelog(directory, memory, now),
		commands.Upcoming(directory, memory, now)), redactor.Redact)

	// Retries are the link's and the dispatcher's: one hidden in here would go round the pace that Slack asks for.
	slackHTTP := httpcall.New(httpcall.Options{Redactor: redactor, Retries: -1})
	api := bot.NewAPI(slackHTTP.HTTP(), config.Slack.APIURL, config.Slack.BotToken, config.Slack.AppToken)
	poster := bot.NewPoster(api, log)
	home := bot.Home{API: api, Runner: book, Log: log}
	inbox := bot.NewInbox(bot.InboxOptions{Runner: book, Poster: poster, HTTP: slackHTTP.HTTP(), HomeOpened: home.Opened, Log: log})
	s.link = bot.NewLink(bot.LinkOptions{API: api, Inbox: inbox, Log: log, Dial: slackHTTP.DialContext, Proxy: http.ProxyFromEnvironment})

	channels := config.Slack.Channels
	slackRoute := func(letter bot.Letter) scheduler.Route {
		return scheduler.Route{Performer: letter.Redacted(redactor.Redact), Timeout: time.Minute, Settle: slackSettle}
	}
	s.dispatcher = scheduler.NewDispatcher(memory, map[string]scheduler.Route{
		changes.EffectDigest: slackRoute(bot.Digests(poster, channels.Updates, now)),
		changes.EffectNotice: slackRoute(bot.Notices(poster, channels.Alerts)),
		bot.EffectTrouble:    slackRoute(bot.Troubles(poster, channels.Alerts)),
	}, scheduler.Options{OnTrouble: s.tellTrouble, Log: log, Woken: memory.Recorded(), TroubleEvery: troubleEvery})

	s.metrics.MustRegister(newGauges(s.health))
	if s.jobs, err = scheduler.NewJobs(s.allJobs(now), scheduler.JobOptions{Phases: memory, Log: log}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.lease = scheduler.Lease{Leases: memory, Name: "jobs", Owner: owner(), Log: log}
	return s, nil
}

// slackSettle is how long after an attempt began a message that it posted certainly shows in conversations.history: the
// attempt's own minute and a margin, for Slack documents no lag.
const slackSettle = 70 * time.Second

// troubleEvery is how soon Sparky goes on by itself after a person has mended what it needs: who has just invited it to a
// channel looks there for what was promised.
const troubleEvery = 30 * time.Second

// owner names this process among replicas.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "somewhere"
	}
	return fmt.Sprintf("%s-%d-%d", host, os.Getpid(), time.Now().UnixNano())
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; change listen in the configuration, or stop what uses it", address, err)
	}
	return listener, nil
}

// Run runs until ctx is done or a part of it fails for good. What was taken on is finished before it returns.
func (s *sparky) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.link.Run(ctx) })
	group.Go(func() error { return s.dispatcher.Run(ctx) })
	group.Go(func() error {
		return s.lease.Hold(ctx, func(ctx context.Context, _ int64) error { return s.jobs.Run(ctx) })
	})
	group.Go(func() error { return serve(ctx, s.listener, webHandler(s.health, s.metrics)) })
	return group.Wait()
}

// Close lets go of the database and the address.
func (s *sparky) Close() error {
	err := s.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, s.memory.Close())
}

// tellTrouble tells people once of an effect that waits for them. One that is itself such a message is only logged:
// where the alerts channel cannot be reached, there is nowhere to say so.
func (s *sparky) tellTrouble(ctx context.Context, effect scheduler.Effect, problem string) error {
	s.log.Error("an effect waits until a person has mended something", "kind", effect.Kind, "key", effect.Key, "problem", problem)
	if effect.Kind == bot.EffectTrouble {
		return nil
	}
	key := fmt.Sprintf("trouble/%s/%d", effect.Key, effect.FailingSince.Unix())
	return s.memory.Record(ctx, incidents.NewEffect(bot.EffectTrouble, key, bot.Trouble{Problem: problem, Since: effect.FailingSince}))
}

func (s *sparky) breakerMoved(b httpcall.Breaker) {
	s.log.Warn("a circuit breaker moved", "host", b.Host, "state", b.State)
}
