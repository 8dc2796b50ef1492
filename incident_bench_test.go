package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

// measured is how many incidents a distribution is taken of.
const measured = 100

// spacing is how long apart two incidents of one town are. Slack takes a message a second to a channel, and an incident
// is one message and some lines in its thread: closer together, that pace would be what is measured.
const spacing = 5 * time.Second

// BenchmarkFirstResponse is what the issue asks for: from the failing answer to the requests that open the ticket, post
// the card and call on-call, and to the verdict, where everybody answers at once. One run is a hundred incidents. Several
// Sparkys in worlds of their own take turns, so that each has rested for longer than Slack's pace asks for. The first
// incident of each is measured as well, with every connection still to be made.
func BenchmarkFirstResponse(b *testing.B) {
	respond(b, nil, nil, atTicket, atCard, atPage)
}

// BenchmarkSlowPage is the same with a status page that takes 300 ms to answer.
func BenchmarkSlowPage(b *testing.B) {
	respond(b, nil, func(t *town) { t.page.takes(300 * time.Millisecond) }, atTicket, atCard, atPage)
}

// BenchmarkHundredOpen is the same with a hundred incidents of other partners open.
func BenchmarkHundredOpen(b *testing.B) {
	respond(b, manyPartners, func(t *town) { t.fill(100) }, atTicket, atCard, atPage)
}

// BenchmarkSlowJira is the same with a Jira that takes ten seconds for every call. Its own request leaves as soon as any,
// while not more calls wait for it than it is asked at the same time.
func BenchmarkSlowJira(b *testing.B) {
	respond(b, nil, func(t *town) { t.jira.takes(10 * time.Second) }, atCard, atPage)
}

// respond has a hundred incidents found, and reports how long after the failing answer what is wanted was done.
func respond(b *testing.B, change func(*Config), prepare func(*town), wanted ...string) {
	b.Helper()
	found := responses(b, change, prepare, wanted...)
	for _, what := range append(wanted, atVerdict) {
		b.Run(what, func(b *testing.B) { report(b, found[what]) })
	}
}

// responses are how long after the failing answer what is wanted was done, of a hundred incidents.
func responses(b testing.TB, change func(*Config), prepare func(*town), wanted ...string) map[string][]time.Duration {
	b.Helper()
	const towns = 15
	var all []*town
	for range towns {
		all = append(all, newTown(b, change))
	}
	for _, t := range all {
		t.settled()
		if prepare != nil {
			prepare(t)
		}
	}
	found := map[string][]time.Duration{}
	turn := time.NewTicker(spacing / towns)
	defer turn.Stop()
	for i := range measured {
		<-turn.C
		for what, took := range all[i%towns].incident(wanted...) {
			found[what] = append(found[what], took)
		}
	}
	for _, t := range all {
		t.jira.takes(0) // or every Sparky would wait for it at its end
	}
	return found
}

// report makes a distribution the line that a benchmark prints.
func report(b *testing.B, found []time.Duration) {
	b.Helper()
	slices.Sort(found)
	b.ReportMetric(0, "ns/op")
	for name, of := range map[string]int{"p50-ms": 50, "p95-ms": 95, "p99-ms": 99, "max-ms": 100} {
		at := max(len(found)*of/100-1, 0)
		b.ReportMetric(float64(found[at].Microseconds())/1000, name)
	}
}

// manyPartners adds partners with a probe that has run once when all is settled, and runs no more: of one that nobody watches the
// incident would be said to be over, and a hundred messages would stand before what is measured.
func manyPartners(c *Config) {
	watched := partners.ProbeConfig{ID: "api", Kind: partners.KindTCP, Address: strings.TrimPrefix(c.Jira.URL, "http://"),
		Every: setting.Duration(time.Hour), Timeout: setting.Duration(5 * time.Second)}
	for i := range 100 {
		c.Partners = append(c.Partners, partners.Partner{ID: otherPartner(i), Name: otherPartner(i), Probes: []partners.ProbeConfig{watched}})
	}
}

func otherPartner(i int) string { return fmt.Sprint("partner-", i) }

// openIncident is one that is open, with all that belongs to it.
func openIncident(i int) incidents.Incident {
	at := time.Now().Add(-time.Hour)
	last := partners.ProbeResult{Partner: otherPartner(i), Probe: "api", At: at, Took: time.Second, Class: partners.FailServer, Status: 503,
		Problem: "the answer was 503 Service Unavailable", Host: "api.partner.example", Excerpt: "Please come back later."}
	in := incidents.Incident{ID: "sparky-" + otherPartner(i) + "-1", Kind: incidents.KindProbe, Partner: otherPartner(i), Name: otherPartner(i),
		Priority: "P4", State: incidents.StateAcknowledged, Outage: 1, Opened: at, Since: at,
		Probes: []incidents.Failing{{Partner: otherPartner(i), Probe: "api", Since: at, Last: last, Fails: 12}},
		Ticket: incidents.Ticket{Key: fmt.Sprint("OLD-", i+1), URL: "https://jira.example/browse/OLD"},
		Card:   incidents.Card{Channel: "C0ALERTS", TS: fmt.Sprint(1000+i, ".000100")},
		// A person's word, so that nothing of it is looked at again while something else is measured.
		Verdict: incidents.Verdict{Word: incidents.Internal, Reason: incidents.ReasonPerson, By: "U0PERSON", At: at, Says: "Ours, says a person."}}
	for n := range 10 {
		in.Events = append(in.Events, incidents.Event{At: at.Add(time.Duration(n) * time.Minute), Kind: incidents.EventJoined, Text: "another probe fails too", Quiet: true})
	}
	return in
}

// BenchmarkBurst is two hundred probes of one partner that fail at once: one message, one ticket, one call. It tells how
// long after the first failing answer each of these was, and when all results were kept and the verdict given.
func BenchmarkBurst(b *testing.B) {
	const probes = 200
	t := newTown(b, func(c *Config) {
		for i := range c.Partners {
			p := &c.Partners[i]
			if p.ID != vendors.ServiceNow {
				continue
			}
			one := p.Probes[1]
			for n := range probes {
				more := one
				more.ID, more.Every = fmt.Sprint("api-", n), one.Every
				p.Probes = append(p.Probes, more)
			}
		}
	})
	t.settled()
	partner := t.sparky.config.Partners[slices.IndexFunc(t.sparky.config.Partners, func(p partners.Partner) bool { return p.ID == vendors.ServiceNow })]
	t.at.reset()
	t.breaks(vendors.APIBreak{How: vendors.APIError, Status: 500})
	var group sync.WaitGroup
	for _, c := range partner.Probes[2:] {
		group.Go(func() {
			if _, err := t.sparky.responder.Probe(context.WithoutCancel(b.Context()), partner, c); err != nil {
				b.Error(err)
			}
		})
	}
	group.Wait()
	t.at.note(atVerdict, time.Now())
	found := t.at.since(b, atFailure, atTicket, atCard, atPage, atVerdict)
	live, err := t.sparky.memory.Incidents(b.Context(), true, time.Time{})
	if err != nil || len(live) != 1 || len(live[0].Probes) != probes {
		b.Fatalf("%d incidents, %v", len(live), err)
	}
	b.ReportMetric(0, "ns/op")
	for _, what := range []string{atTicket, atCard, atPage} {
		b.ReportMetric(float64(t.at.times(what)), what+"s")
		b.ReportMetric(float64(found[what].Microseconds())/1000, what+"-ms")
	}
	b.ReportMetric(float64(found[atVerdict].Microseconds())/1000, "all-done-ms")
}
