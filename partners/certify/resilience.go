package certify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"sparky/partners"
)

// under runs the probe once with a fault set.
func (b *bench) under(ctx context.Context, name string, f fault) partners.ProbeResult {
	b.stage.set(f)
	return b.module(b.client, name, b.aimed)(ctx)
}

// classed wants a run to fail with one of the classes.
func classed(r partners.ProbeResult, classes ...partners.FailureClass) verdict {
	return judged(slices.Contains(classes, r.Class), "it fails with "+names(classes), "%s after %s", ended(r), span(r.Took))
}

func (b *bench) slowAnswer(ctx context.Context) verdict {
	late := b.patience.attempt / 2
	r := b.under(ctx, "slow", fault{times: 1, do: func(x *exchange) {
		if x.wait(late) {
			x.pass()
		}
	}})
	good := (r.Passed() || r.Class == partners.FailSlow) && r.Took >= late
	return judged(good, "it waits, and takes the answer", "%s after %s, with an answer %s late", ended(r), span(r.Took), span(late))
}

// cleanUpTime is what a probe that writes gets beyond its own time, to clean up after itself; see probe.CleanUp.
const cleanUpTime = 5 * time.Second

func (b *bench) noAnswer(ctx context.Context) verdict {
	r := b.under(ctx, "silent", fault{do: (*exchange).hang})
	most := b.patience.probe + b.patience.attempt/2
	if b.config.Writes() {
		most += cleanUpTime
	}
	v := classed(r, partners.FailTimeout)
	if r.Took > most {
		v.outcome = partners.ItemFailed
	}
	v.budget += " within its time"
	v.measured += fmt.Sprintf(", of %s that it had (%s as configured)", span(b.patience.probe), b.config.Timeout)
	return v
}

func (b *bench) cutConnection(ctx context.Context) verdict {
	return classed(b.under(ctx, "cut", fault{do: (*exchange).cut}), partners.FailReset)
}

func (b *bench) halfAnswer(ctx context.Context) verdict {
	return classed(b.under(ctx, "half", fault{do: (*exchange).half}), partners.FailReset)
}

func (b *bench) serverError(ctx context.Context) verdict {
	return classed(b.under(ctx, "500", fault{do: refusing(http.StatusInternalServerError)}), partners.FailServer)
}

func refusing(status int, headers ...string) func(*exchange) {
	return func(x *exchange) { x.answer(status, "{}", headers...) }
}

// looksAtContent tells that the probe wants something of an answer beside its status.
func (b *bench) looksAtContent() bool {
	if b.config.Kind != partners.KindHTTP {
		return true
	}
	steps := b.config.Steps
	if len(steps) == 0 {
		steps = []partners.HTTPStep{b.config.HTTPStep}
	}
	return slices.ContainsFunc(steps, func(s partners.HTTPStep) bool { return s.Expect.JSON != nil || s.Expect.Body != "" || len(s.Save) > 0 })
}

func (b *bench) garbage(ctx context.Context) verdict {
	r := b.under(ctx, "garbage", fault{do: func(x *exchange) { x.answer(http.StatusOK, `{"result": [ {"broken`) }})
	v := classed(r, partners.FailContent, partners.FailTimeout) // a slow line does not bring that much in time
	if v.outcome == partners.ItemFailed && !b.looksAtContent() {
		v.advice = true
		v.measured += "; it looks at the status alone. Give the probe an expect: a body, or a value in its JSON"
	}
	return v
}

func (b *bench) endless(ctx context.Context) verdict {
	var longest atomic.Int64
	r := b.under(ctx, "endless", fault{do: func(x *exchange) {
		sent := int64(0)
		x.flood(func(n int) {
			sent += int64(n)
			for was := longest.Load(); sent > was && !longest.CompareAndSwap(was, sent); was = longest.Load() {
			}
		})
	}})
	limit := b.tools.Client.MaxBody
	if limit == 0 {
		limit = 10 << 20
	}
	v := classed(r, partners.FailContent, partners.FailTimeout) // a slow line does not bring that much in time
	// What lies in the buffers of both ends was sent and not read.
	most := limit + 8<<20
	v.budget += fmt.Sprintf(", and takes less than %s", size(int(most)))
	if longest.Load() > most {
		v.outcome = partners.ItemFailed
		v.measured += fmt.Sprintf(", %s of it taken", size(int(longest.Load())))
	} else {
		v.measured += ", given up in time"
	}
	return v
}

