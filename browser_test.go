package main

import (
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// TestPageDrivesSparky uses the program as a visitor of the demo does: by the page alone.
func TestPageDrivesSparky(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	channel := func(name string) { p.Click("[data-channel="+name+"]", "") }
	newest := func(says string) {
		t.Helper()
		p.Wait(fmt.Sprintf("the newest message says %q", says), `document.querySelector(".message:last-child")?.innerText.includes(`+browser.Quote(says)+`)`)
	}
	// One round over the partners takes seconds, so what does not meddle with each other is done at once.
	pull(p, vendors.GitHub, "break feed")
	pull(p, vendors.Workday, "break page")
	pull(p, vendors.Okta, "outage")
	pull(p, vendors.ServiceNow, "breaking")
	due := time.Now().AddDate(0, 0, 45)

	t.Run("a breaking change is told with its date", func(t *testing.T) {
		p.Says(".message .block-header", "ServiceNow: 1 change needs a look")
		newest(fmt.Sprintf("From %s, in 45 days.", due.Format("2 January 2006")))
	})
	t.Run("a moved deadline is told as a change", func(t *testing.T) {
		pull(p, vendors.ServiceNow, "move")
		newest(fmt.Sprintf("Moved from %s to %s, in 105 days.", due.Format("2 January 2006"), due.AddDate(0, 0, 60).Format("2 January 2006")))
	})
	t.Run("an outage shows in the status", func(t *testing.T) {
		sees(t, d, vendors.Okta, false)
		sees(t, d, vendors.Workday, false)
		say(p, "/sparky status")
		p.Says(".ephemeral .only", "Only visible to you")
		newest("Okta partial outage")
		answer := browser.Eval[string](p, `document.querySelector(".message:last-child").innerText`)
		for line := range strings.Lines(answer) {
			if strings.Contains(line, "Workday") && !strings.HasPrefix(line, "❓ Workday unknown") {
				t.Errorf("of a status page that cannot be read it says %q", line)
			}
		}
	})
	t.Run("a broken changelog is told once and mended in place", func(t *testing.T) {
		channel("integration-alerts")
		p.Says(".message", "GitHub: I cannot read one of its changelogs")
		before := browser.Eval[string](p, `document.querySelector(".message").dataset.ts`)
		pull(p, vendors.GitHub, "break feed")
		newest("GitHub: its changelog is read again")
		if after := browser.Eval[[]string](p, `[...document.querySelectorAll(".message")].map((m) => m.dataset.ts)`); len(after) != 1 || after[0] != before {
			t.Errorf("the messages are %q; the one of the failure was %s", after, before)
		}
	})
	t.Run("nothing false is said of a network that is cut", func(t *testing.T) {
		p.Click("[data-lever='network cut']", "Cut it")
		p.Says(".partner .state", "cut")
		sees(t, d, vendors.GitHub, false)
		say(p, "/sparky status github")
		p.Says(".ephemeral", "GitHub")
		if says := browser.Eval[string](p, `document.querySelector(".message:last-child").innerText`); strings.Contains(says, "outage") {
			t.Errorf("a partner is blamed for our network: %s", says)
		}
		p.Click("[data-lever='network cut']", "Mend it")
		sees(t, d, vendors.GitHub, true)
	})
	t.Run("Home and a direct message", func(t *testing.T) {
		p.Click("#home-button", "")
		p.Says(".home", "Coming changes")
		p.Click("#tab-messages", "")
		say(p, "status snow")
		p.Says(".message", "Behind it stand our features: Ticket sync")
	})
	t.Run("a mention is answered in its thread", func(t *testing.T) {
		channel("general")
		say(p, "@sparky status okta")
		p.Says(".message.reply", "Okta")
	})
}

// TestHostileEntry follows an announcement that tries to be more than text, from the changelog to the page.
func TestHostileEntry(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	title := `Breaking: <img src=x onerror="document.title='owned'"> <!channel> <https://evil.example|Acknowledge> *a* <@` + slack.Operator + `>`
	// As markup, which a reader takes out, and as text that looks like markup.
	for id, shown := range map[string]string{vendors.ServiceNow: title, vendors.Workday: html.EscapeString(title), vendors.GitHub: html.EscapeString(title)} {
		if _, err := d.world.Partners.Publish(id, vendors.Entry{Title: shown, Body: "<p>Everything ends <script>alert(1)</script>&lt;!here&gt; tomorrow.</p>"}); err != nil {
			t.Fatal(err)
		}
		p.Says(".message .block-header", vendors.Name(id))
	}
	p.Says(".message", `<!channel> <https://evil.example|Acknowledge>`)
	for _, odd := range []string{"img", "script", ".mention", "[onerror]", `a[href^="https://evil"]`} {
		if n := browser.Eval[int](p, `document.querySelectorAll(`+browser.Quote(".message "+odd)+`).length`); n != 0 {
			t.Errorf("the text of an announcement became %d elements %s", n, odd)
		}
	}
	if got := browser.Eval[string](p, `document.title`); got != "Sparky: the demo world" {
		t.Errorf("the page's title is %q now", got)
	}
}
