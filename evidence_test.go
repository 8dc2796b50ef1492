package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/partners"
)

// network answers calls by their host, without sockets.
type network map[string]func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	if answer := n[r.URL.Host]; answer != nil {
		return answer(r)
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// client makes its calls over the network, each of them once.
func (n network) client() *httpcall.Client {
	return httpcall.New(httpcall.Options{Transport: n, Retries: -1})
}

func answering(status int, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i+1 < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// hanging answers only when nobody waits any more.
func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// recollected is a memory whose readings can fail or hang.
type recollected struct {
	statuses map[string]partners.StatusRecord
	results  map[string]map[string]partners.ProbeResult
	history  map[string]incidents.History
	entries  []changes.Entry
	upcoming []changes.Entry
	fails    map[string]error
	hangs    map[string]bool
	saved    int
}

func (m *recollected) ask(ctx context.Context, what string) error {
	if m.hangs[what] {
		<-ctx.Done()
		return ctx.Err()
	}
	return m.fails[what]
}

func (m *recollected) Statuses(ctx context.Context) (map[string]partners.StatusRecord, error) {
	return m.statuses, m.ask(ctx, "statuses")
}

func (m *recollected) LastResults(ctx context.Context) (map[string]map[string]partners.ProbeResult, error) {
	return m.results, m.ask(ctx, "results")
}

func (m *recollected) ProbeHistory(ctx context.Context, partner, probe string) (incidents.History, error) {
	return m.history[probe], m.ask(ctx, "history")
}

func (m *recollected) Entries(ctx context.Context, q changes.Query) ([]changes.Entry, error) {
	return slices.DeleteFunc(slices.Clone(m.entries), func(e changes.Entry) bool { return e.Published.Before(q.Since) }), m.ask(ctx, "entries")
}

func (m *recollected) Upcoming(ctx context.Context, _ string, from changes.Date) ([]changes.Entry, error) {
	return slices.DeleteFunc(slices.Clone(m.upcoming), func(e changes.Entry) bool { return e.Effective < from }), m.ask(ctx, "upcoming")
}

const goodPage = `{"page":{"id":"x","name":"Acme","url":"https://status.acme.example","updated_at":"2026-01-01T00:00:00Z"},
	"status":{"indicator":"none","description":"All Systems Operational"},
	"components":[{"id":"c1","name":"API","status":"operational","group":false}],"incidents":[],"scheduled_maintenances":[]}`

// scene is a witness in a world that is well, to be changed by a test.
type scene struct {
	net    network
	memory *recollected
	w      *witness
}

func newScene() *scene {
	s := &scene{net: network{"status.acme.example": answering(200, goodPage), "one.example": answering(204, ""), "two.example": answering(204, "")},
		memory: &recollected{fails: map[string]error{}, hangs: map[string]bool{}, history: map[string]incidents.History{"api": {Probe: "api", Runs: 7}}}}
	client := s.net.client()
	s.w = &witness{outside: newOutside(always(client), Config{}, time.Now), memory: s.memory, news: s.memory, now: time.Now,
		controls: &controls{client: client, addresses: []string{"https://one.example", "https://two.example"}, now: time.Now},
		keep:     func(context.Context, string, partners.Status) error { s.memory.saved++; return s.memory.fails["keep"] },
		changed:  map[string]incidents.OurChange{"acme": {What: "the credentials of probe api"}},
		partners: []partners.Partner{
			{ID: "acme", Name: "Acme", Status: partners.StatusSource{URL: "https://status.acme.example/api/v2/summary.json"},
				Probes: []partners.ProbeConfig{{ID: "api"}, {ID: "tls", Address: "acme.example:443"}, {ID: "other"}}},
			{ID: "globex", Name: "Globex", Probes: []partners.ProbeConfig{{ID: "api"}, {ID: "second"}}},
			{ID: "quiet", Name: "Quiet"}}}
	return s
}

func acme() incidents.Incident {
	return incidents.Incident{ID: "sparky-acme-1", Partner: "acme", Probes: []incidents.Failing{{Partner: "acme", Probe: "api"}}}
}

func TestEvidenceIsWholeWhereAllAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		began := time.Now()
		e := s.w.Gather(t.Context(), acme())
		if len(e.Missing) > 0 || time.Since(began) != 0 {
			t.Errorf("missing %q after %v", e.Missing, time.Since(began))
		}
		if e.Page.Status.Level != partners.Operational || !e.Page.Configured || s.memory.saved != 1 {
			t.Errorf("the page is %+v, kept %d times", e.Page, s.memory.saved)
		}
		if len(e.Controls) != 2 || e.Controls[0].Problem != "" || len(e.History) != 1 || e.History[0].Runs != 7 {
			t.Errorf("controls %+v, history %+v", e.Controls, e.History)
		}
		if e.OurChange.What == "" || e.At.IsZero() || e.Incident.ID != "sparky-acme-1" {
			t.Errorf("our change %+v, at %v, of %q", e.OurChange, e.At, e.Incident.ID)
		}
	})
}

