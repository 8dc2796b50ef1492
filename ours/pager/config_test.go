package pager

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/internal/setting"
)

func TestConfigChecks(t *testing.T) {
	key := setting.NewSecret("s3cr3t")
	for name, test := range map[string]struct {
		config     Config
		path, text string // empty where nothing is wrong
	}{
		"PagerDuty":              {Config{Provider: ProviderPagerDuty, RoutingKey: key}, "", ""},
		"PagerDuty and a group":  {Config{Provider: ProviderPagerDuty, RoutingKey: key, SlackGroup: "S0ONCALL"}, "", ""},
		"Slack":                  {Config{Provider: ProviderSlack, SlackGroup: "S0ONCALL"}, "", ""},
		"nobody":                 {Config{}, "[provider]", "pagerduty or slack"},
		"another provider":       {Config{Provider: "pagerdury"}, "[provider]", `"pagerduty"`},
		"PagerDuty without key":  {Config{Provider: ProviderPagerDuty}, "[routing_key]", "${PAGERDUTY_ROUTING_KEY}"},
		"Slack without a group":  {Config{Provider: ProviderSlack}, "[slack_group]", "nobody would be called"},
		"Slack with a channel":   {Config{Provider: ProviderSlack, SlackGroup: "#oncall"}, "[slack_group]", "begins with S"},
		"reminders that fall":    {Config{Provider: ProviderSlack, SlackGroup: "S0ONCALL", Remind: after(time.Hour, time.Minute)}, "[remind 1]", "rising times"},
		"a reminder at once":     {Config{Provider: ProviderSlack, SlackGroup: "S0ONCALL", Remind: after(0)}, "[remind 0]", "1s"},
		"no reminders":           {Config{Provider: ProviderSlack, SlackGroup: "S0ONCALL", Remind: after()}, "", ""},
		"PagerDuty of elsewhere": {Config{Provider: ProviderPagerDuty, RoutingKey: key, EventsURL: "events.eu.pagerduty.com"}, "[events_url]", "https://"},
	} {
		given, remind := test.config.EventsURL, test.config.Remind
		test.config.SetDefaults()
		if remind != nil {
			test.config.Remind = remind
		}
		if given != "" {
			test.config.EventsURL = given
		}
		var found []setting.Mistake
		test.config.Check(setting.NewReport(func(m setting.Mistake) { found = append(found, m) }))
		if test.path == "" {
			if len(found) > 0 {
				t.Errorf("%s: %+v", name, found)
			}
			continue
		}
		if len(found) != 1 || fmt.Sprint(found[0].Path) != test.path || !strings.Contains(found[0].Text, test.text) {
			t.Errorf("%s: got %+v, want one at %s about %q", name, found, test.path, test.text)
		}
	}
}

func after(times ...time.Duration) []setting.Duration {
	all := []setting.Duration{}
	for _, t := range times {
		all = append(all, setting.Duration(t))
	}
	return all
}

func TestRemindersRiseByThemselves(t *testing.T) {
	var c Config
	c.SetDefaults()
	if got := c.Reminders(); !slices.Equal(got, []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour}) {
		t.Errorf("people are reminded after %v", got)
	}
}
