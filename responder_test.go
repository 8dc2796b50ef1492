package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/all"
)

// forgetful is a memory of incidents that are lost when the test ends.
type forgetful struct {
	mu     sync.Mutex
	ledger incidents.Ledger
	asked  []incidents.Effect // in their order
	fails  error
}

func (m *forgetful) Decide(_ context.Context, _ string, decide func(*incidents.Ledger) ([]incidents.Effect, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return m.fails
	}
	asked, err := decide(&m.ledger)
	m.asked = append(m.asked, asked...)
	return err
}

func (m *forgetful) Incident(_ context.Context, ref string) (incidents.Incident, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, in := range m.ledger.Incidents {
		if in.ID == ref {
			return in, nil
		}
	}
	return incidents.Incident{}, incidents.ErrNoIncident
}

func (m *forgetful) live() []incidents.Incident {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]incidents.Incident{}, m.ledger.Incidents...)
}

// results keeps what probes found.
type results struct {
	mu    sync.Mutex
	kept  []partners.ProbeResult
	fails error
}

func (r *results) SaveResults(_ context.Context, all []partners.ProbeResult) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, all...)
	return r.fails
}

// LastResults are the last that were kept.
func (r *results) LastResults(context.Context) (map[string]map[string]partners.ProbeResult, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := map[string]map[string]partners.ProbeResult{}
	for _, one := range r.kept {
		if last[one.Partner] == nil {
			last[one.Partner] = map[string]partners.ProbeResult{}
		}
		if !one.At.Before(last[one.Partner][one.Probe].At) {
			last[one.Partner][one.Probe] = one
		}
	}
	return last, r.fails
}

// looker counts how often evidence is gathered, which takes it a moment.
type looker struct{ looks atomic.Int32 }

func (l *looker) Gather(_ context.Context, in incidents.Incident) incidents.Evidence {
	l.looks.Add(1)
	<-time.After(time.Second)
	return incidents.Evidence{Incident: in}
}

// duty is a responder over a network without sockets.
type duty struct {
	*responder
	net     network
	memory  *forgetful
	results *results
	looker  *looker
	partner partners.Partner
}

const ownToken = "t0p-s3cret-t0ken"

func newDuty(controlled ...string) *duty {
	d := &duty{net: network{}, memory: &forgetful{}, results: &results{}, looker: &looker{}, partner: partners.Partner{ID: "acme", Name: "Acme"}}
	client := httpcall.New(httpcall.Options{Transport: d.net, Retries: -1, Breaker: httpcall.BreakerOptions{Requests: 1 << 30}})
	desk := incidents.NewDesk(incidents.Options{Memory: d.memory, Witness: d.looker, Now: time.Now, Partners: []partners.Partner{d.partner},
		Judge: func(incidents.Evidence) incidents.Verdict {
			return incidents.Verdict{Word: incidents.Unclear, Reason: incidents.ReasonNotAnnounced, Says: "Unclear."}
		},
		Rules: incidents.Rules{RecoverAfter: 1}})
	d.responder = &responder{desk: desk, results: d.results, latest: d.results, probes: newProbes(always(client), setting.NewRedactor(setting.NewSecret(ownToken)), time.Now),
		controls: &controls{client: client, addresses: controlled, now: time.Now}}
	return d
}

func reading(id string) partners.ProbeConfig {
	c := partners.ProbeConfig{ID: id, Kind: partners.KindHTTP}
	c.SetDefaults()
	c.URL, c.Method = "https://api.acme.example/"+id, http.MethodGet
	return c
}

func TestAFailureIsKeptAndJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = answering(500, `{"error":"no, `+ownToken+`"}`)
		result, err := d.Probe(t.Context(), d.partner, reading("api"))
		if err != nil || result.Class != partners.FailServer {
			t.Fatalf("got %+v, %v", result, err)
		}
		if len(d.results.kept) != 1 || d.results.kept[0].Class != partners.FailServer {
			t.Errorf("kept %+v", d.results.kept)
		}
		live := d.memory.live()
		if len(live) != 1 || live[0].Verdict.Word != incidents.Unclear {
			t.Fatalf("incidents %+v", live)
		}
		if text := result.Problem + result.Excerpt; strings.Contains(text, ownToken) || !strings.Contains(text, "no,") {
			t.Errorf("a secret is told, or nothing: %q", text)
		}
		if _, err := d.Probe(t.Context(), d.partner, reading("api")); err != nil || d.looker.looks.Load() != 1 {
			t.Errorf("%v; evidence was gathered %d times for a failure that goes on", err, d.looker.looks.Load())
		}
		d.net["api.acme.example"] = answering(200, "{}")
		if result, err := d.Probe(t.Context(), d.partner, reading("api")); err != nil || !result.Passed() || d.memory.live()[0].State != incidents.StateRecovered {
			t.Errorf("after a pass: %+v, %v, %+v", result, err, d.memory.live())
		}
	})
}

func TestProbesThatFailTogetherAreLookedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = answering(500, "{}")
		var group sync.WaitGroup
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			group.Go(func() {
				if _, err := d.Probe(t.Context(), d.partner, reading(id)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if live := d.memory.live(); len(live) != 1 || len(live[0].Probes) != 5 || live[0].Verdict.Word == "" || d.looker.looks.Load() != 1 {
			t.Errorf("%d looks, incidents %+v", d.looker.looks.Load(), live)
		}
	})
}

func TestARunThatIsCalledOffSaysNothingOfThePartner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = hanging
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := d.Probe(ctx, d.partner, reading("api"))
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "acme/api") {
			t.Errorf("got %v", err)
		}
		if len(d.results.kept) != 0 || len(d.memory.live()) != 0 {
			t.Errorf("kept %+v, %+v", d.results.kept, d.memory.live())
		}
	})
}

func TestWhatCannotBeKeptIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = answering(500, "{}")
		d.memory.fails = errors.New("the disk is full")
		if _, err := d.Probe(t.Context(), d.partner, reading("api")); !errors.Is(err, d.memory.fails) || len(d.results.kept) != 0 {
			t.Errorf("got %v, kept %d", err, len(d.results.kept))
		}
		d.memory.fails, d.results.fails = nil, errors.New("the disk is still full")
		if _, err := d.Probe(t.Context(), d.partner, reading("api")); !errors.Is(err, d.results.fails) || !strings.Contains(err.Error(), "acme/api") {
			t.Errorf("got %v", err)
		}
		if len(d.memory.live()) != 1 {
			t.Error("the incident was lost with the result")
		}
	})
}

func TestAProbeThatCannotBeBuilt(t *testing.T) {
	d := newDuty()
	for _, kind := range []string{"", "nonsense"} {
		c := reading("odd")
		c.Kind = kind
		if _, err := d.Probe(t.Context(), d.partner, c); err == nil || !strings.Contains(err.Error(), "acme/odd") || len(d.results.kept) != 0 {
			t.Errorf("kind %q: %v, kept %+v", kind, err, d.results.kept)
		}
	}
}

func TestReach(t *testing.T) {
	refused := func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }
	for name, c := range map[string]struct {
		answers map[string]func(*http.Request) (*http.Response, error)
		want    incidents.Reach
		takes   time.Duration
	}{
		"no controls":        {nil, incidents.ReachUnknown, 0},
		"both answer":        {network{"one.example": answering(204, ""), "two.example": answering(204, "")}, incidents.ReachFine, 0},
		"one is enough":      {network{"one.example": refused, "two.example": answering(204, "")}, incidents.ReachFine, 0},
		"one hangs":          {network{"one.example": hanging, "two.example": answering(204, "")}, incidents.ReachFine, 0},
		"an error is a word": {network{"one.example": refused, "two.example": answering(503, "")}, incidents.ReachFine, 0},
		"all refuse":         {network{"one.example": refused, "two.example": refused}, incidents.ReachDown, 0},
		"all hang":           {network{"one.example": hanging, "two.example": hanging}, incidents.ReachDown, reachWithin},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := network(c.answers)
				asked := &controls{client: n.client(), now: time.Now}
				for host := range n {
					asked.addresses = append(asked.addresses, "https://"+host)
				}
				began := time.Now()
				if got := asked.reach(t.Context()); got != c.want || time.Since(began) != c.takes {
					t.Errorf("got %q after %v, want %q after %v", got, time.Since(began), c.want, c.takes)
				}
			})
		})
	}
}

