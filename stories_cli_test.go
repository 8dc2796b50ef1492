package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/partners"
)

// TestTerminalStories tells what a person sees in a terminal; each script has a world of its own, in which the changelog
// of Workday is behind a sign-in and GitHub has an outage: by its page, and by the answers of its API. $TAKEN is an
// address that somebody listens on, $SERVICENOW that of its API.
func TestTerminalStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"wrong": wrongUsage},
		Setup: func(env *testscript.Env) error {
			// The worlds end with this test, after all scripts.
			s := newStory(t)
			s.excuse("pagerduty 404") // doctor sees whether its host answers, where no operation only reads
			s.folder = env.WorkDir
			s.config.Store.URL = "sqlite:" + filepath.Join(env.WorkDir, "sparky.db")
			s.unusualProbes()
			s.configFile()
			s.breaks(vendors.GitHub, vendors.APIBreak{How: vendors.APIError, Status: http.StatusServiceUnavailable})
			broken := s.world.Partners.BreakFeed(vendors.Workday, vendors.Login)
			_, posted := s.world.Partners.Post(vendors.GitHub, vendors.Outage{Component: "Actions", Title: "Jobs do not start", Impact: vendors.Critical})
			taken, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return fmt.Errorf("taking an address: %w", err)
			}
			env.Defer(func() { _ = taken.Close() })
			env.Setenv("TAKEN", taken.Addr().String())
			env.Setenv("SERVICENOW", s.world.API(vendors.ServiceNow))
			return errors.Join(broken, posted, saved(env.WorkDir, "rss2.xml"), saved(env.WorkDir, "login.html"))
		},
	})
}

// saved puts a document of the fixtures into the folder of a script.
func saved(folder, name string) error {
	document, err := os.ReadFile(filepath.Join("fixtures/documents/feeds", name))
	if err != nil {
		return fmt.Errorf("reading a fixture: %w", err)
	}
	return os.WriteFile(filepath.Join(folder, name), document, 0o600)
}

// unusualProbes takes those of Workday away, and gives Microsoft one of a kind that comes later. All have time enough to
// try again, and run in processes of their own.
func (s *story) unusualProbes() {
	for i, p := range s.config.Partners {
		s.config.Partners[i].Isolation = partners.IsolationProcess
		for j := range p.Probes {
			p.Probes[j].Timeout = setting.Duration(10 * time.Second)
		}
		if p.ID == vendors.Workday {
			s.config.Partners[i].Probes = nil
		}
	}
}
