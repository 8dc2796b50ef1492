package certify

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/internal/setting"
	"sparky/partners"
)

// works wants every call to the partner itself to have passed.
func (b *bench) works(context.Context) verdict {
	all, budget := b.calls(), plural(b.calls(), "run", "runs")+" of "+fmt.Sprint(b.calls())
	if b.passed == len(b.results) && b.passed == all {
		return judged(true, budget, "%d of %d runs passed", b.passed, all)
	}
	why := ""
	for _, r := range b.results {
		if !r.Passed() {
			why = r.Problem
			break
		}
	}
	stopped := ""
	if len(b.results) < all {
		stopped = ", and no more were tried"
	}
	return judged(false, budget, "%d of %d runs passed%s; the first that did not: %s", b.passed, len(b.results), stopped, why)
}

// latency compares how long passes took with what the configuration allows: its warning limit, or else its time limit.
func (b *bench) latency(context.Context) verdict {
	var took []time.Duration
	for _, r := range b.results {
		if r.Passed() {
			took = append(took, r.Took)
		}
	}
	slices.Sort(took)
	most, from := b.config.Timeout.Or(10*time.Second), "timeout"
	if b.config.P95 != nil && b.config.P95.Above > 0 {
		most, from = b.config.P95.Above.Std(), "p95.above"
	}
	p95 := percentile(took, 0.95)
	return judged(p95 <= most, fmt.Sprintf("95%% within %s (%s)", span(most), from), "half within %s, 95%% within %s, the slowest %s, of %d",
		span(percentile(took, 0.5)), span(p95), span(took[len(took)-1]), len(took))
}

// percentile is the nearest rank's, of values in order.
func percentile(values []time.Duration, share float64) time.Duration {
	at := int(math.Ceil(share*float64(len(values)))) - 1
	return values[min(max(at, 0), len(values)-1)]
}

// vendorLimit is what a partner documents of its limits; zero where it documents nothing.
type vendorLimit struct {
	atOnce    int
	perMinute float64
	source    string
}

// vendorLimits are the limits that are documented and not told in answers. Okta: 75 calls to APIs at once
// (developer.okta.com/docs/reference/rl-additional-limits). Teams: 2 messages a second for an app and tenant
// (learn.microsoft.com/graph/throttling-limits). Power BI: none is published; its users report 429 from 60 a minute on
// (community.fabric.microsoft.com).
func vendorLimits(kind string) vendorLimit {
	return map[string]vendorLimit{
		partners.KindOktaOrg:       {atOnce: 75, source: "Okta's concurrent limit"},
		partners.KindTeamsCard:     {perMinute: 120, source: "Teams' limit on messages"},
		partners.KindPowerBIGroups: {perMinute: 60, source: "where users report 429"},
	}[kind]
}

// usualAtOnce is how many calls a host gets at the same time where its own limit is not known: what the client allows where
// it is not told otherwise.
const usualAtOnce = 8

// concurrency runs the probe twice as often side by side as calls are allowed at the same time, and counts those that come.
func (b *bench) concurrency(ctx context.Context) verdict {
	allowed, whose := usualAtOnce, "our own limit for a host; the partner tells none"
	if b.tools.Client.PerHost > 0 {
		allowed = b.tools.Client.PerHost
	}
	sideBySide := 2 * allowed
	if known := vendorLimits(b.config.Kind); known.atOnce > 0 {
		allowed, whose = known.atOnce, known.source
	}
	hold := b.patience.attempt / 5
	b.stage.set(fault{token: b.giveToken, do: func(x *exchange) {
		if x.wait(hold) {
			x.answer(discard, "{}")
		}
	}})
	one := b.client.With(b.partner.ID+"/"+b.config.ID+" side by side", b.tools.Auth(b.aimed.Auth))
	var group sync.WaitGroup
	for range sideBySide {
		run := b.moduleBy(one, b.aimed, b.tools.Secret)
		group.Go(func() { run(ctx) })
	}
	group.Wait()
	most := b.stage.most()
	return judged(most > 0 && most <= allowed, fmt.Sprintf("%d at most (%s)", allowed, whose), "%d runs side by side, %s at the same time",
		sideBySide, plural(most, "call", "calls"))
}

// pace compares the calls that the schedule makes with the limit that the partner tells or documents.
func (b *bench) pace(context.Context) verdict {
	every := b.config.Every.Or(5 * time.Minute)
	perRun := float64(len(b.rehearsal.calls)) / float64(max(b.rehearsal.runs, 1))
	perMinute := perRun * float64(time.Minute) / float64(every)
	found := fmt.Sprintf("%s a run, each %s: %s a minute", plural(int(math.Round(perRun)), "call", "calls"), setting.Duration(every), number(perMinute))
	for _, c := range b.rehearsal.calls {
		if c.limit.calls > 0 {
			most := c.limit.perMinute()
			return judged(perMinute <= most, fmt.Sprintf("%s a minute (%s)", number(most), c.limit.from), "%s", found)
		}
	}
	if known := vendorLimits(b.config.Kind); known.perMinute > 0 {
		return judged(perMinute <= known.perMinute, fmt.Sprintf("%s a minute (%s)", number(known.perMinute), known.source), "%s", found)
	}
	return skipped("%s; the partner neither tells nor documents a limit", found)
}

func number(value float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0")
}

// tokenReuse counts the tokens that were given over the runs of the rehearsal. Asking in another way, where the first is not
// taken, gives none.
func (b *bench) tokenReuse(context.Context) verdict {
	given := 0
	for _, c := range b.rehearsal.tokens {
		if c.status == http.StatusOK {
			given++
		}
	}
	return judged(given == 1 && len(b.rehearsal.tokens) <= 3, "1 token", "%s for %s, asked for %s", plural(given, "token", "tokens"),
		plural(b.rehearsal.runs, "run", "runs"), plural(len(b.rehearsal.tokens), "time", "times"))
}

// connectionReuse counts the connections that the calls to the partner took.
func (b *bench) connectionReuse(context.Context) verdict {
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	hosts := map[string]bool{}
	for _, address := range addresses(b.config) {
		if before, _, err := origin(address); err == nil {
			hosts[before] = true
		}
	}
	// Some hosts end a connection now and then, which is theirs to decide.
	most := len(hosts) + b.seen.used/10
	return judged(b.seen.opened <= most, fmt.Sprintf("%d at most", most), "%s for %s",
		plural(b.seen.opened, "connection", "connections"), plural(b.seen.used, "call", "calls"))
}
