package main

import (
	"os"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

func TestPausedInAnEffect(t *testing.T) {
	if os.Getenv("CHAOS_KILLS") == "" {
		t.Skip("what a paused process was doing is looked for after minutes; run by make chaos")
	}
	tellStories(t, map[string]func(*story){
		"paused in the midst of a ticket and a message, and going on when another one has done them": pausedInEffects,
	})
}

// pausedInEffects stops every replica while Jira and Slack take their time over what one of them asked for, lets another one
// take all of it over, and lets the first ones go on.
func pausedInEffects(s *story) {
	s.lasts(8 * time.Minute)
	s.excuse("hangs", "answer lost", "dropped", "missing", "late", "jira 0", "pagerduty 0", "statuspage 0")
	s.only(vendors.ServiceNow)
	c := s.cluster()
	first, second := s.run(c.file), s.run(c.file)
	s.rounds("feed", 2, vendors.IDs()...)
	s.eventually("everything has passed", func() bool { return c.count(`select count(distinct probe) from results`) == 2 })

	// Jira has the ticket and says so late; Slack never had the message.
	s.world.Jira.SetFault(jira.OpCreate, jira.Fault{Delay: 10 * time.Second, Times: 1})
	s.slack.SetFault("chat.postMessage", slack.Fault{Hang: true, Times: 1})
	creates, posts := s.world.Jira.Calls(jira.OpCreate), s.slack.Calls("chat.postMessage")
	s.fails(vendors.ServiceNow)
	s.eventually("both are asked", func() bool {
		return s.world.Jira.Calls(jira.OpCreate) > creates && (s.slack.Calls("chat.postMessage") > posts || len(s.slack.Faults()) == 0)
	})
	first.signal(syscall.SIGSTOP)
	second.signal(syscall.SIGSTOP)

	third := s.run(c.file)
	c.led(third)
	i := s.incident(vendors.ServiceNow, "ServiceNow")
	i.ticket("open", func(jira.Issue) bool { return true })
	s.eventually("nothing is left to do", func() bool { return c.count(`select count(*) from effects where state <> 'done'`) == 0 })

	first.signal(syscall.SIGCONT)
	second.signal(syscall.SIGCONT)
	s.announce(vendors.Okta)
	s.told(slack.Updates, "Okta: 1 new entry")
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	s.eventually("nothing is left to do", func() bool { return c.count(`select count(*) from effects where state <> 'done'`) == 0 })
	for _, line := range i.thread() {
		s.read[line.TS] = true // each stands once, which the judge holds
	}
	for _, p := range []*process{first, second, third} {
		p.terminate()
	}
}
