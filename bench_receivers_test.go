package main

import (
	"slices"
	"strings"
	"time"

	"sparky/fixtures/world/slack"
)

// receiverSuites are what becomes of a failure, and of probing while nobody listens.
func receiverSuites() []suite {
	return []suite{
		{"receivers", receivers},
		{"two hundred at once", twoHundred},
		{"first response", func(b *bench) []row {
			return response(b, "failure seen to requests sent, stored first", nil, nil, atTicket, atCard)
		}},
		{"first response, hundred open and a slow Jira", func(b *bench) []row {
			return response(b, "the same with 100 incidents open and a Jira that takes 10 s", manyPartners,
				func(t *town) { t.fill(100); t.jira.takes(10 * time.Second) }, atCard)
		}},
	}
}

// response is the distribution of the slowest of what a failure leads to at once, and how long it takes until somebody is called.
func response(b *bench, figure string, change func(*Config), prepare func(*town), wanted ...string) []row {
	found := responses(b, change, prepare, append(wanted, atPage)...)
	slowest := slices.Clone(found[wanted[0]])
	for _, what := range wanted[1:] {
		for i, took := range found[what] {
			slowest[i] = max(slowest[i], took)
		}
	}
	return []row{
		{figure: figure + ", median", bar: atMost(3), is: ms(percentile(slowest, 0.50)), unit: "ms"},
		{figure: figure + ", 95th percentile", bar: atMost(10), is: ms(percentile(slowest, 0.95)), unit: "ms"},
		{figure: figure + ", 99th percentile", bar: atMost(50), is: ms(percentile(slowest, 0.99)), unit: "ms"},
		{figure: figure + ", and to the call of on-call, for which their status page is read first, median", is: ms(percentile(found[atPage], 0.50)), unit: "ms"},
	}
}

// receivers is probing while Slack, Jira and PagerDuty are slow, and while they are dead, with an outage that begins and ends
// meanwhile.
func receivers(b *bench) []row {
	f := newFarm(b, b.binary, plot{partners: 50, probes: 20, every: 10 * time.Second, offices: true})
	f.run()
	rest(15 * time.Second)
	all := []*front{f.slack, f.jira, f.pager}
	be := func(by time.Duration, dead bool) {
		for _, receiver := range all {
			receiver.be(by, dead)
		}
	}
	before := f.watch(30 * time.Second)
	be(2*time.Second, false)
	f.target.breaks(0, 20)
	slow := f.watch(30 * time.Second)
	be(0, true)
	f.target.breaks(20, 40)
	dead := f.watch(30 * time.Second)
	f.target.breaks(0, 0)
	rest(25 * time.Second) // it is over before anybody could be told
	be(0, false)
	f.await(2*time.Minute, func() bool { return f.cards() >= 2 && len(f.world.Jira.Issues()) >= 2 })
	rest(10 * time.Second) // for what comes twice
	fall := func(w glance) float64 { return max(100*(1-w.perSecond()/before.perSecond()), 0) }
	return []row{
		{figure: "probing slows down while Slack, Jira and PagerDuty take 2 s a call", bar: atMost(2), is: fall(slow), unit: "%"},
		{figure: "probing slows down while they cut every connection", bar: atMost(2), is: fall(dead), unit: "%"},
		{figure: "messages on the two outages of that time, once all are back", bar: bar{most: 2, least: 2}, is: float64(f.cards()), unit: ""},
		{figure: "tickets on them", bar: bar{most: 2, least: 2}, is: float64(len(f.world.Jira.Issues())), unit: ""},
		{figure: "messages that nobody could be called meanwhile", is: float64(f.messages() - f.cards()), unit: ""},
	}
}

// twoHundred is a partner whose two hundred probes fail at once.
func twoHundred(b *bench) []row {
	f := newFarm(b, b.binary, plot{partners: 1, probes: 200, every: 5 * time.Second, offices: true})
	f.run()
	rest(8 * time.Second)
	f.target.breaks(0, 200)
	f.await(time.Minute, func() bool { return f.cards() >= 1 })
	rest(20 * time.Second)
	return []row{
		{figure: "messages where 200 probes of one partner fail at once", bar: bar{most: 1, least: 1}, is: float64(f.cards()), unit: ""},
		{figure: "tickets where 200 probes of one partner fail at once", bar: bar{most: 1, least: 1}, is: float64(len(f.world.Jira.Issues())), unit: ""},
		{figure: "calls of PagerDuty on them", bar: bar{most: 1, least: 1}, is: float64(len(f.world.Pager.Alerts())), unit: ""},
	}
}

// cards are the messages about failures of partners, without their threads.
func (f *farm) cards() int { return f.messages("Partner ") }

// messages are those in the channel of alerts, without their threads, whose texts begin so.
func (f *farm) messages(beginning ...string) (count int) {
	for _, m := range f.world.Slack.Messages(slack.Alerts) {
		if m.ThreadTS == "" && strings.HasPrefix(m.Text, strings.Join(beginning, "")) {
			count++
		}
	}
	return count
}

// await waits for something in the world, for so long at most.
func (f *farm) await(within time.Duration, is func() bool) {
	for began := time.Now(); !is() && time.Since(began) < within; {
		rest(100 * time.Millisecond)
	}
}
