package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/commands"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// What happens when Sparky itself is not well: people hear of it once, whoever waits for its heartbeat notices, and it is
// over once.

func TestHealthStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"Slack is not heard: it says so, once, and holds its heartbeat back": slackUnheard,
		"what is to be done outside does not get done":                       effectsStuck,
		"nobody could be told before it was over":                            toldTooLate,
		"a heartbeat that nobody takes is shown, and its address nowhere":    heartbeatRefused,
		"of two replicas one beats, and the other when that is gone":         oneReplicaBeats,
	})
}

// quickly has Sparky lose patience with itself within seconds.
func quickly(s *story) {
	s.before = func(built *sparky) {
		for kind := range built.vitals.patience {
			built.vitals.patience[kind] = time.Second
		}
		built.vitals.every, built.vitals.calm = 200*time.Millisecond, 2*time.Second
	}
}

// monitor is a dead man's switch.
type monitor struct {
	mu     sync.Mutex
	beats  []time.Time
	odd    []string
	status int
}

const beatPath = "/ping/0f6b2a94-c5de-4b0e-canary"

func (m *monitor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.Method != http.MethodGet || r.URL.Path != beatPath || len(body) > 0 || err != nil {
		m.odd = append(m.odd, r.Method+" "+r.URL.String())
	}
	m.beats = append(m.beats, time.Now())
	w.WriteHeader(m.status)
}

func (m *monitor) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.beats)
}

// monitored has the story's Sparky beat every second, and holds that its address is shown nowhere.
func (s *story) monitored() *monitor {
	m := &monitor{status: http.StatusOK}
	server := httptest.NewServer(m)
	s.Cleanup(server.Close)
	s.config.Heartbeat = &heartbeatConfig{URL: setting.NewSecret(server.URL + beatPath), Every: setting.Duration(time.Second)}
	s.secrets = append(s.secrets, beatPath[len("/ping/"):])
	s.Cleanup(func() {
		if len(m.odd) > 0 {
			s.Errorf("the heartbeat is no plain GET: %v", m.odd)
		}
	})
	return m
}

// until looks every now and then until it is so.
func (s *story) until(what string, so func() bool) {
	s.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-s.ctx.Done():
			s.Fatalf("%s: %v\nthe log:\n%s", what, s.ctx.Err(), s.logs.tail())
		case <-tick.C:
		}
	}
}

// more waits for so many beats more.
func (s *story) more(m *monitor, beats int) {
	s.Helper()
	from := m.count()
	s.until("a heartbeat", func() bool { return m.count() >= from+beats })
}

func (p *program) health() commands.Health { return p.vitals.Health(p.story.ctx) }

// ill waits until Sparky knows that it is ill of the kind, or that it is well where there is none.
func (p *program) ill(kind commands.IllnessKind) commands.Health {
	var h commands.Health
	p.story.Helper()
	p.story.until("an illness: "+string(kind), func() bool {
		h = p.health()
		return kind == "" && h.Well() && h.LinksUp == 2 || len(h.Ill) > 0 && h.Ill[0].Kind == kind
	})
	return h
}

func slackUnheard(s *story) {
	quickly(s)
	m := s.monitored()
	p := s.watching()
	s.more(m, 2)
	h := p.ill("")
	if !h.Lease.Here || h.Lease.Holder == "" || h.Jobs.Count < 10 || h.Links[0].LastPing.IsZero() || h.Heartbeat.Last.IsZero() || h.Started.IsZero() || h.Version == "" {
		s.Errorf("its health is %+v", h)
	}
	s.asks("ada", "help", "What you can ask", "Sparky "+h.Version+", started")

	s.slack.SetLinkMode(slack.CloseAfterAccept)
	s.slack.DropLinks()
	s.told(slack.Alerts, "I am not well myself", "Slack is not heard", "sparky doctor tries the tokens")
	p.ill(commands.IllLink)
	beats := m.count()
	code, body := s.web(p, "/readyz")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, `"kind":"link"`) {
		s.Errorf("/readyz answers %d %s", code, body)
	}
	if _, metrics := s.web(p, "/metrics"); !holdsAll(metrics, []string{`sparky_ill{part="link"} 1`, "sparky_ready 0", "sparky_lease_held 1", `sparky_job_overdue{job="heartbeat"} 0`}) {
		s.Error("/metrics does not tell that it is ill")
	}
	s.rounds("feed", 3, vendors.Okta) // what comes round does so all the same
	if more := m.count() - beats; more > 1 {
		s.Errorf("it beats %d times more while it is ill", more)
	}
	p.stop()
	p = s.start() // a restart tells nothing again
	p.ill(commands.IllLink)
	s.rounds("feed", 3, vendors.Okta)

	s.slack.SetLinkMode(slack.LinksWork)
	s.told(slack.Alerts, "I am well again, after")
	s.more(m, 2)
	s.asks("ada", "status", "Partners")
	p.stop()
	s.once("sparky/health/1", "sparky/health/1/over")
}

// once holds that just these messages tell of Sparky's own health.
func (s *story) once(keys ...string) {
	s.Helper()
	var all []string
	for _, m := range s.posted() {
		if key := effectKey(m); strings.HasPrefix(key, "sparky/health") {
			all = append(all, key)
		}
	}
	if fmt.Sprint(all) != fmt.Sprint(keys) {
		s.Errorf("it told %v, and not %v", all, keys)
	}
}

