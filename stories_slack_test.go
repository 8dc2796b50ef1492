package main

import (
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/partners"
)

func TestSlackStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"questions are answered to the asker alone":              questionsAreAnswered,
		"--public shows an answer to the channel, not a mistake": publicAnswers,
		"a mention and a direct message take the same words":     mentionsAndDirectMessages,
		"App Home is the dashboard":                              appHome,
		"a status page: outage, maintenance, unknown":            statusPages,
		"links that come and go":                                 linksComeAndGo,
		"Socket Mode switched off and on again":                  socketModeOff,
		"a Slack that accepts and closes is left in peace":       acceptThenClose,
		"stopping sends what was taken on":                       stopping,
	})
}

func questionsAreAnswered(s *story) {
	p := s.watching()
	p.allOperational()
	s.asks("ada", "", "What you can ask", "/sparky upcoming")
	s.asks("ada", "help status", "/sparky status microsoft")
	s.asks("ada", "status", "Partners: 5 operational.")
	s.asks("ben", "status SNOW", "ServiceNow", "Ticket sync", "Changelogs")
	s.asks("ben", "status power bi", "Microsoft 365")
	s.asks("chidi", "changelog okta 30d", "Universal Logout API v1.1")
	s.asks("chidi", "upcoming", "Okta", "in ")
	s.asks("ada", "statsu", "status")
	s.asks("ada", "status okat", "okta")
	s.asks("ada", "status <!channel> `*_~", "channel")
}

func publicAnswers(s *story) {
	s.watching()
	for _, c := range []struct{ text, words string }{{"status --public", "Partners"}, {"changelog okta 30d --public", "Universal Logout"}} {
		_, err := s.slack.Command("ada", slack.General, "/sparky", c.text)
		s.hold(err)
		s.told(slack.General, c.words)
	}
	s.asks("ada", "statsu --public", "status")
}

func mentionsAndDirectMessages(s *story) {
	s.watching()
	asked, err := s.slack.Say("ada", slack.General, "@sparky status okta")
	s.hold(err)
	if m := s.told(slack.General, "Okta"); m.ThreadTS != asked.TS {
		s.Error("a mention is not answered in its thread")
	}
	asked, err = s.slack.Say("ben", "DM", "upcoming")
	s.hold(err)
	s.told(asked.Channel, "Coming changes")
	asked, err = s.slack.Say("ben", "DM", "how is everybody?")
	s.hold(err)
	s.told(asked.Channel, "Partners")
	asked, err = s.slack.Say("ben", "DM", "who wants lunch?")
	s.hold(err)
	s.told(asked.Channel, "There is no command", "help")
}

func appHome(s *story) {
	p := s.watching()
	p.allOperational()
	delivery, err := s.slack.OpenHome("ada")
	s.hold(err)
	if outcome, _, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("opening the tab: %s, %v", outcome, err)
	}
	s.hold(s.slack.Wait(s.ctx, "the dashboard", func() bool {
		home, ok := s.slack.Home("ada")
		text := strings.Join(texts(home.Blocks), "\n")
		return ok && holdsAll(text, []string{"Partners: 5 operational", "Workday", "Coming changes"})
	}))
}

func statusPages(s *story) {
	p := s.watching()
	world := s.world.Partners
	_, err := world.Post(vendors.GitHub, vendors.Outage{Component: "Actions", Title: "Jobs do not start", Impact: vendors.Critical})
	s.hold(err)
	_, err = world.Maintain(vendors.ServiceNow, vendors.Window{Title: "Database work", From: time.Now().Add(-time.Minute), Until: time.Now().Add(time.Hour)})
	s.hold(err)
	for id, how := range map[string]vendors.Break{vendors.Workday: vendors.Login, vendors.Okta: vendors.Soft404, vendors.Microsoft: vendors.EmptyBody} {
		s.hold(world.BreakPage(id, how))
	}
	s.rounds("page", 3, vendors.IDs()...)
	s.asks("ada", "status", "Jobs do not start", "Database work", "3 unknown")
	s.asks("ada", "status github", "GitHub: ", "Jobs do not start", "Actions")
	for _, id := range []string{vendors.Workday, vendors.Okta, vendors.Microsoft} {
		s.asks("ada", "status "+id, vendors.Name(id)+": unknown")
	}
	s.hold(world.ResolveAll(vendors.GitHub))
	s.hold(world.ResolveAll(vendors.ServiceNow))
	for _, id := range []string{vendors.Workday, vendors.Okta, vendors.Microsoft} {
		s.hold(world.BreakPage(id, vendors.Working))
	}
	p.allOperational()
	s.asks("ada", "status", "Partners: 5 operational.")
}

