package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sparky/commands"
	"sparky/scheduler"
	"sparky/store"
)

// noon is when the tests of Sparky's health look.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestJobsThatNeedALookComeFirst(t *testing.T) {
	led := noon.Add(-time.Hour)
	job := func(name string, change func(*scheduler.JobState)) scheduler.JobState {
		s := scheduler.JobState{Name: name, Every: time.Minute, Timeout: 20 * time.Second, LastStart: noon.Add(-31 * time.Second),
			LastEnd: noon.Add(-30 * time.Second), LastSuccess: noon.Add(-30 * time.Second), NextDue: noon.Add(30 * time.Second)}
		change(&s)
		return s
	}
	states := []scheduler.JobState{
		job("a/well", func(*scheduler.JobState) {}),
		job("b/failing", func(s *scheduler.JobState) {
			s.LastError, s.FailingSince, s.LastSuccess = "the page is gone", noon.Add(-time.Minute), noon.Add(-2*time.Minute)
		}),
		job("c/overdue", func(s *scheduler.JobState) { s.NextDue = noon.Add(-20 * time.Second) }),
		job("d/hangs", func(s *scheduler.JobState) { s.Running, s.LastStart = true, noon.Add(-time.Minute) }),
		job("e/runs", func(s *scheduler.JobState) { s.Running, s.LastStart = true, noon.Add(-30*time.Second) }),
		job("f/a moment late", func(s *scheduler.JobState) { s.NextDue = noon.Add(-10 * time.Second) }),
		job("g/due before we led", func(s *scheduler.JobState) { s.NextDue = led.Add(-time.Hour) }),
		{Name: "h/never ran"},
	}
	sum := jobsHealth(states, led, noon)
	if sum.Count != 8 || sum.Running != 2 || sum.Failing != 1 || sum.Overdue != 3 || !sum.LastEnd.Equal(noon.Add(-30*time.Second)) {
		t.Errorf("it counts %+v", sum)
	}
	var order []string
	since := map[string]time.Duration{}
	for _, j := range sum.Each {
		order = append(order, j.Name[:1])
		if !j.OverdueSince.IsZero() {
			since[j.Name[:1]] = noon.Sub(j.OverdueSince)
		}
	}
	if got := strings.Join(order, ""); got != "cdgbaefh" {
		t.Errorf("they come in the order %s", got)
	}
	if want := map[string]time.Duration{"c": 20 * time.Second, "d": 40 * time.Second, "g": time.Hour}; fmt.Sprint(since) != fmt.Sprint(want) {
		t.Errorf("overdue for %v, want %v", since, want)
	}
	if b := sum.Each[3]; b.Problem != "the page is gone" || !b.FailingSince.Equal(noon.Add(-time.Minute)) || !b.LastSuccess.Equal(noon.Add(-2*time.Minute)) {
		t.Errorf("of the failing one it tells %+v", b)
	}
	if elsewhere := jobsHealth(states, time.Time{}, noon); elsewhere.Overdue != 0 {
		t.Errorf("%d jobs are overdue in a replica that runs none", elsewhere.Overdue)
	}
}

func TestTheHelmIsHeldWhileTheJobsRun(t *testing.T) {
	var h helm
	if !h.held().IsZero() {
		t.Error("it is held from the start")
	}
	leave := h.take()
	if since := h.held(); since.IsZero() || time.Since(since) > time.Minute {
		t.Errorf("it is held since %v", since)
	}
	leave()
	if !h.held().IsZero() {
		t.Error("it is held for ever")
	}
}

// A process that stood still still takes itself for the leader while another one leads.
func TestTheDatabaseKnowsBetterWhoLeads(t *testing.T) {
	memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := memory.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := &sparky{memory: memory, lease: scheduler.Lease{Name: "jobs", Owner: "me"}}
	for _, c := range []struct {
		owner string // who takes the lease then
		here  bool
	}{{"", true}, {"me", true}, {"another", false}} {
		if err := memory.Release(t.Context(), "jobs", "me"); err != nil {
			t.Fatal(err)
		}
		if c.owner != "" {
			if _, held, err := memory.Acquire(t.Context(), "jobs", c.owner, time.Minute); err != nil || !held {
				t.Fatal(held, err)
			}
		}
		h := commands.Health{At: noon, Lease: commands.LeaseHealth{Here: true, Since: noon}}
		s.remembered(t.Context(), &h)
		if h.Lease.Here != c.here || h.Lease.Since.IsZero() == c.here || h.Lease.Holder != c.owner {
			t.Errorf("where %q leads it says %+v", c.owner, h.Lease)
		}
	}
}

