package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/ours/statuspage"
)

// TestCommandsAndButtonsInABrowser gives every command and presses every button as a visitor of the demo does: those who may,
// and those who may not. One demo is shared by all of it, so each part leaves its partner as the next one finds it.
func TestCommandsAndButtonsInABrowser(t *testing.T) {
	t.Parallel()
	d := startDemoWith(t, func(c *Config) { c.StatusPage.Publish = statuspage.PublishApprove })
	d.world.Actions.SetExecute(compatWorkflow(d.sparky.config, httpcall.Options{}))
	v := &visitor{t, d, browser.Open(t, d.Address(), 1440, 900)}
	v.opens("general")
	v.answered("/sparky certify github", "GitHub: ", "It takes about half a minute for each probe.") // its end is looked at last
	for _, part := range []struct {
		name string
		tell func(*visitor)
	}{
		{"questions", (*visitor).questions},
		{"deeds by their names", (*visitor).deeds},
		{"deeds of those who may not", (*visitor).refusals},
		{"buttons of an incident, and whose they are not", (*visitor).incidentButtons},
		{"buttons about what customers read", (*visitor).postButtons},
		{"buttons of a beta", (*visitor).betaButtons},
		{"buttons of answers", (*visitor).answerButtons},
		{"buttons of App Home", (*visitor).homeButtons},
		{"what all of it asked of whom", (*visitor).journal},
	} {
		t.Run(part.name, func(t *testing.T) { part.tell(&visitor{t, d, v.page.For(t)}) })
	}
	v.becomes(slack.Operator)
	v.opens("general")
	v.says("Each item with what was measured")
	v.shoot("certify")
}

// visitor is a person at the page of a demo.
type visitor struct {
	t    *testing.T
	demo *demo
	page *browser.Page
}

// opens turns to a channel.
func (v *visitor) opens(channel string) {
	v.t.Helper()
	v.page.Click("[data-channel="+channel+"]", "")
	v.page.Says("#channel-name", channel)
}

// becomes is somebody else from now on.
func (v *visitor) becomes(user string) {
	v.t.Helper()
	become(v.page, user)
	v.page.Wait("the page is "+user+"'s", `document.querySelector("#person").value === `+browser.Quote(user))
}

func (v *visitor) shoot(name string) {
	v.t.Helper()
	shoot(v.t, v.page, "all-"+name, "body")
}

// answered types a text and waits for a new message that says all of the words.
func (v *visitor) answered(text string, words ...string) {
	v.t.Helper()
	last := v.last()
	say(v.page, text)
	v.newer(last, text, words...)
	v.shoot(strings.ReplaceAll(strings.TrimSpace(strings.TrimLeft(text, "/@")), " ", "-"))
}

// last is the newest message that is shown.
func (v *visitor) last() string {
	return browser.Eval[string](v.page, `[...document.querySelectorAll(".message")].map((m) => m.dataset.ts).sort().at(-1) ?? ""`)
}

// newer waits for a message after that one with all of the words.
func (v *visitor) newer(last, after string, words ...string) {
	v.t.Helper()
	var each []string
	for _, w := range words {
		each = append(each, `m.innerText.includes(`+browser.Quote(w)+`)`)
	}
	v.page.Wait(fmt.Sprintf("after %q a new message says %q", after, words),
		`[...document.querySelectorAll(".message")].some((m) => m.dataset.ts > `+browser.Quote(last)+` && `+strings.Join(each, " && ")+`)`)
}

// says waits for a message, new or not, with all of the words.
func (v *visitor) says(words ...string) {
	v.t.Helper()
	v.newer("", "what was done", words...)
}

// presses presses a button of the newest message that has one with that text on it.
func (v *visitor) presses(button string) {
	v.t.Helper()
	v.page.ClickOn("a button "+button, newestButton(button))
	if browser.Eval[bool](v.page, `document.querySelector("#confirm").open`) {
		v.page.Click("#confirm-yes", "")
	}
}

// newestButton is the button with exactly that text in the newest message that has one, for the browser.
func newestButton(text string) string {
	return `[...document.querySelectorAll(".messages .block-actions button")].findLast((n) => n.innerText === ` + browser.Quote(text) + ` && n.checkVisibility())`
}

// pressesFor presses a button and waits for a new message.
func (v *visitor) pressesFor(button string, words ...string) {
	v.t.Helper()
	last := v.last()
	v.presses(button)
	v.newer(last, button, words...)
	v.shoot(strings.ReplaceAll("button-"+button, " ", "-"))
}