// allOperational waits until every status page was read as well.
func (p *program) allOperational() {
	p.story.Helper()
	p.story.hold(p.story.world.Partners.Wait(p.story.ctx, "a good reading of every page", func() bool {
		records, err := p.memory.Statuses(p.story.ctx)
		for _, r := range records {
			if r.Status.Level != partners.Operational {
				return false
			}
		}
		return err == nil && len(records) == len(vendors.IDs())
	}))
}

func linksComeAndGo(s *story) {
	s.watching()
	s.hold(s.slack.Wait(s.ctx, "both links", func() bool { return s.slack.Links() == 2 }))
	opened := s.slack.Calls("apps.connections.open")
	s.slack.Disconnect(slack.RefreshRequested)
	s.hold(s.slack.Wait(s.ctx, "new links", func() bool {
		return s.slack.Calls("apps.connections.open") >= opened+2 && s.slack.Links() == 2
	}))
	s.asks("ada", "help", "What you can ask")
	s.slack.DropLinks()
	s.hold(s.slack.Wait(s.ctx, "links after a loss", func() bool { return s.slack.Links() == 2 }))
	s.asks("ada", "help", "What you can ask")
	s.opensInPeace()
}

// socketModeOff is a switch that only a person turns back: Sparky says so, and asks every five minutes. A restart asks at once.
func socketModeOff(s *story) {
	p := s.watching()
	s.slack.Disconnect(slack.LinkDisabled)
	s.hold(s.slack.Wait(s.ctx, "the end of the links", func() bool { return s.slack.Links() == 0 }))
	s.hold(s.world.Partners.Wait(s.ctx, "word of it", func() bool {
		return strings.Contains(p.link.Health().Problem, "switch it on at api.slack.com/apps")
	}))
	s.slack.EnableSocketMode()
	p.stop()
	s.start()
	s.linked()
	s.asks("ada", "help", "What you can ask")
}

func acceptThenClose(s *story) {
	s.slack.SetLinkMode(slack.CloseAfterAccept)
	s.start()
	s.hold(s.slack.Wait(s.ctx, "four attempts", func() bool { return s.slack.Calls("apps.connections.open") >= 4 }))
	s.slack.SetLinkMode(slack.LinksWork)
	s.linked()
	s.asks("ada", "help", "What you can ask")
	s.opensInPeace()
}

// opensInPeace holds that links were asked for no more than once a second: of any calls in a row, the last came so many
// seconds after the first. A busy machine may hold one up on its way, so that those after it seem to follow sooner.
func (s *story) opensInPeace() {
	s.Helper()
	const heldUp = 1500 * time.Millisecond
	var calls []time.Time
	for _, e := range s.slack.Journal() {
		if e.Method == "apps.connections.open" {
			calls = append(calls, e.At.Add(-e.Took))
		}
	}
	for first := range calls {
		for last := first + 1; last < len(calls); last++ {
			if took, n := calls[last].Sub(calls[first]), last-first; took < time.Duration(n)*time.Second-heldUp {
				s.Errorf("apps.connections.open %d times in %v", n+1, took)
			}
		}
	}
}

// stopping holds that what was acknowledged before the end is answered, and that the end comes soon: see stop.
func stopping(s *story) {
	p := s.watching()
	delivery, err := s.slack.Command("ada", slack.General, "/sparky", "status")
	s.hold(err)
	if outcome, _, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("%s, %v", outcome, err)
	}
	p.stop()
	if len(s.slack.Ephemerals("ada", slack.General)) == 0 {
		s.Error("what was taken on was not answered")
	}
}