// whole is Sparky's health with something in every field.
func whole() commands.Health {
	h := commands.Health{At: noon, Version: "v1.2.3", Started: noon.Add(-time.Hour), LinksUp: 1, Queued: 3, Room: 100,
		Links: []commands.LinkHealth{{Up: true, Since: noon.Add(-time.Minute), LastPing: noon.Add(-5 * time.Second), LastFrame: noon.Add(-30 * time.Second)},
			{Since: noon.Add(-time.Second), Problem: "Slack ended it"}},
		Effects: commands.EffectsHealth{Due: 4, Oldest: noon.Add(-90 * time.Second), Failing: 2, FailingSince: noon.Add(-20 * time.Minute), FailingWhy: "Jira is away", Refused: 1},
		Lease:   commands.LeaseHealth{Here: true, Holder: "host-1", Since: noon.Add(-time.Hour)}, Heartbeat: &commands.HeartbeatHealth{Last: noon.Add(-10 * time.Second)},
		Ill: []commands.Illness{{Kind: commands.IllEffects, Words: "2 things wait", Mend: "mend Jira", Since: noon.Add(-20 * time.Minute)}}}
	var states []scheduler.JobState
	for i := range 500 {
		states = append(states, scheduler.JobState{Name: fmt.Sprintf("probe/%03d", i), LastEnd: noon, LastSuccess: noon, NextDue: noon.Add(time.Minute)})
	}
	states[499].LastError = "the result could not be kept"
	h.Jobs = jobsHealth(states, noon.Add(-time.Hour), noon)
	return h
}

func TestHealthzTellsAllOfIt(t *testing.T) {
	handler := webHandler(func(context.Context) commands.Health { return whole() }, prometheus.NewRegistry(), nil)
	code, body := get(t, handler, "/healthz")
	var told map[string]any
	if err := json.Unmarshal([]byte(body), &told); err != nil || code != http.StatusOK {
		t.Fatalf("%d %v", code, err)
	}
	for _, key := range []string{"at", "version", "started", "ill", "slack_links", "links", "queued_requests", "queue_room", "effects", "jobs", "database", "lease", "heartbeat", "due_effects"} {
		if _, there := told[key]; !there {
			t.Errorf("it does not tell %s", key)
		}
	}
	if told["oldest_due_effect"] != "1 min" || told["due_effects"] != 4.0 {
		t.Errorf("effects are %v, %v", told["oldest_due_effect"], told["due_effects"])
	}
	jobs := told["jobs"].(map[string]any)
	each := jobs["each"].([]any)
	if len(each) != mostJobs || jobs["count"] != 500.0 || each[0].(map[string]any)["name"] != "probe/499" {
		t.Errorf("of %v jobs %d are told, first %v", jobs["count"], len(each), each[0])
	}
	if code, _ := get(t, handler, "/readyz"); code != http.StatusOK {
		t.Errorf("/readyz answers %d, but only Jira is away", code)
	}
}

func TestMetricsOfHealth(t *testing.T) {
	looks := 0
	registry := prometheus.NewPedanticRegistry()
	state := whole()
	registry.MustRegister(newGauges(func(context.Context) commands.Health { looks++; return state }))
	handler := webHandler(func(context.Context) commands.Health { return commands.Health{} }, registry, nil)
	_, body := get(t, handler, "/metrics")
	for _, want := range []string{"sparky_ready 1", "sparky_slack_links 1", "sparky_slack_link_up_timestamp_seconds 1.77236634e+09", "sparky_slack_last_ping_timestamp_seconds 1.772366395e+09",
		"sparky_requests_queued 3", "sparky_requests_room 100", "sparky_effects_due 4", "sparky_effects_oldest_due_seconds 90", "sparky_effects_failing 2",
		"sparky_effects_oldest_failing_seconds 1200", "sparky_effects_refused 1", "sparky_database_ok 1", "sparky_lease_held 1",
		"sparky_heartbeat_last_timestamp_seconds 1.77236639e+09", "sparky_start_timestamp_seconds 1.7723628e+09",
		`sparky_ill{part="effects"} 1`, `sparky_ill{part="link"} 0`, `sparky_job_last_run_timestamp_seconds{job="probe/007"} 1.7723664e+09`,
		`sparky_job_last_success_timestamp_seconds{job="probe/007"} 1.7723664e+09`, `sparky_job_failing{job="probe/499"} 1`,
		`sparky_job_failing{job="probe/007"} 0`, `sparky_job_overdue{job="probe/007"} 0`} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if looks != 1 {
		t.Errorf("it looked %d times", looks)
	}
	// What cannot be told is absent: the figures of the database, the jobs of another replica, a heartbeat that is not there.
	state = commands.Health{At: noon, Problem: "away", Database: commands.DatabaseHealth{Problem: "away", Unread: true}}
	_, body = get(t, handler, "/metrics")
	for _, not := range []string{"sparky_effects", "sparky_job", "sparky_heartbeat", "sparky_slack_last_ping", "sparky_start"} {
		if strings.Contains(body, not) {
			t.Errorf("/metrics makes up %s", not)
		}
	}
	if !strings.Contains(body, "sparky_ready 0\n") || !strings.Contains(body, "sparky_database_ok 0\n") || !strings.Contains(body, "sparky_lease_held 0\n") {
		t.Errorf("/metrics says %s", body)
	}
}

// The README lists what /metrics has.
func TestTheReadmeListsTheFiguresOfHealth(t *testing.T) {
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(content)
	descs := make(chan *prometheus.Desc, 100)
	newGauges(nil).Describe(descs)
	close(descs)
	for desc := range descs {
		_, rest, _ := strings.Cut(desc.String(), `fqName: "`)
		name, _, _ := strings.Cut(rest, `"`)
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("the README does not tell of %s", name)
		}
	}
}
