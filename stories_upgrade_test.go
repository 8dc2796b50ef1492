package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/store"
)

// The programs of the future: the next Sparky adds to the tables, and the one after it takes something away, so that that of today may not go on beside it.

func nextTables() fstest.MapFS {
	return fstest.MapFS{"90001_next.sql": {Data: []byte("-- +goose Up\nalter table effects add column note text not null default '';\n" +
		"alter table incidents add column mood text not null default '';\n")}}
}

func tablesAfterNext() fstest.MapFS {
	all := nextTables()
	all["90002_after.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ninsert into readers (oldest) values (90001);\nalter table effects drop column note;\n")}
	return all
}

func mainOfTheNext()     { os.Exit(runFuture(nextTables())) }
func mainOfTheOneAfter() { os.Exit(runFuture(tablesAfterNext())) }

// runFuture is `run --config FILE` of a Sparky with more migrations.
func runFuture(later fstest.MapFS) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config, problems := loadConfig(os.Args[len(os.Args)-1], os.LookupEnv, vendorCatalogue())
	if len(problems) > 0 {
		fmt.Fprintln(os.Stderr, problems)
		return 1
	}
	s, err := newSparkyAt(ctx, config, newLog(os.Stderr, config), time.Now, store.Options{Later: later})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Printf("Sparky watches %s, in times to come\n", count(len(config.Partners), "partner"))
	if err := s.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// rollingUpgrade replaces two replicas by those of a newer version that changes the tables, while ServiceNow fails, and one
// of them later by one that an older version cannot go on beside.
func rollingUpgrade(s *story) {
	s.lasts(time.Minute)
	s.only(vendors.ServiceNow)
	c := s.cluster()
	first := s.run(c.file)
	c.led(first)
	second := s.run(c.file)
	s.rounds("feed", 2, vendors.IDs()...)
	s.eventually("everything has passed", func() bool { return c.count(`select count(distinct probe) from results`) == 2 })
	s.fails(vendors.ServiceNow)
	i := s.incident(vendors.ServiceNow, "ServiceNow")

	third := s.runAs("sparky-next", c.file)
	s.announce(vendors.Okta)
	s.told(slack.Updates, "Okta: 1 new entry") // by any of the three, on the tables of the newest
	second.terminate()
	second = s.run(c.file) // an old one that a service manager starts again in the midst of it
	first.terminate()
	s.announce(vendors.GitHub)
	s.told(slack.Updates, "GitHub: 1 new entry")
	i.page(pagerduty.Triggered)

	fourth := s.runAs("sparky-after-next", c.file)
	if err := second.Wait(); err == nil || !strings.Contains(s.logs.String(), "a newer Sparky has changed the tables") {
		s.Errorf("an old replica ended with %v beside tables that it does not know\n%s", err, s.logs.tail())
	}
	third.terminate()
	s.announce(vendors.Workday)
	s.told(slack.Updates, "Workday: 1 new entry")
	i.ends(vendors.ServiceNow)
	i.page(pagerduty.Resolved)
	i.tells(calledWords+" looks like theirs", "Over: it works again")
	fourth.terminate()
}