// No bubble here: who waits for the word of another waits at a mutex, where a bubble's time stands still.
func TestReachIsAskedOnceForManyFailures(t *testing.T) {
	var calls atomic.Int32
	n := network{"one.example": func(r *http.Request) (*http.Response, error) {
		calls.Add(1)
		return answering(204, "")(r)
	}}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	asked := &controls{client: n.client(), addresses: []string{"https://one.example"}, now: func() time.Time { return at }}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if got := asked.reach(t.Context()); got != incidents.ReachFine {
				t.Errorf("got %q", got)
			}
		})
	}
	group.Wait()
	if calls.Load() != 1 {
		t.Errorf("the control was asked %d times for one moment", calls.Load())
	}
	at = at.Add(reachHolds)
	if asked.reach(t.Context()); calls.Load() != 2 {
		t.Errorf("an old word was taken for a new one: asked %d times", calls.Load())
	}
}

func TestAFailureWithoutAnAnswerWhileNothingAnswersIsOurNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty("https://one.example", "https://two.example")
		if _, err := d.Probe(t.Context(), d.partner, reading("api")); err != nil {
			t.Fatal(err)
		}
		if live := d.memory.live(); len(live) != 1 || live[0].Kind != incidents.KindNetwork {
			t.Errorf("incidents %+v", live)
		}
	})
}

// overheard is what was passed on of what endpoints said.
type overheard struct {
	all   []partners.Notice
	fails error
}

func (o *overheard) Observed(_ context.Context, _ partners.Partner, _ string, notices []partners.Notice) error {
	o.all = append(o.all, notices...)
	return o.fails
}

func TestWhatAnEndpointSaysOfItselfIsPassedOnOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		news := &overheard{fails: errors.New("the disk is full")}
		d.news = news
		sunset := "Sat, 31 Dec 2050 23:59:59 GMT"
		d.net["api.acme.example"] = func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: http.NoBody, Header: http.Header{
				"Sunset": {sunset}, "Link": {`<https://acme.example/` + ownToken + `>; rel="sunset"`}}}, nil
		}
		c := reading("v1/" + ownToken)
		if _, err := d.Probe(t.Context(), d.partner, c); err == nil {
			t.Error("that it was not kept is no error")
		}
		news.fails = nil
		for range 3 {
			if _, err := d.Probe(t.Context(), d.partner, c); err != nil {
				t.Fatal(err)
			}
		}
		if len(news.all) != 2 {
			t.Fatalf("%d notices were passed on", len(news.all))
		}
		if n := news.all[1]; strings.Contains(fmt.Sprint(n), ownToken) || !strings.HasPrefix(n.Endpoint, "api.acme.example/v1/") || n.More != "" {
			t.Errorf("it says %+v", n)
		}
		sunset = "Fri, 30 Dec 2050 23:59:59 GMT"
		for range 2 {
			if _, err := d.Probe(t.Context(), d.partner, c); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(observeEvery) // in the bubble: what is said for long is looked at again
		if _, err := d.Probe(t.Context(), d.partner, c); err != nil || len(news.all) != 4 {
			t.Errorf("%d notices were passed on: %v", len(news.all), err)
		}
	})
}

// otherwhere is where probes must not be run.
type otherwhere struct{}

func (otherwhere) Run(context.Context, partners.Partner, partners.ProbeConfig) (partners.ProbeResult, error) {
	return partners.ProbeResult{}, errors.New("a worker knows nothing of New Relic")
}

// TestWhatAsksNewRelicRunsHere holds that a probe that asks New Relic runs in Sparky's own process, where its key is,
// also where the partner's others run apart.
func TestWhatAsksNewRelicRunsHere(t *testing.T) {
	p := newProbes(always(httpcall.New(httpcall.Options{})), setting.NewRedactor(), time.Now)
	p.apart = otherwhere{}
	snow := partners.Partner{ID: "snow", Isolation: partners.IsolationProcess}
	if _, err := p.run(t.Context(), snow, partners.ProbeConfig{ID: "seen", Kind: partners.KindNewRelic}); !errors.Is(err, all.ErrNewRelic) {
		t.Errorf("got %v", err)
	}
	if _, err := p.run(t.Context(), snow, partners.ProbeConfig{ID: "sign-in", Kind: partners.KindHTTP}); err == nil || !strings.Contains(err.Error(), "knows nothing of New Relic") {
		t.Errorf("got %v", err)
	}
}