// unknownName leads the probe to a name that nobody may have (RFC 6761, section 6.4).
func (b *bench) unknownName(ctx context.Context) verdict {
	config, err := readdressed(b.aimed, func(as role, address string) (string, error) {
		if as == roleToken {
			return address, nil
		}
		_, rest, err := origin(address)
		return "http://sparky-certification.invalid" + rest, err
	})
	if err != nil {
		return skipped("%v", err)
	}
	b.stage.set(fault{token: b.giveToken})
	r := b.module(b.client, "unknown name", config)(ctx)
	if r.Class == partners.FailTimeout && !r.Connected {
		return skipped("the name server of this machine did not answer within %s", span(b.patience.probe))
	}
	return classed(r, partners.FailDNS)
}

// mostAttempts is how often a call is made at most, retries included.
func (b *bench) mostAttempts() int {
	if retries := b.tools.Client.Retries; retries != 0 {
		return max(retries, 0) + 1
	}
	return 4
}

func (b *bench) readAgain(ctx context.Context) verdict {
	r := b.under(ctx, "read again", fault{on: func(x *exchange) bool { return !x.writes() }, do: refusing(http.StatusServiceUnavailable)})
	n := 0
	for _, c := range b.stage.came(roleAPI) {
		if !c.writes() {
			n++
		}
	}
	most := b.mostAttempts()
	return judged(n > 1 && n <= most && r.Class == partners.FailServer, fmt.Sprintf("2 to %d times, and then it fails with server", most),
		"asked %d times with 503 each time, then %s", n, ended(r))
}

// writeOnce loses the answer to what writes, and refuses it with 503: neither says that nothing was done.
func (b *bench) writeOnce(ctx context.Context) verdict {
	first := ""
	isFirst := func(x *exchange) bool { // under the stage's lock
		if !x.writes() {
			return false
		}
		if first == "" {
			first = x.method + " " + x.path
		}
		return first == x.method+" "+x.path
	}
	count := func(do func(*exchange)) (int, partners.ProbeResult) {
		first = ""
		r := b.under(ctx, "write once", fault{on: isFirst, do: do})
		n := 0
		for _, c := range b.stage.came(roleAPI) {
			if c.method+" "+c.path == first {
				n++
			}
		}
		return n, r
	}
	lost, cut := count((*exchange).cut)
	refused, unwell := count(refusing(http.StatusServiceUnavailable))
	if lost+refused == 0 {
		return skipped("it did not come to write: %s", cut.Problem)
	}
	return judged(lost == 1 && refused == 1 && !cut.Passed() && !unwell.Passed(), "once each time",
		"after a lost answer %d time, after 503 %d time, of %s", lost, refused, strings.SplitN(first, " ", 2)[0])
}

// waitsAsAsked refuses one call, with a second of patience that is asked for.
func (b *bench) waitsAsAsked(ctx context.Context) verdict {
	const asked = time.Second
	r := b.under(ctx, "429 with Retry-After", fault{times: 1, do: refusing(http.StatusTooManyRequests, "Retry-After", "1")})
	calls := b.stage.came(roleAPI)
	if len(calls) < 2 {
		return judged(false, "not before 1 s", "it did not try again: %s", ended(r))
	}
	waited := calls[1].at.Sub(calls[0].at)
	return judged(waited >= asked && r.Passed(), "not before 1 s, and then it passes", "asked to wait for 1 s it came back after %s, and %s", span(waited), ended(r))
}

// backsOff measures the waits between attempts twice: with the least that chance can give, and with the most.
func (b *bench) backsOff(ctx context.Context) verdict {
	waits := func(jitter float64) ([]time.Duration, partners.ProbeResult) {
		b.chance.fix(&jitter)
		defer b.chance.fix(nil)
		r := b.under(ctx, fmt.Sprint("429 ", jitter), fault{do: refusing(http.StatusTooManyRequests)})
		var between []time.Duration
		calls := b.stage.came(roleAPI)
		for i := 1; i < len(calls) && calls[i].path == calls[0].path && calls[i].method == calls[0].method; i++ {
			between = append(between, calls[i].at.Sub(calls[i-1].at)) // attempts of the first call
		}
		return between, r
	}
	least, r := waits(0)
	most, _ := waits(0.999)
	const budget = "longer each time, and never the same for all: half of it is left to chance; then it fails with throttled"
	if len(least) < 2 || len(most) != len(least) {
		return judged(false, budget, "it came back %d times, then %s", len(least), ended(r))
	}
	good := r.Class == partners.FailThrottled
	for i := range least {
		// Twice as long at the most of chance as at its least; a busy machine adds to both.
		good = good && float64(most[i]) > 1.3*float64(least[i]) && (i == 0 || least[i] > least[i-1])
	}
	return judged(good, budget, "%s, at the other end of chance %s; then %s", spans(least), spans(most), ended(r))
}

func spans(all []time.Duration) string {
	words := make([]string, len(all))
	for i, d := range all {
		words[i] = span(d)
	}
	return strings.Join(words, ", ")
}
