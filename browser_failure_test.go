package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/ours/statuspage"
)

// The panels of our own side.
const (
	jiraPanel   = "[data-panel=jira]"
	pagerPanel  = "[data-panel=pager]"
	publicPanel = "[data-panel=public]"
)

// shoot writes a picture of what the selector finds into the directory for pictures, where one is named.
func shoot(t *testing.T, p *browser.Page, name, selector string) {
	t.Helper()
	dir := os.Getenv("SPARKY_SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Picture(selector), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lever pulls a lever by the text on it, at a partner or, by the id "ours", at our own systems.
func lever(p *browser.Page, partner, label string) {
	card := `[data-partner="` + partner + `"]`
	p.Wait("the levers are there", `document.querySelector('`+card+`') !== null`)
	if !browser.Eval[bool](p, `document.querySelector('`+card+`').parentElement.open`) {
		p.Click(card, "")
	}
	levers := `.partner[open] .row button`
	if browser.Eval[bool](p, `![...document.querySelectorAll('`+levers+`')].some((n) => n.innerText.includes(`+browser.Quote(label)+`))`) {
		p.Click(levers, "More")
	}
	p.Click(levers, label)
}

// cardOf is the newest card about the name, for the browser.
func cardOf(name string) string {
	return `[...document.querySelectorAll(".message:not(.reply):not(.ephemeral)")].findLast((n) => n.querySelector(".block-section strong")?.innerText.startsWith(` +
		browser.Quote(name) + `))`
}

// card waits until the newest card about the name says every one of the texts.
func card(p *browser.Page, name string, says ...string) {
	for _, text := range says {
		p.Wait(fmt.Sprintf("the card of %s says %q", name, text), cardOf(name)+`?.innerText.includes(`+browser.Quote(text)+`)`)
	}
}

// thereAre waits until the selector finds so many elements.
func thereAre(p *browser.Page, n int, selector string) {
	p.Wait(fmt.Sprintf("there are %d of %s", n, selector), fmt.Sprintf(`document.querySelectorAll(%s).length === %d`, browser.Quote(selector), n))
}

// become changes the person at the page.
func become(p *browser.Page, user string) {
	browser.Eval[bool](p, `(() => { const s = document.querySelector("#person"); s.value = "`+user+`"; return s.dispatchEvent(new Event("change")); })()`)
}

// TestOutageUnfolds follows an outage that the partner reports late, in the channel and in the panels beside it.
func TestOutageUnfolds(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	lever(p, vendors.ServiceNow, "It fails, its page is ten seconds late")
	p.Says("#channel-name", "integration-alerts")
	card(p, "ServiceNow", "looks like theirs, not announced yet; on-call was paged", "ECO-1 (Open, Ada Osei)")
	p.Says(pagerPanel, "calling")
	shoot(t, p, "outage-unannounced", "body")
	card(p, "ServiceNow", "theirs: their page reports", "Our customers are told on our public page")
	p.Says(pagerPanel, "over")
	p.Says(publicPanel, "Ticket sync: trouble at ServiceNow")
	p.Says(publicPanel+" li", "degraded performance")
	p.Says(jiraPanel, "Verdict: external")
	shoot(t, p, "outage-announced", "body")
	lever(p, vendors.ServiceNow, "Heal everything of this partner")
	card(p, "ServiceNow", "work again", "Our customers were told on our public page that it is over", "ECO-1 (Resolved, Ada Osei)")
	p.Says(publicPanel, "resolved")
	thereAre(p, 1, jiraPanel+" article")
	thereAre(p, 1, pagerPanel+" article")
	thereAre(p, 5, publicPanel+" .pill.done")
	p.Click(".fold", "earlier")
	p.Says(".message.reply .mention", "@on-call")
	shoot(t, p, "outage-over", "body")
}

// TestFailuresByLever pulls levers by their texts, at partners that do not meddle with each other.
func TestFailuresByLever(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	for _, c := range []struct {
		partner, label string
		says           []string
		wakes          bool
	}{
		{vendors.Okta, "Our credentials expired", []string{"ours: our credentials are refused; on-call was paged", "Affects: Sign-in"}, true},
		{vendors.GitHub, "Our rights were taken", []string{"ours: our account lacks the rights; on-call was paged", "403"}, true},
		{vendors.Workday, "Too many requests", []string{"ours: they ask us to slow down; nobody is woken", "429"}, false},
		{vendors.Microsoft, "A sign-in page instead", []string{"on-call was paged", "sign-in page"}, true},
	} {
		lever(p, c.partner, c.label)
		name := vendors.Name(c.partner)
		card(p, name, append(c.says, "ECO-")...)
		p.Says(jiraPanel, name)
		if paged := browser.Eval[bool](p, `document.querySelector(`+browser.Quote(pagerPanel)+`).innerText.includes(`+browser.Quote(name)+`)`); paged != c.wakes {
			t.Errorf("after %q of %s it is %t that somebody was woken", c.label, name, paged)
		}
		if pushed := browser.Eval[string](p, `[...document.querySelectorAll(".partner[open] .pulled")].map((n) => n.innerText).join()`); pushed != c.label {
			t.Errorf("the levers of %s that are pulled are %q", name, pushed)
		}
		shoot(t, p, "lever-"+c.partner, "body")
	}
	p.Click("[data-lever='world heal']", "Heal everything")
	for _, id := range vendors.IDs() {
		if id != vendors.ServiceNow {
			card(p, vendors.Name(id), "again after")
		}
	}
	thereAre(p, 0, pagerPanel+" .pill.loud")
	lever(p, vendors.Okta, "Never answers")
	card(p, "Okta", "fails again", "no answer in time")
	lever(p, vendors.Okta, "Never answers")
	p.Says("[data-partner=okta] .state", "fine")
	card(p, "Okta", "works again")
	lever(p, vendors.GitHub, "Refuses connections")
	card(p, "GitHub", "fails again", "looks like theirs")
	shoot(t, p, "lever-refuses", "body")
}

// TestOursByLever takes away what is ours: nothing is lost, nothing is doubled, and no partner is blamed.
func TestOursByLever(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	t.Run("a failure while Jira and PagerDuty are away", func(t *testing.T) {
		lever(p, "ours", "Take Jira away")
		p.Says(jiraPanel+" .away", "away")
		lever(p, "ours", "Take PagerDuty away")
		lever(p, vendors.Okta, "Our credentials expired")
		card(p, "Okta", "The Jira issue is being opened", "on-call is being paged")
		shoot(t, p, "ours-away", "body")
		lever(p, "ours", "Bring Jira back")
		lever(p, "ours", "Bring PagerDuty back")
		card(p, "Okta", "ECO-1", "on-call was paged")
		thereAre(p, 1, jiraPanel+" article")
		thereAre(p, 1, pagerPanel+" article")
	})
	t.Run("an answer of Jira that is lost", func(t *testing.T) {
		lever(p, "ours", "Lose Jira's answer to the next new issue")
		p.Says(".partner[open] .pulled", "gets lost")
		lever(p, vendors.Workday, "Our rights were taken")
		p.Says(jiraPanel, "Workday")
		card(p, "Workday", "ECO-2")
		thereAre(p, 2, jiraPanel+" article")
	})
	t.Run("a Slack that asks for time", func(t *testing.T) {
		lever(p, "ours", "Slack answers 429")
		lever(p, vendors.GitHub, "Our rights were taken")
		p.Says(jiraPanel, "GitHub")
		p.Says(pagerPanel, "GitHub")
		if told := browser.Eval[bool](p, cardOf("GitHub")+` !== undefined`); told {
			t.Error("Slack took a card though it refuses everything")
		}
		lever(p, "ours", "Let Slack answer again")
		card(p, "GitHub", "ours: our account lacks the rights", "ECO-3")
	})
}

// TestNetworkByLever cuts our own network: one incident, and no partner is blamed.
func TestNetworkByLever(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	p.Click("[data-lever='network cut']", "Cut it")
	card(p, "Our own network looks down", "no partner is to blame", "ECO-")
	p.Says(pagerPanel, "Our own network looks down")
	shoot(t, p, "network", "body")
	p.Click("[data-lever='network cut']", "Mend it")
	card(p, "Our own network", "works again")
	thereAre(p, 0, pagerPanel+" .pill.loud")
	if n := browser.Eval[int](p, `document.querySelectorAll("`+publicPanel+` article").length`); n != 0 {
		t.Errorf("customers were told %d times of a network that is ours", n)
	}
	lever(p, vendors.Workday, "Start a maintenance")
	lever(p, vendors.Workday, "Answers 500")
	card(p, "Workday", "theirs: planned maintenance", "nobody is woken")
	shoot(t, p, "maintenance", "body")
}

// TestCardButtons presses what stands under a card, in its turn by everybody whom it concerns.
func TestCardButtons(t *testing.T) {
	t.Parallel()
	d := startDemoWith(t, func(c *Config) { c.StatusPage.Publish = statuspage.PublishApprove })
	p := browser.Open(t, d.Address(), 1440, 900)
	press := func(label string) {
		t.Helper()
		p.Click(".message:not(.reply) .block-actions button", label)
	}
	lever(p, vendors.Okta, "Answers 500")
	card(p, "Okta", "looks like theirs", "ECO-1")
	press("Probe again")
	p.Click(".fold", "earlier")
	p.Says(".message.reply", "Okta: org failed")
	press("It's theirs")
	p.Says("#confirm", "customers read of it now")
	p.Click("#confirm-yes", "")
	card(p, "Okta", "theirs, says @Ada Osei", "Shall our customers be told?", "It's ours")
	press("Publish")
	p.Says(".ephemeral", "publisher")
	shoot(t, p, "publish-refused", "body")
	become(p, slack.Publisher)
	p.Click("[data-channel=integration-alerts]", "")
	press("Publish")
	p.Says("#modal[open]", "What our customers read")
	p.Click("#modal[open] button", "Publish")
	card(p, "Okta", "published by @Ben Larsen")
	p.Says(publicPanel, "Sign-in: trouble at Okta")
	press("Acknowledge")
	p.Says(".ephemeral", "operator")
	become(p, slack.OnCall)
	p.Click("[data-channel=integration-alerts]", "")
	press("Acknowledge")
	card(p, "Okta", "@Chidi Ruiz has it", "Acknowledged by @Chidi Ruiz")
	press("Mute 1h")
	card(p, "Okta", "Muted by")
	shoot(t, p, "buttons", "body")
	lever(p, vendors.GitHub, "Our credentials expired")
	card(p, "GitHub", "on-call was paged", "ECO-2")
	p.Click(pagerPanel+" button", "Acknowledge")
	p.Says(pagerPanel, "by Chidi Ruiz")
	p.Click(jiraPanel+" article:first-child button", "Resolve")
	p.Says(jiraPanel+" article:first-child", "Resolved")
	shoot(t, p, "by-hand", "body")
}