// questions are answered to the asker alone, or to the channel; in a channel, to a mention and in a direct message.
func (v *visitor) questions() {
	v.opens("general")
	for _, c := range []struct{ text, says string }{
		{"/sparky", "What you can ask"}, {"/sparky help mute", "keep"}, {"/sparky status", "Partners: 5 operational"},
		{"/sparky status snow", "Behind it stand our features: Ticket sync"}, {"/sparky incidents", "No incident is open"},
		{"/sparky changelog okta 30d", "Universal Logout"}, {"/sparky upcoming", "Coming changes"}, {"/sparky oncall", "An incident would call"},
		{"/sparky audit", "asked for the certificate of"}, {"/sparky statsu", "status"},
	} {
		v.answered(c.text, "Only visible to you", c.says)
	}
	v.answered("/sparky status okta --chart", "Only visible to you", "in your direct messages with Sparky")
	v.answered("/sparky status okta --chart --public", "Okta, last 24 hours", "p50", "Asked by ")
	v.page.Wait("the chart", `[...document.querySelectorAll(".picture img")].some((n) => n.naturalWidth > 0 && n.alt !== "")`)
	v.shoot("chart")
	v.answered("/sparky status workday --public", "Behind it stand our features: People directory")
	if whose := browser.Eval[string](v.page, `[...document.querySelectorAll(".message")].findLast((m) => m.innerText.includes("People directory")).innerText`); strings.Contains(whose, "Only visible") {
		v.t.Error("what is asked with --public is shown to the asker alone")
	}
	v.answered("@Sparky status okta", "Behind it stand our features: Sign-in")
	v.page.Says(".message.reply", "Behind it stand our features: Sign-in")
	v.page.Click("#home-button", "")
	v.page.Click("#tab-messages", "")
	v.answered("oncall", "An incident would call")
	v.opens("general")
}

// deeds are seen by the channel, with who did it.
func (v *visitor) deeds() {
	v.opens("integration-alerts")
	for _, c := range []struct{ text, says string }{
		{"/sparky probe workday", "Workday: workers passed"}, {"/sparky mute workday 2h moving house", "moving house"},
		{"/sparky unmute workday", "Workday"}, {"/sparky ack ECO-9", "I know no incident"},
	} {
		v.answered(c.text, c.says)
	}
	lever(v.page, vendors.Workday, "Our rights were taken")
	v.says("Workday: workers", "on-call was paged", "ECO-1")
	v.answered("/sparky incidents", "Workday", "ECO-1", "Nobody has acknowledged it")
	v.answered("/sparky ack eco-1", "acknowledged", "ECO-1")
	v.says("Workday: workers", "@Ada Osei has it")
	v.answered("/sparky ack ECO-1", "Only visible to you", "Nothing was changed")
	v.answered("/sparky resolve ECO-1", "resolved", "ECO-1")
	v.says("Workday: workers", "closed by @Ada Osei")
	lever(v.page, vendors.Workday, "Our rights were taken")
	v.answered("/sparky audit workday", "resolved", "rights")
}

// refusals are kind, said to the asker alone, and nothing is done.
func (v *visitor) refusals() {
	for _, user := range []string{slack.Guest, slack.Member} {
		v.becomes(user)
		v.opens("general")
		for _, text := range []string{"probe okta", "compat okta v3", "certify okta", "ack ECO-1", "resolve ECO-1", "mute okta 2h", "unmute okta", "audit"} {
			last := v.last()
			say(v.page, "/sparky "+text)
			v.newer(last, text, "Only visible to you", "is for operators, and you are not one of them, so nothing was done")
		}
		v.shoot("refused-" + user)
	}
	v.becomes(slack.Operator)
	if n := len(v.demo.world.Actions.Runs()); n > 0 {
		v.t.Errorf("%d runs were started by those who may not", n)
	}
}

// incidentButtons are pressed by somebody who may not, then by keyboard by somebody who may.
func (v *visitor) incidentButtons() {
	v.becomes(slack.Member)
	v.opens("integration-alerts")
	lever(v.page, vendors.Okta, "Our credentials expired")
	v.says("Okta: org", "our credentials are refused; on-call was paged", "ECO-2")
	for _, button := range []string{"Acknowledge", "Probe again", "Mute 1h", "It's theirs"} {
		v.pressesFor(button, "Only visible to you", "is for operators")
	}
	v.becomes(slack.OnCall)
	v.opens("integration-alerts")
	v.tabTo("Acknowledge")
	v.page.Press(kb.Enter)
	v.says("Okta: org", "@Chidi Ruiz has it")
	v.shoot("acknowledged-by-keyboard")
	v.pressesFor("Probe again", "Okta: org fail")
	v.pressesFor("Mute 1h", "Okta", "muted")
	v.says("muted Okta")
	v.answered("/sparky unmute okta", "Okta")
	v.says("Okta: org fails", "Mute 1h")
}

// tabTo goes by Tab from the beginning of the messages to the button with that text.
func (v *visitor) tabTo(button string) {
	v.t.Helper()
	browser.Eval[bool](v.page, `(document.querySelector("#messages").focus(), true)`)
	const most = 60
	for range most {
		v.page.Press(kb.Tab)
		if browser.Eval[bool](v.page, `document.activeElement.innerText === `+browser.Quote(button)+` && document.activeElement.matches(":focus-visible")`) {
			return
		}
	}
	v.t.Fatalf("Tab does not come to %q", button)
}