func TestEachPieceOfEvidenceMayFailAlone(t *testing.T) {
	boom := errors.New("the disk is full")
	for what, missing := range map[string][]string{
		"statuses": {"status page says", "other partners"}, "results": {"other partners", "until now"}, "history": {"until now"},
		"entries": {"has announced"}, "upcoming": {"has announced"}, "keep": {"status page says"},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				s.memory.fails[what] = boom
				e := s.w.Gather(t.Context(), acme())
				if len(e.Missing) != len(missing) {
					t.Fatalf("missing %q, want %q", e.Missing, missing)
				}
				for _, part := range missing {
					if !slices.ContainsFunc(e.Missing, func(m string) bool { return strings.Contains(m, part) && strings.Contains(m, boom.Error()) }) {
						t.Errorf("missing %q does not name %q and why", e.Missing, part)
					}
				}
				if e.Page.Status.Level != partners.Operational || len(e.Controls) != 2 {
					t.Errorf("the rest was lost: %+v", e)
				}
			})
		})
	}
}

func TestEvidenceThatIsSlowIsMissingAfterFiveSeconds(t *testing.T) {
	for what, missing := range map[string]string{"entries": "has announced", "history": "until now", "page": "", "controls": ""} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				s.memory.hangs[what] = true
				if what == "page" {
					s.net["status.acme.example"] = hanging
				}
				if what == "controls" {
					s.net["one.example"] = hanging
				}
				began := time.Now()
				e := s.w.Gather(t.Context(), acme())
				if took := time.Since(began); took != evidenceWithin {
					t.Errorf("it took %v", took)
				}
				if missing != "" && (len(e.Missing) != 1 || !strings.Contains(e.Missing[0], missing)) {
					t.Errorf("missing %q, want %q", e.Missing, missing)
				}
				before := len(e.Missing)
				synctest.Wait() // what was late has ended now
				if len(e.Missing) != before || what == "page" && e.Page.Status.Level == partners.Operational {
					t.Errorf("written after the deadline: %+v", e)
				}
				if what == "controls" && e.Controls != nil && e.Controls[1].Problem != "" {
					t.Errorf("a control that answered is lost: %+v", e.Controls)
				}
			})
		})
	}
}

func TestNothingIsWrittenAfterTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), evidenceWithin)
		defer cancel()
		g := &gathering{}
		g.piece(ctx, "a stubborn piece", func(context.Context) (fill, error) {
			<-time.After(2 * evidenceWithin) // it does not look at its context
			return func(e *incidents.Evidence) { e.OurChange.What = "too late" }, errors.New("too late")
		})
		e := g.wait(ctx, time.Now)
		g.group.Wait()
		if e.OurChange.What != "" || g.evidence.OurChange.What != "" || len(g.evidence.Missing) != 1 || !strings.Contains(e.Missing[0], "within 5s") {
			t.Errorf("got %+v, %+v", e.Missing, g.evidence)
		}
	})
}

func TestNeighboursAndSiblings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		now := time.Now()
		s.memory.results = map[string]map[string]partners.ProbeResult{
			"acme": {"api": {Probe: "api", At: now, Class: partners.FailServer}, "tls": {Probe: "tls", At: now}, "gone": {Probe: "gone", At: now}},
			"globex": {"api": {At: now, Class: partners.FailAuth, Edge: "cloudflare"}, "second": {At: now, Class: partners.FailDNS},
				"third": {At: now}, "old": {At: now.Add(-recently - time.Second), Class: partners.FailDNS}, "untried": {At: now, Class: partners.FailNotTried}},
		}
		s.memory.statuses = map[string]partners.StatusRecord{"globex": {LastGood: partners.Status{ReadAt: now.Add(-time.Minute)}},
			"quiet": {LastGood: partners.Status{ReadAt: now.Add(-time.Hour)}}}
		e := s.w.Gather(t.Context(), acme())
		want := incidents.Neighbour{Partner: "globex", Name: "Globex", Probes: 3, Failing: 2, AtNetwork: 1, Auth: 1, Edge: "cloudflare", PageRead: true}
		if len(e.Others) != 1 || e.Others[0] != want {
			t.Errorf("others are %+v, want %+v", e.Others, want)
		}
		if len(e.Siblings) != 1 || e.Siblings[0].Probe != "tls" {
			t.Errorf("siblings are %+v: the failing probe and one that is configured no more are none", e.Siblings)
		}
	})
}

func TestNoticesAreToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		day := func(d int) changes.Date { return changes.Date(time.Now().UTC().AddDate(0, 0, d).Format(time.DateOnly)) }
		entry := func(key string, age time.Duration, effective changes.Date) changes.Entry {
			var e changes.Entry
			e.Source, e.Effective = "feed", effective
			e.Key, e.Title, e.Published = key, key, time.Now().Add(-age)
			return e
		}
		s.memory.entries = []changes.Entry{entry("new", time.Hour, day(3)), entry("old", announcedThen+time.Hour, "")}
		s.memory.upcoming = []changes.Entry{entry("new", time.Hour, day(3)), entry("just past", 90*24*time.Hour, day(-2)), entry("long past", 90*24*time.Hour, day(-30))}
		var titles []string
		for _, n := range s.w.Gather(t.Context(), acme()).Notices {
			titles = append(titles, n.Title)
		}
		if !slices.Equal(titles, []string{"new", "just past"}) {
			t.Errorf("notices are %q", titles)
		}
	})
}

// What the partner's answers said to a probe is no announcement of its own: the verdict must be able to tell them apart.
func TestANoticeTellsWhatWasOnlyObserved(t *testing.T) {
	for source, want := range map[string]bool{changes.SourceAnswers: true, "https://feed.example/rss": false} {
		if n := notice(changes.Entry{Change: partners.Change{Source: source}}); n.Observed != want {
			t.Errorf("%s: observed is %t", source, n.Observed)
		}
	}
}

func TestExpiriesNameWhatEnds(t *testing.T) {
	at := time.Now().Add(time.Hour)
	p := partners.Partner{Probes: []partners.ProbeConfig{{ID: "named"}, {ID: "tls", Address: "acme.example:443"}, {ID: "bare"}, {ID: "none"}}}
	got := expiries(p, map[string]partners.ProbeResult{"named": {Host: "a.example", Expires: at}, "tls": {Expires: at}, "bare": {Expires: at}, "none": {}, "gone": {Expires: at}})
	want := []string{"the certificate of a.example", "the certificate of acme.example:443", "the certificate of bare"}
	if !slices.EqualFunc(got, want, func(e incidents.Expiry, what string) bool { return e.What == what && e.At.Equal(at) && !e.Ours }) {
		t.Errorf("got %+v, want %q", got, want)
	}
}

func TestOurClockAgainstTheControls(t *testing.T) {
	for name, c := range map[string]struct {
		ahead []time.Duration // of ours, by each control; hours stand for none
		more  string
		want  time.Duration
	}{
		"right":                       {ahead: []time.Duration{0, time.Second}},
		"within what the header says": {ahead: []time.Duration{2 * time.Second, -2 * time.Second}},
		"ahead":                       {ahead: []time.Duration{10 * time.Minute, 10 * time.Minute}, want: 10 * time.Minute},
		"behind":                      {ahead: []time.Duration{-5 * time.Minute, -5 * time.Minute}, want: -5 * time.Minute},
		"one control is wrong":        {ahead: []time.Duration{10 * time.Minute, 0}},
		"only one":                    {ahead: []time.Duration{10 * time.Minute}, want: 10 * time.Minute},
		"a copy from a cache":         {ahead: []time.Duration{10 * time.Minute}, more: "Age"},
		"nobody says":                 {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				hosts := slices.Sorted(maps.Keys(network{"one.example": nil, "two.example": nil}))
				for i, ahead := range c.ahead {
					headers := []string{"Date", time.Now().Add(-ahead).UTC().Format(http.TimeFormat), c.more, "600"}
					s.net[hosts[i]] = answering(204, "", headers...)
				}
				// Half a second of doubt is in every header.
				if e := s.w.Gather(t.Context(), acme()); (e.ClockOff-c.want).Abs() > time.Second || c.want == 0 && e.ClockOff != 0 {
					t.Errorf("our clock is off by %v, want %v", e.ClockOff, c.want)
				}
			})
		})
	}
}

// Controls are named by their host, and by its port too where that is what tells them apart.
func TestControlsAreToldApart(t *testing.T) {
	for want, addresses := range map[string][]string{
		"one.example, two.example":             {"https://one.example/x", "https://two.example:8443"},
		"127.0.0.1:8801, 127.0.0.1:8802":       {"http://127.0.0.1:8801", "http://127.0.0.1:8802/"},
		"one.example, one.example:444, a.test": {"https://one.example", "https://ONE.example:444", "https://a.test:1"},
		"[::1]:1, [::1]:2, nonsense":           {"http://[::1]:1", "http://[::1]:2", "nonsense"},
		"":                                     nil,
	} {
		if got := strings.Join(controlNames(addresses), ", "); got != want {
			t.Errorf("%q are named %s, want %s", addresses, got, want)
		}
	}
}

