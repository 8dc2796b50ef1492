// Package statuspage shows on our own public page what our customers are affected by: on Atlassian Statuspage, or on
// the page that Sparky serves itself. Only this package knows either. The status pages of partners are read by
// partners/statuspage.
package statuspage

import (
	"maps"
	"slices"

	"sparky/internal/setting"
)

// The providers of our page, and how what Sparky has to say gets there.
const (
	ProviderStatuspage = "statuspage"
	ProviderBuiltin    = "builtin"

	PublishAuto    = "auto"    // at once
	PublishApprove = "approve" // when a person presses Publish in Slack
)

// Config is the status_page block of sparky.yaml.
type Config struct {
	Provider   string            `yaml:"provider"`   // whose page it is: Atlassian Statuspage, or the one that Sparky serves itself
	APIURL     string            `yaml:"api_url"`    // the address of Statuspage's API
	PageID     string            `yaml:"page_id"`    // the page's id; statuspage needs it
	Token      setting.Secret    `yaml:"token"`      // an API key; statuspage needs it
	Publish    string            `yaml:"publish"`    // at once, or when a person presses Publish in Slack
	Components map[string]string `yaml:"components"` // our feature: component id
}

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() {
	c.Provider = ProviderStatuspage
	c.APIURL = "https://api.statuspage.io/v1"
	c.Publish = PublishAuto
}

// Check tells what is wrong with the block.
func (c Config) Check(report setting.Report) {
	if problem := setting.CheckChoice(c.Provider, ProviderStatuspage, ProviderBuiltin); problem != "" {
		report.At("provider").Bad(problem)
	}
	if problem := setting.CheckChoice(c.Publish, PublishAuto, PublishApprove); problem != "" {
		report.At("publish").Bad(problem)
	}
	if problem := setting.CheckURL(c.APIURL); problem != "" {
		report.At("api_url").Bad(problem)
	}
	if c.Provider != ProviderStatuspage {
		return
	}
	if c.PageID == "" {
		report.At("page_id").Missing("give the page's id; the API info page of Statuspage shows it")
	}
	if c.Token.IsZero() {
		report.At("token").Missing("give an API key, from an environment variable: ${STATUSPAGE_TOKEN}")
	}
	owner := map[string]string{}
	for _, feature := range slices.Sorted(maps.Keys(c.Components)) {
		id, at := c.Components[feature], report.At("components", feature)
		switch first, taken := owner[id]; {
		case id == "":
			at.Missing("give the id of the component that stands for " + feature)
		case taken:
			at.Bad("already is the component of " + first + "; give each feature a component of its own")
		default:
			owner[id] = feature
		}
	}
}
