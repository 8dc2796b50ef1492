package main

import (
	"database/sql"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

func TestStoreStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"two programs on one SQLite file: the second refuses": secondRefuses,
		"a database of a newer Sparky is left alone":          newerDatabase,
		"two replicas on PostgreSQL tell everything once":     replicas,
	})
}

func secondRefuses(s *story) {
	s.watching()
	_, err := newSparky(s.ctx, s.config, newLog(s.logs, s.config))
	if err == nil || !strings.Contains(err.Error(), "is in use by another Sparky") {
		s.Fatalf("the second program says %v", err)
	}
	s.asks("ada", "help", "What you can ask")
}

func newerDatabase(s *story) {
	s.watching().stop()
	file := strings.TrimPrefix(s.config.Store.URL, "sqlite:")
	db, err := sql.Open("sqlite", file)
	s.hold(err)
	_, err = db.ExecContext(s.ctx, `insert into goose_db_version (version_id, is_applied) values (99999, 1)`)
	s.hold(errors.Join(err, db.Close()))
	before, err := os.ReadFile(file)
	s.hold(err)
	_, err = newSparky(s.ctx, s.config, newLog(s.logs, s.config))
	if err == nil || !strings.Contains(err.Error(), "newer") {
		s.Fatalf("it says %v", err)
	}
	after, err := os.ReadFile(file)
	s.hold(err)
	if !slices.Equal(before, after) {
		s.Error("the database was touched")
	}
}

func replicas(s *story) {
	s.config.Store.URL = s.postgres().url
	first := s.watching()
	second := s.start()
	s.announce(vendors.Okta)
	s.told(slack.Updates, "Okta: 1 new entry")
	s.rounds("feed", 2, vendors.Okta)

	// The one that leads ends while all have news; the other goes on where it was.
	for _, id := range []string{vendors.GitHub, vendors.Workday, vendors.ServiceNow} {
		s.announce(id)
	}
	s.told(slack.Updates, "GitHub: 1 new entry")
	first.stop()
	s.announce(vendors.Microsoft)
	for _, id := range []string{vendors.Workday, vendors.ServiceNow, vendors.Microsoft} {
		s.told(slack.Updates, vendors.Name(id)+": 1 new entry")
	}
	s.rounds("feed", 2, vendors.IDs()...)
	s.asks("ada", "status", "Partners")
	second.stop()
}
