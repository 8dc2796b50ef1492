package main

import (
	"maps"
	"net/http"
	"time"

	"sparky/bot"
	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/scheduler"
)

// wireSlack puts together what is heard of Slack and what is said there: the link and who answers what comes by it, App Home,
// what Sparky says of itself, and the dispatcher, most of whose effects are messages.
func (s *sparky) wireSlack(poster *bot.Poster, api *bot.API, ours *httpcall.Client, redactor setting.Redactor, now func() time.Time) {
	config, memory, log := s.config, s.memory, s.log
	unwell := bot.Unwells(poster, config.Slack.Channels.Alerts).Redacted(redactor.Redact)
	s.vitals = &vitals{facts: s.facts, memory: memory, log: log, patience: usualPatience(), every: vitalsEvery, calm: calmFor, started: s.started,
		letter: unwell, led: make(chan struct{}, 1)}
	s.heartbeat = newHeartbeat(config.Heartbeat, ours, s.vitals.Health, log)
	people := bot.NewRoles(api, config.Slack.Roles, now, log)
	asked := s.book(people, redactor.Redact, now)
	book := commands.Redacted(asked, redactor.Redact)
	s.home = bot.NewHome(api, book, people, asked, s.shown(now), log)
	inbox := bot.NewInbox(bot.InboxOptions{Runner: book, Check: asked.Check, Poster: poster, HTTP: ours.HTTP(), HomeVisited: s.home.Visited,
		Claims: memory, Owner: owner(), Log: log})
	s.link = bot.NewLink(bot.LinkOptions{API: api, Inbox: inbox, Log: log, Dial: ours.DialContext, Proxy: http.ProxyFromEnvironment})

	s.troubles = &troubleTeller{memory: memory, log: log}
	s.dispatcher = scheduler.NewDispatcher(memory, s.routes(poster, unwell, redactor.Redact, now),
		scheduler.Options{OnTrouble: s.troubles.tell, Log: log, Woken: memory.Recorded(), TroubleEvery: troubleEvery})
	memory.HandTo(s.dispatcher)
}

// routes say who carries out what is recorded.
func (s *sparky) routes(poster *bot.Poster, unwell bot.UnwellLetter, redact func(string) string, now func() time.Time) map[string]scheduler.Route {
	channels, memory := s.config.Slack.Channels, s.memory
	routes := map[string]scheduler.Route{}
	letter := func(kind string, l bot.Letter) {
		routes[kind] = scheduler.Route{Performer: l.Redacted(redact), Timeout: time.Minute, Settle: slackSettle}
	}
	letter(changes.EffectDigest, bot.Digests(poster, channels.Updates, now))
	letter(changes.EffectReminder, bot.Reminders(poster, channels.Updates, memory, now))
	letter(changes.EffectMorning, bot.Mornings(poster, channels.Updates, now))
	letter(changes.EffectNotice, bot.Notices(poster, channels.Alerts))
	routes[bot.EffectTrouble] = scheduler.Route{Performer: &belated{Performer: bot.Troubles(poster, channels.Alerts).Redacted(redact)}, Timeout: time.Minute, Settle: slackSettle}
	routes[bot.EffectHealth] = scheduler.Route{Performer: unwell, Timeout: time.Minute, Settle: slackSettle}
	letter(incidents.EffectCard, bot.Cards(poster, channels.Alerts, memory, now, s.config.Jira != nil))
	letter(incidents.EffectThread, bot.Threads(poster, memory))
	letter(incidents.EffectWarning, bot.Warnings(poster, channels.Alerts))
	// What happened is told in its order.
	thread := routes[incidents.EffectThread]
	thread.Concurrency = 1
	routes[incidents.EffectThread] = thread
	card := routes[incidents.EffectCard]
	card.Urgent = true
	routes[incidents.EffectCard] = card
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
