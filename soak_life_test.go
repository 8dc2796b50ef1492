package main

import (
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
)

// occasion is something that happens on a day of the soak.
type occasion struct {
	at time.Duration // since midnight
	do func()
}

// soakTruth is what happened, by day: what people must hear of.
type soakTruth struct {
	failures      map[int]int // that began
	announcements map[int]int
	asked         map[int]int // what people asked or pressed
	betas         int
}

// live lets one day pass, with what happens on it. Its last half hour is quiet.
func (s *soak) live() {
	s.Helper()
	if s.truth.failures == nil {
		s.truth = soakTruth{failures: map[int]int{}, announcements: map[int]int{}, asked: map[int]int{}}
	}
	midnight := time.Now().Round(24 * time.Hour)
	all := slices.Concat(s.outages(), s.great(), s.news(), s.folk(), s.machine())
	slices.SortStableFunc(all, func(a, b occasion) int { return int(a.at - b.at) })
	for _, m := range all {
		s.until(midnight.Add(m.at))
		m.do()
	}
	s.until(midnight.Add(24*time.Hour - time.Minute))
}

func (s *soak) until(at time.Time) {
	if wait := time.Until(at); wait > 0 {
		<-time.After(wait)
	}
	synctest.Wait()
}

// lasting is an outage of the i-th partner, with what its page says of it and what people do about it.
func (s *soak) lasting(i int, at, lasts time.Duration) []occasion {
	all := []occasion{{at, func() { s.truth.failures[s.day]++; s.fails(i, true) }}, {at + lasts, func() { s.fails(i, false) }}}
	if s.chance.IntN(2) == 0 {
		all = append(all, occasion{at + s.within(20*time.Minute), func() { s.posts(i, true) }}, occasion{at + lasts + 5*time.Minute, func() { s.posts(i, false) }})
	}
	does := map[int]string{0: "ack", 1: "ack", 2: "mute", 3: "button", 4: "resolve", 5: "jira"}[s.chance.IntN(8)]
	return append(all, occasion{at + s.plan.every + s.within(20*time.Minute), func() { s.reacts(s.config.Partners[i].ID, does) }})
}

// reacts is a person who does something about an incident of the partner, if there is one.
func (s *soak) reacts(partner, does string) {
	live, err := s.program.memory.Incidents(s.Context(), true, time.Time{})
	s.hold(err)
	at := slices.IndexFunc(live, func(in incidents.Incident) bool { return in.Partner == partner })
	if at < 0 || does == "" {
		return
	}
	in := live[at]
	s.truth.asked[s.day]++
	switch does {
	case "ack", "resolve":
		s.types(someone, does+" "+in.Ticket.Key)
	case "mute":
		s.types(someone, "mute "+partner+" 1h it is known")
	case "button":
		_, _ = s.world.Slack.ClickLabel(someone, in.Card.Channel, in.Card.TS, "Acknowledge") // where it is still there
	case "jira":
		_ = s.world.Jira.Move(jira.Chidi, in.Ticket.Key, "Done") // where the workflow lets them
	}
}

// fails breaks the i-th partner's API, or mends it.
func (s *soak) fails(i int, broken bool) {
	ids := vendors.IDs()
	if i >= len(ids) {
		s.suppliers[i-len(ids)].change(func(p *supplier) { p.failing = broken })
		return
	}
	how := vendors.APIBreak{}
	if broken {
		how.How = vendors.APIError
	}
	s.hold(s.world.Partners.BreakAPI(ids[i], how))
}

// posts has the i-th partner's page say that it is down, or that this is over.
func (s *soak) posts(i int, down bool) {
	ids := vendors.IDs()
	switch {
	case i >= len(ids):
		s.suppliers[i-len(ids)].change(func(p *supplier) {
			p.post = nil
			if down {
				p.post = &supplierPost{s.day, time.Now()}
			}
		})
	case down:
		_, err := s.world.Partners.Post(ids[i], vendors.Outage{Impact: vendors.Critical})
		s.hold(err)
	default:
		s.hold(s.world.Partners.ResolveAll(ids[i]))
	}
}

// outages are those of a usual day: one for every twenty partners, and one more.
func (s *soak) outages() (all []occasion) {
	partners := len(s.config.Partners)
	for range 1 + partners/20 {
		all = append(all, s.lasting(s.chance.IntN(partners-1), s.within(21*time.Hour), s.plan.every+5*time.Minute+s.within(85*time.Minute))...)
	}
	return all
}

// great are the great days: the last partner begins to fail on the second and nobody mends it; on the twelfth, or the
// last where there are fewer, many fail at once; on the fifteenth one comes and goes all day, and on the seventeenth our own
// network is away.
func (s *soak) great() (all []occasion) {
	last := len(s.config.Partners) - 1
	if s.day == 2 {
		all = append(all, occasion{10 * time.Hour, func() { s.truth.failures[s.day]++; s.fails(last, true) }})
	}
	switch stormy := min(12, s.plan.days); s.day {
	case stormy:
		for i := range min(last, 12) {
			all = append(all, s.lasting(last-1-i, 14*time.Hour, s.plan.every+30*time.Minute)...)
		}
	case 15:
		for at := 2 * time.Hour; at < 22*time.Hour; at += 40 * time.Minute {
			all = append(all, occasion{at, func() { s.truth.failures[s.day]++; s.fails(last-1, true) }}, occasion{at + 20*time.Minute, func() { s.fails(last-1, false) }})
		}
	case 17:
		all = append(all, occasion{11 * time.Hour, func() { s.truth.failures[s.day]++; s.cuts(true) }},
			occasion{12 * time.Hour, func() { s.cuts(false) }})
	}
	return all
}

