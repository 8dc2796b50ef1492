package certify

import (
	"context"
	"net/http"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// neighbour is a probe of somebody else, which runs by the same client while faults are made, and is to notice nothing.
// Each run has a twin by a client of its own: what makes that one late or fail too is the machine, and no fault of the partner's.
type neighbour struct {
	bench   *bench
	once    sync.Once
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	runs    int
	failed  int
	slowest time.Duration // by how much more than its twin
	problem string
}

// start begins to run it, the first time that it is called.
func (n *neighbour) start(ctx context.Context) {
	if n.bench.unaimed != "" {
		return
	}
	n.once.Do(func() {
		b := n.bench
		base, err := b.stage.serve(ctx, nil, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
		if err != nil {
			n.problem = err.Error()
			return
		}
		config := partners.ProbeConfig{ID: "neighbour", Kind: partners.KindHTTP, Timeout: setting.Duration(b.patience.probe), HTTPStep: partners.HTTPStep{URL: base, Method: http.MethodGet}}
		run := b.moduleBy(b.client.With("neighbour", b.tools.Auth(nil)), config, b.tools.Secret)
		twin := b.module(b.newClient(func(o *httpcall.Options) { o.Proxy = noProxy }), "twin", config)
		ctx, n.cancel = context.WithCancel(ctx)
		n.running.Go(func() {
			for pause(ctx, b.patience.attempt/5) {
				var alone partners.ProbeResult
				var together sync.WaitGroup
				together.Go(func() { alone = twin(ctx) })
				result := run(ctx)
				together.Wait()
				n.note(ctx, result, alone)
			}
		})
	})
}

func (n *neighbour) note(ctx context.Context, r, twin partners.ProbeResult) {
	if ctx.Err() != nil {
		return // it was called off
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !twin.Passed() {
		n.problem = "a run by a client of its own failed too: " + twin.Problem
		return
	}
	n.runs++
	n.slowest = max(n.slowest, r.Took-twin.Took)
	if !r.Passed() {
		n.failed++
		n.problem = r.Problem
	}
}

// stop ends it and waits for its last run.
func (n *neighbour) stop() {
	if n.cancel != nil {
		n.cancel()
	}
	n.running.Wait()
}

// undisturbed tells how the neighbour fared while all of the faults were made.
func (b *bench) undisturbed(context.Context) verdict {
	n := b.neighbour
	n.stop()
	n.mu.Lock()
	defer n.mu.Unlock()
	const budget = "every run of another probe passes meanwhile, none of them late"
	if n.runs == 0 {
		return judged(false, budget, "it never ran: %s", n.problem)
	}
	good := n.failed == 0 && n.slowest < b.patience.attempt
	if n.failed > 0 {
		return judged(good, budget, "%d of %d runs failed; the last: %s", n.failed, n.runs, n.problem)
	}
	return judged(good, budget, "%s passed, the slowest took %s longer than a run by a client of its own", plural(n.runs, "run", "runs"), span(n.slowest))
}
