package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/ours/statuspage"
)

// shoot writes a picture of what the selector finds into the directory for pictures, where one is named.
func shoot(t *testing.T, p *browser.Page, name, selector string) {
	t.Helper()
	dir := os.Getenv("SPARKY_PICTURES")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Picture(selector), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lever pulls a lever of a partner by the text on it.
func lever(p *browser.Page, partner, label string) {
	card := `[data-partner="` + partner + `"]`
	p.Wait("the levers are there", `document.querySelector('`+card+`') !== null`)
	if !browser.Eval[bool](p, `document.querySelector('`+card+`').parentElement.open`) {
		p.Click(card, "")
	}
	levers := `.partner[open] .row button`
	if browser.Eval[bool](p, `![...document.querySelectorAll('`+levers+`')].some((n) => n.innerText === `+browser.Quote(label)+`)`) {
		p.Click(levers, "More")
	}
	p.Click(levers, label)
}

// card waits until the newest card about the name says every one of the texts.
func card(p *browser.Page, name string, says ...string) {
	for _, text := range says {
		p.Wait(fmt.Sprintf("the card of %s says %q", name, text), cardOf(name)+`?.innerText.includes(`+browser.Quote(text)+`)`)
	}
}

// cardOf is the newest card about the name, for the browser.
func cardOf(name string) string {
	return `[...document.querySelectorAll(".message:not(.reply):not(.ephemeral)")].findLast((n) => n.querySelector(".block-section strong")?.innerText.startsWith(` + browser.Quote(name) + `))`
}

// become changes the person at the page.
func become(p *browser.Page, user string) {
	browser.Eval[bool](p, `(() => { const s = document.querySelector("#person"); s.value = "`+user+`"; return s.dispatchEvent(new Event("change")); })()`)
}

const (
	jiraPanel   = "[data-panel=jira]"
	pagerPanel  = "[data-panel=pager]"
	publicPanel = "[data-panel=public]"
)

var _ = []any{context.Background, net.Listen, strings.Lines, world.Start, slack.Alerts, statuspage.ProviderBuiltin}

func TestLook(t *testing.T) {
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	say := func() {
		t.Log(browser.Eval[string](p, `[...document.querySelectorAll(".message:not(.reply):not(.ephemeral)")].map((n) => n.innerText).join("\n=====\n")`))
	}
	lever(p, vendors.ServiceNow, "It fails, its page is ten seconds late")
	card(p, "ServiceNow", "internal")
	card(p, "ServiceNow", "external")
	p.Says(publicPanel, "ServiceNow")
	shoot(t, p, "look2", "body")
	lever(p, vendors.ServiceNow, "Heal everything of this partner")
	card(p, "ServiceNow", "again")
	shoot(t, p, "look3", "body")
	lever(p, vendors.Okta, "Our credentials expired")
	lever(p, vendors.Workday, "Too many requests")
	lever(p, vendors.Microsoft, "A sign-in page instead")
	lever(p, vendors.GitHub, "Our rights were taken")
	for _, n := range []string{"Okta", "Workday", "Microsoft", "GitHub"} {
		card(p, n, "Verdict")
	}
	shoot(t, p, "look4", "body")
	say()
	p.Click("[data-lever='world heal']", "")
	for _, n := range []string{"Okta", "Workday", "Microsoft", "GitHub"} {
		card(p, n, " again")
	}
	lever(p, vendors.Okta, "Never answers")
	card(p, "Okta", "internal", "s again")
	say()
	lever(p, vendors.GitHub, "Refuses connections")
	card(p, "GitHub", "internal", "s again")
	say()
	p.Click("[data-lever='world heal']", "")
	p.Click("[data-lever='network cut']", "Cut it")
	card(p, "Our own network", "Verdict")
	say()
	shoot(t, p, "look5", "body")
}