// news is what is announced on a day.
func (s *soak) news() (all []occasion) {
	say := func(do func()) {
		all = append(all, occasion{s.within(23 * time.Hour), func() { s.truth.announcements[s.day]++; do() }})
	}
	for range 1 + len(s.suppliers)/10 {
		p := s.suppliers[s.chance.IntN(len(s.suppliers))]
		switch s.chance.IntN(4) {
		case 0:
			say(func() {
				p.announces("The v1 endpoint is deprecated and will be removed on " + time.Now().AddDate(0, 0, 10+s.chance.IntN(30)).Format("2 January 2006"))
			})
		case 1:
			say(func() { p.announces("Fixed: exports of more than 1,000 rows end early") })
		default:
			say(func() { p.announces(fmt.Sprintf("Reports can be filtered by team, part %d", s.day)) })
		}
	}
	id := vendors.IDs()[s.day%4]
	say(func() { _, err := s.world.Partners.AnnounceFeature(id); s.hold(err) })
	switch s.day % 7 {
	case 1:
		say(func() {
			_, err := s.world.Partners.AnnounceBreaking(id, time.Now().AddDate(0, 0, 31))
			s.hold(err)
		})
	case 2, 4:
		s.truth.betas++
		version := fmt.Sprintf("v%d", 10+s.truth.betas)
		say(func() { _, err := s.world.Partners.AnnounceVersion(vendors.ServiceNow, version); s.hold(err) })
	case 5:
		p := s.suppliers[s.day%len(s.suppliers)] // for two days its feed cannot be read
		all = append(all, occasion{9 * time.Hour, func() { p.change(func(p *supplier) { p.mute = true }) }})
	case 0:
		all = append(all, occasion{9 * time.Hour, func() {
			for _, p := range s.suppliers {
				p.change(func(p *supplier) { p.mute = false })
			}
		}})
	}
	return all
}

// folk is what people ask in the course of a day.
func (s *soak) folk() (all []occasion) {
	commands := []string{"status", "status okta", "incidents", "changelog 7d", "upcoming", "oncall", "audit", "help", "status servicenow --chart", "probe okta",
		"changelog servicenow", "unmute supplier01", "nonsense", "status nobody"}
	who := []string{slack.Operator, slack.Publisher, slack.OnCall, slack.Member, slack.Guest}
	if s.day%7 == 6 {
		all = append(all, occasion{16 * time.Hour, s.fits})
	}
	for range 20 {
		user, words := who[s.chance.IntN(len(who))], commands[s.chance.IntN(len(commands))]
		all = append(all, occasion{7*time.Hour + s.within(12*time.Hour), func() { s.truth.asked[s.day]++; s.types(user, words) }})
	}
	visits := 6
	if s.plan.calm {
		visits = 1 / s.day // App Home is drawn anew for 20 minutes after each
	}
	for range visits {
		user := who[s.chance.IntN(len(who)-1)]
		all = append(all, occasion{7*time.Hour + s.within(12*time.Hour), func() {
			_, err := s.world.Slack.OpenHome(user)
			s.hold(err)
		}})
	}
	return all
}

// fits resolves what is open about betas: the integration was changed, once a week.
func (s *soak) fits() {
	live, err := s.program.memory.Incidents(s.Context(), true, time.Time{})
	s.hold(err)
	for _, in := range live {
		if in.Kind == incidents.KindCompat {
			s.truth.asked[s.day]++
			s.types(someone, "resolve "+in.Ticket.Key)
		}
	}
}

func (s *soak) types(user, words string) {
	channel := slack.General
	if _, err := s.world.Slack.Command(user, channel, "/sparky", words); err != nil && !strings.Contains(err.Error(), "not in") {
		s.Errorf("%s types %q: %v", user, words, err)
	}
}

// machine is what happens to the program itself: links drop every few hours, and once a week it is restarted.
func (s *soak) machine() (all []occasion) {
	for at := s.within(3 * time.Hour); at < 23*time.Hour; at += 3*time.Hour + s.within(2*time.Hour) {
		drop := s.world.Slack.DropLinks
		if s.chance.IntN(2) == 0 {
			drop = func() { s.world.Slack.Disconnect(slack.Warning) }
		}
		all = append(all, occasion{at, drop})
	}
	if s.day%7 == 3 {
		all = append(all, occasion{6 * time.Hour, func() { s.stop(); s.start() }})
	}
	return all
}

// within is some time between nothing and d.
func (s *soak) within(d time.Duration) time.Duration {
	return time.Duration(s.chance.Int64N(int64(d)))
}
