package main

import (
	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/journal"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// postButtons decide what customers read: a publisher's, and nobody else's.
func (v *visitor) postButtons() {
	v.becomes(slack.Operator)
	v.opens("integration-alerts")
	v.presses("It's theirs")
	v.says("Okta: org", "Shall our customers be told?")
	v.shoot("button-Its-theirs")
	v.pressesFor("Publish", "Only visible to you", "is for publishers")
	v.pressesFor("Don't publish", "Only visible to you", "is for publishers")
	v.becomes(slack.Publisher)
	v.opens("integration-alerts")
	v.pressesFor("It's ours", "Only visible to you", "is for operators")
	v.presses("Publish")
	v.page.Says(inDialog("h2"), "Publish to customers")
	v.page.Click(inDialog("button"), "Publish")
	v.says("Okta: org", "published by @Ben Larsen")
	v.page.Says(publicPanel, "Sign-in")
	v.shoot("published")
	v.becomes(slack.Operator)
	v.opens("integration-alerts")
	v.presses("It's ours")
	v.page.Says(publicPanel, "we are looking into it ourselves")
	lever(v.page, vendors.Okta, "Our credentials expired")
	v.says("Okta: org works again")

	lever(v.page, vendors.Workday, "It fails, and its page says so")
	v.says("Workday: workers", "Shall our customers be told?")
	v.becomes(slack.Publisher)
	v.opens("integration-alerts")
	v.presses("Don't publish")
	v.says("Workday: workers", "Our customers are not told: @Ben Larsen said no")
	v.shoot("declined")
	lever(v.page, vendors.Workday, "Heal everything of this partner")
	v.says("Workday: workers", "again after")
}

// betaButtons have a version tried, again, and settle what it broke.
func (v *visitor) betaButtons() {
	v.becomes(slack.Member)
	lever(v.page, vendors.ServiceNow, "Announce v3, which breaks us")
	v.opens("ecosystem-updates")
	v.says("ServiceNow: a beta is on offer", "Run compatibility tests")
	card(v.page, "ServiceNow v3", "our integration does not work with it")
	v.pressesFor("Run compatibility tests", "Only visible to you", "is for operators")
	v.pressesFor("Run again", "Only visible to you", "is for operators")
	v.becomes(slack.Operator)
	v.opens("ecosystem-updates")
	v.presses("Acknowledge")
	card(v.page, "ServiceNow v3", "Acknowledged by @Ada Osei")
	v.pressesFor("Run compatibility tests", "ServiceNow v3")
	v.says("our integration does not work with it", "Asked by @Ada Osei") // while it goes on, another is refused
	lever(v.page, vendors.ServiceNow, "Let v3 fit")
	v.presses("Run again")
	card(v.page, "ServiceNow v3", "our integration works with it")
	v.shoot("beta-works")
	v.presses("Resolve")
	v.page.Says(inDialog("label"), "What was it?")
	v.page.Press("The field was renamed.")
	v.shoot("form-resolve")
	v.page.Click(inDialog("button"), "Resolve")
	v.page.Wait("the form is gone", `!document.querySelector("#modal").open`)
	v.page.Says(jiraPanel, "The field was renamed.")
	say(v.page, "/sparky compat servicenow")
	v.page.Says(inDialog("h2"), "Try a version")
	v.shoot("form-compat")
	v.page.Press("\x1b")
	v.page.Wait("the form is gone", `!document.querySelector("#modal").open`)
	say(v.page, "/sparky mute")
	v.says("What is to be muted")
}

// answerButtons stand below answers.
func (v *visitor) answerButtons() {
	v.opens("general")
	v.answered("/sparky status okta", "Okta", "Show the chart")
	v.pressesFor("Show the chart", "Only visible to you", "in your direct messages with Sparky")
	v.answered("/sparky upcoming okta", "Handled")
	v.presses("Handled")
	v.says("Not handled after all")
	v.shoot("handled")
	v.presses("Not handled after all")
	v.says("Handled")
}

// homeButtons do what the same buttons of a message do.
func (v *visitor) homeButtons() {
	lever(v.page, vendors.GitHub, "Our rights were taken")
	v.opens("integration-alerts")
	card(v.page, "GitHub", "on-call was paged")
	v.page.Click("#home-button", "")
	v.page.Says(".home", "GitHub")
	v.page.Says(".home button", "Acknowledge")
	v.shoot("home")
	v.page.Click(".home button", "Acknowledge")
	v.opens("integration-alerts")
	card(v.page, "GitHub", "@Ada Osei has it")
	lever(v.page, vendors.GitHub, "Heal everything of this partner")
	card(v.page, "GitHub", "again after")
}

// journal shows what a lever caused, and all that the stand-ins counted themselves.
func (v *visitor) journal() {
	lever(v.page, vendors.Workday, "Our rights were taken")
	v.page.Says("#cause", "“Our rights were taken” at Workday")
	v.page.Click("#cause button", "See what it caused")
	v.page.Says("#channel-name", "Journal")
	v.page.Says(".deed.cause", "“Our rights were taken” at Workday")
	for _, words := range []string{"probe: reads workers", "comments on an issue", "posts a message", "calls whoever is on call"} {
		v.page.Says("#journal-list .what", words)
	}
	v.page.Says("#journal-list .entry.bad", "403 Forbidden")
	v.shoot("journal")
	v.page.Click(".entry summary", "calls whoever is on call")
	v.page.Says(".entry .more", `"routing_key": "(hidden)"`)
	browser.Eval[bool](v.page, `((n) => { n.value = "Jira"; return n.dispatchEvent(new Event("change")); })(document.querySelector("#journal-system"))`)
	v.page.Wait("only Jira is shown", `new Set([...document.querySelectorAll("#journal-list .system")].map((n) => n.innerText)).size === 1`)
	v.shoot("journal-of-Jira")
	v.page.Resize(390, 844)
	if browser.Eval[bool](v.page, `document.documentElement.scrollWidth > innerWidth`) {
		v.t.Error("the journal is wider than a phone")
	}
	v.shoot("journal-on-a-phone")
	v.page.Resize(1440, 900)
	for _, e := range v.demo.world.Journal.List(journal.Query{}).Entries {
		if e.For == "asked it something" || e.Deed == "" && e.System == "" {
			v.t.Errorf("nobody knows what this was for: %+v", e)
		}
	}
	lever(v.page, vendors.Workday, "Our rights were taken")
}
