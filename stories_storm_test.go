package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/partners"
)

func TestStormStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"many partners that fail at once are one message, one call, and a ticket each": func(s *story) { manyFail(s, 10, false) },
	})
}

// TestGreatStorm is the same with thirty partners and a restart in the middle; it takes two minutes. See make storm.
func TestGreatStorm(t *testing.T) {
	if os.Getenv("SPARKY_STORM") == "" {
		t.Skip("SPARKY_STORM is not set; make storm sets it")
	}
	tellStories(t, map[string]func(*story){"thirty partners": func(s *story) { manyFail(s, 30, true) }})
}

// manyPartners are partners whose one probe reads GitHub's API, with which all of them break.
func (s *story) manyPartners(count int) {
	whole := *s.partner(vendors.GitHub)
	s.config.Partners = nil
	for n := range count {
		p := partners.Partner{ID: "supplier" + string(rune('a'+n/26)) + string(rune('a'+n%26)), Name: fmt.Sprintf("Supplier %02d", n+1),
			Isolation: partners.IsolationInline, Probes: slices.Clone(whole.Probes)}
		p.Probes[0].Every = setting.Duration(2 * time.Second)
		s.config.Partners = append(s.config.Partners, p)
	}
	s.config.Complete()
}

func manyFail(s *story, many int, restart bool) {
	s.manyPartners(many)
	p := s.start()
	s.linked()
	p.passing()
	s.fails(vendors.GitHub)
	storm := s.incident("storm", "partners fail at about the same time", "on-call was paged", fmt.Sprintf("Supplier %02d", many))
	storm.shows(fmt.Sprintf("%d partners fail", many), "is in this thread", "the messages of the first 5 stand in the channel")

	if restart {
		p.stop() // what it knows is kept
		s.start()
		s.linked()
	}
	s.hold(s.slack.Wait(s.ctx, "a card for each", func() bool { return len(s.cards()) == many }))
	inside := slices.DeleteFunc(s.cards(), func(m slack.Message) bool { return m.ThreadTS == "" })
	if len(inside) != many-5 {
		s.Errorf("%d cards stand in the thread", len(inside))
	}
	for _, m := range s.cards() {
		s.read[m.TS] = true
		if m.ThreadTS != "" && m.ThreadTS != storm.card.TS {
			s.Errorf("a card stands under another message: %s", m.Text)
		}
		id := idOf(effectKey(m))
		s.wanted["ticket "+id], s.wanted["page "+id] = true, true
	}
	one := &incident{story: s, id: idOf(effectKey(inside[0])), card: inside[0]}
	one.shows("ECO-")
	one.presses("ada", "Acknowledge")
	one.shows("Acknowledged by")
	storm.shows("has it")

	storm.presses(slack.OnCall, "Acknowledge")
	storm.shows("has it", "Acknowledged by")
	storm.page(pagerduty.Acknowledged)
	s.heals(vendors.GitHub)
	storm.shows(fmt.Sprintf("All %d partners", many), "work again", "after")
	storm.page(pagerduty.Resolved)
	storm.lacks("Acknowledge takes")
	storm.tells(calledWords+" It is one call for all", "Acknowledged", fmt.Sprintf("Over: all %d work again", many))
	s.hold(s.world.Pager.Wait(s.ctx, "no call is left", func() bool {
		return !slices.ContainsFunc(s.world.Pager.Alerts(), func(a pagerduty.Alert) bool { return a.State == pagerduty.Triggered })
	}))
	called := 0
	for _, a := range s.world.Pager.Alerts() {
		if a.State != "" {
			called++
		}
	}
	if called > 6 {
		s.Errorf("on-call was called %d times", called)
	}
	s.excuse(calledTogether)
	for _, m := range s.slack.Messages(slack.Alerts) {
		if strings.Contains(effectKey(m), "/thread/") {
			s.read[m.TS] = true // those of the first five tell their own stories
		}
	}
}

// cards are the messages of partners' incidents.
func (s *story) cards() []slack.Message {
	var all []slack.Message
	for _, m := range s.slack.Messages(slack.Alerts) {
		if key := effectKey(m); strings.HasSuffix(key, "/card") && partnerOf(idOf(key)) != "storm" {
			all = append(all, m)
		}
	}
	return all
}
