package main

import (
	"path/filepath"
	"time"

	"sparky/bot"
	"sparky/fixtures/world"
	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/github"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/newrelic"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/ours/githubactions"
	oursjira "sparky/ours/jira"
	oursnewrelic "sparky/ours/newrelic"
	"sparky/ours/pager"
	"sparky/ours/statuspage"
	"sparky/partners"
)

// The demo looks often, so that a lever shows its effect within seconds.
const (
	demoChangelog = 4 * time.Second
	demoStatus    = 2 * time.Second
	demoProbe     = 3 * time.Second
	demoAlerts    = 2 * time.Second
)

// demoConfig is the configuration of the demo: what a person would write about these partners, and the addresses of
// their stand-ins.
func demoConfig(w *world.World, dir string) Config {
	var c Config
	c.SetDefaults()
	c.Slack.AppToken, c.Slack.BotToken = setting.NewSecret(w.AppToken()), setting.NewSecret(w.BotToken())
	c.Slack.APIURL = w.SlackAPI()
	c.Slack.Roles = bot.Roles{Operator: []string{"S0OPERATORS"}, Publisher: []string{"S0COMMS"}}
	c.Store.URL = "sqlite:" + filepath.Join(dir, "sparky.db")
	c.Schedule.Changelog, c.Schedule.Status = setting.Duration(demoChangelog), setting.Duration(demoStatus)
	c.Schedule.Alerts = setting.Duration(demoAlerts)
	c.Triage.Controls = w.Controls()
	demoOffices(&c, w)
	probes := demoProbes(w)
	for _, id := range vendors.IDs() {
		p := partners.Partner{
			ID: id, Name: vendors.Name(id), Aliases: demoAliases()[id], Affects: demoFeatures()[id],
			Owner:     partners.Owner{Team: "Platform Integrations", SlackGroup: "S0PLATFORM", JiraAssignee: jira.Ada},
			Changelog: []partners.Source{{Kind: partners.SourceKind(w.FeedKind(id)), URL: w.Feed(id)}},
			Status:    partners.StatusSource{URL: w.StatusPage(id)},
			Isolation: partners.IsolationProcess,
			Probes:    probes[id],
		}
		if id != vendors.GitHub {
			p.Compat = &partners.Compat{}
			p.Compat.SetDefaults()
			p.Compat.Repo, p.Compat.Workflow = world.CompatOwner+"/"+world.CompatRepo, world.CompatWorkflow
		}
		if contract := w.Contract(id); contract != "" {
			p.Changelog = append(p.Changelog, partners.Source{Kind: partners.SourceOpenAPI, URL: contract})
		}
		c.Partners = append(c.Partners, p)
	}
	c.Complete()
	return c
}

// demoOffices are the systems that we operate.
func demoOffices(c *Config, w *world.World) {
	c.Jira = &oursjira.Config{}
	c.Jira.SetDefaults()
	c.Jira.URL, c.Jira.User, c.Jira.Token, c.Jira.Project = w.JiraURL(), jira.User, setting.NewSecret(jira.Token), "ECO"
	c.StatusPage = demoPublicPage(w)
	c.GitHub = &githubactions.Config{}
	c.GitHub.SetDefaults()
	c.GitHub.APIURL, c.GitHub.Token = w.ActionsAPI(), setting.NewSecret(github.Token)
	c.Oncall = &pager.Config{}
	c.Oncall.SetDefaults()
	c.Oncall.Provider, c.Oncall.EventsURL = pager.ProviderPagerDuty, w.PagerURL()
	c.Oncall.RoutingKey, c.Oncall.SlackGroup = setting.NewSecret(pagerduty.RoutingKey), "S0ONCALL"
	c.NewRelic = demoNewRelic(w)
}

// demoNewRelic is the account, with an alert on a latency and one on a success rate.
func demoNewRelic(w *world.World) *oursnewrelic.Config {
	c := &oursnewrelic.Config{}
	c.SetDefaults()
	c.AccountID, c.UserKey, c.LicenseKey = newrelic.AccountID, setting.NewSecret(newrelic.UserKey), setting.NewSecret(newrelic.LicenseKey)
	c.GraphQLURL, c.EventsURL = w.NewRelicGraph(), w.NewRelicEvents()
	slow, success := oursnewrelic.Alert{Name: "teams-card-latency", Partner: vendors.Microsoft, Above: new(2.0), Severity: oursnewrelic.SeverityWarning},
		oursnewrelic.Alert{Name: "servicenow-incident-creation", Partner: vendors.ServiceNow, Below: new(99.0), Severity: "P4"}
	slow.NRQL = "SELECT percentile(duration, 95) FROM ExternalServiceCall WHERE service = 'msteams' AND action = 'postAdaptiveCard'"
	success.NRQL = "SELECT percentage(count(*), WHERE result = 'SUCCESS') FROM SyntheticCheck WHERE monitorName = 'servicenow-incident-creation'"
	c.Alerts = []oursnewrelic.Alert{slow, success}
	return c
}

