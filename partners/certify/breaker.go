package certify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// breakerTries is how many runs that fail are made at most to see a breaker open: two more than the client's usual 8.
const breakerTries = 10

// open fails runs until one is not tried any more, and tells how many that took.
func (b *bench) open(ctx context.Context, run func(context.Context) partners.ProbeResult) (failed int, untried partners.ProbeResult) {
	b.stage.set(fault{do: refusing(http.StatusInternalServerError)})
	for failed = range breakerTries + 1 {
		untried = run(ctx)
		if untried.Class == partners.FailNotTried {
			break
		}
	}
	return failed, untried
}

func (b *bench) breakerOpens(ctx context.Context) verdict {
	run := b.module(b.client, "breaker opens", b.aimed)
	failed, last := b.open(ctx, run)
	budget := fmt.Sprintf("within %d failures, and then nothing is sent", breakerTries)
	if last.Class != partners.FailNotTried {
		return judged(false, budget, "%s, and it still calls", plural(failed+1, "failure", "failures"))
	}
	b.stage.set(fault{do: refusing(http.StatusInternalServerError)})
	again := run(ctx)
	sent := len(b.stage.came(roleAPI))
	return judged(sent == 0 && again.Class == partners.FailNotTried, budget, "after %s; the next run was not tried, and %s",
		plural(failed, "failure", "failures"), sentNothing(sent))
}

func sentNothing(calls int) string {
	if calls == 0 {
		return "sent nothing"
	}
	return "sent " + plural(calls, "call", "calls")
}

func (b *bench) breakerCloses(ctx context.Context) verdict {
	const name = "breaker closes"
	run := b.module(b.client, name, b.aimed)
	if _, last := b.open(ctx, run); last.Class != partners.FailNotTried {
		return judged(false, "one run passes, and it is closed", "it did not open")
	}
	b.stage.set(fault{})
	if !pause(ctx, b.patience.open+b.patience.open/10) {
		return skipped("it was stopped")
	}
	r := run(ctx)
	state := httpcall.BreakerState("not there")
	for _, breaker := range b.client.Breakers() {
		if strings.HasSuffix(breaker.Name, b.config.ID+" "+name+b.again) {
			state = breaker.State
		}
	}
	return judged(r.Passed() && state == httpcall.BreakerClosed, "one run passes, and it is closed", "%s later a run %s, and the breaker is %s", span(b.patience.open), ended(r), state)
}

// pause waits, and tells that it was not called off.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// halfMade breaks off what the probe makes at the partner: once where the answer to its making is lost, and once where
// what comes next fails. Both times it is to be ended by the probe itself.
func (b *bench) halfMade(ctx context.Context) verdict {
	lost := fault{times: 1, on: func(x *exchange) bool { return x.writes() }, do: func(x *exchange) {
		_, _ = x.forward() // whatever comes back, the probe does not hear of it
		x.cut()
	}}
	writes := 0
	second := fault{times: 1, do: refusing(http.StatusInternalServerError), on: func(x *exchange) bool { // under the stage's lock
		if x.writes() {
			writes++
		}
		return writes == 2
	}}
	made, left := 0, 0
	for i, f := range []fault{lost, second} {
		b.under(ctx, fmt.Sprint("half-made ", i), f)
		m, l := leftovers(b.stage.came(roleAPI))
		made, left = made+m, left+l
	}
	return judged(made > 0 && left == 0, "each is ended by the run that made it", "%d made, %d ended, %d left", made, made-left, left)
}

// leftovers counts what calls have made, and how much of it no later call ended. What ends it is a change of it that the
// partner took after the last that failed: which change that is, the partner's module knows, and it makes no others then.
func leftovers(calls []call) (made, left int) {
	for i, c := range calls {
		if c.made == "" {
			continue
		}
		made++
		id := c.made[strings.LastIndexByte(c.made, '/')+1:]
		ended := slices.ContainsFunc(calls[i+1:], func(later call) bool {
			return later.writes() && later.status >= 200 && later.status < 300 && strings.HasSuffix(later.path, "/"+id)
		})
		if !ended {
			left++
		}
	}
	return made, left
}
