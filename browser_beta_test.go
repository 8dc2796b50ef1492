package main

import (
	"testing"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/vendors"
)

// TestABetaIsTriedByLever announces a version that breaks us, and follows it from the digest to its P2 and to the run that
// settles it.
func TestABetaIsTriedByLever(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	lever(p, vendors.ServiceNow, "Announce v3, which breaks us")
	p.Says("#channel-name", "ecosystem-updates")
	p.Says(".message", "ServiceNow: a beta is on offer")
	p.Says(".message button", "Run compatibility tests")
	card(p, "ServiceNow v3", "our integration does not work with it: field", "result.sys_id", "Failed job: compat", "P2, with Platform Integrations", "ECO-1")
	p.Says(jiraPanel, "ServiceNow v3 breaks our integration")
	p.Says("[data-panel=actions]", "failure")
	shoot(t, p, "beta-breaks", "body")
	p.Click(".message button", "Acknowledge")
	card(p, "ServiceNow v3", "Acknowledged by")
	p.Says(jiraPanel, "In Progress")
	lever(p, vendors.ServiceNow, "Let v3 fit")
	p.Click(".message button", "Run again")
	p.Says("#confirm", "up to an hour")
	p.Click("#confirm-yes", "")
	card(p, "ServiceNow v3", "our integration works with it", "is open because an earlier run failed")
	p.Says("[data-panel=actions]", "success")
	shoot(t, p, "beta-fits", "body")
	thereAre(p, 1, jiraPanel+" article")
}
