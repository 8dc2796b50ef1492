package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// siegePatience is longer than killPatience for machines that do much else; alone the story takes less than four minutes,
// more than one of them for the last attempts to settle.
const siegePatience = 8 * time.Minute

func TestIncidentKillStories(t *testing.T) {
	if testing.Short() {
		t.Skip("killed attempts settle after a minute; left out with -short")
	}
	tellStories(t, map[string]func(*story){
		"killed in the middle of incidents, everything is done once": killedInIncidents,
	})
}

// killedInIncidents lets ServiceNow's API break and heal in rounds, and Okta's while its page posts the outage, and kills
// the real program again and again: at the moments that matter, and at those that nobody chose.
func killedInIncidents(s *story) {
	s.lasts(siegePatience)
	s.excuse("hangs", "answer lost", "ratelimited", "HTTP 429", "dropped", "missing", "late")
	// A process that is killed forgets how often it has asked Statuspage within the minute.
	s.excuse("jira 0", "pagerduty 0", "statuspage 0", "statuspage 429", overBeforeCalled)
	k := newSiege(s)
	began := time.Now()
	k.well(vendors.ServiceNow, 1)

	// Each failure is an incident of its own, so that every effect has a first time.
	k.round(vendors.ServiceNow, k.atTheFailure, k.atTheFailure)
	k.round(vendors.ServiceNow, k.ticketOpened)
	k.round(vendors.Okta, k.posted)
	k.round(vendors.ServiceNow, k.cardPosted)
	k.round(vendors.ServiceNow, k.ticketHangs, k.anyTime)
	k.round(vendors.ServiceNow, k.paged)
	k.round(vendors.Okta, k.anyTime)
	k.round(vendors.ServiceNow, k.inTheEvidence)
	k.world.Jira.SetAway(true)
	k.round(vendors.Okta, k.atTheFailure)
	k.world.Jira.SetAway(false)

	// From here on each is the same incident as the one before, which is open again before all of its end is done.
	k.config.Triage.ReopenWithin = setting.Duration(30 * time.Minute)
	k.file = k.configFile()
	k.kill("to be configured anew")
	k.round(vendors.ServiceNow, k.commented)
	k.round(vendors.Okta, k.anyTime)
	k.round(vendors.ServiceNow, k.anyTime, k.anyTime)

	killing := time.Since(began)
	k.settled()
	k.sparky.terminate()
	outages := k.judgeAll()
	s.Logf("%d kills within %v, all settled after %v: %s; %d rounds", len(k.kills), killing.Round(time.Second),
		time.Since(began).Round(time.Second), outages, k.rounds)
	s.Logf("killed: %s", strings.Join(k.kills, ", "))
}

// siege is the program under fire.
type siege struct {
	*story
	file   string
	sparky *process
	since  int // the newest request to a partner when the program was started
	kills  []string
	rounds int  // outages that certainly were seen and are certainly over
	cutOff bool // our own network was cut, which is an incident too
	paging int  // how often a round waited until somebody was called
	chance *rand.Rand
	memory *sql.DB // what the program remembers, read beside it
}

func newSiege(s *story) *siege {
	s.Helper()
	for i := range s.config.Partners {
		for n := range s.config.Partners[i].Probes {
			s.config.Partners[i].Probes[n].Every = setting.Duration(time.Second)
		}
	}
	s.config.Triage.ReopenWithin = setting.Duration(time.Millisecond)
	seed := uint64(time.Now().UnixNano())
	s.Logf("seed %d", seed)
	k := &siege{story: s, chance: rand.New(rand.NewPCG(seed, 0)), file: s.configFile()}
	memory, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "sparky.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	s.hold(err)
	s.Cleanup(func() { _ = memory.Close() })
	k.memory = memory
	k.start()
	return k
}

func (k *siege) start() {
	k.Helper()
	for _, r := range k.world.Partners.Requests() {
		k.since = max(k.since, r.N)
	}
	k.sparky = k.run(k.file)
}

// kill kills the program and starts it again.
func (k *siege) kill(moment string) {
	k.Helper()
	k.sparky.kill()
	k.kills = append(k.kills, moment)
	k.start()
}

