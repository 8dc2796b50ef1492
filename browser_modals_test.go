package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/ours/statuspage"
)

// inDialog is what of the open modal the selector names.
func inDialog(selector string) string { return "#modal[open] " + selector }

// TestFormsInABrowser fills in forms as a visitor of the demo does: by keyboard, and with mistakes.
func TestFormsInABrowser(t *testing.T) {
	t.Parallel()
	d := startDemoWith(t, func(c *Config) { c.StatusPage.Publish = statuspage.PublishApprove })
	p := browser.Open(t, d.Address(), 1440, 900)
	closed := func() { p.Wait("the form is gone", `!document.querySelector("#modal").open`) }
	p.Click("[data-channel=integration-alerts]", "")

	say(p, "/sparky mute servicenow")
	p.Says(inDialog("h2"), "Mute failures")
	p.Wait("the first field has the focus", `document.activeElement.id === "input-field.length"`)
	labels := browser.Eval[int](p, `[...document.querySelectorAll("#modal [data-block]")].filter((n) => n.labels.length === 1 && n.labels[0].innerText).length`)
	if labels != 2 {
		t.Errorf("%d of 2 inputs have a label", labels)
	}
	browser.Eval[bool](p, `(document.activeElement.select(), true)`)
	p.Press("soon" + kb.Tab + "planned <b>upgrade</b>\r")
	p.Says(inDialog(".input-error"), `"soon" is no length of time`)
	p.Wait("the focus is where the mistake is", `document.activeElement.id === "input-field.length"`)
	if kept := browser.Eval[string](p, `document.getElementById("input-field.reason").value`); kept != "planned <b>upgrade</b>" {
		t.Errorf("of what was typed is left %q", kept)
	}
	shoot(t, p, "form-mute", "body")
	browser.Eval[bool](p, `(document.activeElement.select(), true)`)
	p.Press("3h\r")
	closed()
	p.Says(".message", "planned <b>upgrade</b>")

	say(p, "/sparky compat okta")
	p.Says(inDialog("h2"), "Try a version")
	shoot(t, p, "form-compat", "body")
	p.Press("\x1b")
	closed()
	if p.Wait("the composer is free again", `document.querySelector("#composer-text").checkVisibility()`); len(d.world.Slack.Modals(slack.Operator)) != 0 {
		t.Error("Slack holds the form for open")
	}

	lever(p, vendors.Okta, "Answers 500")
	card(p, "Okta", "looks like theirs", "ECO-1")
	p.Click(".message:not(.reply) .block-actions button", "It's theirs")
	p.Click("#confirm-yes", "")
	card(p, "Okta", "Shall our customers be told?")
	become(p, slack.Publisher)
	p.Click("[data-channel=integration-alerts]", "")
	p.Click(".message:not(.reply) .block-actions button", "Publish")
	p.Says(inDialog("h2"), "Publish to customers")
	browser.Eval[bool](p, `((n) => { n.focus(); n.setSelectionRange(0, 0); return true; })(document.querySelector("#modal textarea"))`)
	p.Press("Some of you cannot sign in. ")
	shoot(t, p, "form-publish", "body")
	p.Click(inDialog("button"), "Publish")
	closed()
	card(p, "Okta", "published by @Ben Larsen")
	p.Says(publicPanel, "Some of you cannot sign in. Sign-in is affected")
}
