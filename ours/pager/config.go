// Package pager calls the person who is on call, by PagerDuty or by a mention in Slack. Only this package knows
// PagerDuty.
package pager

import "sparky/internal/setting"

// The ways to call somebody.
const (
	ProviderPagerDuty = "pagerduty"
	ProviderSlack     = "slack"
)

// Config is the oncall block of sparky.yaml.
type Config struct {
	Provider   string         `yaml:"provider"`
	EventsURL  string         `yaml:"events_url"`
	RoutingKey setting.Secret `yaml:"routing_key"`
	SlackGroup string         `yaml:"slack_group"` // the user group that is mentioned, with either provider
}

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() { c.EventsURL = "https://events.pagerduty.com" }

// Check tells what is wrong with the block.
func (c Config) Check(report setting.Report) {
	switch c.Provider {
	case "":
		report.At("provider").Missing("write pagerduty or slack")
	case ProviderPagerDuty:
		if c.RoutingKey.IsZero() {
			report.At("routing_key").Missing("PagerDuty needs the integration key of an Events API v2 integration: ${PAGERDUTY_ROUTING_KEY}")
		}
	case ProviderSlack:
		if c.SlackGroup == "" {
			report.At("slack_group").Missing("give the id (S…) of the user group that is mentioned, or nobody would be called")
		}
	default:
		report.At("provider").Bad(setting.CheckChoice(c.Provider, ProviderPagerDuty, ProviderSlack))
	}
	if problem := setting.CheckURL(c.EventsURL); problem != "" {
		report.At("events_url").Bad(problem)
	}
	if c.SlackGroup == "" {
		return
	}
	if problem := setting.CheckUserGroup(c.SlackGroup); problem != "" {
		report.At("slack_group").Bad(problem)
	}
}
