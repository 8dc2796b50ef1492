package main

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

// Circuit breakers, as people hear of them. A breaker is told once it has been open for a quarter of a minute.

func TestBreakerStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a page that fails is one message":      aPageThatFailsIsOneMessage,
		"a mute holds it back until it is over": aMuteHoldsABreakerBack,
	})
}

// touchy gives a partner a breaker that opens soon, and does not stay so for long.
func (s *story) touchy(partner string) {
	r := &partners.Resilience{}
	r.SetDefaults()
	r.Attempts, r.Backoff.First, r.Backoff.Most = 2, setting.Duration(20*time.Millisecond), setting.Duration(100*time.Millisecond)
	r.Breaker.Requests, r.Breaker.OpenFor = 4, setting.Duration(time.Second)
	s.partner(partner).Resilience = r
}

// holdsBack waits until calls to some host of the partner have been held back for so long.
func (s *story) holdsBack(p *program, partner string, since time.Duration) {
	s.Helper()
	s.hold(s.world.Partners.Wait(s.ctx, fmt.Sprintf("calls that are held back for %s", since), func() bool {
		held := p.breakers.Breakers(partner)
		return len(held) > 0 && time.Since(held[0].Since) >= since
	}))
}

// figure waits until /metrics says so of some host of the partner.
func (s *story) figure(p *program, partner, states string) {
	s.Helper()
	wanted := regexp.MustCompile(`(?m)^sparky_breaker_state\{host="127\.0\.0\.1:\d+",partner="` + partner + `"\} ` + states + `$`)
	s.hold(s.world.Partners.Wait(s.ctx, "a figure of "+states, func() bool {
		_, metrics := s.fetch(p, "/metrics")
		return wanted.MatchString(metrics)
	}))
}

// noFigure waits until /metrics says of every host of the partner that calls are made.
func (s *story) noFigure(p *program, partner string) {
	s.Helper()
	wrong := regexp.MustCompile(`(?m)^sparky_breaker_state\{host="[^"]*",partner="` + partner + `"\} [^0]`)
	s.hold(s.world.Partners.Wait(s.ctx, "all calls are made", func() bool {
		_, metrics := s.fetch(p, "/metrics")
		return !wrong.MatchString(metrics)
	}))
}

func aPageThatFailsIsOneMessage(s *story) {
	s.touchy(vendors.ServiceNow)
	p := s.well()
	s.noFigure(p, vendors.ServiceNow)
	s.hold(s.world.Partners.BreakPage(vendors.ServiceNow, vendors.ServerError))
	s.figure(p, vendors.ServiceNow, "[12]")
	s.told(slack.Alerts, "ServiceNow: too many calls to 127.0.0.1:", "failed (it answered 50", "so they are held back", "No incident is open for it")
	s.asks("ada", "status", "Calls to ", "have been held back since", "because too many failed (it answered 50")
	s.asks("ada", "status servicenow", "Calls that are held back", "because too many failed")
	s.hold(s.world.Partners.BreakPage(vendors.ServiceNow, vendors.Working))
	s.told(slack.Alerts, "ServiceNow: calls to 127.0.0.1:", "are made again", "That is over")
	s.noFigure(p, vendors.ServiceNow)
}

func aMuteHoldsABreakerBack(s *story) {
	s.touchy(vendors.ServiceNow)
	p := s.well()
	s.types("ada", "mute servicenow 1h", "muted")
	s.hold(s.world.Partners.BreakPage(vendors.ServiceNow, vendors.ServerError))
	s.holdsBack(p, vendors.ServiceNow, incidents.CircuitPatience+2*demoAlerts)
	for _, m := range s.posted() {
		if holdsAll(shown(m), []string{"held back"}) {
			s.Errorf("told under a mute:\n%s", shown(m))
		}
	}
	s.types("ada", "unmute servicenow", "ended the mute")
	s.told(slack.Alerts, "ServiceNow: too many calls to 127.0.0.1:", "so they are held back")
}
