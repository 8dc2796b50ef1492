// Package pager calls the person who is on call, by PagerDuty or by a mention in Slack. Only this package knows
// PagerDuty.
package pager

import (
	"time"

	"sparky/internal/setting"
)

// The ways to call somebody.
const (
	ProviderPagerDuty = "pagerduty"
	ProviderSlack     = "slack"
)

// Config is the oncall block of sparky.yaml.
type Config struct {
	Provider   string         `yaml:"provider"`    // how somebody is called
	EventsURL  string         `yaml:"events_url"`  // the address of PagerDuty's Events API
	RoutingKey setting.Secret `yaml:"routing_key"` // the integration key of an Events API v2 integration; pagerduty needs it
	SlackGroup string         `yaml:"slack_group"` // the id of the user group that is mentioned, with either provider; slack needs it
	// Remind is how long after a call that nobody acknowledged the group is mentioned again, each in turn; empty is never.
	Remind []setting.Duration `yaml:"remind"`
}

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() {
	c.EventsURL = "https://events.pagerduty.com"
	c.Remind = []setting.Duration{setting.Duration(10 * time.Minute), setting.Duration(30 * time.Minute), setting.Duration(time.Hour)}
}

// Reminders are the times of Remind.
func (c Config) Reminders() []time.Duration {
	var after []time.Duration
	for _, d := range c.Remind {
		after = append(after, d.Std())
	}
	return after
}

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
	for i, after := range c.Remind {
		if i > 0 && after <= c.Remind[i-1] {
			report.At("remind", i).Bad("is no longer than the one before it; write rising times, as in [10m, 30m, 60m]")
		} else if problem := setting.CheckAtLeast(after, setting.Duration(time.Second)); problem != "" {
			report.At("remind", i).Bad(problem)
		}
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
