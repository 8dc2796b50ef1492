package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options are what a Dispatcher may be given; the zero Options work.
type Options struct {
	// OnTrouble tells people of an effect that cannot succeed until they mend something. It is called before the queue
	// learns that they were told, so a crash in between calls it again; an error leaves it to be called at the next
	// failed attempt. It is also called for an effect of its own making that is in trouble: it must end that chain.
	OnTrouble func(ctx context.Context, effect Effect, trouble Trouble) error
	// Log takes what went wrong and was dealt with; nil discards it.
	Log *slog.Logger
	// Woken says that something may be due, like Wake; nil is no such channel.
	Woken <-chan struct{}
	// Poll is how often the queue is asked although nobody woke us: for what other replicas recorded. 0 is a second.
	Poll time.Duration
	// Grace is how long effects that are being carried out are left to end at shutdown, and again how long they are
	// given after they were cancelled; 0 is ten seconds.
	Grace time.Duration
	// Margin is how much longer than its route's timeout a claim is held, for telling the queue how it ended; 0 is
	// fifteen seconds. Where replicas share the queue, a crashed one's effects rest for timeout plus margin.
	Margin time.Duration
	// TroubleEvery is how often an effect in trouble is tried, in case that somebody has mended what it needs; 0 is a
	// quarter of an hour.
	TroubleEvery time.Duration
	// Chance draws from [0, 1); nil is the runtime's own source.
	Chance func() float64
}

// unroutedFor is how long an effect of a kind without a route is left to other replicas before people are told of it: while
// replicas are upgraded, or configured anew, one by one, another one may have a route for it.
const unroutedFor = 10 * time.Minute

// contended is the wait after other replicas took all that was due.
const contended = 50 * time.Millisecond

// Dispatcher carries out the due effects of a queue, each exactly once whatever dies in between: an attempt whose
// outcome is unknown is looked up in the other system, once that system is certain to show it, and repeated only
// if it is not there. Each kind has its own bound on how many go side by side, so that a slow system delays no other.
type Dispatcher struct {
	queue  Queue
	routes map[string]Route
	opts   Options
	wake   chan struct{}

	mu      sync.Mutex
	running map[string]map[string]chan struct{} // kind, key; closed at its end
	work    context.Context                     //nolint:containedctx // of what is handed over, which comes with none
	taking  bool                                // effects may be taken up
	group   sync.WaitGroup
}

// NewDispatcher makes a dispatcher that carries out effects by the route of their kind. Effects of a kind without a
// route are kept, and told of as trouble once no other replica has carried them out within ten minutes.
func NewDispatcher(queue Queue, routes map[string]Route, opts Options) *Dispatcher {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Chance == nil {
		opts.Chance = rand.Float64
	}
	orElse(&opts.Poll, time.Second)
	orElse(&opts.Grace, 10*time.Second)
	orElse(&opts.Margin, 15*time.Second)
	orElse(&opts.TroubleEvery, 15*time.Minute)
	return &Dispatcher{
		queue: queue, routes: routes, opts: opts,
		wake: make(chan struct{}, 1), running: map[string]map[string]chan struct{}{},
	}
}

func orElse(d *time.Duration, other time.Duration) {
	if *d <= 0 {
		*d = other
	}
}

// Wake says that something may have become due. It never blocks.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run carries out effects until ctx is done, then claims no more, lets the running ones end within the grace, cancels
// those that have not and waits as long again. It returns an error only if some did not end even then.
func (d *Dispatcher) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	d.open(work)
	for ctx.Err() == nil {
		d.rest(ctx, d.round(ctx, work))
	}
	d.shut()
	ended := make(chan struct{})
	go func() { d.group.Wait(); close(ended) }()
	if within(ended, d.opts.Grace) {
		return nil
	}
	cancel()
	if within(ended, d.opts.Grace) {
		return nil
	}
	return fmt.Errorf("effects that did not stop when asked to: %v", d.runningKeys())
}