// demoPublicPage is our own status page, with a component for each of our features.
func demoPublicPage(w *world.World) *statuspage.Config {
	c := &statuspage.Config{}
	c.SetDefaults()
	c.APIURL, c.PageID, c.Token = w.PublicAPI(), atlassian.PageID, setting.NewSecret(atlassian.Token)
	c.Components = map[string]string{}
	for _, component := range w.Public.Components() {
		c.Components[component.Name] = component.ID
	}
	return c
}

// demoProbes are each partner's probes: by its module where it has one.
func demoProbes(w *world.World) map[string][]partners.ProbeConfig {
	probe := func(id, kind string, set func(*partners.ProbeConfig)) partners.ProbeConfig {
		c := partners.ProbeConfig{ID: id, Kind: kind}
		c.SetDefaults()
		c.Every, c.Timeout = setting.Duration(demoProbe), setting.Duration(demoProbe)
		set(&c)
		return c
	}
	read := func(id, url string, auth *partners.Auth) partners.ProbeConfig {
		return probe(id, partners.KindHTTP, func(c *partners.ProbeConfig) { c.URL, c.Auth = url, auth })
	}
	module := func(id, kind, base string, auth *partners.Auth) partners.ProbeConfig {
		return probe(id, kind, func(c *partners.ProbeConfig) { c.BaseURL, c.Auth = base, auth })
	}
	snow, okta, workday, hub, microsoft := w.Credentials(vendors.ServiceNow), w.Credentials(vendors.Okta),
		w.Credentials(vendors.Workday), w.Credentials(vendors.GitHub), w.Credentials(vendors.Microsoft)
	login := &partners.Auth{Basic: &partners.BasicAuth{User: snow.User, Password: setting.NewSecret(snow.Password)}}
	return map[string][]partners.ProbeConfig{
		vendors.ServiceNow: {
			module("incident-creation", partners.KindServiceNowIncident, w.API(vendors.ServiceNow), login),
			read("table-api", w.API(vendors.ServiceNow)+"/api/now/table/sys_user?sysparm_limit=1", login),
		},
		vendors.Microsoft: {
			probe("teams-card", partners.KindTeamsCard, func(c *partners.ProbeConfig) { c.URL = microsoft.Webhook }),
			module("service-health", partners.KindGraphHealth, w.API(vendors.Microsoft), clientCredentials(microsoft)),
			module("workspaces", partners.KindPowerBIGroups, w.API(vendors.Microsoft), clientCredentials(microsoft)),
		},
		vendors.Okta: {module("org", partners.KindOktaOrg, w.API(vendors.Okta), &partners.Auth{
			Header: &partners.HeaderAuth{Name: "Authorization", Value: setting.NewSecret("SSWS " + okta.APIToken)}})},
		vendors.Workday: {probe("workers", partners.KindWorkdayWorkers, func(c *partners.ProbeConfig) {
			c.BaseURL, c.Tenant, c.Auth = w.API(vendors.Workday), workday.Tenant, clientCredentials(workday)
		})},
		vendors.GitHub: {read("rate-limit", w.API(vendors.GitHub)+"/rate_limit", &partners.Auth{Bearer: setting.NewSecret(hub.Bearer)})},
	}
}

// clientCredentials name no scopes: each kind of probe has those of its own.
func clientCredentials(c vendors.Credentials) *partners.Auth {
	return &partners.Auth{OAuth2: &partners.OAuth2{TokenURL: c.TokenURL, ClientID: c.ClientID, ClientSecret: setting.NewSecret(c.ClientSecret),
		RefreshToken: setting.NewSecret(c.RefreshToken)}}
}

func demoAliases() map[string][]string {
	return map[string][]string{
		vendors.Microsoft: {"teams", "power bi", "o365", "graph"}, vendors.ServiceNow: {"snow"}, vendors.Workday: {"hr"}, vendors.GitHub: {"gh"},
	}
}

func demoFeatures() map[string][]string {
	return map[string][]string{
		vendors.Microsoft: {"Meetings"}, vendors.ServiceNow: {"Ticket sync"}, vendors.Workday: {"People directory"},
		vendors.Okta: {"Sign-in"}, vendors.GitHub: {"Code links"},
	}
}
