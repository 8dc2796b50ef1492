package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/internal/setting"
)

// takeoverBound is within how long another replica leads after the one that did was killed.
const takeoverBound = 10 * time.Second

func TestReplicaStories(t *testing.T) {
	if testing.Short() {
		t.Skip("a lease runs out after seconds; left out with -short")
	}
	tellStories(t, map[string]func(*story){
		"a killed leader is replaced within ten seconds, one that ends at once":   takenOver,
		"a paused leader that goes on cannot act on what it held":                 pausedLeader,
		"the replica that does not lead answers everything":                       otherReplicaAnswers,
		"what Slack brings to two replicas is done once":                          broughtAgain,
		"PostgreSQL is away: probes go on, and nothing is said before it is kept": databaseAway,
		"replicas are upgraded one by one in the midst of an incident":            rollingUpgrade,
	})
}

// cluster is a story's replicas on one PostgreSQL.
type cluster struct {
	*story
	db     *postgres
	memory *sql.DB // what they remember, read beside them
	file   string
}

func (s *story) cluster() *cluster {
	s.Helper()
	t := &cluster{story: s, db: s.postgres()}
	s.config.Store.URL = t.db.url
	memory, err := sql.Open("pgx", t.db.url)
	s.hold(err)
	s.Cleanup(func() { s.hold(memory.Close()) })
	t.memory, t.file = memory, s.configFile()
	return t
}

// leads is the process id of the replica that holds the lease, as text, and the epoch.
func (t *cluster) leads() (pid string, epoch int64) {
	t.Helper()
	var owner string
	err := t.memory.QueryRowContext(t.ctx, `select owner, epoch from leases where name = $1`, jobsLease).Scan(&owner, &epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0
	}
	t.hold(err)
	if parts := strings.Split(owner, "-"); len(parts) > 2 {
		pid = parts[len(parts)-2]
	}
	return pid, epoch
}

// led waits until the replica leads, and returns how long that took.
func (t *cluster) led(p *process) time.Duration {
	t.Helper()
	began := time.Now()
	t.eventually("it leads", func() bool { pid, _ := t.leads(); return pid == fmt.Sprint(p.Process.Pid) })
	return time.Since(began)
}

// eventually waits for something that nothing tells of.
func (s *story) eventually(what string, holds func() bool) {
	s.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-s.ctx.Done():
			s.Fatalf("waiting until %s: %v\n%s", what, s.ctx.Err(), s.logs.tail())
		}
	}
}

func (p *process) signal(sig syscall.Signal) {
	p.story.Helper()
	if sig == syscall.SIGSTOP {
		p.story.excuse(cutOffMidway)
	}
	p.story.hold(p.Process.Signal(sig))
}

func takenOver(s *story) {
	s.only(vendors.ServiceNow)
	t := s.cluster()
	first := s.run(t.file)
	t.led(first)
	s.linked()
	second := s.run(t.file)
	s.rounds("feed", 2, vendors.IDs()...)

	first.kill()
	took := t.led(second)
	s.Logf("a killed leader was replaced after %v", took.Round(10*time.Millisecond))
	if took > takeoverBound {
		s.Errorf("nobody led for %v", took)
	}
	s.rounds("feed", 1, vendors.IDs()...)

	third := s.run(t.file)
	second.terminate()
	if took = t.led(third); took > leaseTTL-time.Second { // long before the lease would have run out
		s.Errorf("a leader that ended was replaced only after %v", took)
	}
	s.announce(vendors.Okta)
	s.told(slack.Updates, "Okta: 1 new entry")
	s.asks("ada", "status", "Partners")
	third.terminate()
}