func TestSinceWhenATroubleIsOver(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(minutes int) time.Time { return at.Add(-time.Duration(minutes) * time.Minute) }
	well := partners.Status{Level: partners.Operational, ReadAt: at}
	with := func(level partners.Level, i ...partners.PageIncident) partners.Status {
		return partners.Status{Level: level, ReadAt: at, Incidents: i}
	}
	window := func(id string, in bool, until time.Time) partners.Status {
		return partners.Status{Level: partners.Maintenance, ReadAt: at, Windows: []partners.PageWindow{{ID: id, InProgress: in, Until: until}}}
	}
	wellSince := partners.StatusRecord{Status: well, Since: ago(9)}
	badBefore := partners.StatusRecord{Status: partners.Status{Level: partners.MajorOutage}, Since: ago(60)}
	for name, c := range map[string]struct {
		was    *incidents.Announced
		now    partners.Status
		before partners.StatusRecord
		want   time.Time
	}{
		"no verdict rests on anything":    {nil, well, wellSince, time.Time{}},
		"an incident that goes on":        {&incidents.Announced{ID: "i"}, with(partners.Degraded, partners.PageIncident{ID: "i"}), badBefore, time.Time{}},
		"an incident that ended":          {&incidents.Announced{ID: "i"}, with(partners.Operational, partners.PageIncident{ID: "i", Resolved: true, Ended: ago(5)}), badBefore, ago(5)},
		"one that says when it changed":   {&incidents.Announced{ID: "i"}, with(partners.Operational, partners.PageIncident{ID: "i", Resolved: true, Updated: ago(4)}), badBefore, ago(4)},
		"one without an id, by its name":  {&incidents.Announced{ID: "Slow"}, with(partners.Operational, partners.PageIncident{Name: "Slow", Resolved: true, Ended: ago(3)}), badBefore, ago(3)},
		"one that left the page":          {&incidents.Announced{ID: "i"}, well, wellSince, ago(9)},
		"a component, well at this look":  {&incidents.Announced{ID: "component /API"}, well, badBefore, at},
		"a component, well before":        {&incidents.Announced{ID: "component /API"}, well, wellSince, ago(9)},
		"others are troubled still":       {&incidents.Announced{ID: "component /API"}, with(partners.Degraded), badBefore, time.Time{}},
		"a page that cannot be read":      {&incidents.Announced{ID: "i"}, partners.Status{Level: partners.Unknown, ReadAt: at}, wellSince, time.Time{}},
		"a window that goes on":           {&incidents.Announced{ID: "w", Maintenance: true, Until: ago(-5)}, window("w", true, ago(-5)), badBefore, time.Time{}},
		"a window beyond its end":         {&incidents.Announced{ID: "w", Maintenance: true, Until: ago(5)}, window("w", true, ago(5)), badBefore, time.Time{}},
		"a window that is over":           {&incidents.Announced{ID: "w", Maintenance: true, Until: ago(5)}, window("w", false, ago(5)), badBefore, ago(5)},
		"a window gone, beside another":   {&incidents.Announced{ID: "w", Maintenance: true, Until: ago(5)}, window("v", true, ago(-9)), badBefore, ago(5)},
		"a window gone before its time":   {&incidents.Announced{ID: "w", Maintenance: true, Until: ago(-30)}, well, wellSince, ago(9)},
		"never before the verdict itself": {&incidents.Announced{ID: "page"}, well, partners.StatusRecord{Status: well, Since: ago(900)}, ago(30)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := over(incidents.Verdict{Announced: c.was, At: ago(30)}, c.now, c.before); !got.Equal(c.want) {
				t.Errorf("over since %v, want %v", got, c.want)
			}
		})
	}
}

// TestAPageThatBreaksUsIsMissing holds that a page which finds a mistake of ours does not stop Sparky in the middle of an
// incident.
func TestAPageThatBreaksUsIsMissing(t *testing.T) {
	g := &gathering{}
	g.piece(t.Context(), "what the page says", func(context.Context) (fill, error) { panic("index out of range") })
	g.piece(t.Context(), "the rest", func(context.Context) (fill, error) {
		return func(e *incidents.Evidence) { e.Missing = append(e.Missing, "kept") }, nil
	})
	e := g.wait(t.Context(), time.Now)
	if !slices.ContainsFunc(e.Missing, func(m string) bool { return strings.Contains(m, "what the page says: a mistake in Sparky stopped it") }) {
		t.Errorf("missing %q", e.Missing)
	}
	if !slices.Contains(e.Missing, "kept") {
		t.Error("the rest was lost")
	}
}
