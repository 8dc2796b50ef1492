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

// card waits until the newest incident's card says every one of the texts.
func card(p *browser.Page, says ...string) {
	for _, text := range says {
		p.Wait(fmt.Sprintf("the card says %q", text),
			`[...document.querySelectorAll(".message:not(.reply):not(.ephemeral)")].at(-1)?.innerText.includes(`+browser.Quote(text)+`)`)
	}
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
	lever(p, vendors.ServiceNow, "It fails, its page is ten seconds late")
	card(p, "Verdict: internal")
	shoot(t, p, "look1", "body")
	card(p, "Verdict: external")
	p.Says(publicPanel, "ServiceNow")
	shoot(t, p, "look2", "body")
	lever(p, vendors.ServiceNow, "Heal everything of this partner")
	card(p, "works again")
	shoot(t, p, "look3", "body")
	lever(p, vendors.Okta, "Our credentials expired")
	card(p, "Okta", "Verdict: internal")
	shoot(t, p, "look4", "body")
}