// round is one outage: the partner's API breaks, the program is killed at the given moments, sees the outage, the API
// heals, the program is killed while the incident ends, and sees that all is well.
func (k *siege) round(partner string, moments ...func(partner string)) {
	k.Helper()
	if partner == vendors.Okta {
		_, err := k.world.Partners.Post(partner, vendors.Outage{Impact: vendors.Critical})
		k.hold(err)
	}
	k.breaks(partner, vendors.APIBreak{How: vendors.APIError, Status: 500})
	for _, moment := range moments {
		moment(partner)
	}
	// One run of a probe follows the other, so at the second failure that this process sees, the first is on record.
	k.until("two failures of "+partner, func() bool { return k.seen(partner, true) >= 2 })
	end := k.endings()[k.rounds%len(k.endings())]
	end.lose()
	k.hold(k.world.Partners.Heal(partner))
	k.hold(k.world.Partners.ResolveAll(partner))
	k.well(partner, 1)
	k.kill("at the first pass")
	k.kill(k.within(endWithin, end))
	k.well(partner, 3)
	k.rounds++
}

// ending is an answer that is lost while an incident ends.
type ending struct {
	what string
	lose func()
	lost func() bool
}

func (k *siege) endings() []ending {
	said := func(method string) ending {
		return ending{method, func() { k.slack.SetFault(method, slack.Fault{Lost: true, Times: 1}) }, func() bool { return len(k.slack.Faults()) == 0 }}
	}
	moves := k.world.Jira.Calls(jira.OpMove)
	return []ending{
		{"the move of a ticket", func() { k.world.Jira.SetFault(jira.OpMove, jira.Fault{Lost: true, Times: 1}) },
			func() bool { return k.world.Jira.Calls(jira.OpMove) > moves }},
		said("chat.update"),
		{"the last word to customers", func() { k.world.Public.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1}) },
			func() bool { return !k.world.Public.Fault().Lost }},
		said("chat.postMessage"),
		{"the end of a page", func() { k.world.Pager.SetFault(pagerduty.Fault{Lost: true, Times: 1}) },
			func() bool { return !k.world.Pager.Fault().Lost }},
	}
}

// endWithin is how long an answer is waited for that may not come in this round, because what it answers still rests
// after a kill before.
const endWithin = 2500 * time.Millisecond

// within waits until the answer is lost and says at what moment that was, or that it was another one.
func (k *siege) within(d time.Duration, end ending) string {
	over := time.NewTimer(d)
	defer over.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if end.lost() {
				return "between " + end.what + " and its answer"
			}
		case <-over.C:
			return "while the incident ends"
		case <-k.ctx.Done():
			return "at the end of the story"
		}
	}
}

// well waits until the running program has seen that every probe of the partner passed, so many times and once more.
func (k *siege) well(partner string, times int) {
	k.Helper()
	k.until(partner+" is well", func() bool { return k.seen(partner, false) > times })
}

// seen counts the runs of each of a partner's probes that the running program made, and returns the lower count.
func (k *siege) seen(partner string, failing bool) int {
	plain, creates := 0, 0
	for _, r := range k.world.Partners.APIRequests(partner) {
		switch {
		case r.N <= k.since || (r.Status >= 500) != failing:
		case r.Path == "/api/now/table/sys_user", r.Path == "/api/v1/org":
			plain++
		case r.Method == "POST" && r.Path == "/api/now/table/incident":
			creates++
		}
	}
	if failing || partner != vendors.ServiceNow {
		return plain
	}
	return min(plain, creates)
}

func (k *siege) until(what string, holds func() bool) {
	k.Helper()
	k.hold(k.world.Partners.Wait(k.ctx, what, holds))
}

// pause lets the program live for a moment of a length that nobody chose.
func (k *siege) pause() {
	select {
	case <-time.After(time.Duration(k.chance.Int64N(int64(1500 * time.Millisecond)))):
	case <-k.ctx.Done():
	}
}

func (k *siege) anyTime(string) {
	k.pause()
	k.kill("at any time")
}

func (k *siege) atTheFailure(partner string) {
	k.until("a failing answer", func() bool { return k.seen(partner, true) > 0 })
	k.kill("right after the failing answer")
}

