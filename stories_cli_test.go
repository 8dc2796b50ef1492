package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sparky/fixtures/world/vendors"
)

// TestTerminalStories tells what a person sees in a terminal; each script has a world of its own, in which the changelog
// of Workday is behind a sign-in and GitHub has an outage: by its page, and by the answers of its API. $TAKEN is an
// address that somebody listens on.
func TestTerminalStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"wrong": wrongUsage},
		Setup: func(env *testscript.Env) error {
			// The worlds end with this test, after all scripts.
			s := newStory(t)
			s.folder = env.WorkDir
			s.config.Store.URL = "sqlite:" + filepath.Join(env.WorkDir, "sparky.db")
			addProbes(s, s.configFile())
			s.breaks(vendors.GitHub, vendors.APIBreak{How: vendors.APIError, Status: http.StatusServiceUnavailable})
			broken := s.world.Partners.BreakFeed(vendors.Workday, vendors.Login)
			_, posted := s.world.Partners.Post(vendors.GitHub, vendors.Outage{Component: "Actions", Title: "Jobs do not start", Impact: vendors.Critical})
			taken, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return fmt.Errorf("taking an address: %w", err)
			}
			env.Defer(func() { _ = taken.Close() })
			env.Setenv("TAKEN", taken.Addr().String())
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

// addProbes gives partners of a configuration file probes: ServiceNow one that writes and one that reads, Okta and GitHub
// one that reads, and Microsoft one of a kind that comes later.
func addProbes(s *story, file string) {
	s.Helper()
	document, err := os.ReadFile(file)
	s.hold(err)
	snow, okta, github := s.world.Credentials(vendors.ServiceNow), s.world.Credentials(vendors.Okta), s.world.Credentials(vendors.GitHub)
	login := fmt.Sprintf("auth: {basic: {user: %q, password: %q}}", snow.User, snow.Password)
	api := s.world.API
	text := string(document)
	for partner, probes := range map[string][]string{
		vendors.ServiceNow: {
			fmt.Sprintf("id: incident-creation, kind: servicenow.incident, base_url: %q, %s", api(vendors.ServiceNow), login),
			fmt.Sprintf("id: table-api, kind: http, url: %q, %s", api(vendors.ServiceNow)+"/api/now/table/sys_user?sysparm_limit=1", login),
		},
		vendors.Okta: {fmt.Sprintf("id: org, kind: http, url: %q, auth: {header: {name: Authorization, value: %q}}",
			api(vendors.Okta)+"/api/v1/org", "SSWS "+okta.APIToken)},
		vendors.GitHub: {fmt.Sprintf("id: rate-limit, kind: http, url: %q, auth: {bearer: %q}", api(vendors.GitHub)+"/rate_limit", github.Bearer)},
		vendors.Microsoft: {"id: groups, kind: powerbi.groups, auth: {oauth2: {token_url: https://login.example/token, client_id: a, client_secret: " +
			s.world.Credentials(vendors.Microsoft).ClientSecret + "}}"},
	} {
		head := "  - id: " + partner + "\n"
		text = strings.Replace(text, head, head+"    probes:\n      - {"+strings.Join(probes, "}\n      - {")+"}\n", 1)
	}
	s.hold(os.WriteFile(file, []byte(text), 0o600))
}
