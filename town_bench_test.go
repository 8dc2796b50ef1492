package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/scheduler"
)

// town is a Sparky in a world of its own, whose stand-ins note when they were asked and when they had answered.
type town struct {
	b      testing.TB
	world  *world.World
	sparky *sparky
	at     *stamps
	page   *late // ServiceNow's status page
	jira   *late
}

// What a town notes of an incident.
const (
	atFailure = "failure" // the failing answer was written
	atTicket  = "ticket"  // the request that opens the issue arrived
	atCard    = "card"    // the request that posts the message arrived
	atPage    = "page"    // the request that calls on-call arrived
	atVerdict = "verdict" // the verdict was kept
)

// newTown starts a Sparky as the demo configures it, but with the intervals of every day, so that nothing runs beside
// what is measured but what runs in every Sparky; change may alter its configuration. Wait until
// it is settled.
func newTown(b testing.TB, change func(*Config)) *town {
	b.Helper()
	w, err := world.Start(context.WithoutCancel(b.Context()), world.Options{})
	if err != nil {
		b.Fatal(err)
	}
	t := &town{b: b, world: w, at: newStamps(), page: &late{}, jira: &late{}}
	b.Cleanup(func() {
		if err := w.Close(); err != nil {
			b.Error(err)
		}
	})
	config := demoConfig(w, b.TempDir())
	inline(&config)
	config.Listen = anyPort
	config.Schedule.SetDefaults()
	config.Triage.ReopenWithin = 0
	t.reroute(&config)
	for i := range config.Partners {
		for j := range config.Partners[i].Probes {
			config.Partners[i].Probes[j].Every = setting.Duration(time.Hour)
		}
	}
	if change != nil {
		change(&config)
	}
	t.run(config)
	return t
}

// reroute leads the calls that are measured to servers that note them.
func (t *town) reroute(c *Config) {
	c.Slack.APIURL = t.serve(t.noted(t.world.Slack.Handler())) + "/api/"
	c.Jira.URL = t.serve(t.jira.before(t.noted(t.world.Jira.Handler())))
	c.Oncall.EventsURL = t.serve(t.noted(t.world.Pager.Handler()))
	api, own := t.serve(t.answered(t.world.Partners.APIHandler(vendors.ServiceNow))), t.world.API(vendors.ServiceNow)
	page := t.serve(t.page.before(t.world.Partners.PageHandler(vendors.ServiceNow)))
	for i := range c.Partners {
		p := &c.Partners[i]
		if p.ID != vendors.ServiceNow {
			continue
		}
		p.Status.URL = page
		for j := range p.Probes {
			p.Probes[j].BaseURL = strings.Replace(p.Probes[j].BaseURL, own, api, 1)
			p.Probes[j].URL = strings.Replace(p.Probes[j].URL, own, api, 1)
		}
	}
}

func (t *town) serve(handler http.Handler) string {
	server := httptest.NewServer(handler)
	t.b.Cleanup(server.Close)
	return server.URL
}

// noted notes when a request arrived that opens something for an incident.
func (t *town) noted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		arrived := time.Now()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/rest/api/3/issue"):
			t.at.note(atTicket, arrived)
		case strings.HasSuffix(r.URL.Path, "/chat.postMessage") && !bytes.Contains(body, []byte("thread_ts=")):
			t.at.note(atCard, arrived)
		case strings.HasSuffix(r.URL.Path, "/v2/enqueue") && bytes.Contains(body, []byte(`"trigger"`)):
			t.at.note(atPage, arrived)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(rw, r)
	})
}

// answered notes when the answer of a partner's API was written.
func (t *town) answered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(rw, r)
		if err := http.NewResponseController(rw).Flush(); err == nil {
			t.at.note(atFailure, time.Now())
		}
	})
}

// run runs Sparky until the benchmark ends.
func (t *town) run(config Config) {
	t.b.Helper()
	var err error
	if t.sparky, err = newSparky(t.b.Context(), config, slog.New(slog.DiscardHandler)); err != nil {
		t.b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.b.Context()))
	ended := make(chan error, 1)
	go func() { ended <- t.sparky.Run(ctx) }()
	t.b.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, t.sparky.Close()); err != nil && !strings.Contains(err.Error(), "did not stop") {
			t.b.Error(err)
		}
	})
}