// ticketOpened kills it when Jira has the ticket and the answer is lost.
func (k *siege) ticketOpened(string) {
	before := len(k.world.Jira.Issues())
	k.world.Jira.SetFault(jira.OpCreate, jira.Fault{Lost: true, Times: 1})
	k.hold(k.world.Jira.Wait(k.ctx, "a ticket", func() bool { return len(k.world.Jira.Issues()) > before }))
	k.kill("between the ticket and its answer")
}

// ticketHangs kills it while it waits for Jira, which never had the ticket.
func (k *siege) ticketHangs(string) {
	before := k.world.Jira.Calls(jira.OpCreate)
	k.world.Jira.SetFault(jira.OpCreate, jira.Fault{Hang: true, Times: 1})
	k.hold(k.world.Jira.Wait(k.ctx, "an attempt", func() bool { return k.world.Jira.Calls(jira.OpCreate) > before }))
	k.kill("before Jira has the ticket")
}

// commented kills it when a ticket has a comment and the answer is lost.
func (k *siege) commented(string) {
	before := k.comments()
	k.world.Jira.SetFault(jira.OpComment, jira.Fault{Lost: true, Times: 1})
	k.hold(k.world.Jira.Wait(k.ctx, "a comment", func() bool { return k.comments() > before }))
	k.kill("between the comment and its answer")
}

func (k *siege) comments() int {
	n := 0
	for _, issue := range k.world.Jira.Issues() {
		n += len(issue.Comments)
	}
	return n
}

// cardPosted kills it when the card stands in Slack and the answer is lost.
func (k *siege) cardPosted(string) {
	before := len(k.slack.Messages(slack.Alerts))
	k.slack.SetFault("chat.postMessage", slack.Fault{Lost: true, Times: 1})
	k.hold(k.slack.Wait(k.ctx, "a card", func() bool { return len(k.slack.Messages(slack.Alerts)) > before }))
	k.kill("between the post and its answer")
}

// paged kills it when PagerDuty calls somebody and the answer is lost.
func (k *siege) paged(string) {
	before := len(k.world.Pager.Alerts())
	k.world.Pager.SetFault(pagerduty.Fault{Lost: true, Times: 1})
	k.hold(k.world.Pager.Wait(k.ctx, "a page", func() bool { return len(k.world.Pager.Alerts()) > before }))
	k.paging++
	k.kill("between the page and its answer")
}

// posted kills it when our page tells customers and the answer is lost.
func (k *siege) posted(string) {
	before := len(k.world.Public.Incidents())
	k.world.Public.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	k.hold(k.world.Public.Wait(k.ctx, "a public incident", func() bool { return len(k.world.Public.Incidents()) > before }))
	k.kill("between the public post and its answer")
}

// inTheEvidence kills it while it waits for what the partner's page says.
func (k *siege) inTheEvidence(partner string) {
	k.hold(k.world.Partners.BreakPage(partner, vendors.Hang))
	k.atTheFailure(partner)
	k.until("a failing answer", func() bool { return k.seen(partner, true) > 0 })
	k.pause()
	k.kill("in the evidence")
	k.hold(k.world.Partners.BreakPage(partner, vendors.Working))
}

// settled waits until nothing is left to do.
func (k *siege) settled() {
	k.Helper()
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		var left, live int
		err := k.memory.QueryRowContext(k.ctx, `select (select count(*) from effects where state <> 'done'),
			(select count(*) from incidents where live = 1)`).Scan(&left, &live)
		if k.ctx.Err() == nil {
			k.hold(err)
		}
		if err == nil && left+live == 0 {
			return
		}
		select {
		case <-look.C:
		case <-k.ctx.Done():
			k.Fatalf("%d effects are not done and %d incidents not over:\n%s\n%s", left, live, k.waiting(), k.logs.tail())
		}
	}
}

// waiting are the effects that are not done, with why.
func (k *siege) waiting() string {
	var b strings.Builder
	rows, err := k.memory.Query(`select key, state, attempts, problem from effects where state <> 'done'`)
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	for rows.Next() {
		var key, state, problem string
		var attempts int
		if err := rows.Scan(&key, &state, &attempts, &problem); err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "%s %s %d: %s\n", key, state, attempts, problem)
	}
	if err := rows.Err(); err != nil {
		return err.Error()
	}
	return b.String()
}
