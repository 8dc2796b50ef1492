package main

import (
	"slices"
	"strings"
	"syscall"
	"time"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
)

// twoReplicas are two of them, of which the first leads. Nothing is probed but at the start, and where somebody asks for it.
type twoReplicas struct {
	*cluster
	leader, other   *process
	leaders, others []int // the numbers of their links
	left            int   // events that came to both
}

// twoReplicas runs both, and lets what people do come to the one that does not lead.
func (s *story) twoReplicas() *twoReplicas {
	s.Helper()
	s.only(vendors.ServiceNow, vendors.Okta)
	s.probesEvery(time.Hour)
	r := &twoReplicas{cluster: s.cluster()}
	r.leader = s.run(r.file)
	r.led(r.leader)
	r.hold(r.slack.Wait(r.ctx, "the links of the leader", func() bool { return r.slack.Links() == 2 }))
	r.leaders = r.slack.LinkNumbers()
	r.other = s.run(r.file)
	r.hold(r.slack.Wait(r.ctx, "the links of both", func() bool { return r.slack.Links() == 4 }))
	r.others = slices.DeleteFunc(r.slack.LinkNumbers(), func(n int) bool { return slices.Contains(r.leaders, n) })
	r.slack.Aim(r.others...)
	r.eventually("everything has passed", func() bool { return r.count(`select count(distinct probe) from results`) == 3 })
	r.eventually("every page was read", func() bool { return r.count(`select count(*) from statuses`) == len(vendors.IDs()) })
	r.rounds("feed", 1, vendors.IDs()...)
	return r
}

// heardBy are the numbers of the links that brought envelopes of a kind.
func (r *twoReplicas) heardBy(kind string) []int {
	var numbers []int
	for _, e := range r.slack.Journal() {
		if e.Kind == slack.FrameOut && e.Method == kind {
			numbers = append(numbers, e.Link)
		}
	}
	return numbers
}

// recorded holds that so much is on record as done by people.
func (r *twoReplicas) recorded(did incidents.Did, times int) {
	r.Helper()
	if n := r.count(`select count(*) from audit where did = '` + string(did) + `' and actor <> ''`); n != times {
		r.Errorf("%q is on record %d times, want %d", did, n, times)
	}
}

// otherReplicaAnswers asks the replica that does not lead for everything, and at the end the leader is lost while it answers.
func otherReplicaAnswers(s *story) {
	s.config.GitHub = s.demo.GitHub
	r := s.twoReplicas()
	s.acts("ada")
	_, err := s.slack.Command("ada", slack.General, "/sparky", "certify okta") // it takes a while, and the rest is asked meanwhile
	s.hold(err)
	r.opensHome("ada", "None of 5 partners needs a look")
	s.asks("ada", "status", "Partners: 5 operational.")
	s.asks("ada", "status servicenow", "ServiceNow: ", "Ticket sync")
	s.asks("ada", "incidents", "o incident")
	s.asks("ada", "changelog okta 30d", "Universal Logout")
	s.asks("ada", "upcoming", "Coming changes")
	s.asks("ada", "oncall", "on call")

	s.table()
	s.types("ada", "probe servicenow", "ServiceNow: 1 of 2 probes failed (table-api)")
	i := s.incident(vendors.ServiceNow, "table-api fails", "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	s.homeShows("ada", "1 of 5 partners needs a look", "table-api")
	i.presses("ada", "Acknowledge")
	i.shows("has it")
	i.page(pagerduty.Acknowledged)
	i.ticket("in hand", status("In Progress"))
	s.asks("chidi", "ack ECO-1", "Nothing was changed", "acknowledged it")
	s.types("ada", "mute okta 2h moving house", "muted Okta until")
	s.types("ada", "unmute okta", "ended the mute of Okta")
	s.types("ada", "compat okta 2026.12.0", "has our integration tried against", "Okta 2026.12.0")
	s.told(slack.Updates, "Okta 2026.12.0: our integration works with it.")
	s.wantRuns(1)
	s.asks("ada", "audit", "acknowledged", "2026.12.0")
	s.told(slack.General, "Okta is ", "Resilience", "Asked by")

	r.losesItsLeader(i)
	s.heals(vendors.ServiceNow)
	s.types("ada", "probe servicenow", "ServiceNow: both probes passed")
	i.tells(calledWords+" not announced", "Acknowledged", "Resolved by hand")
	for did, times := range map[incidents.Did]int{incidents.DidProbe: 2, incidents.DidAcknowledge: 1, incidents.DidMute: 1, incidents.DidUnmute: 1,
		incidents.DidAskRun: 1, incidents.DidCertify: 1, incidents.DidResolve: 1} {
		r.recorded(did, times)
	}
	for _, kind := range []string{"slash_commands", "interactive", "events_api"} {
		if heard := r.heardBy(kind); len(heard) == 0 || slices.ContainsFunc(heard, func(n int) bool { return !slices.Contains(r.others, n) }) {
			s.Errorf("%s came by the links %v, and those of the one that was meant are %v", kind, heard, r.others)
		}
	}
	r.other.terminate()
}

// losesItsLeader has somebody resolve an incident while the leader stands still, and the leader killed once that was taken on.
func (r *twoReplicas) losesItsLeader(i *incident) {
	r.Helper()
	r.eventually("nothing is left to do", func() bool { return r.count(`select count(*) from effects where state <> 'done'`) == 0 })
	r.leader.signal(syscall.SIGSTOP)
	delivery, err := r.slack.Command("ada", slack.Alerts, "/sparky", "resolve ECO-1")
	r.hold(err)
	if outcome, took, err := delivery.Wait(r.ctx); err != nil || outcome != slack.Acked {
		r.Errorf("what was typed while the leader stood still was %s after %v: %v", outcome, took, err)
	}
	r.leader.kill()
	r.told(slack.Alerts, "resolved", "ECO-1")
	i.shows("closed by")
	i.page(pagerduty.Resolved)
	i.ticket("resolved", status("Resolved"))
	if took := r.led(r.other); took > takeoverBound {
		r.Errorf("nobody led for %v", took)
	}
}

// broughtAgain has Slack bring what somebody said to one replica to the other one too, as it does when it has seen no
// acknowledgement, and once more after both were started anew.
func broughtAgain(s *story) {
	r := s.twoReplicas()
	for _, c := range []talk{{"@sparky probe okta", "Okta: org passed"}, {"@sparky mute okta 2h moving house", "muted Okta"}} {
		r.slack.Aim(r.others...)
		asked, err := s.slack.Say("ada", slack.General, c.text)
		s.hold(err)
		s.acts("ada")
		s.repliesTo(asked, c)
		r.slack.Aim(r.leaders...)
		s.hold(s.slack.Redeliver())
		r.passedOver()
	}
	r.recorded(incidents.DidProbe, 1)
	r.recorded(incidents.DidMute, 1)
	r.leader.terminate()
	r.other.terminate()
	anew := s.run(r.file)
	s.linked()
	s.hold(s.slack.Redeliver())
	r.passedOver()
	r.recorded(incidents.DidMute, 1)
	if n := r.count(`select count(*) from events`); n != 2 {
		s.Errorf("%d events are known", n)
	}
	anew.terminate()
}

// passedOver waits until a replica has left one more event to whoever has it.
func (r *twoReplicas) passedOver() {
	r.Helper()
	r.left++
	r.eventually("it is seen to be a repetition", func() bool {
		return strings.Count(r.logs.String(), "an event that is taken on already") == r.left
	})
}
