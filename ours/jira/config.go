// Package jira opens, moves and closes the issues that our incidents are kept as. Only this package knows Jira.
package jira

import (
	"net/url"
	"regexp"
	"strings"

	"sparky/internal/setting"
	"sparky/partners"
)

// Config is the jira block of sparky.yaml.
type Config struct {
	URL         string            `yaml:"url"`         // the address of the site, as https://acme.atlassian.net
	User        string            `yaml:"user"`        // the account's mail address on Jira Cloud; left out: the token is a bearer token, as Jira Data Center has them
	Token       setting.Secret    `yaml:"token"`       // an API token of the account
	Project     string            `yaml:"project"`     // the key of the project, as ECO
	IssueType   string            `yaml:"issue_type"`  // the name of the issue type that tickets have
	Priorities  map[string]string `yaml:"priorities"`  // our P1 to P4: Jira's names
	Transitions Transitions       `yaml:"transitions"` // how tickets move: names of transitions, or of the statuses that they lead to
}

// Transitions names the moves that an incident makes in Jira's workflow: the name of a transition or of its target.
type Transitions struct {
	Acknowledge string `yaml:"acknowledge"` // for work that has begun
	Resolve     string `yaml:"resolve"`     // for work that is done
}

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() {
	c.IssueType = "[System] Incident"
	c.Priorities = map[string]string{"P1": "Highest", "P2": "High", "P3": "Medium", "P4": "Low"}
	c.Transitions = Transitions{Acknowledge: "In Progress", Resolve: "Resolved"}
}

// projectKey is the form of project keys that Jira suggests; administrators can widen it with digits and underscores.
var projectKey = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)

// Check tells what is wrong with the block.
func (c Config) Check(report setting.Report) {
	for _, k := range []struct {
		key, value, mend string
	}{
		{"url", c.URL, "give the address of the site, such as https://acme.atlassian.net"},
		{"token", c.Token.Reveal(), "give an API token, from an environment variable: ${JIRA_TOKEN}"},
		{"project", c.Project, "give the key of the project, such as ECO"},
		{"issue_type", c.IssueType, "give the issue type's name, or leave the key out for [System] Incident"},
	} {
		if k.value == "" {
			report.At(k.key).Missing(k.mend)
		}
	}
	c.checkSite(report)
	if c.Project != "" && !projectKey.MatchString(c.Project) {
		report.At("project").Bad("is not a project key; it stands before the number in ECO-12, in capitals")
	}
	c.checkPriorities(report.At("priorities"))
	if c.Transitions.Acknowledge == "" {
		report.At("transitions", "acknowledge").Missing("give the transition or status for work that has begun")
	}
	if c.Transitions.Resolve == "" {
		report.At("transitions", "resolve").Missing("give the transition or status for work that is done")
	}
}

func (c Config) checkSite(report setting.Report) {
	if c.URL == "" {
		return
	}
	if problem := setting.CheckURL(c.URL); problem != "" {
		report.At("url").Bad(problem)
		return
	}
	site, err := url.Parse(c.URL)
	if err == nil && strings.HasSuffix(site.Hostname(), ".atlassian.net") && c.User == "" {
		report.At("user").Missing("Jira Cloud wants the mail address of the token's account")
	}
}

func (c Config) checkPriorities(report setting.Report) {
	ours := partners.Priorities()
	for _, p := range ours {
		if c.Priorities[p] == "" {
			report.At(p).Missing("say which of Jira's priorities " + p + " is; P1 to P4 are all needed")
		}
	}
	for name := range c.Priorities {
		if problem := setting.CheckChoice(name, ours...); problem != "" {
			report.At(name).Say(`"` + name + `" is none of our priorities; they are P1, P2, P3 and P4`)
		}
	}
}
