package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/store"
)

// A backup that is put back knows less than the world does. Whatever Sparky does then stands beside what it did before.

func TestBackupStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"an incident that the backup does not know is told once": forgottenIncident,
		"what the backup says is to be done has been done":       restoredInTheMidst,
	})
}

// terminal is what a command says that has to go well.
func (s *story) terminal(args ...string) string {
	s.Helper()
	var out bytes.Buffer
	if exit := execute(s.ctx, args, os.LookupEnv, &out, &out); exit != exitDone {
		s.Fatalf("sparky %s ended with %d: %s", strings.Join(args, " "), exit, &out)
	}
	return out.String()
}

// forgottenIncident: a backup, an incident that is opened, told and over, and the backup in its place.
func forgottenIncident(s *story) {
	config, backup := s.configFile(), filepath.Join(s.folder, "backup")
	p := s.well()
	if said := s.terminal("backup", "--config", config, backup); !strings.Contains(said, "whole and readable") {
		s.Errorf("backup says %s", said)
	}
	s.table()
	i := s.incident(vendors.ServiceNow, "table-api fails", "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" not announced", "Over")

	var out bytes.Buffer
	if exit := execute(s.ctx, []string{"restore", "--config", config, backup}, os.LookupEnv, &out, &out); exit != exitBad || !strings.Contains(out.String(), "stop that one first") {
		s.Errorf("while a Sparky runs, restore ends with %d: %s", exit, &out)
	}
	p.stop()
	if said := s.terminal("restore", "--config", config, backup); !strings.Contains(said, "is kept as") || strings.Contains(said, "does not know them") {
		s.Errorf("restore says %s", said)
	}
	p = s.start()
	s.linked()
	p.passing()
	s.rounds("feed", 2, vendors.IDs()...)
	if known, err := p.memory.Incidents(s.ctx, false, time.Time{}); err != nil || len(known) != 0 {
		s.Errorf("it knows %v, %v", known, err)
	}
}

// restoredInTheMidst: the backup is of a moment at which an incident lasts and Slack takes no message. All of that was over and
// done before the backup was put back.
func restoredInTheMidst(s *story) {
	s.excuse("ratelimited", "HTTP 429", "HTTP 503")
	backup := filepath.Join(s.folder, "backup")
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "table-api fails", "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	s.eventually("all of it is done", func() bool { return p.undone() == 0 })
	s.slack.SetFault("chat.postMessage", slack.Fault{Status: 429, RetryAfter: 1})
	s.announce(vendors.Okta)
	s.eventually("a message waits", func() bool { return p.undone() == 1 })
	s.hold(store.Backup(s.ctx, s.config.Store.URL, backup))
	s.slack.ClearFaults()
	s.told(slack.Updates, "Okta: 1 new entry")
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.ticket("told of the end", says("Over: it works again"))
	i.tells(calledWords+" not announced", "Over")
	s.eventually("all of it is done", func() bool { return p.undone() == 0 })
	p.stop()

	// Two minutes ago, so that nothing needs to settle any more.
	done, err := store.Restore(s.ctx, s.config.Store.URL, backup, time.Now().Add(-2*time.Minute))
	s.hold(err)
	if len(done.Unknown) != 0 || done.Unread != nil {
		s.Errorf("the backup knows all that was open: %+v", done)
	}
	p = s.start()
	s.linked()
	s.eventually("the incident is over once more", func() bool {
		in, err := p.memory.Incident(s.ctx, i.id)
		return err == nil && in.State == incidents.StateRecovered && p.undone() == 0
	})
	if lines := i.thread(); len(lines) != 2 {
		s.Errorf("%d lines stand under the card, want the 2 of before", len(lines))
	}
	issue := i.ticket("as it was", status("Resolved"))
	told := 0
	for _, c := range issue.Comments {
		if strings.Contains(c.Text, "Over: it works again") {
			told++
		}
	}
	if told != 1 {
		s.Errorf("the ticket was told of the end %d times: %+v", told, issue.Comments)
	}
	if n := len(slices.DeleteFunc(s.slack.Messages(slack.Updates), func(m slack.Message) bool { return !holdsAll(shown(m), []string{"Okta: 1 new entry"}) })); n != 1 {
		s.Errorf("the announcement stands there %d times", n)
	}
	if n := len(s.world.Pager.Alerts()); n != 1 {
		s.Errorf("on-call was called %d times", n)
	}
}

// undone is how many effects are not done.
func (p *program) undone() int {
	p.story.Helper()
	b, err := p.memory.Backlog(p.story.ctx, "")
	p.story.hold(err)
	due, err := p.memory.Due(p.story.ctx)
	p.story.hold(err)
	return max(len(due), b.Due+b.Failing+b.Refused)
}
