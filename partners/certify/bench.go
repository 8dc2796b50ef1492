package certify

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

// bench is one probe while it is tried out.
type bench struct {
	tools   Tools
	partner partners.Partner
	config  partners.ProbeConfig // as it is configured
	inline  []string

	stage    *stage
	aimed    partners.ProbeConfig // led to the stage, with less time
	unaimed  string               // why its calls cannot be led there; empty where they can
	canaries canaries
	clients  []*httpcall.Client

	patience  patience
	client    *httpcall.Client // with that patience; no proxy, because all is on this machine
	chance    *chance
	neighbour *neighbour
	again     string // what the breakers of an item that is measured again are told apart by

	api       string
	passed    int // of the calls to the partner itself
	results   []partners.ProbeResult
	seen      sight
	rehearsal rehearsal
}

// patience is how long things may take while faults are made: less than is configured, so that it is over soon, and
// enough for the partner to answer.
type patience struct {
	probe, attempt   time.Duration
	minWait, maxWait time.Duration
	open             time.Duration
}

// The least time that an attempt gets, and the most: a machine that is busy with other things needs some.
const (
	leastAttempt = 500 * time.Millisecond
	mostAttempt  = 4 * time.Second
)

// patienceFor suits a partner whose slowest answer took so long.
func patienceFor(slowest, configured time.Duration) patience {
	attempt := min(max(3*slowest, leastAttempt), mostAttempt)
	if configured > 0 {
		attempt = min(attempt, configured)
	}
	return patience{probe: 4 * attempt, attempt: attempt, minWait: attempt / 10, maxWait: max(attempt, 1100*time.Millisecond), open: attempt}
}

func newBench(ctx context.Context, tools Tools, p partners.Partner, config partners.ProbeConfig) (*bench, error) {
	b := &bench{tools: tools, partner: p, config: config, stage: newStage(tools), chance: &chance{usual: tools.Client.Jitter}}
	aimed, err := readdressed(config, func(as role, address string) (string, error) { return b.stage.lead(ctx, as, address) })
	switch {
	case isUnaimed(err):
		b.unaimed = err.Error()
	case err != nil:
		b.stage.close()
		return nil, err
	}
	b.aimed = aimed
	b.canaries = newCanaries(tools, aimed)
	b.neighbour = &neighbour{bench: b}
	return b, nil
}

func (b *bench) close() {
	b.neighbour.stop()
	for _, client := range b.clients {
		client.CloseIdleConnections()
	}
	b.stage.close()
}

// newClient is a client as the responder's, but for what change changes.
func (b *bench) newClient(change func(*httpcall.Options)) *httpcall.Client {
	options := b.tools.Client
	options.OnBreaker = nil
	change(&options)
	client := httpcall.New(options)
	b.clients = append(b.clients, client)
	return client
}

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// module makes runs of a probe with connections, token and breakers of its own.
func (b *bench) module(client *httpcall.Client, name string, config partners.ProbeConfig) func(context.Context) partners.ProbeResult {
	return b.moduleBy(client.With(b.partner.ID+"/"+config.ID+" "+name+b.again, b.tools.Auth(config.Auth)), config, b.tools.Secret)
}

// moduleBy makes runs as the responder does: what they return holds no secret that is known.
func (b *bench) moduleBy(client *httpcall.Client, config partners.ProbeConfig, secret setting.Redactor) func(context.Context) partners.ProbeResult {
	one, err := b.tools.Make(config, client)
	if err != nil {
		problem := secret.Redact(err.Error())
		return func(context.Context) partners.ProbeResult {
			return partners.ProbeResult{Partner: b.partner.ID, Probe: config.ID, At: b.tools.Now(), Class: partners.FailNotTried, Problem: problem}
		}
	}
	return func(ctx context.Context) partners.ProbeResult {
		result := probe.Run(ctx, b.partner.ID, config, one, b.tools.Now)
		result.Problem, result.Excerpt = secret.Redact(result.Problem), secret.Redact(result.Excerpt)
		result.Warning = secret.Redact(result.Warning)
		return result
	}
}