// web is what Sparky's own address answers.
func (s *story) web(p *program, path string) (int, string) {
	s.Helper()
	answer, err := http.Get("http://" + p.listener.Addr().String() + path)
	s.hold(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	s.hold(err)
	return answer.StatusCode, string(body)
}

func effectsStuck(s *story) {
	quickly(s)
	s.excuse("pagerduty 0")
	m := s.monitored()
	p := s.well()
	s.more(m, 1)
	s.world.Pager.SetFault(pagerduty.Fault{Away: true, Times: 1000})
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call")
	s.told(slack.Alerts, "I am not well myself", "cannot be done so far", "each is tried again by itself")
	p.ill(commands.IllEffects)
	s.asks("ada", "status", "Sparky itself is not well", "What helps")
	s.asks("ada", "status okta", "Sparky itself is not well")
	s.asks("ada", "help", "Sparky itself is not well")
	if code, body := s.web(p, "/readyz"); code != http.StatusOK || !strings.Contains(body, `"kind":"effects"`) {
		s.Errorf("/readyz answers %d %s: it can do what it is for", code, body)
	}
	s.world.Pager.SetFault(pagerduty.Fault{})
	i.page(pagerduty.Triggered)
	s.told(slack.Alerts, "I am well again")
	s.more(m, 1)
	i.presses("ada", "Acknowledge")
	i.ticket("told of who has it", says("(by ada in Slack)"))
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Acknowledged", "Over")
}

// toldTooLate is a Slack that takes no message while Sparky is ill: one message tells both.
func toldTooLate(s *story) {
	quickly(s)
	s.excuse("HTTP 429", "ratelimited")
	p := s.watching()
	s.slack.SetFault("chat.postMessage", slack.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1, Times: 1000})
	s.slack.SetLinkMode(slack.CloseAfterAccept)
	s.slack.DropLinks()
	p.ill(commands.IllLink)
	s.until("an attempt to say so", func() bool { return s.slack.Calls("chat.postMessage") > 0 })
	s.slack.SetLinkMode(slack.LinksWork)
	p.ill("")
	s.until("word that it is over", func() bool {
		drawn, err := p.memory.Drawn(s.ctx, "sparky/health")
		return err == nil && strings.Contains(string(drawn.Payload), `"over"`)
	})
	s.slack.ClearFaults()
	s.told(slack.Alerts, "I am well again. For", "Slack is not heard")
	s.rounds("feed", 3, vendors.Okta)
	p.stop()
	s.once("sparky/health/1")
}

func heartbeatRefused(s *story) {
	m := s.monitored()
	m.status = http.StatusNotFound
	p := s.watching()
	s.until("a beat", func() bool { return m.count() > 0 && p.health().Heartbeat.Problem != "" })
	h := p.health()
	if !h.Heartbeat.Last.IsZero() || !strings.Contains(h.Heartbeat.Problem, "answers 404; check heartbeat.url") {
		s.Errorf("it says %+v", h.Heartbeat)
	}
	s.more(m, 2)
	if n := strings.Count(s.logs.String(), "no heartbeat is given"); n != 1 {
		s.Errorf("the log tells it %d times:\n%s", n, s.logs.tail())
	}
	m.mu.Lock()
	m.status = http.StatusNoContent
	m.mu.Unlock()
	s.until("a beat that is taken", func() bool { return !p.health().Heartbeat.Last.IsZero() })
	_, body := s.web(p, "/healthz")
	var told struct {
		Heartbeat commands.HeartbeatHealth
	}
	s.hold(json.Unmarshal([]byte(body), &told))
	if told.Heartbeat.Last.IsZero() || told.Heartbeat.Problem != "" {
		s.Errorf("/healthz says %s", body)
	}
	s.keepsSecrets("/healthz", body)
	_, metrics := s.web(p, "/metrics")
	s.keepsSecrets("/metrics", metrics)
}

func oneReplicaBeats(s *story) {
	s.config.Store.URL = s.postgres().url
	m := s.monitored()
	s.config.Heartbeat.Every = setting.Duration(2 * time.Second)
	first := s.watching()
	s.more(m, 1)
	second := s.start()
	s.until("the second replica", func() bool { return second.health().LinksUp == 2 })
	a, b := first.health(), second.health()
	if !a.Lease.Here || b.Lease.Here || b.Lease.Holder != a.Lease.Holder || b.Lease.Holder == "" || b.Jobs.Overdue != 0 || !b.Heartbeat.Last.IsZero() {
		s.Errorf("the first says %+v, the second %+v", a.Lease, b.Lease)
	}
	began, from := time.Now(), m.count()
	s.more(m, 3)
	if n, took := m.count()-from, time.Since(began); float64(n) > took.Seconds()/2+2 {
		s.Errorf("%d beats in %v", n, took)
	}
	first.stop()
	s.more(m, 2)
	if h := second.health(); !h.Lease.Here || h.Heartbeat.Last.IsZero() {
		s.Errorf("the second says %+v", h.Lease)
	}
	second.stop()
}
