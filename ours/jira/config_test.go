package jira

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"sparky/internal/setting"
)

func good() Config {
	c := Config{URL: "https://acme.atlassian.net", User: "sparky@acme.example", Token: setting.NewSecret("t0k3n"), Project: "ECO"}
	c.SetDefaults()
	return c
}

func check(c Config) []setting.Mistake {
	var found []setting.Mistake
	c.Check(setting.NewReport(func(m setting.Mistake) { found = append(found, m) }))
	return found
}

func TestConfigDefaults(t *testing.T) {
	c := good()
	if found := check(c); len(found) > 0 {
		t.Errorf("the defaults are wrong: %+v", found)
	}
	if c.IssueType != "[System] Incident" || c.Priorities["P1"] != "Highest" || c.Transitions.Resolve != "Resolved" {
		t.Errorf("defaults: %+v", c)
	}
}

func TestConfigChecks(t *testing.T) {
	for name, test := range map[string]struct {
		change     func(*Config)
		path, text string
	}{
		"no address":         {func(c *Config) { c.URL = "" }, "[url]", "atlassian.net"},
		"no scheme":          {func(c *Config) { c.URL = "acme.atlassian.net" }, "[url]", "https://"},
		"no token":           {func(c *Config) { c.Token = setting.Secret{} }, "[token]", "${JIRA_TOKEN}"},
		"no project":         {func(c *Config) { c.Project = "" }, "[project]", "ECO"},
		"a project's name":   {func(c *Config) { c.Project = "eco" }, "[project]", "ECO-12"},
		"no issue type":      {func(c *Config) { c.IssueType = "" }, "[issue_type]", "[System] Incident"},
		"a cloud, no user":   {func(c *Config) { c.User = "" }, "[user]", "mail address"},
		"no acknowledgement": {func(c *Config) { c.Transitions.Acknowledge = "" }, "[transitions acknowledge]", "begun"},
		"no resolution":      {func(c *Config) { c.Transitions.Resolve = "" }, "[transitions resolve]", "done"},
		"a priority missing": {func(c *Config) { delete(c.Priorities, "P2") }, "[priorities P2]", "P1 to P4"},
		"a priority empty":   {func(c *Config) { c.Priorities["P4"] = "" }, "[priorities P4]", "P1 to P4"},
		"a priority more":    {func(c *Config) { c.Priorities["p1"] = "Highest" }, "[priorities p1]", "none of our priorities"},
	} {
		c := good()
		c.Priorities = maps.Clone(c.Priorities)
		test.change(&c)
		found := check(c)
		if len(found) != 1 || fmt.Sprint(found[0].Path) != test.path || !strings.Contains(found[0].Text, test.text) {
			t.Errorf("%s: got %+v, want one at %s about %q", name, found, test.path, test.text)
		}
	}
}

// TestDataCenter holds that a Jira of one's own is reached with a bearer token, without a user.
func TestDataCenter(t *testing.T) {
	c := good()
	c.URL, c.User = "https://jira.acme.example/jira", ""
	if found := check(c); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}
