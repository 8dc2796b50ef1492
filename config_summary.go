package main

import (
	"fmt"
	"strings"

	"sparky/ours/pager"
	"sparky/ours/statuspage"
	"sparky/partners"
)

// summary is what a valid configuration amounts to, and what it leaves off.
type summary struct {
	Configured []fact `json:"configured"`
	Off        []off  `json:"off"`
	// Missing is what is configured and this machine cannot give.
	Missing []string `json:"missing"`
}

// fact is one thing that is configured.
type fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// off is one thing that is left out, and what does not happen for lack of it.
type off struct {
	Missing string `json:"missing"`
	Effect  string `json:"effect"`
}

func (c *Config) summary() summary {
	out := summary{Configured: []fact{}, Off: []off{}, Missing: append([]string{}, c.workersMissing()...)}
	have := func(name, format string, values ...any) {
		out.Configured = append(out.Configured, fact{name, fmt.Sprintf(format, values...)})
	}
	lack := func(missing, format string, values ...any) {
		out.Off = append(out.Off, off{missing, fmt.Sprintf(format, values...)})
	}
	have("slack", "news in %s, failures in %s, through %s", c.Slack.Channels.Updates, c.Slack.Channels.Alerts, c.Slack.APIURL)
	if d := c.Slack.Digest; d != nil {
		have("slack.digest", "what is not urgent waits until %s (%s) and is told in %s", d.At, d.Zone, c.Slack.Channels.Updates)
	}
	have("store", "%s%s", c.Store.shown(), c.Store.sharing())
	have("listen", "%s", c.Listen)
	have("triage.storm", "%s", c.Triage.Storm.words())
	have("schedule", "changelogs every %s, status pages every %s, spread by %s", c.Schedule.Changelog, c.Schedule.Status, c.Schedule.Jitter)
	c.summariseOurs(have, lack)
	if c.Heartbeat == nil {
		lack("heartbeat", "nobody outside notices when Sparky itself is down")
	} else {
		have("heartbeat", "an address is called every %s while Sparky is well", c.Heartbeat.Every)
	}
	c.summariseRoles(have, lack)
	if len(c.Triage.Controls) == 0 {
		lack("triage.controls", "a failure of our own network cannot be told from one of theirs")
	}
	for _, p := range c.Partners {
		have("partner "+p.ID, "%s", partnerSummary(p))
		c.summarisePartner(p, lack)
	}
	return out
}

type sayer func(name, format string, values ...any)

// summariseOurs goes through the systems that we operate.
func (c *Config) summariseOurs(have, lack sayer) {
	if c.Jira == nil {
		lack("jira", "failures are told in Slack only; no ticket is opened")
	} else {
		have("jira", "issues of type %s in project %s at %s", c.Jira.IssueType, c.Jira.Project, c.Jira.URL)
	}
	switch {
	case c.GitHub == nil:
		lack("github", "no compatibility workflow is started, and releases on GitHub are read without signing in, 60 an hour")
	case c.GitHub.App != nil:
		have("github", "%s as app %d", c.GitHub.APIURL, c.GitHub.App.ID)
	default:
		have("github", "%s with a token", c.GitHub.APIURL)
	}
	switch page := c.StatusPage; {
	case page == nil:
		lack("status_page", "nothing is published to customers")
	case page.Provider == statuspage.ProviderBuiltin:
		have("status_page", "served by Sparky itself under /status, %s", publishing(page.Publish))
	default:
		have("status_page", "page %s at %s with %s, %s", page.PageID, page.APIURL, count(len(page.Components), "component"), publishing(page.Publish))
	}
	switch {
	case c.Oncall == nil:
		lack("oncall", "nobody is called; what is ours to look at is told in %s and wakes nobody", c.Slack.Channels.Alerts)
	case c.Oncall.Provider == pager.ProviderSlack:
		have("oncall", "by mentioning %s in Slack", c.Oncall.SlackGroup)
	default:
		have("oncall", "by PagerDuty at %s", c.Oncall.EventsURL)
	}
	c.summariseNewRelic(have, lack)
}

func (c *Config) summariseNewRelic(have, lack sayer) {
	if c.NewRelic == nil {
		lack("new_relic", "success rates and latencies come from Sparky's own store, and no dashboard is made")
		return
	}
	have("new_relic", "account %d with %s", c.NewRelic.AccountID, count(len(c.NewRelic.Alerts), "alert"))
	if c.NewRelic.UserKey.IsZero() {
		lack("new_relic.user_key", "New Relic is not asked; success rates and latencies come from Sparky's own store")
	}
	if c.NewRelic.LicenseKey.IsZero() {
		lack("new_relic.license_key", "probe results are not sent to New Relic")
	}
}

func publishing(how string) string {
	if how == statuspage.PublishApprove {
		return "published when a person approves"
	}
	return "published at once"
}

func (c *Config) summariseRoles(have, lack sayer) {
	for _, role := range []struct {
		name   string
		people []string
		may    string
	}{
		{"operator", c.Slack.Roles.Operator, "probe, acknowledge, resolve, mute and overrule a verdict"},
		{"publisher", c.Slack.Roles.Publisher, "publish to our status page"},
	} {
		if role.people == nil {
			lack("slack.roles."+role.name, "everybody in the workspace but guests may %s", role.may)
		} else {
			have("slack.roles."+role.name, "%s may %s", strings.Join(role.people, ", "), role.may)
		}
	}
}

// partnerSummary is what is watched of a partner, in one line.
func partnerSummary(p partners.Partner) string {
	parts := []string{count(len(p.Changelog), "changelog source")}
	if !p.Status.IsZero() {
		parts = append(parts, "status page ("+p.Status.Kind+")")
	}
	parts = append(parts, count(len(p.Probes), "probe"))
	if p.Compat != nil {
		parts = append(parts, "compatibility workflow "+p.Compat.Repo+" "+p.Compat.Workflow)
	}
	return p.Name + ": " + strings.Join(parts, ", ")
}

func (c *Config) summarisePartner(p partners.Partner, lack sayer) {
	if len(p.Changelog) == 0 {
		lack("changelog of "+p.ID, "what %s announces is not seen", p.Name)
	}
	if p.Status.IsZero() {
		lack("status page of "+p.ID, "what %s says of its own health is not seen, so no failure can be told to be theirs", p.Name)
	}
	if len(p.Probes) == 0 {
		lack("probes of "+p.ID, "failures of %s are not noticed by Sparky itself", p.Name)
	}
	if c.StatusPage != nil && len(p.Probes) > 0 && len(p.Affects) == 0 {
		lack("affects of "+p.ID, "an outage of %s is not shown on our page, for it names no feature of ours", p.Name)
	}
	for _, probe := range p.Probes {
		if !c.runs(probe) {
			lack("new_relic.user_key", "the probe %s of %s asks New Relic, and is not run", probe.ID, p.ID)
		}
	}
	switch {
	case p.Compat == nil:
		lack("compatibility workflow of "+p.ID, "betas of %s are announced and not tried", p.Name)
	case c.GitHub == nil:
		lack("github", "betas of %s are announced and not tried, though it has a workflow", p.Name)
	}
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}