// settled waits until every probe has run once.
func (t *town) settled() {
	t.b.Helper()
	t.until(func() bool {
		return !slices.ContainsFunc(t.sparky.jobs.States(), func(s scheduler.JobState) bool { return strings.HasPrefix(s.Name, "probe/") && s.Runs == 0 })
	})
}

// until waits for something that tells nobody when it is so.
func (t *town) until(is func() bool) {
	t.b.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !is() {
		select {
		case <-ticker.C:
		case <-t.b.Context().Done():
			t.b.Fatal("the benchmark was stopped while it waited")
		}
	}
}

// incident breaks ServiceNow, lets its probe find out, waits for all that follows, and heals it. It returns when what was
// noted was noted, counted from the failing answer.
func (t *town) incident(wanted ...string) map[string]time.Duration {
	t.b.Helper()
	t.at.reset()
	t.breaks(vendors.APIBreak{How: vendors.APIError, Status: 500})
	result := t.probe("table-api")
	t.at.note(atVerdict, time.Now())
	if result.Passed() {
		t.b.Fatal("the probe passed although its partner is broken")
	}
	found := t.at.since(t.b, atFailure, append(wanted, atVerdict)...)
	t.breaks(vendors.APIBreak{})
	for range t.sparky.config.Triage.RecoverAfter {
		t.probe("table-api")
	}
	return found
}

func (t *town) breaks(b vendors.APIBreak) {
	t.b.Helper()
	if err := t.world.Partners.BreakAPI(vendors.ServiceNow, b); err != nil {
		t.b.Fatal(err)
	}
}

func (t *town) probe(id string) partners.ProbeResult {
	t.b.Helper()
	for _, p := range t.sparky.config.Partners {
		for _, c := range p.Probes {
			if p.ID == vendors.ServiceNow && c.ID == id {
				result, err := t.sparky.responder.Probe(t.b.Context(), p, c)
				if err != nil {
					t.b.Fatal(err)
				}
				return result
			}
		}
	}
	t.b.Fatalf("there is no probe %s", id)
	return partners.ProbeResult{}
}

// fill opens incidents of partners that have nothing else to do with what is measured.
func (t *town) fill(open int) {
	t.b.Helper()
	ctx := t.b.Context()
	err := t.sparky.memory.Decide(ctx, "", func(l *incidents.Ledger) ([]incidents.Effect, error) {
		for i := range open {
			l.Incidents = append(l.Incidents, openIncident(i))
		}
		return nil, nil
	})
	if err != nil {
		t.b.Fatal(err)
	}
}

// stamps are the first moments at which things happened.
type stamps struct {
	mu    sync.Mutex
	first map[string]time.Time
	count map[string]int
	moved chan struct{}
}

func newStamps() *stamps { s := &stamps{}; s.reset(); return s }

func (s *stamps) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first, s.count, s.moved = map[string]time.Time{}, map[string]int{}, make(chan struct{})
}

func (s *stamps) note(what string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[what]++
	if _, noted := s.first[what]; !noted {
		s.first[what] = at
		close(s.moved)
		s.moved = make(chan struct{})
	}
}

func (s *stamps) times(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[what]
}

func (s *stamps) get(what string) (time.Time, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first[what], s.moved
}

// since waits for all of what is wanted, and returns how long after the beginning each was.
func (s *stamps) since(b testing.TB, beginning string, wanted ...string) map[string]time.Duration {
	b.Helper()
	began, _ := s.get(beginning)
	found := map[string]time.Duration{}
	for _, what := range wanted {
		at, moved := s.get(what)
		for ; at.IsZero(); at, moved = s.get(what) {
			select {
			case <-moved:
			case <-time.After(time.Minute):
				b.Fatalf("no %s within a minute of the failure", what)
			}
		}
		found[what] = at.Sub(began)
	}
	return found
}

// late is a server that takes its time for every answer.
type late struct {
	mu sync.Mutex
	by time.Duration
}

func (l *late) takes(by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by = by
}

func (l *late) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		wait := l.by
		l.mu.Unlock()
		if wait > 0 {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
			}
		}
		next.ServeHTTP(rw, r)
	})
}
