//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/partners"
)

// Probes that run in processes of their own. They are this program, started again.

func TestIsolationStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"workers do what Sparky does":                   workersDoTheSame,
		"a worker that is killed is ours, and replaced": aWorkerIsKilled,
		"an incident says what a breaker would":         anIncidentSaysWhatABreakerWould,
		"what workers call reaches New Relic":           whatWorkersCallReachesNewRelic,
	})
}

// apart runs the probes of every partner in a process of its own.
func (s *story) apart() {
	for i := range s.config.Partners {
		s.config.Partners[i].Isolation = partners.IsolationProcess
	}
}

func workersDoTheSame(s *story) {
	s.apart()
	p := s.well()
	workers := s.workers(p)
	if len(workers) != len(s.config.Partners) {
		s.Fatalf("there are %d workers for %d partners", len(workers), len(s.config.Partners))
	}
	for _, pid := range workers {
		for _, file := range []string{"environ", "cmdline"} {
			content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
			s.hold(err)
			s.keepsSecrets(file+" of a worker", string(content))
			if strings.Contains(string(content), "PATH=") {
				s.Errorf("a worker has the environment %q", content)
			}
		}
	}
	s.table()
	i := s.incident(vendors.ServiceNow, "ServiceNow: table-api fails, since", "looks like theirs, not announced yet", "answered 503", ": *internal*", "on-call was paged")
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", "Over: it works again")
	p.stop()
	if left := s.workers(p); len(left) > 0 {
		s.Errorf("workers %v are left", left)
	}
}

func aWorkerIsKilled(s *story) {
	s.only(vendors.ServiceNow)
	s.apart()
	snow := s.partner(vendors.ServiceNow)
	snow.Probes = snow.Probes[1:] // the one that reads, which leaves nothing behind
	p := s.well()
	// A call that takes its time, so that one is under way.
	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APISlow, After: 2 * time.Second})
	turn := p.responder.probes.turn(*snow, snow.Probes[0])
	s.hold(s.world.Partners.Wait(s.ctx, "a run that is under way", func() bool {
		free := turn.TryLock()
		if free {
			turn.Unlock()
		}
		return !free
	}))
	for _, pid := range s.workers(p) {
		s.hold(syscall.Kill(pid, syscall.SIGKILL))
	}
	i := s.incident(vendors.ServiceNow, "probe itself broke", ": *internal*", "the ServiceNow worker ended by itself (signal: killed)", "on-call was paged")
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells("Calling on-call. Ours: the probe itself broke", "Over: it works again")
}

// anIncidentSaysWhatABreakerWould opens the breaker of a worker, by a failure that an incident tells of already: a message
// of the breaker's would fail the story.
func anIncidentSaysWhatABreakerWould(s *story) {
	s.only(vendors.ServiceNow)
	s.apart()
	s.touchy(vendors.ServiceNow)
	p := s.well()
	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIError})
	i := s.incident(vendors.ServiceNow, "answered 50", ": *internal*", "on-call was paged")
	s.figure(p, vendors.ServiceNow, "[12]")
	s.holdsBack(p, vendors.ServiceNow, incidents.CircuitPatience+2*demoAlerts)
	s.asks("ada", "status servicenow", "Calls that are held back", "because too many failed (it answered 50")
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced by them", "Over: it works again")
	s.noFigure(p, vendors.ServiceNow)
}

// whatWorkersCallReachesNewRelic holds the contract's queries on what was done in other processes, each call of a run
// among it.
func whatWorkersCallReachesNewRelic(s *story) {
	s.apart()
	p := s.watching()
	s.counted("a latency", "SELECT percentile(duration, 95) FROM ExternalServiceCall WHERE service = 'msteams' AND action = 'postAdaptiveCard'",
		func(v any) bool { n, ok := v.(float64); return ok && n > 0 && n < 2 })
	s.counted("a success rate", "SELECT percentage(count(*), WHERE result = 'SUCCESS') FROM SyntheticCheck WHERE monitorName = 'servicenow-incident-creation'",
		func(v any) bool { return v == 100.0 })
	s.counted("a created incident", "SELECT count(*) FROM ExternalServiceCall WHERE service = 'servicenow' AND action = 'createIncident' AND status = 201 AND partner = 'servicenow'",
		func(v any) bool { n, ok := v.(float64); return ok && n > 0 })
	if workers := s.workers(p); len(workers) != len(s.config.Partners) {
		s.Errorf("there are %d workers for %d partners", len(workers), len(s.config.Partners))
	}
	for _, r := range s.world.NewRelic.Records("NrIntegrationError") {
		s.Errorf("New Relic refused an event: %v", r)
	}
}

// workers are the processes that this one started and that serve as workers.
func (s *story) workers(p *program) []int {
	s.Helper()
	ours := map[int]bool{}
	for _, pid := range p.sparky.workers.Processes() {
		ours[pid] = true
	}
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	s.hold(err)
	var found []int
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil || string(content) != "sparky\x00worker\x00" {
			continue // one that has ended meanwhile
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && ours[pid] {
			found = append(found, pid)
		}
	}
	return found
}
