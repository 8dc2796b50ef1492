// Package newrelic asks New Relic the questions that alerts are made of, and sends it our probes' results. Only this
// package knows New Relic.
package newrelic

import (
	"strconv"
	"strings"

	"sparky/internal/setting"
	"sparky/partners"
)

// Config is the new_relic block of sparky.yaml.
type Config struct {
	AccountID  int64          `yaml:"account_id"`  // the account's number
	UserKey    setting.Secret `yaml:"user_key"`    // to ask: alerts, dashboards, synthetic monitors
	LicenseKey setting.Secret `yaml:"license_key"` // to send results
	GraphQLURL string         `yaml:"graphql_url"` // the address of NerdGraph; the EU has its own
	EventsURL  string         `yaml:"events_url"`  // the address of the Event API; the EU has its own
	Alerts     []Alert        `yaml:"alerts"`      // questions that are asked each minute
}

// Alert is a question whose answer must stay under Above, or over Below; exactly one of the two is set.
type Alert struct {
	Name     string   `yaml:"name"`     // what it is called in messages
	Partner  string   `yaml:"partner"`  // the partner's id
	NRQL     string   `yaml:"nrql"`     // the query, which begins with SELECT or FROM
	Above    *float64 `yaml:"above"`    // the limit that the answer must not be over; either it or below
	Below    *float64 `yaml:"below"`    // the limit that the answer must not be under
	Severity string   `yaml:"severity"` // warning is a message, any priority an incident
}

// SeverityWarning is a message; any priority is an incident.
const SeverityWarning = "warning"

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() {
	c.GraphQLURL = "https://api.newrelic.com/graphql"
	c.EventsURL = "https://insights-collector.newrelic.com"
}

// SetDefaults is called before the file is read.
func (a *Alert) SetDefaults() { a.Severity = SeverityWarning }

// Check tells what is wrong with the block. Whether an alert's partner exists is for the caller to tell, who knows the
// partners.
func (c Config) Check(report setting.Report) {
	if c.AccountID <= 0 {
		report.At("account_id").Missing("give the account's number")
	}
	switch {
	case c.UserKey.IsZero() && c.LicenseKey.IsZero():
		report.At("user_key").Missing("give a user key to ask New Relic, a license_key to send it results, or both")
	case c.UserKey.IsZero() && len(c.Alerts) > 0:
		report.At("user_key").Missing("alerts ask New Relic with it: ${NEW_RELIC_USER_KEY}")
	}
	for key, url := range map[string]string{"graphql_url": c.GraphQLURL, "events_url": c.EventsURL} {
		if problem := setting.CheckURL(url); problem != "" {
			report.At(key).Bad(problem)
		}
	}
	first := map[string]int{}
	for i, a := range c.Alerts {
		at := report.At("alerts", i)
		a.check(at)
		name := strings.ToLower(a.Name)
		if other, taken := first[name]; taken && name != "" {
			at.At("name").Bad("already is alert " + strconv.Itoa(other+1) + "; give each alert its own name")
		} else {
			first[name] = i
		}
	}
}

func (a Alert) check(report setting.Report) {
	if a.Name == "" {
		report.At("name").Missing("every alert needs one; it is shown in messages")
	}
	if a.Partner == "" {
		report.At("partner").Missing("say whose integration it is, by the partner's id")
	}
	switch query := strings.ToUpper(strings.TrimSpace(a.NRQL)); {
	case query == "":
		report.At("nrql").Missing("give the query, beginning with SELECT")
	case !strings.HasPrefix(query, "SELECT") && !strings.HasPrefix(query, "FROM"):
		report.At("nrql").Bad("is not a query; it begins with SELECT or FROM")
	}
	switch {
	case a.Above == nil && a.Below == nil:
		report.At("above").Missing("give the limit as above or below")
	case a.Above != nil && a.Below != nil:
		report.At("below").Say("this alert has above and below; keep one of them, and make the other an alert of its own")
	}
	if problem := setting.CheckChoice(a.Severity, append([]string{SeverityWarning}, partners.Priorities()...)...); problem != "" {
		report.At("severity").Bad(problem)
	}
}
