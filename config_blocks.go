package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/store"
)

// storeConfig is the store block: where Sparky keeps what it remembers.
type storeConfig struct {
	store.Config `yaml:",inline"`
}

// SetDefaults is called before the file is read.
func (c *storeConfig) SetDefaults() { c.URL = store.DefaultURL }

// Check tells what is wrong with the block. The address may hold a password, so what is wrong is said without it.
func (c storeConfig) Check(report setting.Report) {
	if err := c.Validate(); err != nil {
		report.At("url").Say("url cannot be used as a store; " + err.Error())
	}
}

// shown is the address without its password.
func (c storeConfig) shown() string {
	if strings.HasPrefix(c.URL, "sqlite:") {
		return c.URL
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return setting.Hidden
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// mostReplicas is how many Sparkys can share a database: Slack allows an app ten links, and each keeps two.
const mostReplicas = 5

// sharing is what is to be said of a database that several replicas may use; empty for a file.
func (c storeConfig) sharing() string {
	if !strings.HasPrefix(c.URL, "postgres") {
		return ""
	}
	return fmt.Sprintf("; up to %d replicas may share it, for Slack allows ten links and each has two", mostReplicas)
}

// scheduleConfig is the schedule block: how often the outside is looked at.
type scheduleConfig struct {
	Changelog setting.Duration `yaml:"changelog"` // how often changelogs are read
	Status    setting.Duration `yaml:"status"`    // how often status pages are read
	Alerts    setting.Duration `yaml:"alerts"`    // how often New Relic is asked for its alerts
	Jitter    setting.Percent  `yaml:"jitter"`    // by how much intervals vary, so that not all is due at once; 50% at most
}

// SetDefaults is called before the file is read.
func (c *scheduleConfig) SetDefaults() {
	c.Changelog = setting.Duration(6 * time.Hour)
	c.Status = setting.Duration(2 * time.Minute)
	c.Alerts = setting.Duration(time.Minute)
	c.Jitter = 10
}

// tickets is how often Jira is asked what people did to our tickets: within two minutes it is seen.
func (c scheduleConfig) tickets() time.Duration { return min(c.Status.Std(), time.Minute) }

// Check tells what is wrong with the block.
func (c scheduleConfig) Check(report setting.Report) {
	for _, interval := range []struct {
		key string
		is  setting.Duration
	}{{"changelog", c.Changelog}, {"status", c.Status}, {"alerts", c.Alerts}} {
		if problem := setting.CheckAtLeast(interval.is, setting.Duration(time.Second)); problem != "" {
			report.At(interval.key).Bad(problem)
		}
	}
	if c.Jitter > 50 {
		report.At("jitter").Bad("spreads the intervals too far; 50% is the most")
	}
}

// triageConfig is the triage block: how a failure is told to be ours or theirs, and when it is over.
type triageConfig struct {
	Controls     []string         `yaml:"controls"`      // if these fail too, the trouble is on our side
	LagWindow    setting.Duration `yaml:"lag_window"`    // how long a verdict "internal" is looked at again
	RecoverAfter int              `yaml:"recover_after"` // passes in a row that end an incident
	ReopenWithin setting.Duration `yaml:"reopen_within"` // a failure this soon after a recovery is the same incident
	Storm        stormConfig      `yaml:"storm"`         // when failures are so many that they are told together
}

// stormConfig says when failures are so many that the channel is told of them in one message.
type stormConfig struct {
	Above  int              `yaml:"above"`  // more partners than this that fail within that time; 0 is never
	Within setting.Duration `yaml:"within"` // how near to each other they open
}

// SetDefaults is called before the file is read.
func (c *stormConfig) SetDefaults() { c.Above, c.Within = 5, setting.Duration(5*time.Minute) }

// Check tells what is wrong with the block.
func (c stormConfig) Check(report setting.Report) {
	if c.Above < 0 {
		report.At("above").Bad("is no number of partners; write 5, or 0 to have each told in the channel however many there are")
	}
	if problem := setting.CheckAtLeast(c.Within, setting.Duration(time.Second)); problem != "" {
		report.At("within").Bad(problem)
	}
}

// words are what the block amounts to.
func (c stormConfig) words() string {
	if c.Above == 0 {
		return "each incident is told by itself, however many there are"
	}
	return fmt.Sprintf("incidents of more than %d partners within %s are one message and one call", c.Above, c.Within)
}

func (c stormConfig) rules() incidents.StormRules {
	return incidents.StormRules{Above: c.Above, Within: c.Within.Std()}
}

// SetDefaults is called before the file is read.
func (c *triageConfig) SetDefaults() {
	c.Controls = []string{"https://www.google.com/generate_204", "https://1.1.1.1"}
	c.LagWindow = setting.Duration(45 * time.Minute)
	c.RecoverAfter = 2
	c.ReopenWithin = setting.Duration(30 * time.Minute)
	c.Storm.SetDefaults()
}

// maxRecoverAfter is where more passes would only keep an incident open that is long over.
const maxRecoverAfter = 1000

// Check tells what is wrong with the block.
func (c triageConfig) Check(report setting.Report) {
	for i, address := range c.Controls {
		if problem := setting.CheckURL(address); problem != "" {
			report.At("controls", i).Bad(problem)
		}
	}
	if c.RecoverAfter < 1 || c.RecoverAfter > maxRecoverAfter {
		report.At("recover_after").Bad("is no number of passes; write 1 or more, 2 is usual")
	}
	if c.ReopenWithin.Std() > incidents.LongestReopen {
		report.At("reopen_within").Bad("is longer than a day; what comes back later than that is a new incident, so write 24h at most")
	}
	c.Storm.Check(report.At("storm"))
}