// pausedLeader stops the leader in the midst of a poll, of a probe that gets no answer, and of whatever else it does, and
// lets it go on when another one has long led.
func pausedLeader(s *story) {
	s.excuse("dropped", "missing", "late", "jira 0", "pagerduty 0", "statuspage 0", "hangs", "answer lost")
	s.only(vendors.ServiceNow)
	t := s.cluster()
	first := s.run(t.file)
	t.led(first)
	s.rounds("feed", 2, vendors.IDs()...)
	second := s.run(t.file)

	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIHangs})
	s.eventually("a probe waits", func() bool { return s.world.Partners.APIRequests(vendors.ServiceNow) != nil })
	first.signal(syscall.SIGSTOP)
	s.heals(vendors.ServiceNow)
	took := t.led(second)
	_, epoch := t.leads()
	s.Logf("a paused leader was replaced after %v", took.Round(10*time.Millisecond))
	s.announce(vendors.GitHub)
	s.told(slack.Updates, "GitHub: 1 new entry")

	first.signal(syscall.SIGCONT)
	s.announce(vendors.Workday)
	s.told(slack.Updates, "Workday: 1 new entry")
	s.rounds("feed", 2, vendors.IDs()...)
	s.eventually("it sees that it leads no more", func() bool { return strings.Contains(s.logs.String(), "the lease is lost") })
	if pid, now := t.leads(); pid != fmt.Sprint(second.Process.Pid) || now != epoch {
		s.Errorf("%s leads in epoch %d, and %d did in %d", pid, now, second.Process.Pid, epoch)
	}
	// It goes on as one of two, and leads again once the other one ends.
	second.terminate()
	t.led(first)
	s.announce(vendors.Okta)
	s.told(slack.Updates, "Okta: 1 new entry")
	first.terminate()
	if n := t.count(`select count(*) from incidents`); n != 0 {
		s.Errorf("%d incidents were opened by a process that was paused", n)
	}
}

func (t *cluster) count(query string) int {
	t.Helper()
	var n int
	t.hold(t.memory.QueryRowContext(t.ctx, query).Scan(&n))
	return n
}

// toldOfTheLoss waits until one of the replicas has told people, beside the queue, that nothing can be kept, and the others
// would have.
func (s *story) toldOfTheLoss(since time.Time) {
	s.Helper()
	s.told(slack.Alerts, "database")
	s.hold(s.world.Partners.Wait(s.ctx, "a while", func() bool { return time.Since(since) > time.Minute+15*time.Second }))
	if said := len(s.slack.Messages(slack.Alerts)); said != 1 {
		s.Errorf("%d messages while the database was away", said)
	}
}

// databaseAway takes PostgreSQL away while ServiceNow begins to fail.
func databaseAway(s *story) {
	s.only(vendors.ServiceNow)
	s.config.Triage.ReopenWithin = setting.Duration(time.Minute)
	t := s.cluster()
	first, second := s.run(t.file), s.run(t.file)
	s.rounds("feed", 2, vendors.IDs()...)
	s.eventually("everything has passed", func() bool { return t.count(`select count(distinct probe) from results`) == 2 })

	t.db.stop()
	s.fails(vendors.ServiceNow)
	broke := time.Now()
	failed := func() (n int) {
		for _, r := range s.world.Partners.APIRequests(vendors.ServiceNow) {
			if r.Status >= 500 {
				n++
			}
		}
		return n
	}
	s.hold(s.world.Partners.Wait(s.ctx, "probes that go on", func() bool { return failed() > 1 && time.Since(broke) > 9*time.Second }))
	s.asks("ada", "mute okta 1h for a look", "could not")
	if said := len(s.slack.Messages(slack.Alerts)); said > 0 {
		s.Errorf("%d messages about what was not kept", said)
	}
	if os.Getenv("CHAOS_KILLS") != "" {
		s.toldOfTheLoss(broke)
	}
	if issues := len(s.world.Jira.Issues()); issues > 0 {
		s.Errorf("%d tickets for what was not kept", issues)
	}
	t.db.start()
	back := time.Now()

	i := s.incident(vendors.ServiceNow, "ServiceNow")
	var body string
	var known incidents.Incident
	t.hold(t.memory.QueryRowContext(s.ctx, `select body from incidents`).Scan(&body))
	s.hold(json.Unmarshal([]byte(body), &known))
	// As of when it broke, and not of when that could be kept.
	if known.Since.Before(broke.Add(-time.Second)) || !known.Since.Before(back) {
		s.Errorf("it began %v, and is said to have begun %v; the database was back %v", broke, known.Since, back)
	}
	s.Logf("it broke at %s, which is known as %s, and was told %v after the database was back", broke.Format(time.TimeOnly),
		known.Since.Local().Format(time.TimeOnly), time.Since(back).Round(10*time.Millisecond))
	s.heals(vendors.ServiceNow)
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" looks like theirs", "Over: it works again")
	s.asks("ada", "status", "Partners")
	first.terminate()
	second.terminate()
}