// look calls the partner itself, as often as it takes to say how long that takes, and then once more over the stage.
func (b *bench) look(ctx context.Context) {
	run := b.module(b.newClient(func(*httpcall.Options) {}), "direct", b.config)
	watched := b.seen.in(ctx)
	slowest := time.Duration(0)
	for range b.calls() {
		result := run(watched)
		b.results = append(b.results, result)
		if result.Passed() {
			b.passed++
			slowest = max(slowest, result.Took)
		}
		// Wrong credentials that are tried again and again lock an account.
		if failed := len(b.results) - b.passed; ctx.Err() != nil || failed >= 3 || failed > 0 && result.Class.OurRequest() {
			break
		}
	}
	b.patience = patienceFor(slowest, b.config.Timeout.Std())
	b.client = b.newClient(func(o *httpcall.Options) {
		o.Proxy, o.Jitter = noProxy, b.chance.next
		o.Timeout, o.AttemptTimeout = b.patience.probe, b.patience.attempt
		o.MinWait, o.MaxWait = b.patience.minWait, b.patience.maxWait
		o.Breaker.Open = b.patience.open
	})
	b.aimed.Timeout = setting.Duration(b.patience.probe)
	if b.unaimed == "" && b.passed > 0 && ctx.Err() == nil {
		b.rehearse(ctx)
	}
}

func (b *bench) calls() int {
	switch {
	case b.tools.Calls > 0:
		return b.tools.Calls
	case b.config.Writes():
		return writingCalls
	}
	return usualCalls
}

// rehearsal is what a few runs over the stage showed, without any fault.
type rehearsal struct {
	passed  bool
	problem string
	runs    int
	calls   []call // to the API
	tokens  []call
	reads   bool
	made    int // things that were created
}

// rehearse runs the probe over the stage: three times where it only reads, so that a token is seen to serve again.
func (b *bench) rehearse(ctx context.Context) {
	runs := 3
	if b.config.Writes() {
		runs = 1
	}
	run := b.module(b.client, "rehearsal", b.aimed)
	b.stage.set(fault{})
	b.rehearsal.passed = true
	for range runs {
		result := run(ctx)
		b.rehearsal.runs++
		if !result.Passed() {
			b.rehearsal.passed, b.rehearsal.problem = false, result.Problem
			break
		}
	}
	b.rehearsal.calls, b.rehearsal.tokens = b.stage.came(roleAPI), b.stage.came(roleToken)
	versions := []string{}
	for _, c := range b.rehearsal.calls {
		b.rehearsal.reads = b.rehearsal.reads || !c.writes()
		if c.made != "" {
			b.rehearsal.made++
		}
		if v := versionIn(c.path); v != "" && !slices.Contains(versions, v) {
			versions = append(versions, v)
		}
	}
	b.api = strings.Join(versions, ", ")
}

// versionForm is how APIs name their version in a path: v1, v1.0, beta.
var versionForm = regexp.MustCompile(`^(?:v[0-9]{1,3}(?:\.[0-9]{1,3})?|beta)$`)

func versionIn(path string) string {
	for segment := range strings.SplitSeq(path, "/") {
		if versionForm.MatchString(segment) {
			return segment
		}
	}
	return ""
}

// chance stands for the client's jitter, and can be fixed to see what it does.
type chance struct {
	usual func() float64

	mu    sync.Mutex
	fixed *float64
}

func (c *chance) fix(at *float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fixed = at
}

func (c *chance) next() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.fixed != nil:
		return *c.fixed
	case c.usual != nil:
		return c.usual()
	}
	return 0.5
}

// inlineOf are the keys of the probe at that place of the list that hold a secret.
func inlineOf(keys []string, at int) []string {
	var own []string
	for _, key := range keys {
		if rest, ok := strings.CutPrefix(key, fmt.Sprintf("probes[%d].", at)); ok {
			own = append(own, rest)
		}
	}
	return own
}