func within(ended <-chan struct{}, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-timer.C:
		return false
	}
}

// rest waits until something may be due.
func (d *Dispatcher) rest(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-d.wake:
	case _, open := <-d.opts.Woken:
		if !open {
			d.opts.Woken = nil
		}
	}
}

// round claims and starts what is due until nothing more is, and says how long to rest.
func (d *Dispatcher) round(ctx, work context.Context) time.Duration {
	for {
		due, err := d.due(ctx)
		if err != nil {
			d.complain(ctx, "the queue of effects did not say what is due", err)
			return d.opts.Poll
		}
		started, next := 0, d.opts.Poll
		for _, kind := range d.inOrder(due) {
			wait := due[kind]
			route, free := d.route(kind)
			switch {
			case free == 0: // the first one to end wakes us
			case wait > 0:
				next = min(next, wait)
			case !d.routed(kind) && -wait < unroutedFor:
			default:
				n, err := d.start(ctx, work, kind, route, free)
				if err != nil {
					d.complain(ctx, "due effects of kind "+kind+" could not be claimed", err)
				} else if n == 0 {
					next = min(next, contended)
				}
				started += n
			}
		}
		if started == 0 || ctx.Err() != nil {
			return next
		}
	}
}

// inOrder are the kinds in the order in which they are claimed.
func (d *Dispatcher) inOrder(due map[string]time.Duration) []string {
	return slices.SortedFunc(maps.Keys(due), func(a, b string) int {
		if first, other := d.routes[a].Urgent, d.routes[b].Urgent; first != other {
			if first {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
}

// due asks what is due. A question that a dead connection took with it ends by itself, and is asked anew.
func (d *Dispatcher) due(ctx context.Context) (map[string]time.Duration, error) {
	ask, cancel := context.WithTimeout(ctx, finishTimeout)
	defer cancel()
	return d.queue.Due(ask)
}

// complain logs what is tried again in any case; at shutdown there is nothing to complain of.
func (d *Dispatcher) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		d.opts.Log.Error(what+"; it is tried again", "error", err)
	}
}

// route is who carries out a kind, and how many more of it may run now.
func (d *Dispatcher) route(kind string) (Route, int) {
	route, ok := d.routes[kind]
	if !ok {
		route = Route{Performer: nobody{kind}}
	}
	route = route.withDefaults()
	d.mu.Lock()
	defer d.mu.Unlock()
	return route, max(route.Concurrency-len(d.running[kind]), 0)
}

func (d *Dispatcher) routed(kind string) bool {
	_, ok := d.routes[kind]
	return ok
}

// hold is for how long an effect is claimed.
func (d *Dispatcher) hold(route Route) time.Duration { return route.Timeout + d.opts.Margin }

// start claims up to limit effects and starts carrying them out.
func (d *Dispatcher) start(ctx, work context.Context, kind string, route Route, limit int) (int, error) {
	began := time.Now()
	ask, cancel := context.WithTimeout(ctx, finishTimeout)
	defer cancel()
	effects, err := d.queue.Claim(ask, kind, limit, d.hold(route))
	if err != nil {
		return 0, err
	}
	until := began.Add(d.hold(route))
	for _, effect := range effects {
		before := d.begin(effect)
		d.group.Go(func() {
			defer d.Wake()
			if before != nil && effect.Unsettled {
				// The queue's clock was set forward and the claim ran out under the attempt: once that has certainly
				// ended, a look tells what came of it.
				d.finish(work, effect, Outcome{Unsettled: true, Delay: route.Settle}, until)
				return
			}
			if !d.follow(work, effect, before) {
				d.finish(work, effect, Outcome{}, until)
				return
			}
			defer d.end(effect)
			d.finish(work, effect, d.carryOut(work, effect, route, began), until)
		})
	}
	return len(effects), nil
}
