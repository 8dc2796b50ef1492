package main

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"sparky/internal/setting"
	"sparky/ours/statuspage"
	"sparky/partners"
)

// check completes the configuration and tells what is wrong with it: each block by its own rules, and then what no
// block can know alone.
func (c *Config) check(vendors catalogue, d *decoder) {
	report := setting.NewReport(d.mistake)
	c.fromCatalogue(vendors, report)
	c.Complete()
	if d.has("slack") {
		c.Slack.Check(report.At("slack"))
	} else {
		report.At("slack").Missing("give app_token and bot_token under it; Sparky lives in Slack")
	}
	c.checkBlocks(report)
	if len(c.Partners) == 0 {
		report.At("partners").Missing("list one partner at least, each with an id")
	}
	partners.Check(c.Partners, report.At("partners"))
	c.checkAlerts(report)
	c.checkPublicPage(report)
	c.checkNewRelicProbes(report)
}

func (c *Config) checkBlocks(report setting.Report) {
	c.Store.Check(report.At("store"))
	c.Schedule.Check(report.At("schedule"))
	c.Triage.Check(report.At("triage"))
	if problem := checkListen(c.Listen); problem != "" {
		report.At("listen").Bad(problem)
	}
	if c.Jira != nil {
		c.Jira.Check(report.At("jira"))
	}
	if c.GitHub != nil {
		c.GitHub.Check(report.At("github"))
	}
	if c.StatusPage != nil {
		c.StatusPage.Check(report.At("status_page"))
	}
	if c.Oncall != nil {
		c.Oncall.Check(report.At("oncall"))
	}
	if c.NewRelic != nil {
		c.NewRelic.Check(report.At("new_relic"))
	}
	if c.Heartbeat != nil {
		c.Heartbeat.Check(report.At("heartbeat"))
	}
}

// checkListen says what keeps a text from being an address to listen on. No host is every interface, port 0 is any
// free one.
func checkListen(text string) string {
	host, port, err := net.SplitHostPort(text)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || n < 0 || n > 65535 || strings.ContainsAny(host, "/@ ") {
		return "is not an address to listen on; write host:port, like 127.0.0.1:8780"
	}
	return ""
}

// fromCatalogue fills in what partners take from the built-in catalogue.
func (c *Config) fromCatalogue(vendors catalogue, report setting.Report) {
	for i, p := range c.Partners {
		switch {
		case p.Catalog == "":
		case slices.Contains(vendors.ids, p.Catalog):
			c.Partners[i] = vendors.apply(p)
		default:
			report.At("partners", i, "catalog").Bad("is not in the catalogue; " + unknownVendor(p.Catalog, vendors.ids))
		}
	}
}

func unknownVendor(id string, ids []string) string {
	if near := setting.Nearest(id, ids); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	return "it has " + strings.Join(ids, ", ") + "; or describe the partner with changelog and status instead"
}

// checkAlerts tells of alerts that belong to no partner: of a slip of the pen as a problem. Any other name is only
// remarked on, because a query about something that Sparky does not watch is an alert all the same.
func (c *Config) checkAlerts(report setting.Report) {
	if c.NewRelic == nil {
		return
	}
	ids := c.partnerIDs()
	for i, alert := range c.NewRelic.Alerts {
		at := report.At("new_relic", "alerts", i, "partner")
		near := setting.Nearest(alert.Partner, ids)
		switch {
		case alert.Partner == "" || slices.Contains(ids, alert.Partner):
		case near != "":
			at.Bad("is the id of no partner; did you mean " + strconv.Quote(near) + "?")
		default:
			at.Note("the alert is about a partner that is not listed under partners; it is told without owner, status page or affected features")
		}
	}
}

func (c *Config) partnerIDs() []string {
	var ids []string
	for _, p := range c.Partners {
		if p.ID != "" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// checkPublicPage tells what keeps customers from seeing what our page is to show. The built-in page makes its components
// of the features themselves; our page at Statuspage shows those alone that it has a component for. A slip of the pen is a
// problem; a feature that is not shown may be meant.
func (c *Config) checkPublicPage(report setting.Report) {
	switch {
	case c.StatusPage == nil:
	case c.StatusPage.Provider == statuspage.ProviderBuiltin && onLoopback(c.Listen):
		report.At("status_page", "provider").Note("Sparky serves the page at " + c.Listen + ", which only this machine can reach; let a proxy that customers can reach pass /status on to it")
	case c.StatusPage.Provider == statuspage.ProviderStatuspage:
		c.checkFeatures(report)
	}
}

func (c *Config) checkFeatures(report setting.Report) {
	known := slices.Sorted(maps.Keys(c.StatusPage.Components))
	for i, p := range c.Partners {
		for j, feature := range p.Affects {
			at := report.At("partners", i, "affects", j)
			switch near := setting.Nearest(feature, known); {
			case feature == "" || slices.Contains(known, feature):
			case near != "":
				at.Bad("has no component under status_page.components; did you mean " + strconv.Quote(near) + "?")
			default:
				at.Note(strconv.Quote(feature) + " has no component under status_page.components, so our page does not show it degraded; add it there with its component id")
			}
		}
	}
}

// onLoopback tells whether only this machine can reach the address.
func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}

// checkNewRelicProbes tells of probes that take their result from New Relic where there is no way to ask it.
func (c *Config) checkNewRelicProbes(report setting.Report) {
	if c.NewRelic != nil && !c.NewRelic.UserKey.IsZero() {
		return
	}
	for i, p := range c.Partners {
		for j, probe := range p.Probes {
			if probe.Kind == partners.KindNewRelic {
				report.At("partners", i, "probes", j, "kind").Say("a probe of kind newrelic asks New Relic for its result; give new_relic an account_id and a user_key")
			}
		}
	}
}
